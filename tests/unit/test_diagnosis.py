"""What `gongkai doctor` says of installations that something is wrong with."""

import json
import os
from collections import namedtuple
from datetime import datetime, timedelta

import duckdb
import pytest

from dagster_project import diagnosis
from dagster_project.diagnosis import Grade, diagnose
from dagster_project.files import hash_file
from dagster_project.landing import sign_folder
from dagster_project.load import current_reader
from dagster_project.publish import hash_content, list_tables, switch_current
from dagster_project.upgrade import upgrade

NOW = datetime(2026, 11, 23)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def healthy(empty, monkeypatch):
    """An installation with nothing wrong: loaded, published, room enough."""
    monkeypatch.setattr(diagnosis.shutil, "disk_usage", lambda _: Usage(0, 0, 10**13))
    monkeypatch.setattr("dagster_project.dependencies.compare_with_lock", lambda *_: [])
    empty.warehouse.mkdir()
    empty.landing_signature.write_text(sign_folder(empty.landing))
    reader = current_reader()
    with duckdb.connect(empty.database) as connection:
        upgrade(connection)
        connection.execute("create table raw.reader (parser_version text, dictionary_hash text)")
        stored = [reader.parser_version, reader.dictionary_hash]
        connection.execute("insert into raw.reader values (?, ?)", stored)
        connection.execute("create schema marts")
        connection.execute("create table marts.t as select 1 as n")
        content = hash_content(connection, list_tables(connection), reader)
    folder = empty.published / "2026.11.22.1"
    folder.mkdir(parents=True)
    (folder / "t.csv").write_text("n\n1\n")
    files = {"t.csv": {"sha256": hash_file(folder / "t.csv"), "bytes": 4}}
    manifest = {"version": folder.name, "content_sha256": content, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    os.utime(folder / "manifest.json", (NOW.timestamp(),) * 2)
    switch_current(empty.published, folder.name)
    return empty


def told(settings):
    return [
        (finding.grade, finding.subject, finding.text)
        for finding in diagnose(settings, NOW)
        if finding.grade is not Grade.ok
    ]


def change(settings, sql):
    with duckdb.connect(settings.database) as connection:
        connection.execute(sql)


def test_nothing_is_said_of_a_healthy_installation(healthy):
    assert told(healthy) == []


FAULTS = {
    "no landing": (lambda s: s.landing.rmdir(), Grade.error, "landing", "no landing folder"),
    "new file": (lambda s: (s.landing / "a").touch(), Grade.warning, "landing", "gongkai build"),
    "unfinished": (
        lambda s: s.unfinished_signature.touch(), Grade.warning, "landing", "did not come to its end",
    ),
    "no warehouse": (lambda s: s.database.unlink(), Grade.warning, "warehouse", "no warehouse"),
    "damaged": (
        lambda s: s.database.write_bytes(os.urandom(9000)), Grade.error, "warehouse", "damaged",
    ),
    "other parser": (
        lambda s: change(s, "update raw.reader set parser_version = 'x'"),
        Grade.warning, "warehouse", "another parser",
    ),
    "other dictionary": (
        lambda s: change(s, "update raw.reader set dictionary_hash = 'x'"),
        Grade.warning, "warehouse", "dictionary",
    ),
    "older": (
        lambda s: change(s, "drop table raw.warehouse"), Grade.warning, "warehouse", "makes it anew",
    ),
    "newer": (
        lambda s: change(s, "update raw.warehouse set version = 99"),
        Grade.error, "warehouse", "later version",
    ),
    "unpublished": (
        lambda s: change(s, "insert into marts.t values (2)"), Grade.warning, "release", "not what",
    ),
    "no release": (
        lambda s: s.current_release.unlink(), Grade.warning, "release", "no current release",
    ),
    "missing file": (
        lambda s: (s.current_release / "t.csv").unlink(), Grade.error, "release", "is missing",
    ),
    "changed file": (
        lambda s: (s.current_release / "t.csv").write_text("n\n2\n"), Grade.error, "release", "changed",
    ),
    "no manifest": (
        lambda s: (s.current_release / "manifest.json").unlink(), Grade.error, "release", "manifest",
    ),
    "left over": (
        lambda s: (s.published / ".1.partial").mkdir(), Grade.warning, "release", "run that died",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_told_with_its_remedy(healthy, name):
    spoil, grade, subject, words = FAULTS[name]
    spoil(healthy)
    found = [finding for finding in told(healthy) if finding[:2] == (grade, subject)]
    assert any(words in text for _, _, text in found), told(healthy)


def test_a_stale_release_and_a_full_disk_are_told(healthy, monkeypatch):
    monkeypatch.setattr(diagnosis.shutil, "disk_usage", lambda _: Usage(0, 0, 1000))
    found = diagnose(healthy, NOW + timedelta(days=500))
    texts = [finding.text for finding in found if finding.grade is not Grade.ok]
    assert any("500 days old" in text for text in texts)
    assert any("1,000 bytes are free" in text for text in texts)


def test_packages_that_are_not_as_locked_are_told(healthy, monkeypatch):
    sentence = "duckdb is 2; the lock has 1."
    monkeypatch.setattr("dagster_project.dependencies.compare_with_lock", lambda *_: [sentence])
    ((grade, subject, text),) = told(healthy)
    assert (grade, subject) == (Grade.warning, "packages") and sentence in text
