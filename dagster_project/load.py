"""One load of the raw layer: what changed in the landing folder reaches DuckDB, or nothing does.

Joins the pieces (landing, parsing, store); each of them knows nothing of the others' trade.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import polars as pl

from dagster_project.collection import estimate_documents, read_landed
from dagster_project.landing import LandedFile, list_files, name_file
from dagster_project.parsed_parts import ParsedFolder, is_parsed_folder, open_parsed
from dagster_project.parsing import load_dictionary, read_documents
from dagster_project.progress import Progress
from dagster_project.settings import DBT_PROJECT, Settings
from dagster_project.store import Changes, RawStore, Reader, gather, shape_batch
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
    """Bring the schema ``raw`` in line with the landing folder, or leave it as it was.

    Only documents that are new, that another parser or dictionary had read, or whose path fits the
    pattern ``read_again``, are parsed. Documents whose last file is gone leave every table.

    A large load of new documents is kept as it goes, some thousands at a time: one that dies has
    read those, whole, and the next goes on from there. They have no place until then. Whatever is
    replaced or leaves does so at once, at the end.
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
    known = store.prepare(reader) - store.mark_to_read_again(read_again)
    paths = list_files(settings.landing)
    expected = sum(map(estimate_documents, paths))
    progress.begin("parse", expected)
    landed: list[LandedFile] = []
    seen = set(known)
    taken, paths = _take_parsed(store, reader, settings, paths, seen, landed, progress)
    fresh = _unseen(_read_each(settings, paths, known, progress), seen, landed)
    batches = read_documents(
        fresh,
        expected - len(known),
        load_dictionary(),
        settings.pool_threshold,
        shape_batch,
        settings.max_document_seconds,
    )
    parsed, waiting = 0, 0
    for batch in gather(batches, settings.batch_documents):
        store.add(batch.frames)
        parsed += batch.parsed_count
        waiting += batch.document_count
        if waiting >= settings.kept_documents and store.only_adds:
            store.keep()
            waiting = 0
    ids = {file.document_id for file in landed if not file.is_container}
    removed = store.remove_except(ids)
    store.replace_locations(landed)
    return Changes(len(ids), parsed, len(ids & known), removed, taken)


def _take_parsed(
    store: RawStore,
    reader: Reader,
    settings: Settings,
    paths: Iterable[Path],
    seen: set[str],
    landed: list[LandedFile],
    progress: Progress,
) -> tuple[int, list[Path]]:
    """Take in what this very reader has parsed elsewhere.

    Returns:
        How many documents were new, and the paths that are still to be read: what another reader
        has parsed is parsed again here, from the bytes beside it.
    """
    taken = 0
    left = []
    for path in paths:
        if not is_parsed_folder(path):
            left.append(path)
            continue
        elsewhere = open_parsed(path, name_file(settings.landing, path))
        if elsewhere.reader not in (None, reader):
            left.append(path)
            continue
        taken += _take_folder(store, elsewhere, seen, landed)
        progress.advance(estimate_documents(path))
    return taken, left


def _take_folder(
    store: RawStore, elsewhere: ParsedFolder, seen: set[str], landed: list[LandedFile]
) -> int:
    taken = 0
    for files, frames in elsewhere.take():
        landed += files
        ids = frames["documents"]["document_id"]
        new = [document_id for document_id in ids if document_id not in seen]
        if new:
            chosen = pl.col("document_id").is_in(new)
            is_all = len(new) == len(ids)
            store.add(frames if is_all else {n: f.filter(chosen) for n, f in frames.items()})
        seen.update(new)
        taken += len(new)
    landed += elsewhere.tell()
    return taken


def _read_each(
    settings: Settings, paths: Iterable[Path], known: frozenset[str], progress: Progress
) -> Iterator[LandedFile]:
    for path in paths:
        missing = estimate_documents(path)
        for file in read_landed(settings, path, known):
            yield file
            progress.advance()
            missing -= 1
        progress.expect_more(-missing)


def _unseen(
    files: Iterable[LandedFile], seen: set[str], landed: list[LandedFile]
) -> Iterator[LandedFile]:
    """Note every file as landed; pass on the first of each document that must be read."""
    for file in files:
        landed.append(file.without_data())
        if file.document_id not in seen and not file.is_container:
            seen.add(file.document_id)
            yield file
