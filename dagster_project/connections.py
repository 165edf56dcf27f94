"""Opening DuckDB within the limits of this installation, whichever file it is.

Left to itself, DuckDB takes four fifths of the machine's memory for every file that is opened.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.settings import Settings, read_settings

_ROWS_OF_A_GROUP = 122_880
"""DuckDB's own; a thread takes one at a time."""


@contextmanager
def open_database(
    path: Path, settings: Settings | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database, read-only; what outgrows the memory goes to a folder beside it for the time."""
    with duckdb.connect(path, read_only=True) as connection:
        limit(connection, settings or read_settings())
        yield connection


@contextmanager
def open_memory(scratch: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, to attach others to.

    Args:
        scratch: the folder to which what outgrows the memory goes; a temporary one if none is told.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as spill, duckdb.connect() as connection:
        connection.execute("set temp_directory = $1", [spill])
        limit(connection, read_settings(), grows=True)
        yield connection


def limit(
    connection: duckdb.DuckDBPyConnection, settings: Settings, *, grows: bool = False
) -> None:
    """Set the limits. Not at the opening: DuckDB refuses a second connection of another kind.

    Threads share work by groups of rows. Where no table has two of them, a second thread costs a
    tenth of a run and does nothing.

    Args:
        grows: much may be written over this connection, whatever there is now.
    """
    for name, value in settings.limits.items():
        connection.execute(f"set {name} = '{value}'")
    if not grows and _count_rows_of_largest(connection) <= _ROWS_OF_A_GROUP:
        connection.execute("set threads = 1")


def _count_rows_of_largest(connection: duckdb.DuckDBPyConnection) -> int:
    (count,) = connection.execute(
        "select coalesce(max(estimated_size), 0) from duckdb_tables()"
    ).fetchone() or (0,)
    return count


def count_threads(settings: Settings) -> int:
    """How many threads the warehouse as it stands is worth."""
    if not settings.database.exists():
        return settings.threads
    with open_database(settings.database, settings) as connection:
        (count,) = connection.execute("select current_setting('threads')").fetchone() or (1,)
        return count
