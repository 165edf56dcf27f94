"""The codebook of the forms: every row that an edition prints, in both languages.

Taken from the dictionary's tables as they stand in the release, so that the codes in the facts and
their wording come from one state of it.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

_LINES = """
    with series as (
        select
            source_form_id as form_id,
            source_code as indicator_code,
            string_agg(distinct series_code, '|' order by series_code) as series_code,
            string_agg(distinct caveat_zh, '; ' order by caveat_zh) as series_caveat_zh,
            string_agg(distinct caveat_en, '; ' order by caveat_en) as series_caveat_en
        from form.form_crosswalk
        group by all
    )
    select
        lines.form_id,
        editions.label_zh as form_zh,
        editions.label_en as form_en,
        editions.valid_from_year,
        editions.valid_to_year,
        lines.table_code,
        lines.line_order,
        lines.indicator_code,
        lines.parent_code,
        lines.label_zh,
        lines.label_en,
        lines.unit,
        lines.is_total,
        lines.fact_code,
        series.series_code,
        series.series_caveat_zh,
        series.series_caveat_en
    from form.form_line as lines
    inner join form.form_edition as editions using (form_id)
    left join series using (form_id, indicator_code)
    order by editions.valid_from_year, lines.form_id, lines.line_order, lines.indicator_code
"""

# The printed columns, told once: title, then the query that lists code, Chinese, English, editions.
_COLUMNS = (
    (
        "Columns: applicants 申请人类型",
        "select applicant_code, label_zh, label_en, form_ids from form.form_applicant "
        "order by column_order",
    ),
    (
        "Columns: appeals 复议诉讼",
        "select indicator_code, forum_zh || ' ' || result_zh, forum_en || ': ' || result_en, "
        "form_ids from form.form_appeal_column order by column_order",
    ),
    (
        "Columns: values 数值栏",
        "select column_code, label_zh, label_en, string_agg(form_id, '|' order by form_id) "
        "from form.form_value_column group by all order by all",
    ),
)


def write_codebook(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write ``codebook.csv`` (one row per edition and indicator) and ``codebook.md``."""
    rows = connection.execute(_LINES).pl()
    rows.write_csv(folder / "codebook.csv", include_bom=True)
    lines = ["# Codebook of the forms 表式代码本"]
    for edition in rows.partition_by("form_id", maintain_order=True):
        first = edition.row(0, named=True)
        years = f"{first['valid_from_year']}–{first['valid_to_year'] or ''}"
        lines += ["", f"## {first['form_zh']} {first['form_en']} ({years})", ""]
        lines += [f"`{first['form_id']}`", ""]
        lines += ["| code 代码 | 名称 | label | unit 单位 | table 表 | series 序列 |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
        lines += [
            _row(
                f"`{row['indicator_code']}`",
                row["label_zh"],
                row["label_en"],
                row["unit"],
                row["table_code"],
                row["series_code"],
            )
            for row in edition.iter_rows(named=True)
        ]
    for title, query in _COLUMNS:
        lines += ["", f"## {title}", "", "| code 代码 | 名称 | label | editions 版本 |"]
        lines += ["| --- | --- | --- | --- |"]
        lines += [
            _row(f"`{code}`", *labels) for code, *labels in connection.execute(query).fetchall()
        ]
    (folder / "codebook.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(*cells: object) -> str:
    texts = ("" if cell is None else str(cell).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(texts)} |"
