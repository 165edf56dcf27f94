"""The cells of a stretch of text as its separators cut them: newlines, pipes and tabs.

What a cell is, or whether labels and figures stand side by side in it, is the business of `tokens`.
"""

import re
from functools import lru_cache, partial
from typing import NamedTuple

# The number of a page, in a line of its own between two rows.
_PAGE_MARK = re.compile(r"(?P<marked>-+\s*\d{1,3}\s*-+|\d{1,3}\s*/\s*\d{1,3})|\d{1,3}")
# The line below the head of a Markdown table.
_RULE_CELL = re.compile(r"\s*(?::?-{2,}:?)?\s*")
# Run by run: one by one the characters of a line take three times as long.
_LETTERS = re.compile(r"(?:[^\W_]|[。;○])+|[-/+*]")
_SIGNS = frozenset("-/+*")
LONGEST_CELL = 200
_MOST_COLUMNS = 40
_LONGEST_PAGE_MARK = 12
_CUT_AHEAD = 40


class Fragment(NamedTuple):
    """One cell as the separators cut it; blanks at its ends are left out. ``page`` as in a token."""

    start: int
    end: int
    text: str
    page: str = ""


_as_fragment = partial(tuple.__new__, Fragment)


class Fragments:
    """The fragments of a stretch of text, cut as far as they are asked for.

    A table ends long before the text does; what lies far behind it is never looked at.
    """

    def __init__(self, text: str, start: int, end: int) -> None:
        self.cut: list[Fragment | None] = []
        """Fragments, and ``None`` for the end of each line."""
        self._text, self._start, self._end = text, start, end

    def has(self, position: int) -> bool:
        """Whether there is a fragment at a position; cuts up to there and some more."""
        cut, text, start, end = self.cut, self._text, self._start, self._end
        while len(cut) <= position + _CUT_AHEAD and start < end:
            line_end = text.find("\n", start, end)
            if line_end < 0:
                line_end = end
            line = text[start:line_end]
            parts = _parts_of(line) if line_end - start <= LONGEST_CELL else _cut_line(line)
            for left, right, cell, page in parts:
                cut.append(_as_fragment((start + left, start + right, cell, page)))
            cut.append(None)
            start = line_end + 1
        self._start = start
        return len(cut) > position

    def ahead(self, position: int, count: int) -> list[Fragment | None]:
        """Up to ``count`` fragments from a position on."""
        self.has(position + count - 1)
        return self.cut[position : position + count]


def _cut_line(line: str) -> list[tuple[int, int, str, str]]:
    """The cells of a line: where they begin and end, their text, and whether they may be a page's number."""
    if "|" not in line and "\t" not in line:
        stripped = line.strip()
        if not stripped:
            return []
        left = line.index(stripped)
        return [(left, left + len(stripped), stripped, _page_mark(stripped))]
    parts = line.replace("\t", "|").split("|")
    last = len(parts) - 1
    is_rule = "--" in line and all(_RULE_CELL.fullmatch(part) for part in parts)
    if is_rule or (last > _MOST_COLUMNS and not line.strip("| \t")):
        return []
    cells = []
    position = 0
    for number, part in enumerate(parts):
        stripped = part.strip()
        if stripped:
            left = position + part.index(stripped)
            cells.append((left, left + len(stripped), stripped, ""))
        elif 0 < number < last:
            # What stands before a first pipe and behind a last one is no cell when it is empty.
            cells.append((position, position, "", ""))
        position += len(part) + 1
    if len(cells) == 1:
        left, right, cell, _ = cells[0]
        cells[0] = (left, right, cell, _page_mark(cell))
    return cells


# Reports repeat the same lines without end: those of one cell, and the labels of the forms.
_parts_of = lru_cache(maxsize=16_384)(_cut_line)


def _page_mark(cell: str) -> str:
    """What kind of page number a cell may be that is all of its line."""
    if len(cell) > _LONGEST_PAGE_MARK:
        return ""
    found = _PAGE_MARK.fullmatch(cell)
    return "" if found is None else "marked" if found["marked"] else "bare"


def compact(text: str, fragment: Fragment) -> tuple[str, list[int]]:
    """The characters that labels and figures are made of, and where they stand.

    A sign between two letters (本年增/减), one of them perhaps in another line, is punctuation; anywhere
    else it may be a cell.
    """
    letters: list[str] = []
    offsets: list[int] = []
    for found in _LETTERS.finditer(text, fragment.start, fragment.end):
        run = found.group()
        if run in _SIGNS and _is_inside_word(text, found.start()):
            continue
        letters.append(run)
        offsets += range(found.start(), found.end())
    return "".join(letters), offsets


def _is_inside_word(text: str, at: int) -> bool:
    if is_han(text, at + 1):
        return is_han(text, at - 2 if text[at - 1 : at] == "\n" else at - 1)
    return text[at + 1 : at + 2] == "\n" and is_han(text, at - 1) and is_han(text, at + 2)


def is_han(text: str, at: int) -> bool:
    """Whether a Chinese character stands at an offset."""
    return 0 <= at < len(text) and "\u3400" <= text[at] <= "\u9fff"
