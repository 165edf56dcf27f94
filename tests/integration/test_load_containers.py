"""Containers in the landing folder → raw tables, with the origin of each document and what was refused."""

import json

import pytest

from dagster_project.landing import LandedFile
from dagster_project.settings import Settings, read_settings
from dagster_project.store import Changes
from tests.landing import land, rows
from tests.packing import HTML, chunked, parquet_bytes, tar_bytes, warc_bytes, zip_bytes


def test_documents_of_every_container_arrive_with_their_origin(empty, sample_file):
    data = sample_file("liangping_2021.txt")
    others = [sample_file(name) for name in ("pingtan_2019.txt", "liandu_2020.txt")]
    folder = empty.landing / "mine"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zip_bytes({"梁平.txt": data}))
    (folder / "a.zip.meta.json").write_text(json.dumps({"source_url": "http://zip"}))
    (folder / "b.tar.gz").write_bytes(tar_bytes({"x/b.txt": others[0]}, "w:gz"))
    (folder / "c.parquet").write_bytes(
        parquet_bytes({"text": ["天气", others[1].decode()], "url": ["http://no", "http://yes"]})
    )
    chunks = [("Content-Type", HTML), ("Transfer-Encoding", "chunked")]
    (folder / "d.warc.gz").write_bytes(warc_bytes([("http://a/d", chunks, chunked(data + b"\n"))]))
    assert land(empty) == Changes(landed=4, parsed=4, unchanged=0, removed=())
    located = rows(
        empty,
        """
        select document, collection, path, source_url, retrieved_at, status
        from raw.document_locations inner join raw.documents using (document_id) order by path
        """,
    )
    assert located == [
        ("梁平.txt", "mine", "mine/a.zip!/梁平.txt", "http://zip", "", "parsed"),
        ("b.txt", "mine", "mine/b.tar.gz!/x/b.txt", "", "", "parsed"),
        ("c.parquet!/2", "mine", "mine/c.parquet!/2", "http://yes", "", "parsed"),
        (
            "d.warc.gz!/2",
            "mine",
            "mine/d.warc.gz!/2",
            "http://a/d",
            "2021-02-03T04:05:06Z",
            "parsed",
        ),
    ]
    assert rows(empty, "select distinct report_year from raw.reports order by all") == [
        (2019,), (2020,), (2021,),
    ]  # fmt: skip
    assert land(empty) == Changes(landed=4, parsed=0, unchanged=4, removed=())


def test_what_is_refused_in_a_container_is_an_issue_and_no_document(empty, sample_file):
    data = sample_file("liandu_2020.txt")
    (empty.landing / "a.zip").write_bytes(zip_bytes({"../evil.txt": b"1", "a.txt": data}))
    (empty.landing / "b.tar").write_bytes(b"no archive at all")
    for parsed in (1, 0):
        assert land(empty) == Changes(1, parsed, 1 - parsed, ())
        told = rows(
            empty,
            """
            select path, issue_code, severity from raw.issues
            inner join raw.document_locations using (document_id)
            where starts_with(issue_code, 'landing_') order by all
            """,
        )
        assert told == [
            ("a.zip", "landing_member_name_unsafe", "error"),
            ("b.tar", "landing_container_damaged", "error"),
        ]
        assert rows(empty, "select count(*) from raw.documents") == [(1,)]


def test_one_document_in_several_places_is_read_once(empty, sample_file):
    data = sample_file("liandu_2020.txt")
    (empty.landing / "a.txt").write_bytes(data)
    (empty.landing / "a.zip").write_bytes(zip_bytes({"a.txt": data, "b.txt": data}))
    twice = tar_bytes({"same.txt": data}).rstrip(b"\x00")
    twice += b"\x00" * (-len(twice) % 512)
    (empty.landing / "a.tar").write_bytes(twice + tar_bytes({"same.txt": data}))
    assert land(empty) == Changes(landed=1, parsed=1, unchanged=0, removed=())
    assert rows(empty, "select path from raw.document_locations order by all") == [
        ("a.tar!/same.txt",), ("a.txt",), ("a.zip!/a.txt",), ("a.zip!/b.txt",),
    ]  # fmt: skip


def test_a_document_whose_container_is_gone_leaves(empty, sample_file):
    (empty.landing / "a.zip").write_bytes(zip_bytes({"a.txt": sample_file("liandu_2020.txt")}))
    land(empty)
    (empty.landing / "a.zip").unlink()
    assert land(empty) == Changes(0, 0, 0, ("a.zip!/a.txt",))


def test_settings_of_containers_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    assert read_settings().relevant_terms == Settings().relevant_terms
    monkeypatch.setenv("GONGKAI_RELEVANT_TERMS", "年报, 公开")
    monkeypatch.setenv("GONGKAI_TEXT_COLUMN", "正文")
    monkeypatch.setenv("GONGKAI_MAX_UNPACKED_MIB", "2")
    settings = read_settings()
    assert settings.relevant_terms == ("年报", "公开")
    assert (settings.text_column, settings.max_unpacked_bytes) == ("正文", 2 * 1024 * 1024)
    monkeypatch.setenv("GONGKAI_RELEVANT_TERMS", "")
    assert read_settings().relevant_terms == ()


def test_a_row_is_named_after_its_corpus_and_a_member_after_itself():
    for path, document in (
        ("x/a.parquet!/17", "a.parquet!/17"),
        ("a.jsonl!/17", "a.jsonl!/17"),
        ("x/a.zip!/b/17", "17"),
        ("x/17", "17"),
    ):
        assert LandedFile("id", path, 0).location[1] == document
