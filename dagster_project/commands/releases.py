"""The current release, for the commands that read it."""

from __future__ import annotations

from pathlib import Path

from dagster_project.settings import Settings
from dagster_project.terminal import stop


def find_release(settings: Settings) -> Path:
    """The DuckDB file that `current` points at now; ends the command where there is none."""
    database = settings.current_release / "gongkai.duckdb"
    if not database.exists():
        stop(f"There is no release at {database.parent}. Run `gongkai build` first.")
    return database.resolve()
