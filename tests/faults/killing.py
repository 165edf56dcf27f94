"""Runs that are killed: at random points inside each step, at its end, and as the real command.

    .venv/bin/python -m tests.faults.killing [--kills 200] [--seed N] [--light]

A process with everything imported and no connection open forks a child for each step of a run, and
kills it without a chance to tidy up, up to a few times in a row. After each kill the warehouse must
open with the state before or after the step, and the current release must be whole. Then the step
runs to its end, and every row of the warehouse and of the release must be that of an undisturbed
run; what follows is then the same as well, and one recovery in ten goes through all of the steps.
The real command is killed with its children, and recovers by itself. ``--light`` replaces dbt by a
mart of its own and leaves out the checks and the command.
"""

import argparse
import gc
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from random import Random

import duckdb

from dagster_project.dependencies import write_bill_of_materials
from dagster_project.files import hash_file
from dagster_project.load import current_reader, load_landing
from dagster_project.progress import Silent
from dagster_project.publish import publish
from dagster_project.settings import PROJECT, Settings
from dagster_project.warehouse import Warehouse
from tests.faults.conservation import find_losses
from tests.releasing import create_form

SAMPLE = PROJECT / "warehouse" / "landing" / "sample"
DOCUMENTS = (
    "pingtan_2014.txt",
    "liupanshui_resettlement_bureau_2016.txt",
    "weiyuan_2018_work_plan.txt",
)
TODAY = date(2026, 11, 23)

Step = Callable[[Settings], object]
State = dict[str, tuple]
"""Rows and their hash by table, of the warehouse and of the current release."""


def copy_sample(settings: Settings, count: int) -> None:
    """Land the first few documents."""
    settings.landing.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS[:count]:
        shutil.copy(SAMPLE / name, settings.landing)


# The steps of a run, as the assets do them.


def read(settings: Settings) -> None:
    with Warehouse(settings).write() as connection:
        load_landing(connection, settings, Silent())


def model(settings: Settings) -> None:
    """One mart, in place of dbt."""
    with Warehouse(settings).write() as connection:
        connection.begin()
        for schema in ("marts", "reporting", "form"):
            connection.execute(f"drop schema if exists {schema} cascade")
            connection.execute(f"create schema {schema}")
        create_form(connection)
        connection.execute("create table marts.cells as from raw.cells order by all")
        connection.execute("comment on table marts.cells is 'Cells. 单元格。 One row per cell.'")
        connection.commit()


def release(settings: Settings) -> None:
    publish(settings.database, settings.published, current_reader(), TODAY)


LIGHT: tuple[Step, ...] = (read, model, release)


def full_steps() -> tuple[Step, ...]:
    """The real ones; imports and parses all that they need, so that a child need not."""
    for module in ("dbt.adapters.duckdb.connections", "great_expectations"):
        import_module(module)
    from dagster_project.dbt_runner import build_project, parse_project, read_manifest
    from dagster_project.model_keys import read_keys
    from expectations.evaluate import evaluate
    from expectations.frames import read_frames, read_quarantine
    from expectations.gate import decide
    from loaders.form import load_form

    keys, form = read_keys(read_manifest()), load_form()
    parse_project()

    def build(settings: Settings) -> None:
        # Tests only read.
        failures = build_project(settings, ["--exclude-resource-type", "test"]).failures
        if failures:
            raise RuntimeError("; ".join(failures))

    def check(settings: Settings) -> None:
        with Warehouse(settings).read() as connection:
            frames = read_frames(connection)
            quarantined, tables = read_quarantine(connection)
        decision = decide(evaluate(form, frames, settings.data_docs), quarantined, tables, 100)
        if not decision.may_publish:
            raise RuntimeError("; ".join(decision.reasons))

    def release_all(settings: Settings) -> None:
        publish(settings.database, settings.published, current_reader(), TODAY, keys)

    return (read, build, check, release_all)


# What is there


def describe(settings: Settings) -> State:
    """Every row of every table, whatever its order; the version of the release aside."""
    found = {}
    places = (("warehouse", settings.database),)
    if settings.current_release.exists():
        places += (("release", settings.current_release.resolve() / "gongkai.duckdb"),)
    for place, path in places:
        with duckdb.connect(path, read_only=True) as connection:
            for schema, name in connection.execute(
                "select schema_name, table_name from duckdb_tables() where not internal order by all"
            ).fetchall():
                if (place, schema, name) != ("release", "reporting", "release"):
                    rows = f'select count(*), bit_xor(hash(t)) from "{schema}"."{name}" as t'
                    found[f"{place} {schema}.{name}"] = connection.execute(rows).fetchone()
    return found


def is_whole(settings: Settings) -> bool:
    """Whether ``current`` points to a release of which every checksum holds."""
    folder = settings.current_release.resolve(strict=True)
    files = json.loads((folder / "manifest.json").read_bytes())["files"]
    return all(hash_file(folder / name) == file["sha256"] for name, file in files.items())


def is_allowed(state: State, before: State, after: State) -> bool:
    """Whether a killed step left what was loaded and released as it was, or as it shall be.

    dbt makes the tables between them one by one: they may be of both runs until the next one.
    """
    for prefix in ("warehouse raw.", "release "):
        part, old, new = (
            {name: rows for name, rows in each.items() if name.startswith(prefix)}
            for each in (state, before, after)
        )
        if part not in (old, new):
            return False
    return True


# Children


def fork(work: Callable[[], object]) -> int:
    """Do something in a child, which reports a fault by its exit status."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def wait(child: int) -> bool:
    """Whether a child ended well."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def do(*steps: Step) -> Callable[[Settings], bool]:
    """Run steps in a child; whether it ended well."""

    def run(settings: Settings) -> bool:
        return wait(fork(lambda: [step(settings) for step in steps]))

    return run


def ask(question: Callable[[Settings], object], settings: Settings) -> object:
    """The answer to a question, asked in a child; ``None`` where there is none."""
    told = Path(settings.warehouse.parent, "answer")
    told.unlink(missing_ok=True)
    wait(fork(lambda: told.write_bytes(pickle.dumps(question(settings)))))
    return pickle.loads(told.read_bytes()) if told.exists() else None


def kill_child(work: Callable[[], object], seconds: float | None) -> bool:
    """Kill a child after some time, or just when its work is done; whether it was still alive."""
    heard, told = os.pipe()

    def work_and_stay() -> None:
        work()
        os.write(told, b".")
        time.sleep(600)

    child = fork(work_and_stay if seconds is None else work)
    os.close(told)
    if seconds is None:
        os.read(heard, 1)
    else:
        time.sleep(seconds)
    os.close(heard)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def copy(settings: Settings, folder: Path) -> Settings:
    """The same installation once more."""
    shutil.copytree(settings.warehouse.parent, folder, symlinks=True)
    return Settings(warehouse=folder / "warehouse", landing=folder / "landing")


# Killing


@dataclass(frozen=True)
class Calm:
    """What an undisturbed run looks like before a step, and how long the step takes."""

    settings: Settings
    state: State
    seconds: float = 0.0


def prepare(folder: Path, steps: tuple[Step, ...]) -> list[Calm]:
    """An installation with one report published and others waiting, before each step of its run."""
    settings = Settings(warehouse=folder / "start/warehouse", landing=folder / "start/landing")
    copy_sample(settings, 1)
    if not do(*steps)(settings):
        raise SystemExit("The first run failed.")
    copy_sample(settings, len(DOCUMENTS))
    calm = []
    for number, step in enumerate(steps):
        kept = copy(settings, folder / f"before-{number}")
        began = time.monotonic()
        if not do(step)(settings):
            raise SystemExit(f"The undisturbed run failed in its step {number}.")
        calm.append(Calm(kept, ask(describe, kept), time.monotonic() - began))
    return [*calm, Calm(settings, ask(describe, settings))]


class Killer:
    """Kills, and counts what came of it."""

    def __init__(self, folder: Path, steps: tuple[Step, ...], random: Random) -> None:
        self.folder, self.steps, self.random = folder, steps, random
        self.calm = prepare(folder, steps)
        self.killed: Counter[str] = Counter()
        self.faults: list[str] = []

    def note(self, is_good: bool, what: str) -> None:
        if not is_good:
            self.faults.append(what)
            print(f"FAULT: {what}", file=sys.stderr, flush=True)

    def kill_step(self, number: int, in_a_row: int) -> None:
        """Kill one step some times in a row, then let it end."""
        step, before, after = self.steps[number], self.calm[number], self.calm[number + 1]
        settings = copy(before.settings, self.folder / "killed")
        name, state = step.__name__, before.state
        if number == 0 and self.random.random() < 0.5:
            # As after an upgrade: all that was read is read again.
            name = "read with another parser"
            do(lambda s: change(s, "update raw.reader set parser_version = 'older'"))(settings)
            state = ask(describe, settings)
        for _ in range(in_a_row):
            seconds = None
            if self.random.random() > 0.15:
                seconds = self.random.uniform(0, before.seconds * 1.1)
            if kill_child(lambda: step(settings), seconds):
                self.killed[name if seconds is not None else f"end of {step.__name__}"] += 1
            found = ask(describe, settings)
            self.note(found is not None, f"{name}: the warehouse does not open")
            self.note(found and is_allowed(found, state, after.state), f"{name}: another state")
            self.note(is_whole(settings), f"{name}: the release is not whole")
        is_whole_run = self.random.random() < 0.1
        rest = self.steps if is_whole_run else (step,)
        expected = self.calm[-1].state if is_whole_run else after.state
        self.note(do(*rest)(settings), f"{name}: the next run failed")
        self.note(ask(describe, settings) == expected, f"{name}: other rows")
        self.note(is_whole(settings), f"{name}: the next release is not whole")
        shutil.rmtree(settings.warehouse.parent)

    def kill_commands(self, count: int, in_a_row: int) -> None:
        """Kill ``gongkai build`` and all its children; then let it end."""
        calm = copy(self.calm[0].settings, self.folder / "calm")
        began = time.monotonic()
        self.note(start_command(calm).wait() == 0, "command: the undisturbed run failed")
        seconds, expected = time.monotonic() - began, ask(describe, calm)
        while count > 0:
            settings = copy(self.calm[0].settings, self.folder / "killed")
            for _ in range(min(in_a_row, count)):
                count -= 1
                command = start_command(settings)
                time.sleep(self.random.uniform(0, seconds))
                is_killed = command.poll() is None
                # Its group: dbt and the workers too.
                os.killpg(command.pid, signal.SIGKILL)
                command.wait()
                self.killed["command"] += is_killed
                found = ask(describe, settings)
                is_good = found and is_allowed(found, self.calm[0].state, expected)
                self.note(is_good, "command: another state")
                self.note(is_whole(settings), "command: the release is not whole")
            self.note(start_command(settings).wait() == 0, "command: the next run failed")
            self.note(ask(describe, settings) == expected, "command: other rows")
            self.note(is_whole(settings), "command: the next release is not whole")
            self.note(ask(find_losses, settings) == [], "command: something was lost")
            shutil.rmtree(settings.warehouse.parent)


def change(settings: Settings, sql: str) -> None:
    with Warehouse(settings).write() as connection:
        connection.execute(sql)


def start_command(settings: Settings) -> subprocess.Popen:
    """``gongkai build`` in a process group of its own."""
    folders = {
        "GONGKAI_WAREHOUSE": str(settings.warehouse),
        "GONGKAI_LANDING": str(settings.landing),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", "build"],
        cwd=PROJECT,
        env=os.environ | folders,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_runs(kills: int, seed: int, *, is_light: bool) -> Killer:
    """Kill steps by turns, and commands at the end."""
    steps = LIGHT if is_light else full_steps()
    with tempfile.TemporaryDirectory() as name:
        # Imports what DuckDB and a release's list of packages need.
        write_bill_of_materials(Path(name))
        import_module("pandas")
    # A collection in a child would touch, and so copy, every page of its parent.
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory() as name:
        killer = Killer(Path(name), steps, Random(seed))
        commands = 0 if is_light else kills // 20
        # dbt takes most of the time of a run, and reading most of what may be lost.
        turns = [(0, 1), (1, 1), (2, 1)] if is_light else [(0, 5), (1, 3), (2, 1), (3, 4)]
        while killer.killed.total() < kills - commands:
            for number, in_a_row in turns:
                killer.kill_step(number, in_a_row)
                if killer.killed.total() >= kills - commands:
                    break
            print(json.dumps(killer.killed), file=sys.stderr, flush=True)
        killer.kill_commands(commands, 5)
    return killer


def main() -> int:
    """Say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--light", action="store_true", help="a mart in place of dbt, no checks")
    arguments = parser.parse_args()
    killer = kill_runs(arguments.kills, arguments.seed, is_light=arguments.light)
    told = {"killed": killer.killed.total(), "faults": killer.faults, "seed": arguments.seed}
    print(json.dumps(told | {"where": killer.killed}))
    return int(bool(killer.faults))


if __name__ == "__main__":
    sys.exit(main())
