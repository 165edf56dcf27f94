"""Records of crawls become documents with their address; what servers and crawlers did is undone."""

import gzip
import io
import tracemalloc
import zlib
from pathlib import Path

import pytest
from warcio.warcwriter import WARCWriter

from dagster_project.containers import ContainerSettings, is_container
from tests.packing import (
    HTML,
    MEBIBYTE,
    OTHER,
    PAGE,
    REPORT,
    VIRTUAL,
    chunked,
    codes,
    pages,
    raw_deflate,
    unpack,
    warc_bytes,
    write,
)

# --- crawls ---


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize(
    ("headers", "encode"),
    [
        ([], bytes),
        ([("Transfer-Encoding", "chunked")], chunked),
        ([("Content-Encoding", "gzip")], gzip.compress),
        ([("Content-Encoding", "deflate")], zlib.compress),
        ([("Content-Encoding", "deflate")], raw_deflate),
        ([("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")],
         lambda body: chunked(gzip.compress(body))),
        # Crawlers store bodies unpacked under the header of the packed one.
        ([("Content-Encoding", "gzip")], bytes),
        ([("Content-Encoding", "br")], bytes),
        ([("Transfer-Encoding", "chunked")], bytes),
    ],
)  # fmt: skip
def test_pages_of_a_crawl_are_unpacked(
    tmp_path: Path, is_packed: bool, headers: list[tuple[str, str]], encode
) -> None:
    body = encode(PAGE.encode())
    data = warc_bytes([("http://a/1", [("Content-Type", HTML), *headers], body)] * 2, is_packed)
    path = write(tmp_path / "a.warc", data)
    assert is_container(path)
    documents, problems = unpack(path)
    assert [(d.path, d.data, d.media_type) for d in documents] == [
        ("a.warc!/2", PAGE.encode(), "text/html"),
        ("a.warc!/3", PAGE.encode(), "text/html"),
    ]
    assert documents[0].origin == {
        "source_url": "http://a/1",
        "retrieved_at": "2021-02-03T04:05:06Z",
    }
    assert codes(problems) == ["records_skipped"]


def test_a_crawl_packed_as_one_stream_is_read_too(tmp_path: Path) -> None:
    data = gzip.compress(warc_bytes(pages(), is_packed=False))
    assert len(unpack(write(tmp_path / "a.warc.gz", data))[0]) == 20


def test_the_declared_charset_counts_where_it_cannot_be_guessed(tmp_path: Path) -> None:
    text = PAGE.replace("某县", "某縣").replace("政府信息公开", "政府資訊公開")
    text = text.replace("报", "報").replace("总", "總").replace("况", "況").replace("请", "請")
    text = text.replace("体", "體")
    meta = text.replace("<html>", '<html><meta charset="big5">')
    responses = [
        ("http://a/big5", [("Content-Type", "text/html; charset=Big5")], text.encode("big5")),
        ("http://a/meta", [("Content-Type", "text/html")], meta.encode("big5")),
        ("http://a/gbk", [("Content-Type", "text/html; charset=gb2312")], PAGE.encode("gbk")),
        ("http://a/liar", [("Content-Type", "text/html; charset=big5")], PAGE.encode()),
    ]
    documents, _ = unpack(write(tmp_path / "a.warc", warc_bytes(responses)))
    assert [d.data for d in documents] == [
        text.encode(),
        meta.encode(),
        PAGE.encode("gbk"),
        PAGE.encode(),
    ]


def test_the_kind_of_a_page_is_what_it_is_declared_or_begins_with(tmp_path: Path) -> None:
    responses = [
        ("http://a/1", [("Content-Type", "application/pdf")], b"%PDF-1.7"),
        ("http://a/2", [("Content-Type", "application/octet-stream")], b"%PDF-1.7"),
        ("http://a/3", [("Content-Type", "text/plain")], REPORT.encode()),
        ("http://a/4", [("Content-Type", "application/xhtml+xml")], PAGE.encode()),
        ("http://a/5", [], PAGE.encode()),
        ("http://a/6", [("Content-Type", "image/png")], b"\x89PNG" + REPORT.encode()),
        ("http://a/7", [("Content-Type", "")], b"\x89PNG\x00" + REPORT.encode()),
        ("http://a/8", [("Content-Type", HTML)], OTHER.encode()),
        ("http://a/9", [("Content-Type", HTML)], b" "),
    ]
    documents, problems = unpack(write(tmp_path / "a.warc.gz", warc_bytes(responses)))
    assert [(d.path.rsplit("/", 1)[-1], d.media_type) for d in documents] == [
        ("2", "application/pdf"),
        ("3", "application/pdf"),
        ("4", "text/plain"),
        ("5", "text/html"),
        ("6", "text/html"),
    ]
    assert codes(problems) == ["records_skipped"]
    assert ": 5 skipped" in problems[0].text


def test_answers_other_than_success_are_skipped(tmp_path: Path) -> None:
    data = warc_bytes(pages(), status="404 Not Found")
    documents, problems = unpack(write(tmp_path / "a.warc.gz", data))
    assert documents == []
    assert "20 answers other than success" in problems[0].text


def test_extracted_texts_and_resources_are_documents(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    for kind, url, media_type, body in (
        ("conversion", "http://a/1", "text/plain", REPORT),
        ("conversion", "http://a/2", "text/plain", OTHER),
        ("resource", "file:///a/3.html", "text/html", PAGE),
        ("metadata", "http://a/4", "text/plain", REPORT),
    ):
        writer.write_record(
            writer.create_warc_record(
                url, kind, payload=io.BytesIO(body.encode()), warc_content_type=media_type
            )
        )
    documents, problems = unpack(write(tmp_path / "a.warc.wet.gz", buffer.getvalue()))
    assert [(d.path, d.data.decode(), d.origin["source_url"]) for d in documents] == [
        ("a.warc.wet.gz!/1", REPORT, "http://a/1"),
        ("a.warc.wet.gz!/3", PAGE, "file:///a/3.html"),
    ]
    assert codes(problems) == ["records_skipped"]


def test_a_crawl_may_be_kept_whole(tmp_path: Path) -> None:
    data = warc_bytes([("http://a", [("Content-Type", HTML)], OTHER.encode())])
    documents, _ = unpack(write(tmp_path / "a.warc", data), ContainerSettings(relevant_terms=()))
    assert [d.data for d in documents] == [OTHER.encode()]


def test_a_page_that_is_a_bomb_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    gzipped = [("Content-Type", HTML), ("Content-Encoding", "gzip")]
    bomb = gzip.compress(bytes(VIRTUAL), 1)
    responses = [
        ("http://a/1", gzipped, bomb),
        ("http://a/2", [*gzipped, ("Transfer-Encoding", "chunked")], chunked(bomb, len(bomb))),
        ("http://a/3", [("Content-Type", HTML)], b"x" * MEBIBYTE * 3),
        *pages()[:1],
    ]
    data = warc_bytes(responses, is_packed=False)
    path = write(tmp_path / "a.warc", data)
    tracemalloc.start()
    documents, problems = unpack(path, ContainerSettings(max_document_bytes=2 * MEBIBYTE))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [d.path for d in documents] == ["a.warc!/5"]
    assert codes(problems)[:3] == ["record_too_large"] * 3
    assert peak < 20 * MEBIBYTE


def test_a_packed_page_that_cannot_be_unpacked_is_told(tmp_path: Path) -> None:
    headers = [("Content-Type", HTML), ("Content-Encoding", "br")]
    data = warc_bytes([("http://a", headers, bytes(range(256)) * 4)])
    documents, problems = unpack(write(tmp_path / "a.warc", data))
    assert documents == []
    assert codes(problems) == ["record_unreadable", "records_skipped"]


def test_a_record_cut_off_by_the_crawler_says_so(tmp_path: Path) -> None:
    data = warc_bytes(pages()[:1], **{"WARC-Truncated": "length"})
    documents, problems = unpack(write(tmp_path / "a.warc", data))
    assert len(documents) == 1
    assert codes(problems) == ["record_truncated", "records_skipped"]


def test_a_record_with_a_wrong_length_does_not_cost_the_others(tmp_path: Path) -> None:
    data = warc_bytes(pages(), is_packed=False)
    for wrong in (b"7", b"x", b"-5"):
        first = data.index(b"Content-Length: ", data.index(b"http://a/0"))
        end = data.index(b"\r\n", first)
        path = write(tmp_path / "a.warc", data[:first] + b"Content-Length: " + wrong + data[end:])
        documents, problems = unpack(path)
        assert [d.origin["source_url"] for d in documents[-19:]] == [
            f"http://a/{i}" for i in range(1, 20)
        ]
        assert "error" in {problem.severity for problem in problems}
