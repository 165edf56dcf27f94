"""``gongkai query``: one question to the current release, and nothing but its data in reach.

DuckDB opened read-only still reads the host's files and writes with COPY. So the engine is closed
to files, network and extensions, its settings are locked, memory and time are bounded, nothing
spills to disk, and a statement that is no query is refused before it runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from dagster_project.commands.releases import find_release
from dagster_project.commands.writing import spell_rows, write_rows
from dagster_project.settings import read_settings
from dagster_project.terminal import err, out, plain, stop

if TYPE_CHECKING:
    import duckdb
    import polars as pl

SHOWN_ROWS = 200
_QUERIES = ("SELECT", "EXPLAIN")
_CLOSED = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a table name never means a variable of this program
    "temp_directory": "",
    "lock_configuration": "true",
}


def run_query(
    sql: str,
    file: Path | None,
    file_format: str,
    output: Path | None,
    memory: str,
    seconds: float,
) -> None:
    """Ask the current release and print or write the answer."""
    database = find_release(read_settings())
    question = _read_question(sql, file)
    if output is not None and file_format == "table":
        stop("A table is for the terminal: choose --format csv, json or parquet for a file.")
    rows = ask(database, question, memory, seconds)
    if file_format == "table":
        _print_table(rows)
    else:
        is_for_eyes = output is None and file_format != "parquet" and sys.stdout.isatty()
        write_rows(_plain(rows) if is_for_eyes else rows, file_format, output)


def ask(database: Path, question: str, memory: str = "2GB", seconds: float = 60) -> pl.DataFrame:
    """Rows that a query gives on a release.

    Args:
        memory: what DuckDB may take; a query that needs more fails.
        seconds: after these the query is stopped.

    Raises:
        typer.Exit: after saying why there is no answer.
    """
    import duckdb

    try:
        with duckdb.connect(
            database, read_only=True, config=_CLOSED | {"memory_limit": memory}
        ) as connection:
            _refuse_what_is_no_query(connection, question)
            return _run(connection, question, seconds)
    except duckdb.InterruptException:
        stop(f"Stopped after {seconds:g} seconds. Ask for less, or allow more with --seconds.")
    except duckdb.OutOfMemoryException:
        stop(f"The query needs more than {memory} of memory. Ask for less, or see --memory.")
    except duckdb.Error as error:
        stop(str(error))


def _run(connection: duckdb.DuckDBPyConnection, question: str, seconds: float) -> pl.DataFrame:
    timer = Timer(seconds, connection.interrupt)
    timer.start()
    try:
        return connection.execute(question).pl()
    finally:
        timer.cancel()


def _refuse_what_is_no_query(connection: duckdb.DuckDBPyConnection, question: str) -> None:
    """Stop unless the text is one statement that asks; the closed engine stands behind this."""
    kinds = [statement.type.name for statement in connection.extract_statements(question)]
    if not kinds:
        stop("There is no statement in the query.")
    refused = next((kind for kind in kinds if kind not in _QUERIES), "")
    if refused:
        stop(f"{refused} is refused: `gongkai query` only asks (SELECT, FROM, WITH, DESCRIBE).")
    if len(kinds) > 1:
        stop(f"One query at a time: this text has {len(kinds)} statements.")


def _read_question(sql: str, file: Path | None) -> str:
    if bool(sql) == bool(file):
        stop("Give either a query in quotes or a --file with one.")
    if file is None:
        return sql
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{file} cannot be read: {error}")


def _print_table(rows: pl.DataFrame) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, kind in rows.schema.items():
        side = "right" if kind.is_numeric() else "left"
        table.add_column(Text(plain(name)), justify=side, overflow="fold")
    for row in spell_rows(rows.head(SHOWN_ROWS), lists_as_text=True).iter_rows():
        table.add_row(*(Text("" if value is None else plain(value)) for value in row))
    out.print(table)
    if rows.height > SHOWN_ROWS:
        err.print(f"{rows.height - SHOWN_ROWS} more rows: --format csv gives all.")


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without anything that could steer the terminal they are printed on."""
    import polars as pl

    spelt = spell_rows(rows, lists_as_text=True)
    return spelt.select(
        pl.Series(name, [None if v is None else plain(v) for v in spelt[name]])
        if kind == pl.String
        else spelt[name]
        for name, kind in spelt.schema.items()
    ).rename({name: plain(name) for name in spelt.columns})
