"""Tokens of a table to cells. Here a number meets its row label and its column label.

Position is never identity: a value belongs to the label before it, columns count only under a header
that was recognised, and a row whose width is wrong gives marked cells and an issue, never a shift.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from loaders.form import Form, Line
from loaders.labels import Entry, LabelIndex, key_of, split_ordinal, table_index
from loaders.quantity import read_cell
from loaders.solve import DoubtfulRow, Reading, instances_of, solve
from loaders.tokens import BREAK, EMPTY, LABEL, UNIT, UNKNOWN, VALUE, Token, read_tokens

_YEAR_COLUMN = re.compile(r"(?:19|20)\d\d年?度?")
_ORDINAL_BEFORE = re.compile(r"(?<!\d)(\d{1,2}|[一二三四五六七八九十]{1,3})\s*[.、)]\s*$")
_MOST_EDITS = 2
_MANY_COLUMNS = 5
_PLAIN = re.compile(r"[\d,.]+[^\d+-]*|-")
_LEADING_ZERO = re.compile(r"0\d")
# Lines beside which the form prints no figure.
_PRINT_NOTHING = ("heading", "subtotal", "subtotal_not_printed")
# Most cells of most reports are 0: the same cell is read once.
_read_value = lru_cache(maxsize=65_536)(read_cell)


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


class IssueDraft(NamedTuple):
    """An issue before it is tied to a document."""

    issue_code: str
    severity: str
    table_code: str
    indicator_code: str
    start: int
    end: int
    text: str


@dataclass
class Row:
    """One printed row: its label and everything that stands between it and the next label."""

    entries: tuple[Entry, ...]
    ordinal: str
    start: int
    end: int
    slots: list[Token] = field(default_factory=list)
    unit: str = ""
    is_known: bool = True

    @property
    def values(self) -> list[Token]:
        return [slot for slot in self.slots if slot.kind == VALUE]

    @property
    def span_end(self) -> int:
        return self.slots[-1].end if self.slots else self.end


_NO_CELL = ("", "")


class Filling(NamedTuple):
    """A row and the cells that its values are for; a cell with the code ``''`` is none of the form's."""

    row: Row
    cells: Sequence[tuple[str, str]]
    line: Line | None

    @property
    def code(self) -> str:
        return next(code for code, _ in self.cells if code)


@dataclass
class Table:
    """What one table yielded: cells, issues, and the stretch of text that it takes up."""

    table_code: str
    form_id: str
    start: int
    end: int
    cells: list[CellDraft] = field(default_factory=list)
    issues: list[IssueDraft] = field(default_factory=list)
    doubtful: list[DoubtfulRow] = field(default_factory=list)


def read_table(text: str, start: int, end: int, table_code: str, form_id: str, form: Form) -> Table:
    """Read the table that begins at ``start``.

    Args:
        text: normalised text of the document.
        end: where it ends at the latest (the next table, the end of the report).
        form_id: the edition; decides between labels that editions share.

    Returns:
        Cells with spans in ``text``; an issue for whatever was not understood.
    """
    index = table_index(form, table_code, form_id if table_code == "statistics" else "")
    tokens = read_tokens(text, start, end, index)
    table = Table(table_code, form_id, start, tokens[-1].end if tokens else start)
    reader = {
        "requests": _read_requests,
        "proactive": _read_proactive,
        "appeals": _read_appeals,
        "statistics": _read_statistics,
    }[table_code]
    reader(text, tokens, table, form, index)
    if table.doubtful:
        _settle(text, table, form)
    return table


# --- the request matrix -------------------------------------------------------------------------


def _read_requests(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    rows, header = _request_rows(tokens)
    columns = _applicant_columns(text, header, form)
    is_recognised = bool(columns)
    if not is_recognised:
        seen = {entry.code for token in header for entry in token.entries}
        missing = "、".join(a.label_zh for a in form.applicants if a.applicant_code not in seen)
        _issue(
            table, "header_not_recognised", "error", table.start, table.start,
            f"缺少列:{missing}" if missing else "列的次序不明",
        )  # fmt: skip
        columns = [a.applicant_code for a in form.applicants if a.column_order]
    lines = {line.indicator_code: line for line in form.lines(table.form_id)}
    _repair_labels(text, rows, table, form, index)
    fillings = []
    for row in rows:
        if not row.is_known:
            _report_unknown(text, row, table)
            continue
        code = next(e.code for e in row.entries if e.role == "line")
        cells = [(code if column else "", column) for column in columns]
        fillings.append(Filling(row, cells, lines.get(code)))
    _report_unlabelled(text, header, table)
    _fill(text, fillings, table, form, is_recognised)
    _report_missing_rows(table, rows, form)


def _request_rows(tokens: Sequence[Token]) -> tuple[list[Row], list[Token]]:
    """Rows of the matrix, and the tokens of its first header."""
    rows: list[Row] = []
    header: list[Token] = []
    in_header = True
    for token in tokens:
        if token.kind == LABEL:
            roles = {entry.role for entry in token.entries}
            if "applicant" in roles and (in_header or "line" not in roles):
                in_header = True
            elif "line" in roles:
                in_header = False
                entries = tuple(e for e in token.entries if e.role == "line")
                rows.append(Row(entries, token.ordinal, token.start, token.end))
        if in_header:
            if not rows:
                header.append(token)
        elif token.kind != LABEL:
            _add_to_row(rows, token)
    return rows, header


def _applicant_columns(text: str, header: Sequence[Token], form: Form) -> list[str]:
    """The columns as the header prints them, ``''`` for one that is no applicant; empty where unclear.

    The kinds of legal persons stand in place of their group, wherever the second line of the header
    comes in the text. An extra column among them (小计) is a column like any other.
    """
    wanted = [a.applicant_code for a in form.applicants if a.column_order]
    top: list[str] = []
    kinds: list[str] = []
    place: int | None = None
    for token in header:
        roles = {entry.role: entry.code for entry in token.entries}
        code = roles.get("applicant", "")
        if "applicant_group" in roles:
            place = len(top) if place is None else place
        elif code.startswith("legal_"):
            kinds.append(code)
        elif code:
            top.append(code)
        elif "extra_column" in roles:
            if not kinds:
                return []
            kinds.append("")
    half = len(wanted)
    if len(top) + len([k for k in kinds if k]) > half:
        # The header printed twice in a row (a page ended there) must say the same twice.
        top, kinds = top[: len(top) // 2], kinds[: len(kinds) // 2]
    if place is None:
        place = next((n for n, code in enumerate(top) if code == "total"), len(top))
    columns = [*top[:place], *kinds, *top[place:]]
    named = [code for code in columns if code]
    if sorted(named) != sorted(wanted) or named[0] != wanted[0] or named[-1] != wanted[-1]:
        return []
    return columns


def _add_to_row(rows: list[Row], token: Token) -> None:
    if token.kind == UNKNOWN:
        rows.append(Row((), token.ordinal, token.start, token.end, is_known=False))
    elif token.kind in (VALUE, EMPTY) and rows:
        rows[-1].slots.append(token)


# --- article 20 ---------------------------------------------------------------------------------


def _read_proactive(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    lines = [line for line in form.all_lines if line.dimension_code == "article_20"]
    # Where a row and a column cross in several editions, the edition of the table comes first.
    lines.sort(key=lambda line: line.form_id == table.form_id)
    codes = {(line.row_label_zh, line.column_label_zh): line.indicator_code for line in lines}
    rows: list[tuple[Row, list[tuple[str, ...]]]] = []
    columns: list[tuple[str, ...]] = []
    is_header_open = False
    for token in tokens:
        roles = {entry.role for entry in token.entries}
        if token.kind == LABEL and "row" in roles:
            is_header_open = False
            rows.append((Row(token.entries, token.ordinal, token.start, token.end), list(columns)))
        elif token.kind == LABEL and "column" in roles:
            if not is_header_open:
                columns = []
                is_header_open = True
            columns.append(tuple(e.code for e in token.entries if e.role == "column"))
        elif token.kind == LABEL:
            columns, is_header_open = [], False
        elif token.kind == UNKNOWN and is_header_open:
            # An extra column: what stands beneath it must not move into another one.
            columns.append(())
        elif token.kind == UNKNOWN:
            rows.append((Row((), "", token.start, token.end, is_known=False), list(columns)))
        elif token.kind in (VALUE, EMPTY) and rows:
            rows[-1][0].slots.append(token)
    fillings = []
    for row, row_columns in rows:
        if not row.is_known:
            _report_unknown(text, row, table)
            continue
        labels = [entry.code for entry in row.entries if entry.role == "row"]
        cells = [_crossing(labels, column, codes) for column in row_columns]
        if not cells or "" in cells:
            _issue(
                table, "column_not_recognised", "error", row.start, row.span_end,
                text[row.start : row.span_end],
            )  # fmt: skip
            continue
        fillings.append(Filling(row, [(code, "") for code in cells], None))
    _fill(text, fillings, table, form, True)
    there = {code for filling in fillings for code, _ in filling.cells}
    lines = [line for line in form.lines(table.form_id) if line.dimension_code == "article_20"]
    if there:
        _report_missing(table, [
            line for line in lines if line.row_label_zh and line.indicator_code not in there
        ])  # fmt: skip


def _crossing(
    rows: Sequence[str], columns: Sequence[str], codes: dict[tuple[str, str], str]
) -> str:
    return next((codes[r, c] for r in rows for c in columns if (r, c) in codes), "")


# --- appeals ------------------------------------------------------------------------------------


def _read_appeals(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    codes = [(column.indicator_code, "") for column in form.appeal_columns]
    first = next((n for n, token in enumerate(tokens) if token.kind == VALUE), None)
    if first is None:
        _issue(table, "table_without_values", "warning", table.start, table.end, "")
        return
    header = [token for token in tokens[:first] if token.kind in (LABEL, UNKNOWN)]
    forums = {e.code for token in header for e in token.entries if e.role == "forum"}
    strange = [
        token
        for token in header
        if token.kind == UNKNOWN and key_of(text[token.start : token.end]) not in index.pieces
    ]
    wanted = {h.label_zh for h in form.headers if h.table_code == "appeals" and h.role == "forum"}
    is_recognised = forums >= wanted and not strange
    if not is_recognised:
        where = strange[0] if strange else tokens[0]
        _issue(
            table, "header_not_recognised", "error", where.start, where.end,
            text[where.start : where.end],
        )  # fmt: skip
    fillings = [Filling(row, codes, None) for row in _appeal_rows(tokens, first, len(codes))]
    _fill(text, fillings, table, form, is_recognised)


def _appeal_rows(tokens: Sequence[Token], first: int, width: int) -> list[Row]:
    """The row of figures, and another one behind every repetition of the header."""
    rows: list[Row] = []
    is_open = True
    for position in range(first, len(tokens)):
        token = tokens[position]
        if token.kind in (VALUE, EMPTY):
            if is_open:
                before = tokens[position - 1].end if position else token.start
                rows.append(Row((), "", token.start, before or token.start))
                is_open = False
            if rows and rows[-1].ordinal != "closed":
                rows[-1].slots.append(token)
        elif token.kind in (LABEL, UNKNOWN):
            rows[-1].ordinal = "closed"
            is_open = is_open or any(entry.role == "forum" for entry in token.entries)
    for row in rows:
        row.ordinal = ""
        while row.slots and row.slots[-1].kind == EMPTY and len(row.slots) > width:
            row.slots.pop()
    return rows


# --- one-column and two-column statistics tables --------------------------------------------------


def _read_statistics(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    value_columns = {c.column_code: c for c in form.value_columns(table.form_id)}
    columns: list[str] = []
    rows: list[Row] = []
    numbering = ""
    header: list[Token] = []
    for token in tokens:
        roles = {entry.role: entry.code for entry in token.entries}
        if not rows and "code_header" in roles:
            numbering = "behind" if any(_has_role(t, "row_header") for t in header) else "before"
        if not rows:
            header.append(token)
        if token.kind == LABEL and ("line" in roles or "heading" in roles):
            rows.append(Row(token.entries, token.ordinal, token.start, token.end))
        elif token.kind == LABEL and "value_column" in roles:
            if roles["value_column"] not in columns:
                columns.append(roles["value_column"])
        elif token.kind == LABEL:
            continue
        elif not rows and token.kind in (VALUE, UNKNOWN):
            printed = text[token.start : token.end].strip("()")
            if _YEAR_COLUMN.fullmatch(printed) and "this_year" in value_columns:
                columns.append("this_year")
        elif token.kind == UNIT and rows:
            rows[-1].unit = text[token.start : token.end].strip("()")
        else:
            _add_to_row(rows, token)
    if not rows:
        return
    if not columns:
        columns = [""] if list(value_columns) == [""] else []
    is_recognised = set(columns) == set(value_columns)
    if not is_recognised:
        _issue(table, "header_not_recognised", "error", table.start, table.start, "")
    _resolve_lines(rows, table, form)
    _repair_labels(text, rows, table, form, index)
    lines = {line.indicator_code: line for line in form.lines(table.form_id)}
    fillings = []
    for row in rows:
        if not row.is_known:
            _report_unknown(text, row, table)
            continue
        code = row.entries[0].code
        width = max(len(columns), 1)
        cells = [(code, column) for column in (columns or list(value_columns))][:width]
        if numbering == "behind":
            cells.insert(0, _NO_CELL)
        elif numbering == "before" and row is not rows[-1]:
            # The number of the next row stands behind the last figure of this one.
            cells.append(_NO_CELL)
        if numbering and lines[code].node_type == "heading" and len(row.values) == 1:
            row.slots.clear()
        fillings.append(Filling(row, cells, lines[code]))
    _fill(text, fillings, table, form, is_recognised)
    if any(t.is_prescribed for t in form.tables(table.form_id)):
        _report_missing_rows(table, rows, form)


def _has_role(token: Token, role: str) -> bool:
    return any(entry.role == role for entry in token.entries)


def _resolve_lines(rows: list[Row], table: Table, form: Form) -> None:
    """Choose among lines that share a label (复议 and 诉讼 have the same results): in order, by block."""
    lines = {line.indicator_code: line for line in form.lines(table.form_id)}
    ancestors = {code: _ancestors(code, lines) for code in lines}
    last: Line | None = None
    taken: set[str] = set()
    for row in rows:
        candidates = [lines[e.code] for e in row.entries if e.code in lines]
        if not candidates:
            continue
        if len(candidates) > 1:
            free = [line for line in candidates if line.indicator_code not in taken]
            block = {last.indicator_code, *ancestors[last.indicator_code]} if last else set()
            near = [line for line in free if line.parent_code in block]
            chosen = min(near, key=lambda line: line.line_order) if near else None
            if chosen is None:
                row.is_known, row.entries = False, ()
                continue
        else:
            chosen = candidates[0]
        taken.add(chosen.indicator_code)
        row.entries = (Entry("line", chosen.indicator_code),)
        last = chosen


def _ancestors(code: str, lines: dict[str, Line]) -> set[str]:
    found: set[str] = set()
    while code in lines and (code := lines[code].parent_code) and code not in found:
        found.add(code)
    return found


# --- shared ---------------------------------------------------------------------------------------


def _fill(
    text: str, fillings: Sequence[Filling], table: Table, form: Form, is_recognised: bool
) -> None:
    """Give the rows of a table to their cells, once it is clear that they are one table of this form."""
    filled = [f for f in fillings if f.row.values]
    wide = [f for f in filled if len(f.row.values) > len(f.cells)]
    if is_recognised and len(filled) > 1 and len(wide) * 2 > len(filled):
        row = wide[0].row
        _issue(
            table, "table_width", "error", row.start, row.span_end,
            f"{len(wide)} of {len(filled)} rows have more values than columns",
        )  # fmt: skip
        is_recognised = False
    printed: dict[str, list[Filling]] = {}
    for filling in fillings:
        printed.setdefault(filling.code, []).append(filling)
    differing = [code for code, found in printed.items() if len(_figures(text, found)) > 1]
    # Several rows with two figures each: two tables, and which of them is this year's is not known.
    is_mixed = len(differing) > 1 and len(differing) * 2 >= len(
        [code for code, found in printed.items() if len([f for f in found if f.row.values]) > 1]
    )
    for code, found in printed.items():
        with_values = [f for f in found if f.row.values]
        filling = (with_values or found)[0]
        row, line = filling.row, filling.line
        if not with_values and line is not None and line.node_type in _PRINT_NOTHING:
            continue
        if code in differing:
            again = with_values[1].row
            _issue(
                table, "row_repeated", "error", again.start, again.span_end,
                text[again.start : again.span_end], code,
            )  # fmt: skip
        if with_values and (code in differing or is_mixed):
            _mark(row, filling.cells, "ambiguous", table)
        elif with_values and not _may_print_figure(filling, printed, table, form):
            _issue(
                table, "row_label_lost", "error", row.start, row.span_end,
                text[row.start : row.span_end], code,
            )  # fmt: skip
            _mark(row, filling.cells, "unreadable", table)
        else:
            _assign(text, row, filling.cells, table, form, is_recognised)


def _figures(text: str, fillings: Sequence[Filling]) -> set[tuple[str, ...]]:
    """The different fillings of rows that bear the same label."""
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
    behind the heading: so all of the rows beneath must be there, or none of them.
    """
    line = filling.line
    if line is None or line.node_type not in _PRINT_NOTHING:
        return True
    beneath = [other for other in form.lines(table.form_id) if other.parent_code == filling.code]
    there = [other for other in beneath if other.indicator_code in printed]
    return not there or len(there) == len(beneath)


def _report_missing_rows(table: Table, rows: Sequence[Row], form: Form) -> None:
    """Rows that the form prescribes and the table does not have: cut off, or lost behind a sentence."""
    lines = [line for line in form.lines(table.form_id) if line.table_code == table.table_code]
    there = {entry.code for row in rows for entry in row.entries}
    with_values = {entry.code for row in rows if row.values for entry in row.entries}
    if not with_values:
        return
    parent_of = {line.indicator_code: line.parent_code for line in lines}
    # A group is told by its rows or by a figure of its own. In a statistics table a whole group may be
    # left out: copies have one more or one less.
    told = {parent_of[code] for code in there if code in parent_of}
    is_fixed = table.table_code == "requests"
    missing = [
        line
        for line in lines
        if line.node_type not in _PRINT_NOTHING
        and line.indicator_code not in there | told
        and line.parent_code not in with_values - told
        and (is_fixed or line.parent_code in told or line.node_type == "total")
    ]
    _report_missing(table, missing)


def _report_missing(table: Table, missing: Sequence[Line]) -> None:
    if missing:
        _issue(
            table, "rows_missing", "warning", table.end, table.end,
            "、".join(line.label_zh for line in missing),
        )  # fmt: skip


def _report_unlabelled(text: str, header: Sequence[Token], table: Table) -> None:
    """Values before the first label of a row: the label is lost, and what they count is not known."""
    values = [token for token in header if token.kind == VALUE and _is_figure(text, token)]
    if values:
        start, end = values[0].start, values[-1].end
        _issue(table, "unlabelled_values", "warning", start, end, text[start:end])


def _is_figure(text: str, token: Token) -> bool:
    return any(char.isdigit() for char in text[token.start : token.end])


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
) -> None:
    """Give the values of a row to its cells where the width is exact; mark them otherwise."""
    method = "printed" if row.is_known and not row.ordinal.startswith("~") else "label_repaired"
    slots = _fit(row, len(cells)) if is_recognised else None
    if slots is not None and _is_broken(text, row.values):
        slots = None
    is_plain = is_recognised and all(code for code, _ in cells)
    if slots is None and is_plain and _may_be_glued(text, row, len(cells)):
        tokens = [(slot.start, slot.end) for slot in row.values]
        table.doubtful.append(DoubtfulRow(cells, tokens, row.start, row.span_end))
        return
    if slots is None:
        if row.values:
            _issue(
                table, "row_width", "error", row.start, row.span_end,
                f"{len(row.values)} values for {len(cells)} columns: {text[row.start : row.span_end]}",
                next(code for code, _ in cells if code),
            )  # fmt: skip
        _mark(row, cells, "unreadable" if row.values else "blank", table)
        return
    for (code, column), slot in zip(cells, slots, strict=True):
        if not code:
            continue
        line = form.line(table.form_id, code) or form.any_line(code)
        value, status = _read_value(text[slot.start : slot.end], line.unit, row.unit)
        if status == "unreadable":
            _issue(
                table, "cell_unreadable", "warning", slot.start, slot.end,
                text[slot.start : slot.end], code,
            )  # fmt: skip
        table.cells.append(
            CellDraft(
                table.table_code, code, column, value, status, method, "", slot.start, slot.end
            )
        )


def _fit(row: Row, width: int) -> list[Token] | None:
    """The slots of a row as its cells, or ``None`` where the width leaves room for doubt.

    Empty slots are cells where they make the width exact; behind the last column they are the rest of
    a merged cell. With as many figures as columns, empty slots between them are artefacts.
    """
    if len(row.values) == width:
        return row.values
    if len(row.slots) == width and row.values:
        return row.slots
    return None


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
    return _touches_label(text, values[0]) and "\n" in text[values[0].start : values[-1].end]


def _settle(text: str, table: Table, form: Form) -> None:
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
    _issue(
        table, code, "error", row.start, row.end,
        f"{text[start:end]} as {len(row.cells)} cells: {shown or 'no reading'}", row.cells[0][0],
    )  # fmt: skip
    for indicator, column in row.cells:
        table.cells.append(
            CellDraft(table.table_code, indicator, column, None, status, "printed", "", start, end)
        )


def _repair_labels(text: str, rows: list[Row], table: Table, form: Form, index: LabelIndex) -> None:
    """Recognise a misprinted label where exactly one line fits ordinal, both neighbours and two edits."""
    lines = [line for line in form.lines(table.form_id) if line.table_code == table.table_code]
    order = {line.indicator_code: n for n, line in enumerate(lines)}
    for position, row in enumerate(rows):
        if row.is_known or not row.values:
            continue
        before = _neighbour(rows, range(position - 1, -1, -1), order)
        after = _neighbour(rows, range(position + 1, len(rows)), order)
        low = -1 if before is None else before
        high = len(lines) if after is None else after
        printed = text[row.start : row.end]
        ordinal = row.ordinal or _printed_ordinal(text, row.start, row.end)
        fitting = [
            line
            for line in lines[low + 1 : high]
            if index.ordinals.get(key_of(line.label_zh), "") == ordinal
            and _edits(key_of(printed), key_of(line.label_zh), _MOST_EDITS) <= _MOST_EDITS
        ]
        if len(fitting) == 1:
            code = fitting[0].indicator_code
            row.is_known = True
            row.entries = (Entry("line", code),)
            row.ordinal = "~" + ordinal
            _issue(
                table, "label_repaired", "info", row.start, row.end,
                f"{printed} → {fitting[0].label_zh}", code,
            )  # fmt: skip


def _printed_ordinal(text: str, start: int, end: int) -> str:
    """The ordinal of a label that was not recognised: in it, or directly before it."""
    before = _ORDINAL_BEFORE.search(text[max(start - 8, 0) : start])
    return split_ordinal(text[start:end])[0] or (before[1] if before else "")


def _neighbour(rows: list[Row], positions: range, order: dict[str, int]) -> int | None:
    for position in positions:
        for entry in rows[position].entries:
            if entry.code in order:
                return order[entry.code]
    return None


def _edits(a: str, b: str, most: int) -> int:
    """Levenshtein distance, cut off above ``most``."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    previous = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        current = [i]
        for j, other in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (char != other)))
        previous = current
    return previous[-1]


def _report_unknown(text: str, row: Row, table: Table) -> None:
    if row.values:
        _issue(
            table, "unknown_label", "error", row.start, row.span_end,
            text[row.start : row.span_end],
        )  # fmt: skip


def _issue(
    table: Table, code: str, severity: str, start: int, end: int, text: str, indicator: str = ""
) -> None:
    table.issues.append(
        IssueDraft(code, severity, table.table_code, indicator, start, end, " ".join(text.split()))
    )


__all__ = ["BREAK", "CellDraft", "IssueDraft", "Table", "read_table"]
