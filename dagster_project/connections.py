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
        limit(connection, read_settings())
        yield connection


def limit(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Set the limits. Not at the opening: DuckDB refuses a second connection of another kind."""
    for name, value in settings.limits.items():
        connection.execute(f"set {name} = '{value}'")
