"""Where the CPU goes, step by step: loading, each dbt node, the frames and suites, publishing.

    python -m bench.country.profile FOLDER        landing/ below it, or a warehouse that is loaded
    python -m bench.country.profile FOLDER --unpublished

Runs what `gongkai build` runs, without Dagster, one dbt node at a time, so that the CPU of a node is its own.
"""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dagster_project.settings import Settings


class Step(NamedTuple):
    """CPU seconds of one step, children included."""

    stage: str
    name: str
    seconds: float


def used_cpu() -> float:
    """CPU seconds of this process and its children so far."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in found)


class Clock:
    """Collects the steps of a run."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    @contextmanager
    def measure(self, stage: str, name: str) -> Iterator[None]:
        before = used_cpu()
        yield
        self.steps.append(Step(stage, name, used_cpu() - before))

    def total(self, stage: str) -> float:
        return sum(step.seconds for step in self.steps if step.stage == stage)


def run_steps(settings: Settings, is_published: bool = True) -> Clock:
    """Load, build, check and publish, measured."""
    from dagster_project.load import current_reader, load_landing
    from dagster_project.progress import Silent
    from dagster_project.publish import publish
    from dagster_project.warehouse import Warehouse
    from expectations.evaluate import evaluate
    from expectations.frames import read_frames
    from loaders.form import load_form

    clock = Clock()
    warehouse = Warehouse(settings)
    with clock.measure("parse and load", "load_landing"), warehouse.write() as connection:
        load_landing(connection, settings, Silent())
    _build(settings, clock)
    gc.disable()  # as `gongkai build` does
    with clock.measure("suites", "import"):
        import great_expectations  # noqa: F401
    with clock.measure("frames", "read_frames"), warehouse.read() as connection:
        frames = read_frames(connection)
    with clock.measure("suites", "evaluate"):
        evaluate(load_form(), frames, settings.data_docs)
    gc.enable()
    del frames
    if is_published:
        with clock.measure("publish", "publish"):
            publish(settings.database, settings.published, current_reader(), date(2026, 1, 1))
    return clock


def _build(settings: Settings, clock: Clock) -> None:
    """Every dbt node by itself: the CPU between the end of one and that of the next."""
    from dagster_project.dbt_runner import build_project, parse_project

    with clock.measure("dbt start", "parse"):
        parse_project()
    marks = [used_cpu()]

    def note(event) -> None:
        data = event["data"]
        info = data["node_info"]
        now = used_cpu()
        kind = {"model": "dbt models", "seed": "dbt seeds"}.get(info["resource_type"], "dbt tests")
        clock.steps.append(Step(kind, info["node_name"], now - marks[0]))
        marks[0] = now

    build = build_project(settings, on_event=note, keeps_rows=True)
    if build.failures:
        sys.exit("\n".join(build.failures))


def as_table(clock: Clock, least: float = 0.5) -> str:
    """Stages, and below them the steps that took at least so many seconds."""
    lines = ["| step | CPU s |", "| --- | ---: |"]
    for stage in dict.fromkeys(step.stage for step in clock.steps):
        own = sorted((s for s in clock.steps if s.stage == stage), key=lambda s: -s.seconds)
        lines.append(f"| **{stage}** | {clock.total(stage):.1f} |")
        shown = [step for step in own if step.seconds >= least and len(own) > 1]
        lines += [f"| {step.name} | {step.seconds:.1f} |" for step in shown]
    return "\n".join(lines)


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    settings = Settings(warehouse=folder / "warehouse", landing=folder / "landing")
    print(as_table(run_steps(settings, "--unpublished" not in sys.argv[2:])))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory of the main process: {peak:.0f} MiB")
