"""Dagster's own folder: runs and events are kept beside the warehouse that they made."""

from __future__ import annotations

import json
from pathlib import Path

from dagster_project.settings import Settings

CONFIGURATION = """\
# Written by Gongkai at every start; edits are lost.
telemetry:
  enabled: false
# No invitation to join anything on first sight.
nux:
  enabled: false
# Shows whether the release is older than it may be.
freshness:
  enabled: true
# DuckDB has one writer.
concurrency:
  runs:
    max_concurrent_runs: 1
python_logs:
  dagster_handler_config:
    handlers:
      run_log:
        class: dagster_project.run_log.RunLog
        level: DEBUG
        folder: {logs}
event_log_storage:
  module: dagster_project.event_log
  class: KeptEngineEventLog
  config:
    base_dir: {history}
"""


def prepare_dagster_home(settings: Settings) -> Path:
    """Make the folder and its ``dagster.yaml``; telemetry is off by file, not by habit."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    (settings.dagster_home / "dagster.yaml").write_text(
        CONFIGURATION.format(
            history=json.dumps(str(settings.dagster_home / "history" / "runs")),
            logs=json.dumps(str(settings.logs)),
        )
    )
    return settings.dagster_home
