"""Files of a release: their checksums, and bringing them to the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

CHECKSUMS = "SHA256SUMS"

Hasher = Callable[[Path], str]
"""Gives the SHA-256 of a file; one that remembers spares reading large files again."""


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_checksums(folder: Path, hashed: Hasher) -> None:
    """List the checksum of every file below a folder, as ``sha256sum -c`` reads it."""
    lines = [
        f"{hashed(path)}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != CHECKSUMS
    ]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def sync_tree(folder: Path) -> None:
    """Bring every byte below a folder to the disk."""
    for path in (*folder.rglob("*"), folder):
        sync(path)


def sync(path: Path) -> None:
    """Bring one file, or the names in one folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
