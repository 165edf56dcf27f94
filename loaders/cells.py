"""The cells of a document as columns: they are its most frequent rows, and nearly always wanted all at once.

A document has hundreds of cells, and most of what they say is said by the layout of their table: a row for each would
take longer to make, and to take apart again for the frame, than to read. So they stay as the columns of each table;
whoever asks for a row gets one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from itertools import chain, repeat
from typing import NamedTuple, overload

from loaders.quantity import read_cell
from loaders.rows import Cell

_as_cell = partial(tuple.__new__, Cell)


class Labels(NamedTuple):
    """What the cells of a table are, whatever their figures: the columns that a layout settles."""

    indicator_codes: Sequence[str]
    column_codes: Sequence[str]
    statuses: Sequence[str]
    methods: Sequence[str]
    solved_by: Sequence[str]


class CellRun(NamedTuple):
    """Cells that stand one behind the other, of one table of one report; all columns have one length."""

    report_no: int
    table_code: str
    labels: Labels
    numerals: Sequence[str | None]
    """The values as decimal numerals; ``None`` where a cell has none."""
    texts: Sequence[str]
    lines: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]
    known_values: Sequence[Decimal | None] | None = None
    """The values as numbers, where somebody has made them already."""

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> CellRun:
        """Rows of one table of one report as columns."""
        _, (no, *_), (code, *_), codes, columns, values, statuses, methods, solved, *rest = zip(
            *cells, strict=True
        )
        labels = Labels(codes, columns, statuses, methods, solved)
        return cls(no, code, labels, list(map(as_numeral, values)), *rest, values)

    @property
    def values(self) -> Sequence[Decimal | None]:
        """The values as numbers."""
        if self.known_values is None:
            return [None if numeral is None else value_of(numeral) for numeral in self.numerals]
        return self.known_values

    def with_ambiguous(self, place: int) -> CellRun:
        """The same cells, one of which is printed otherwise elsewhere."""
        rows = list(self.rows(""))
        rows[place] = rows[place]._replace(value=None, value_status="ambiguous")
        return CellRun.of(rows)

    def rows(self, document_id: str) -> Iterator[Cell]:
        """The cells one by one."""
        return map(
            _as_cell,
            zip(
                repeat(document_id), repeat(self.report_no), repeat(self.table_code),
                self.labels.indicator_codes, self.labels.column_codes, self.values,
                self.labels.statuses, self.labels.methods, self.labels.solved_by,
                self.texts, self.lines, self.starts, self.ends, strict=False,
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
        return sum(len(run.starts) for run in self.runs)

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
def value_of(figure: str) -> Decimal | None:
    """The value of a plain figure. Figures repeat: few of them are read twice."""
    return read_cell(figure, "")[0]


def as_numeral(value: Decimal | None) -> str | None:
    """A value in digits."""
    if value is None:
        return None
    numeral = str(value)
    return numeral if "E" not in numeral else format(value, "f")
