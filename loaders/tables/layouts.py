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

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache, partial
from itertools import accumulate, repeat
from operator import itemgetter
from typing import NamedTuple

from loaders.cells import CellRun, Labels, as_numeral, value_of
from loaders.form import Form
from loaders.quantity import read_cell
from loaders.tables.filled_table import CellDraft, IssueDraft, Table
from loaders.tables.labels import LabelIndex
from loaders.tables.tokens import Stretch
from loaders.text import Text

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
_LONGEST_TABLE = 8_000
_LONGEST_TAIL = 200
_MOST_LAYOUTS = 1_024
_BEFORE = 4
"""Characters before a table that may decide how its first label is read."""

_Place = tuple[int, int]
"""A place in a skeleton: the number of a mark, and how far behind it. Marks are the start and the ends of figures."""

_as_draft = partial(tuple.__new__, CellDraft)


@dataclass(frozen=True, slots=True)
class Layout:
    """What every table of one skeleton has in common."""

    figure_count: int
    tail: str
    """What stands behind the last figure, to the end of its line."""
    is_last: bool
    """The passage ends where the table must end, not with a line."""
    end: _Place
    fixed: tuple[tuple[int, str], ...]
    """Figures that must be these."""
    keys: tuple[tuple[str, str], ...]
    key_set: frozenset[tuple[str, str]]
    labels: Labels
    pick: Callable[[Sequence], Sequence] | None
    """Takes what belongs to the cells, in their order, out of all figures and constants; ``None`` for all as they are."""
    constants: tuple[tuple[_Place, _Place, Decimal | None], ...]
    """Span and value of the cells that are no plain figure."""
    scaled: tuple[tuple[int, int, str, str], ...]
    """Cell, figure, unit and printed unit of the figures that are converted."""
    issues: tuple[tuple[IssueDraft, _Place, _Place], ...]
    lines: tuple[int, ...]
    """The line of each cell, counted from the line of the table's start."""
    line_count: int


class KnownTable:
    """A table read by its layout. It has what a `Table` has, its cells as columns until somebody asks for them."""

    def __init__(
        self, table_code: str, form_id: str, start: int, layout: Layout, parts: Sequence[str]
    ) -> None:
        self.table_code, self.form_id, self.start, self.layout = table_code, form_id, start, layout
        count = layout.figure_count
        self._figures = parts[1 : 2 * count : 2]
        self._marks = list(accumulate(map(len, parts[: 2 * count]), initial=start))
        self.stop = self._marks[-1] + len(layout.tail)
        """Where the passage ends, and with it what the layout knows about."""
        self.end = self._at(layout.end)
        self.issues = [
            draft._replace(start=self._at(first), end=self._at(last))
            for draft, first, last in layout.issues
        ]

    def _at(self, place: _Place) -> int:
        return self._marks[place[0]] + place[1]

    @property
    def has_cells(self) -> bool:
        return bool(self.layout.keys)

    @property
    def has_figures(self) -> bool:
        return "reported" in self.layout.labels.statuses

    @property
    def cells(self) -> list[CellDraft]:
        labels = self.layout.labels
        starts, ends = self._spans()
        return list(
            map(
                _as_draft,
                zip(
                    repeat(self.table_code), labels.indicator_codes, labels.column_codes,
                    self._values(), labels.statuses, labels.methods, labels.solved_by,
                    starts, ends, strict=False,
                ),
            )
        )  # fmt: skip

    def as_run(self, report_no: int, text: Text) -> CellRun:
        """The cells as columns of the frame."""
        layout = self.layout
        starts, ends = self._spans()
        first = text.line_of(self.start)
        if text.line_of(self.stop - 1) - first == layout.line_count:
            lines = [first + number for number in layout.lines]
        else:
            # A break that the source writes otherwise is no line of its own.
            lines = list(map(text.line_of, starts))
        source, passage = text.source, slice(self.start, self.stop)
        values = self._values() if layout.constants or layout.scaled else None
        numerals = self._picked(self._figures) if values is None else list(map(as_numeral, values))
        if not layout.constants and source[passage] == text.normal[passage]:
            texts = self._picked(self._figures)
        else:
            texts = [source[a:b] for a, b in zip(starts, ends, strict=True)]
        return CellRun(
            report_no, self.table_code, layout.labels, numerals, texts, lines, starts, ends, values
        )

    def _picked(self, of_figures: Sequence) -> Sequence:
        return of_figures if self.layout.pick is None else self.layout.pick(of_figures)

    def _spans(self) -> tuple[Sequence[int], Sequence[int]]:
        marks, constants = self._marks, self.layout.constants
        starts, ends = marks[1::2], marks[2::2]
        if constants:
            starts += [self._at(first) for first, _, _ in constants]
            ends += [self._at(last) for _, last, _ in constants]
        return self._picked(starts), self._picked(ends)

    def _values(self) -> Sequence[Decimal | None]:
        layout = self.layout
        values = list(map(value_of, self._figures))
        if layout.constants:
            values += [value for _, _, value in layout.constants]
        picked = self._picked(values)
        if layout.scaled:
            picked = list(picked)
            for cell, figure, unit, printed in layout.scaled:
                picked[cell] = read_cell(self._figures[figure], unit, printed)[0]
        return picked


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


_Shelf = dict[_Head, dict[int, dict[str, Layout | _Model]]]


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
        for shelf in (self.newer, self.older):
            sizes = shelf.get(head)
            if sizes is None:
                continue
            parts = _FIGURE.split(passage.text, max(sizes))
            for size in sorted(sizes, reverse=True):
                if len(parts) <= 2 * size:
                    continue
                skeleton = "\0".join(parts[: 2 * size : 2])
                kept = sizes[size].get(skeleton)
                layout = _layout_of(kept) if isinstance(kept, _Model) else kept
                if layout is None:
                    sizes[size].pop(skeleton, None)
                    continue
                if layout is not kept:
                    sizes[size][skeleton] = layout
                if not parts[2 * size].startswith(layout.tail):
                    continue
                table = KnownTable(head.table_code, head.form_id, start, layout, parts)
                if layout.is_last and table.stop != end:
                    continue
                if any(parts[2 * n + 1] != figure for n, figure in layout.fixed):
                    continue
                if shelf is self.older:
                    self._keep(head, size, skeleton, layout)
                return table
        return None

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
        self.newer.setdefault(head, {}).setdefault(size, {})[skeleton] = layout


@lru_cache(maxsize=4)
def layouts_of(form: Form) -> LayoutMemory:
    """The memory that goes with a dictionary: what a layout means is told by it."""
    return LayoutMemory()


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
    order: list[int] = []
    constants: list[tuple[_Place, _Place, Decimal | None]] = []
    scaled: list[tuple[int, int, str, str]] = []
    for number, cell in enumerate(table.cells):
        span = (cell.start, cell.end)
        figure = figure_at.pop(span, None)
        if figure is None:
            places = _places(*span, marks)
            if places is None:
                return None
            order.append(count + len(constants))
            constants.append((*places, cell.value))
            continue
        if cell.value_status != "reported":
            return None
        order.append(figure)
        if cell.start in table.scaled:
            scaled.append((number, figure, *table.scaled[cell.start]))
    for span in table.idle:
        figure_at.pop(span, None)
    issues = [(draft, _places(draft.start, draft.end, marks)) for draft in table.issues]
    end = _places(table.end, table.end, marks)
    if figure_at or end is None or not all(places for _, places in issues):
        return None
    text = "".join(parts)
    breaks = [found.start() + start for found in _BREAK.finditer(text)]
    keys = tuple((cell.indicator_code, cell.column_code) for cell in table.cells)
    is_plain = order == list(range(count)) and not constants
    return Layout(
        count,
        literals[-1],
        is_last,
        end[0],
        fixed,
        keys,
        frozenset(keys),
        Labels(
            tuple(code for code, _ in keys),
            tuple(column for _, column in keys),
            tuple(cell.value_status for cell in table.cells),
            tuple(cell.method for cell in table.cells),
            ("",) * len(keys),
        ),
        None if is_plain else _picker(order),
        tuple(constants),
        tuple(scaled),
        tuple((draft, *places) for draft, places in issues if places),
        tuple(bisect_left(breaks, cell.start) for cell in table.cells),
        bisect_left(breaks, marks[-1] - 1),
    )


def _picker(order: Sequence[int]) -> Callable[[Sequence], Sequence]:
    if len(order) > 1:
        return itemgetter(*order)
    (only,) = order
    return lambda row: (row[only],)


def _places(start: int, end: int, marks: Sequence[int]) -> tuple[_Place, _Place] | None:
    """Where a span stands between the figures; ``None`` where a figure is in it."""
    # An empty span may stand where a figure begins or ends: then the text on either side will do.
    for mark in range(max(bisect_left(marks, start) - 1, 0), bisect_right(marks, start)):
        if mark % 2 == 0 and mark + 1 < len(marks) and end <= marks[mark + 1]:
            return (mark, start - marks[mark]), (mark, end - marks[mark])
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
