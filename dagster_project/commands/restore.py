"""``gongkai restore``: an installation back from a backup."""

from __future__ import annotations

from pathlib import Path

from dagster_project.backup import BackupError, restore_backup
from dagster_project.settings import read_settings
from dagster_project.terminal import err, safe, stop
from dagster_project.warehouse import WarehouseUnavailable


def run_restore(source: Path, *, replace: bool) -> None:
    """Restore, and say what came back."""
    settings = read_settings()
    try:
        backup = restore_backup(settings, source, replace=replace)
    except (BackupError, WarehouseUnavailable, OSError) as error:
        stop(str(error), 1)
    release = f", current release {backup.current_release}" if backup.current_release else ""
    err.print(
        f"{safe(settings.warehouse)}: {backup.file_count:,} files restored{release}", soft_wrap=True
    )
