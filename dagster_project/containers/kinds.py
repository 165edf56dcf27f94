"""Which kind of container some bytes are. First bytes decide; names only where bytes cannot.

Office files are ZIPs and are documents: they are never opened as archives.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

HEAD = 512
DOCUMENT = ""
"""The kind of everything that is no container."""
COMPRESSIONS = frozenset({"gzip", "bz2", "xz"})

_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bz2"),
    (b"PAR1", "parquet"),
    (b"WARC/", "crawl"),
)
_BY_NAME = {
    ".zip": "zip",
    ".tar": "tar",
    ".parquet": "parquet",
    ".warc": "crawl",
    ".wet": "crawl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jl": "jsonl",
}
_OFFICE_SUFFIXES = frozenset(
    ".docx .docm .dotx .xlsx .xlsm .xltx .pptx .odt .ods .odp .ofd .epub .wps .et".split()
)
_OFFICE_ENTRIES = ("[Content_Types].xml", "mimetype", "OFD.xml")
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")


def find_kind(head: bytes, name: str) -> str:
    """``zip``, ``tar``, a compression, ``parquet``, ``jsonl``, ``crawl``, or that of a document.

    Args:
        head: the first `HEAD` bytes.
        name: the file's name; a name alone makes a container only of a kind that a server's error
            page would not pass for silently.
    """
    suffix = PurePosixPath(name).suffix.lower()
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return DOCUMENT if kind == "zip" and suffix in _OFFICE_SUFFIXES else kind
    if head[257:262] == b"ustar":
        return "tar"
    if suffix == ".json" and head.startswith(b"{") and head[1:2] not in (b"\n", b"\r", b""):
        # Corpora call their lines .json too; a printed object breaks after its brace.
        return "jsonl"
    return _BY_NAME.get(suffix, DOCUMENT)


def strip_compression(name: str) -> str:
    """The name of what a compressed file holds: ``x.tar`` of ``x.tgz``, ``x`` of ``x.gz``."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in (".tgz", ".txz", ".tbz", ".tbz2"):
        return path.stem + ".tar"
    return path.stem if suffix in (".gz", ".xz", ".bz2", ".z") else path.name


def is_office(file: BinaryIO, most_members: int) -> bool:
    """Whether a ZIP is one document (Word, Excel, OpenDocument, OFD). A damaged one is not."""
    try:
        if measure_directory(file) > bound_directory(most_members):
            return False
        with zipfile.ZipFile(file) as archive:
            return any(name in archive.NameToInfo for name in _OFFICE_ENTRIES)
    except Exception:
        return False
    finally:
        file.seek(0)


def bound_directory(most_members: int) -> int:
    """The size of a ZIP's directory beyond which it has too many members to be listed."""
    return max(most_members, 16) * 256


def measure_directory(file: BinaryIO) -> int:
    """Bytes of a ZIP's directory, read from its end; ``zipfile`` takes it into memory whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read(65_557)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END_OF_DIRECTORY.size > len(tail):
        return 0
    byte_count = _END_OF_DIRECTORY.unpack_from(tail, at)[5]
    if byte_count == 0xFFFFFFFF and at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        (offset,) = struct.unpack_from("<Q", tail, at - 12)
        if offset + 56 <= size:
            file.seek(offset)
            byte_count = struct.unpack_from("<Q", file.read(56), 40)[0]
    return min(byte_count, size)
