"""The warehouse file as a resource: connect late, in a ``with``, and close before the next step.

DuckDB lets one process write or several read, never both; a clash is told in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.connections import limit
from dagster_project.settings import Settings

STORAGE_VERSION = "v1.4.0"
"""Words take two thirds of what they take in DuckDB's default, which its first version could read.
No other program opens this file; a release has a version of its own."""
BLOCK_BYTES = 128 * 1024
"""Half of DuckDB's default: what the last block of a column leaves empty is a tenth of the file. In
smaller ones DuckDB cannot pack numbers of 128 bits. A file keeps what it was made with."""


class WarehouseUnavailable(RuntimeError):
    """The warehouse cannot be opened now; the message says what to do."""


@dataclass(frozen=True)
class Warehouse:
    """``gongkai.duckdb`` of one installation."""

    settings: Settings

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open for writing, creating the file where it is missing."""
        self.settings.warehouse.mkdir(parents=True, exist_ok=True)
        if not self.settings.database.exists():
            create_database(self.settings.database)
        with self._open(read_only=False) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open for reading."""
        if not self.settings.database.exists():
            raise WarehouseUnavailable(
                f"There is no warehouse at {self.settings.database} yet. Run `gongkai build` first."
            )
        with self._open(read_only=True) as connection:
            yield connection

    @contextmanager
    def _open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            connection = duckdb.connect(self.settings.database, read_only=read_only)
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            raise WarehouseUnavailable(
                f"{self.settings.database} is in use by another run or program. "
                "Wait until it is done, or query a release in published/ instead."
            ) from error
        with connection:
            limit(connection, self.settings, grows=not read_only)
            yield connection


def create_database(path: Path) -> None:
    """An empty file as a warehouse's is."""
    quoted = str(path).replace("'", "''")
    options = f"storage_version '{STORAGE_VERSION}', block_size {BLOCK_BYTES}"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{quoted}' as warehouse ({options})")
