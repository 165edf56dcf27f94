"""A published release, read for pages: its rows as mappings, large tables streamed in order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import duckdb

Row = dict[str, Any]
BATCH = 5_000


class NoRelease(Exception):
    """There is no release in a folder; the message says so to a person."""


class Release:
    """One release, opened read-only."""

    def __init__(
        self,
        folder: Path,
        scratch: Path | None = None,
        limits: Mapping[str, str | int] = MappingProxyType({}),
    ) -> None:
        """Open it.

        Args:
            folder: the release, or the link ``current`` to it.
            scratch: where a sort that outgrows the memory may spill; never the release itself.
            limits: settings of DuckDB, such as ``memory_limit``.

        Raises:
            NoRelease: there is none.
        """
        self.folder = folder.resolve()
        database = self.folder / "gongkai.duckdb"
        if not database.exists():
            raise NoRelease(f"There is no release at {folder}. Run `gongkai build` first.")
        self.manifest = json.loads((self.folder / "manifest.json").read_bytes())
        spill = {"temp_directory": str(scratch)} if scratch else {}
        self.connection = duckdb.connect(str(database), read_only=True, config={**limits, **spill})

    def __enter__(self) -> Release:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    @property
    def version(self) -> str:
        """The version that readers cite."""
        return self.manifest["version"]

    def rows(self, query: str, values: Sequence[object] | None = None) -> list[Row]:
        """All rows of a small query."""
        return list(self.stream(query, values))

    def stream(self, query: str, values: Sequence[object] | None = None) -> Iterator[Row]:
        """The rows of a query, a batch in memory at a time."""
        cursor = self.connection.cursor()
        result = cursor.execute(query, values)
        columns = [column[0] for column in result.description]
        while batch := result.fetchmany(BATCH):
            for row in batch:
                yield dict(zip(columns, row, strict=True))

    def in_order(self, query: str, key: str) -> InOrder:
        """The rows of a query that is sorted by a key, to be taken key by key."""
        return InOrder(self.stream(query), key)


class InOrder:
    """Rows sorted by a key, walked beside other sorted rows without holding them all."""

    def __init__(self, rows: Iterator[Row], key: str) -> None:
        self._rows = rows
        self._key = key
        self._next = next(rows, None)

    def take(self, key: str) -> list[Row]:
        """The rows of a key. Keys must be asked for in the order of the rows."""
        found = []
        while self._next is not None and self._next[self._key] <= key:
            if self._next[self._key] == key:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found
