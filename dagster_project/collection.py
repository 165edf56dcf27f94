"""Every document of the landing folder, whether it lies there by itself or inside a container.

Joins ``landing`` and ``containers``; neither knows of the other's reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from dagster_project.containers import (
    ContainerSettings,
    Problem,
    is_container,
    open_container,
)
from dagster_project.landing import (
    ISSUE_PREFIX,
    LandedFile,
    name_file,
    read_file,
    read_sidecar,
    state_of,
)
from dagster_project.parsed_parts import is_parsed_folder, open_parsed
from dagster_project.settings import Settings

_BYTES_PER_DOCUMENT = 2_000
"""Of a compressed report. Too few processes cost hours, too many only their start."""


def estimate_documents(path: Path) -> int:
    """How many documents a file may hold: one, or what a container of its size has room for."""
    if is_parsed_folder(path):
        return sum(part.stat().st_size for part in path.rglob("*.parquet")) // _BYTES_PER_DOCUMENT
    try:
        return path.stat().st_size // _BYTES_PER_DOCUMENT + 1 if is_container(path) else 1
    except OSError:
        return 1


def _state_of(path: Path) -> tuple[int, int] | None:
    try:
        return state_of(path)
    except OSError:
        return None


def read_landed(
    settings: Settings, path: Path, known: frozenset[str] = frozenset()
) -> Iterator[LandedFile]:
    """The documents of one file, each with its bytes unless it is known, one at a time.

    A container is opened anew at every run: what it holds is known only then. What was refused or
    skipped in it comes last, as a file that is no document.
    """
    if is_parsed_folder(path):
        elsewhere = open_parsed(path, name_file(settings.landing, path))
        yield from elsewhere.read(known)
        yield from elsewhere.tell()
        return
    if not is_container(path):
        yield read_file(settings.landing, path, settings.max_file_bytes, known)
        return
    name = name_file(settings.landing, path)
    origin, told = read_sidecar(path)
    limits = ContainerSettings(
        max_document_bytes=settings.max_file_bytes,
        max_unpacked_bytes=settings.max_unpacked_bytes,
        text_column=settings.text_column,
        relevant_terms=settings.relevant_terms,
    )
    problems = list(told)
    before = _state_of(path)
    for found in open_container(path, name, limits, origin):
        if isinstance(found, Problem):
            problems.append(tuple(found))
            continue
        document_id = hashlib.sha256(found.data).hexdigest()
        data = None if document_id in known else found.data
        yield LandedFile(
            document_id, found.path, len(found.data), data, found.media_type, dict(found.origin)
        )
    if before != _state_of(path):
        text = f"{name}: changed while it was read; the next run reads it again."
        problems.append(Problem(f"{ISSUE_PREFIX}container_changed", "error", text))
    if problems:
        # Its bytes are no document, and may be many: its path names it.
        container_id = hashlib.sha256(f"path:{name}".encode()).hexdigest()
        yield LandedFile(
            container_id, name, 0, None, "", origin, tuple(problems), is_container=True
        )
