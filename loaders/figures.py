"""What a report gives for the terms of a rule: figures of cells, of claims, of other reports.

How figures are found and added up stands here; whether a rule holds is decided in `loaders.rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from loaders.bodies.region import Regions, default_regions
from loaders.rows import Cell, Claim, Parsed, Report, report_id

# Statuses of a figure besides `reported`: it is not there, or it cannot be trusted.
ABSENT = {"absent", "blank", "dash", "inexact"}
DOUBTFUL = {"ambiguous", "unreadable", "differing"}
SCOPES = ("region_aggregate", "single_body")

_EXACT = ("exact", "implied")
_ZERO = Decimal(0)


class Operand(NamedTuple):
    """A term of one member: its codes are resolved, ``part`` is the column or the qualifier."""

    sign: str
    name: str
    coefficient: int
    operand: str
    key: tuple[str, str]
    is_sum: bool
    is_previous: bool
    is_children: bool
    is_optional: bool


class Figure(NamedTuple):
    """What a report gives for an operand; ``is_sound``: its table was read without error."""

    value: Decimal | None
    status: str
    is_sound: bool = True
    solved_by: tuple[str, ...] = ()


NO_FIGURE = Figure(None, "absent", is_sound=False)


class Figures:
    """The figures of one report, indexed by code and part."""

    def __init__(
        self,
        report: Report,
        cells: Sequence[Cell],
        claims: Sequence[Claim],
        suspect_tables: frozenset[str],
    ) -> None:
        self.report = report
        self.report_id = report_id(report.document_id, report.report_no)
        self.has_claims = bool(claims)
        self.previous: Figures | None = None
        self.children: Sequence[Figures] = ()
        self._suspect_tables = suspect_tables
        self._tables = {cell.table_code for cell in cells}
        self._claims = claims
        self.cells = _first_prints(cells)
        self._figures = {key: self._figure(*found) for key, found in self.cells.items()}
        self._children_figures: dict[tuple[str, str], Figure] = {}

    def find(self, operand: Operand) -> Figure:
        """The figure of an operand; ``absent`` where the report has none."""
        if operand.operand == "table":
            return self._table(operand.key[0])
        if operand.is_previous:
            if self.previous is None:
                return NO_FIGURE
            return self.previous.find(operand._replace(is_previous=False))
        if operand.is_children:
            return self._sum_of_children(operand.key)
        if operand.operand == "claim":
            claims = self._summed if operand.is_sum else self._single
            return claims.get(operand.key, NO_FIGURE)
        return self._figures.get(operand.key, NO_FIGURE)

    def is_suspect(self, table_code: str) -> bool:
        """Whether reading a table left an error issue."""
        return table_code in self._suspect_tables

    @cached_property
    def sound_cell_count(self) -> int:
        """Cells read without doubt, in tables read without error."""
        return sum(f.status == "reported" and f.is_sound for f in self._figures.values())

    @cached_property
    def settled_claim_count(self) -> int:
        """Figures of the prose that are exact and alone."""
        return sum(f.value is not None for key, f in self._single.items() if key[1] != "*")

    def _figure(self, cell: Cell, status: str) -> Figure:
        return Figure(
            cell.value if status == "reported" else None,
            status,
            cell.table_code not in self._suspect_tables,
            tuple(cell.solved_by.split("|")) if cell.method == "solved" else (),
        )

    def _table(self, table_code: str) -> Figure:
        is_present = Decimal(table_code in self._tables)
        return Figure(is_present, "reported", table_code not in self._suspect_tables)

    @cached_property
    def _single(self) -> dict[tuple[str, str], Figure]:
        return self._settle(is_sum=False)

    @cached_property
    def _summed(self) -> dict[tuple[str, str], Figure]:
        return self._settle(is_sum=True)

    def _settle(self, *, is_sum: bool) -> dict[tuple[str, str], Figure]:
        """What the claims of a code say together, by qualifier and (``*``) over all qualifiers."""
        stated: dict[tuple[str, str], list[Claim]] = {}
        for claim in self._claims:
            stated.setdefault((claim.indicator_code, claim.qualifier), []).append(claim)
        settle = _sum_claims if is_sum else _agree_claims
        settled = {key: settle(claims) for key, claims in stated.items()}
        by_code: dict[str, list[Figure]] = {}
        for (code, _), figure in settled.items():
            by_code.setdefault(code, []).append(figure)
        for code, figures in by_code.items():
            settled[code, "*"] = _add_qualifiers(figures)
        return settled

    def _sum_of_children(self, key: tuple[str, str]) -> Figure:
        """A figure added up over the reports below that print it: a lower bound of their sum."""
        if key not in self._children_figures:
            found = [child._figures[key] for child in self.children if key in child._figures]
            self._children_figures[key] = _add_children(found) if found else NO_FIGURE
        return self._children_figures[key]


def _first_prints(cells: Iterable[Cell]) -> dict[tuple[str, str], tuple[Cell, str]]:
    """Each cell once, with its status: the first print counts, none where prints differ."""
    prints: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        prints.setdefault((cell.indicator_code, cell.column_code), []).append(cell)
    firsts: dict[tuple[str, str], tuple[Cell, str]] = {}
    for key, found in prints.items():
        first = found[0]
        status = first.value_status
        if len(found) > 1:
            first = min(
                found, key=lambda c: (c.value_status != "reported", c.line_no, c.span_start)
            )
            values = {cell.value for cell in found if cell.value is not None}
            status = "ambiguous" if len(values) > 1 else first.value_status
        firsts[key] = (first, status)
    return firsts


def _exact_values(claims: Iterable[Claim]) -> set[Decimal]:
    return {c.value for c in claims if c.value is not None and c.precision in _EXACT}


def _agree_claims(claims: Sequence[Claim]) -> Figure:
    values = _exact_values(claims)
    if len(values) == 1:
        return Figure(values.pop(), "reported")
    return Figure(None, "differing" if values else "inexact")


def _sum_claims(claims: Sequence[Claim]) -> Figure:
    if all(c.value is not None and c.precision in _EXACT for c in claims):
        return Figure(sum(_exact_values(claims), _ZERO), "reported")
    return Figure(None, "inexact")


def _add_qualifiers(figures: Sequence[Figure]) -> Figure:
    for status in ("inexact", "differing"):
        if any(figure.status == status for figure in figures):
            return Figure(None, status)
    return Figure(sum((f.value for f in figures if f.value is not None), _ZERO), "reported")


def _add_children(figures: Sequence[Figure]) -> Figure:
    is_sound = all(figure.is_sound for figure in figures)
    solved_by = tuple(rule_id for figure in figures for rule_id in figure.solved_by)
    if any(figure.status in DOUBTFUL for figure in figures):
        return Figure(None, "ambiguous", is_sound, solved_by)
    values = [figure.value for figure in figures if figure.value is not None]
    if not values:
        return Figure(None, "blank", is_sound, solved_by)
    return Figure(sum(values, _ZERO), "reported", is_sound, solved_by)


class Collection:
    """The reports of some documents, each knowing the year before and the regions below."""

    def __init__(self, parsed: Iterable[Parsed], regions: Regions | None) -> None:
        documents = {p.document.document_id: p for p in reversed(list(parsed))}
        self.figures = [f for p in reversed(documents.values()) for f in _figures_of(p)]
        canonical: dict[tuple[str, int, str], Figures] = {}
        for figures in self.figures:
            body = _body_and_year(figures.report)
            if body and (body not in canonical or _rank(figures) < _rank(canonical[body])):
                canonical[body] = figures
        for figures in self.figures:
            body = _body_and_year(figures.report)
            if body:
                figures.previous = _find_previous(canonical, *body)
        self._link_children(canonical.values(), regions)

    def _link_children(self, canonical: Iterable[Figures], regions: Regions | None) -> None:
        speaking: dict[tuple[str, int | None], Figures] = {}
        for figures in canonical:
            report = figures.report
            if report.scope == "region_aggregate" and report.region_code:
                place = (report.region_code, report.report_year)
                if place not in speaking or _rank(figures) < _rank(speaking[place]):
                    speaking[place] = figures
        if len(speaking) < 2:
            return
        regions = regions or default_regions()
        for figures in self.figures:
            report = figures.report
            if report.scope == "region_aggregate" and report.region_code:
                below = {r.region_code for r in regions.children(report.region_code)}
                figures.children = [
                    speaking[code, report.report_year]
                    for code in sorted(below)
                    if (code, report.report_year) in speaking
                ]


def _figures_of(parsed: Parsed) -> Iterable[Figures]:
    def by_report(rows: Iterable[Cell | Claim]) -> dict[int, list]:
        found: dict[int, list] = {}
        for row in rows:
            found.setdefault(row.report_no, []).append(row)
        return found

    cells, claims = by_report(parsed.cells), by_report(parsed.claims)
    suspect: dict[int, set[str]] = {}
    for issue in parsed.issues:
        if issue.severity == "error" and issue.table_code:
            suspect.setdefault(issue.report_no, set()).add(issue.table_code)
    for report in parsed.reports:
        no = report.report_no
        yield Figures(report, cells.get(no, ()), claims.get(no, ()), frozenset(suspect.get(no, ())))


def _find_previous(
    canonical: Mapping[tuple[str, int, str], Figures], publisher_id: str, year: int, scope: str
) -> Figures | None:
    """The body's report for the year before: of the same scope, or where either is not told."""
    body = publisher_id, year - 1
    if (*body, scope) in canonical:
        return canonical[*body, scope]
    others = SCOPES if scope == "unknown" else ("unknown",)
    found = [canonical[*body, one] for one in others if (*body, one) in canonical]
    return min(found, key=_rank, default=None)


def _body_and_year(report: Report) -> tuple[str, int, str] | None:
    """Whose annual report it is; a body or a year that is not known has no other years."""
    if report.doc_type != "annual_report" or not report.publisher_id or report.report_year is None:
        return None
    return report.publisher_id, report.report_year, report.scope


def _rank(figures: Figures) -> tuple[int, int, str]:
    """Among copies of a report the fullest goes first; dates of publication are not known here."""
    return -figures.sound_cell_count, -figures.settled_claim_count, figures.report_id
