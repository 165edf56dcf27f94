"""Pages to look things up: editions of the form, downloads, the data dictionary, the method."""

from __future__ import annotations

from itertools import groupby

from pages.release import Release
from pages.writing import Writer

_EDITIONS = """
    select
        forms.*,
        count(reports.report_id) as report_count
    from marts.dim_form as forms
    left join reporting.report_overview as reports
        on forms.form_id = reports.form_id and reports.is_canonical
    group by all
    order by forms.has_table desc, forms.valid_from_year desc, forms.form_id
"""
_LINES = """
    select
        lines.*,
        variants.variant_count,
        crosswalk.caveat_zh,
        crosswalk.caveat_en
    from form.form_line as lines
    left join (
        select form_id, indicator_code, count(*) as variant_count
        from form.form_label_variant group by all
    ) as variants using (form_id, indicator_code)
    left join (
        select source_form_id as form_id, source_code as indicator_code,
            any_value(caveat_zh) as caveat_zh, any_value(caveat_en) as caveat_en
        from form.form_crosswalk group by all
    ) as crosswalk using (form_id, indicator_code)
    order by lines.form_id, lines.line_order
"""
_RULES = """
    select editions.form_id, rules.*
    from form.form_rule_edition as editions
    inner join form.form_rule as rules using (rule_id)
    order by editions.form_id, rules.table_code nulls last, rules.rule_id
"""
_TABLES = "select * from form.form_table order by form_id, table_code"
_COLUMNS = """
    select
        columns.schema_name,
        columns.table_name,
        tables.comment as table_comment,
        tables.estimated_size as row_count,
        columns.column_name,
        columns.data_type,
        columns.comment
    from duckdb_columns() as columns
    inner join duckdb_tables() as tables using (database_oid, schema_oid, table_oid)
    order by
        list_position(['reporting', 'marts', 'form'], columns.schema_name),
        columns.table_name,
        columns.column_index
"""


def write_reference(release: Release, writer: Writer) -> None:
    """Write a page per edition, and one each for the editions, downloads, columns and method."""
    editions = release.rows(_EDITIONS)
    lines = by_form(release.rows(_LINES))
    rules = by_form(release.rows(_RULES))
    tables = by_form(release.rows(_TABLES))
    writer.page("forms.html", "forms.html", editions=editions)
    for edition in editions:
        form_id = edition["form_id"]
        own = lines.get(form_id, [])
        headings = {row["table_code"]: row["heading_zh"] for row in tables.get(form_id, [])}
        writer.page(
            f"form/{form_id}.html",
            "form.html",
            edition=edition,
            headings=headings,
            sections=split_sections(own, headings),
            rules=rules.get(form_id, []),
            depths=measure_depths(own),
        )
    columns = release.rows(_COLUMNS)
    described = [
        (schema, name, list(rows))
        for (schema, name), rows in groupby(
            columns, key=lambda row: (row["schema_name"], row["table_name"])
        )
    ]
    files = release.manifest["files"]
    writer.page("data.html", "data.html", tables=described, files=files)
    writer.page("dictionary.html", "dictionary.html", tables=described)
    years = sorted({edition["valid_from_year"] for edition in editions if edition["has_table"]})
    writer.page("method.html", "method.html", first_years=years)


def by_form(rows: list[dict]) -> dict[str, list[dict]]:
    """Rows by the edition that they belong to."""
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row["form_id"], []).append(row)
    return found


def split_sections(lines: list[dict], headings: dict[str, str]) -> list[tuple[str, list[dict]]]:
    """The lines of an edition under the headings of its tables, or of its prose."""
    return [
        (headings.get(table or "", ""), list(rows))
        for table, rows in groupby(lines, key=lambda row: row["table_code"])
    ]


def measure_depths(lines: list[dict]) -> dict[str, int]:
    """How deep each line stands below the headings of its edition."""
    parents = {row["indicator_code"]: row["parent_code"] for row in lines}
    depths = {}
    for code in parents:
        depth, above = 0, parents[code]
        while above in parents:
            depth, above = depth + 1, parents[above]
        depths[code] = depth
    return depths
