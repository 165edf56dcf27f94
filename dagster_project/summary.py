"""What a run left behind, in a few numbers. Reads the warehouse and the release; prints nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_project.connections import open_database
from dagster_project.settings import Settings

# Rule results are counted where they are stored: their mart is a view that joins every one of them.
COUNTS = (
    ("documents", "select count(*) from raw.documents"),
    ("reports", "select count(*) from raw.reports"),
    (
        "publishers resolved",
        "select count(*) from marts.dim_report "
        "where doc_type = 'annual_report' and publisher_id is not null",
    ),
    (
        "publishers unresolved",
        "select count(*) from marts.dim_report "
        "where doc_type = 'annual_report' and publisher_id is null",
    ),
    ("cells", "select count(*) from raw.cells"),
    ("claims", "select count(*) from raw.claims"),
    ("rules passed", "select count(*) from intermediate.int_rule_residuals where result = 'pass'"),
    ("rules failed", "select count(*) from intermediate.int_rule_residuals where result = 'fail'"),
    (
        "rules uncertain",
        "select count(*) from intermediate.int_rule_residuals where result = 'uncertain'",
    ),
    (
        "rules not assessable",
        "select count(*) from intermediate.int_rule_residuals where result = 'not_assessable'",
    ),
    ("issues", "select count(*) from raw.issues"),
)
UNUSABLE = """
    select path, issue_code, issues.text
    from raw.issues
    inner join raw.document_locations using (document_id)
    where severity = 'error'
    order by path, issue_no
"""
EXAMPLE = """\
select
    publisher_name as publisher,
    report_year as year,
    new_count as received,
    carried_out_count as carried_out
from marts.fct_requests
inner join marts.dim_report using (report_id)
where applicant_code = 'total' and canonical_report_id = report_id
order by publisher_name, report_year
limit 10"""


@dataclass(frozen=True)
class Summary:
    """The closing table of a run, and what stands below it."""

    rows: list[tuple[str, str]]
    unusable: list[tuple[str, str, str]]
    example_sql: str = EXAMPLE
    example_columns: list[str] = field(default_factory=list)
    example_rows: list[tuple] = field(default_factory=list)


def read_summary(settings: Settings) -> Summary | None:
    """Count what the warehouse holds; ``None`` where there is no warehouse at all."""
    if not settings.database.exists():
        return None
    with open_database(settings.database, settings) as connection:
        rows = [(label, _count(connection, sql)) for label, sql in COUNTS]
        try:
            unusable = connection.execute(UNUSABLE).fetchall()
        except duckdb.CatalogException:
            unusable = []
    rows.append(("warehouse", str(settings.database)))
    rows.append(("release", _name_release(settings.current_release)))
    rows.append(("Data Docs", str(settings.data_docs / "index.html")))
    columns, example = _run_example(settings.current_release / "gongkai.duckdb", settings)
    return Summary(rows, unusable, EXAMPLE, columns, example)


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    try:
        return f"{connection.execute(sql).fetchone()[0]:,}"
    except duckdb.CatalogException:
        return "–"  # the run failed before the table was made


def _name_release(current: Path) -> str:
    return str(current.resolve()) if current.exists() else "none yet"


def _run_example(database: Path, settings: Settings) -> tuple[list[str], list[tuple]]:
    if not database.exists():
        return [], []
    with open_database(database.resolve(), settings) as connection:
        result = connection.execute(EXAMPLE)
        return [column[0] for column in result.description], result.fetchall()
