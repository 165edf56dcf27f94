"""Release notes: what a reader of the tables will see differently, in words and in rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

from dagster_project.release_changes import compare_releases

EXAMPLES = 15
"""Rows shown of each kind of change; ``changes.csv`` has them all."""

_KINDS = {
    "table_added": ("Tables added", "新增数据表"),
    "table_removed": ("Tables removed", "删除数据表"),
    "column_added": ("Columns added", "新增列"),
    "column_removed": ("Columns removed", "删除列"),
    "column_type_changed": ("Columns of another type", "列类型变更"),
    "report_added": ("Reports added", "新增报告"),
    "report_removed": ("Reports removed", "移除报告"),
    "report_replaced": ("Reports whose document changed", "文档内容已变的报告"),
    "canonical_changed": ("Reports for which another copy or version counts now", "代表报告变更"),
    "report_retold": ("Reports described otherwise", "报告属性变更"),
    "value_added": ("Values added", "新增数值"),
    "value_removed": ("Values removed", "移除数值"),
    "value_changed": ("Values changed", "数值变更"),
    "rule_result_changed": ("Rule results changed", "勾稽结果变更"),
}

_CAUSES = {
    "document_changed": "the document has other bytes 文档内容已变",
    "revision_arrived": "a corrected version arrived 收到更正版",
    "copy_arrived": "a fuller copy arrived 收到更完整的副本",
    "canonical_rechosen": "another of the known copies was chosen 另选副本",
    "held_back": "held back now 现予保留",
    "released": "held back before 此前保留、现予发布",
    "parser_changed": "another version of the parser 解析程序更新",
    "dictionary_changed": "another state of the dictionary 表式字典更新",
    "parser_and_dictionary_changed": "another parser and dictionary 解析程序与字典均更新",
    "models_or_other_reports_changed": "the models, or other reports 模型更新或受其他报告影响",
    "rule_added": "the rule is new 新增规则",
    "rule_removed": "the rule is gone 规则已删",
    "rule_changed": "the rule reads otherwise 规则已改",
    "figures_changed": "figures of the report changed 报告数字有变",
    "other_reports_changed": "reports of other years or bodies 其他年度或机关的报告有变",
}

_SHOWN = (
    "publisher_name",
    "report_year",
    "document",
    "table_name",
    "column_name",
    "indicator_code",
    "column_code",
    "qualifier",
    "rule_id",
    "scope_code",
    "old_value",
    "new_value",
    "cause",
)


_LONG_TABLES = """
## Tables without CSV 无CSV的表

They have more rows than a spreadsheet holds: take them from `parquet/` or `gongkai.duckdb`.
`README.md` has the line that makes a CSV of a selection.
行数超出电子表格上限，请用 `parquet/` 或 `gongkai.duckdb`；`README.md` 载有导出所选部分的命令。

{tables}
"""


def write_release_notes(
    previous: Path | None,
    folder: Path,
    without_csv: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Write ``release_notes.md`` and, where there is something to compare with, ``changes.csv``.

    Args:
        previous: folder of the release before; ``None`` for the first.
        folder: the new release; its database is written already.
        without_csv: tables that are too long for a CSV, with their numbers of rows.
    """
    if previous is None:
        notes = "# First release 首次发布\n\nThere is nothing to compare with. 无可比版本。\n"
    else:
        try:
            with compare_releases(previous, folder) as connection:
                notes = describe_changes(connection)
                target = str(folder / "changes.csv").replace("'", "''")
                connection.execute(f"copy described to '{target}' (header)")
        except duckdb.Error as error:
            # An old release that cannot be compared is no reason to publish nothing.
            first = str(error).splitlines()[0]
            notes = f"# Changes not known 差异未知\n\n{previous.name} cannot be compared: {first}\n"
    if without_csv:
        tables = "\n".join(f"- `{name}`: {rows:,} rows 行" for name, rows in without_csv.items())
        notes += _LONG_TABLES.format(tables=tables)
    (folder / "release_notes.md").write_text(notes, encoding="utf-8")


def describe_changes(connection: duckdb.DuckDBPyConnection) -> str:
    """The changes of a comparison as Markdown: counts by kind and cause, then examples."""
    ((old, new),) = connection.execute(
        "select old.version, new.version "
        "from earlier.reporting.release as old, later.reporting.release as new"
    ).fetchall()
    counts = connection.execute(
        """
        select change_kind, cause, count(*), count(distinct coalesce(report_id, earlier_report_id))
        from described group by all order by all
        """
    ).fetchall()
    lines = [f"# {new}: what differs from {old} 与上一版本的差异", ""]
    if not counts:
        lines.append("No table, report, figure or rule result differs. 无差异。")
        return "\n".join(lines) + "\n"
    lines += ["| change 变化 | cause 原因 | rows 项 | reports 报告 |", "| --- | --- | --- | --- |"]
    for kind, (english, chinese) in _KINDS.items():
        lines += [
            f"| {english} {chinese} | {_CAUSES.get(cause, '')} | {rows:,} | {reports:,} |"
            for found, cause, rows, reports in counts
            if found == kind
        ]
    found_kinds = {kind for kind, *_ in counts}
    for kind in _KINDS:
        if kind in found_kinds:
            lines += _show_examples(connection, kind)
    return "\n".join(lines) + "\n"


def _show_examples(connection: duckdb.DuckDBPyConnection, kind: str) -> list[str]:
    rows = connection.execute(
        f"select {', '.join(_SHOWN)} from described where change_kind = ? order by all limit ?",
        [kind, EXAMPLES + 1],
    ).fetchall()
    used = [n for n in range(len(_SHOWN)) if any(row[n] not in (None, "") for row in rows)]
    lines = ["", f"## {' '.join(_KINDS[kind])}", ""]
    lines += [f"| {' | '.join(_SHOWN[n] for n in used)} |", f"|{' --- |' * len(used)}"]
    lines += [f"| {' | '.join(_cell(row[n]) for n in used)} |" for row in rows[:EXAMPLES]]
    if len(rows) > EXAMPLES:
        lines += ["", "The rest is in `changes.csv`. 其余见 `changes.csv`。"]
    return lines


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
