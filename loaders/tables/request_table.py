"""The request matrix: rows of what became of requests, columns of who asked."""

from collections.abc import Sequence
from itertools import pairwise

from loaders.form import Form
from loaders.tables.filled_table import Filling, Row, Table, add_to_row
from loaders.tables.filling import fill_cells
from loaders.tables.gaps import report_missing_rows, report_unknown, report_unlabelled
from loaders.tables.label_repair import repair_labels
from loaders.tables.labels import LabelIndex
from loaders.tables.tokens import BREAK, EMPTY, LABEL, UNKNOWN, VALUE, Token
from loaders.tables.wrapped_labels import spells


def read_requests(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    """Read the request matrix into ``table``: cells, and an issue for whatever was not understood."""
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
    lines = {line.indicator_code: line for line in form.lines(table.form_id)}
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
            add_to_row(rows, token)
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
