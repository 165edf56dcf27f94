"""A landing folder that changes under a run, and documents that take their reader down."""

import os
import shutil

import duckdb
import pytest

from dagster_project import landing, parsing
from dagster_project.collection import read_landed
from dagster_project.load import load_landing
from dagster_project.progress import Silent
from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse
from tests.faults.conservation import find_losses, find_lost_documents
from tests.faults.steps import DOCUMENTS, LIGHT, SAMPLE, copy_sample, describe
from tests.hostile import workers
from tests.hostile.test_workers import prepare_worker
from tests.packing import parquet_bytes, tar_bytes, zip_bytes


def load(settings, progress=None):
    with Warehouse(settings).write() as connection:
        return load_landing(connection, settings, progress or Silent())


def errors_of(settings):
    """Reasons of documents that were not read, by path."""
    with duckdb.connect(settings.database, read_only=True) as connection:
        return dict(
            connection.execute(
                "select path, issues.text from raw.issues "
                "inner join raw.document_locations using (document_id) where severity = 'error'"
            ).fetchall()
        )


class Meddler(Silent):
    """Does something to the landing folder once the first document was read."""

    def __init__(self, meddle):
        self.meddle = meddle

    def advance(self, count=1):
        self.meddle()
        self.meddle = lambda: None


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


CHANGES = {
    "cut off": cut,
    "emptied": lambda path: os.truncate(path, 0),
    "removed": lambda path: path.unlink(),
    "replaced": lambda path: shutil.copy(SAMPLE / DOCUMENTS[2], path),
    "made a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_before_it_is_read_is_read_as_it_then_was(empty, name):
    copy_sample(empty, 2)
    _, second = sorted(empty.landing.iterdir())
    began = landing.sign_folder(empty.landing)
    load(empty, Meddler(lambda: CHANGES[name](second)))
    if name == "removed" or name == "made a folder":
        assert second.name in errors_of(empty)
    else:
        assert find_lost_documents(empty) == []
    # The run is known by the folder that it began with: another one follows.
    assert landing.sign_folder(empty.landing) != began
    if second.is_dir():
        second.rmdir()
    shutil.copy(SAMPLE / second.name, second)
    load(empty)
    assert find_lost_documents(empty) == [] and errors_of(empty) == {}


def test_a_file_that_is_cut_off_while_it_is_read_gives_no_half_report(empty, monkeypatch):
    copy_sample(empty, 2)
    calm = Settings(warehouse=empty.warehouse.parent / "calm", landing=empty.landing)
    for step in LIGHT:
        step(calm)
    path = empty.landing / DOCUMENTS[0]
    looked = []
    state_of = landing.state_of

    def look_and_cut(asked):
        state = state_of(asked)
        if asked == path and not looked:
            looked.append(asked)
            cut(path)
        return state

    monkeypatch.setattr(landing, "state_of", look_and_cut)
    load(empty)
    assert "changed while it was read" in errors_of(empty)[path.name]
    with duckdb.connect(empty.database, read_only=True) as connection:
        assert connection.execute("select count(*) from raw.reports").fetchone() == (1,)
    assert find_lost_documents(empty) == []
    # Tried again although these bytes are known by now, and whole.
    shutil.copy(SAMPLE / path.name, path)
    for step in LIGHT:
        step(empty)
    assert describe(empty) == describe(calm)
    assert find_losses(empty, is_light=True) == []


CONTAINERS = {
    "a.zip": zip_bytes,
    "a.tar": tar_bytes,
    "a.jsonl": lambda members: b"".join(
        b'{"text": "%s"}\n' % data.replace(b"\n", b"\\n") for data in members.values()
    ),
    "a.parquet": lambda members: parquet_bytes(
        {"text": [data.decode() for data in members.values()]}
    ),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_that_is_cut_off_while_it_is_read_is_told(empty, name):
    text = (
        "青溪县人民政府{}年政府信息公开工作年度报告\n一、总体情况\n收到申请12件。\n"
        + "。" * 200_000
    )
    members = {f"{year}.txt": text.format(year).encode() for year in range(2010, 2020)}
    path = empty.landing / name
    path.write_bytes(CONTAINERS[name](members))
    whole = list(read_landed(empty, path))
    assert len(whole) == 10 and not any(file.problems for file in whole)
    found = []
    for file in read_landed(empty, path):
        if not found:
            cut(path)
        found.append(file)
    # What was read is as it was; that there may be more, and why, stands in the last.
    *documents, told = found
    assert {file.document_id for file in documents} <= {file.document_id for file in whole}
    assert told.is_container and "error" in {severity for _, severity, _ in told.problems}
    assert any("changed while it was read" in text for _, _, text in told.problems)


def test_documents_that_crash_or_hang_are_counted_with_the_others(published, monkeypatch):
    before = {
        name: rows for name, rows in describe(published).items() if name.endswith("marts.cells")
    }
    monkeypatch.setattr(parsing, "parse", workers.parse)
    monkeypatch.setattr(parsing, "_prepare_worker", prepare_worker)
    (published.landing / "hang.txt").write_bytes(b"hang")
    (published.landing / "crash.pdf").write_bytes(b"%PDF-crash")
    load(Settings(published.warehouse, published.landing, max_document_seconds=0.5))
    for step in LIGHT[1:]:
        step(published)
    assert set(errors_of(published)) == {"hang.txt", "crash.pdf"}
    monkeypatch.undo()
    assert find_losses(published, is_light=True) == []
    after = describe(published)
    assert {name: after[name] for name in before} == before
