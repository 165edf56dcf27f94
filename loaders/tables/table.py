"""Tokens of a table to cells. Here a number meets its row label and its column label.

Position is never identity: a value belongs to the label before it, and columns count only under a header
that was recognised. What becomes of rows whose width is wrong is the business of `filling`.
"""

from loaders.form import Form
from loaders.tables.appeal_table import read_appeals
from loaders.tables.filled_table import Table
from loaders.tables.filling import settle_doubtful
from loaders.tables.labels import LabelIndex, table_index
from loaders.tables.layouts import KnownTable, layouts_of
from loaders.tables.proactive_table import read_proactive
from loaders.tables.request_table import read_requests
from loaders.tables.statistics_table import follows_numbering, read_statistics
from loaders.tables.tokens import (
    UNKNOWN,
    Token,
    ends_at,
    read_stretch,
    read_tokens,
)
from loaders.tables.wrapped_labels import put_together


def read_table(
    text: str,
    start: int,
    end: int,
    table_code: str,
    form_id: str,
    form: Form,
    year: int | None = None,
) -> Table | KnownTable:
    """Read the table that begins at ``start``.

    Args:
        text: normalised text of the document.
        end: where it ends at the latest (the next table, the end of the report).
        form_id: the edition; decides between labels that editions share.
        year: of the report, where it is known; decides between columns that are of one year each.

    Returns:
        Cells with spans in ``text``; an issue for whatever was not understood.
    """
    index = table_index(form, table_code, form_id if table_code == "statistics" else "")
    numbered = table_code == "statistics" and follows_numbering(text, start, index)
    layouts = layouts_of(form)
    passage = layouts.open(text, start, end, table_code, form_id, numbered)
    if passage is not None:
        known = layouts.find(passage, start, end)
        if known is not None and (
            known.stop >= end
            or ends_at(text, known.stop, end, index)
            or not read_tokens(text, known.stop, end, index)
        ):
            return known
    stretch = read_stretch(text, start, end, index)
    table = _read_thoroughly(
        text, stretch.tokens, start, end, table_code, form_id, form, index, year
    )
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
    year: int | None,
) -> Table:
    table = Table(table_code, form_id, start, start, year)
    if any(token.kind == UNKNOWN for token in tokens):
        joined = put_together(text, tokens, start, end, table_code, form_id, form)
        tokens, table.is_judged = joined.tokens, joined.is_judged
        table.reach, table.fixed = joined.reach, joined.fixed
    table.end = tokens[-1].end if tokens else start
    reader = {
        "requests": read_requests,
        "proactive": read_proactive,
        "appeals": read_appeals,
        "statistics": read_statistics,
    }[table_code]
    reader(text, tokens, table, form, index)
    if table.doubtful:
        table.is_judged = True
        settle_doubtful(text, table, form)
    return table
