"""What a table lacks and what in it is not known: rows of the form that are not there, labels and values without a home.

Here it is only told, as issues of the table; nothing is read.
"""

from collections.abc import Sequence

from loaders.form import Form, Line
from loaders.tables.filled_table import PRINT_NOTHING, Row, Table
from loaders.tables.tokens import VALUE, Token


def report_missing_rows(table: Table, rows: Sequence[Row], form: Form) -> None:
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
        if line.node_type not in PRINT_NOTHING
        and line.indicator_code not in there
        # The form prints the figure of a total, whatever stands beneath it.
        and (line.node_type == "total" or line.indicator_code not in told)
        and line.parent_code not in with_values - told
        and (is_fixed or line.parent_code in told or line.node_type == "total")
    ]
    report_missing(table, missing)


def report_missing(table: Table, missing: Sequence[Line], severity: str = "warning") -> None:
    """Say in one issue which lines of the form a table does not have."""
    if missing:
        table.missing += [line.indicator_code for line in missing]
        table.report(
            "rows_missing",
            severity,
            table.end,
            table.end,
            "、".join(line.label_zh for line in missing),
        )


def report_unlabelled(text: str, header: Sequence[Token], table: Table) -> None:
    """Values before the first label of a row: the label is lost, and what they count is not known."""
    values = [token for token in header if token.kind == VALUE and _is_figure(text, token)]
    if values:
        start, end = values[0].start, values[-1].end
        table.report("unlabelled_values", "warning", start, end, text[start:end])


def _is_figure(text: str, token: Token) -> bool:
    """Whether a value is a number by itself, not the end of a word (数据1)."""
    is_number = any(char.isdigit() for char in text[token.start : token.end])
    return is_number and not text[max(token.start - 1, 0)].isalpha()


def report_unknown(text: str, row: Row, table: Table) -> None:
    """Say that a row has values and that its label is not known."""
    if row.values:
        table.report(
            "unknown_label",
            "error",
            row.start,
            row.span_end,
            text[row.start : row.span_end],
        )
