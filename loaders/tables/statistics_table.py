"""The statistics tables of one or two columns, which the editions before 2019 have."""

import re
from collections.abc import Sequence
from functools import lru_cache

from loaders.form import Form, Line
from loaders.tables.filled_table import NO_CELL, Filling, Row, Table, add_to_row
from loaders.tables.filling import fill_cells
from loaders.tables.gaps import report_missing, report_missing_rows, report_unknown
from loaders.tables.label_repair import repair_labels
from loaders.tables.labels import NOT_LETTER, Entry, LabelIndex
from loaders.tables.tokens import BREAK, EMPTY, LABEL, UNIT, UNKNOWN, VALUE, Token

_MANY_LAST_ROWS = 5
_YEAR_COLUMN = re.compile(r"(?:19|20)\d\d年?度?")
# A number that a blank or a pipe ends; one that a letter ends (2015年度) is the same in every table of its layout.
_DIGIT_ALONE = re.compile(r"\d(?:[\s|]|\Z)")
# The heads of columns where a table sets years side by side; in parentheses may stand a unit.
_COLUMN_BY_YEAR = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)年?|(?P<this>本)(?:年|期)|(?:上一?年|去年)|(?:同比|比上年)?(?:增减|增长)|同比)"
    r"(?:度|同期|额|率|情况|幅度|变化)?(?:统计)?(?:数据|数量|数)?(?:\([^()]{1,6}\))?"
)
# The number of the first row, behind the header.
_FIRST_ORDINAL = re.compile(r"\(?[一二三四五六七八九十\d]{1,3}[)、.]\s*\Z")


def read_statistics(
    text: str, tokens: Sequence[Token], table: Table, form: Form, index: LabelIndex
) -> None:
    """Read a statistics table into ``table``: cells, and an issue for whatever was not understood."""
    value_columns = {c.column_code: c for c in form.value_columns(table.form_id)}
    columns: list[str] = []
    rows: list[Row] = []
    numbering = "before" if follows_numbering(text, table.start, index) else ""
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
            is_alone = _DIGIT_ALONE.search(text, token.start, token.end + 1) is not None
            table.is_judged |= token.kind == VALUE and is_alone
            if _YEAR_COLUMN.fullmatch(printed) and "this_year" in value_columns:
                columns.append("this_year")
        elif token.kind == UNIT and rows:
            rows[-1].unit = text[token.start : token.end].strip("()")
        else:
            add_to_row(rows, token)
    if not rows:
        if sum(token.kind == LABEL for token in tokens) > 1:
            table.report("table_without_values", "warning", table.start, table.end, "")
        return
    by_year = []
    if list(value_columns) == [""]:
        by_year = _read_years(text[table.start : rows[0].start], table.year)
    if by_year:
        table.is_judged = True
        table.report("columns_of_other_years", "info", table.start, rows[0].start, "")
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
        if by_year:
            cells = [cells[0] if is_own else NO_CELL for is_own in by_year]
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


def _read_years(header: str, report_year: int | None) -> list[bool]:
    """Which column is of the report's own year, where a header sets several beside each other.

    Empty where it does not, or where anything stands between them that is no head of such a column. Where
    the year of the report is not known it is the latest: nobody prints figures of a year to come.
    """
    header = _FIRST_ORDINAL.sub("", header.replace("\n", ""))
    found = list(_COLUMN_BY_YEAR.finditer(header))
    if len(found) < 2 or NOT_LETTER.sub("", _COLUMN_BY_YEAR.sub("", header[found[0].start() :])):
        return []
    years = [int(column["year"] or 0) for column in found]
    wanted = report_year or max(years)
    own = [
        bool(column["this"]) or year == wanted for column, year in zip(found, years, strict=True)
    ]
    return own if sum(own) == 1 else []


def follows_numbering(text: str, start: int, index: LabelIndex) -> bool:
    """Whether the header cell before the table's first words is that of a column of running numbers."""
    before = NOT_LETTER.sub("", text[max(start - 20, 0) : start])
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
