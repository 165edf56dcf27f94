"""Rows to Polars frames, with the schemas of docs/contracts.md. Types live here and nowhere else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat

import polars as pl

from loaders.cells import Cells
from loaders.rows import Parsed

_Type = pl.DataType | type[pl.DataType]
_DECIMAL = pl.Decimal(24, 6)
_SPAN = {"line_no": pl.Int32, "span_start": pl.Int32, "span_end": pl.Int32}

SCHEMAS: dict[str, dict[str, _Type]] = {
    "documents": {
        "document_id": pl.String,
        "media_type": pl.String,
        "encoding": pl.String,
        "byte_count": pl.Int64,
        "char_count": pl.Int64,
        "status": pl.String,
        "parser_version": pl.String,
    },
    "reports": {
        "document_id": pl.String,
        "report_no": pl.Int32,
        "doc_type": pl.String,
        "title": pl.String,
        "publisher_as_written": pl.String,
        "publisher_name": pl.String,
        "region_code": pl.String,
        "publisher_id": pl.String,
        "resolution_code": pl.String,
        "resolution_evidence": pl.String,
        "report_year": pl.Int32,
        "form_id": pl.String,
        "form_expected": pl.String,
        "tables_present": pl.String,
        "scope": pl.String,
        "scope_evidence": pl.String,
        "script": pl.String,
        "span_start": pl.Int32,
        "span_end": pl.Int32,
        "digit_count": pl.Int32,
        "explained_digit_count": pl.Int32,
    },
    "sections": {
        "document_id": pl.String,
        "report_no": pl.Int32,
        "section_no": pl.Int32,
        "section_code": pl.String,
        "heading": pl.String,
        **_SPAN,
    },
    "cells": {
        "document_id": pl.String,
        "report_no": pl.Int32,
        "table_code": pl.String,
        "indicator_code": pl.String,
        "column_code": pl.String,
        "value": _DECIMAL,
        "value_status": pl.String,
        "method": pl.String,
        "solved_by": pl.String,
        "cell_text": pl.String,
        **_SPAN,
    },
    "claims": {
        "document_id": pl.String,
        "report_no": pl.Int32,
        "claim_no": pl.Int32,
        "indicator_code": pl.String,
        "qualifier": pl.String,
        "value": _DECIMAL,
        "unit": pl.String,
        "precision": pl.String,
        "claim_text": pl.String,
        **_SPAN,
        "sentence_start": pl.Int32,
        "sentence_end": pl.Int32,
    },
    "tasks": {
        "document_id": pl.String,
        "report_no": pl.Int32,
        "task_no": pl.Int32,
        "theme": pl.String,
        "title": pl.String,
        "lead_units": pl.List(pl.String),
        "responsible_units": pl.List(pl.String),
        "deadline": pl.String,
        **_SPAN,
    },
    "issues": {
        "document_id": pl.String,
        "report_no": pl.Int32,
        "issue_no": pl.Int32,
        "issue_code": pl.String,
        "severity": pl.String,
        "table_code": pl.String,
        "indicator_code": pl.String,
        **_SPAN,
        "text": pl.String,
    },
}
_LABELS = ("indicator_code", "column_code", "value_status", "method", "solved_by")


def to_frames(parsed: Iterable[Parsed]) -> dict[str, pl.DataFrame]:
    """Gather parsed documents into one frame per name of ``SCHEMAS``.

    Returns:
        Frames with one row per document, report, section, cell, claim, task and issue, in the order
        of the documents given. Empty frames keep their schema.
    """
    rows: dict[str, list[tuple]] = {name: [] for name in SCHEMAS if name != "cells"}
    cells: list[Cells] = []
    for one in parsed:
        cells += Cells.of(one.cells)
        rows["documents"].append(one.document)
        for name, part in _parts(one):
            rows[name].extend(part)
    frames = {name: _as_frame(found, SCHEMAS[name]) for name, found in rows.items()}
    return {name: to_cell_frame(cells) if name == "cells" else frames[name] for name in SCHEMAS}


def to_cell_frame(cells: Iterable[Cells]) -> pl.DataFrame:
    """The cells of some documents as the frame ``cells``: its columns are put together of theirs."""
    columns: dict[str, list] = {name: [] for name in SCHEMAS["cells"]}
    for each in cells:
        for run in each.runs:
            count = len(run.starts)
            columns["document_id"] += repeat(each.document_id, count)
            columns["report_no"] += repeat(run.report_no, count)
            columns["table_code"] += repeat(run.table_code, count)
            for name, values in zip(_LABELS, run.labels, strict=True):
                columns[name] += values
            columns["value"] += run.numerals
            columns["cell_text"] += run.texts
            columns["line_no"] += run.lines
            columns["span_start"] += run.starts
            columns["span_end"] += run.ends
    # Polars reads a decimal from its digits ten times as fast as from Python's number.
    columns["value"] = pl.Series(columns["value"], dtype=pl.String).cast(_DECIMAL)
    return pl.DataFrame(columns, schema=SCHEMAS["cells"])


def _as_frame(rows: Sequence[tuple], schema: Mapping[str, _Type]) -> pl.DataFrame:
    width = len(schema)
    # All values in one list: every so many of them are a column.
    values = list(chain.from_iterable(rows))
    columns = (values[number::width] for number in range(width))
    return pl.DataFrame(
        [
            _as_series(name, values, kind)
            for (name, kind), values in zip(schema.items(), columns, strict=True)
        ]
    )


def _as_series(name: str, values: Sequence, kind: _Type) -> pl.Series:
    if kind is not _DECIMAL:
        return pl.Series(name, values, dtype=kind)
    # A decimal takes long to convert, and to compare: figures that are alike are mostly one object.
    keys = list(map(id, values))
    objects = dict(zip(keys, values, strict=True))
    number_of = {key: number for number, key in enumerate(objects)}
    distinct = pl.Series(name, list(objects.values()), dtype=kind)
    return distinct.gather(list(map(number_of.__getitem__, keys)))


def _parts(one: Parsed) -> Iterator[tuple[str, tuple]]:
    for name in SCHEMAS:
        if name not in ("documents", "cells"):
            yield name, getattr(one, name)
