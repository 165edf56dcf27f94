"""The tables of a release as files: Parquet, exact, for programs; CSV for spreadsheets.

Both come of one pass over a table, some rows in memory at a time, in the order of the table. A
table that no spreadsheet opens whole has no CSV.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import CSVWriter, WriteOptions
from pyarrow.parquet import ParquetWriter

SPREADSHEET_ROWS = 1_048_575
"""Rows that a spreadsheet holds below the header: a longer table gets no CSV."""
BYTE_ORDER_MARK = "\ufeff"
# How a formula begins, as spreadsheets in Chinese read it too.
_RISKY_BEGINNINGS = pa.array(list("-=+@\t\r\n－＝＋＠"))
_NEGATIVE_FIGURE = r"^-[0-9]+([.][0-9]+)?$"
# So few rows are still in the processor's cache when the second file is written.
_ROWS_PER_BATCH = 16_384
_BATCHES_PER_GROUP = 8
_NESTED = ("STRUCT", "MAP", "UNION")
_NO_HEADER = WriteOptions(include_header=False)


def list_without_csv(row_counts: Mapping[str, int], rows_of_csv: int) -> dict[str, int]:
    """The tables that have more rows than a CSV may have, with their numbers of rows."""
    return {table: rows for table, rows in sorted(row_counts.items()) if rows > rows_of_csv}


def write_table(
    connection: duckdb.DuckDBPyConnection, table: str, parquet: Path, csv: Path | None, version: str
) -> None:
    """Write a table as Parquet, which has the version in its metadata, and as CSV if it gets one.

    CSV has a byte-order mark, without which Excel garbles Chinese, and a text that a spreadsheet
    would run as a formula is kept from it by an apostrophe.
    """
    shape = connection.execute(f"describe {table}").fetchall()
    names = [name for name, *_ in shape]
    # CSV knows no lists and no structures: these come along a second time, as text.
    nested = [name for name, kind, *_ in shape if csv and _is_nested(kind)]
    texts = [f'"{name}"::varchar as "text of {name}"' for name in nested]
    # Of its own, so that the table may be asked for something else while it is read.
    rows_of_table = connection.cursor().execute(f"select {', '.join(['*', *texts])} from {table}")
    reader = rows_of_table.to_arrow_reader(_ROWS_PER_BATCH)
    exact = pa.schema([reader.schema.field(name) for name in names]).with_metadata(
        {"gongkai_version": version}
    )
    told = [f"text of {name}" if name in nested else name for name in names]
    plain = pa.schema([reader.schema.field(name) for name in told])
    groups_of_rows = _gather(reader)
    first = next(groups_of_rows, [])
    risky = [name for name, kind, *_ in shape if csv and kind == "VARCHAR"]
    if len(first) == _BATCHES_PER_GROUP:
        # Few have a formula, and a glance costs less than to look at every row twice.
        risky = _list_risky(connection, table, risky)
    with (
        ParquetWriter(parquet, exact, compression="zstd") as groups,
        _open_csv(csv, names, plain) if csv else nullcontext() as lines,
    ):
        for batches in filter(None, chain([first], groups_of_rows)):
            rows = pa.Table.from_batches(batches)
            groups.write_table(rows.select(names).replace_schema_metadata(exact.metadata))
            if lines:
                for batch in batches:
                    lines.write_batch(_guard(batch.select(told), risky))


@contextmanager
def _open_csv(path: Path, names: Iterable[str], plain: pa.Schema) -> Iterator[CSVWriter]:
    with path.open("wb") as text:
        text.write(f"{BYTE_ORDER_MARK}{','.join(names)}\n".encode())
        with CSVWriter(text, plain, write_options=_NO_HEADER) as lines:
            yield lines


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(_NESTED)


def _gather(reader: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """The batches of each group of rows, which readers of Parquet read at a time."""
    gathered: list[pa.RecordBatch] = []
    for batch in reader:
        gathered.append(batch)
        if len(gathered) == _BATCHES_PER_GROUP:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _list_risky(connection: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> list[str]:
    """Columns with a text that begins like a formula."""
    beginnings = ", ".join(f"chr({ord(text)})" for text in _RISKY_BEGINNINGS.to_pylist())
    begins = [f'bool_or(left("{name}", 1) in ({beginnings}))' for name in names]
    found = (
        connection.execute(f"select {', '.join(begins)} from {table}").fetchone() if begins else ()
    )
    return [name for name, is_risky in zip(names, found or (), strict=True) if is_risky]


def _guard(batch: pa.RecordBatch, risky: Iterable[str]) -> pa.RecordBatch:
    """The rows as a spreadsheet may see them. A negative figure is no formula."""
    for name in risky:
        place = batch.schema.get_field_index(name)
        texts = batch.column(place)
        begins_so = pc.is_in(pc.utf8_slice_codeunits(texts, 0, 1), value_set=_RISKY_BEGINNINGS)
        if not begins_so.true_count:
            continue
        is_figure = pc.fill_null(pc.match_substring_regex(texts, _NEGATIVE_FIGURE), False)
        guarded = pc.if_else(
            pc.and_not(begins_so, is_figure), pc.binary_join_element_wise("'", texts, ""), texts
        )
        batch = batch.set_column(place, batch.schema.field(place), guarded)
    return batch
