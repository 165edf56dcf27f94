"""A table of which nothing but its figures was read: what it is beside them tells its layout.

When a layout is known, and which one a text has, is the business of `layouts`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import repeat
from typing import NamedTuple

import numpy as np

from loaders.cells import CellRun, Pattern, as_numeral, value_of
from loaders.quantity import read_cell
from loaders.tables.filled_table import CellDraft, IssueDraft
from loaders.text import Text

Place = tuple[int, int]
"""A place in a skeleton: the number of figures before it, and how far it is from the last of them or the start."""

Key = tuple[str, str]
"""Indicator and column of a cell."""

_as_draft = partial(tuple.__new__, CellDraft)


class Constant(NamedTuple):
    """A cell that is no plain figure, and the same in every table of a layout."""

    place: Place
    text: str
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Layout:
    """What every table of one skeleton has in common."""

    parts: tuple[str, ...]
    """The passage: what stands before, between and behind its figures, and in turn an empty string for each of these."""
    print: "Print | None"
    is_last: bool
    """The passage ends where the table must end, not with a line."""
    end: Place
    fixed: tuple[tuple[int, str], ...]
    """Figures that must be these."""
    keys: tuple[Key, ...]
    key_set: frozenset[Key]
    pattern: Pattern
    """Of all figures and constants, as they stand in the text."""
    constants: tuple[Constant, ...]
    in_order: Callable[[Sequence], Sequence] | None
    """Brings figures, and the constants behind them, into the order of the text; ``None`` where there are no constants."""
    scaled: tuple[tuple[int, str, str], ...]
    """Figures that are converted: number, unit and printed unit."""
    issues: tuple[tuple[IssueDraft, Place, Place], ...]
    line_count: int

    @property
    def tail(self) -> str:
        """What stands behind the last figure, to the end of its line."""
        return self.parts[-1]

    def with_figures(self, figures: Sequence[str]) -> str:
        """The passage of a table with these figures."""
        parts = list(self.parts)
        parts[1::2] = figures
        return "".join(parts)


class Print(NamedTuple):
    """How a passage is told by its digits, where no figure has a sign: much faster than by its skeleton."""

    reach: int
    """Characters that such a passage has at most."""
    run_count: int
    """Runs of digits and points."""
    pick_figures: Callable[[Sequence[str]], Sequence[str]]
    """Takes the figures out of all runs."""


class KnownTable:
    """A table read by its layout. It has what a `Table` has; its cells stay figures until somebody asks for them."""

    def __init__(
        self,
        table_code: str,
        form_id: str,
        start: int,
        stop: int,
        layout: Layout,
        figures: Sequence[str],
    ) -> None:
        self.table_code, self.form_id, self.layout = table_code, form_id, layout
        self.start, self.stop = start, stop
        """Where the passage begins and ends, and with it what the layout knows about."""
        self._figures = figures
        self.end = self._at(layout.end)
        self.issues = [
            draft._replace(start=self._at(first), end=self._at(last))
            for draft, first, last in layout.issues
        ]

    def _at(self, place: Place) -> int:
        number, distance = place
        parts, figures = self.layout.parts, self._figures
        if number == len(figures):
            return self.stop - len(parts[-1]) + distance
        before = sum(map(len, parts[: 2 * number])) + sum(map(len, figures[:number]))
        return self.start + before + distance

    @property
    def has_cells(self) -> bool:
        return bool(self.layout.keys)

    @property
    def has_figures(self) -> bool:
        return "reported" in self.layout.pattern.labels.statuses

    @property
    def cells(self) -> list[CellDraft]:
        labels, order, _, _ = self.layout.pattern
        starts, ends = self.layout.pattern.spans(self.start, self._texts())
        values = list(map(value_of, self._numerals()))
        return list(
            map(
                _as_draft,
                zip(
                    repeat(self.table_code), labels.indicator_codes, labels.column_codes,
                    (values[n] for n in order.tolist()),
                    labels.statuses, labels.methods, labels.solved_by,
                    starts[order].tolist(), ends[order].tolist(), strict=False,
                ),
            )
        )  # fmt: skip

    def as_run(self, report_no: int, text: Text) -> CellRun:
        """The cells as columns of the frame."""
        pattern, texts = self.layout.pattern, self._texts()
        numerals = self._numerals()
        first = text.line_ahead(self.start)
        is_other_count = text.line_ahead(self.stop - 1) - first != self.layout.line_count
        is_other_print = not (
            text.is_same(self.start, self.stop)
            or (text.has_same_figures and not self.layout.constants)
        )
        if is_other_count or is_other_print:
            starts, ends = pattern.spans(self.start, texts)
            if is_other_count:
                # A break that the source writes otherwise is no line of its own.
                lines = list(map(text.line_of, starts[pattern.order].tolist()))
                pattern = pattern._replace(lines=np.array(lines) - first)
            if is_other_print:
                spans = zip(starts.tolist(), ends.tolist(), strict=True)
                texts = [text.source[left:right] for left, right in spans]
        return CellRun(report_no, self.table_code, pattern, self.start, first, texts, numerals)

    def _texts(self) -> Sequence[str]:
        """Figures and constants as they stand in the text."""
        layout = self.layout
        if layout.in_order is None:
            return self._figures
        return layout.in_order([*self._figures, *(constant.text for constant in layout.constants)])

    def _numerals(self) -> Sequence[str | None]:
        """The same as numbers."""
        layout = self.layout
        if layout.in_order is None and not layout.scaled:
            return self._figures
        numerals: list[str | None] = list(self._figures)
        for number, unit, printed in layout.scaled:
            numerals[number] = as_numeral(read_cell(self._figures[number], unit, printed)[0])
        if layout.in_order is None:
            return numerals
        numerals += [as_numeral(constant.value) for constant in layout.constants]
        return layout.in_order(numerals)
