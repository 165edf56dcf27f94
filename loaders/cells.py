"""The cells of a document as columns: they are its most frequent rows, and nearly always wanted all at once.

A document has hundreds of cells, and most of what they say is said by the layout of their table: a row for each would
take longer to make, and to take apart again for the frame, than to read. So a table keeps what it prints, and beside it the
`Pattern` that tells what that is; whoever asks for a row gets one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from itertools import chain, repeat
from typing import NamedTuple, overload

import numpy as np

from loaders.quantity import read_cell
from loaders.rows import Cell

_as_cell = partial(tuple.__new__, Cell)


@dataclass(frozen=True, eq=False, slots=True)
class Labels:
    """What the cells of a table are, whatever their figures. Compared by identity: tables of one layout share them."""

    indicator_codes: Sequence[str]
    column_codes: Sequence[str]
    statuses: Sequence[str]
    methods: Sequence[str]
    solved_by: Sequence[str]


class Pattern(NamedTuple):
    """What the texts of a table are: all that tables of one layout have in common."""

    labels: Labels
    order: np.ndarray
    """The text of each cell. Some texts may belong to none."""
    gaps: np.ndarray
    """Characters before each text, from the end of the text before it or the start of the table."""
    lines: np.ndarray
    """The line of each cell, counted from that in which the table starts."""

    def spans(self, start: int, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Where the texts begin and end in a table that starts at an offset."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        ends = np.cumsum(self.gaps + lengths) + start
        return ends - lengths, ends


class CellRun(NamedTuple):
    """Cells that stand one behind the other, of one table of one report."""

    report_no: int
    table_code: str
    pattern: Pattern
    start: int
    line: int
    """Offset and line of the table's start."""
    texts: Sequence[str]
    """What is printed."""
    numerals: Sequence[str | None]
    """The value of each text as a decimal numeral; ``None`` where it has none."""

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> CellRun:
        """Rows of one table of one report as columns."""
        _, (no, *_), (code, *_), codes, columns, values, statuses, methods, solved, *rest = zip(
            *cells, strict=True
        )
        return cls.of_columns(
            no, code, Labels(codes, columns, statuses, methods, solved), values, *rest
        )

    @classmethod
    def of_columns(
        cls,
        report_no: int,
        table_code: str,
        labels: Labels,
        values: Iterable[Decimal | None],
        texts: Sequence[str],
        lines: Sequence[int],
        starts: Sequence[int],
        ends: Sequence[int],
    ) -> CellRun:
        """Cells of a table that has no layout: each has a text of its own."""
        gaps = np.array(starts) - np.array((0, *ends[:-1]))
        pattern = Pattern(labels, np.arange(len(texts)), gaps, np.array(lines))
        return cls(report_no, table_code, pattern, 0, 0, texts, list(map(as_numeral, values)))

    def places(self) -> Iterator[tuple[int, int]]:
        """Line and start of each cell."""
        starts, _ = self.pattern.spans(self.start, self.texts)
        lines = self.pattern.lines + self.line
        return zip(lines.tolist(), starts[self.pattern.order].tolist(), strict=True)

    def rows(self, document_id: str) -> Iterator[Cell]:
        """The cells one by one."""
        labels, order, _, lines = self.pattern
        starts, ends = self.pattern.spans(self.start, self.texts)
        own = order.tolist()
        return map(
            _as_cell,
            zip(
                repeat(document_id), repeat(self.report_no), repeat(self.table_code),
                labels.indicator_codes, labels.column_codes,
                (value_of(self.numerals[n]) for n in own),
                labels.statuses, labels.methods, labels.solved_by,
                (self.texts[n] for n in own),
                (lines + self.line).tolist(), starts[order].tolist(), ends[order].tolist(),
                strict=False,
            ),
        )  # fmt: skip


class Cells(Sequence[Cell]):
    """The cells of one document in their order: a sequence of rows that are made when they are asked for."""

    def __init__(self, document_id: str, runs: Sequence[CellRun]) -> None:
        self.document_id, self.runs = document_id, runs

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> list[Cells]:
        """Rows of any documents as columns, in their order; what is columns already stays as it is."""
        if isinstance(cells, Cells):
            return [cells]
        found: list[Cells] = []
        run: list[Cell] = []
        for cell in chain(cells, (None,)):
            if run and (cell is None or cell[:3] != run[0][:3]):
                found.append(cls(run[0].document_id, [CellRun.of(run)]))
                run = []
            if cell is not None:
                run.append(cell)
        return found

    def __iter__(self) -> Iterator[Cell]:
        return chain.from_iterable(run.rows(self.document_id) for run in self.runs)

    def __len__(self) -> int:
        return sum(len(run.pattern.order) for run in self.runs)

    @overload
    def __getitem__(self, place: int) -> Cell: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Cell, ...]: ...
    def __getitem__(self, place: int | slice) -> Cell | tuple[Cell, ...]:
        return tuple(self)[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cells | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


@lru_cache(maxsize=65_536)
def value_of(numeral: str | None) -> Decimal | None:
    """The value of a numeral. Figures repeat: few of them are read twice."""
    return None if numeral is None else read_cell(numeral, "")[0]


def as_numeral(value: Decimal | None) -> str | None:
    """A value in digits."""
    if value is None:
        return None
    numeral = str(value)
    return numeral if "E" not in numeral else format(value, "f")
