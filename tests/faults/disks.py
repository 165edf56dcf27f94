"""Small disks to fill or to lock, which only root can mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEBIBYTE = 1024 * 1024


@contextmanager
def mount_disk(folder: Path, mebibytes: int) -> Iterator[bool]:
    """A file system of its own at a folder; whether this system lets us mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and not subprocess.run(command, capture_output=True).returncode
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def lock(folder: Path) -> None:
    """Let nobody write to a disk any more."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


def unlock(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


def fill(folder: Path, left: int) -> Path:
    """Leave so many bytes free; the file that takes the others."""
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    ballast = folder / "ballast"
    with ballast.open("wb") as handle:
        os.posix_fallocate(handle.fileno(), 0, max(1, free - left))
    return ballast
