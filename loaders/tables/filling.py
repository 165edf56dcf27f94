"""The values of a table's rows to its cells, or marks where it is not certain which value is whose.

A row whose width is wrong, a row printed twice with different figures, a figure beside a lost label: each
gives marked cells and an issue, never a shift. Rows without separators are left to `solve`.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache, partial
from itertools import pairwise

from loaders.form import Form
from loaders.quantity import read_cell, to_unit
from loaders.tables.filled_table import (
    NEVER_PRINTED,
    NO_CELL,
    PRINT_NOTHING,
    CellDraft,
    Filling,
    Row,
    Table,
)
from loaders.tables.solve import (
    DoubtfulRow,
    Reading,
    holds,
    instances_of,
    solve,
    sums_of_row,
)
from loaders.tables.tokens import FOOTNOTES, VALUE, Token

_MANY_COLUMNS = 5
_PLAIN = re.compile(r"[\d,.]+[^\d+-]*|-")
_LEADING_ZERO = re.compile(r"0\d")
# Most cells of most reports are 0: the same cell is read once.
_read_value = lru_cache(maxsize=65_536)(read_cell)
_as_draft = partial(tuple.__new__, CellDraft)


def fill_cells(
    text: str, fillings: Sequence[Filling], table: Table, form: Form, is_recognised: bool
) -> None:
    """Give the rows of a table to their cells, once it is clear that they are one table of this form."""
    for filling in fillings:
        _drop_page_number(text, filling, table, form)
    filled = [f for f in fillings if f.row.values]
    wide = [f for f in filled if len(f.row.values) > len(f.cells)]
    if is_recognised and len(filled) > 1 and len(wide) * 2 > len(filled):
        row = wide[0].row
        table.report(
            "table_width",
            "error",
            row.start,
            row.span_end,
            f"{len(wide)} of {len(filled)} rows have more values than columns",
        )
        is_recognised = False
    # Doubled separators leave empty cells that are none: then no empty cell of the table counts.
    has_idle = any(
        len(f.row.slots) > len(f.cells) and _count_places(f.row) > len(f.cells) for f in filled
    )
    printed: dict[str, list[Filling]] = {}
    for filling in fillings:
        printed.setdefault(filling.code, []).append(filling)
    table.is_judged |= len(printed) < len(fillings)
    differing = [code for code, found in printed.items() if len(_figures(text, found)) > 1]
    # Several rows with two figures each are two tables, and a row printed once is of either of them.
    is_mixed = len(differing) > 1
    of_two_editions = _find_two_editions(fillings)
    if of_two_editions is not None:
        row = of_two_editions.row
        table.report(
            "table_of_two_editions",
            "error",
            row.start,
            row.span_end,
            text[row.start : row.span_end],
            of_two_editions.code,
        )
    for code, found in printed.items():
        with_values = [f for f in found if f.row.values]
        filling = (with_values or found)[0]
        row, line = filling.row, filling.line
        if not with_values and line is not None and line.node_type in NEVER_PRINTED:
            continue
        if code in differing:
            again = with_values[1].row
            table.report(
                "row_repeated",
                "error",
                again.start,
                again.span_end,
                text[again.start : again.span_end],
                code,
            )
        is_of_either = of_two_editions is not None or (is_mixed and len(with_values) == 1)
        if with_values and (code in differing or is_of_either):
            _mark(row, filling.cells, "ambiguous", table)
        elif with_values and not _may_print_figure(filling, printed, table, form):
            table.report(
                "row_label_lost",
                "error",
                row.start,
                row.span_end,
                text[row.start : row.span_end],
                code,
            )
            _mark(row, filling.cells, "unreadable", table)
        else:
            _assign(text, row, filling.cells, table, form, is_recognised, has_idle)


def _drop_page_number(text: str, filling: Filling, table: Table, form: Form) -> None:
    """Take the number of a page out of a row that goes on behind it or ends there.

    One between dashes is no figure beside others. A bare one is none where the rest fills the row from one
    line, or where the sums of the row hold without it and without no other one.
    """
    row, width = filling.row, len(filling.cells)
    values = row.values
    if len(values) <= width and not row.has_mark:
        return
    table.is_judged = True
    marked = [value for value in values if value.page == "marked"]
    bare = [value for value in values if value.page == "bare"]
    if marked and len(marked) < len(values):
        row.put([slot for slot in row.slots if slot.page != "marked"])
    elif len(bare) == 1 and len(values) == width + 1 and values[-1].page:
        row.put([slot for slot in row.slots if not slot.page])
    elif bare and len(values) == width + 1 == len(row.slots):
        left = [values[:n] + values[n + 1 :] for n in range(width + 1)]
        fitting = [rest for rest in left if _sums_hold(text, rest, filling.cells, table, form)]
        if len({tuple(text[v.start : v.end] for v in rest) for rest in fitting}) == 1:
            row.put(fitting[0])


def _count_places(row: Row) -> int:
    """The slots of a row up to its last value."""
    slots = row.slots
    count = len(slots)
    while count and slots[count - 1].kind != VALUE:
        count -= 1
    return count


def _find_two_editions(fillings: Sequence[Filling]) -> Filling | None:
    """A row that stands under the columns of two editions: last year's form printed beside this year's."""
    columns: dict[tuple, Sequence[tuple[str, str]]] = {}
    for filling in fillings:
        if filling.line is None and filling.row.entries:
            if columns.setdefault(filling.row.entries, filling.cells) != filling.cells:
                return filling
    return None


def _figures(text: str, fillings: Sequence[Filling]) -> set[tuple[str, ...]]:
    """The different fillings of rows that bear the same label."""
    if len(fillings) == 1:
        return set()
    return {
        tuple(text[value.start : value.end].strip() for value in filling.row.values)
        for filling in fillings
        if filling.row.values
    }


def _may_print_figure(
    filling: Filling, printed: dict[str, list[Filling]], table: Table, form: Form
) -> bool:
    """Whether a figure beside a line that the form leaves empty is the line's own.

    Reports do print such subtotals. But where the label of a row beneath is lost, its figures stand
    behind the heading: so all of the rows beneath must be there, or none of them and no other label.
    """
    line = filling.line
    if line is None or line.node_type not in PRINT_NOTHING:
        return True
    beneath = [other for other in form.lines(table.form_id) if other.parent_code == filling.code]
    there = [other for other in beneath if other.indicator_code in printed]
    return len(there) == len(beneath) or not (there or filling.row.is_beside_unknown)


def _mark(row: Row, cells: Sequence[tuple[str, str]], status: str, table: Table) -> None:
    """Cells of a row whose values stand there and cannot be told."""
    values = row.values
    start, end = (values[0].start, values[-1].end) if values else (row.end, row.end)
    for code, column in cells:
        if code:
            table.cells.append(
                CellDraft(table.table_code, code, column, None, status, "printed", "", start, end)
            )


def _assign(
    text: str,
    row: Row,
    cells: Sequence[tuple[str, str]],
    table: Table,
    form: Form,
    is_recognised: bool,
    has_idle: bool,
) -> None:
    """Give the values of a row to its cells where the width is exact; mark them otherwise."""
    method = "printed" if row.is_known and not row.ordinal.startswith("~") else "label_repaired"
    slots = _fit(row, len(cells)) if is_recognised else None
    if slots is row.slots and _may_be_shifted(text, row, cells, table, form, has_idle):
        slots = None
    if slots and _touches_label(text, row.values[0]):
        own = [slot for slot, cell in zip(slots, cells, strict=True) if cell != NO_CELL]
        if _is_broken(text, [slot for slot in own if slot.kind == VALUE]):
            slots = None
    if slots is None:
        if row.values and is_recognised and all(code for code, _ in cells):
            table.is_judged = True
            if _may_be_glued(text, row, len(cells)):
                tokens = [(slot.start, slot.end) for slot in row.values]
                table.doubtful.append(DoubtfulRow(cells, tokens, row.start, row.span_end))
                return
        if row.values:
            table.report(
                "row_width",
                "error",
                row.start,
                row.span_end,
                f"{len(row.values)} values for {len(cells)} columns: {text[row.start : row.span_end]}",
                next(code for code, _ in cells if code),
            )
        _mark(row, cells, "unreadable" if row.values else "blank", table)
        return
    table_code, row_unit, unit, unit_of, is_scaled = table.table_code, row.unit, "", "", False
    drafts: list[tuple] = []
    add = drafts.append
    for (code, column), slot in zip(cells, slots, strict=True):
        start, end = slot.start, slot.end
        if not code:
            table.idle.append((start, end))
            continue
        if code != unit_of:
            unit, unit_of = (form.line(table.form_id, code) or form.any_line(code)).unit, code
            is_scaled = row_unit != "" and _is_scaled(row_unit, unit)
        if is_scaled:
            table.scaled[start] = (unit, row_unit)
        value, status = _read_value(text[start:end].rstrip(FOOTNOTES), unit, row_unit)
        if status == "unreadable":
            table.report("cell_unreadable", "warning", start, end, text[start:end], code)
        add((table_code, code, column, value, status, method, "", start, end))
    table.cells.extend(map(_as_draft, drafts))


@lru_cache(maxsize=1024)
def _is_scaled(printed: str, unit: str) -> bool:
    """Whether a figure in the unit that a table prints is another one in the unit of the form."""
    return to_unit(Decimal(1), printed, unit) != 1


def _fit(row: Row, width: int) -> list[Token] | None:
    """The slots of a row as its cells, or ``None`` where the width leaves room for doubt.

    Empty slots are cells where they make the width exact; behind the last column they are the rest of
    a merged cell. With as many figures as columns, empty slots between them are artefacts, unless a cell
    holds two figures: those may be the halves of one that was broken over two lines.
    """
    if len(row.values) == width:
        if len(row.slots) == width:
            return row.values
        is_clear = _count_places(row) == width or all(value.is_cell for value in row.values)
        return row.values if is_clear else None
    if len(row.slots) == width and row.values and all(v.is_cell for v in row.values[1:]):
        return row.slots
    return None


def _may_be_shifted(
    text: str,
    row: Row,
    cells: Sequence[tuple[str, str]],
    table: Table,
    form: Form,
    has_idle: bool,
) -> bool:
    """Whether empty slots may be doubled separators, and a row be as wide as the form by chance.

    Behind each figure one is empty then. The sums of the row decide, a blank counting nothing.
    """
    kinds = [slot.kind for slot in row.slots]
    is_spaced = all(following != VALUE for kind, following in pairwise(kinds) if kind == VALUE)
    if not has_idle and not (is_spaced and len(cells) >= _MANY_COLUMNS):
        return False
    return not _sums_hold(text, row.slots, cells, table, form)


def _sums_hold(
    text: str, slots: Sequence[Token], cells: Sequence[tuple[str, str]], table: Table, form: Form
) -> bool:
    """Whether a row has sums of its own and all of them hold, a blank counting nothing."""
    table.is_judged = True
    values: dict[tuple[str, str], Decimal | None] = dict.fromkeys(cells, Decimal(0))
    for key, slot in zip(cells, slots, strict=True):
        if slot.kind == VALUE:
            values[key] = _read_value(text[slot.start : slot.end], "")[0]
    sums = sums_of_row(form, table.form_id, table.table_code, tuple(cells))
    return bool(sums) and all(holds(instance, values) for instance in sums)


def _may_be_glued(text: str, row: Row, width: int) -> bool:
    """Whether the figures of a row have lost the separators between them.

    Too few figures alone do not tell: a lost cell is not to be made up by splitting another. They are
    glued to their label, to each other so that one begins with 0, or into one that is as long as the row.
    """
    values = row.values
    if not values or len(values) > width:
        return False
    printed = [text[value.start : value.end].strip() for value in values]
    if _is_broken(text, values):
        return False
    if not all(_PLAIN.fullmatch(figure) for figure in printed):
        return False
    if len(values) == 1 and width >= _MANY_COLUMNS and len(printed[0]) >= width:
        return True
    if all(value.is_cell for value in values):
        return False
    return _touches_label(text, values[0]) or any(_LEADING_ZERO.match(f) for f in printed)


def _touches_label(text: str, value: Token) -> bool:
    before = text[value.start - 1 : value.start] if value.start else ""
    return before.isalpha() or before == ")"


def _is_broken(text: str, values: Sequence[Token]) -> bool:
    """Whether figures glued to a label go on in another line: that may be another row, or a page's number."""
    return (
        bool(values)
        and _touches_label(text, values[0])
        and "\n" in text[values[0].start : values[-1].end]
    )


def settle_doubtful(text: str, table: Table, form: Form) -> None:
    """Read the doubtful rows of a table by the rules of its edition."""

    def read_piece(key: tuple[str, str], piece: str) -> Decimal | None:
        line = form.line(table.form_id, key[0]) or form.any_line(key[0])
        return _read_value(piece, line.unit)[0]

    known = {
        (cell.indicator_code, cell.column_code): cell.value
        for cell in table.cells
        if cell.value_status == "reported"
    }
    keys = [*known, *(key for row in table.doubtful for key in row.cells)]
    instances = instances_of(form, table.form_id, table.table_code, keys)
    solutions = solve(text, table.doubtful, known, instances, read_piece)
    for row, solution in zip(table.doubtful, solutions, strict=True):
        if solution.reading is None:
            _mark_ambiguous(text, row, solution.candidates, table)
            continue
        for (code, column), (start, end) in zip(row.cells, solution.reading.pieces, strict=True):
            line = form.line(table.form_id, code) or form.any_line(code)
            value, status = _read_value(text[start:end], line.unit)
            solved_by = "|".join(solution.solved_by)
            table.cells.append(
                CellDraft(
                    table.table_code, code, column, value, status, "solved", solved_by, start, end
                )
            )


def _mark_ambiguous(
    text: str, row: DoubtfulRow, candidates: Sequence[Reading], table: Table
) -> None:
    start, end = row.tokens[0][0], row.tokens[-1][1]
    shown = "; ".join(",".join(text[a:b] for a, b in reading.pieces) for reading in candidates[:40])
    status = "ambiguous" if candidates else "unreadable"
    code = "ambiguous_row" if candidates else "row_width"
    table.report(
        code,
        "error",
        row.start,
        row.end,
        f"{text[start:end]} as {len(row.cells)} cells: {shown or 'no reading'}",
        row.cells[0][0],
    )
    for indicator, column in row.cells:
        table.cells.append(
            CellDraft(table.table_code, indicator, column, None, status, "printed", "", start, end)
        )
