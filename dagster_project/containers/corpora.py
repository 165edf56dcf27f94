"""Corpora with a document per row: Parquet in small batches, JSON line by line.

Which column is what, is known by the usual names. One row is held at a time.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from dagster_project.containers.model import ContainedDocument, Found, Visit, describe_error
from dagster_project.containers.relevance import is_relevant
from dagster_project.containers.streams import Forward, TooLargeError

# Where a page is kept beside its text, its table has real cells.
TEXT_COLUMNS = ("html", "raw_html", "text", "content", "raw_content", "body")
ORIGIN_COLUMNS = {
    "source_url": ("source_url", "url", "uri", "link"),
    "published_date": ("published_date", "publish_date", "pub_date", "date"),
    "retrieved_at": ("retrieved_at", "timestamp", "crawl_date", "warc_date"),
    "title": ("title",),
    "id": ("id", "doc_id", "_id"),
}
_NESTED = ("meta", "metadata")
_NO_TEXT = "no text in any of its columns"
_BATCH_ROWS = 64
_BATCH_BYTES = 512 * 1024 * 1024


def read_jsonl(stream: Forward, name: str, visit: Visit) -> Found:
    """A document per line that is a JSON object; other lines are told."""
    most = visit.settings.max_row_bytes
    lines = io.BufferedReader(stream, 1024 * 1024)
    number = 0
    while line := lines.readline(most + 1):
        number += 1
        visit.count_record()
        if len(line) > most and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = lines.readline(most)
            reason = f"the line is longer than the limit of {most:,} bytes"
            yield from visit.refuse("row_too_large", "error", f"{name}!/{number}", reason)
            continue
        line = line.removeprefix(b"\xef\xbb\xbf").strip()
        if line:
            yield from _read_line(line, number, name, visit)


def _read_line(line: bytes, number: int, name: str, visit: Visit) -> Found:
    is_whole = line.startswith(b"{") and line.endswith(b"}")
    # Most lines of a web corpus are about something else: they are never parsed.
    if is_whole and not is_relevant(line, visit.settings.relevant_terms):
        visit.skip(_irrelevant(visit))
        return
    row = _parse_object(line) if is_whole else None
    if row is None:
        reason = "the line is no JSON object"
        yield from visit.refuse("row_unreadable", "error", f"{name}!/{number}", reason)
        return
    yield from _give_row(row, number, name, visit)


def _parse_object(line: bytes) -> dict[str, Any] | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            row = json.loads(line.decode(encoding))
        except UnicodeDecodeError:
            continue
        except (ValueError, RecursionError):
            return None
        return row if isinstance(row, dict) else None
    return None


def read_parquet(file: BinaryIO, name: str, visit: Visit) -> Found:
    """A document per row that has text. Only the columns that are needed are read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    packed_bytes = file.seek(0, io.SEEK_END)
    file.seek(0)
    corpus = pq.ParquetFile(file, buffer_size=1024 * 1024, pre_buffer=False)
    columns = choose_columns(corpus.schema_arrow, visit.settings.text_column)
    if not columns:
        wanted = visit.settings.text_column or ", ".join(TEXT_COLUMNS)
        reason = f"no column of text ({wanted}) among {', '.join(corpus.schema_arrow.names)[:200]}"
        yield from visit.refuse("corpus_without_text", "error", name, reason)
        return
    number = 0
    for group_no in range(corpus.num_row_groups):
        group = corpus.metadata.row_group(group_no)
        try:
            batch_rows = _bound_batch(group, packed_bytes, visit)
            for batch in corpus.iter_batches(batch_rows, [group_no], columns, use_threads=False):
                for at in range(batch.num_rows):
                    number += 1
                    visit.count_record()
                    yield from read_row(batch, at, number, name, visit)
        except (pa.ArrowException, OSError, TooLargeError) as error:
            where = f"{name}, row group {group_no + 1}"
            yield from visit.refuse("row_group_unreadable", "error", where, describe_error(error))
            number = sum(corpus.metadata.row_group(i).num_rows for i in range(group_no + 1))


def choose_columns(schema: Any, text_column: str) -> list[str]:
    """The columns to read; none if no column of text is among them."""
    import pyarrow.types as kinds

    def is_text(kind: Any) -> bool:
        kind = kind.value_type if kinds.is_dictionary(kind) else kind
        return (
            kinds.is_string(kind)
            or kinds.is_large_string(kind)
            or kinds.is_binary(kind)
            or kinds.is_large_binary(kind)
        )

    wanted = _text_names(text_column)
    names = [schema.field(i).name for i in range(len(schema.names))]
    texts = [
        name
        for i, name in enumerate(names)
        if name.lower() in wanted and is_text(schema.field(i).type)
    ]
    known = {alias for aliases in ORIGIN_COLUMNS.values() for alias in aliases} | set(_NESTED)
    return texts + [name for name in names if name.lower() in known] if texts else []


def _bound_batch(group: Any, packed_bytes: int, visit: Visit) -> int:
    """Rows to take at once, such that values repeated from a dictionary fit in memory.

    The sizes of single columns would be a closer bound; pyarrow ends the process when it is asked
    for them in a damaged file.

    Raises:
        TooLargeError: the rows unpack to more than a file of this size can hold of text.
    """
    settings = visit.settings
    unpacked = group.total_byte_size
    if unpacked > max(settings.free_bytes, settings.max_ratio * packed_bytes):
        raise TooLargeError(f"its rows unpack to {unpacked:,} bytes")
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(1, unpacked)))


def read_row(batch: Any, at: int, number: int, name: str, visit: Visit) -> Found:
    """The document of one row of a batch, if it has text and is wanted.

    Args:
        batch: Arrow columns, of those that `choose_columns` chose.
        at: the row within the batch.
        number: the row within the file, counted from 1.
        name: of the file.
        visit: limits and problems of the file.
    """
    row = {}
    for column_name, column in zip(batch.schema.names, batch.columns, strict=True):
        value = column[at]
        size = _measure(value)
        visit.spend(size)
        if size > visit.settings.max_document_bytes:
            reason = f"{size:,} bytes, more than the limit of {visit.settings.max_document_bytes:,}"
            yield from visit.refuse("row_too_large", "error", f"{name}!/{number}", reason)
            return
        row[column_name] = _plain_value(value)
    yield from _give_row(row, number, name, visit)


def _measure(scalar: Any) -> int:
    """Bytes of a text value, found without copying it."""
    if not scalar.is_valid:
        return 0
    scalar = getattr(scalar, "value", scalar) if hasattr(scalar, "dictionary") else scalar
    return scalar.as_buffer().size if hasattr(scalar, "as_buffer") and scalar.is_valid else 0


def _plain_value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        # A column of text that holds other bytes: the parser knows encodings.
        return scalar.as_buffer().to_pybytes()
    except (ValueError, OverflowError):
        return None


def _give_row(row: Mapping[str, Any], number: int, name: str, visit: Visit) -> Found:
    """The document of one row, if it has text and is wanted."""
    where = f"{name}!/{number}"
    fields = dict(_flatten(row))
    values = (fields.get(column) for column in _text_names(visit.settings.text_column))
    text = next((v for v in values if isinstance(v, (str, bytes)) and v.strip()), None)
    if text is None:
        yield from visit.refuse("row_without_text", "warning", where, _NO_TEXT)
        return
    origin = dict(visit.origin) | _read_origin(fields)
    data = _compose(text, origin.get("title", ""))
    if not is_relevant(data, visit.settings.relevant_terms):
        visit.skip(_irrelevant(visit))
    elif len(data) > visit.settings.max_document_bytes:
        reason = f"more than the limit of {visit.settings.max_document_bytes:,} bytes"
        yield from visit.refuse("row_too_large", "error", where, reason)
    else:
        yield ContainedDocument(where, data, "text/plain", origin)


def _compose(text: str | bytes, title: str) -> bytes:
    """The bytes of a row's document: its text, under its title where the text lacks it."""
    if isinstance(text, bytes):
        return text
    is_page = text.lstrip("\ufeff \t\r\n").startswith("<")
    if title and not is_page and title not in text[: 4 * len(title) + 200]:
        text = f"{title}\n{text}"
    return text.encode("utf-8", "replace")


def _text_names(text_column: str) -> tuple[str, ...]:
    return (text_column.lower(),) if text_column else TEXT_COLUMNS


def _flatten(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names in lower case; those of a nested record come first, to be overruled."""
    for name, value in row.items():
        if str(name).lower() in _NESTED:
            if isinstance(value, str) and value.startswith("{"):
                try:
                    value = json.loads(value)
                except (ValueError, RecursionError):
                    continue
            if isinstance(value, Mapping):
                yield from ((str(inner).lower(), v) for inner, v in value.items())
    yield from ((str(name).lower(), value) for name, value in row.items())


def _read_origin(fields: Mapping[str, Any]) -> dict[str, str]:
    """What the columns say of a document's origin.

    ``date`` is when a page was published, except where it is a point in UTC, as crawlers write.
    """
    origin = {}
    for field, columns in ORIGIN_COLUMNS.items():
        written = (_write_value(fields.get(column), field) for column in columns)
        if value := next(filter(None, written), ""):
            origin[field] = value
    published = origin.get("published_date", "")
    if "T" in published and published.endswith(("Z", "+00:00")) and "retrieved_at" not in origin:
        origin["retrieved_at"] = origin.pop("published_date")
    return origin


def _write_value(value: Any, field: str) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    if field in ("retrieved_at", "published_date") and not isinstance(value, str):
        seconds = value / 1000 if value > 1e11 else value
        # From 1990 on: a smaller number is a year, or no time at all.
        if not 6.3e8 < seconds < 4.2e9:
            return str(value)
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    return " ".join(str(value).split())[:2000]


def _irrelevant(visit: Visit) -> str:
    return f"without {' or '.join(visit.settings.relevant_terms)}"
