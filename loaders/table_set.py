"""The tables of one report: where they begin, which edition they follow, and the cells that they have together.

What a table says is the business of `tables`; here they are found, read one behind the other, and put
together: a figure that is printed twice is one cell.
"""

from collections.abc import Sequence
from typing import NamedTuple

from loaders.cells import CellRun, Labels
from loaders.form import Form
from loaders.reports import ReportSpan
from loaders.rows import Cell
from loaders.sections import Anchor, Signatures, detect_form, locate_tables
from loaders.tables.filled_table import CellDraft, IssueDraft, Table, find_contested
from loaders.tables.known_table import KnownTable
from loaders.tables.table import read_table
from loaders.text import Text

_Key = tuple[str, str]


class TableSet(NamedTuple):
    """What the tables of a report yielded together."""

    tables: list[Table | KnownTable]
    form_id: str
    """The edition of the tables; ``''`` where none has a cell."""
    present: list[str]
    """The codes of the tables that have cells."""
    runs: list[CellRun]
    issues: list[IssueDraft]


NO_TABLES = TableSet([], "", [], [], [])


def read_tables(text: Text, report_no: int, span: ReportSpan, form: Form) -> TableSet:
    """Read all tables of an annual report."""
    anchors = locate_tables(text.normal, span.start, span.end, form)
    form_id = _detect_form(text.normal, anchors, span, form)
    tables: list[Table | KnownTable] = []
    signatures: Signatures | None = None
    # What was looked at once without finding a table is not looked at from every anchor in it.
    seen = span.start
    for anchor, stop in zip(anchors, _stops(anchors, span.end), strict=True):
        if anchor.start < seen:
            continue
        form_here = form_id
        if form_id not in anchor.form_ids:
            signatures = signatures or Signatures(text.normal, span.start, span.end, form)
            form_here = signatures.detect(anchor.start, anchor.form_ids) or anchor.form_ids[0]
        table = read_table(
            text.normal, anchor.start, stop, anchor.table_code, form_here, form, span.year
        )
        seen = max(seen, table.end)
        if table.has_cells or table.issues:
            tables.append(table)
    present = dict.fromkeys(table.table_code for table in tables if table.has_cells)
    union = _Union(text, report_no, find_contested(tables))
    for table in tables:
        union.add(table)
    return TableSet(tables, form_id if present else "", list(present), union.runs, union.issues)


def _detect_form(text: str, anchors: Sequence[Anchor], span: ReportSpan, form: Form) -> str:
    candidates = sorted({form_id for anchor in anchors for form_id in anchor.form_ids})
    if not candidates:
        return ""
    if len(candidates) == 1:
        return candidates[0]
    found = detect_form(text, anchors[0].start, span.end, form, candidates)
    return found or candidates[0]


def _stops(anchors: Sequence[Anchor], end: int) -> list[int]:
    """Where the table of each anchor ends at the latest: at the next anchor of another table."""
    stops = [end] * len(anchors)
    for n in range(len(anchors) - 2, -1, -1):
        is_other = anchors[n + 1].table_code != anchors[n].table_code
        stops[n] = anchors[n + 1].start if is_other else stops[n + 1]
    return stops


class _Union:
    """The cells of one table after the other, each cell of the form once."""

    def __init__(self, text: Text, report_no: int, contested: set[_Key]) -> None:
        self.runs: list[CellRun] = []
        self.issues: list[IssueDraft] = []
        self._text, self._report_no, self._contested = text, report_no, contested
        self._seen: dict[_Key, tuple[int, int]] = {}
        """The run, and the place in it, of each cell that there is."""
        self._rows: dict[int, list[Cell]] = {}
        """The cells of the runs that were looked into."""
        self._unseen: list[tuple[int, KnownTable]] = []
        """Runs whose cells are not among those. Most reports have tables of known layouts alone, and none twice."""

    def add(self, table: Table | KnownTable) -> None:
        """Add the cells and issues of a table."""
        if not (isinstance(table, KnownTable) and self._add_known(table)):
            self._add_cells(table)
        self.issues += table.issues

    def _add_known(self, table: KnownTable) -> bool:
        keys = table.layout.key_set
        others = (other.layout.key_set for _, other in self._unseen)
        if self._contested or not keys.isdisjoint(self._seen):
            return False
        if not all(map(keys.isdisjoint, others)):
            return False
        if table.has_cells:
            self._unseen.append((len(self.runs), table))
            self.runs.append(table.as_run(self._report_no, self._text))
        return True

    def _add_cells(self, table: Table | KnownTable) -> None:
        while self._unseen:
            number, other = self._unseen.pop()
            self._seen.update((key, (number, n)) for n, key in enumerate(other.layout.keys))
        keys = [(cell.indicator_code, cell.column_code) for cell in table.cells]
        cells = table.cells
        is_repeated = len(set(keys)) < len(keys) or not self._seen.keys().isdisjoint(keys)
        if is_repeated or self._contested:
            cells = self._choose(cells)
        else:
            self._seen.update((key, (len(self.runs), n)) for n, key in enumerate(keys))
        if cells:
            self.runs.append(_as_run(cells, self._report_no, self._text))

    def _choose(self, cells: Sequence[CellDraft]) -> list[CellDraft]:
        """Those of some cells that are not there yet."""
        chosen: list[CellDraft] = []
        for cell in cells:
            key = (cell.indicator_code, cell.column_code)
            if key in self._seen:
                self._add_repeated(cell, *self._seen[key], chosen)
                continue
            self._seen[key] = len(self.runs), len(chosen)
            if key in self._contested and cell.value_status == "reported":
                cell = cell._replace(value=None, value_status="ambiguous", solved_by="")
            chosen.append(cell)
        return chosen

    def _add_repeated(
        self, cell: CellDraft, number: int, place: int, chosen: list[CellDraft]
    ) -> None:
        """A table printed twice: the same figure is the same cell, another one makes it ambiguous.

        The other print is the cell at ``place`` of a run, or of those that are chosen for the next one.
        """
        is_chosen_now = number == len(self.runs)
        if is_chosen_now:
            known = chosen[place]
            printed = self._text.source[known.start : known.end]
        else:
            rows = self._rows_of(number)
            known = rows[place]
            printed = known.cell_text
        if cell.value == known.value and cell.value_status == known.value_status:
            return
        if known.value is None and cell.value is None:
            return
        changed = known._replace(value=None, value_status="ambiguous")
        if is_chosen_now:
            chosen[place] = changed
        else:
            rows[place] = changed
            self.runs[number] = CellRun.of(rows)
        self.issues.append(IssueDraft(
            "cell_repeated", "error", cell.table_code, cell.indicator_code, cell.start, cell.end,
            f"{printed} | {self._text.source[cell.start : cell.end]}",
        ))  # fmt: skip

    def _rows_of(self, number: int) -> list[Cell]:
        """The cells of a run one by one."""
        if number not in self._rows:
            self._rows[number] = list(self.runs[number].rows(""))
        return self._rows[number]


def _as_run(cells: Sequence[CellDraft], report_no: int, text: Text) -> CellRun:
    """Cells of one table as columns."""
    (code, *_), codes, columns, values, statuses, methods, solved_by, starts, ends = zip(
        *cells, strict=True
    )
    source = text.source
    return CellRun.of_columns(
        report_no,
        code,
        Labels(codes, columns, statuses, methods, solved_by),
        values,
        [source[start:end] for start, end in zip(starts, ends, strict=True)],
        list(map(text.line_of, starts)),
        starts,
        ends,
    )
