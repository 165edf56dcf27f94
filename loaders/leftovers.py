"""Figures that stand like those of a table and were not read: a table that nobody recognised, or its rest.

Only finds them, so that an issue can say so. Nothing is guessed from them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# A cell of its own, or the last ones of a row set in blanks; dates, codes and page numbers are none.
_FIGURE_CELL = re.compile(
    r"\s*[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d+)?\s*[%件条次个元万]{0,2}\s*"
)
_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d+)?"
# Set off by blanks behind a word, and without a unit, which would make it prose.
_FIGURES_BEHIND = re.compile(
    rf"(?<=[㐀-鿿)%])(?:[ \u3000]+{_NUMBER}(?=\s|$))+(?!\s*[年月日件条次个元万人份篇场期])|^\s*{_NUMBER}(?:\s+{_NUMBER})+\s*$"
    # A list without a table: one label, one colon, one figure to a line.
    rf"|(?<=[㐀-鿿)]):\s*{_NUMBER}\s*(?:万?元|[件条次个人份篇场期])?\s*$"
)
# Without one of these there is no use in looking for the rest.
_SET_OFF = re.compile(r"[\s:][-+]?\d|^[-+]?\d")
_CELL_ENDS = re.compile(r"[|\t]")
_FIGURE = re.compile(r"\d[\d,.]*")
_LEAST_FIGURES = 6
_LONGEST_GAP = 12


class Leftover(NamedTuple):
    """A stretch with figures of a table in it."""

    start: int
    end: int
    figure_count: int


def find_leftovers(text: str, ranges: Iterable[tuple[int, int]]) -> Iterator[Leftover]:
    """Stretches of rows with figures, in the parts of a text that no table and no claim takes up."""
    for range_start, range_end in ranges:
        first = last = count = gap = 0
        stop = range_start
        while stop < range_end:
            start = stop
            if not count:
                # What stands before the first figure does not matter.
                figure = _FIGURE.search(text, start, range_end)
                if figure is None:
                    break
                start = max(text.rfind("\n", start, figure.start()) + 1, start)
            end = text.find("\n", start, range_end)
            end = range_end if end < 0 else end
            stop = end + 1
            figures = _count_figures(text[start:end])
            if figures:
                first = first if count else start
                last, count, gap = end, count + figures, 0
                continue
            gap += 1
            if count and (gap > _LONGEST_GAP or text.find("。", start, end) >= 0):
                if count >= _LEAST_FIGURES:
                    yield Leftover(first, last, count)
                count = 0
        if count >= _LEAST_FIGURES:
            yield Leftover(first, last, count)


def _count_figures(line: str) -> int:
    if not _FIGURE.search(line):
        return 0
    cells = _CELL_ENDS.split(line)
    if len(cells) > 1 or len(line) < 40:
        count = sum(1 for cell in cells if len(cell) < 40 and _FIGURE_CELL.fullmatch(cell))
        if count or len(cells) > 1:
            return count
    if not _SET_OFF.search(line):
        return 0
    return sum(len(_FIGURE.findall(found.group())) for found in _FIGURES_BEHIND.finditer(line))
