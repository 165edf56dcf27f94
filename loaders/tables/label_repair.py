"""A misprinted label, recognised where exactly one row of the form can be meant.

The one bounded repair: ordinal, both neighbours, and two edits at the most. Nothing looser.
"""

import re
from itertools import accumulate

from loaders.form import Form
from loaders.tables.filled_table import Row, Table
from loaders.tables.labels import Entry, LabelIndex, key_of, split_ordinal

_ORDINAL_BEFORE = re.compile(r"(?<!\d)(\d{1,2}|[一二三四五六七八九十]{1,3})\s*[.、)]\s*$")
_MOST_EDITS = 2


def repair_labels(text: str, rows: list[Row], table: Table, form: Form, index: LabelIndex) -> None:
    """Recognise a misprinted label where exactly one line fits ordinal, both neighbours and two edits."""
    if all(row.is_known for row in rows):
        return
    lines = [line for line in form.lines(table.form_id) if line.table_code == table.table_code]
    order = {line.indicator_code: n for n, line in enumerate(lines)}
    places = [_place(row, order) for row in rows]
    lows = list(accumulate(places, _last_known, initial=-1))
    highs = list(accumulate(reversed(places), _last_known, initial=len(lines)))[::-1]
    for position, row in enumerate(rows):
        if row.is_known or not row.values:
            continue
        # The known rows next to it, however far: the label stands between them in the form.
        low, high = lows[position], highs[position + 1]
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
            table.report(
                "label_repaired",
                "info",
                row.start,
                row.end,
                f"{printed} → {fitting[0].label_zh}",
                code,
            )


def _printed_ordinal(text: str, start: int, end: int) -> str:
    """The ordinal of a label that was not recognised: in it, or directly before it."""
    before = _ORDINAL_BEFORE.search(text[max(start - 8, 0) : start])
    return split_ordinal(text[start:end])[0] or (before[1] if before else "")


def _place(row: Row, order: dict[str, int]) -> int | None:
    return next((order[entry.code] for entry in row.entries if entry.code in order), None)


def _last_known(known: int, place: int | None) -> int:
    return known if place is None else place


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
