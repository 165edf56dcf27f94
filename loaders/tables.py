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
    columns = [a.applicant_code for a in form.applicants if a.column_order]
    rows, seen = _request_rows(tokens)
    is_recognised = seen >= set(columns)
    if not is_recognised:
        missing = "、".join(a.label_zh for a in form.applicants if a.applicant_code not in seen)
        _issue(
            table, "header_not_recognised", "error", table.start, table.start, f"缺少列:{missing}"
        )
    lines = {line.indicator_code: line for line in form.lines(table.form_id)}
    used: set[str] = set()
    _repair_labels(text, rows, table, form, index)
    for row in rows:
        if not row.is_known:
            _report_unknown(text, row, table)
            continue
        code = next(e.code for e in row.entries if e.role == "line")
        line = lines.get(code)
        prints_figure = line is not None and line.node_type not in (
            "heading",
            "subtotal_not_printed",
        )
        if not row.values and not prints_figure:
            continue
        if code in used:
            _report_repeated(text, row, code, table)
            continue
        used.add(code)
        _assign(text, row, [(code, column) for column in columns], table, form, is_recognised)


def _request_rows(tokens: Sequence[Token]) -> tuple[list[Row], set[str]]:
    """Rows of the matrix, and the applicant columns that its header names."""
    rows: list[Row] = []
    seen: set[str] = set()
    in_header = True
    for token in tokens:
        if token.kind == LABEL:
            roles = {entry.role for entry in token.entries}
            if "applicant" in roles and (in_header or "line" not in roles):
                in_header = True
                seen.update(e.code for e in token.entries if e.role == "applicant")
            elif "line" in roles:
                in_header = False
                entries = tuple(e for e in token.entries if e.role == "line")
                rows.append(Row(entries, token.ordinal, token.start, token.end))
        elif in_header:
            continue
        else:
            _add_to_row(rows, token)
    return rows, seen


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
        elif token.kind == UNKNOWN:
            rows.append((Row((), "", token.start, token.end, is_known=False), list(columns)))
        elif token.kind in (VALUE, EMPTY) and rows:
            rows[-1][0].slots.append(token)
    used: set[str] = set()
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
        if cells[0] in used:
            _report_repeated(text, row, cells[0], table)
            continue
        used.update(cells)
        _assign(text, row, [(code, "") for code in cells], table, form, True)


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
    row = Row((), "", tokens[first].start, tokens[first].start)
    for token in tokens[first:]:
        if token.kind in (VALUE, EMPTY):
            row.slots.append(token)
        elif token.kind in (LABEL, UNKNOWN):
            break
    while row.slots and row.slots[-1].kind == EMPTY and len(row.slots) > len(codes):
        row.slots.pop()
    _assign(text, row, codes, table, form, is_recognised)


# --- one-column and two-column statistics tables --------------------------------------------------


def _read_statistics(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    value_columns = {c.column_code: c for c in form.value_columns(table.form_id)}
    columns: list[str] = []
    rows: list[Row] = []
    for token in tokens:
        roles = {entry.role: entry.code for entry in token.entries}
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
    if not columns:
        columns = [""] if list(value_columns) == [""] else []
    is_recognised = set(columns) == set(value_columns)
    if not is_recognised:
        _issue(table, "header_not_recognised", "error", table.start, table.start, "")
    _resolve_lines(rows, table, form)
    _repair_labels(text, rows, table, form, index)
    lines = {line.indicator_code: line for line in form.lines(table.form_id)}
    used: set[str] = set()
    for row in rows:
        if not row.is_known:
            _report_unknown(text, row, table)
            continue
        code = row.entries[0].code
        line = lines[code]
        if not row.values and line.node_type in ("heading", "subtotal", "subtotal_not_printed"):
            continue
        if code in used:
            _report_repeated(text, row, code, table)
            continue
        used.add(code)
        width = max(len(columns), 1)
        cells = [(code, column) for column in (columns or list(value_columns))][:width]
        _assign(text, row, cells, table, form, is_recognised)


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
    if slots is None and is_recognised and _may_be_glued(row, len(cells)):
        tokens = [(slot.start, slot.end) for slot in row.values]
        table.doubtful.append(DoubtfulRow(cells, tokens, row.start, row.span_end))
        return
    if slots is None:
        printed = text[row.start : row.span_end]
        values = row.values
        start, end = (values[0].start, values[-1].end) if values else (row.end, row.end)
        status = "unreadable" if values else "blank"
        if values:
            _issue(
                table, "row_width", "error", row.start, row.span_end,
                f"{len(values)} values for {len(cells)} columns: {printed}", cells[0][0],
            )  # fmt: skip
        for code, column in cells:
            table.cells.append(
                CellDraft(table.table_code, code, column, None, status, method, "", start, end)
            )
        return
    for (code, column), slot in zip(cells, slots, strict=True):
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


def _may_be_glued(row: Row, width: int) -> bool:
    """Whether the figures of a row may have lost the separators between them.

    Figures that separators cut one by one are whole, however few there are: a lost cell is not to be
    made up by splitting another.
    """
    values = row.values
    if not values or len(values) > width:
        return False
    return len(values) == 1 or not all(value.is_cell for value in values)


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


def _report_repeated(text: str, row: Row, code: str, table: Table) -> None:
    if row.values:
        _issue(
            table, "row_repeated", "warning", row.start, row.span_end,
            text[row.start : row.span_end], code,
        )  # fmt: skip


def _issue(
    table: Table, code: str, severity: str, start: int, end: int, text: str, indicator: str = ""
) -> None:
    table.issues.append(
        IssueDraft(code, severity, table.table_code, indicator, start, end, " ".join(text.split()))
    )


__all__ = ["BREAK", "CellDraft", "IssueDraft", "Table", "read_table"]
