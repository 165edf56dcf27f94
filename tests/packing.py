"""Containers made for tests, and what comes out of them."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dagster_project.containers import (
    ContainedDocument,
    ContainerSettings,
    Problem,
    open_container,
)

MEBIBYTE = 1024 * 1024
REPORT = "某县2020年政府信息公开工作年度报告\n一、总体情况\n共收到申请12件。"
PAGE = f"<html><body><p>{REPORT}</p></body></html>"
OTHER = "今天天气很好，我们去公园散步。"


VIRTUAL = 200 * MEBIBYTE


def unpack(
    path: Path, settings: ContainerSettings | None = None, **arguments
) -> tuple[list[ContainedDocument], list[Problem]]:
    found = list(open_container(path, settings=settings, **arguments))
    for problem in found:
        if isinstance(problem, Problem):
            assert problem.issue_code.startswith("landing_")
            assert problem.severity in {"error", "warning", "info"}
            assert path.name in problem.text
            assert problem.text.endswith(".")
    documents = [thing for thing in found if isinstance(thing, ContainedDocument)]
    return documents, [thing for thing in found if isinstance(thing, Problem)]


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.issue_code.removeprefix("landing_") for problem in problems]


def zip_bytes(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tar_bytes(members: Mapping[str, bytes], mode: str = "w", encoding: str = "utf-8") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode=mode, encoding=encoding, format=tarfile.GNU_FORMAT
    ) as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def pack_zeros(size: int) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as packed:
        for _ in range(size // MEBIBYTE):
            packed.write(bytes(MEBIBYTE))
    return buffer.getvalue()


def parquet_bytes(columns: Mapping[str, object], **options) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), buffer, **options)
    return buffer.getvalue()


HTML = "text/html; charset=utf-8"


def pages() -> list[tuple[str, list[tuple[str, str]], bytes]]:
    return [
        (f"http://a/{i}", [("Content-Type", HTML)], f"{PAGE}<!-- {i} -->".encode())
        for i in range(20)
    ]


def warc_bytes(
    responses: Iterable[tuple[str, list[tuple[str, str]], bytes]],
    is_packed: bool = True,
    status: str = "200 OK",
    **warc_headers: str,
) -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=is_packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    for url, headers, body in responses:
        writer.write_record(
            writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body),
                http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": "2021-02-03T04:05:06Z", **warc_headers},
            )
        )
    return buffer.getvalue()


def chunked(body: bytes, size: int = 37) -> bytes:
    chunks = (body[i : i + size] for i in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()
