"""The tables of article 20: what was published, licensed, punished, charged and bought."""

import re
from collections.abc import Sequence
from functools import lru_cache

from loaders.form import Form
from loaders.tables.filled_table import Filling, Row, Table
from loaders.tables.filling import fill_cells
from loaders.tables.gaps import report_missing, report_unknown
from loaders.tables.labels import LabelIndex
from loaders.tables.tokens import BREAK, EMPTY, LABEL, UNIT, UNKNOWN, VALUE, Token

_MONEY = re.compile("[百千]?[万亿]?元")


def read_proactive(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    """Read the tables of article 20 into ``table``: cells, and an issue for whatever was not understood."""
    codes = _crossings(form, table.form_id)
    rows: list[tuple[Row, list[tuple[str, ...]]]] = []
    columns: list[tuple[str, ...]] = []
    is_header_open = False
    unit = ""
    turned: list[Row] = []
    """The labels of the rows, where they stand above the columns of a table that is turned round."""
    for token in tokens:
        if token.kind is BREAK:
            continue
        if rows and (token.kind is VALUE or token.kind is EMPTY):
            rows[-1][0].add(token)
            continue
        roles = {entry.role for entry in token.entries}
        if token.kind == LABEL and "column" in roles and "row" not in roles and not is_header_open:
            turned = turned or _take_turned(rows)
            if turned:
                places = [tuple(e.code for e in row.entries) for row in turned]
                rows.append((Row(token.entries, token.ordinal, token.start, token.end), places))
                continue
        elif token.kind == LABEL:
            turned = []
        if token.kind == LABEL and "row" in roles:
            is_header_open = False
            rows.append((Row(token.entries, token.ordinal, token.start, token.end), list(columns)))
            rows[-1][0].unit = unit if len(columns) == 1 else ""
        elif token.kind == LABEL and "column" in roles:
            if not is_header_open:
                columns = []
                is_header_open = True
            columns.append(tuple(e.code for e in token.entries if e.role == "column"))
            unit = _money_of(text[token.start : token.end])
        elif token.kind == LABEL:
            columns, is_header_open = [], False
        elif token.kind == UNIT and is_header_open:
            unit = _money_of(text[token.start : token.end])
        elif token.kind == UNKNOWN and is_header_open:
            # An extra column: what stands beneath it must not move into another one.
            columns.append(())
        elif token.kind == UNKNOWN:
            rows.append((Row((), "", token.start, token.end, is_known=False), list(columns)))
    fillings = []
    for row, row_columns in rows:
        if not row.is_known:
            report_unknown(text, row, table)
            continue
        labels = [entry.code for entry in row.entries if entry.role == "row"]
        if labels:
            cells = [_crossing(labels, column, codes) for column in row_columns]
        else:
            labels = [entry.code for entry in row.entries if entry.role == "column"]
            cells = [_crossing(column, labels, codes) for column in row_columns]
        if not cells or "" in cells:
            table.report(
                "column_not_recognised",
                "error",
                row.start,
                row.span_end,
                text[row.start : row.span_end],
            )
            continue
        fillings.append(Filling(row, [(code, "") for code in cells], None))
    fill_cells(text, fillings, table, form, True)
    there = {code for filling in fillings for code, _ in filling.cells}
    lines = [line for line in form.lines(table.form_id) if line.dimension_code == "article_20"]
    if there:
        report_missing(
            table,
            [line for line in lines if line.row_label_zh and line.indicator_code not in there],
        )


@lru_cache(maxsize=32)
def _crossings(form: Form, form_id: str) -> dict[tuple[str, str], str]:
    """The figures of article 20 by their row and column."""
    lines = [line for line in form.all_lines if line.dimension_code == "article_20"]
    # Where a row and a column cross in several editions, the edition of the table comes first.
    lines.sort(key=lambda line: line.form_id == form_id)
    return {(line.row_label_zh, line.column_label_zh): line.indicator_code for line in lines}


def _money_of(header: str) -> str:
    """The unit of money that a header prints: 本年收费金额(单位:元) is not in 万元."""
    found = _MONEY.search("".join(header.split()))
    return found[0] if found else ""


def _take_turned(rows: list[tuple[Row, list[tuple[str, ...]]]]) -> list[Row]:
    """Take the last rows out that have neither figures nor columns: they are the head of a turned table."""
    taken: list[Row] = []
    while rows and not rows[-1][1] and rows[-1][0].is_known and not rows[-1][0].values:
        taken.append(rows.pop()[0])
    return taken[::-1]


def _crossing(
    rows: Sequence[str], columns: Sequence[str], codes: dict[tuple[str, str], str]
) -> str:
    return next((codes[r, c] for r in rows for c in columns if (r, c) in codes), "")
