"""An installation to break: its landed documents, the steps of a run, what is there afterwards.

What breaks them stands in ``killing``, ``breaking`` and the tests. ``LIGHT`` replaces dbt by one
mart, and leaves out the checks: a run takes half a second.
"""

import json
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path

import duckdb

from dagster_project.files import hash_file
from dagster_project.load import current_reader, load_landing
from dagster_project.progress import Silent
from dagster_project.publish import publish
from dagster_project.settings import PROJECT, Settings
from dagster_project.warehouse import Warehouse
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
                """
                select schema_name, table_name from duckdb_tables()
                -- How raw rows are kept goes by numbers of one warehouse: what they tell does not.
                where not internal and schema_name != 'stored'
                union all
                select schema_name, view_name from duckdb_views() where schema_name = 'raw'
                order by all
                """
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


def run_command(settings: Settings) -> tuple[bool, str]:
    """``gongkai build`` in a child, which need not import what this process has; what it told."""
    with tempfile.TemporaryFile("w+") as told:

        def build() -> None:
            from filelock import FileLock

            from dagster_project import dbt_runner
            from dagster_project.commands.build import run_build

            os.dup2(told.fileno(), 1)
            os.dup2(told.fileno(), 2)
            os.environ |= name_folders(settings)
            # A lock is its process's own.
            dbt_runner._PARSING = FileLock(dbt_runner.TARGET / "parse.lock")
            run_build()

        is_good = wait(fork(build))
        told.seek(0)
        return is_good, told.read()


def name_folders(settings: Settings) -> dict[str, str]:
    """The installation as an environment names it."""
    return {
        "GONGKAI_WAREHOUSE": str(settings.warehouse),
        "GONGKAI_LANDING": str(settings.landing),
        # No line of a message is broken.
        "COLUMNS": "1000",
    }


def copy(settings: Settings, folder: Path) -> Settings:
    """The same installation once more."""
    shutil.copytree(settings.warehouse.parent, folder, symlinks=True, dirs_exist_ok=True)
    return Settings(warehouse=folder / "warehouse", landing=folder / "landing")
