"""Rows of corpora become documents; rows that do not are told or counted."""

import gzip
import json
import tracemalloc
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from dagster_project.containers import (
    ContainedDocument,
    ContainerSettings,
    is_container,
    open_container,
)
from dagster_project.containers.relevance import is_relevant
from tests.packing import MEBIBYTE, OTHER, PAGE, REPORT, codes, parquet_bytes, unpack, write

# --- corpora ---


def test_parquet_gives_a_document_per_row(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": ["r1", "r2", "r3", "r4"],
            "url": ["http://a/1", "http://a/2", None, "http://a/4"],
            "date": ["2021-01-20", "2021-05-01T03:04:05Z", None, None],
            "title": ["甲县年报", None, None, None],
            "text": [REPORT, REPORT + "2", OTHER, None],
        }
    )
    path = tmp_path / "corpus.parquet"
    frame.write_parquet(path)
    assert is_container(path)
    documents, problems = unpack(path)
    assert [(d.path, d.data.decode()) for d in documents] == [
        ("corpus.parquet!/1", "甲县年报\n" + REPORT),
        ("corpus.parquet!/2", REPORT + "2"),
    ]
    assert documents[0].origin == {
        "source_url": "http://a/1",
        "published_date": "2021-01-20",
        "title": "甲县年报",
        "id": "r1",
    }
    assert documents[1].origin["retrieved_at"] == "2021-05-01T03:04:05Z"
    assert "published_date" not in documents[1].origin
    assert codes(problems) == ["row_without_text", "records_skipped"]
    assert "corpus.parquet!/4" in problems[0].text
    assert ": 1 skipped" in problems[1].text


@pytest.mark.parametrize("column", ["text", "Content", "raw_content", "body", "html"])
def test_the_text_column_is_known_by_its_name(tmp_path: Path, column: str) -> None:
    path = write(tmp_path / "a.parquet", parquet_bytes({"n": [1], column: [REPORT]}))
    assert [d.data for d in unpack(path)[0]] == [REPORT.encode()]
    path = write(tmp_path / "a.jsonl", json.dumps({"n": 1, column: REPORT}).encode())
    assert [d.data for d in unpack(path)[0]] == [REPORT.encode()]


def test_a_page_is_better_than_its_text(tmp_path: Path) -> None:
    columns = {"text": [REPORT, REPORT], "html": [PAGE, None]}
    documents, _ = unpack(write(tmp_path / "a.parquet", parquet_bytes(columns)))
    assert [d.data.decode() for d in documents] == [PAGE, REPORT]


def test_the_text_column_may_be_named(tmp_path: Path) -> None:
    settings = ContainerSettings(text_column="正文")
    data = parquet_bytes({"正文": [REPORT], "text": ["信息公开"]})
    documents, _ = unpack(write(tmp_path / "a.parquet", data), settings)
    assert [d.data for d in documents] == [REPORT.encode()]
    data = json.dumps({"正文": REPORT, "text": "信息公开"}).encode()
    documents, _ = unpack(write(tmp_path / "a.jsonl", data), settings)
    assert [d.data for d in documents] == [REPORT.encode()]


def test_a_parquet_file_without_text_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", parquet_bytes({"n": [1], "text": [2]}))
    documents, problems = unpack(path)
    assert documents == []
    assert codes(problems) == ["corpus_without_text"]


def test_values_of_a_corpus_may_be_bytes_dictionaries_and_times(tmp_path: Path) -> None:
    columns = {
        "content": pa.array([REPORT.encode("gbk")] * 3, pa.binary()),
        "url": pa.array(["u"] * 3).dictionary_encode(),
        "timestamp": pa.array([datetime(2021, 2, 3)] * 3, pa.timestamp("us")),
        "meta": pa.array([{"published_date": "2021-01-20"}] * 3),
    }
    data = parquet_bytes(columns, row_group_size=2)
    documents, problems = unpack(write(tmp_path / "a.parquet", data))
    assert problems == []
    assert [d.path.rsplit("/", 1)[-1] for d in documents] == ["1", "2", "3"]
    assert documents[0].data == REPORT.encode("gbk")
    assert documents[0].origin == {
        "source_url": "u",
        "retrieved_at": "2021-02-03T00:00:00",
        "published_date": "2021-01-20",
    }


def test_a_long_text_repeated_by_dictionary_takes_the_memory_of_one(tmp_path: Path) -> None:
    text = (REPORT * 40_000).encode()
    text = text[: 2 * MEBIBYTE].decode("utf-8", "ignore")
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 100, pa.int32()), pa.array([text]))
    path = write(tmp_path / "a.parquet", parquet_bytes({"text": column}, compression="none"))
    assert path.stat().st_size < 3 * MEBIBYTE
    tracemalloc.start()
    count = sum(isinstance(found, ContainedDocument) for found in open_container(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100
    assert peak < 20 * MEBIBYTE
    settings = ContainerSettings(free_bytes=MEBIBYTE, max_ratio=20)
    documents, problems = unpack(path, settings)
    assert len(documents) < 100
    assert codes(problems) == ["container_too_large"]
    packed = write(tmp_path / "b.parquet", parquet_bytes({"text": column}, compression="zstd"))
    documents, problems = unpack(packed, settings)
    assert documents == []
    assert codes(problems) == ["row_group_unreadable"]


def test_lines_of_json_give_documents_and_bad_lines_are_told(tmp_path: Path) -> None:
    lines = [
        b"\xef\xbb\xbf"
        + json.dumps({"text": REPORT, "url": "u", "timestamp": 1611100800}).encode(),
        b"",
        json.dumps({"content": REPORT, "meta": {"url": "v"}}, ensure_ascii=False).encode("gbk"),
        b'{"text": "' + "信息公开".encode(),
        b'["text"]',
        b'{"text": 5, "note": "' + "信息公开".encode() + b'"}',
        b'{"a":' * 100_000 + "信息公开".encode() + b"}" * 100_000,
        json.dumps({"text": OTHER}).encode(),
        json.dumps({"text": "信息公开" + "长" * 3000}).encode(),
        b'{"text": "' + "信息公开".encode() + b'\\ud800"}',
    ]
    for name, pack in (
        ("a.jsonl", bytes),
        ("a.jsonl.gz", gzip.compress),
        ("a.json.gz", gzip.compress),
    ):
        packed = pack(b"\n".join(lines[1:] if "json." in name else lines))
        documents, problems = unpack(
            write(tmp_path / name, packed), ContainerSettings(max_row_bytes=1_000_000)
        )
        if name == "a.json.gz":
            # The name alone does not make it a corpus, and its first line is empty.
            assert len(documents) == 1
            continue
        assert [d.path for d in documents] == [f"{name}!/{n}" for n in (1, 3, 9, 10)]
        assert documents[0].data.decode() == REPORT
        assert documents[0].origin == {
            "source_url": "u",
            "retrieved_at": "2021-01-20T00:00:00+00:00",
        }
        assert documents[1].origin == {"source_url": "v"}
        told = list(zip(codes(problems), (p.text.split(":")[0] for p in problems), strict=True))
        assert told == [
            ("row_unreadable", f"{name}!/4"),
            ("row_unreadable", f"{name}!/5"),
            ("row_without_text", f"{name}!/6"),
            ("row_unreadable", f"{name}!/7"),
            ("records_skipped", name),
        ]


def test_corpora_named_json_are_known_by_their_first_line(tmp_path: Path) -> None:
    data = (json.dumps({"text": REPORT}) + "\n").encode() * 2
    assert len(unpack(write(tmp_path / "c4.json.gz", gzip.compress(data)))[0]) == 2


def test_a_line_too_long_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    line = json.dumps({"text": REPORT}).encode()
    long = json.dumps({"text": REPORT * 500}).encode()
    path = write(tmp_path / "a.jsonl", b"\n".join([long, line, long]))
    documents, problems = unpack(path, ContainerSettings(max_row_bytes=5_000))
    assert [d.path for d in documents] == ["a.jsonl!/2"]
    assert codes(problems) == ["row_too_large"] * 2


def test_the_number_of_rows_is_bounded(tmp_path: Path) -> None:
    path = write(tmp_path / "b.jsonl", (json.dumps({"text": REPORT}) + "\n").encode() * 50)
    documents, problems = unpack(path, ContainerSettings(max_records=10))
    assert len(documents) == 10
    assert codes(problems) == ["container_too_large"]


# --- relevance ---


@pytest.mark.parametrize("term", ["信息公开", "信息公開", "資訊公開"])
def test_relevance_is_seen_in_every_encoding(term: str) -> None:
    terms = ContainerSettings().relevant_terms
    text = f"某县 2020 年政府{term}年报\n"
    for encoding in ("utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be"):
        assert is_relevant(text.encode(encoding), terms)
    if term != "信息公开":
        assert is_relevant(f"某縣{term}".encode("big5"), terms)
    assert is_relevant(json.dumps(text).encode(), terms)
    assert is_relevant("".join(f"&#{ord(c)};" for c in text).encode(), terms)
    assert is_relevant("".join(f"&#x{ord(c):X};" for c in text).encode(), terms)


def test_relevance_keeps_what_it_cannot_see_into_and_all_without_terms() -> None:
    terms = ContainerSettings().relevant_terms
    assert not is_relevant(OTHER.encode(), terms)
    assert not is_relevant(b"", terms)
    assert is_relevant(b"%PDF-1.7", terms)
    assert is_relevant(OTHER.encode(), ())
