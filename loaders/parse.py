"""The one way in: the bytes of a document and the dictionary give its rows.

Here the steps are put in their order, and what they found is tied to the document. Each step is a
module of its own: read, normalise, reports, sections, tables, claims, tasks, publishers.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

from loaders.bodies.publishers import read_publisher
from loaders.bodies.region import Regions, default_regions
from loaders.bodies.resolving import resolve_body
from loaders.bodies.scope import read_scope
from loaders.cells import CellRun, Cells
from loaders.form import Form
from loaders.formats import PICTURE
from loaders.leftovers import find_leftovers
from loaders.prose.claims import read_claims
from loaders.read import decode
from loaders.reports import ReportSpan, split_reports
from loaders.rows import Claim, Document, Issue, Parsed, Report, Section, Task
from loaders.sections import SectionSpan, expected_forms, locate_sections
from loaders.table_set import NO_TABLES, read_tables
from loaders.tables.filled_table import IssueDraft, Table
from loaders.tables.known_table import KnownTable
from loaders.tasks import read_tasks
from loaders.text import Text

PARSER_VERSION = "2026.11.4"
"""Part of every document row: a change here has every document parsed again."""

_OTHER_DIGITS = re.compile(r"[^\D0-9]")
# Numbers that count nothing: dates, document numbers, ordinals, telephone numbers, addresses.
_NO_MEASURE = re.compile(
    r"(?=[\d〔(h第])(?:"
    r"\d{4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?|\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|\d{4}-\d{1,2}-\d{1,2}(?:\s*\d{1,2}:\d{2})?"
    r"|〔\s*\d{4}\s*〕\s*\d*\s*号?|(?<!\d)\d{1,9}\s*号|[(〔]\s*\d{1,2}\s*[)〕]|(?<![\d.])\d{1,2}[、.](?!\d)"
    r"|\d{3,4}-\d{7,8}|https?://\S+|第\s*\d+)"
)


def parse(
    data: bytes,
    media_type: str,
    form: Form,
    regions: Regions | None = None,
    document_id: str = "",
) -> Parsed:
    """Read one document.

    Args:
        data: the bytes of the document, as they came.
        media_type: what the file's name or its server says it is; plain text is read whatever it says.
        form: the dictionary of the forms.
        regions: the register of administrative divisions; that of the repository if not given.
        document_id: the hash of the bytes, where it is known already.

    Returns:
        All rows of the document. Content never raises: a document without usable text has the status
        ``unusable`` and an error issue.
    """
    document_id = document_id or hashlib.sha256(data).hexdigest()
    decoded = decode(data, media_type)
    if decoded.text is None:
        document = Document(
            document_id,
            decoded.media_type,
            decoded.encoding,
            len(data),
            0,
            "unusable",
            PARSER_VERSION,
        )
        issue = Issue(
            document_id, 0, 1, decoded.issue_code, "error", "", "", 0, 0, 0, decoded.reason
        )
        return Parsed(document, issues=(issue,))
    return _Reader(document_id, Text(decoded.text), form, regions or default_regions()).read(
        Document(
            document_id,
            media_type,
            decoded.encoding,
            len(data),
            len(decoded.text),
            "parsed",
            PARSER_VERSION,
        )
    )


def read_cells(data: bytes, media_type: str, form: Form, document_id: str = "") -> Cells:
    """Read the cells of one document and nothing else: those that `parse` gives, by the same steps."""
    document_id = document_id or hashlib.sha256(data).hexdigest()
    decoded = decode(data, media_type)
    if decoded.text is None:
        return Cells(document_id, ())
    text = Text(decoded.text)
    runs: list[CellRun] = []
    for report_no, span in enumerate(split_reports(text.normal).reports, 1):
        if span.doc_type == "annual_report":
            runs += read_tables(text, report_no, span, form).runs
    return Cells(document_id, runs)


class _Reader:
    """One document on its way: the text in both spellings, and the rows found so far."""

    def __init__(self, document_id: str, text: Text, form: Form, regions: Regions) -> None:
        self.document_id = document_id
        self.spellings = text
        self.source, self.text = text.source, text.normal
        self.form = form
        self.regions = regions
        self.reports: list[Report] = []
        self.sections: list[Section] = []
        self.runs: list[CellRun] = []
        self.claims: list[Claim] = []
        self.tasks: list[Task] = []
        self.issues: list[Issue] = []

    def read(self, document: Document) -> Parsed:
        split = split_reports(self.text)
        for report_no, span in enumerate(split.reports, 1):
            self._read_report(report_no, span)
        for number, (start, end) in enumerate(split.noise, 1):
            self.sections.append(
                Section(self.document_id, 0, number, "noise", "", self._line(start), start, end)
            )
        if not split.reports:
            self._issue(0, IssueDraft("no_report_found", "warning", "", "", 0, 0, ""))
        return Parsed(
            document, tuple(self.reports), tuple(self.sections), Cells(self.document_id, self.runs),
            tuple(self.claims), tuple(self.tasks), tuple(self.issues),
        )  # fmt: skip

    def _read_report(self, report_no: int, span: ReportSpan) -> None:
        is_annual = span.doc_type == "annual_report"
        found = read_tables(self.spellings, report_no, span, self.form) if is_annual else NO_TABLES
        places = [(table.start, table.end) for table in found.tables]
        sections = locate_sections(self.text, span.start, span.end, places)
        doc_type = span.doc_type
        if is_annual and found.tables and _is_blank_form(found.tables, span):
            doc_type = "blank_form"
        explained = list(places)
        publisher = read_publisher(self.text, span, self.regions)
        body = resolve_body(publisher, self.regions)
        if doc_type == "annual_report":
            prose = _outside(span.start, span.end, explained)
            explained += self._add_claims(report_no, span, prose, publisher.name)
        elif doc_type == "work_plan":
            explained += self._add_tasks(report_no, span)
        self.runs += found.runs
        for draft in found.issues:
            self._issue(report_no, draft)
        form_expected: Sequence[str] = ()
        if is_annual:
            form_expected = (
                (found.form_id,) if found.form_id else expected_forms(sections, self.form)
            )
            self._report_missing_tables(report_no, span, form_expected, found.present, sections)
            self._report_leftovers(report_no, span, explained)
        self._add_sections(report_no, sections)
        scope, evidence = read_scope(self.text, span, publisher, body)
        for draft in publisher.issues:
            self._issue(report_no, draft)
        if doc_type == "annual_report" and span.year is None:
            self._issue(report_no, IssueDraft(
                "year_unknown", "error", "", "", span.start, span.start,
                "Neither the title nor the statistical period names the year.",
            ))  # fmt: skip
        digits, explained_digits = self._count_digits(span, explained)
        is_form_known = found.form_id or ("narrative" if doc_type == "annual_report" else "")
        written = slice(publisher.written_start, publisher.written_end)
        self.reports.append(
            Report(
                self.document_id,
                report_no,
                doc_type,
                " ".join(span.title.split()),
                self.source[written] or publisher.written,
                publisher.name,
                publisher.region_code,
                body.publisher_id,
                body.resolution_code,
                body.resolution_evidence,
                span.year,
                is_form_known,
                "|".join(form_expected),
                "|".join(found.present),
                scope,
                evidence,
                self._script(span),
                span.start,
                span.end,
                digits,
                explained_digits,
            )
        )

    # --- what the tables left out ---

    def _report_missing_tables(
        self,
        report_no: int,
        span: ReportSpan,
        form_expected: Sequence[str],
        present: Sequence[str],
        sections: Sequence[SectionSpan],
    ) -> None:
        for form_id in form_expected[:1]:
            for table in self.form.tables(form_id):
                if not table.is_prescribed or table.table_code in present:
                    continue
                place = next(
                    (s for s in sections if s.section_code == table.table_code),
                    SectionSpan("", "", span.start, span.start),
                )
                is_picture = PICTURE in self.text[place.start : place.end]
                what = "is a picture" if is_picture else "is not in the text"
                self._issue(report_no, IssueDraft(
                    "table_missing", "error", table.table_code, "", place.start,
                    min(place.end, place.start + len(place.heading)),
                    f"The prescribed table {what}; nothing is read as zero. {place.heading}",
                ))  # fmt: skip

    def _report_leftovers(
        self, report_no: int, span: ReportSpan, explained: Iterable[tuple[int, int]]
    ) -> None:
        """Figures in rows and columns that no table explains: they are lost, and that is told."""
        for start, end, count in find_leftovers(
            self.text, _outside(span.start, span.end, explained)
        ):
            shown = " ".join(self.text[start : start + 200].split())
            self._issue(report_no, IssueDraft(
                "figures_not_read", "warning", "", "", start, end,
                f"{count} figures stand in rows that belong to no known table: {shown}",
            ))  # fmt: skip

    # --- prose ---

    def _add_claims(
        self,
        report_no: int,
        span: ReportSpan,
        ranges: Sequence[tuple[int, int]],
        publisher: str,
    ) -> list[tuple[int, int]]:
        spans = []
        for claim in read_claims(self.text, ranges, self.form, span.year, publisher):
            spans.append((claim.start, claim.end))
            self.claims.append(
                Claim(
                    self.document_id,
                    report_no,
                    len(spans),
                    claim.indicator_code,
                    claim.qualifier,
                    claim.value,
                    claim.unit,
                    claim.precision,
                    self.source[claim.start : claim.end],
                    self._line(claim.start),
                    claim.start,
                    claim.end,
                    claim.sentence_start,
                    claim.sentence_end,
                )
            )
        return spans

    def _add_tasks(self, report_no: int, span: ReportSpan) -> list[tuple[int, int]]:
        spans = []
        for task in read_tasks(self.text, span.start, span.end):
            spans.append((task.start, task.end))
            self.tasks.append(
                Task(
                    self.document_id,
                    report_no,
                    task.task_no,
                    task.theme,
                    task.title,
                    task.lead_units,
                    task.responsible_units,
                    task.deadline,
                    self._line(task.start),
                    task.start,
                    task.end,
                )
            )
        return spans

    # --- bookkeeping ---

    def _add_sections(self, report_no: int, sections: Iterable[SectionSpan]) -> None:
        for number, section in enumerate(sections, 1):
            self.sections.append(
                Section(
                    self.document_id,
                    report_no,
                    number,
                    section.section_code,
                    section.heading,
                    self._line(section.start),
                    section.start,
                    section.end,
                )
            )

    def _issue(self, report_no: int, draft: IssueDraft) -> None:
        self.issues.append(
            Issue(
                self.document_id,
                report_no,
                len(self.issues) + 1,
                draft.issue_code,
                draft.severity,
                draft.table_code,
                draft.indicator_code,
                self._line(draft.start),
                draft.start,
                draft.end,
                draft.text[:500],
            )
        )

    def _line(self, offset: int) -> int:
        return self.spellings.line_of(offset)

    def _script(self, span: ReportSpan) -> str:
        """By a stretch from the middle: a simplified text quotes a traditional word now and then."""
        if not self.spellings.is_converted:
            return "simplified"
        middle = (span.start + span.end) // 2
        stretch = slice(max(span.start, middle - 500), min(span.end, middle + 500))
        pairs = zip(self.source[stretch], self.text[stretch], strict=True)
        changed = sum(1 for a, b in pairs if a != b and "\u3400" <= a <= "\u9fff")
        return "traditional" if changed * 50 > stretch.stop - stretch.start else "simplified"

    def _count_digits(
        self, span: ReportSpan, explained: Iterable[tuple[int, int]]
    ) -> tuple[int, int]:
        """Digits of a report, and those that a table, a claim, a task or no measure accounts for."""
        whole = self.text[span.start : span.end]
        others = "".join(_OTHER_DIGITS.findall(whole))
        total = _count_digits(whole, others)
        unexplained = 0
        for start, end in _outside(span.start, span.end, explained):
            part = self.text[start:end]
            count = _count_digits(part, others)
            if count:
                count -= _count_digits("".join(_NO_MEASURE.findall(part)), others)
            unexplained += count
        return total, total - unexplained


def _count_digits(text: str, others: str) -> int:
    """Digits of a text; ``others`` are those of other scripts that may stand in it, mostly none."""
    signs = text.encode("ascii", "ignore")
    count = len(signs) - len(signs.translate(None, b"0123456789"))
    return count + sum(map(text.count, set(others)))


def _is_blank_form(tables: Sequence[Table | KnownTable], span: ReportSpan) -> bool:
    """A form that nobody filled in: several tables, all of their cells empty, no year or publisher."""
    if any(isinstance(table, KnownTable) and table.has_figures for table in tables):
        return False
    cells = [cell for table in tables for cell in table.cells]
    is_empty = len(cells) >= 20 and all(cell.value_status == "blank" for cell in cells)
    return is_empty


def _outside(start: int, end: int, taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches of ``[start, end)`` that no table takes up."""
    ranges = []
    for left, right in sorted(taken):
        if left > start:
            ranges.append((start, left))
        start = max(start, right)
    if end > start:
        ranges.append((start, end))
    return ranges
