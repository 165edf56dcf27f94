"""Dagster's own folder: runs and events are kept beside the warehouse that they made."""

from __future__ import annotations

from pathlib import Path

from dagster_project.settings import Settings

CONFIGURATION = """\
# Written by Gongkai at every start; edits are lost.
telemetry:
  enabled: false
# No invitation to join anything on first sight.
nux:
  enabled: false
# DuckDB has one writer.
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def prepare_dagster_home(settings: Settings) -> Path:
    """Make the folder and its ``dagster.yaml``; telemetry is off by file, not by habit."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    (settings.dagster_home / "dagster.yaml").write_text(CONFIGURATION)
    return settings.dagster_home
