"""Runs that are killed: at random points inside each step, at its end, and as the real command.

    .venv/bin/python -m tests.faults.killing [--kills 200] [--commands 10] [--seed N] [--light]

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
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random

from dagster_project.dependencies import write_bill_of_materials
from dagster_project.load import load_landing
from dagster_project.progress import Silent
from dagster_project.settings import PROJECT, Settings
from dagster_project.store import TABLES
from dagster_project.warehouse import Warehouse
from tests.faults.conservation import find_losses, find_lost_documents
from tests.faults.steps import (
    DOCUMENTS,
    LIGHT,
    SAMPLE,
    State,
    Step,
    ask,
    copy,
    copy_sample,
    describe,
    do,
    fork,
    full_steps,
    is_allowed,
    is_whole,
    name_folders,
)


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


# Killing


LARGE_LOAD = 192
"""Documents; more would be read by several processes."""


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
        self.is_light = steps == LIGHT
        self.calm = prepare(folder, steps)
        self.killed: Counter[str] = Counter()
        self.kept: Counter[int] = Counter()
        """How many documents large loads had kept when they were killed."""
        self.faults: list[str] = []
        # What has the same rows as this has lost nothing either.
        self.note_losses(self.calm[-1].settings, "the undisturbed run")

    def note(self, is_good: bool, what: str) -> None:
        if not is_good:
            self.faults.append(what)
            print(f"FAULT: {what}", file=sys.stderr, flush=True)

    def note_losses(self, settings: Settings, what: str) -> None:
        """Documents in = reports + other + quarantined; cells read = in facts + held back."""
        losses = ask(lambda s: find_losses(s, is_light=self.is_light), settings)
        self.note(losses == [], f"{what}: {losses}")

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
        for left in reversed(range(in_a_row)):
            # The last of a row strikes at the step's end, the others at any moment of it.
            seconds = self.random.uniform(0, before.seconds) if left else None
            if kill_child(lambda: step(settings), seconds):
                self.killed[name if seconds is not None else f"end of {step.__name__}"] += 1
            found = ask(describe, settings)
            self.note(found is not None, f"{name}: the warehouse does not open")
            self.note(found and is_allowed(found, state, after.state), f"{name}: another state")
            self.note(is_whole(settings), f"{name}: the release is not whole")
        is_whole_run = self.random.random() < 0.15
        rest = self.steps if is_whole_run else (step,)
        expected = self.calm[-1].state if is_whole_run else after.state
        self.note(do(*rest)(settings), f"{name}: the next run failed")
        self.note(ask(describe, settings) == expected, f"{name}: other rows")
        self.note(is_whole(settings), f"{name}: the next release is not whole")
        if is_whole_run:
            self.note_losses(settings, name)
        shutil.rmtree(settings.warehouse.parent)

    def kill_large_loads(self, count: int) -> None:
        """Kill a load that is kept as it goes: what stands there then are whole documents."""
        folder = self.folder / "large"
        empty = Settings(warehouse=folder / "warehouse", landing=folder / "landing")
        empty.landing.mkdir(parents=True)
        do(load_in_parts)(empty)
        for number in range(LARGE_LOAD):
            text = (SAMPLE / DOCUMENTS[number % 2]).read_text(encoding="utf-8")
            (empty.landing / f"{number:04}.txt").write_text(f"{text}\n{number}")
        calm = copy(empty, self.folder / "calm")
        began = time.monotonic()
        self.note(do(load_in_parts)(calm), "large load: the undisturbed one failed")
        seconds, whole = time.monotonic() - began, ask(describe_documents, calm)
        self.note(ask(find_lost_documents, calm) == [], "large load: something was lost")
        for _ in range(count):
            settings = copy(empty, self.folder / "killed")
            when = self.random.uniform(0, seconds)
            self.killed["large load"] += kill_child(partial(load_in_parts, settings), when)
            found = ask(describe_documents, settings)
            self.note(found is not None, "large load: the warehouse does not open")
            kept = found or {}
            self.note(kept.items() <= whole.items(), "large load: half a document")
            self.kept[len(kept)] += 1
            self.note(do(load_in_parts)(settings), "large load: the next one failed")
            self.note(ask(describe_documents, settings) == whole, "large load: other rows")
            shutil.rmtree(settings.warehouse.parent)
        shutil.rmtree(calm.warehouse.parent)

    def kill_commands(self, count: int, in_a_row: int) -> None:
        """Kill ``gongkai build`` and all its children; then let it end."""
        calm = copy(self.calm[0].settings, self.folder / "calm")
        began = time.monotonic()
        self.note(start_command(calm).wait() == 0, "command: the undisturbed run failed")
        seconds, expected = time.monotonic() - began, ask(describe, calm)
        while count > 0:
            settings = copy(self.calm[0].settings, self.folder / "killed")
            for _ in range(min(in_a_row, count)):
                command = start_command(settings)
                try:
                    command.wait(self.random.uniform(0, seconds))
                    # Too late: with less to do for others, or by itself, it takes less time.
                    seconds *= 0.8
                    break
                except subprocess.TimeoutExpired:
                    # Its group: dbt and the workers too.
                    os.killpg(command.pid, signal.SIGKILL)
                    command.wait()
                self.killed["command"] += 1
                count -= 1
                found = ask(describe, settings)
                is_good = found and is_allowed(found, self.calm[0].state, expected)
                self.note(is_good, "command: another state")
                self.note(is_whole(settings), "command: the release is not whole")
            self.note(start_command(settings).wait() == 0, "command: the next run failed")
            self.note(ask(describe, settings) == expected, "command: other rows")
            self.note(is_whole(settings), "command: the next release is not whole")
            self.note_losses(settings, "command")
            shutil.rmtree(settings.warehouse.parent)


def load_in_parts(settings: Settings) -> None:
    """Load the landing folder, and keep what was read some documents at a time."""
    settings = replace(settings, batch_documents=64, kept_documents=64)
    with Warehouse(settings).write() as connection:
        load_landing(connection, settings, Silent())


def describe_documents(settings: Settings) -> dict[str, tuple]:
    """The rows of each document in every raw table but that of the places, by their hash."""
    found: dict[str, tuple] = {}
    with Warehouse(settings).read() as connection:
        for table in TABLES:
            if table != "document_locations":
                rows = f"select document_id, count(*), bit_xor(hash(t)) from raw.{table} as t"
                for document_id, *facts in connection.execute(f"{rows} group by all").fetchall():
                    found[document_id] = (*found.get(document_id, ()), table, *facts)
    return found


def change(settings: Settings, sql: str) -> None:
    with Warehouse(settings).write() as connection:
        connection.execute(sql)


def start_command(settings: Settings) -> subprocess.Popen:
    """``gongkai build`` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", "build"],
        cwd=PROJECT,
        env=os.environ | name_folders(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def warm_up() -> None:
    """Import what the steps have not yet, and settle memory: children are forked from here."""
    with tempfile.TemporaryDirectory() as name:
        # DuckDB and a release's list of packages need more than they import.
        write_bill_of_materials(Path(name))
        import_module("pandas")
    # A collection in a child would touch, and so copy, every page of its parent.
    gc.collect()
    gc.freeze()


def kill_runs(kills: int, commands: int, seed: int, *, is_light: bool) -> Killer:
    """Kill steps by turns, and commands at the end."""
    steps = LIGHT if is_light else full_steps()
    warm_up()
    with tempfile.TemporaryDirectory() as name:
        killer = Killer(Path(name), steps, Random(seed))
        # dbt takes most of the time of a run, and reading most of what may be lost.
        turns = [(0, 2), (1, 1), (2, 2)] if is_light else [(0, 9), (1, 5), (2, 3), (3, 5)]
        while killer.killed.total() < kills - commands:
            for number, in_a_row in turns:
                killer.kill_step(number, in_a_row)
                if killer.killed.total() >= kills - commands:
                    break
            print(json.dumps(killer.killed), file=sys.stderr, flush=True)
        if kills >= 10:
            killer.kill_large_loads(kills // 10)
            print(json.dumps({"kept of large loads": killer.kept}), file=sys.stderr, flush=True)
        if commands:
            killer.kill_commands(commands, 5)
    return killer


def main() -> int:
    """Say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--commands", type=int, help="of these, the real one; a twentieth of them")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--light", action="store_true", help="a mart in place of dbt, no checks")
    arguments = parser.parse_args()
    commands = arguments.kills // 20 if arguments.commands is None else arguments.commands
    if arguments.light:
        commands = 0
    killer = kill_runs(arguments.kills, commands, arguments.seed, is_light=arguments.light)
    told = {"killed": killer.killed.total(), "faults": killer.faults, "seed": arguments.seed}
    print(json.dumps(told | {"where": killer.killed}))
    return int(bool(killer.faults))


if __name__ == "__main__":
    sys.exit(main())
