"""Web crawls: pages and files of WARC, extracted text of WET, record by record.

warcio reads headers and chunks; decompression and lengths are bounded here, because a record's own
headers decide how much the library would take into memory.
"""

from __future__ import annotations

import logging
import lzma
import re
import zlib

from warcio.bufferedreaders import BufferedReader, ChunkedDataReader
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader

from dagster_project.containers.model import (
    ContainedDocument,
    ExhaustedError,
    Found,
    Visit,
    describe_error,
)
from dagster_project.containers.relevance import is_relevant
from dagster_project.containers.streams import (
    CHUNK,
    Forward,
    TooLargeError,
    read_bounded,
    unpack_body,
)
from dagster_project.landing import MEDIA_TYPES

# It would print addresses of the crawl, unchecked, on the operator's terminal.
logging.getLogger("warcio").setLevel(logging.CRITICAL)

_FATAL = (ExhaustedError, TooLargeError, EOFError, OSError, zlib.error, lzma.LZMAError)
"""Nothing behind these can be read: a limit is reached, or the compressed file is broken."""
_HEADER_BYTES = 1024 * 1024
_HTTP_SLACK = 65_536
"""A record is as long as its document and the headers of HTTP before it."""
_CUT_OFF = "the file ends within this record"
_DOCUMENT_TYPES = ("response", "resource", "conversion")
_PARSER_TYPES = frozenset(MEDIA_TYPES.values())
_UNDECLARED = frozenset({"", "application/octet-stream", "binary/octet-stream", "unk"})
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0", "application/msword"),
    (b"PK\x03\x04", MEDIA_TYPES[".docx"]),
)
_BIG5 = frozenset({"big5", "big5-hkscs", "big-5", "x-x-big5", "cp950"})
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)


def read_crawl(stream: Forward, name: str, visit: Visit) -> Found:
    """Every page or text of a crawl that is wanted, with its address and the time of the visit."""
    reader = BufferedReader(stream, block_size=16_384)
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
    number = 0
    is_lost = False
    while True:
        stream.allowance = _HEADER_BYTES
        line = reader.readline(CHUNK)
        if not line:
            break
        if not line.startswith(b"WARC/"):
            if line.strip() and not is_lost:
                is_lost = True
                reason = f"no record begins where record {number} should end; searching on"
                yield from visit.refuse("container_damaged", "error", name, reason)
            continue
        is_lost = False
        number += 1
        visit.count_record()
        where = f"{name}!/{number}"
        try:
            record = loader.parse_record_stream(reader, line, "warc")
        except _FATAL:
            raise
        except Exception as error:
            yield from visit.refuse("record_unreadable", "error", where, describe_error(error))
            continue
        stream.allowance = None
        try:
            yield from _read_record(record, where, visit)
        except TooLargeError as error:
            yield from visit.refuse("record_too_large", "error", where, describe_error(error))
        except _FATAL:
            raise
        except Exception as error:
            yield from visit.refuse("record_unreadable", "error", where, describe_error(error))
        # Without a length the end is not known: the next record is searched for.
        if record.length is not None:
            _drain(record)
    if not number and not is_lost:
        yield from visit.refuse("container_damaged", "error", name, "no record in it")


def _drain(record: ArcWarcRecord) -> bool:
    """Read what is left of a record; false where the file ends before it does."""
    while record.raw_stream.read(CHUNK):
        pass
    return getattr(record.raw_stream, "limit", 0) <= 0


def _read_record(record: ArcWarcRecord, where: str, visit: Visit) -> Found:
    if record.rec_type not in _DOCUMENT_TYPES:
        visit.skip("records that hold no document (requests, metadata)")
        return
    media_type, charset = _declared_type(record)
    status = record.http_headers.get_statuscode() if record.http_headers else "200"
    if not status.startswith("2"):
        visit.skip("answers other than success")
        return
    if media_type not in _PARSER_TYPES and media_type not in _UNDECLARED:
        visit.skip("pictures, scripts and other files without text")
        return
    most = visit.settings.max_document_bytes
    if record.length is None or record.length > most + _HTTP_SLACK:
        size = "of unknown length" if record.length is None else f"of {record.length:,} bytes"
        reason = f"a record {size}; the limit is {most:,}"
        yield from visit.refuse("record_too_large", "error", where, reason)
        return
    data, reason = _read_body(record, most, visit)
    if reason:
        yield from visit.refuse("record_unreadable", "error", where, reason)
        return
    if not data.strip():
        visit.skip("empty pages")
        return
    if media_type in _UNDECLARED and not (media_type := _sniff(data)):
        visit.skip("pictures, scripts and other files without text")
        return
    if media_type in ("text/html", "text/plain", "text/csv"):
        data = transcode(data, charset)
    if not is_relevant(data, visit.settings.relevant_terms):
        visit.skip(f"without {' or '.join(visit.settings.relevant_terms)}")
        return
    if record.rec_headers.get_header("WARC-Truncated"):
        reason = "the crawler cut this record off; what there is, is read"
        yield from visit.refuse("record_truncated", "warning", where, reason)
    origin = {
        "source_url": record.rec_headers.get_header("WARC-Target-URI") or "",
        "retrieved_at": record.rec_headers.get_header("WARC-Date") or "",
    }
    stated = {field: value.strip("<> ") for field, value in origin.items() if value}
    yield ContainedDocument(where, data, media_type, dict(visit.origin) | stated)


def _declared_type(record: ArcWarcRecord) -> tuple[str, str]:
    """Media type and charset as the server declared them, in lower case; blank if it did not."""
    headers = record.http_headers or record.rec_headers
    declared = headers.get_header("Content-Type") or ""
    media_type, _, parameters = declared.lower().partition(";")
    media_type = media_type.strip().replace("application/xhtml+xml", "text/html")
    if media_type in _UNDECLARED:
        identified = record.rec_headers.get_header("WARC-Identified-Payload-Type") or ""
        media_type = identified.lower().replace("application/xhtml+xml", "text/html")
    charset = parameters.partition("charset=")[2].partition(";")[0]
    return media_type, charset.strip(" \"'")


def _read_body(record: ArcWarcRecord, most: int, visit: Visit) -> tuple[bytes, str]:
    """The body without chunks and Content-Encoding, or the reason why there is none."""
    raw = record.raw_stream
    headers = record.http_headers
    if headers is None:
        data = read_bounded(raw, most)
        return (data, "") if _drain(record) else (b"", _CUT_OFF)
    if (headers.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        raw = ChunkedDataReader(raw)
    data = read_bounded(raw, most)
    if not _drain(record):
        return b"", _CUT_OFF
    encoding = (headers.get_header("Content-Encoding") or "").strip().lower()
    if encoding in ("", "identity", "utf-8"):
        return data, ""
    unpacked = unpack_body(data, encoding, most, visit)
    if unpacked is data and not _is_text(data):
        return b"", f"the body cannot be unpacked (Content-Encoding {encoding})"
    return unpacked, ""


def _is_text(data: bytes) -> bool:
    """Whether a body is legible as it stands, its Content-Encoding being a relic."""
    return data.startswith(tuple(magic for magic, _ in _MAGIC)) or not re.search(
        rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", data[:2048]
    )


def _sniff(data: bytes) -> str:
    """The media type of a body that the server did not declare; blank if it is none of ours."""
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    if not _is_text(data):
        return ""
    return "text/html" if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "text/plain"


def transcode(data: bytes, charset: str) -> bytes:
    """The text in UTF-8 where its charset, declared by server or page, is Big5.

    Big5 would pass for GB18030 and give other characters. All other charsets are left alone: the
    parser tells UTF-8, UTF-16 and the GB family apart, and servers declare any of them wrongly.
    """
    if not charset and (found := _CHARSET.search(data[:2048])):
        charset = found[1].decode("ascii", "ignore")
    if charset.lower() not in _BIG5 or _is_decodable(data, "utf-8"):
        return data
    for encoding in ("big5hkscs", "cp950"):
        if _is_decodable(data, encoding):
            return data.decode(encoding).encode("utf-8")
    return data


def _is_decodable(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
