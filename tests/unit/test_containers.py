"""Archives give back the documents that were put in, and tell whatever they do not give."""

import bz2
import gzip
import io
import json
import lzma
import random
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from functools import cache
from pathlib import Path

import pytest

from dagster_project.containers import (
    ContainedDocument,
    ContainerSettings,
    is_container,
    open_container,
)
from tests.packing import (
    MEBIBYTE,
    PAGE,
    REPORT,
    VIRTUAL,
    codes,
    pack_zeros,
    pages,
    parquet_bytes,
    tar_bytes,
    unpack,
    warc_bytes,
    write,
    zip_bytes,
)

# --- archives ---

FILES = {
    "2020/甲县.txt": REPORT.encode(),
    "2020/甲县.html": PAGE.encode(),
    "乙县.pdf": b"%PDF-1.7 not really",
}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", zip_bytes(FILES)),
        ("stored.zip", zip_bytes(FILES, zipfile.ZIP_STORED)),
        ("a.tar", tar_bytes(FILES)),
        ("a.tar.gz", tar_bytes(FILES, "w:gz")),
        ("a.tgz", tar_bytes(FILES, "w:gz")),
        ("a.tar.xz", tar_bytes(FILES, "w:xz")),
        ("a.tar.bz2", tar_bytes(FILES, "w:bz2")),
        ("nameless", tar_bytes(FILES, "w:gz")),
    ],
)
def test_archives_give_their_documents(tmp_path: Path, name: str, data: bytes) -> None:
    path = write(tmp_path / name, data)
    assert is_container(path)
    documents, problems = unpack(path, name=f"sample/{name}", origin={"source_url": "http://a"})
    assert {d.path: d.data for d in documents} == {
        f"sample/{name}!/{member}": content for member, content in FILES.items()
    }
    assert [d.media_type for d in documents] == ["text/plain", "text/html", "application/pdf"]
    assert all(d.origin == {"source_url": "http://a"} for d in documents)
    assert problems == []


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_is_one_document(tmp_path: Path, pack) -> None:
    suffix = {gzip.compress: "gz", bz2.compress: "bz2", lzma.compress: "xz"}[pack]
    path = write(tmp_path / f"page.html.{suffix}", pack(PAGE.encode()))
    documents, problems = unpack(path)
    assert [(d.path, d.data, d.media_type) for d in documents] == [
        (f"page.html.{suffix}!/page.html", PAGE.encode(), "text/html")
    ]
    assert problems == []


def test_xz_streams_may_follow_each_other(tmp_path: Path) -> None:
    data = lzma.compress(b"one ") + b"\x00" * 8 + lzma.compress(random.Random(1).randbytes(300_000))
    documents, problems = unpack(write(tmp_path / "a.txt.xz", data))
    assert problems == []
    assert documents[0].data == b"one " + random.Random(1).randbytes(300_000)


def test_an_xz_header_may_not_ask_for_all_memory(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1024 * MEBIBYTE, "mode": lzma.MODE_FAST,
                "mf": lzma.MF_HC3, "nice_len": 3, "depth": 1}]  # fmt: skip
    small = [{"id": lzma.FILTER_LZMA2, "preset": 0}]
    data = bytearray(lzma.compress(REPORT.encode(), filters=small))
    # The dictionary's size is one byte of the block header, under a checksum.
    header_size = (data[12] + 1) * 4
    at = data.index(b"\x21\x01", 12) + 2
    data[at] = 38  # 2 GiB
    data[12 + header_size - 4 : 12 + header_size] = struct.pack(
        "<L", zlib.crc32(bytes(data[12 : 12 + header_size - 4]))
    )
    assert filters[0]["dict_size"] < 2 << 30
    documents, problems = unpack(write(tmp_path / "a.txt.xz", bytes(data)))
    assert documents == []
    assert codes(problems) == ["container_damaged"]


def test_office_files_are_documents_and_never_opened(tmp_path: Path) -> None:
    word = zip_bytes({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<w/>"})
    assert not is_container(write(tmp_path / "a.docx", word))
    assert not is_container(write(tmp_path / "wrongly.zip", word))
    assert not is_container(write(tmp_path / "b.xlsx", b"PK\x03\x04 damaged"))
    documents, problems = unpack(write(tmp_path / "b.zip", zip_bytes({"a.docx": word, "c": word})))
    assert [d.data for d in documents] == [word, word]
    assert problems == []


@pytest.mark.parametrize("content", [b"", REPORT.encode(), PAGE.encode(), b'{\n "text": "a"\n}'])
def test_documents_are_no_containers(tmp_path: Path, content: bytes) -> None:
    assert not is_container(write(tmp_path / "a.txt", content))
    assert not is_container(write(tmp_path / "a.json", content))
    assert not is_container(tmp_path / "absent.zip")


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_chinese_names_are_read_although_a_zip_does_not_say_how(
    tmp_path: Path, encoding: str
) -> None:
    name = "政府信息/年报２０２０.txt".encode(encoding)
    placeholder = b"x" * len(name)
    data = zip_bytes({placeholder.decode(): REPORT.encode()}).replace(placeholder, name)
    documents, problems = unpack(write(tmp_path / "a.zip", data))
    assert [d.path for d in documents] == ["a.zip!/政府信息/年报２０２０.txt"]
    assert problems == []


def test_chinese_names_of_a_tar_may_be_gbk(tmp_path: Path) -> None:
    data = tar_bytes({"年报.txt": REPORT.encode()}, encoding="gbk")
    documents, _ = unpack(write(tmp_path / "a.tar", data))
    assert [d.path for d in documents] == ["a.tar!/年报.txt"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../../b.txt", "..\\b.txt", "C:\\b.txt"]
)
def test_names_that_leave_the_archive_are_refused(tmp_path: Path, name: str) -> None:
    for archive, pack in (("a.zip", zip_bytes), ("a.tar", tar_bytes)):
        documents, problems = unpack(
            write(tmp_path / archive, pack({name: b"1", "good.txt": b"2"}))
        )
        assert [d.data for d in documents] == [b"2"]
        assert codes(problems) == ["member_name_unsafe"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.tar", "a.zip"]


def test_links_and_special_files_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind in (("s", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("f", tarfile.FIFOTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            tar.addfile(entry)
        entry = tarfile.TarInfo("good.txt")
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"2"))
    documents, problems = unpack(write(tmp_path / "a.tar", buffer.getvalue()))
    assert [d.data for d in documents] == [b"2"]
    assert codes(problems) == ["member_special"] * 3

    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    documents, problems = unpack(write(tmp_path / "a.zip", buffer.getvalue()))
    assert documents == []
    assert codes(problems) == ["member_special"]


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"secret.txt": b"1", "good.txt": b"2"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    documents, problems = unpack(write(tmp_path / "a.zip", bytes(data)))
    assert [d.data for d in documents] == [b"2"]
    assert codes(problems) == ["member_encrypted"]
    assert "a.zip!/secret.txt" in problems[0].text


def test_unbounded_compressions_of_zip_are_told(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        documents, problems = unpack(write(tmp_path / "a.zip", zip_bytes({"a.txt": b"1"}, method)))
        assert documents == []
        assert codes(problems) == ["member_unreadable"]


def test_what_the_folder_overlooks_an_archive_overlooks_too(tmp_path: Path) -> None:
    members = {"a.txt": b"1", "a.txt.meta.json": b"{}", ".DS_Store": b"", "__MACOSX/a.txt": b"2"}
    for archive, pack in (("a.zip", zip_bytes), ("a.tar", tar_bytes)):
        documents, problems = unpack(write(tmp_path / archive, pack(members)))
        assert [d.data for d in documents] == [b"1"]
        assert codes(problems) == ["records_skipped"]
        assert problems[0].severity == "info"


def test_containers_in_archives_are_opened_to_the_second_level(tmp_path: Path) -> None:
    rows = json.dumps({"text": REPORT}, ensure_ascii=False).encode()
    inner = {
        "in.zip": zip_bytes({"a.txt": b"1"}),
        "in.tar.gz": tar_bytes({"b.txt": b"2"}, "w:gz"),
        "c.txt.gz": gzip.compress(b"3"),
        "rows.jsonl.gz": gzip.compress(rows),
        "rows.parquet": parquet_bytes({"text": [REPORT]}),
        "deep.zip": zip_bytes({"deeper.zip": zip_bytes({"d.txt": b"4"}), "e.txt": b"5"}),
    }
    for archive, pack in (("a.zip", zip_bytes), ("a.tar", tar_bytes)):
        documents, problems = unpack(write(tmp_path / archive, pack(inner)))
        assert [(d.path, d.data) for d in documents] == [
            (f"{archive}!/in.zip!/a.txt", b"1"),
            (f"{archive}!/in.tar.gz!/b.txt", b"2"),
            (f"{archive}!/c.txt.gz!/c.txt", b"3"),
            (f"{archive}!/rows.jsonl.gz!/1", REPORT.encode()),
            (f"{archive}!/rows.parquet!/1", REPORT.encode()),
            (f"{archive}!/deep.zip!/e.txt", b"5"),
        ]
        assert codes(problems) == ["nested_too_deep"]
        assert f"{archive}!/deep.zip!/deeper.zip" in problems[0].text


# --- bombs ---


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    """200 MB of zeros in every wrapping, each a few hundred kB."""
    packed = pack_zeros(VIRTUAL)
    member = io.BytesIO()
    with zipfile.ZipFile(member, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ("a.txt", "b.jsonl", "c.warc", "d.tar"):
            with archive.open(name, "w") as handle:
                for _ in range(VIRTUAL // MEBIBYTE):
                    handle.write(bytes(MEBIBYTE))
    long_name = tarfile.TarInfo("x")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, VIRTUAL
    attributes = tarfile.TarInfo("x")
    attributes.type, attributes.size = tarfile.XHDTYPE, VIRTUAL
    return {
        "a.txt.gz": packed,
        "a.jsonl.gz": packed,
        "a.warc.gz": packed,
        "header.warc.gz": gzip.compress(b"WARC/1.0\r\nWARC-Type: ") + packed,
        "a.tar.gz": packed,
        "name.tar.gz": gzip.compress(long_name.tobuf()) + packed,
        "attributes.tar.gz": gzip.compress(attributes.tobuf(tarfile.GNU_FORMAT)) + packed,
        "a.zip": member.getvalue(),
        "nested.zip": zip_bytes({"in.zip": member.getvalue(), "in.txt.gz": packed}),
    }


@pytest.mark.parametrize(
    "name",
    ["a.txt.gz", "a.jsonl.gz", "a.warc.gz", "header.warc.gz", "a.tar.gz", "name.tar.gz",
     "attributes.tar.gz", "a.zip", "nested.zip"],
)  # fmt: skip
def test_a_bomb_takes_no_memory_and_is_told(
    tmp_path: Path, bombs: dict[str, bytes], name: str
) -> None:
    path = write(tmp_path / name, bombs[name])
    settings = ContainerSettings(max_document_bytes=4 * MEBIBYTE, max_row_bytes=4 * MEBIBYTE)
    tracemalloc.start()
    try:
        documents, problems = unpack(path, settings)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert documents == []
    assert "error" in {problem.severity for problem in problems} or name == "a.tar.gz"
    assert peak < 40 * MEBIBYTE


def test_what_a_file_unpacks_to_is_bounded_by_its_size_and_in_all(tmp_path: Path) -> None:
    # Each member is small enough; together they are a bomb.
    path = write(tmp_path / "a.zip", zip_bytes({f"{i}.txt": bytes(MEBIBYTE) for i in range(20)}))
    for settings in (
        ContainerSettings(free_bytes=MEBIBYTE, max_ratio=100),
        ContainerSettings(max_unpacked_bytes=3 * MEBIBYTE),
    ):
        documents, problems = unpack(path, settings)
        assert 1 <= len(documents) <= 4
        assert codes(problems) == ["container_too_large"]
    assert len(unpack(path)[0]) == 20


def test_the_number_of_members_is_bounded(tmp_path: Path) -> None:
    members = {f"{i}.txt": b"1" for i in range(40)}
    for archive, pack in (("a.zip", zip_bytes), ("a.tar", tar_bytes)):
        path = write(tmp_path / archive, pack(members))
        documents, problems = unpack(path, ContainerSettings(max_members=30))
        assert len(documents) in (0, 30)
        assert codes(problems) == ["container_too_large"]


def test_a_huge_directory_of_a_zip_is_not_listed(tmp_path: Path) -> None:
    data = zip_bytes({"x" * 200 + f"{i}.txt": b"" for i in range(100)})
    documents, problems = unpack(write(tmp_path / "a.zip", data), ContainerSettings(max_members=20))
    assert documents == []
    assert codes(problems) == ["container_too_large"]


def test_many_refusals_are_counted_not_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", zip_bytes({f"../{i}.txt": b"1" for i in range(50)}))
    _, problems = unpack(path)
    assert len(problems) == 21
    assert "30 more" in problems[-1].text


# --- broken files ---

KINDS = (
    "a.zip",
    "a.tar",
    "a.tar.gz",
    "a.tar.xz",
    "a.tar.bz2",
    "a.txt.gz",
    "a.jsonl",
    "a.jsonl.gz",
    "a.parquet",
    "a.warc",
    "a.warc.gz",
    "nested.zip",
)


@cache
def every_kind() -> dict[str, bytes]:
    rng = random.Random(7)
    noise = {f"{i}.txt": REPORT.encode() + rng.randbytes(3000) for i in range(12)}
    lines = "".join(json.dumps({"text": REPORT + str(i)}) + "\n" for i in range(200)).encode()
    return {
        "a.zip": zip_bytes(noise),
        "a.tar": tar_bytes(noise),
        "a.tar.gz": tar_bytes(noise, "w:gz"),
        "a.tar.xz": tar_bytes(noise, "w:xz"),
        "a.tar.bz2": tar_bytes(noise, "w:bz2"),
        "a.txt.gz": gzip.compress(rng.randbytes(9000)),
        "a.jsonl": lines,
        "a.jsonl.gz": gzip.compress(lines),
        "a.parquet": parquet_bytes({"text": [REPORT + str(i) for i in range(200)]}),
        "a.warc": warc_bytes(pages(), is_packed=False),
        "a.warc.gz": warc_bytes(pages()),
        "nested.zip": zip_bytes({"a.tar.gz": tar_bytes(noise, "w:gz"), "b.txt": b"1"}),
    }


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.parquet", "a.warc", "a.wet.gz"])
@pytest.mark.parametrize("data", [b"", b"<html>404</html>", bytes(range(256)) * 40])
def test_a_file_that_is_not_what_its_name_says_is_told(
    tmp_path: Path, name: str, data: bytes
) -> None:
    path = write(tmp_path / name, data)
    documents, problems = unpack(path)
    assert documents == []
    assert codes(problems) == ["container_damaged"]


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tar.xz", "a.tar.bz2", "a.txt.gz", "a.jsonl.gz",
                                  "a.warc.gz", "a.zip", "a.tar", "a.parquet", "a.warc", "a.jsonl"])  # fmt: skip
def test_a_truncated_file_is_told(tmp_path: Path, name: str) -> None:
    data = every_kind()[name]
    whole, _ = unpack(write(tmp_path / name, data))
    documents, problems = unpack(write(tmp_path / name, data[: len(data) * 2 // 3]))
    assert len(documents) < len(whole)
    assert "error" in {problem.severity for problem in problems}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_damage_never_raises(tmp_path: Path, name: str) -> None:
    rng = random.Random(11)
    data = every_kind()[name]
    for _ in range(25):
        damaged = bytearray(data)
        for _ in range(rng.choice((1, 3, 30))):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        if rng.random() < 0.3:
            del damaged[rng.randrange(len(damaged)) :]
        path = write(tmp_path / name, bytes(damaged))
        is_container(path)
        unpack(path)


def test_a_broken_header_inside_a_tar_is_told(tmp_path: Path) -> None:
    data = bytearray(tar_bytes({"a.txt": b"1", "b.txt": b"2", "c.txt": b"3"}))
    data[1024:1200] = b"\xff" * 176
    documents, problems = unpack(write(tmp_path / "a.tar", bytes(data)))
    assert [d.data for d in documents] == [b"1"]
    assert codes(problems) == ["container_damaged"]


def test_a_damaged_member_does_not_cost_the_others(tmp_path: Path) -> None:
    data = zip_bytes({"a.txt": b"A" * 50, "b.txt": b"B" * 50}, zipfile.ZIP_STORED)
    path = write(tmp_path / "a.zip", data.replace(b"A" * 50, b"A" * 49 + b"?"))
    documents, problems = unpack(path)
    assert [d.data for d in documents] == [b"B" * 50]
    assert codes(problems) == ["member_unreadable"]


def test_a_file_that_vanished_is_told(tmp_path: Path) -> None:
    _, problems = unpack(tmp_path / "gone.zip")
    assert codes(problems) == ["container_damaged"]


# --- streaming ---


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.jsonl.gz", "a.parquet", "a.warc.gz"])
def test_the_first_document_comes_before_the_last_is_read(tmp_path: Path, name: str) -> None:
    stream = open_container(write(tmp_path / name, every_kind()[name]))
    assert isinstance(next(stream), ContainedDocument)
    stream.close()
