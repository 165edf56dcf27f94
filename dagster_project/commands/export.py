"""``gongkai export``: rows of the current release, for whatever comes next."""

from __future__ import annotations

from pathlib import Path

from dagster_project.commands.writing import write_rows
from dagster_project.settings import read_settings
from dagster_project.terminal import stop


def run_export(name: str, query: str, file_format: str, output: Path | None) -> None:
    """Write a table or the result of a query."""
    import duckdb

    if bool(name) == bool(query):
        stop("Name either a table (marts.fct_outcomes) or a --query.")
    database = read_settings().current_release / "gongkai.duckdb"
    if not database.exists():
        stop(f"There is no release at {database.parent}. Run `gongkai build` first.")
    # A release is for reading: no query may reach the host's files.
    limits = {"enable_external_access": "false", "lock_configuration": "true"}
    with duckdb.connect(database.resolve(), read_only=True, config=limits) as connection:
        try:
            relation = connection.sql(query) if query else connection.table(name)
            rows = relation.pl() if relation is not None else None
        except duckdb.Error as error:
            stop(str(error))
    if rows is None:
        stop("The query gives no rows to write.")
    write_rows(rows, file_format, output)
