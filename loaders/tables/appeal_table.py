"""The table of appeals: reconsiderations and lawsuits by their results.

The form prints one row under a header of two levels; some sites turn it into a row per forum or per figure. Which figure
is whose is decided here; what becomes of rows whose width is wrong is the business of `filling`.
"""

from collections.abc import Sequence

from loaders.form import Form
from loaders.tables.filled_table import Filling, Row, Table
from loaders.tables.filling import fill_cells
from loaders.tables.labels import LabelIndex, key_of
from loaders.tables.tokens import EMPTY, LABEL, UNKNOWN, VALUE, Token
from loaders.tables.wrapped_labels import spells


def read_appeals(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    """Read the table of appeals: one row of fifteen figures, or a row per forum, or one per figure."""
    codes = [(column.indicator_code, "") for column in form.appeal_columns]
    first = next((n for n, token in enumerate(tokens) if token.kind == VALUE), None)
    if first is None:
        table.report("table_without_values", "warning", table.start, table.end, "")
        return
    header = [token for token in tokens[:first] if token.kind in (LABEL, UNKNOWN)]
    blocks = _appeal_blocks(tokens, first, form)
    if blocks:
        fill_cells(text, blocks, table, form, True)
        return
    forums = {e.code for token in header for e in token.entries if e.role == "forum"}
    strange = [
        token
        for token in header
        if token.kind == UNKNOWN and key_of(text[token.start : token.end]) not in index.pieces
    ]
    wanted = {h.label_zh for h in form.headers if h.table_code == "appeals" and h.role == "forum"}
    is_recognised = forums >= wanted and not strange
    if not is_recognised:
        columns = [(c.result_zh, *c.result_variants) for c in form.appeal_columns]
        is_recognised = spells(text, table.start, tokens[first].start, columns)
    if not is_recognised:
        where = strange[0] if strange else tokens[0]
        table.report(
            "header_not_recognised",
            "error",
            where.start,
            where.end,
            text[where.start : where.end],
        )
    fillings = [Filling(row, codes, None) for row in _appeal_rows(tokens, first, len(codes))]
    fill_cells(text, fillings, table, form, is_recognised)


def _appeal_blocks(tokens: Sequence[Token], first: int, form: Form) -> list[Filling]:
    """The rows of a table that is not one row of fifteen figures: a row per forum, or one per figure.

    Empty where the table is not set so, or where it is not the whole table that is.
    """
    results = {column.result_code for column in form.appeal_columns}
    codes = {(c.forum_code, c.result_code): c.indicator_code for c in form.appeal_columns}
    forum_of = {
        c.forum_zh.rstrip(")").rpartition("(")[2]: c.forum_code for c in form.appeal_columns
    }
    above = [e.code for t in tokens[:first] for e in t.entries if e.role == "result"]
    is_by_figure = len(above) == 1
    if not is_by_figure and (len(above) != len(results) or set(above) != results):
        return []
    fillings: list[Filling] = []
    forum, columns, row = "", above, None
    for token in tokens:
        roles = {entry.role: entry.code for entry in token.entries}
        if "forum" in roles:
            forum, row = forum_of.get(roles["forum"], ""), None
        elif "result" in roles and is_by_figure:
            columns, row = [roles["result"]], None
        elif token.kind == UNKNOWN:
            return []
        elif token.kind in (VALUE, EMPTY):
            if row is None:
                if token.kind == EMPTY:
                    continue
                cells = [(codes.get((forum, column), ""), "") for column in columns]
                if not all(code for code, _ in cells):
                    return []
                row = Row((), "", token.start, token.start)
                fillings.append(Filling(row, cells, None))
            row.add(token)
    filled = [code for filling in fillings for code, _ in filling.cells]
    return fillings if sorted(filled) == sorted(codes.values()) else []


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
                rows[-1].put(_empty_before(tokens, position))
                is_open = False
            if rows and rows[-1].ordinal != "closed":
                rows[-1].add(token)
        elif token.kind in (LABEL, UNKNOWN):
            rows[-1].ordinal = "closed"
            is_open = is_open or any(entry.role == "forum" for entry in token.entries)
    for row in rows:
        row.ordinal = ""
        while row.slots and row.slots[-1].kind == EMPTY and len(row.slots) > width:
            row.slots.pop()
    return rows


def _empty_before(tokens: Sequence[Token], position: int) -> Sequence[Token]:
    """The empty cells of a line before its first value."""
    first = position
    while first and tokens[first - 1].kind == EMPTY:
        first -= 1
    return tokens[first:position]
