"""An installation as one file, and back: landing folder, warehouse, releases.

A plain tar (what it holds is packed already) whose last member lists every file with its checksum.
A backup appears under its name only when it is whole; a restore checks every byte before anything
that stands there is touched.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dagster_project.files import hash_file, sync, sync_tree
from dagster_project.publish import switch_current
from dagster_project.run_lock import hold
from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse

CONTENTS = "contents.json"
_DATABASE, _LOG, _SIGNATURE = "gongkai.duckdb", "gongkai.duckdb.wal", "landing.sha256"
_LANDING, _PUBLISHED = "landing", "published"


class BackupError(RuntimeError):
    """There is nothing to back up, or a backup cannot be restored; the message says why."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds."""

    file_count: int
    byte_count: int
    current_release: str
    """Empty where there was none."""


def write_backup(settings: Settings, target: Path) -> Backup:
    """Write all of an installation into one file.

    Raises:
        BackupError: there is neither a warehouse nor a landing folder.
        WarehouseUnavailable: a run is at work; wait until it is done.
    """
    if not settings.database.exists() and not settings.landing.is_dir():
        raise BackupError(f"There is nothing to back up in {settings.warehouse}.")
    partial = target.with_name(target.name + ".partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with hold(settings), ExitStack() as stack:
            if settings.database.exists():
                # A reader keeps other programs from changing the file while it is copied.
                stack.enter_context(Warehouse(settings).read())
            backup = _write(settings, partial)
        sync(partial)
        os.replace(partial, target)
        sync(target.parent)
    finally:
        partial.unlink(missing_ok=True)
    return backup


def _write(settings: Settings, target: Path) -> Backup:
    current = settings.current_release
    version = current.resolve().name if current.exists() else ""
    files = {}
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in list(_list_files(settings)):
            member = archive.gettarinfo(path, name)
            with path.open("rb") as handle:
                source = _Hashing(handle)
                archive.addfile(member, source)
            files[name] = {"sha256": source.digest.hexdigest(), "bytes": member.size}
        contents = {"backup_version": 1, "current_release": version, "files": files}
        told = json.dumps(contents, ensure_ascii=False, indent=1).encode()
        tail = tarfile.TarInfo(CONTENTS)
        tail.size = len(told)
        archive.addfile(tail, io.BytesIO(told))
    return Backup(len(files), sum(file["bytes"] for file in files.values()), version)


class _Hashing:
    """A file that names what was read of it: it may change while it is being copied."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._handle.read(size)
        self.digest.update(data)
        return data


def _list_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every file to keep, under the name that it has in a backup."""
    for name in (_DATABASE, _LOG, _SIGNATURE):
        if (settings.warehouse / name).is_file():
            yield name, settings.warehouse / name
    for name, folder in ((_LANDING, settings.landing), (_PUBLISHED, settings.published)):
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            is_unfinished = relative.parts[0].startswith(".") and name == _PUBLISHED
            if path.is_file() and relative.parts[0] != "current" and not is_unfinished:
                yield f"{name}/{relative.as_posix()}", path


def restore_backup(settings: Settings, source: Path, *, replace: bool = False) -> Backup:
    """Put an installation back where its settings say.

    Args:
        settings: the installation to restore into.
        source: a file that ``write_backup`` wrote.
        replace: whether what stands there may go. It goes last, when all is checked.

    Raises:
        BackupError: the file is no whole backup, or something stands where it would go.
        WarehouseUnavailable: a run is at work; wait until it is done.
    """
    with hold(settings):
        return _restore(settings, source, replace=replace)


def _restore(settings: Settings, source: Path, *, replace: bool) -> Backup:
    standing = [path for _, path in _places(settings) if path.exists() and _holds_files(path)]
    if standing and not replace:
        raise BackupError(
            f"{standing[0]} is there already. With --replace it gives way to the backup."
        )
    aside = settings.warehouse / ".restore.partial"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        backup = _unpack(source, aside)
        sync_tree(aside)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    # From here on what was unpacked stays until it has its place: what gave way is gone.
    for name, place in _places(settings):
        _remove(place)
        if (aside / name).exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(aside / name, place)
    settings.landing.mkdir(parents=True, exist_ok=True)
    if backup.current_release:
        switch_current(settings.published, backup.current_release)
    shutil.rmtree(aside)
    return backup


def _places(settings: Settings) -> list[tuple[str, Path]]:
    return [
        (_DATABASE, settings.database),
        (_LOG, settings.warehouse / _LOG),
        (_SIGNATURE, settings.landing_signature),
        (_LANDING, settings.landing),
        (_PUBLISHED, settings.published),
    ]


def _holds_files(path: Path) -> bool:
    return path.is_file() or any(True for _ in path.iterdir())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _unpack(source: Path, folder: Path) -> Backup:
    """Unpack a backup beside its place and check every file."""
    try:
        with tarfile.open(source, "r:") as archive:
            # Refuses links, devices and names that lead out of the folder.
            archive.extractall(folder, filter="data")
        contents = json.loads((folder / CONTENTS).read_bytes())
        (folder / CONTENTS).unlink()
        files, version = contents["files"], contents["current_release"]
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{source} cannot be read as a backup: {error}.") from error
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    wrong = sorted(found ^ set(files)) or sorted(
        name for name, file in files.items() if hash_file(folder / name) != file["sha256"]
    )
    if version and not (folder / _PUBLISHED / version).is_dir():
        wrong.append(f"{_PUBLISHED}/{version}")
    if wrong:
        raise BackupError(f"{source} is damaged: {wrong[0]} is not as it was.")
    return Backup(len(files), sum(file["bytes"] for file in files.values()), version)
