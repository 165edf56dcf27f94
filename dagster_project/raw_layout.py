"""How the rows of the raw layer are kept: ``raw.cells`` tells what ``stored.cells`` holds.

A document goes by a number, and what another column tells is left out. Each table has a view in
``raw`` with the columns of the parser's frame, which everybody reads. ``store`` writes the rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

KEPT = ("documents", "reports", "sections", "cells", "claims", "tasks", "passages")
"""Relations of documents that were read. Places and issues may be of other files: plain tables."""

_KEY = "document_key"


class _Shorter(NamedTuple):
    """A column that is kept as the little by which it differs from what another one tells."""

    stored: str
    """SQL over the frame."""
    told: str
    """SQL over the table."""


# Signs beyond ASCII are rare, and to replace them takes longer than to read the number.
_DIGITS = """
    case
        when cells.cell_text < ':' then cells.cell_text
        else translate(cells.cell_text, '０１２３４５６７８９', '0123456789')
    end
"""
# By way of an integer: DuckDB takes fifty times as long to read a decimal from its digits.
_PRINTED = f"""
    case
        when cells.value_status = 'reported'
            then try_cast(try_cast({_DIGITS} as bigint) as decimal(24, 6))
    end
"""
_LENGTH = "cast(length(cells.cell_text) as integer)"
_SHORTER = {
    # Nearly every figure is the whole number that stands in its text: NULL. What is reported has a
    # value, so that NULL means nothing else there.
    ("cells", "value"): _Shorter(
        f"case when cells.value is distinct from {_PRINTED} then cells.value end",
        f"coalesce(cells.value, {_PRINTED})",
    ),
    # The text is what stands in its span: 0.
    ("cells", "span_end"): _Shorter(
        f"cells.span_end - cells.span_start - {_LENGTH}",
        f"cells.span_start + {_LENGTH} + cells.span_end",
    ),
}
# Left to itself, DuckDB takes what is best for columns of few words.
_COMPRESSION = {("passages", "passage"): "zstd"}
_KNOWS_COMPRESSION = 1, 2
"""The first storage version that does. A file that is older would not be packed at all there."""


def kept_columns(name: str, columns: Mapping[str, str]) -> dict[str, str]:
    """The columns of a table with their types, from those of the frame."""
    own = (column for column in columns if column != "document_id" or name == "documents")
    return {_KEY: "INTEGER"} | {column: columns[column] for column in own}


def define_table(name: str, columns: Mapping[str, str], storage_version: str) -> str:
    """SQL that creates a table anew.

    Args:
        name: one of `KEPT`.
        columns: those of the frame, with their types.
        storage_version: of the file, as DuckDB names it (``v1.4.0+``); none in memory.
    """
    numbers = tuple(map(int, re.findall(r"\d+", storage_version)))[:2]
    defined = []
    for column, data_type in kept_columns(name, columns).items():
        method = _COMPRESSION.get((name, column))
        is_packed = method and numbers >= _KNOWS_COMPRESSION
        packed = f" using compression {method}" if is_packed else ""
        defined.append(f'"{column}" {data_type}{packed}')
    return f"create or replace table stored.{name} ({', '.join(defined)})"


def define_view(name: str, columns: Mapping[str, str]) -> str:
    """SQL that creates the view with the columns of the frame."""
    told = [
        f'{_SHORTER[name, column].told} as "{column}"'
        if (name, column) in _SHORTER
        else f'{"documents" if column == "document_id" else name}."{column}"'
        for column in columns
    ]
    # A row without a document would be a fault: it is told, with no name.
    documents = "" if name == "documents" else f"left join stored.documents using ({_KEY})"
    return (
        f"create or replace view raw.{name} as "
        f"select {', '.join(told)} from stored.{name} as {name} {documents}"
    )


def insert_rows(name: str, columns: Mapping[str, str]) -> str:
    """SQL that stores the rows of ``incoming``: those of a frame, with a document_key."""
    stored = [
        f'{_SHORTER[name, column].stored} as "{column}"'
        if (name, column) in _SHORTER
        else f'"{column}"'
        for column in kept_columns(name, columns)
    ]
    return f"insert into stored.{name} by name select {', '.join(stored)} from incoming as {name}"
