"""From found documents to the rows of a part: what a worker does with the pure parser.

A worker that a document took down is started again by Spark; the second time every document is
parsed in a process of its own, and the one that takes it down again is told instead of read. Knows
Arrow, and no Spark.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from dagster_project.landing import SIDECAR_FIELDS, LandedFile
from dagster_project.load import current_reader
from dagster_project.parsed_parts import NESTED, nest, row_schema
from dagster_project.parsing import (
    Dictionary,
    Reading,
    limit_memory,
    load_dictionary,
    parse_apart,
    read_document,
)
from dagster_project.store import Reader, shape_frames

BATCH_DOCUMENTS = 64
"""Documents after which a worker gives a sign of life."""
_BYTES = 8 * 1024 * 1024
_Read = Callable[[list[LandedFile]], Iterable[Reading]]


@dataclass(frozen=True)
class Place:
    """Where a worker's code runs; measured, and no data."""

    partition_no: int | None = None
    worker: str | None = None


class ReaderError(RuntimeError):
    """A worker has another parser or another dictionary than the run was started with."""


@cache
def prepare_worker(reader: Reader) -> Dictionary:
    """Load the dictionary, once per process.

    Raises:
        ReaderError: this machine would read a document with other eyes than the run's.
    """
    found = current_reader()
    if found != reader:
        raise ReaderError(
            f"A worker has the parser {found.parser_version} with the dictionary "
            f"{found.dictionary_hash[:12]}, the run was started with {reader.parser_version} and "
            f"{reader.dictionary_hash[:12]}. Give all machines the same commit."
        )
    limit_memory()
    return load_dictionary()


def parse_documents(
    batches: Iterable[pa.RecordBatch],
    reader: Reader,
    seconds: float,
    place: Place,
    *,
    is_careful: bool = False,
) -> Iterator[pa.RecordBatch]:
    """The rows of a part.

    Args:
        batches: of `distributed.finding.FOUND`, sorted by document; equal ones are parsed once.
        reader: what the run was started with.
        seconds: of computing that one document may take.
        place: where this runs.
        is_careful: parse in another process, which a document may take down.
    """
    dictionary = prepare_worker(reader)
    with ExitStack() as stack:
        read: _Read = partial(map, partial(read_document, dictionary=dictionary, seconds=seconds))
        if is_careful:
            read = stack.enter_context(parse_apart(seconds))
        for chunk in _gather(batches):
            yield _parse_chunk(chunk, read, place)


def _gather(batches: Iterable[pa.RecordBatch]) -> Iterator[list[dict]]:
    """Distinct documents, each with all of its locations, some at a time."""
    rows = (row for batch in batches for row in batch.to_pylist())
    chunk, size = [], 0
    for _, same in groupby(rows, itemgetter("document_id")):
        first = next(same)
        first["locations"] = [_locate(row) for row in (first, *same)]
        chunk.append(first)
        size += first["byte_count"]
        if len(chunk) >= BATCH_DOCUMENTS or size >= _BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _locate(row: dict) -> dict[str, str]:
    return {name: row[name] for name in ("path", *SIDECAR_FIELDS)}


def _parse_chunk(chunk: list[dict], read: _Read, place: Place) -> pa.RecordBatch:
    files = [
        LandedFile(
            row["document_id"], row["path"], row["byte_count"], row["content"], row["media_type"]
        )
        for row in chunk
        if not row["is_container"]
    ]
    readings, seconds = [], []
    began = time.process_time()
    for reading in read(files):
        readings.append(reading)
        ended = time.process_time()
        seconds.append(ended - began)
        began = ended
    by_document = dict(zip((f.document_id for f in files), readings, strict=True))
    for row, spent in zip((r for r in chunk if not r["is_container"]), seconds, strict=True):
        row |= {"cpu_seconds": spent, "partition_no": place.partition_no, "worker": place.worker}
    frames = shape_frames(readings)
    schema = row_schema()
    plain = [name for name in schema.names if name not in NESTED]
    columns = [pa.array([r.get(name) for r in chunk], schema.field(name).type) for name in plain]
    for name in NESTED:
        counts = [_count(by_document.get(row["document_id"]), name) for row in chunk]
        columns.append(nest(frames[name], name, counts))
    fields = [schema.field(name) for name in (*plain, *NESTED)]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields)).select(schema.names)


def _count(reading: Reading | None, name: str) -> int:
    if reading is None:
        return 0
    if name == "documents":
        return 1
    return len(reading.passages if name == "passages" else getattr(reading.parsed, name))
