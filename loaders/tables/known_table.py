"""A table of which nothing but its figures was read: what it is beside them tells its layout.

When a layout is known, and which one a text has, is the business of `layouts`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import accumulate, repeat
from typing import NamedTuple

from loaders.cells import CellRun, Labels, as_numeral, value_of
from loaders.quantity import read_cell
from loaders.tables.filled_table import CellDraft, IssueDraft
from loaders.text import Text

Place = tuple[int, int]
"""A place in a skeleton: the number of a mark, and how far behind it. Marks are the start and the ends of figures."""

_as_draft = partial(tuple.__new__, CellDraft)


@dataclass(frozen=True, slots=True)
class Layout:
    """What every table of one skeleton has in common."""

    figure_count: int
    gaps: tuple[int, ...]
    """How much stands before each figure, behind the one before it."""
    print: "Print | None"
    tail: str
    """What stands behind the last figure, to the end of its line."""
    is_last: bool
    """The passage ends where the table must end, not with a line."""
    end: Place
    fixed: tuple[tuple[int, str], ...]
    """Figures that must be these."""
    keys: tuple[tuple[str, str], ...]
    key_set: frozenset[tuple[str, str]]
    labels: Labels
    pick: Callable[[Sequence], Sequence] | None
    """Takes what belongs to the cells, in their order, out of all figures and constants; ``None`` for all as they are."""
    constants: tuple[tuple[Place, Place, Decimal | None], ...]
    """Span and value of the cells that are no plain figure."""
    scaled: tuple[tuple[int, int, str, str], ...]
    """Cell, figure, unit and printed unit of the figures that are converted."""
    issues: tuple[tuple[IssueDraft, Place, Place], ...]
    lines: tuple[int, ...]
    """The line of each cell, counted from the line of the table's start."""
    line_count: int


class Print(NamedTuple):
    """A passage by its bytes, where no figure has a sign: they are compared four times as fast as the skeleton."""

    skeleton: bytes
    """UTF-8, with one 0 for each run of digits and points."""
    reach: int
    """Characters that such a passage has at most."""
    run_count: int
    pick_figures: Callable[[Sequence[str]], Sequence[str]]
    """Takes the figures out of all runs."""
    others: tuple[tuple[int, str], ...]
    """The runs that are no figures, and must be these."""


class KnownTable:
    """A table read by its layout. It has what a `Table` has, its cells as columns until somebody asks for them."""

    def __init__(
        self, table_code: str, form_id: str, start: int, layout: Layout, figures: Sequence[str]
    ) -> None:
        self.table_code, self.form_id, self.start, self.layout = table_code, form_id, start, layout
        self._figures = figures
        steps = [0] * (2 * layout.figure_count)
        steps[::2], steps[1::2] = layout.gaps, map(len, figures)
        self._marks = list(accumulate(steps, initial=start))
        self.stop = self._marks[-1] + len(layout.tail)
        """Where the passage ends, and with it what the layout knows about."""
        self.end = self._at(layout.end)
        self.issues = [
            draft._replace(start=self._at(first), end=self._at(last))
            for draft, first, last in layout.issues
        ]

    def _at(self, place: Place) -> int:
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
        first = text.line_ahead(self.start)
        if text.line_ahead(self.stop - 1) - first == layout.line_count:
            lines = list(map(first.__add__, layout.lines))
        else:
            # A break that the source writes otherwise is no line of its own.
            lines = list(map(text.line_of, starts))
        source, passage = text.source, slice(self.start, self.stop)
        values = self._values() if layout.constants or layout.scaled else None
        numerals = self._picked(self._figures) if values is None else list(map(as_numeral, values))
        if source[passage] == text.normal[passage]:
            others = [source[self._at(a) : self._at(b)] for a, b, _ in layout.constants]
            texts = self._picked([*self._figures, *others])
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
