"""Members of ZIP and tar archives, in their order.

Names are only told, never used as paths of this machine. Links and special files are no documents.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from dagster_project.containers.kinds import bound_directory, measure_directory
from dagster_project.containers.model import ExhaustedError, Found, Visit, describe_error
from dagster_project.containers.streams import Forward, Readable, TooLargeError
from dagster_project.landing import SIDECAR_SUFFIX

_HEADER_BYTES = 1024 * 1024
"""All that may be read between two members of a tar; long names and attributes take a few kB."""
_ENCRYPTED = 0x1 | 0x40
_UTF8_NAME = 0x800


class Member(NamedTuple):
    """One regular file of an archive, not yet read."""

    name: str
    byte_count: int
    stream: Forward


OpenMember = Callable[[Member], Found]
"""What is done with a member: read as a document, or opened in its turn."""


def read_zip(file: BinaryIO, name: str, visit: Visit, open_member: OpenMember) -> Found:
    """Every document of a ZIP. Encrypted members and rare compressions are told."""
    if measure_directory(file) > bound_directory(visit.settings.max_members):
        raise ExhaustedError(f"it has more than {visit.settings.max_members:,} members")
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            visit.count_member()
            written = read_zip_name(entry)
            where = f"{name}!/{_printable(written)}"
            if entry.is_dir():
                continue
            if stat.S_ISLNK(entry.external_attr >> 16):
                yield from visit.refuse("member_special", "warning", where, "a link; not followed")
            elif not is_safe_name(written):
                yield from _refuse_name(visit, where)
            elif _is_overlooked(written):
                visit.skip("hidden files and sidecars")
            elif entry.flag_bits & _ENCRYPTED:
                reason = "encrypted; unpack it with its password"
                yield from visit.refuse("member_encrypted", "error", where, reason)
            elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                # bz2 and lzma inside a ZIP unpack without a bound on memory.
                reason = f"compression method {entry.compress_type} is not read; unpack it first"
                yield from visit.refuse("member_unreadable", "error", where, reason)
            else:
                yield from _open_safely(
                    where, written, entry.file_size, lambda e=entry: archive.open(e),
                    visit, open_member,
                )  # fmt: skip


def read_tar(stream: Forward, name: str, visit: Visit, open_member: OpenMember) -> Found:
    """Every document of a tar, as it streams by."""
    stream.allowance = _HEADER_BYTES
    archive = tarfile.TarFile(fileobj=stream, encoding="utf-8", errors="surrogateescape")
    while True:
        stream.allowance = _HEADER_BYTES
        entry = archive.next()
        stream.allowance = None
        if entry is None:
            break
        archive.members.clear()  # they would pile up
        visit.count_member()
        written = read_tar_name(entry.name)
        where = f"{name}!/{_printable(written)}"
        if entry.isdir():
            continue
        if not entry.isreg() or entry.issparse():
            reason = "a link, device or sparse file; not read"
            yield from visit.refuse("member_special", "warning", where, reason)
        elif not is_safe_name(written):
            yield from _refuse_name(visit, where)
        elif _is_overlooked(written):
            visit.skip("hidden files and sidecars")
        else:
            yield from _open_safely(
                where, written, entry.size, lambda e=entry: archive.extractfile(e),
                visit, open_member,
            )  # fmt: skip
    # tarfile takes a broken header for the end of the archive, which is a block of zeros.
    if stream.last_read.strip(b"\x00"):
        reason = "a broken header; nothing behind it was read"
        yield from visit.refuse("container_damaged", "error", name, reason)


def _open_safely(
    where: str,
    written: str,
    byte_count: int,
    open_stream: Callable[[], Readable],
    visit: Visit,
    open_member: OpenMember,
) -> Found:
    """Open one member; what is wrong with it is told, and the archive goes on."""
    # Bytes of a ZIP are unpacked here; those of a tar were counted as they came.
    try:
        source = open_stream()
        spent_on = visit if isinstance(source, zipfile.ZipExtFile) else None
        with source:
            yield from open_member(
                Member(_printable(written), byte_count, Forward(source, spent_on))
            )
    except ExhaustedError:
        raise
    except TooLargeError as error:
        yield from visit.refuse("member_too_large", "error", where, describe_error(error))
    except Exception as error:  # broken files make libraries raise anything at all
        yield from visit.refuse("member_unreadable", "error", where, describe_error(error))


def read_zip_name(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: many Chinese ZIPs hold GBK and do not say so."""
    if entry.flag_bits & _UTF8_NAME or entry.filename.isascii():
        return entry.filename
    try:
        written = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    return _decode_name(written) or entry.filename


def read_tar_name(name: str) -> str:
    """The name as it was meant; bytes that are no UTF-8 are GBK."""
    try:
        written = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name
    return _decode_name(written) or written.decode("utf-8", "replace")


def _decode_name(written: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            return written.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def is_safe_name(name: str) -> bool:
    """Whether a name stays inside its archive."""
    parts = name.replace("\\", "/").split("/")
    return bool(parts[-1]) and ".." not in parts and bool(parts[0]) and parts[0][1:2] != ":"


def _refuse_name(visit: Visit, where: str) -> Found:
    yield from visit.refuse("member_name_unsafe", "error", where, "the name leaves the archive")


def _is_overlooked(name: str) -> bool:
    """Files that the landing folder overlooks too, and what macOS adds to every ZIP."""
    parts = [part for part in name.replace("\\", "/").split("/") if part != "."]
    return (
        any(part.startswith(".") for part in parts)
        or parts[0] == "__MACOSX"
        or parts[-1].endswith(SIDECAR_SUFFIX)
        or parts[-1] == "README.md"
    )


def _printable(name: str) -> str:
    """The name with slashes of this system; control characters and broken bytes become U+FFFD."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name.replace("\\", "/"))
    return shown.removeprefix("./")
