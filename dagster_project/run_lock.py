"""One run at a time in an installation, from its first step to its last.

DuckDB's own lock is let go between the steps, where another run or a restore could come in between.
The lock here is the system's: it ends with the process that holds it, however that ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from dagster_project.settings import Settings
from dagster_project.warehouse import WarehouseUnavailable

if TYPE_CHECKING:
    from dagster import DagsterInstance

PATIENCE_SECONDS = 5.0
"""How long a run waits for another: for one that ends, or for somebody who only looks."""
_BEGINNING_SECONDS = 60.0
"""A run counts as started for a moment before it holds the lock."""


class RunUnderWay(WarehouseUnavailable):
    """Another run is at work; the message says what to do."""


@contextmanager
def hold(settings: Settings, patience_seconds: float | None = None) -> Iterator[None]:
    """Keep other runs, backups and restores of this installation out.

    Raises:
        RunUnderWay: one is at work, and did not end in time.
    """
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.run_lock)
    try:
        lock.acquire(timeout=PATIENCE_SECONDS if patience_seconds is None else patience_seconds)
    except Timeout:
        raise RunUnderWay(
            f"Another run, backup or restore is at work in {settings.warehouse}. "
            "Wait until it is done, then start again; the last release can be read meanwhile."
        ) from None
    try:
        yield
    finally:
        lock.release()


def is_held(settings: Settings) -> bool:
    """Whether a run is at work."""
    if not settings.run_lock.exists():
        return False
    try:
        with hold(settings, 0):
            return False
    except RunUnderWay:
        return True


def end_dead_runs(instance: DagsterInstance, settings: Settings) -> int:
    """Tell Dagster which runs were killed: it would count them as started, and begin no other.

    Returns:
        How many there were.
    """
    from dagster import DagsterRunStatus, RunsFilter

    under_way = [DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    found = [
        record.dagster_run.run_id
        for record in instance.get_run_records(RunsFilter(statuses=under_way))
        if time.time() - (record.start_time or 0) > _BEGINNING_SECONDS
    ]
    if not found or is_held(settings):
        return 0
    dead = [run for run in map(instance.get_run_by_id, found) if run and run.status in under_way]
    for run in dead:
        instance.report_run_failed(run, "The process of this run is gone: it was killed, or died.")
    return len(dead)
