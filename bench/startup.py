"""How long a run takes beside the bare start of its tools. A script with a result, not a test.

    python -m bench.startup           print the figures
    python -m bench.startup --write   and put them into bench/README.md

The floor is the sum of three bare starts, each in a process of its own: a trivial Dagster
materialization, `dbt parse` of an unchanged project in process, Great Expectations with one
expectation on one row. All are measured in one go, since wall times of a machine drift.
CPU seconds (user + system, children included) are the figure to compare. A further run tells the start
proper (until the code of the first asset runs) apart from the work after it, step by step; dbt and Great
Expectations are imported in their steps.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.report import replace_section

PROJECT = Path(__file__).resolve().parent.parent
TARGET_RATIO = 1.3

DAGSTER = """
import dagster as dg, dagster_dbt, tempfile, os
@dg.asset
def nothing(): pass
with dg.DagsterInstance.local_temp() as instance:
    dg.materialize([nothing], instance=instance)
"""
DBT = """
from dagster_project.dbt_runner import parse_project
parse_project()
"""
EXPECTATIONS = """
import pandas as pd, great_expectations as gx, great_expectations.expectations as gxe
context = gx.get_context(mode="ephemeral")
asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
batch = asset.add_batch_definition_whole_dataframe("b")
frame = batch.get_batch({"dataframe": pd.DataFrame({"x": [1]})})
frame.validate(gxe.ExpectColumnToExist(column="x"))
"""


STEPS = """
from bench.startup import print_steps
print_steps()
"""
STAGES = {
    "start": "until the code of the first asset runs",
    "parse": "reading documents",
    "model": "dbt: import, models, tests; Dagster's books of them",
    "check": "results computed again; Great Expectations: import, suites",
    "publish": "publishing, end of the run",
}


@dataclass(frozen=True)
class Cost:
    """Seconds of one process and its children."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


def measure(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command[:3])} failed:\n{done.stdout}{done.stderr}")
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return Cost(wall, used)


def main() -> None:
    """Measure, print, and write where asked to."""
    text = report(*measure_starts())
    print(text)
    if "--write" in sys.argv[1:]:
        replace_section(PROJECT / "bench" / "README.md", "start-up", text)


def measure_starts() -> tuple[dict[str, Cost], Cost, Cost, dict[str, Cost]]:
    """The bare starts by tool, a whole run on the sample, the same again, and a run by stage."""
    folder = Path(tempfile.mkdtemp(prefix="gongkai-bench-"))
    environment = os.environ | {
        "GONGKAI_WAREHOUSE": str(folder),
        "GONGKAI_LANDING": str(PROJECT / "warehouse" / "landing"),
        "GX_ANALYTICS_ENABLED": "false",
    }
    python, gongkai = sys.executable, str(Path(sys.executable).with_name("gongkai"))
    try:
        measure([gongkai, "build"], environment)  # compiled bytecode and dbt's parse cache
        shutil.rmtree(folder)
        starts = {
            "Dagster": measure([python, "-c", DAGSTER], environment),
            "dbt": measure([python, "-c", DBT], environment),
            "Great Expectations": measure([python, "-c", EXPECTATIONS], environment),
        }
        full = measure([gongkai, "build"], environment)
        again = measure([gongkai, "build"], environment)
        shutil.rmtree(folder)
        steps = measure_steps(environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return starts, full, again, steps


def measure_steps(environment: dict[str, str]) -> dict[str, Cost]:
    """What the stages of a run cost, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", STEPS],
        cwd=PROJECT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    marks = json.loads(done.stdout.splitlines()[-1])
    return {
        stage: Cost(after[1] - before[1], after[2] - before[2])
        for (stage, *_), before, after in zip(marks[1:], marks, marks[1:], strict=False)
    }


def print_steps() -> None:
    """Run everything in this process and print the stages with the time at the end of each."""
    from dagster_project.commands.build import run_everything
    from dagster_project.dagster_home import prepare_dagster_home
    from dagster_project.progress import Silent
    from dagster_project.settings import read_settings

    def note(stage: str) -> None:
        used = (
            resource.getrusage(resource.RUSAGE_SELF),
            resource.getrusage(resource.RUSAGE_CHILDREN),
        )
        cpu = sum(usage.ru_utime + usage.ru_stime for usage in used)
        marks.append((stage, time.perf_counter(), cpu))

    class Marks(Silent):
        stage = "start"

        def begin(self, title: str, total: int) -> None:
            note(self.stage)
            self.stage = title

    # The process began a little before the clock that tells wall time was looked at.
    marks: list[tuple[str, float, float]] = [("", time.perf_counter(), 0.0)]
    settings, progress = read_settings(), Marks()
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings))
    failures = run_everything(settings, progress, "")
    note(progress.stage)
    if failures:
        sys.exit("\n".join(failures))
    print(json.dumps(marks))


def report(starts: dict[str, Cost], full: Cost, again: Cost, steps: dict[str, Cost]) -> str:
    """The figures as a Markdown table."""
    floor = sum(starts.values(), Cost(0, 0))
    lines = ["| what | wall s | CPU s |", "| --- | ---: | ---: |"]
    lines += [f"| start {name} | {c.wall:.1f} | {c.cpu:.1f} |" for name, c in starts.items()]
    lines += [
        f"| **sum of the starts** | {floor.wall:.1f} | {floor.cpu:.1f} |",
        f"| `gongkai build` on the sample | {full.wall:.1f} | {full.cpu:.1f} |",
        *(f"| of one: {STAGES[s]} | {c.wall:.1f} | {c.cpu:.1f} |" for s, c in steps.items()),
        f"| the same again, nothing changed | {again.wall:.1f} | {again.cpu:.1f} |",
        "",
        f"Ratio: {full.wall / floor.wall:.2f} wall, {full.cpu / floor.cpu:.2f} CPU "
        f"(target: at most {TARGET_RATIO}).",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} cores; `python -m bench.startup`.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
