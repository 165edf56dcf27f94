"""Tables of a layout that was met before, filled from their figures alone.

Reports of one edition, printed by one program, differ in nothing but their figures. What is left of a table without its
figures is its *skeleton*: labels, separators, and the blanks between. Once a table was read in full and none of its digits
decided anything, it is known which figure of such a skeleton is which cell, and the next table of that skeleton needs no
reading. Everything else of it (labels, cells that hold no plain figure, issues) stands in the skeleton and is the same.

The result never depends on what was read before. A figure is a run of digits that blanks or pipes cut out, at most ten of
them and four behind a point; to every step of `tokens` and `tables` such a run is one value, whatever its digits are. The few
steps that do ask for the digits (sums that settle an order of columns or a row without separators, figures printed
twice, numbers of pages) set `Table.is_judged`, and such a table is never remembered; nor is one with a figure that is not
exactly one cell, or that stands beside a sign or a word that would become part of it. Where the text behind the last row goes
on, it is read as ever, to see that the table does end there. So both ways give the same rows, cell by cell;
``tests/unit/test_layouts.py`` compares them over every layout and defect that the round trip draws.
"""

import math
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter
from sys import intern
from typing import NamedTuple

import numpy as np

from loaders.cells import Labels, Pattern
from loaders.form import Form
from loaders.tables.filled_table import Table
from loaders.tables.known_table import Constant, Key, KnownTable, Layout, Place, Print
from loaders.tables.labels import LabelIndex
from loaders.tables.tokens import Stretch

# The first character is looked for alone, and what stands before it asked behind it: so the search is fast.
_FIGURE = re.compile(
    r"([-0-9](?<=[\s|][-0-9])(?:(?<!-)|(?=[0-9]))[0-9]{0,9}(?:\.[0-9]{1,4})?(?![^\s|]))"
)
# A figure (the NUL) beside words and signs that are read as a part of it, or that make it an ordinal.
_IS_PART = (
    r"(?:[-+*/\\×?无Oo〇○(〔]|增加|减少|新增|[增减近约])[^\S\n|\t]*\0|\0[^\S\n|\t]*[-/\\.、,)〕]"
)
_NO_LETTER = r"[^0-9A-Za-z㐀-鿿\n|\t]*"
_BREAK = re.compile(r"\n")
_BEFORE_DIGIT = re.compile(r"(\D)\d")
_BEHIND_DIGIT = re.compile(r"\d(\D)")
# The same figures as runs of digits and points, and which of these are one.
_RUN = re.compile("[0-9.]+")
_PLAIN = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,4})?")
_MOST_DIGITS = 10
_LONGEST_FIGURE = 15
_RUNS_ALONE = bytes(byte if byte in b"0123456789." else 0x20 for byte in range(256))
_LONGEST_TABLE = 8_000
_LONGEST_TAIL = 200
_MOST_LAYOUTS = 1_024
_BEFORE = 4
"""Characters before a table that may decide how its first label is read."""


class _Head(NamedTuple):
    """What is known of a table before its figures are: enough to tell whether to look for its layout."""

    table_code: str
    form_id: str
    before: str
    follows_numbering: bool
    first: str
    """All that stands before the first figure."""


class _Passage(NamedTuple):
    head: _Head
    text: str


class _Model(NamedTuple):
    """A table that was read in full. Most skeletons are met once: its layout is made when it is met again."""

    table: Table
    start: int
    parts: Sequence[str]
    """Of the passage: what stands between figures, and the figures, in turn."""
    is_last: bool
    index: LabelIndex


@dataclass(slots=True)
class _Kept:
    """What is known of the tables that begin in one way."""

    by_size: dict[int, dict[str, Layout | _Model]] = field(default_factory=dict)
    """By number of figures, and by skeleton."""
    printed: list[Layout] = field(default_factory=list)
    """Those that have a print, the largest first."""

    def add(self, size: int, skeleton: str, kept: Layout | _Model) -> None:
        self.by_size.setdefault(size, {})[skeleton] = kept
        if isinstance(kept, Layout) and kept.print is not None:
            insort(self.printed, kept, key=lambda layout: -len(layout.parts))


_Shelf = dict[_Head, _Kept]


@dataclass
class LayoutMemory:
    """The layouts met last, some hundreds of them: the older half is forgotten when the newer one is full."""

    newer: _Shelf = field(default_factory=dict)
    older: _Shelf = field(default_factory=dict)
    count: int = 0

    def open(
        self,
        text: str,
        start: int,
        end: int,
        table_code: str,
        form_id: str,
        follows_numbering: bool,
    ) -> _Passage | None:
        """The beginning of a table; ``None`` where no figure follows it within reach."""
        passage = text[start : min(end, start + _LONGEST_TABLE)]
        first = _FIGURE.search(passage)
        if first is None or not first.start():
            return None
        before = text[max(start - _BEFORE, 0) : start]
        head = _Head(table_code, form_id, before, follows_numbering, passage[: first.start()])
        return _Passage(head, passage)

    def find(self, passage: _Passage, start: int, end: int) -> KnownTable | None:
        """The table, if its layout is known. Whether it ends where the passage does is left to the caller."""
        head = passage.head
        kept = self.newer.get(head)
        found = kept and (
            self._find_print(kept.printed, passage, start, end)
            or self._find_skeleton(kept, passage, start, end)
        )
        if found:
            return found[0]
        kept = self.older.get(head)
        found = kept and self._find_skeleton(kept, passage, start, end)
        if not found:
            return None
        self._keep(head, *found[1:])
        return found[0]

    def _find_print(
        self, printed: Sequence[Layout], passage: _Passage, start: int, end: int
    ) -> tuple[KnownTable, ...]:
        """By the digits of the passage; nothing where its figures are more than these."""
        if not printed:
            return ()
        reach = max(layout.print.reach for layout in printed)
        # A byte for each character: all but digits and points is blank.
        signs = passage.text[:reach].encode("ascii", "replace").translate(_RUNS_ALONE)
        runs = signs.decode("ascii").split()
        for layout in printed:
            if layout.print.run_count > len(runs):
                continue
            figures = layout.print.pick_figures(runs)
            printed_so = layout.with_figures(figures)
            if passage.text.startswith(printed_so) and _are_plain(figures):
                table = self._known(layout, passage.head, start, len(printed_so), figures, end)
                if table is not None:
                    return (table,)
        return ()

    def _find_skeleton(
        self, kept: _Kept, passage: _Passage, start: int, end: int
    ) -> tuple[KnownTable, int, str, Layout] | tuple[()]:
        """By what stands between the figures, whatever they look like."""
        sizes = kept.by_size
        parts = _FIGURE.split(passage.text, max(sizes))
        for size in sorted(sizes, reverse=True):
            if len(parts) <= 2 * size:
                continue
            skeleton = "\0".join(parts[: 2 * size : 2])
            known = sizes[size].get(skeleton)
            if isinstance(known, _Model):
                known = _layout_of(known)
                if known is None:
                    del sizes[size][skeleton]
                else:
                    kept.add(size, skeleton, known)
            if known is None or not parts[2 * size].startswith(known.tail):
                continue
            length = sum(map(len, parts[: 2 * size])) + len(known.tail)
            table = self._known(known, passage.head, start, length, parts[1 : 2 * size : 2], end)
            if table is not None:
                return table, size, skeleton, known
        return ()

    def _known(
        self,
        layout: Layout,
        head: _Head,
        start: int,
        length: int,
        figures: Sequence[str],
        end: int,
    ) -> KnownTable | None:
        """The table of a layout with some figures; ``None`` where they, or its end, do not fit."""
        stop = start + length
        if any(figures[n] != figure for n, figure in layout.fixed):
            return None
        if layout.is_last and stop != end:
            return None
        return KnownTable(head.table_code, head.form_id, start, stop, layout, figures)

    def remember(
        self,
        passage: _Passage,
        start: int,
        end: int,
        table: Table,
        stretch: Stretch,
        index: LabelIndex,
    ) -> None:
        """Keep the layout of a table that was read from a stretch of tokens, if its digits decided nothing."""
        if table.is_judged or not table.cells:
            return
        stop = _end_of_passage(passage.text, start, end, table, stretch)
        if stop is None:
            return
        parts = _FIGURE.split(passage.text[: stop - start])
        model = _Model(table, start, parts, stop == end, index)
        self._keep(passage.head, len(parts) // 2, "\0".join(parts[:-1:2]), model)

    def _keep(self, head: _Head, size: int, skeleton: str, layout: "Layout | _Model") -> None:
        if self.count >= _MOST_LAYOUTS:
            self.older, self.newer, self.count = self.newer, {}, 0
        self.count += 1
        self.newer.setdefault(head, _Kept()).add(size, skeleton, layout)


@lru_cache(maxsize=4)
def layouts_of(form: Form) -> LayoutMemory:
    """The memory that goes with a dictionary: what a layout means is told by it."""
    return LayoutMemory()


def _are_plain(figures: Sequence[str]) -> bool:
    """Whether runs of digits and points are figures, each of them one."""
    if "." in "".join(figures):
        return all(map(_PLAIN.fullmatch, figures))
    return max(map(len, figures)) <= _MOST_DIGITS


def _end_of_passage(
    passage: str, start: int, end: int, table: Table, stretch: Stretch
) -> int | None:
    """Where the text ends that had a say in a table; ``None`` where that is too far."""
    line_end = passage.find("\n", max(table.end, table.reach) - start)
    stop = start + line_end + 1 if line_end >= 0 else start + len(passage)
    # Behind a line with which the reading did not stop, and which it did not look beyond, it goes on as if it began there.
    if (
        line_end >= 0
        and not table.reach
        and stretch.stop >= stop
        and not any(a < stop < b for a, b in stretch.ahead)
    ):
        return stop
    # Else all that there was to read is part of the layout.
    is_all = end - start <= len(passage) and end - table.end <= _LONGEST_TAIL
    return end if is_all else None


def _layout_of(model: _Model) -> Layout | None:
    """What a table and any other one of its skeleton have in common; ``None`` where that is not certain."""
    table, start, parts, is_last, index = model
    literals = parts[::2]
    if _part_of_a_figure(index).search("\0".join(literals)):
        return None
    marks = list(accumulate(map(len, parts), initial=start))
    figure_at = {(marks[n], marks[n + 1]): n // 2 for n in range(1, len(parts), 2)}
    count = len(figure_at)
    fixed = tuple(
        (figure_at[span], parts[2 * figure_at[span] + 1])
        for span in table.fixed
        if span in figure_at
    )
    own: list[int] = []
    """The figure of each cell, or the constant, which are counted behind the figures."""
    constants: list[Constant] = []
    scaled: list[tuple[int, str, str]] = []
    text = "".join(parts)
    for cell in table.cells:
        span = (cell.start, cell.end)
        figure = figure_at.pop(span, None)
        if figure is None:
            places = _places(*span, marks)
            if places is None:
                return None
            own.append(count + len(constants))
            printed = text[cell.start - start : cell.end - start]
            constants.append(Constant(places[0], printed, cell.value))
            continue
        if cell.value_status != "reported":
            return None
        own.append(figure)
        if cell.start in table.scaled:
            scaled.append((figure, *table.scaled[cell.start]))
    for span in table.idle:
        figure_at.pop(span, None)
    issues = [(draft, _places(draft.start, draft.end, marks)) for draft in table.issues]
    end = _places(table.end, table.end, marks)
    if figure_at or end is None or not all(places for _, places in issues):
        return None
    # Constants stand before the figure of their number, and behind all that do so before them.
    in_order = sorted(
        range(count + len(constants)),
        key=lambda n: (n, math.inf) if n < count else constants[n - count].place,
    )
    pattern = _pattern_of(table, start, text, marks[: 2 * count + 1], own, in_order)
    return Layout(
        tuple("" if n % 2 else intern(part) for n, part in enumerate(parts)),
        _print_of(text, start, marks[: 2 * count + 1]),
        is_last,
        end[0],
        fixed,
        *_keys_of(pattern.labels),
        pattern,
        tuple(constants),
        _picker(in_order) if constants else None,
        tuple(scaled),
        tuple((draft, *places) for draft, places in issues if places),
        text.count("\n", 0, max(len(text) - 1, 0)),
    )


# The same table printed in another way has the same cells.
_shared_labels = lru_cache(maxsize=256)(Labels)


@lru_cache(maxsize=256)
def _keys_of(labels: Labels) -> tuple[tuple[Key, ...], frozenset[Key]]:
    """Indicator and column of each cell, in their order and as a set."""
    keys = tuple(zip(labels.indicator_codes, labels.column_codes, strict=True))
    return keys, frozenset(keys)


def _pattern_of(
    table: Table,
    start: int,
    text: str,
    marks: Sequence[int],
    own: Sequence[int],
    in_order: Sequence[int],
) -> Pattern:
    """What the figures and constants of a table are, as they stand in the text."""
    cells = table.cells
    spans = list(zip(marks[1::2], marks[2::2], strict=True))
    places = {number: place for place, number in enumerate(in_order)}
    spans += [(cell.start, cell.end) for cell, n in zip(cells, own, strict=True) if n >= len(spans)]
    starts, ends = zip(*(spans[number] for number in in_order), strict=True)
    breaks = [found.start() + start for found in _BREAK.finditer(text)]
    return Pattern(
        _shared_labels(
            tuple(cell.indicator_code for cell in cells),
            tuple(cell.column_code for cell in cells),
            tuple(cell.value_status for cell in cells),
            tuple(cell.method for cell in cells),
            tuple(cell.solved_by for cell in cells),
        ),
        np.array([places[number] for number in own]),
        np.array(starts) - np.array((start, *ends[:-1])),
        np.array([bisect_left(breaks, cell.start) for cell in cells]),
    )


def _print_of(passage: str, start: int, marks: Sequence[int]) -> Print | None:
    """How the digits of a passage tell its layout; ``None`` where a figure is more than these."""
    figure_spans = set(zip(marks[1::2], marks[2::2], strict=True))
    runs = [found.span() for found in _RUN.finditer(passage)]
    figures = []
    for number, (first, last) in enumerate(runs):
        if (start + first, start + last) in figure_spans:
            figures.append(number)
    if not figures or len(figures) < len(figure_spans):
        return None
    reach = len(passage) + _LONGEST_FIGURE * len(figures)
    return Print(reach, len(runs), _picker(figures))


def _picker(order: Sequence[int]) -> Callable[[Sequence], Sequence]:
    if len(order) > 1:
        return itemgetter(*order)
    (only,) = order
    return lambda row: (row[only],)


def _places(start: int, end: int, marks: Sequence[int]) -> tuple[Place, Place] | None:
    """Where a span stands between the figures; ``None`` where a figure is in it."""
    # An empty span may stand where a figure begins or ends: then the text on either side will do.
    for mark in range(max(bisect_left(marks, start) - 1, 0), bisect_right(marks, start)):
        if mark % 2 == 0 and mark + 1 < len(marks) and end <= marks[mark + 1]:
            return (mark // 2, start - marks[mark]), (mark // 2, end - marks[mark])
    return None


@lru_cache(maxsize=64)
def _part_of_a_figure(index: LabelIndex) -> re.Pattern[str]:
    """Where a figure might be read as a part of what stands beside it, or complete a label that has a digit."""
    before = {re.escape(x) for key in index.by_key for x in _BEFORE_DIGIT.findall(key)}
    behind = {re.escape(x) for key in index.by_key for x in _BEHIND_DIGIT.findall(key)}
    ways = [_IS_PART]
    ways += [f"[{''.join(before)}]{_NO_LETTER}\\0"] * bool(before)
    ways += [f"\\0{_NO_LETTER}[{''.join(behind)}]"] * bool(behind)
    return re.compile("|".join(ways))
