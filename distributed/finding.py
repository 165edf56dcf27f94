"""From the rows that Spark reads to documents: what a worker does before anything is parsed.

Spark decompresses crawls and corpora and cuts them into rows; put together again, the rows are the
file, and the readers of one machine find the same documents in it. Knows Arrow, and no Spark.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from dagster_project.containers import ContainedDocument, ContainerSettings
from dagster_project.containers.corpora import read_jsonl, read_row
from dagster_project.containers.crawls import read_crawl
from dagster_project.containers.kinds import DOCUMENT, find_kind, strip_compression
from dagster_project.containers.model import Found, Visit
from dagster_project.containers.opening import tell_failures
from dagster_project.containers.streams import Forward
from dagster_project.landing import SIDECAR_FIELDS

SEPARATORS = {"crawl": "\r\n\r\nWARC/1.", "jsonl": "\n"}
"""What Spark cuts the files at: a row is about a record, and no bytes are lost between the rows."""
KINDS = (*SEPARATORS, "parquet")
_COMPRESSED = (".gz", ".bz2")
"""By the suffixes from which Hadoop knows that a file must be decompressed."""
_ROWS, _BYTES = 64, 8 * 1024 * 1024

Note = Callable[[str, float], None]

FOUND = pa.schema(
    [
        ("document_id", pa.string()),
        ("name", pa.string()),
        ("found_no", pa.int64()),
        ("is_container", pa.bool_()),
        ("media_type", pa.string()),
        ("byte_count", pa.int64()),
        ("content", pa.binary()),
        ("path", pa.string()),
        *((field, pa.string()) for field in SIDECAR_FIELDS),
        (
            "problems",
            pa.list_(pa.struct([(n, pa.string()) for n in ("issue_code", "severity", "text")])),
        ),
        ("record_count", pa.int64()),
    ]
)
"""A row is a document in one place, or a file that was read to its end (``is_container``).

Nothing measured is in it: Spark compares what a lost worker's successor gives with what was there.
"""


@dataclass(frozen=True)
class InputFile:
    """One file of the input."""

    path: str
    """As Spark takes it."""
    key: str
    """As Spark names it beside each row."""
    name: str
    """As documents name it, below the landing folder."""
    byte_count: int
    origin: Mapping[str, str] = field(default_factory=dict)
    """What its sidecar says; documents inherit what they do not state."""
    kind: str = field(init=False)

    def __post_init__(self) -> None:
        inner = strip_compression(self.name) if self.is_compressed else self.name
        # A corpus may be called .json; what else begins with a brace is told line by line.
        kind = "jsonl" if inner.endswith(".json") else find_kind(b"", inner)
        object.__setattr__(self, "kind", kind if kind in KINDS else DOCUMENT)

    @property
    def is_compressed(self) -> bool:
        return self.name.lower().endswith(_COMPRESSED)


def find_documents(
    batches: Iterable[pa.RecordBatch],
    files: Mapping[str, InputFile],
    settings: ContainerSettings,
    note: Note,
    damage: str = "",
) -> Iterator[pa.RecordBatch]:
    """The documents of whole files that may be reports, and a row for each file at its end.

    Args:
        batches: rows in the order of the files: ``key`` and ``value`` (the bytes of a row), or for
            Parquet ``key``, ``row_index`` and the columns that hold text or tell its origin.
        files: by their keys.
        settings: limits, and the terms without which a record is skipped.
        note: is told each file and the CPU seconds that went into it.
        damage: why these files break off before their end, where that is known.

    Yields:
        Batches of `FOUND`.
    """
    rows: list[dict] = []
    size = 0
    for key, slices in groupby(_cut(batches), itemgetter(0)):
        for row in _read_file(files[key], (batch for _, batch in slices), settings, note, damage):
            rows.append(row)
            size += row["byte_count"]
            if len(rows) >= _ROWS or size >= _BYTES:
                yield pa.RecordBatch.from_pylist(rows, FOUND)
                rows, size = [], 0
    if rows:
        yield pa.RecordBatch.from_pylist(rows, FOUND)


def _cut(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Batches of one file each, with its key."""
    for batch in batches:
        start = 0
        keys = batch.column("key")
        while start < batch.num_rows:
            key = keys[start].as_py()
            end = batch.num_rows
            if keys[end - 1].as_py() != key:
                end = next(at for at in range(start, end) if keys[at].as_py() != key)
            yield key, batch.slice(start, end - start)
            start = end


def _read_file(
    file: InputFile,
    slices: Iterator[pa.RecordBatch],
    settings: ContainerSettings,
    note: Note,
    damage: str,
) -> Iterator[dict]:
    began = time.process_time()
    visit = Visit(settings, file.byte_count, file.origin)
    problems = []
    found_no = 0
    for one in tell_failures(_read(file, slices, visit, damage), file.name, visit):
        if not isinstance(one, ContainedDocument):
            problems.append(one._asdict())
            continue
        found_no += 1
        yield {
            "document_id": hashlib.sha256(one.data).hexdigest(),
            "name": file.name,
            "found_no": found_no,
            "is_container": False,
            "media_type": one.media_type,
            "byte_count": len(one.data),
            "content": one.data,
            "path": one.path,
            **{name: one.origin.get(name, "") for name in SIDECAR_FIELDS},
            "problems": [],
        }
    # What was given up half-way must not be taken for the next file.
    for _ in slices:
        pass
    note(file.name, time.process_time() - began)
    yield describe_file(file, problems) | {"record_count": visit.record_count}


def describe_file(file: InputFile, problems: list[dict[str, str]]) -> dict:
    """The row of a file: its path names it, as on one machine."""
    return {
        "document_id": hashlib.sha256(f"path:{file.name}".encode()).hexdigest(),
        "name": file.name,
        "found_no": 0,
        "is_container": True,
        "media_type": "",
        "byte_count": 0,
        "content": None,
        "path": file.name,
        **{name: file.origin.get(name, "") for name in SIDECAR_FIELDS},
        "problems": problems,
    }


def _read(file: InputFile, slices: Iterator[pa.RecordBatch], visit: Visit, damage: str) -> Found:
    if file.kind == "parquet":
        yield from _read_rows(slices, file.name, visit)
    else:
        source = _JoinedRows(slices, SEPARATORS[file.kind].encode())
        stream = Forward(source, visit if file.is_compressed else None)
        read = read_crawl if file.kind == "crawl" else read_jsonl
        yield from read(stream, file.name, visit)
    if damage:
        yield from visit.refuse_rest(file.name, damage)


def _read_rows(slices: Iterable[pa.RecordBatch], name: str, visit: Visit) -> Found:
    for batch in slices:
        numbers = batch.column("row_index").to_pylist()
        columns = batch.drop_columns(["key", "row_index"])
        for at, number in enumerate(numbers):
            visit.count_record()
            yield from read_row(columns, at, number + 1, name, visit)


class _JoinedRows:
    """The bytes of a file again: its rows, with what they were cut at between them."""

    def __init__(self, slices: Iterable[pa.RecordBatch], separator: bytes) -> None:
        self._pieces = _join(slices, separator)
        self._piece = b""
        self._at = 0

    def read(self, size: int, /) -> bytes:
        while self._at >= len(self._piece):
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._piece, self._at = piece, 0
        taken = self._piece[self._at : self._at + size]
        self._at += len(taken)
        return taken


def _join(slices: Iterable[pa.RecordBatch], separator: bytes) -> Iterator[bytes]:
    between = b""
    for batch in slices:
        for value in batch.column("value").to_pylist():
            yield between + value
            between = separator
