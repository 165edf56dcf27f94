"""The way into a container: its kind finds its reader; containers inside it are opened too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from dagster_project.containers.archives import Member, read_tar, read_zip
from dagster_project.containers.corpora import read_jsonl, read_parquet
from dagster_project.containers.kinds import (
    COMPRESSIONS,
    DOCUMENT,
    HEAD,
    find_kind,
    is_office,
    strip_compression,
)
from dagster_project.containers.model import (
    ContainedDocument,
    ContainerSettings,
    ExhaustedError,
    Found,
    Visit,
    describe_error,
)
from dagster_project.containers.streams import (
    CHUNK,
    Forward,
    TooLargeError,
    decompress,
    read_bounded,
)
from dagster_project.landing import MEDIA_TYPES

_SPOOLED_IN_MEMORY = 8 * 1024 * 1024
_NEEDS_SEEKING = frozenset({"zip", "parquet"})


def is_container(path: Path, settings: ContainerSettings | None = None) -> bool:
    """Whether a file holds documents instead of being one. A file that cannot be read does not."""
    settings = settings or ContainerSettings()
    try:
        with path.open("rb") as handle:
            kind = find_kind(handle.read(HEAD), path.name)
            return kind != DOCUMENT and not (
                kind == "zip" and is_office(handle, settings.max_members)
            )
    except OSError:
        return False


def open_container(
    path: Path,
    name: str = "",
    settings: ContainerSettings | None = None,
    origin: Mapping[str, str] | None = None,
) -> Found:
    """Every document of a container, one at a time, and what was refused in it.

    Args:
        path: the file.
        name: its path as documents and problems shall name it; the file's name if not given.
        settings: limits and wishes.
        origin: what the container's sidecar says; documents inherit what they do not state.

    Yields:
        Documents and problems as they are met; at the end the number of records that were skipped.
        Problems of severity ``error`` mean that documents may be missing. Never raises on content.
    """
    name = name or path.name
    try:
        packed_bytes = path.stat().st_size
    except OSError:
        packed_bytes = 0
    visit = Visit(settings or ContainerSettings(), packed_bytes, origin or {})
    yield from tell_failures(_open_path(path, name, visit), name, visit)


def _open_path(path: Path, name: str, visit: Visit) -> Found:
    with path.open("rb") as handle:
        yield from _walk(Forward(handle), handle, name, path.name, 1, visit)


def tell_failures(found: Found, name: str, visit: Visit) -> Found:
    """What is found in a container, whatever befalls its reader, and then what was skipped."""
    try:
        for one in found:
            visit.document_count += isinstance(one, ContainedDocument)
            yield one
    except ExhaustedError as error:
        reason = f"{error}; the rest was not read"
        yield from visit.refuse("container_too_large", "error", name, reason)
    except Exception as error:  # broken files make libraries raise anything at all
        yield from visit.refuse_rest(name, describe_error(error))
    yield from visit.summarise(name)


def _walk(
    stream: Forward, file: BinaryIO | None, name: str, own_name: str, depth: int, visit: Visit
) -> Found:
    """One container.

    Args:
        stream: its bytes in order.
        file: the same with a position, for the kinds that are read from the end.
        name: how it is told, with the containers around it.
        own_name: its file name, which may say its kind.
        depth: 1 for a file of the landing folder.
        visit: limits and problems of that file.
    """
    kind = find_kind(stream.peek(HEAD), own_name)
    open_member = partial(_open_member, name=name, depth=depth, visit=visit)
    if kind in COMPRESSIONS:
        inner_name = strip_compression(own_name)
        inner = Forward(decompress(kind, stream), visit)
        inner_kind = find_kind(inner.peek(HEAD), inner_name)
        if inner_kind in ("tar", "jsonl", "crawl"):
            yield from _walk(inner, None, name, inner_name, depth, visit)
        else:
            yield from _open_compressed(Member(inner_name, 0, inner), name, depth, visit)
    elif kind == "zip":
        yield from read_zip(_rewound(file), name, visit, open_member)
    elif kind == "parquet":
        yield from read_parquet(_rewound(file), name, visit)
    elif kind == "tar":
        yield from read_tar(stream, name, visit, open_member)
    elif kind == "jsonl":
        yield from read_jsonl(stream, name, visit)
    elif kind == "crawl":
        # warcio is loaded where a crawl is.
        from dagster_project.containers.crawls import read_crawl

        yield from read_crawl(stream, name, visit)
    else:
        yield from visit.refuse("container_damaged", "error", name, "no container of a known kind")


def _rewound(file: BinaryIO | None) -> BinaryIO:
    """The file from its start: its first bytes were looked at through the stream."""
    assert file is not None
    file.seek(0)
    return file


def _open_compressed(member: Member, name: str, depth: int, visit: Visit) -> Found:
    """The one file inside a compressed file."""
    try:
        yield from _open_member(member, name=name, depth=depth, visit=visit)
    except TooLargeError as error:
        where = f"{name}!/{member.name}"
        yield from visit.refuse("member_too_large", "error", where, describe_error(error))


def _open_member(member: Member, name: str, depth: int, visit: Visit) -> Found:
    """A member of an archive: a document, or a container one step deeper.

    Raises:
        TooLargeError: it is larger than a member may be.
    """
    settings = visit.settings
    where = f"{name}!/{member.name}"
    own_name = PurePosixPath(member.name).name
    kind = find_kind(member.stream.peek(HEAD), own_name)
    if kind == DOCUMENT:
        yield _read_document(member.stream, member.byte_count, where, visit)
        return
    if kind in _NEEDS_SEEKING:
        with _put_aside(member, settings.max_nested_bytes) as file:
            if kind == "zip" and is_office(file, settings.max_members):
                yield _read_document(file, member.byte_count, where, visit)
            elif depth >= settings.max_depth:
                yield from _refuse_depth(where, visit)
            else:
                yield from _walk_nested(Forward(file), file, where, own_name, depth + 1, visit)
    elif depth >= settings.max_depth:
        yield from _refuse_depth(where, visit)
    else:
        yield from _walk_nested(member.stream, None, where, own_name, depth + 1, visit)


def _walk_nested(
    stream: Forward, file: BinaryIO | None, where: str, own_name: str, depth: int, visit: Visit
) -> Found:
    """A container inside another: its damage is told, and the outer one goes on."""
    try:
        yield from _walk(stream, file, where, own_name, depth, visit)
    except ExhaustedError:
        raise
    except Exception as error:
        yield from visit.refuse_rest(where, describe_error(error))


def _refuse_depth(where: str, visit: Visit) -> Found:
    reason = f"a container more than {visit.settings.max_depth} deep; unpack it first"
    yield from visit.refuse("nested_too_deep", "error", where, reason)


def _read_document(
    stream: Forward | BinaryIO, byte_count: int, where: str, visit: Visit
) -> ContainedDocument:
    most = visit.settings.max_document_bytes
    if byte_count > most:
        raise TooLargeError(f"{byte_count:,} bytes, more than the limit of {most:,}")
    suffix = PurePosixPath(where).suffix.lower()
    media_type = MEDIA_TYPES.get(suffix, "application/octet-stream")
    return ContainedDocument(where, read_bounded(stream, most), media_type, dict(visit.origin))


@contextmanager
def _put_aside(member: Member, most: int) -> Iterator[BinaryIO]:
    """A member as a file with a position: in memory if small, else in a nameless temporary file."""
    if member.byte_count > most:
        raise TooLargeError(f"{member.byte_count:,} bytes, more than the limit of {most:,}")
    with SpooledTemporaryFile(max_size=_SPOOLED_IN_MEMORY) as file:
        while piece := member.stream.read(CHUNK):
            file.write(piece)
            if file.tell() > most:
                raise TooLargeError(f"more than the limit of {most:,} bytes")
        file.seek(0)
        yield file
