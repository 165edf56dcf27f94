"""The rows that parsing yields: one type per frame, with the columns of docs/contracts.md.

Only shapes belong here. Values that are written ``a|b`` in the contract stay text; lists are tuples.
A text without a value is ``''``, a number without a value is ``None``. Spans are half-open offsets
into the text as decoded, and lines count from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple


class Document(NamedTuple):
    """One distinct sequence of bytes, usable or not."""

    document_id: str
    media_type: str
    encoding: str
    byte_count: int
    char_count: int
    status: str
    """``parsed`` or ``unusable``."""
    parser_version: str


class Report(NamedTuple):
    """One whole document found in a file: its own title and its own body."""

    document_id: str
    report_no: int
    doc_type: str
    title: str
    publisher_as_written: str
    publisher_name: str
    region_code: str
    publisher_id: str
    """The body over the years, ``''`` where it is not settled; see `loaders.bodies.resolving`."""
    resolution_code: str
    resolution_evidence: str
    report_year: int | None
    form_id: str
    form_expected: str
    """``a|b``: editions whose fixed headings stand in the text."""
    tables_present: str
    """``a|b``: table codes that yielded cells."""
    scope: str
    """``region_aggregate``, ``single_body`` or ``unknown``."""
    scope_evidence: str
    script: str
    span_start: int
    span_end: int
    digit_count: int
    explained_digit_count: int


class Section(NamedTuple):
    """One section of a report, or a stretch of noise (report_no 0)."""

    document_id: str
    report_no: int
    section_no: int
    section_code: str
    heading: str
    line_no: int
    span_start: int
    span_end: int


class Cell(NamedTuple):
    """One printed table cell. Only ``reported`` cells have a value."""

    document_id: str
    report_no: int
    table_code: str
    indicator_code: str
    column_code: str
    value: Decimal | None
    value_status: str
    """``reported``, ``blank``, ``dash``, ``unreadable`` or ``ambiguous``."""
    method: str
    """``printed``, ``label_repaired`` or ``solved``."""
    solved_by: str
    """``rule|rule``: the rules that fixed a solved value."""
    cell_text: str
    line_no: int
    span_start: int
    span_end: int


class Claim(NamedTuple):
    """One figure stated in prose, in the unit of its dictionary row."""

    document_id: str
    report_no: int
    claim_no: int
    indicator_code: str
    qualifier: str
    value: Decimal | None
    unit: str
    precision: str
    """``exact``, ``at_least``, ``nearly``, ``about`` or ``implied``."""
    claim_text: str
    line_no: int
    span_start: int
    span_end: int
    sentence_start: int
    sentence_end: int


class Task(NamedTuple):
    """One task of a work plan."""

    document_id: str
    report_no: int
    task_no: int
    theme: str
    title: str
    lead_units: tuple[str, ...]
    responsible_units: tuple[str, ...]
    deadline: str
    line_no: int
    span_start: int
    span_end: int


class Issue(NamedTuple):
    """Something that was not understood, or understood only with help."""

    document_id: str
    report_no: int
    issue_no: int
    issue_code: str
    severity: str
    """``error``, ``warning`` or ``info``."""
    table_code: str
    indicator_code: str
    line_no: int
    span_start: int
    span_end: int
    text: str


class Parsed(NamedTuple):
    """Everything read from one document."""

    document: Document
    reports: tuple[Report, ...] = ()
    sections: tuple[Section, ...] = ()
    cells: Sequence[Cell] = ()
    """Mostly `loaders.cells.Cells`, which are columns until somebody asks for a row."""
    claims: tuple[Claim, ...] = ()
    tasks: tuple[Task, ...] = ()
    issues: tuple[Issue, ...] = ()


def report_id(document_id: str, report_no: int) -> str:
    """Name a report by its document and its place there: ``0123456789abcdef-1``."""
    return f"{document_id[:16]}-{report_no}"
