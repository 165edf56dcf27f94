"""How far the reading of a collection can be trusted: per document, in total, and what is unknown.

Counts what the parser said of itself. Nothing is read again, and nothing is judged but the text between the
cells of a table, from which its layout is told.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from loaders.form import Form
from loaders.normalise import normalise
from loaders.rows import Cell, Issue, Parsed, Report
from loaders.tables.labels import key_of

VARIANT_COLUMNS = ("form_id", "indicator_code", "label_zh", "kind", "source")
_DOCUMENT_COLUMNS = (
    "document", "report_no", "status", "doc_type", "report_year", "form_id", "publisher_name",
    "is_publisher_resolved", "digits", "digits_explained", "digits_explained_pct", "cells", "claims",
    "tasks", "cell_statuses", "methods", "errors", "warnings", "infos", "issue_codes", "layouts",
)  # fmt: skip
# By what stands between two cells of a row, or behind the label where a row has one cell.
_LAYOUTS = (
    ("cell per line", re.compile(r"[|\s]*\n[|\s]*")),
    ("pipe rows", re.compile(r"[^\n]*\|[^\n]*")),
    ("tab rows", re.compile(r"[^\n]*\t[^\n]*")),
    ("space rows", re.compile(r"\s+")),
    ("glued", re.compile("")),
)
_MARKUP = {
    "text/html": "HTML cells",
    "application/pdf": "PDF cells",
    "text/csv": "CSV cells",
}
_FIGURES = re.compile(r"[|\s]*[-+]?\d[\d,.%]*\s*[\u4e00-\u9fff]{0,2}(?=$|[\s|])")
_NEAR = 0.5
_LONGEST_LABEL = 80


@dataclass(frozen=True)
class DocumentFidelity:
    """What became of one report, or of a document in which none was found (``report_no`` 0).

    ``statuses``, ``methods`` count cells, ``severities`` and ``issue_codes`` issues, ``layouts`` tables.
    ``digits`` are those of the report, ``digits_explained`` those that a table, a claim or a task accounts for.
    """

    document: str
    report_no: int
    status: str
    doc_type: str
    report_year: int | None
    form_id: str
    publisher_name: str
    is_publisher_resolved: bool
    digits: int
    digits_explained: int
    claims: int
    tasks: int
    statuses: Counter[str]
    methods: Counter[str]
    severities: Counter[str]
    issue_codes: Counter[str]
    layouts: Counter[str]

    @property
    def explained_pct(self) -> float | None:
        """The share of digits explained; ``None`` where there are none."""
        return 100 * self.digits_explained / self.digits if self.digits else None


@dataclass(frozen=True)
class UnknownLabel:
    """A label that carries figures and is not in the dictionary, and how often it was met."""

    form_id: str
    indicator_code: str
    """The nearest label of the edition; ``''`` where none is near. A guess, for a person to judge."""
    label_zh: str
    document: str
    count: int


def measure_document(document: str, parsed: Parsed, text: str = "") -> list[DocumentFidelity]:
    """Measure each report of a document, or the document itself where it has none.

    Args:
        document: the name to show.
        text: the text as decoded; without it the layouts are not told.
    """
    reports = parsed.reports or (None,)
    return [_measure(document, parsed, report, text) for report in reports]


def _measure(document: str, parsed: Parsed, report: Report | None, text: str) -> DocumentFidelity:
    number = report.report_no if report else 0
    cells = [cell for cell in parsed.cells if cell.report_no == number]
    # Issues of the whole document are told once, with its first report.
    issues = [
        i for i in parsed.issues if i.report_no == number or (number == 1 and not i.report_no)
    ]
    return DocumentFidelity(
        document,
        number,
        parsed.document.status,
        report.doc_type if report else "",
        report.report_year if report else None,
        report.form_id if report else "",
        report.publisher_name if report else "",
        bool(report and report.publisher_name and report.region_code),
        report.digit_count if report else 0,
        report.explained_digit_count if report else 0,
        sum(claim.report_no == number for claim in parsed.claims),
        sum(task.report_no == number for task in parsed.tasks),
        Counter(cell.value_status for cell in cells),
        Counter(cell.method for cell in cells if cell.value_status == "reported"),
        Counter(issue.severity for issue in issues),
        Counter(issue.issue_code for issue in issues),
        Counter(_layouts(cells, text, parsed.document.media_type)) if text else Counter(),
    )


def _layouts(cells: Sequence[Cell], text: str, media_type: str) -> Iterator[str]:
    """One name for each table: the separator met most often between two neighbouring cells."""
    tables: dict[str, list[Cell]] = {}
    for cell in cells:
        tables.setdefault(cell.table_code, []).append(cell)
    for table in tables.values():
        spans = sorted({(c.span_start, c.span_end) for c in table if c.span_end > c.span_start})
        name = name_layout(text, spans)
        yield _MARKUP.get(media_type, name) if name != "glued" else name


def name_layout(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Name the layout of a table by what stands between its cells.

    Args:
        spans: where its cells stand, in order.

    Returns:
        ``cell per line``, ``pipe rows``, ``tab rows``, ``space rows``, ``one line``, ``glued``, or ``unclear``.
    """
    met: Counter[str] = Counter()
    for (_, end), (start, _) in pairwise(spans):
        between = text[end:start]
        name = next((name for name, form in _LAYOUTS if form.fullmatch(between)), "")
        if not name:
            # A label stands between the two: what is before the second figure separates.
            tail = re.search(r"[\s|]*\Z", between)
            gap = tail.group() if tail else ""
            name = next((name for name, form in _LAYOUTS if form.fullmatch(gap)), "unclear")
        met[name] += 1
    if not met:
        return "unclear"
    name = met.most_common(1)[0][0]
    has_lines = "\n" in text[spans[0][0] : spans[-1][1]]
    return "one line" if name != "glued" and not has_lines else name


# --- unknown labels -----------------------------------------------------------------------------------------


def find_unknown_labels(documents: Iterable[tuple[str, Parsed]], form: Form) -> list[UnknownLabel]:
    """Labels beside figures that the dictionary does not have, the most frequent first.

    Each edition and spelling comes once, with the first document that has it.
    """
    first: dict[tuple[str, str], tuple[str, Issue]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for document, parsed in documents:
        editions = {report.report_no: report.form_id for report in parsed.reports}
        for issue in parsed.issues:
            if issue.issue_code == "unknown_label":
                label = _label_in(issue.text)
                if label:
                    key = (editions.get(issue.report_no, ""), label)
                    first.setdefault(key, (document, issue))
                    counts[key] += 1
    return [
        UnknownLabel(
            form_id, _nearest(form, form_id, issue.table_code, label), label, document, count
        )
        for ((form_id, label), count), (document, issue) in (
            (item, first[item[0]]) for item in sorted(counts.items(), key=lambda i: (-i[1], i[0]))
        )
    ]


def _label_in(text: str) -> str:
    """The label at the head of a row: what stands before its first figure, in simplified characters."""
    label = normalise(text)
    figure = _FIGURES.search(label)
    label = label[: figure.start()] if figure else label
    return " ".join(label.replace("|", " ").split())[:_LONGEST_LABEL].strip()


def _nearest(form: Form, form_id: str, table_code: str, label: str) -> str:
    """The line whose label shares most pairs of letters with another one, if that is half of them."""
    best, code = 0.0, ""
    pairs = _pairs(key_of(label))
    for known, indicator_code in _known_pairs(form, form_id, table_code):
        size = len(pairs) + len(known)
        share = 2 * len(pairs & known) / size if size else 0.0
        if share > best:
            best, code = share, indicator_code
    return code if best >= _NEAR else ""


@lru_cache(maxsize=64)
def _known_pairs(form: Form, form_id: str, table_code: str) -> list[tuple[frozenset[str], str]]:
    return [
        (_pairs(key_of(label)), line.indicator_code)
        for line in form.lines(form_id)
        if line.table_code == table_code
        for label in (
            line.row_label_zh or line.label_zh,
            *form.variants(form_id, line.indicator_code),
        )
    ]


def _pairs(key: str) -> frozenset[str]:
    return frozenset(a + b for a, b in pairwise(key)) or frozenset([key])


def write_variant_rows(labels: Iterable[UnknownLabel]) -> str:
    """Rows for ``form_label_variant.csv``, header first. A code may be empty: then a person must find it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(VARIANT_COLUMNS)
    for label in labels:
        writer.writerow(
            (label.form_id, label.indicator_code, label.label_zh, "label", label.document)
        )
    return out.getvalue()


# --- as rows ------------------------------------------------------------------------------------------------


def to_rows(documents: Iterable[DocumentFidelity]) -> list[dict[str, object]]:
    """One flat row per report, the same columns in every format; counts as ``name 3|name 1``."""
    rows = []
    for one in documents:
        share = one.explained_pct
        values = (
            one.document, one.report_no, one.status, one.doc_type, one.report_year, one.form_id,
            one.publisher_name, one.is_publisher_resolved, one.digits, one.digits_explained,
            None if share is None else round(share, 1), sum(one.statuses.values()), one.claims,
            one.tasks, spell(one.statuses), spell(one.methods), one.severities["error"],
            one.severities["warning"], one.severities["info"], spell(one.issue_codes),
            spell(one.layouts),
        )  # fmt: skip
        rows.append(dict(zip(_DOCUMENT_COLUMNS, values, strict=True)))
    return rows


def add_up(documents: Sequence[DocumentFidelity]) -> dict[str, object]:
    """The totals of a folder."""
    digits = sum(one.digits for one in documents)
    explained = sum(one.digits_explained for one in documents)
    return {
        "documents": len({one.document for one in documents}),
        "unusable": len({one.document for one in documents if one.status == "unusable"}),
        "reports": sum(one.report_no > 0 for one in documents),
        "publisher_resolved": sum(one.is_publisher_resolved for one in documents),
        "digits": digits,
        "digits_explained_pct": round(100 * explained / digits, 1) if digits else None,
        "claims": sum(one.claims for one in documents),
        "tasks": sum(one.tasks for one in documents),
        "cell_statuses": _sum(one.statuses for one in documents),
        "methods": _sum(one.methods for one in documents),
        "severities": _sum(one.severities for one in documents),
        "issue_codes": _sum(one.issue_codes for one in documents),
        "layouts": _sum(one.layouts for one in documents),
        "form_ids": dict(Counter(one.form_id for one in documents if one.form_id)),
    }


def _sum(counters: Iterable[Counter[str]]) -> dict[str, int]:
    return dict(sum(counters, Counter()).most_common())


def spell(counts: Mapping[str, int]) -> str:
    """Counts as text: ``reported 190|blank 8``."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "|".join(f"{name} {count}" for name, count in ordered)
