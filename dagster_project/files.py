"""Files of a release: their checksums, whether they are whole, and bringing them to the disk.

Imports nothing heavy: an unchanged run asks nothing else.
"""

from __future__ import annotations

import hashlib
import json
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


def read_current(published: Path) -> dict | None:
    """The manifest of the current release; ``None`` where there is none."""
    try:
        folder = (published / "current").resolve(strict=True)
        manifest = json.loads((folder / "manifest.json").read_bytes())
        return manifest if manifest["version"] == folder.name else None
    except (OSError, ValueError, KeyError):
        return None


def list_faults(folder: Path) -> list[str]:
    """What is wrong with the files of a release; nothing where every checksum holds."""
    name = "manifest.json"
    faults = []
    try:
        files = json.loads((folder / name).read_bytes())["files"]
        for name, file in files.items():
            if not (folder / name).is_file():
                faults.append(f"{folder.name}/{name} is missing")
            elif hash_file(folder / name) != file["sha256"]:
                faults.append(f"{folder.name}/{name} was changed")
    except FileNotFoundError:
        faults.append(f"{folder.name}/{name} is missing")
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        faults.append(f"{folder.name}/{name} cannot be read ({error})")
    return faults


def state_of_files(folder: Path) -> str:
    """Name the state of a folder by names, sizes and times, without reading any file.

    Among the times is the one that no program can set: whoever writes to a file changes it.
    """
    state = [
        (
            path.relative_to(folder).as_posix(),
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if (status := path.lstat()) and path.is_file()
    ]
    return hashlib.sha256(repr(state).encode()).hexdigest()


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
