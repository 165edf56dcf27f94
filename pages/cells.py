"""Table cells and bars that read alike in both languages, written once for the two pages.

Only numbers, offsets and class names enter here, never text of a document: that is what templates
escape. A template writes one cell as slowly as ten of these, and a country has millions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from pages.language import NOTHING, show_number, show_share

COLOR_COUNT = 10
_ABSENT = f'<span class="nothing">{NOTHING}</span>'


class OutcomeRow(NamedTuple):
    """A group of outcomes over the years."""

    series: int
    """Number of its colour; 0 for what is in no group."""
    group: Any
    """``None`` for what is in no group."""
    cells: Markup


class Outcomes(NamedTuple):
    """What became of requests, as bars and as a table; the newest year first."""

    bars: list[dict[str, Any]]
    rows: list[OutcomeRow]


def figure(value: Any, place: str = "") -> str:
    """A number that leads to its source line, where one is kept; a dash where there is none."""
    if value is None:
        return _ABSENT
    shown = show_number(value)
    return f'<button data-at="{place}">{shown}</button>' if place else shown


def figure_cells(figures: Iterable[tuple[Any, str] | None]) -> Markup:
    """The cells of a row: number and place, or nothing where the form has no such line."""
    return Markup("".join(f"<td>{figure(*found) if found else ''}</td>" for found in figures))


def lay_out_outcomes(bars: Sequence[dict[str, Any]], groups: Sequence[Any]) -> Outcomes:
    """Bars and table of the groups of outcomes.

    Args:
        bars: per report, ``year``, ``total``, ``parts`` (number of the group, code, count) and
            ``ungrouped``.
        groups: every group, in their order.
    """
    newest_first = [dict(bar) for bar in reversed(bars)]
    counts = [{number: value for number, _, value in bar["parts"]} for bar in newest_first]
    rest = [bar["ungrouped"] for bar in newest_first]
    for bar in newest_first:
        parts = [(number % COLOR_COUNT + 1, value) for number, _, value in bar["parts"]]
        shown = [*parts, (0, bar["ungrouped"])]
        bar["stack"] = Markup(
            "".join(
                f'<span class="series-{series}" style="flex: {value}"></span>'
                for series, value in shown
                if value
            )
        )
    totals = [bar["total"] for bar in newest_first]
    rows = [
        OutcomeRow(
            number % COLOR_COUNT + 1, group, _share_cells([c.get(number) for c in counts], totals)
        )
        for number, group in enumerate(groups)
        if any(number in count for count in counts)
    ]
    if any(rest):
        rows.append(OutcomeRow(0, None, _share_cells(rest, totals)))
    return Outcomes(newest_first, rows)


def _share_cells(counts: Iterable[int | None], totals: Iterable[int]) -> Markup:
    return Markup("".join(map(_share_cell, counts, totals)))


def _share_cell(count: int | None, total: int) -> str:
    if count is None:
        return f"<td>{NOTHING}</td>"
    return f'<td>{show_number(count)} <span class="aside">{show_share(count, total)}</span></td>'
