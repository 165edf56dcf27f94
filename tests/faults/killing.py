"""Runs that are killed at random points of reading, loading and publishing, and what is left of them.

    .venv/bin/python -m tests.faults.killing [--kills 200] [--seed N]

A process with everything imported and no connection open forks a child for each run. The child is
killed without a chance to tidy up; then the current release must be whole, and a second run must
end with the rows that an undisturbed one has. dbt and the checks are not part of it.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import duckdb

from dagster_project.files import hash_file
from dagster_project.load import current_reader, load_landing
from dagster_project.progress import Silent
from dagster_project.publish import publish
from dagster_project.settings import PROJECT, Settings
from dagster_project.store import TABLES
from dagster_project.warehouse import Warehouse
from tests.releasing import create_form

SAMPLE = PROJECT / "warehouse" / "landing" / "sample"
BEFORE, ADDED = "pingtan_2014.txt", "liupanshui_resettlement_bureau_2016.txt"


def run(settings: Settings) -> None:
    """Read, load, make a mart of it, publish."""
    with Warehouse(settings).write() as connection:
        load_landing(connection, settings, Silent())
        connection.begin()
        for schema in ("marts", "reporting", "form"):
            connection.execute(f"drop schema if exists {schema} cascade")
            connection.execute(f"create schema {schema}")
        create_form(connection)
        connection.execute("create table marts.cells as from raw.cells order by all")
        connection.execute("comment on table marts.cells is 'Cells. 单元格。 One row per cell.'")
        connection.commit()
    publish(settings.database, settings.published, current_reader(), date(2026, 11, 23))


def describe(settings: Settings) -> str:
    """Every row of the raw tables and of the release, whatever its order."""
    told = []
    with Warehouse(settings).read() as connection:
        for name in TABLES:
            rows = connection.execute(f"select count(*), bit_xor(hash(t)) from raw.{name} as t")
            told.append((name, rows.fetchone()))
    with duckdb.connect(settings.current_release.resolve() / "gongkai.duckdb", read_only=True) as c:
        rows = c.execute("select count(*), bit_xor(hash(t)) from marts.cells as t")
        told.append(("release", rows.fetchone()))
    return repr(told)


def is_whole(settings: Settings) -> bool:
    """Whether ``current`` points to a release of which every checksum holds."""
    folder = settings.current_release.resolve(strict=True)
    files = json.loads((folder / "manifest.json").read_bytes())["files"]
    return all(hash_file(folder / name) == file["sha256"] for name, file in files.items())


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


def prepare(folder: Path) -> Settings:
    """An installation with one report published and another one waiting."""
    settings = Settings(warehouse=folder / "warehouse", landing=folder / "landing")
    settings.landing.mkdir(parents=True)
    shutil.copy(SAMPLE / BEFORE, settings.landing)
    if not wait(fork(lambda: run(settings))):
        raise SystemExit("The first run failed.")
    shutil.copy(SAMPLE / ADDED, settings.landing)
    return settings


def copy(settings: Settings, folder: Path) -> Settings:
    """The same installation once more."""
    shutil.copytree(settings.warehouse.parent, folder, symlinks=True)
    return Settings(warehouse=folder / "warehouse", landing=folder / "landing")


def kill_runs(kills: int, seed: int) -> dict[str, int]:
    """Kill runs at random times.

    Returns:
        How many were killed at work, and how many were followed by a fault.
    """
    random = Random(seed)
    with tempfile.TemporaryDirectory() as name:
        start = prepare(Path(name, "start"))
        calm = copy(start, Path(name, "calm"))
        began = time.monotonic()
        wait(fork(lambda: run(calm)))
        seconds = time.monotonic() - began
        expected = Path(name, "expected")
        wait(fork(lambda: expected.write_text(describe(calm))))
        counts = {"killed": 0, "faults": 0}
        for number in range(kills):
            settings = copy(start, Path(name, str(number)))
            child = fork(lambda s=settings: run(s))
            time.sleep(random.uniform(0, seconds))
            os.kill(child, signal.SIGKILL)
            counts["killed"] += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            found = Path(name, f"{number}.txt")

            def recover(settings: Settings = settings, found: Path = found) -> None:
                run(settings)
                found.write_text(describe(settings))

            is_good = is_whole(settings) and wait(fork(recover)) and is_whole(settings)
            if not is_good or found.read_text() != expected.read_text():
                counts["faults"] += 1
            shutil.rmtree(settings.warehouse.parent)
    return counts


def main() -> int:
    """Say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    counts = kill_runs(arguments.kills, arguments.seed)
    print(json.dumps(counts | {"seed": arguments.seed}))
    return int(counts["faults"] > 0)


if __name__ == "__main__":
    sys.exit(main())
