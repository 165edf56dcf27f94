"""The raw layer in DuckDB: which documents are known, and replacing them in one transaction.

Relations mirror the parser's frames column for column; ``raw_layout`` says how their rows are kept.
No parsing and no modelling here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from itertools import repeat
from typing import NamedTuple

import duckdb
import polars as pl

from dagster_project.landing import ISSUE_PREFIX, SIDECAR_FIELDS, LandedFile
from dagster_project.parsing import Passage, Reading
from dagster_project.raw_layout import KEPT, define_table, define_view, insert_rows, kept_columns
from loaders.frames import to_frames

TABLES = (
    "documents",
    "document_locations",
    "reports",
    "sections",
    "cells",
    "claims",
    "tasks",
    "issues",
    "passages",
)
"""Every relation of the schema ``raw``, in the order in which a document is understood."""

_LOCATIONS = pl.Schema(
    dict.fromkeys(("document_id", "document", "collection", "path", *SIDECAR_FIELDS), pl.String)
)
_IDS = pl.Schema({"document_id": pl.String})
_PASSAGES = pl.Schema(
    {
        "document_id": pl.String,
        "line_no": pl.Int32,
        "passage_start": pl.Int32,
        "passage": pl.String,
    }
)


@dataclass(frozen=True)
class Reader:
    """What a document was read with. Another reader means that everything is read again."""

    parser_version: str
    dictionary_hash: str


@dataclass(frozen=True)
class Changes:
    """What one load did, in documents."""

    landed: int
    parsed: int
    unchanged: int
    removed: tuple[str, ...]
    """Names of the documents that left the landing folder."""
    taken: int = 0
    """Documents whose rows came with them: a cluster had parsed them."""


def shape_frames(readings: Sequence[Reading]) -> dict[str, pl.DataFrame]:
    """The parser's frames and the passages of some readings. Locations are stored apart."""
    frames = dict(to_frames(reading.parsed for reading in readings))
    frames.pop("document_locations", None)
    document_ids: list[str] = []
    line_numbers: list[int] = []
    passages: list[Passage] = []
    for reading in readings:
        document_ids += repeat(reading.parsed.document.document_id, len(reading.passages))
        line_numbers += reading.passages.keys()
        passages += reading.passages.values()
    starts, texts = zip(*passages, strict=True) if passages else ((), ())
    columns = (document_ids, line_numbers, starts, texts)
    frames["passages"] = pl.DataFrame(dict(zip(_PASSAGES, columns, strict=True)), schema=_PASSAGES)
    return frames


class Batch(NamedTuple):
    """The rows of some documents, on their way into the warehouse."""

    frames: dict[str, pl.DataFrame]
    document_count: int
    parsed_count: int


def shape_batch(readings: Sequence[Reading]) -> Batch:
    """Some readings as frames."""
    parsed_count = sum(reading.was_parsed for reading in readings)
    return Batch(shape_frames(readings), len(readings), parsed_count)


def gather(batches: Iterable[Batch], document_count: int) -> Iterator[Batch]:
    """Batches put together until each has at least so many documents; only the last has fewer."""
    waiting: list[Batch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(batch.document_count for batch in waiting) >= document_count:
            yield _join(waiting)
            waiting = []
    if waiting:
        yield _join(waiting)


def _join(batches: Sequence[Batch]) -> Batch:
    names = batches[0].frames
    return Batch(
        {name: pl.concat([batch.frames[name] for batch in batches]) for name in names},
        sum(batch.document_count for batch in batches),
        sum(batch.parsed_count for batch in batches),
    )


class RawStore:
    """The ``raw`` schema over one open connection, inside a transaction of the caller's."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._stored: frozenset[str] = frozenset()
        """Documents that had rows before this load."""
        self._next_key = 1
        self._columns: dict[str, dict[str, str]] = {}
        """Of each relation, the columns of its frame with DuckDB's types."""
        self.only_adds = True
        """Whether this load, so far, took nothing away that was there before."""

    def prepare(self, reader: Reader) -> frozenset[str]:
        """Create what is missing; start over where the reader or a table's shape is another.

        Returns:
            The documents that need not be parsed again.
        """
        execute = self.connection.execute
        execute("create schema if not exists raw")
        execute("create schema if not exists stored")
        execute("create table if not exists raw.reader (parser_version text, dictionary_hash text)")
        execute("create table if not exists raw.read_again (token uuid)")
        empty = shape_frames(()) | {"document_locations": _LOCATIONS.to_frame()}
        self._columns = {name: self._describe(empty[name]) for name in TABLES}
        stored = execute("from raw.reader").fetchall()
        is_same = stored == [(reader.parser_version, reader.dictionary_hash)]
        if not is_same or not all(map(self._has_shape, TABLES)):
            self.only_adds = not stored
            for name in TABLES:
                self._recreate(name)
            execute("delete from raw.reader")
            execute("insert into raw.reader values (?, ?)", list(astuple(reader)))
        stored = execute("select document_id from raw.documents").fetchall()
        self._stored = frozenset(document_id for (document_id,) in stored)
        last_key = execute("select coalesce(max(document_key), 0) from stored.documents")
        (self._next_key,) = last_key.fetchone() or (0,)
        self._next_key += 1
        # A document with an error of the landing was seen by no parser: it is tried again.
        known = execute(
            """
            select document_id from raw.documents
            where document_id not in (
                select document_id from raw.issues
                where severity = 'error' and starts_with(issue_code, ?)
            )
            """,
            [ISSUE_PREFIX],
        ).fetchall()
        return frozenset(document_id for (document_id,) in known)

    def mark_to_read_again(self, path_pattern: str) -> frozenset[str]:
        """The documents whose path last time fits a shell pattern; ``*`` crosses folders.

        They are to be read again, and what is made of the warehouse is to be made anew, in this run
        or in the one that gets there: a token says so.
        """
        found = self.connection.execute(
            "select document_id from raw.document_locations where path glob ?", [path_pattern]
        ).fetchall()
        if found:
            self.connection.execute(
                "create or replace table raw.read_again as select uuid() as token"
            )
        return frozenset(document_id for (document_id,) in found)

    def _describe(self, frame: pl.DataFrame) -> dict[str, str]:
        with self._offered(frame):
            described = self.connection.execute("describe from incoming").fetchall()
        return {column: data_type for column, data_type, *_ in described}

    def _has_shape(self, name: str) -> bool:
        columns = self._columns[name]
        wanted = {"raw": columns}
        if name in KEPT:
            wanted["stored"] = kept_columns(name, columns)
        return all(
            self.connection.execute(
                """
                select column_name, data_type from duckdb_columns()
                where
                    database_name = current_database()
                    and schema_name = ?
                    and table_name = ?
                order by column_index
                """,
                [schema, name],
            ).fetchall()
            == list(shape.items())
            for schema, shape in wanted.items()
        )

    def _recreate(self, name: str) -> None:
        columns = self._columns[name]
        if name in KEPT:
            tags = self.connection.execute(
                "select tags from duckdb_databases() where database_name = current_database()"
            ).fetchone()
            version = tags[0].get("storage_version", "") if tags else ""
            self.connection.execute(define_table(name, columns, version))
            self.connection.execute(define_view(name, columns))
        else:
            defined = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            self.connection.execute(f"create or replace table raw.{name} ({defined})")

    def add(self, frames: dict[str, pl.DataFrame]) -> None:
        """Write the rows of some documents in place of what was there for them."""
        # Looking for rows of a new document would read every table once per call.
        ids = frames["documents"]["document_id"]
        replaced = pl.DataFrame({"document_id": [i for i in ids if i in self._stored]}, schema=_IDS)
        self.only_adds = self.only_adds and replaced.is_empty()
        self._forget(replaced)
        keys = frames["documents"].select(
            "document_id", document_key=pl.int_range(pl.len(), dtype=pl.Int32) + self._next_key
        )
        self._next_key += len(keys)
        for name, frame in frames.items():
            if name in KEPT:
                # In Polars, which keeps the order: what stands together packs well.
                frame = frame.join(keys, on="document_id", maintain_order="left")
            self._insert(name, frame)

    def keep(self) -> None:
        """Commit what was added so far, and go on in a transaction of its own."""
        self.connection.commit()
        self.connection.begin()

    def _insert(self, name: str, frame: pl.DataFrame) -> None:
        with self._offered(frame):
            self.connection.execute(
                insert_rows(name, self._columns[name])
                if name in KEPT
                else f"insert into raw.{name} by name from incoming"
            )

    @contextmanager
    def _offered(self, frame: pl.DataFrame) -> Iterator[None]:
        """Let SQL see a frame as ``incoming``."""
        self.connection.register("incoming", frame)
        try:
            yield
        finally:
            self.connection.unregister("incoming")

    def remove_except(self, document_ids: Iterable[str]) -> tuple[str, ...]:
        """Drop every document that is not among those given.

        Returns:
            The file names under which the dropped documents were known.
        """
        landed = pl.DataFrame({"document_id": list(document_ids)}, schema=_IDS)
        with self._offered(landed):
            gone = self.connection.execute(
                """
                select distinct documents.document_id, path
                from raw.documents
                anti join incoming using (document_id)
                left join raw.document_locations using (document_id)
                order by path
                """
            ).pl()
        self._forget(gone.select("document_id"))
        return tuple(gone["path"].drop_nulls())

    def _forget(self, documents: pl.DataFrame) -> None:
        """Delete every row of some documents."""
        if documents.is_empty():
            return
        with self._offered(documents):
            keys = self.connection.execute(
                "select document_key from stored.documents semi join incoming using (document_id)"
            ).pl()
            for name in set(TABLES) - set(KEPT):
                self.connection.execute(
                    f"delete from raw.{name} where document_id in (from incoming)"
                )
        with self._offered(keys):
            for name in KEPT:
                self.connection.execute(
                    f"delete from stored.{name} where document_key in (from incoming)"
                )

    def replace_locations(self, files: Sequence[LandedFile]) -> None:
        """Write where each document lies, and what the landing folder itself got wrong."""
        locations = pl.DataFrame([file.location for file in files], schema=_LOCATIONS, orient="row")
        # An archive may hold the same file twice under one name.
        locations = locations.unique(maintain_order=True)
        self.connection.execute("delete from raw.document_locations")
        self._insert("document_locations", locations)
        self.connection.execute(
            "delete from raw.issues where starts_with(issue_code, ?)", [ISSUE_PREFIX]
        )
        troubled = [file.as_unusable("") for file in files if file.problems]
        with self._offered(to_frames(troubled)["issues"]):
            # The parser numbers its issues first; those of the folder follow.
            self.connection.execute(
                """
                insert into raw.issues by name
                select
                    incoming.* replace (
                        coalesce(last_no, 0) + row_number() over (
                            partition by document_id order by issue_code, text
                        ) as issue_no
                    )
                from incoming
                left join (
                    select document_id, max(issue_no) as last_no from raw.issues group by all
                ) using (document_id)
                """
            )
