"""Runs that meet: each other, a reader, what a killed one left in Dagster's books."""

import os
import subprocess
import sys
from datetime import date

import dagster as dg
import duckdb
import pytest

from dagster_project import run_lock
from dagster_project.backup import write_backup
from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.definitions import build_defs, make_run_lock
from dagster_project.jobs import landing_folder
from dagster_project.load import current_reader
from dagster_project.notices import describe_failures
from dagster_project.publish import publish
from dagster_project.run_lock import RunUnderWay, end_dead_runs, hold, is_held
from dagster_project.settings import PROJECT
from dagster_project.warehouse import Warehouse
from tests.faults.conservation import find_losses
from tests.faults.steps import LIGHT, copy_sample, describe

HOLDER = """
import sys
from pathlib import Path
from dagster_project.run_lock import hold
from dagster_project.settings import Settings
with hold(Settings(warehouse=Path(sys.argv[1]), landing=Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_run(empty):
    """A process that has a run under way in the same installation."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(empty.warehouse)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_run_is_refused_in_words_and_changes_nothing(empty, other_run, monkeypatch):
    monkeypatch.setattr(run_lock, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setitem(os.environ, "DAGSTER_HOME", str(prepare_dagster_home(empty)))
    job = build_defs(empty).resolve_job_def("everything")
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    assert not result.success
    (reason,) = describe_failures(result.all_events)
    assert "Another run" in reason and "Wait until it is done" in reason
    assert not empty.database.exists() and not empty.published.exists()


def test_the_run_that_was_first_is_not_disturbed_by_the_second(empty, monkeypatch):
    copy_sample(empty, 2)
    with hold(empty):
        LIGHT[0](empty)
        with pytest.raises(RunUnderWay), hold(empty, 0):
            LIGHT[0](empty)
        for step in LIGHT[1:]:
            step(empty)
    assert find_losses(empty, is_light=True) == []


def test_a_backup_waits_for_the_run_too(empty, other_run, monkeypatch):
    monkeypatch.setattr(run_lock, "PATIENCE_SECONDS", 0.1)
    with pytest.raises(RunUnderWay):
        write_backup(empty, empty.warehouse / "backup.tar")
    assert not (empty.warehouse / "backup.tar").exists()


def test_the_lock_goes_with_the_process_that_held_it(empty, other_run):
    assert is_held(empty)
    other_run.kill()
    other_run.wait()
    assert not is_held(empty)
    with hold(empty, 0):
        assert is_held(empty)


@pytest.fixture
def dead_run(empty, monkeypatch):
    """An instance in whose books a run was started that nobody works on."""
    monkeypatch.setattr(run_lock, "_BEGINNING_SECONDS", -1.0)

    @dg.job
    def everything():
        pass

    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(everything)
        instance.report_dagster_event(
            dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, "everything"), run.run_id
        )
        assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.STARTED
        yield instance, run.run_id


def test_a_killed_run_does_not_keep_others_waiting_for_ever(empty, dead_run):
    instance, run_id = dead_run
    assert end_dead_runs(instance, empty) == 1
    assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.FAILURE
    assert end_dead_runs(instance, empty) == 0


def test_a_run_that_is_at_work_is_not_called_dead(empty, dead_run, other_run):
    instance, run_id = dead_run
    assert end_dead_runs(instance, empty) == 0
    assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.STARTED


def test_the_sensor_starts_nothing_while_a_run_is_at_work(empty, other_run):
    (empty.landing / "new.txt").write_text("x")

    def look():
        resources = {"warehouse": Warehouse(empty)}
        with (
            dg.DagsterInstance.ephemeral() as instance,
            dg.build_sensor_context(instance=instance, resources=resources) as context,
        ):
            return [type(answer) for answer in landing_folder(context)]

    assert look() == [dg.SkipReason]
    other_run.kill()
    other_run.wait()
    assert look() == [dg.RunRequest]


def test_a_run_holds_the_lock_from_its_first_step_to_its_last(empty):
    held = []

    @dg.op(required_resource_keys={"run_lock"})
    def first():
        held.append(is_held(empty))
        return 1

    @dg.op(required_resource_keys={"run_lock"})
    def second(one):
        held.append(is_held(empty))

    @dg.job(resource_defs={"run_lock": make_run_lock(empty)})
    def job():
        second(first())

    assert job.execute_in_process().success
    assert held == [True, True] and not is_held(empty)


def test_a_reader_of_the_release_is_not_disturbed_by_a_whole_run(published):
    first = published.current_release.resolve()
    with duckdb.connect(first / "gongkai.duckdb", read_only=True) as reader:
        before = reader.execute("from marts.cells order by all").fetchall()
        copy_sample(published, 2)
        for step in LIGHT:
            step(published)
        assert published.current_release.resolve() != first
        assert reader.execute("from marts.cells order by all").fetchall() == before
    assert find_losses(published, is_light=True) == []


def test_a_reader_of_the_warehouse_is_told_of_in_words(published):
    before = describe(published)
    command = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); "
        "print(1, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", command, str(published.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        assert reader.stdout.readline() == b"1\n"
        with pytest.raises(RuntimeError, match="in use by another run or program"):
            LIGHT[0](published)
        reader.kill()
    assert describe(published) == before
    assert find_losses(published, is_light=True) == []


def test_a_clock_set_back_makes_no_release_older_than_the_one_before(published):
    first = published.current_release.resolve().name
    copy_sample(published, 2)
    for step in LIGHT[:-1]:
        step(published)
    release = publish(published.database, published.published, current_reader(), date(2001, 1, 1))
    versions = [tuple(map(int, v.split("."))) for v in (first, release.version)]
    assert versions[0] < versions[1]
    assert published.current_release.resolve() == release.folder
    assert find_losses(published, is_light=True) == []
    with duckdb.connect(release.folder / "gongkai.duckdb", read_only=True) as connection:
        assert connection.execute("select previous_version from reporting.release").fetchone() == (
            first,
        )
