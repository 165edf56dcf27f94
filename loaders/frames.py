"""Rows to Polars frames, with the schemas of docs/contracts.md. Types live here and nowhere else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter

import numpy as np
import polars as pl

from loaders.cells import Cells, Labels
from loaders.rows import Parsed

_Type = pl.DataType | type[pl.DataType]
_DECIMAL = pl.Decimal(24, 6)
# A word out of few: by number, a frame of cells takes half as long to put together and to write.
_CODE = pl.Categorical()
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
        "table_code": _CODE,
        "indicator_code": _CODE,
        "column_code": _CODE,
        "value": _DECIMAL,
        "value_status": _CODE,
        "method": _CODE,
        "solved_by": _CODE,
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
_LABELS = {
    "indicator_code": attrgetter("indicator_codes"),
    "column_code": attrgetter("column_codes"),
    "value_status": attrgetter("statuses"),
    "method": attrgetter("methods"),
    "solved_by": attrgetter("solved_by"),
}


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
    """The cells of some documents as the frame ``cells``, all tables at once."""
    found = [(each.document_id, run) for each in cells for run in each.runs]
    if not found:
        return pl.DataFrame(schema=SCHEMAS["cells"])
    ids, runs = zip(*found, strict=True)
    patterns = [run.pattern for run in runs]
    texts = pl.Series(list(chain.from_iterable(run.texts for run in runs)), dtype=pl.String)
    # Polars reads a decimal from its digits ten times as fast as from Python's number.
    numerals = list(chain.from_iterable(run.numerals for run in runs))
    values = pl.Series(numerals, dtype=pl.String).cast(_DECIMAL)
    run_of = np.repeat(np.arange(len(runs)), [len(pattern.order) for pattern in patterns])
    # Spans: as if all tables were one text, and each then moved to where it starts.
    text_counts = [len(pattern.gaps) for pattern in patterns]
    first_texts = _offsets(text_counts)
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    ends = np.cumsum(np.concatenate([pattern.gaps for pattern in patterns]) + lengths)
    moved_by = np.array([run.start for run in runs]) - np.concatenate(([0], ends))[first_texts]
    ends += np.repeat(moved_by, text_counts)
    text_of = np.concatenate([pattern.order for pattern in patterns]) + first_texts[run_of]
    lines = np.concatenate([pattern.lines for pattern in patterns])
    columns = {
        "document_id": pl.Series(ids).gather(run_of),
        "report_no": np.array([run.report_no for run in runs])[run_of],
        "table_code": pl.Series([run.table_code for run in runs], dtype=_CODE).gather(run_of),
        **_gather_labels([pattern.labels for pattern in patterns], run_of),
        "value": values.gather(text_of),
        "cell_text": texts.gather(text_of),
        "line_no": lines + np.array([run.line for run in runs])[run_of],
        "span_start": (ends - lengths)[text_of],
        "span_end": ends[text_of],
    }
    return pl.DataFrame({name: columns[name] for name in SCHEMAS["cells"]}, SCHEMAS["cells"])


def _gather_labels(labels: Sequence[Labels], run_of: np.ndarray) -> dict[str, pl.Series]:
    """The labels of the cells of some tables: those that tables share are put together once."""
    distinct = list(dict.fromkeys(labels))
    first_of = dict(zip(distinct, _offsets([len(one.statuses) for one in distinct]), strict=True))
    first_cells = _offsets([len(one.statuses) for one in labels])
    moved_by = np.array([first_of[one] for one in labels]) - first_cells
    label_of = np.arange(len(run_of)) + moved_by[run_of]
    return {
        name: pl.Series(list(chain.from_iterable(map(column, distinct))), dtype=_CODE).gather(
            label_of
        )
        for name, column in _LABELS.items()
    }


def _offsets(counts: Sequence[int]) -> np.ndarray:
    """Where each of some stretches begins that stand one behind the other."""
    return np.cumsum(counts) - counts


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
