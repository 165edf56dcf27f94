"""A table on its way from tokens to cells: its rows as printed, its cells and issues so far.

Only shapes belong here; `tables` reads rows from tokens, `filling` gives their values to cells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, Protocol

from loaders.form import Line
from loaders.tables.labels import Entry
from loaders.tables.solve import DoubtfulRow
from loaders.tables.tokens import EMPTY, UNKNOWN, VALUE, Token

# Lines beside which no edition has a cell, and lines beside which the form prints no figure of its own.
NEVER_PRINTED = ("heading", "subtotal_not_printed")
PRINT_NOTHING = ("heading", "subtotal", "subtotal_not_printed")
NO_CELL = ("", "")
"""A place in a row that is none of the form's cells."""


class CellDraft(NamedTuple):
    """A cell before it is tied to a document. Columns as in the frame ``cells``."""

    table_code: str
    indicator_code: str
    column_code: str
    value: Decimal | None
    value_status: str
    method: str
    solved_by: str
    start: int
    end: int


class CellSource(Protocol):
    """A table, however it was read."""

    table_code: str

    @property
    def cells(self) -> list[CellDraft]: ...


class IssueDraft(NamedTuple):
    """An issue before it is tied to a document."""

    issue_code: str
    severity: str
    table_code: str
    indicator_code: str
    start: int
    end: int
    text: str


@dataclass(slots=True)
class Row:
    """One printed row: its label and everything that stands between it and the next label."""

    entries: tuple[Entry, ...]
    ordinal: str
    start: int
    end: int
    slots: list[Token] = field(default_factory=list)
    values: list[Token] = field(default_factory=list)
    """Those of the slots that are not empty. Both change together, by `add` and `put`."""
    unit: str = ""
    is_known: bool = True
    is_beside_unknown: bool = False
    """The label before or behind it is not known: figures beside this one may be the other's."""
    has_mark: bool = False
    """One of the values is a number of a page by its dashes."""

    def add(self, token: Token) -> None:
        """Take another slot in."""
        self.slots.append(token)
        if token.kind is VALUE:
            self.values.append(token)
            if token.page == "marked":
                self.has_mark = True

    def put(self, slots: Iterable[Token]) -> None:
        """Have these slots and no others."""
        self.slots, self.values, self.has_mark = [], [], False
        for slot in slots:
            self.add(slot)

    @property
    def span_end(self) -> int:
        return self.slots[-1].end if self.slots else self.end


class Filling(NamedTuple):
    """A row and the cells that its values are for; a cell with the code ``''`` is none of the form's."""

    row: Row
    cells: Sequence[tuple[str, str]]
    line: Line | None

    @property
    def code(self) -> str:
        return self.cells[0][0] or next(code for code, _ in self.cells if code)


@dataclass
class Table:
    """What one table yielded: cells, issues, and the stretch of text that it takes up."""

    table_code: str
    form_id: str
    start: int
    end: int
    year: int | None = None
    """The year of the report, where it is known."""
    cells: list[CellDraft] = field(default_factory=list)
    issues: list[IssueDraft] = field(default_factory=list)
    doubtful: list[DoubtfulRow] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Rows of the form that an issue says are not there."""
    is_judged: bool = False
    """The digits of some figure decided how the table was read: another table like it may be read otherwise."""
    reach: int = 0
    """How far behind the table the text was read to put labels together."""
    fixed: tuple[tuple[int, int], ...] = ()
    """Spans of figures that would be read otherwise if they were others."""
    idle: list[tuple[int, int]] = field(default_factory=list)
    """Spans of values that are no cell of the form, whatever they are: running numbers, columns of its own."""
    scaled: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Unit of the form and printed unit of the cells whose figures are converted, by where they begin."""

    @property
    def has_cells(self) -> bool:
        return bool(self.cells)

    def report(
        self, code: str, severity: str, start: int, end: int, text: str, indicator: str = ""
    ) -> None:
        """Add an issue; blanks and line breaks in its text become single blanks."""
        shown = " ".join(text.split())
        self.issues.append(
            IssueDraft(code, severity, self.table_code, indicator, start, end, shown)
        )


def find_contested(tables: Sequence[CellSource]) -> set[tuple[str, str]]:
    """Cells of which it is not certain that they are this report's.

    Where a report has two tables of one kind that contradict each other (last year's beside this year's),
    a cell that only one of them has may be of either year.
    """
    contested: set[tuple[str, str]] = set()
    by_code: dict[str, list[dict[tuple[str, str], Decimal | None]]] = {}
    if len({table.table_code for table in tables}) == len(tables):
        return contested
    for table in tables:
        cells = {(c.indicator_code, c.column_code): c.value for c in table.cells}
        if cells:
            by_code.setdefault(table.table_code, []).append(cells)
    for found in by_code.values():
        if len(found) == 1:
            continue
        keys = set().union(*found)
        shared = {key for key in keys if sum(key in cells for cells in found) > 1}
        if any(len({cells.get(key) for cells in found} - {None}) > 1 for key in shared):
            contested |= keys - shared
    return contested


def add_to_row(rows: list[Row], token: Token) -> None:
    """Give a figure to the last row; what is unknown opens a row of its own."""
    if token.kind == UNKNOWN:
        rows.append(Row((), token.ordinal, token.start, token.end, is_known=False))
    elif token.kind in (VALUE, EMPTY) and rows:
        rows[-1].add(token)
