"""A corpus file as its golden tables: what `accept` writes is what the test compares."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from loaders.form import Form
from loaders.parse import parse

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
CELL_COLUMNS = (
    "report_no", "report_year", "form_id", "table_code", "indicator_code", "column_code", "value",
    "value_status", "method", "solved_by", "cell_text", "line_no",
)  # fmt: skip
ISSUE_COLUMNS = (
    "report_no", "issue_code", "severity", "table_code", "indicator_code", "line_no", "text",
)  # fmt: skip


def list_cases() -> list[str]:
    """Every ``edition/case`` of the corpus."""
    return sorted(str(path.relative_to(CORPUS).with_suffix("")) for path in CORPUS.glob("*/*.txt"))


def locate_golden(case: str) -> dict[str, Path]:
    """The golden files of a case, by what they hold."""
    return {what: CORPUS / f"{case}.{what}.csv" for what in ("cells", "issues")}


def render(case: str, form: Form) -> dict[str, str]:
    """Read a case and write its cells and issues as CSV text."""
    parsed = parse((CORPUS / f"{case}.txt").read_bytes(), "text/plain", form)
    reports = {report.report_no: report for report in parsed.reports}
    cells = []
    for cell in parsed.cells:
        report = reports[cell.report_no]
        row = cell._asdict() | {"report_year": report.report_year, "form_id": report.form_id}
        row["value"] = "" if cell.value is None else f"{cell.value:f}"
        cells.append([row[column] for column in CELL_COLUMNS])
    issues = [[issue._asdict()[column] for column in ISSUE_COLUMNS] for issue in parsed.issues]
    return {
        "cells": _as_csv(CELL_COLUMNS, cells),
        "issues": _as_csv(ISSUE_COLUMNS, issues),
    }


def _as_csv(columns: Sequence[str], rows: Iterable[Sequence]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
