"""Landing folder → raw tables: only what changed, nothing lost, and no bad file stops another."""

import json
import os
from dataclasses import replace

import pytest

from dagster_project import load, parsing
from dagster_project.settings import Settings
from dagster_project.store import Changes
from dagster_project.warehouse import Warehouse, WarehouseUnavailable
from tests.landing import land, rows

GOOD = "pingtan_2019.txt"


def snapshot(settings: Settings) -> dict[str, list[tuple]]:
    tables = "documents document_locations reports sections cells claims tasks issues passages"
    return {name: rows(settings, f"from raw.{name} order by all") for name in tables.split()}


def test_a_second_load_parses_nothing_and_changes_nothing(empty, sample_file):
    (empty.landing / "a.txt").write_bytes(sample_file(GOOD))
    assert land(empty) == Changes(landed=1, parsed=1, unchanged=0, removed=())
    before = snapshot(empty)
    assert land(empty) == Changes(landed=1, parsed=0, unchanged=1, removed=())
    assert snapshot(empty) == before


def test_a_changed_document_is_parsed_again_and_the_old_one_leaves(empty, sample_file):
    (empty.landing / "a.txt").write_bytes(sample_file(GOOD))
    (empty.landing / "b.txt").write_bytes(sample_file("liandu_2020.txt"))
    land(empty)
    (empty.landing / "a.txt").write_bytes(sample_file("liangping_2021.txt"))
    changes = land(empty)
    assert (changes.landed, changes.parsed, changes.unchanged) == (2, 1, 1)
    assert rows(empty, "select report_year from raw.reports order by all") == [(2020,), (2021,)]


@pytest.mark.parametrize(
    ("pattern", "parsed"),
    [("first/a.txt", 1), ("first/*", 1), ("*", 2), ("elsewhere/*", 0), ("", 0)],
)
def test_unchanged_documents_are_read_again_on_demand(empty, sample_file, pattern, parsed):
    for path, name in (("first/a.txt", GOOD), ("second/b.txt", "liandu_2020.txt")):
        (empty.landing / path).parent.mkdir()
        (empty.landing / path).write_bytes(sample_file(name))
    land(empty)
    before = snapshot(empty)
    assert land(empty, pattern) == Changes(2, parsed, 2 - parsed, ())
    assert snapshot(empty) == before


def test_a_removed_file_leaves_every_table_and_is_reported(empty, sample_file):
    (empty.landing / "a.txt").write_bytes(sample_file(GOOD))
    (empty.landing / "b.txt").write_bytes(sample_file("liandu_2020.txt"))
    land(empty)
    (empty.landing / "a.txt").unlink()
    assert land(empty).removed == ("a.txt",)
    left = snapshot(empty)
    (document,) = left["documents"]
    assert all(row[0] == document[0] for table in left.values() for row in table)


def test_the_same_bytes_under_two_names_are_one_document_in_two_places(empty, sample_file):
    (empty.landing / "first").mkdir()
    (empty.landing / "second").mkdir()
    (empty.landing / "first" / "a.txt").write_bytes(sample_file(GOOD))
    (empty.landing / "second" / "b.txt").write_bytes(sample_file(GOOD))
    assert land(empty).parsed == 1
    assert rows(empty, "select count(*) from raw.reports") == [(1,)]
    places = rows(empty, "select collection, document from raw.document_locations order by all")
    assert places == [("first", "a.txt"), ("second", "b.txt")]
    (empty.landing / "first" / "a.txt").unlink()
    assert land(empty).removed == ()


def test_another_parser_reads_everything_again(empty, sample_file, monkeypatch):
    (empty.landing / "a.txt").write_bytes(sample_file(GOOD))
    land(empty)
    monkeypatch.setattr(load, "PARSER_VERSION", "another")
    assert land(empty).parsed == 1


def test_another_dictionary_reads_everything_again(empty, sample_file, monkeypatch):
    (empty.landing / "a.txt").write_bytes(sample_file(GOOD))
    land(empty)
    monkeypatch.setattr(load, "hash_dictionary", lambda: "another")
    assert land(empty).parsed == 1


def test_bad_files_are_issues_and_stop_nobody(empty, sample_file, monkeypatch):
    settings = replace(empty, max_file_bytes=1024 * 1024)
    files = {
        "empty.txt": b"",
        "blank.txt": b" \r\n\t",
        "binary.txt": bytes(range(256)) * 64,
        "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "broken.txt": b"\xff\xff\xfe\xfa" * 100,
        "too_large.txt": b"1" * (1024 * 1024 + 1),
        "vanishing.txt": b"x",
        "good.txt": sample_file(GOOD),
    }
    for name, data in files.items():
        (settings.landing / name).write_bytes(data)
    (settings.landing / "dangling.txt").symlink_to("nowhere")
    real_list = load.list_files

    def list_and_lose(landing):
        found = real_list(landing)
        (landing / "vanishing.txt").unlink()
        return found

    monkeypatch.setattr(load, "list_files", list_and_lose)
    land(settings)
    reasons = dict(
        rows(
            settings,
            """
            select document, min(issue_code) from raw.issues
            inner join raw.document_locations using (document_id)
            where severity = 'error' group by all
            """,
        )
    )
    assert set(reasons) == {*files, "dangling.txt"} - {"good.txt"}
    assert reasons["too_large.txt"] == "landing_file_too_large"
    assert reasons["vanishing.txt"] == "landing_file_vanished"
    assert rows(settings, "select report_year from raw.reports") == [(2019,)]
    status = dict(rows(settings, "select status, count(*) from raw.documents group by all"))
    assert status == {"parsed": 1, "unusable": 8}


def test_a_fault_of_the_parser_concerns_one_document(empty, sample_file, monkeypatch):
    (empty.landing / "a.txt").write_bytes(b"poison")
    (empty.landing / "b.txt").write_bytes(sample_file(GOOD))
    real_parse = parsing.parse

    def parse_or_fail(data, *rest):
        if data == b"poison":
            raise RuntimeError("no such luck")
        return real_parse(data, *rest)

    monkeypatch.setattr(parsing, "parse", parse_or_fail)
    land(empty)
    assert rows(empty, "select issue_code from raw.issues where severity = 'error'") == [
        ("parser_failed",)
    ]
    assert rows(empty, "select report_year from raw.reports") == [(2019,)]


def test_a_load_that_dies_leaves_the_previous_state(empty, sample_file, monkeypatch):
    (empty.landing / "a.txt").write_bytes(sample_file(GOOD))
    land(empty)
    before = snapshot(empty)
    (empty.landing / "b.txt").write_bytes(sample_file("liandu_2020.txt"))

    def die(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("dagster_project.store.RawStore.replace_locations", die)
    with pytest.raises(KeyboardInterrupt):
        land(empty)
    assert snapshot(empty) == before


def test_a_large_load_that_dies_goes_on_where_it_was(empty, sample_file, tmp_path, monkeypatch):
    small_steps = replace(empty, batch_documents=1, kept_documents=1)
    for name in (GOOD, "liandu_2020.txt", "weiyuan_2018_work_plan.txt"):
        (empty.landing / name).write_bytes(sample_file(name))
    add, added = load.RawStore.add, []

    def add_one_and_die(store, frames):
        if added:
            raise KeyboardInterrupt
        added.append(add(store, frames))

    with monkeypatch.context() as patch:
        patch.setattr(parsing, "_CHUNK", 1)
        patch.setattr(load.RawStore, "add", add_one_and_die)
        with pytest.raises(KeyboardInterrupt):
            land(small_steps)
    assert rows(empty, "select count(*) from raw.documents") == [(1,)]
    assert land(small_steps) == Changes(landed=3, parsed=2, unchanged=1, removed=())

    undisturbed = replace(empty, warehouse=tmp_path / "undisturbed")
    land(undisturbed)
    assert snapshot(empty) == snapshot(undisturbed)


def test_what_is_read_again_is_replaced_at_once(empty, sample_file, monkeypatch):
    for name in (GOOD, "liandu_2020.txt"):
        (empty.landing / name).write_bytes(sample_file(name))
    land(empty)
    before = snapshot(empty)
    small_steps = replace(empty, batch_documents=1, kept_documents=1)
    monkeypatch.setattr(load.RawStore, "replace_locations", lambda *arguments: 1 / 0)
    for change in ("*", ""):
        if not change:
            monkeypatch.setattr(load, "hash_dictionary", lambda: "another")
        with pytest.raises(ZeroDivisionError):
            land(small_steps, read_again=change)
        assert snapshot(empty) == before


def test_several_processes_read_the_same_as_one(empty, sample_file, tmp_path):
    for name in (GOOD, "liandu_2020.txt", "weiyuan_2018_work_plan.txt"):
        (empty.landing / name).write_bytes(sample_file(name))
    land(empty)
    several = replace(empty, warehouse=tmp_path / "several", pool_threshold=0)
    land(several)
    assert snapshot(several) == snapshot(empty)


def test_a_sidecar_gives_the_origin_and_a_broken_one_is_a_warning(empty, sample_file):
    (empty.landing / "a.txt").write_bytes(sample_file(GOOD))
    origin = {"source_url": "https://example.org/1", "published_date": "2020-01-31"}
    (empty.landing / "a.txt.meta.json").write_text(json.dumps(origin))
    (empty.landing / "b.txt").write_bytes(sample_file("liandu_2020.txt"))
    (empty.landing / "b.txt.meta.json").write_text("[1, 2")
    land(empty)
    found = rows(
        empty,
        "select source_url, retrieved_at, published_date from raw.document_locations order by document",
    )
    assert found == [("https://example.org/1", "", "2020-01-31"), ("", "", "")]
    query = "select severity from raw.issues where issue_code = 'landing_sidecar_unreadable'"
    assert rows(empty, query) == [("warning",)]
    # Found anew at each load, and never twice.
    assert land(empty).parsed == 0
    assert rows(empty, query) == [("warning",)]


def test_names_that_are_no_text_are_loaded(empty, sample_file):
    path = os.fsencode(empty.landing) + b"/\xc6\xbd\xcc\xb6.txt"
    with open(path, "wb") as handle:
        handle.write(sample_file(GOOD))
    assert land(empty).parsed == 1


def test_a_warehouse_in_use_is_told_in_plain_words(empty, sample_file):
    (empty.landing / "a.txt").write_bytes(sample_file(GOOD))
    land(empty)
    with (
        pytest.raises(WarehouseUnavailable, match=r"gongkai build"),
        Warehouse(replace(empty, warehouse=empty.landing)).read(),
    ):
        pass
