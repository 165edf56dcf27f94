"""What a run logs, as lines of JSON: one file per run, the run's id on every line.

Dagster hands every message and event of every step to the handler that ``dagster.yaml`` names.
Masked like everything that leaves the warehouse.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from dagster_project.masking import mask_personal
from dagster_project.terminal import plain

_SAFE = re.compile(r"[^0-9A-Za-z_-]")
_LONGEST = 20_000
_EVENTS = ("STEP_", "PIPELINE_", "RUN_", "ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION")
"""What Dagster tells as debugging and an operator wants to know: beginnings, ends, results."""


class RunLog(logging.Handler):
    """Appends each record of a run to ``<folder>/<run id>.jsonl``."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = Path(folder)
        self._has_told = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            entry = describe(record)
            if record.levelno < logging.INFO and not entry["event"].startswith(_EVENTS):
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{_SAFE.sub('_', entry['run_id']) or 'no_run'}.jsonl"
            with path.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as error:  # a full disk must not end the run that it is told of
            if not self._has_told:
                self._has_told = True
                print(f"The run's log cannot be written: {error}", file=sys.stderr)
        except Exception:
            self.handleError(record)


def describe(record: logging.LogRecord) -> dict[str, str]:
    """A record as an entry: when, how grave, which run, which step, what."""
    about = getattr(record, "dagster_meta", None) or {}
    event = about.get("dagster_event")
    entry = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "run_id": str(about.get("run_id") or ""),
        "job": str(about.get("job_name") or ""),
        "step": str(about.get("step_key") or ""),
        "event": str(getattr(event, "event_type_value", "") or ""),
        "message": tell(str(about.get("orig_message") or record.getMessage())),
    }
    failure = getattr(getattr(event, "event_specific_data", None), "error", None)
    if failure is not None:
        entry["error"] = tell((failure.cause or failure).message)
    return entry


def tell(text: str) -> str:
    """A message without personal details or control characters, of bounded length."""
    lines = mask_personal(text[:_LONGEST]).splitlines()
    return "\n".join(plain(line) for line in lines)
