"""``gongkai backup``: all of an installation in one file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dagster_project.backup import BackupError, write_backup
from dagster_project.settings import read_settings
from dagster_project.terminal import err, safe, stop
from dagster_project.warehouse import WarehouseUnavailable


def run_backup(target: Path | None) -> None:
    """Write a backup, and say what it holds."""
    settings = read_settings()
    if target is None:
        target = Path(f"gongkai-{datetime.now():%Y%m%d-%H%M%S}.tar")
    try:
        backup = write_backup(settings, target)
    except (BackupError, WarehouseUnavailable, OSError) as error:
        stop(str(error), 1)
    release = f", current release {backup.current_release}" if backup.current_release else ""
    err.print(
        f"{safe(target)}: {backup.file_count:,} files, {backup.byte_count:,} bytes{release}",
        soft_wrap=True,
    )
