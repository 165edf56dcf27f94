"""Frames to files and to the terminal: CSV, JSON and Parquet in one spelling each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.terminal import err, stop

if TYPE_CHECKING:
    import polars as pl


def write_rows(rows: pl.DataFrame, file_format: str, output: Path | None) -> None:
    """Write a frame. Parquet keeps types; in CSV and JSON a decimal is written without idle zeros.

    CSV goes out without a byte-order mark and without guards against spreadsheet formulas: it is
    meant for machines. The CSV of a release is the one for spreadsheets.
    """
    if output is None:
        if file_format == "parquet" and sys.stdout.isatty():
            stop("Parquet is no text: name a file with --output.")
        _write(rows, file_format, sys.stdout.buffer)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as handle:
        _write(rows, file_format, handle)
    err.print(f"{rows.height} rows written to {output}")


def _write(rows: pl.DataFrame, file_format: str, target) -> None:
    if file_format == "parquet":
        rows.write_parquet(target)
    elif file_format == "json":
        target.write(spell_rows(rows, lists_as_text=False).write_json().encode() + b"\n")
    else:
        spell_rows(rows, lists_as_text=True).write_csv(target)


def spell_rows(rows: pl.DataFrame, *, lists_as_text: bool) -> pl.DataFrame:
    """The rows with decimals as text without idle zeros, and lists joined by ``|`` if asked."""
    import polars as pl

    columns = []
    for name, kind in rows.schema.items():
        column = pl.col(name)
        if isinstance(kind, pl.Decimal):
            text = column.cast(pl.String)
            # 997.000000 is 997; a whole number keeps the zeros that belong to it.
            column = (
                pl.when(text.str.contains(".", literal=True))
                .then(text.str.strip_chars_end("0").str.strip_chars_end("."))
                .otherwise(text)
                .alias(name)
            )
        elif isinstance(kind, pl.List) and lists_as_text:
            column = column.cast(pl.List(pl.String)).list.join("|")
        columns.append(column)
    return rows.select(columns)
