"""Tokens of a table to cells. Here a number meets its row label and its column label.

Position is never identity: a value belongs to the label before it, and columns count only under a header
that was recognised. What becomes of rows whose width is wrong is the business of `filling`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from loaders.appeal_table import read_appeals
from loaders.filled_table import NO_CELL, Filling, Row, Table
from loaders.filling import fill_cells, settle_doubtful
from loaders.form import Form, Line
from loaders.gaps import report_missing, report_missing_rows, report_unknown, report_unlabelled
from loaders.label_repair import repair_labels
from loaders.labels import Entry, LabelIndex, table_index
from loaders.layouts import KnownTable, layouts_of
from loaders.tokens import (
    BREAK,
    EMPTY,
    LABEL,
    UNIT,
    UNKNOWN,
    VALUE,
    Token,
    ends_at,
    read_stretch,
    read_tokens,
)
from loaders.wrapped_labels import put_together, spells

_NOT_LETTER = re.compile(r"[^0-9A-Za-z㐀-鿿]+")
_MONEY = re.compile("[百千]?[万亿]?元")
_MANY_LAST_ROWS = 5
_YEAR_COLUMN = re.compile(r"(?:19|20)\d\d年?度?")


def read_table(
    text: str, start: int, end: int, table_code: str, form_id: str, form: Form
) -> Table | KnownTable:
    """Read the table that begins at ``start``.

    Args:
        text: normalised text of the document.
        end: where it ends at the latest (the next table, the end of the report).
        form_id: the edition; decides between labels that editions share.

    Returns:
        Cells with spans in ``text``; an issue for whatever was not understood.
    """
    index = table_index(form, table_code, form_id if table_code == "statistics" else "")
    numbered = table_code == "statistics" and _follows_numbering(text, start, index)
    layouts = layouts_of(form)
    passage = layouts.open(text, start, end, table_code, form_id, numbered)
    if passage is not None:
        known = layouts.find(passage, start, end)
        if known is not None and (
            ends_at(text, known.stop, end, index) or not read_tokens(text, known.stop, end, index)
        ):
            return known
    stretch = read_stretch(text, start, end, index)
    table = _read_thoroughly(text, stretch.tokens, start, end, table_code, form_id, form, index)
    if passage is not None:
        layouts.remember(passage, start, end, table, stretch, index)
    return table


def _read_thoroughly(
    text: str,
    tokens: list[Token],
    start: int,
    end: int,
    table_code: str,
    form_id: str,
    form: Form,
    index: LabelIndex,
) -> Table:
    table = Table(table_code, form_id, start, start)
    if any(token.kind == UNKNOWN for token in tokens):
        joined = put_together(text, tokens, start, end, table_code, form_id, form)
        tokens, table.is_judged = joined.tokens, joined.is_judged
        table.reach, table.fixed = joined.reach, joined.fixed
    table.end = tokens[-1].end if tokens else start
    reader = {
        "requests": _read_requests,
        "proactive": _read_proactive,
        "appeals": read_appeals,
        "statistics": _read_statistics,
    }[table_code]
    reader(text, tokens, table, form, index)
    if table.doubtful:
        table.is_judged = True
        settle_doubtful(text, table, form)
    return table


# --- the request matrix -------------------------------------------------------------------------


def _read_requests(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    rows, header = _request_rows(tokens)
    columns = _applicant_columns(text, header, form)
    is_wrapped = any(token.kind == UNKNOWN for token in header)
    if not columns and is_wrapped and _is_wrapped_header(text, rows, table, form):
        columns = [a.applicant_code for a in form.applicants if a.column_order]
    table.is_judged |= not columns or columns[-1] != "total"
    is_recognised = bool(columns) and (columns[-1] == "total" or _add_up(text, rows, columns))
    if not is_recognised:
        seen = {entry.code for token in header for entry in token.entries}
        missing = "、".join(a.label_zh for a in form.applicants if a.applicant_code not in seen)
        table.report(
            "header_not_recognised",
            "error",
            table.start,
            table.start,
            f"缺少列:{missing}" if missing else "列的次序不明",
        )
        columns = [a.applicant_code for a in form.applicants if a.column_order]
    lines, _ = _families(form, table.form_id)
    repair_labels(text, rows, table, form, index)
    _note_unknown_neighbours(rows)
    fillings = []
    for row in rows:
        if not row.is_known:
            report_unknown(text, row, table)
            continue
        code = next(e.code for e in row.entries if e.role == "line")
        cells = [(code if column else "", column) for column in columns]
        fillings.append(Filling(row, cells, lines.get(code)))
    report_unlabelled(text, header, table)
    fill_cells(text, fillings, table, form, is_recognised)
    report_missing_rows(table, rows, form)


def _request_rows(tokens: Sequence[Token]) -> tuple[list[Row], list[Token]]:
    """Rows of the matrix, and the tokens of its first header."""
    rows: list[Row] = []
    header: list[Token] = []
    in_header = True
    for token in tokens:
        kind = token.kind
        if not in_header:
            if kind is VALUE or kind is EMPTY:
                rows[-1].add(token)
                continue
            if kind is BREAK:
                continue
        if kind == LABEL:
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
    # The header printed twice (a page ended there, merged cells filled with copies) must say the same twice.
    top, kinds = _once(top), _once(kinds)
    if place is None:
        place = next((n for n, code in enumerate(top) if code == "total"), len(top))
    columns = [*top[:place], *kinds, *top[place:]]
    named = [code for code in columns if code]
    if sorted(named) != sorted(wanted):
        return []
    # The sums of the rows tell where the total stands, but nothing tells the others apart.
    is_clear = named[-1] == "total" or named[0] == "total"
    return columns if is_clear and named[named[0] == "total"] == wanted[0] else []


def _is_wrapped_header(text: str, rows: Sequence[Row], table: Table, form: Form) -> bool:
    """Whether the header, its labels broken over several lines, is that of the form, and the sums agree."""
    applicants = [a for a in form.applicants if a.column_order]
    columns = [(a.label_zh, *a.label_variants) for a in applicants]
    codes = [a.applicant_code for a in applicants]
    return (
        bool(rows)
        and spells(text, table.start, rows[0].start, columns)
        and _add_up(text, rows, codes)
    )


def _once(codes: Sequence[str]) -> list[str]:
    """Codes without their repetitions; none where a repetition has another order."""
    firsts = list(dict.fromkeys(codes))
    lasts = list(dict.fromkeys(reversed(codes)))[::-1]
    return firsts if firsts == lasts else []


def _add_up(text: str, rows: Sequence[Row], columns: Sequence[str]) -> bool:
    """Whether the total of every row is the sum of the others, and one of them is not just 0."""
    place, has_figure = columns.index("total"), False
    for row in rows:
        figures = [text[value.start : value.end].replace(",", "") for value in row.values]
        if len(figures) != len(columns) or "" in columns or not all(map(str.isdecimal, figures)):
            continue
        total = int(figures.pop(place))
        if total != sum(map(int, figures)):
            return False
        has_figure |= total > 0
    return has_figure


def _note_unknown_neighbours(rows: Sequence[Row]) -> None:
    for row, following in pairwise(rows):
        row.is_beside_unknown |= not following.is_known
        following.is_beside_unknown |= not row.is_known


def _add_to_row(rows: list[Row], token: Token) -> None:
    if token.kind == UNKNOWN:
        rows.append(Row((), token.ordinal, token.start, token.end, is_known=False))
    elif token.kind in (VALUE, EMPTY) and rows:
        rows[-1].add(token)


# --- article 20 ---------------------------------------------------------------------------------


def _read_proactive(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
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


# --- one-column and two-column statistics tables --------------------------------------------------


def _read_statistics(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    value_columns = {c.column_code: c for c in form.value_columns(table.form_id)}
    columns: list[str] = []
    rows: list[Row] = []
    numbering = "before" if _follows_numbering(text, table.start, index) else ""
    header: list[Token] = []
    for token in tokens:
        if rows:
            if token.kind is VALUE or token.kind is EMPTY:
                rows[-1].add(token)
                continue
            if token.kind is BREAK:
                continue
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
            table.is_judged |= token.kind == VALUE
            if _YEAR_COLUMN.fullmatch(printed) and "this_year" in value_columns:
                columns.append("this_year")
        elif token.kind == UNIT and rows:
            rows[-1].unit = text[token.start : token.end].strip("()")
        else:
            _add_to_row(rows, token)
    if not rows:
        if sum(token.kind == LABEL for token in tokens) > 1:
            table.report("table_without_values", "warning", table.start, table.end, "")
        return
    if not columns:
        columns = [""] if list(value_columns) == [""] else []
    # A table may leave out the columns that are not of the year; one more than it names shows in its rows.
    is_recognised = bool(columns) and set(columns) <= set(value_columns)
    is_recognised &= set(columns) == set(value_columns) or "this_year" in columns
    if not is_recognised:
        table.report("header_not_recognised", "error", table.start, table.start, "")
    lines, _ = _families(form, table.form_id)
    _resolve_lines(rows, table, form)
    repair_labels(text, rows, table, form, index)
    fillings = []
    for row in rows:
        if not row.is_known:
            report_unknown(text, row, table)
            continue
        code = row.entries[0].code
        width = max(len(columns), 1)
        cells = [(code, column) for column in (columns or list(value_columns))][:width]
        if numbering == "behind":
            cells.insert(0, NO_CELL)
        elif numbering == "before" and row is not rows[-1]:
            # The number of the next row stands behind the last figure of this one.
            cells.append(NO_CELL)
        if numbering and lines[code].node_type == "heading" and len(row.values) == 1:
            table.idle += [(slot.start, slot.end) for slot in row.slots]
            row.put(())
        fillings.append(Filling(row, cells, lines[code]))
    fill_cells(text, fillings, table, form, is_recognised)
    if any(t.is_prescribed for t in form.tables(table.form_id)):
        report_missing_rows(table, rows, form)
    # Copies leave rows out, and local forms vary from place to place and year to year: told, but no fault.
    # But where the form's last rows are missing together, the table may have been cut off.
    there = {entry.code for row in rows for entry in row.entries} | set(table.missing)
    stated = [line for line in lines.values() if line.unit]
    missing = [line for line in stated if line.indicator_code not in there]
    is_cut_off = len(missing) >= _MANY_LAST_ROWS and missing == stated[-len(missing) :]
    report_missing(
        table,
        missing,
        "warning" if is_cut_off else "info",
    )


def _follows_numbering(text: str, start: int, index: LabelIndex) -> bool:
    """Whether the header cell before the table's first words is that of a column of running numbers."""
    before = _NOT_LETTER.sub("", text[max(start - 20, 0) : start])
    return any(
        entry.role == "code_header"
        for length in (2, 4)
        for entry in index.by_key.get(before[-length:], ())
    )


def _has_role(token: Token, role: str) -> bool:
    return any(entry.role == role for entry in token.entries)


def _resolve_lines(rows: list[Row], table: Table, form: Form) -> None:
    """Choose among lines that share a label (复议 and 诉讼 have the same results): in order, by block."""
    lines, ancestors = _families(form, table.form_id)
    last: Line | None = None
    taken: set[str] = set()
    homeless: set[tuple[Entry, ...]] = set()
    shared: list[tuple[tuple[Entry, ...], Row]] = []
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
                homeless.add(row.entries)
                row.is_known, row.entries = False, ()
                continue
            shared.append((row.entries, row))
        else:
            chosen = candidates[0]
        taken.add(chosen.indicator_code)
        row.entries = (Entry("line", chosen.indicator_code),)
        last = chosen
    for entries, row in shared:
        # One of the rows with this label stands in no block: then none of them is certain to stand in its own.
        if entries in homeless:
            row.is_known, row.entries = False, ()


@lru_cache(maxsize=32)
def _families(form: Form, form_id: str) -> tuple[dict[str, Line], dict[str, set[str]]]:
    """The lines of an edition by their codes, and the codes of all lines above each."""
    lines = {line.indicator_code: line for line in form.lines(form_id)}
    return lines, {code: _ancestors(code, lines) for code in lines}


def _ancestors(code: str, lines: dict[str, Line]) -> set[str]:
    found: set[str] = set()
    while code in lines and (code := lines[code].parent_code) and code not in found:
        found.add(code)
    return found
