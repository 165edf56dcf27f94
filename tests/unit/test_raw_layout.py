"""What is kept shorter is told as it was."""

from decimal import Decimal

import duckdb
import polars as pl
import pytest

from dagster_project.raw_layout import KEPT, define_table
from dagster_project.store import RawStore, Reader, shape_frames
from loaders.frames import SCHEMAS

READER = Reader("1", "form")
DOCUMENT = dict.fromkeys(SCHEMAS["documents"], "") | {"byte_count": 1, "char_count": 1}


@pytest.fixture
def store():
    with duckdb.connect() as connection:
        found = RawStore(connection)
        found.prepare(READER)
        yield found


def frames(**rows: list[dict]) -> dict[str, pl.DataFrame]:
    """Frames with so many rows, the others empty."""
    return shape_frames(()) | {
        name: pl.DataFrame(found, schema=SCHEMAS[name]) for name, found in rows.items()
    }


def cell(document_id: str, text: str, value: str | None, status: str = "reported") -> dict:
    return dict.fromkeys(SCHEMAS["cells"], "") | {
        "document_id": document_id,
        "report_no": 1,
        "value": None if value is None else Decimal(value),
        "value_status": status,
        "cell_text": text,
        "line_no": 7,
        "span_start": 120,
        "span_end": 120 + len(text),
    }


CELLS = [
    cell("a", "12", "12"),
    cell("a", "0", "0"),
    cell("a", "-3", "-3"),
    cell("a", "007", "7"),
    cell("a", "１２", "12"),
    cell("a", "1,204", "1204"),
    cell("a", "1．5", "1.5"),
    cell("a", "1.5", "1.5"),
    cell("a", "2.0", "2"),
    cell("a", "3万", "30000"),
    cell("a", "1e3", "13"),
    cell("a", "0x1F", "1"),
    cell("a", "1_000", "1"),
    cell("a", " 5", "5"),
    cell("a", "35", "53"),
    cell("a", "999999999999999999", "999999999999999999"),
    cell("a", "9999999999999999999", "1"),
    cell("a", "", "4"),
    cell("a", "", None, "blank"),
    cell("a", "-", None, "dash"),
    cell("a", "35", None, "unreadable"),
    cell("a", "３５", None, "unreadable"),
    cell("b", "8", "8") | {"span_end": 140},
    cell("b", "8", "8") | {"span_end": 120},
]


def test_cells_are_told_as_they_were_read(store):
    documents = [DOCUMENT | {"document_id": name} for name in ("a", "b")]
    store.add(frames(documents=documents, cells=CELLS))
    told = store.connection.execute("from raw.cells").pl()
    assert told.rows(named=True) == CELLS
    kept = store.connection.execute("select count(value) from stored.cells").fetchone()
    # The plain numbers need no value of their own.
    assert kept == (10,)


@pytest.mark.parametrize("name", KEPT)
def test_views_have_the_columns_of_the_frames(store, name):
    told = store.connection.execute(f"from raw.{name}").pl()
    # What is one word out of few is text there.
    frame = shape_frames(())[name].with_columns(pl.col(pl.Categorical).cast(pl.String))
    assert told.schema == frame.schema


def test_a_document_that_is_replaced_takes_its_rows_along(store):
    first = [DOCUMENT | {"document_id": name} for name in ("a", "b")]
    store.add(frames(documents=first, cells=CELLS))
    again = RawStore(store.connection)
    again.prepare(READER)
    again.add(frames(documents=first[:1], cells=CELLS[:2]))
    told = store.connection.execute("select document_id, cell_text from raw.cells").fetchall()
    assert sorted(told) == [("a", "0"), ("a", "12"), ("b", "8"), ("b", "8")]
    assert again.remove_except(["b"]) == ()
    assert store.connection.execute("select distinct document_id from raw.cells").fetchall() == [
        ("b",)
    ]


def test_a_row_without_a_document_is_told(store):
    store.connection.execute("insert into stored.cells (document_key) values (99)")
    told = store.connection.execute("select document_id, count(*) from raw.cells group by all")
    assert told.fetchall() == [(None, 1)]


def test_old_files_are_given_no_compression_that_they_do_not_know():
    columns = {"document_id": "varchar", "passage": "varchar"}
    assert "zstd" in define_table("passages", columns, "v1.4.0+")
    assert "zstd" not in define_table("passages", columns, "v1.0.0+")
