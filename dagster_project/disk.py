"""A disk that is full or may not be written to: known by its signs, told with what to do.

DuckDB, SQLite (Dagster's books) and the system say it each in their own words, and none says more.
"""

from __future__ import annotations

import os
import shutil

from dagster_project.settings import MEBIBYTE, Settings

_FULL = ("No space left on device", "database or disk is full")
# SQLite says this of a full disk too, and of a broken one.
_PERHAPS_FULL = "disk I/O error"
_HARDLY_ANY_BYTES = 16 * MEBIBYTE
_REFUSED = ("Read-only file system", "Permission denied", "readonly database", "unable to open")


def advise_on_disk(settings: Settings, failure: str) -> str:
    """What to do where a failure is the disk's; empty where it is another."""
    folder = settings.warehouse
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if any(sign in failure for sign in _FULL) or (
        _PERHAPS_FULL in failure and free < _HARDLY_ANY_BYTES
    ):
        return (
            f"The disk of {settings.warehouse} is full ({free // MEBIBYTE:,} MB are free now). "
            f"Make room there: old releases in {settings.published.name}/ and backups may go. "
            "Then run `gongkai build` again; the last release can be read meanwhile."
        )
    if any(sign in failure for sign in _REFUSED) and not os.access(folder, os.W_OK):
        return (
            f"{folder} may not be written to. Give this user the right, or set GONGKAI_WAREHOUSE "
            "to another folder. Then run `gongkai build` again; the last release can be read "
            "meanwhile."
        )
    return ""
