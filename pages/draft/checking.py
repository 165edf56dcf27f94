"""A draft checked: its form filled in, its rules with both sides, its figures in the text.

Pure: bytes and what is known of last year go in, a view comes out. The parser and the rules are
those of ``gongkai check``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from loaders.bodies.region import Regions
from loaders.form import Form, Line
from loaders.parse import parse
from loaders.read import decode
from loaders.rows import Cell, Claim, Issue, Parsed, Report, report_id
from loaders.rules import FAIL, NOT_ASSESSABLE, PASS, UNCERTAIN, RuleResult, evaluate
from pages.language import Words
from pages.passages import Names, Term, read_terms

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"
_LIGHTS = {PASS: GREEN, UNCERTAIN: AMBER, NOT_ASSESSABLE: GREY}
_SHOWN_ORDER = (RED, AMBER, GREEN, GREY)

LastYear = Callable[[Report, Form], Parsed | None]
"""Finds what a release holds of the same body a year before."""


class Entry(NamedTuple):
    """A figure of the draft, with the name under which the text marks it."""

    mark: str
    value: Decimal | None
    status: str
    text: str
    label: str = ""


class FilledTable(NamedTuple):
    """A table of the form, filled in; rows are a label, its depth and its entries."""

    heading: str
    columns: list[Words]
    rows: list[tuple[Words, int, list[Entry | None]]]


class Finding(NamedTuple):
    """A rule, its result as a light, and the terms that it compares with their marks."""

    light: str
    rule_id: str
    severity: str
    rule_zh: str
    rule_en: str
    scope_code: str
    cause: str
    left: Decimal | None
    right: Decimal | None
    residual: Decimal | None
    terms: list[tuple[Term, str]]


class Compared(NamedTuple):
    """A figure this year and last."""

    code: str
    part: str
    last: Decimal
    now: Decimal


class Stretch(NamedTuple):
    """A stretch of the text and the marks of the figures that stand in it."""

    text: str
    marks: str


@dataclass(frozen=True)
class CheckedReport:
    """One annual report of the draft."""

    report: Report
    form_zh: str
    form_en: str
    tables: list[FilledTable]
    claims: list[tuple[Claim, Entry]]
    findings: list[Finding]
    counts: Counter[str]
    has_last_year: bool
    compared: list[Compared]


@dataclass(frozen=True)
class CheckedDraft:
    """Everything that the page shows of a draft; only ``reason`` where it cannot be read."""

    reason: str
    reports: list[CheckedReport]
    issues: list[Issue]
    text: list[Stretch]
    names: Names


def check_draft(
    data: bytes, media_type: str, form: Form, regions: Regions, last_year: LastYear
) -> CheckedDraft:
    """Read a draft and evaluate every rule that covers it, those across years included."""
    parsed = parse(data, media_type, form, regions)
    names = name_codes(form)
    if parsed.document.status == "unusable":
        reason = " ".join(issue.text or issue.issue_code for issue in parsed.issues)
        return CheckedDraft(reason, [], [], [], names)
    annual = [r for r in parsed.reports if r.doc_type in ("annual_report", "blank_form")]
    found = {r.report_no: last_year(r, form) for r in annual}
    before = [last for last in found.values() if last is not None]
    results = evaluate(form, [parsed, *before], regions)
    marks = dict(mark_figures(parsed))
    return CheckedDraft(
        reason="",
        reports=[
            check_report(report, parsed, results, form, marks, found[report.report_no])
            for report in annual
        ],
        issues=[issue for issue in parsed.issues if issue.severity != "info"],
        text=list(cut_text(decode(data, media_type).text or "", marks)),
        names=names,
    )


def name_codes(form: Form) -> Names:
    """Labels of indicators, tables and columns, from the dictionary."""
    indicators = {
        line.indicator_code: Words(line.label_zh, line.label_en or line.label_zh)
        for line in form.all_lines
    }
    for table in form.all_tables:
        indicators[table.table_code] = Words(table.heading_zh[0], table.heading_zh[0])
    parts = {c.column_code: Words(c.label_zh, c.label_en) for c in form.all_value_columns}
    parts |= {a.applicant_code: Words(a.label_zh, a.label_en) for a in form.applicants}
    return Names(indicators, parts)


def mark_figures(parsed: Parsed) -> Iterator[tuple[tuple[int, int], str]]:
    """A name for every stretch of the text that a figure was read from."""
    spans = {(f.span_start, f.span_end) for f in (*parsed.cells, *parsed.claims)}
    for number, span in enumerate(sorted(spans)):
        yield span, f"f{number}"


def cut_text(text: str, marks: dict[tuple[int, int], str]) -> Iterator[Stretch]:
    """The text in stretches, each with the marks of the figures that cover it."""
    edges = sorted({0, len(text), *(edge for span in marks for edge in span)})
    spans = sorted(marks)
    at = 0
    open_spans: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        while at < len(spans) and spans[at][0] <= start:
            open_spans.append(spans[at])
            at += 1
        open_spans = [span for span in open_spans if span[1] > start]
        covering = " ".join(marks[span] for span in open_spans)
        yield Stretch(text[start:end], covering)


def check_report(
    report: Report,
    parsed: Parsed,
    results: Iterable[RuleResult],
    form: Form,
    marks: dict[tuple[int, int], str],
    last: Parsed | None,
) -> CheckedReport:
    """One report: its tables, its rules, and what changed since last year."""
    name = report_id(report.document_id, report.report_no)
    cells = [cell for cell in parsed.cells if cell.report_no == report.report_no]
    claims = [claim for claim in parsed.claims if claim.report_no == report.report_no]
    entries: dict[tuple[str, str], Entry] = {}
    for figure in (*cells, *claims):
        part = figure.column_code if isinstance(figure, Cell) else figure.qualifier
        entries.setdefault((figure.indicator_code, part), make_entry(figure, marks))
    findings = [
        make_finding(result, form, entries) for result in results if result.report_id == name
    ]
    findings.sort(key=lambda finding: _SHOWN_ORDER.index(finding.light))
    edition = next((e for e in form.editions if e.form_id == report.form_id), None)
    return CheckedReport(
        report=report,
        form_zh=edition.label_zh if edition else "",
        form_en=edition.label_en if edition else "",
        tables=list(fill_tables(report, form, cells, entries)),
        claims=[(claim, make_entry(claim, marks)) for claim in claims],
        findings=findings,
        counts=Counter(finding.light for finding in findings),
        has_last_year=last is not None,
        compared=list(compare(cells, last)) if last else [],
    )


def make_entry(figure: Cell | Claim, marks: dict[tuple[int, int], str]) -> Entry:
    """A figure as the filled form shows it."""
    mark = marks[figure.span_start, figure.span_end]
    if isinstance(figure, Claim):
        return Entry(mark, figure.value, figure.precision, figure.claim_text)
    return Entry(mark, figure.value, figure.value_status, figure.cell_text)


def make_finding(result: RuleResult, form: Form, entries: dict[tuple[str, str], Entry]) -> Finding:
    """A result as the page shows it: what fails as an error is red, what needs a look amber."""
    rule = form.rule(result.rule_id)
    light = _LIGHTS.get(result.result, "")
    if result.result == FAIL:
        light = RED if rule.severity == "error" else AMBER
    terms = []
    for term in read_terms(result.operands):
        mark = ""
        if term.code and not term.frame:
            if term.part == "*":
                found = [entry for key, entry in entries.items() if key[0] == term.code]
            else:
                found = [e for e in [entries.get((term.code, term.part))] if e]
            mark = " ".join(entry.mark for entry in found)
        terms.append((term, mark))
    return Finding(
        light,
        result.rule_id,
        rule.severity,
        rule.description_zh,
        rule.description_en,
        result.scope_code,
        result.cause,
        result.left_value,
        result.right_value,
        result.residual,
        terms,
    )


# --- the form, filled in --------------------------------------------------------------------------


def fill_tables(
    report: Report, form: Form, cells: list[Cell], entries: dict[tuple[str, str], Entry]
) -> Iterator[FilledTable]:
    """The tables of the report's edition, as its form prints them."""
    present = {cell.table_code for cell in cells}
    for table in form.tables(report.form_id):
        lines = [line for line in form.lines(report.form_id) if line.table_code == table.table_code]
        if table.table_code not in present:
            yield FilledTable(table.heading_zh[0], [], [])
            continue
        dimensions = {line.dimension_code for line in lines}
        if "appeal_column" in dimensions:
            yield FilledTable(table.heading_zh[0], *fill_appeals(report, form, entries))
        elif "article_20" in dimensions:
            yield FilledTable(table.heading_zh[0], [], fill_crossings(lines, entries))
        else:
            yield FilledTable(
                table.heading_zh[0], *fill_rows(report, form, lines, entries, dimensions)
            )


Filled = list[tuple[Words, int, list[Entry | None]]]


def fill_rows(
    report: Report,
    form: Form,
    lines: list[Line],
    entries: dict[tuple[str, str], Entry],
    dimensions: set[str],
) -> tuple[list[Words], Filled]:
    """Lines down, applicants or value columns across."""
    if "request_row" in dimensions:
        applicants = [a for a in form.applicants if report.form_id in a.form_ids]
        columns = {a.applicant_code: Words(a.label_zh, a.label_en) for a in applicants}
    else:
        values = form.value_columns(report.form_id)
        columns = {c.column_code: Words(c.label_zh, c.label_en) for c in values}
        columns = columns or {"": Words("数字", "Figure")}
    parents = {line.indicator_code: line.parent_code for line in lines}
    rows: Filled = []
    for line in lines:
        found = [entries.get((line.indicator_code, code)) for code in columns]
        depth, above = 0, line.parent_code
        while above in parents:
            depth, above = depth + 1, parents[above]
        rows.append((Words(line.label_zh, line.label_en or line.label_zh), depth, found))
    return list(columns.values()), rows


def fill_crossings(lines: list[Line], entries: dict[tuple[str, str], Entry]) -> Filled:
    """The article-20 tables: one row per printed row, its figures under labels of their own."""
    rows: dict[str, list[Entry | None]] = {}
    for line in lines:
        entry = entries.get((line.indicator_code, ""))
        if line.row_label_zh:
            found = rows.setdefault(line.row_label_zh, [])
            blank = Entry("", None, "absent", "")
            found.append((entry or blank)._replace(label=line.column_label_zh))
    return [(Words(label, label), 0, found) for label, found in rows.items()]


def fill_appeals(
    report: Report, form: Form, entries: dict[tuple[str, str], Entry]
) -> tuple[list[Words], Filled]:
    """The appeals table: forums down, results across."""
    found = [c for c in form.appeal_columns if report.form_id in c.form_ids]
    results = {c.result_code: Words(c.result_zh, c.result_en) for c in found}
    forums = {c.forum_code: Words(c.forum_zh, c.forum_en) for c in found}
    codes = {(c.forum_code, c.result_code): c.indicator_code for c in found}
    rows: Filled = [
        (name, 0, [entries.get((codes.get((forum, result), ""), "")) for result in results])
        for forum, name in forums.items()
    ]
    return list(results.values()), rows


# --- last year ------------------------------------------------------------------------------------


def compare(cells: list[Cell], last: Parsed) -> Iterator[Compared]:
    """The totals that both years print under the same code, where one of them is not 0."""
    before = {(c.indicator_code, c.column_code): c.value for c in last.cells}
    shown = {"", "total"}
    for cell in cells:
        old = before.get((cell.indicator_code, cell.column_code))
        if cell.column_code in shown and old is not None and cell.value is not None:
            if old or cell.value:
                yield Compared(cell.indicator_code, cell.column_code, old, cell.value)
