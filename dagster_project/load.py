"""One load of the raw layer: what changed in the landing folder reaches DuckDB, or nothing does.

Joins the pieces (landing, parsing, store); each of them knows nothing of the others' trade.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import duckdb

from dagster_project.collection import estimate_documents, read_landed
from dagster_project.landing import LandedFile, list_files
from dagster_project.parsing import load_dictionary, read_documents
from dagster_project.progress import Progress
from dagster_project.settings import DBT_PROJECT, Settings
from dagster_project.store import Changes, RawStore, Reader, shape_frames
from dagster_project.upgrade import upgrade
from loaders.parse import PARSER_VERSION


def current_reader() -> Reader:
    """The parser and the dictionary that this checkout would read a document with."""
    return Reader(PARSER_VERSION, hash_dictionary())


def hash_dictionary(seeds: Path = DBT_PROJECT / "seeds") -> str:
    """Name the dictionary by its content: a new label may change how any document is read."""
    digest = hashlib.sha256()
    for path in sorted(seeds.rglob("*.csv")):
        digest.update(path.relative_to(seeds).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def load_landing(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    progress: Progress,
    read_again: str = "",
) -> Changes:
    """Bring the schema ``raw`` in line with the landing folder, in one transaction.

    Only documents that are new, that another parser or dictionary had read, or whose path fits the
    pattern ``read_again``, are parsed. Documents whose last file is gone leave every table.
    """
    reader = current_reader()
    connection.begin()
    try:
        upgrade(connection)
        changes = _load(RawStore(connection), reader, settings, progress, read_again)
        connection.commit()
    except BaseException:
        # A commit that failed has rolled back already; its reason is the one to tell.
        with suppress(duckdb.TransactionException):
            connection.rollback()
        raise
    return changes


def _load(
    store: RawStore, reader: Reader, settings: Settings, progress: Progress, read_again: str
) -> Changes:
    known = store.prepare(reader) - store.find_documents(read_again)
    paths = list_files(settings.landing)
    progress.begin("parse", len(paths))
    landed: list[LandedFile] = []
    fresh = _unseen(_read_each(settings, paths, known, progress), known, landed)
    expected = sum(map(estimate_documents, paths)) - len(known)
    readings = read_documents(
        fresh,
        expected,
        load_dictionary(),
        settings.pool_threshold,
        settings.max_document_seconds,
    )
    parsed = 0
    while batch := list(islice(readings, settings.batch_documents)):
        store.add(shape_frames(batch))
        parsed += sum(reading.was_parsed for reading in batch)
    ids = {file.document_id for file in landed if not file.is_container}
    removed = store.remove_except(ids)
    store.replace_locations(landed)
    return Changes(len(ids), parsed, len(ids & known), removed)


def _read_each(
    settings: Settings, paths: Iterable[Path], known: frozenset[str], progress: Progress
) -> Iterator[LandedFile]:
    for path in paths:
        yield from read_landed(settings, path, known)
        progress.advance()


def _unseen(
    files: Iterable[LandedFile], known: frozenset[str], landed: list[LandedFile]
) -> Iterator[LandedFile]:
    """Note every file as landed; pass on the first of each document that must be read."""
    seen = set(known)
    for file in files:
        landed.append(file.without_data())
        if file.document_id not in seen and not file.is_container:
            seen.add(file.document_id)
            yield file
