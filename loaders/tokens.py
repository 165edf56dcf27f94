"""The text of a table as a sequence of tokens: labels, values, units, empty cells.

Newlines, pipes and tabs end a cell; within a cell labels and figures are also told apart when blanks
or nothing at all stands between them. Whatever separators a website used, the rows built from these
tokens are the same. What a token means in its table is the business of `tables`.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from loaders.labels import Entry, LabelIndex, split_ordinal

LABEL, VALUE, UNIT, EMPTY, UNKNOWN, BREAK = "label", "value", "unit", "empty", "unknown", "break"

UNITS = "万元|亿元|元|人次|件次|件|条|次|项|宗|笔|篇|个|人|名|期|份|场|起|例|家|%"
_UNIT_CELL = re.compile(rf"[(〔]?(?:单位[::])?(?:{UNITS})[)〕]?")
FOOTNOTES = "".join(map(chr, range(ord("①"), ord("⑳") + 1))) + "⁰¹²³⁴⁵⁶⁷⁸⁹"
"""Marks of footnotes, which stand behind a figure and are no part of it."""

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?:[+-]|增加|减少|新增|增|减|近|约)?\s*(?:{_NUMBER})(?:\s*[万亿])?[余多]?(?:\s*(?:{UNITS}))?(?:\s*[{FOOTNOTES}]+)?"
)
# A letter O or a Chinese zero by itself is a printed 0.
_NOTHING = re.compile(r"[-/\\]+|无|[*×?]+\d*[*×?]*|[Oo〇○]")
# Values that no letter or digit shows, behind a label in the same cell.
_SIGNS_BEHIND = re.compile(r"(?:\s(?:[-/\\*]+|[〇○]))+\Z")
# The number of a page, in a line of its own between two rows.
_PAGE_MARK = re.compile(r"(?P<marked>-+\s*\d{1,3}\s*-+|\d{1,3}\s*/\s*\d{1,3})|\d{1,3}")
_VALUE_CELL = re.compile(rf"(?:{_FIGURE.pattern}|{_NOTHING.pattern})")
_SECTION = re.compile(r"\s*[一二三四五六七八九十]{1,3}、")
# A stretch that no table holds: a sentence, or the heading of the next section.
_PROSE = re.compile(r"[。;]|[一二三四五六七八九十]{1,2}、")
# The line below the head of a Markdown table.
_RULE_CELL = re.compile(r"\s*(?::?-{2,}:?)?\s*")
_OPENED = re.compile(r"\d[.、)]\s?\Z")
_ORDINAL_ALONE = re.compile(r"[一二三四五六七八九十]{1,3}[)、.\s]*")
_LABELS_OF_A_ROW = 4
_PIECES_OF_A_LABEL = 7
_FRAGMENTS_OF_A_ROW = 6
_LONGEST_LABEL = 60
_LONGEST_HEADING = 12
_LONGEST_CELL = 200
_MOST_COLUMNS = 40
_LONGEST_PAGE_MARK = 12
_CUT_AHEAD = 40


class Token(NamedTuple):
    """``[start, end)`` of the text, and what it may be. Labels carry their entries and ordinal.

    ``is_cell`` tells a value that separators cut out whole: it is one figure, however many digits.
    ``page`` tells a value in a line of its own that looks like a page's number: ``marked`` (- 3 -) or ``bare`` (3).
    """

    kind: str
    start: int
    end: int
    entries: tuple[Entry, ...] = ()
    ordinal: str = ""
    is_cell: bool = False
    page: str = ""


_LINE_END = Token(BREAK, 0, 0)


class Fragment(NamedTuple):
    """One cell as the separators cut it; blanks at its ends are left out. ``page`` as in a token."""

    start: int
    end: int
    text: str
    page: str = ""


class _Fragments:
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
            parts = _parts_of(line) if line_end - start <= _LONGEST_CELL else _cut_line(line)
            for left, right, cell, page in parts:
                cut.append(Fragment(start + left, start + right, cell, page))
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


class Stretch(NamedTuple):
    """The tokens of a table, and what of the text had a say in them."""

    tokens: list[Token]
    stop: int
    """Where the cell begins that ended the table; the end of the text where none did."""
    ahead: list[tuple[int, int]]
    """From where to where the reading looked further than the cell it had come to."""


def read_tokens(text: str, start: int, end: int, index: LabelIndex) -> list[Token]:
    """Read tokens from ``start`` until the table ends, at ``end`` at the latest.

    The table ends before the first stretch that is neither label nor value and reads like a sentence
    or like the heading of a section.
    """
    return read_stretch(text, start, end, index).tokens


def read_stretch(text: str, start: int, end: int, index: LabelIndex) -> Stretch:
    """Read tokens as `read_tokens` does, and tell how far the text was looked at."""
    tokens: list[Token] = []
    ahead: list[tuple[int, int]] = []
    stopped = end

    def look_ahead(count: int) -> list[Fragment | None]:
        """Up to so many fragments behind the present one."""
        found = fragments.ahead(position, count)
        last = next((piece.end for piece in reversed(found) if piece is not None), start)
        ahead.append((start, last if len(found) == count else end + 1))
        return found

    fragments = _Fragments(text, start, end)
    cut = fragments.cut
    position = 0
    while position < len(cut) or fragments.has(position):
        fragment = cut[position]
        position += 1
        if fragment is None:
            tokens.append(_LINE_END)
            continue
        start, stop, cell, page = fragment
        meaning = _meaning(cell, index) if stop - start <= _LONGEST_CELL else _UNKNOWN_CELL
        kind, entries, ordinal, is_cell, is_end = meaning
        if is_end:
            stopped = start
            break
        if kind is not UNKNOWN:
            tokens.append(Token(kind, start, stop, entries, ordinal, is_cell, page))
            continue
        if page:
            tokens += [part._replace(page=page) for part in _scan(text, fragment, index)]
            continue
        if _is_sentence(cell) and _is_row(text, look_ahead(_FRAGMENTS_OF_A_ROW), index):
            # A remark between two rows: the table goes on behind it.
            tokens.append(_LINE_END)
            continue
        key = _letters(cell)
        if key in index.pieces:
            joined = _join_wrapped(key, fragment, look_ahead(_PIECES_OF_A_LABEL - 1), index)
            if joined is not None:
                token, count = joined
                tokens.append(token)
                position += count
                continue
        ended = False
        parts = list(_scan(text, fragment, index))
        for number, part in enumerate(parts, 1):
            if _is_sign_off(part.entries):
                ended = True
                break
            if part.kind == UNKNOWN and _ends_table(text[part.start : part.end]):
                following = [following.kind for following in parts[number:] if _may_open(following)]
                is_heading = part.end - part.start <= _LONGEST_HEADING and (
                    following[:2] == [LABEL, VALUE]
                    if following
                    else _is_row(text, look_ahead(_FRAGMENTS_OF_A_ROW), index)
                )
                if not is_heading:
                    ended = True
                    break
            tokens.append(part)
        if ended:
            stopped = start
            break
    while tokens and tokens[-1].kind in (UNKNOWN, EMPTY, BREAK):
        tokens.pop()
    return Stretch(tokens, stopped, ahead)


def _is_sentence(cell: str) -> bool:
    return cell.endswith("。") and not _SECTION.match(cell)


def _is_row(text: str, fragments: Iterable[Fragment | None], index: LabelIndex) -> bool:
    """Whether fragments are the label of a row and a figure, and nothing else."""
    kinds: list[str] = []
    for fragment in fragments:
        if fragment is None or not fragment.text:
            continue
        cell = fragment.text
        meaning = _meaning(cell, index) if len(cell) <= _LONGEST_CELL else _UNKNOWN_CELL
        if meaning.kind == LABEL:
            kinds.append(LABEL if _opens_row(meaning.entries) else UNKNOWN)
        elif meaning.kind == UNKNOWN:
            parts = list(_scan(text, fragment, index))
            kinds += [
                UNKNOWN if part.kind == LABEL and not _opens_row(part.entries) else part.kind
                for part in parts
                if not _ORDINAL_ALONE.fullmatch(text, part.start, part.end)
            ]
        else:
            kinds.append(meaning.kind)
        if len(kinds) > _LABELS_OF_A_ROW:
            break
    labels = 0
    while kinds[labels : labels + 1] == [LABEL]:
        labels += 1
    following = [kind for kind in kinds[labels:] if kind != UNIT]
    return labels > 0 and following[:1] == [VALUE]


def _may_open(token: Token) -> bool:
    """Whether a token is a part of a row: its label, or no label at all but a value or something unknown."""
    return token.kind in (VALUE, UNKNOWN) or (token.kind == LABEL and _opens_row(token.entries))


def _opens_row(entries: Iterable[Entry]) -> bool:
    return any(entry.role in ("line", "row", "heading") for entry in entries)


class Meaning(NamedTuple):
    """What a whole cell is, wherever it stands. ``kind`` is ``unknown`` for what needs a closer look."""

    kind: str
    entries: tuple[Entry, ...] = ()
    ordinal: str = ""
    is_cell: bool = False
    is_end: bool = False


_UNKNOWN_CELL = Meaning(UNKNOWN)


@lru_cache(maxsize=65_536)
def _meaning(cell: str, index: LabelIndex) -> Meaning:
    """Read one cell by itself. Reports repeat the same cells without end, so answers are kept."""
    if not cell:
        return Meaning(EMPTY)
    if len(cell) <= 24:
        if _VALUE_CELL.fullmatch(cell):
            return Meaning(VALUE, is_cell=True)
        if _UNIT_CELL.fullmatch(cell):
            return Meaning(UNIT)
    entries = index.find(cell)
    if not entries or _SIGNS_BEHIND.search(cell):
        return _UNKNOWN_CELL
    return Meaning(LABEL, entries, split_ordinal(cell)[0], is_end=_is_sign_off(entries))


def _is_sign_off(entries: Iterable[Entry]) -> bool:
    """Whether a label names who answers for the table: it stands behind the last row."""
    return any(entry.role == "sign_off" for entry in entries)


def _join_wrapped(
    key: str, first: Fragment, following: Iterable[Fragment | None], index: LabelIndex
) -> tuple[Token, int] | None:
    """A label broken over several cells or lines, and how many fragments behind the first it takes.

    ``key`` is the first piece, unknown by itself.
    """
    for count, fragment in enumerate(following, 1):
        if fragment is None or not fragment.text:
            continue
        if _VALUE_CELL.fullmatch(fragment.text):
            return None
        key += _letters(fragment.text)
        entries = index.by_key.get(key)
        if entries:
            return Token(LABEL, first.start, fragment.end, entries), count
        if key not in index.pieces:
            return None
    return None


def _letters(cell: str) -> str:
    return re.sub(r"[^0-9A-Za-z㐀-鿿]+", "", split_ordinal(cell)[1])


def _ends_table(stretch: str) -> bool:
    return len(stretch) > _LONGEST_LABEL or _PROSE.search(stretch) is not None


def _scan(text: str, fragment: Fragment, index: LabelIndex) -> Iterator[Token]:
    """Tell labels and figures apart within one cell."""
    letters, offsets = _compact(text, fragment)
    size = len(letters)
    position, unknown = 0, -1
    while position < size:
        found = _label_at(letters, position, index)
        if found and unknown >= 0 and _is_one_word(text, offsets, unknown, position):
            # The end of a label that is not known (信人、传真申请数) is not the label that it looks like.
            position += len(found)
            continue
        if found:
            if unknown >= 0:
                yield _leftover(text, offsets[unknown], offsets[position - 1] + 1)
                unknown = -1
            start = offsets[position]
            position += len(found)
            yield Token(LABEL, start, offsets[position - 1] + 1, index.by_key[found])
            continue
        figure = _figure_at(text, fragment, offsets, position, letters, index)
        if figure is None:
            if unknown < 0:
                unknown = position
            position += 1
            continue
        start, end, after, is_ordinal = figure
        if unknown >= 0:
            yield _leftover(text, offsets[unknown], offsets[position - 1] + 1)
            unknown = -1
        if not is_ordinal:
            yield Token(VALUE, start, end)
        position = after
    if unknown >= 0:
        yield _leftover(text, offsets[unknown], fragment.end)


def _is_one_word(text: str, offsets: list[int], unknown: int, position: int) -> bool:
    """Whether unknown letters behind an ordinal run on into a label without a blank between them."""
    if not _OPENED.search(text, max(offsets[unknown] - 4, 0), offsets[unknown]):
        return False
    between = text[offsets[position - 1] + 1 : offsets[position]]
    if any(char.isspace() or char in ".()〔〕" for char in between):
        return False
    return _is_han(text, offsets[unknown]) and _is_han(text, offsets[position - 1])


def _leftover(text: str, start: int, end: int) -> Token:
    """What is neither label nor figure: the unit of a row, or something unknown."""
    kind = UNIT if _UNIT_CELL.fullmatch(text[start:end].strip()) else UNKNOWN
    return Token(kind, start, end)


def _compact(text: str, fragment: Fragment) -> tuple[str, list[int]]:
    """The characters that labels and figures are made of, and where they stand.

    A sign between two letters (本年增/减) is punctuation; anywhere else it may be a cell.
    """
    offsets = []
    for i in range(fragment.start, fragment.end):
        char = text[i]
        if char.isalnum() or char in "。;○":
            offsets.append(i)
        elif char in "-/+*" and not (_is_han(text, i - 1) and _is_han(text, i + 1)):
            offsets.append(i)
    return "".join(text[i] for i in offsets), offsets


def _is_han(text: str, at: int) -> bool:
    return 0 <= at < len(text) and "\u3400" <= text[at] <= "\u9fff"


def _label_at(letters: str, position: int, index: LabelIndex) -> str:
    for label in index.by_head.get(letters[position : position + 2], ()):
        if letters.startswith(label, position):
            return label
    return ""


def _figure_at(
    text: str,
    fragment: Fragment,
    offsets: list[int],
    position: int,
    letters: str,
    index: LabelIndex,
) -> tuple[int, int, int, bool] | None:
    """A figure or dash at a position: its span, the position behind it, whether it is an ordinal."""
    char = letters[position]
    start = offsets[position]
    if not (char.isdigit() or char in "-+/*增减近约无Oo〇○"):
        return None
    found = _FIGURE.match(text, start, fragment.end) or _NOTHING.match(text, start, fragment.end)
    if found is None or (char in "无Oo〇○" and not _stands_alone(text, start, fragment)):
        return None
    end = found.end()
    after = position
    while after < len(letters) and offsets[after] < end:
        after += 1
    follows = text[end : end + 1]
    if follows in (".", "、") and found.group().isdigit():
        # Glued rows print "00000002.其他…": the last digit is the next label's ordinal.
        ordinal = index.ordinals.get(_label_at(letters, after, index), "")
        if ordinal and found.group().endswith(ordinal) and found.group() != ordinal:
            return start, end - len(ordinal), after, False
    is_ordinal = follows in (".", "、") and found.group().isdigit() and len(found.group()) <= 2
    if not is_ordinal and follows in (".", "、", ")"):
        is_ordinal = text[start - 1 : start] == "("
    return start, end, after, is_ordinal


def _stands_alone(text: str, at: int, fragment: Fragment) -> bool:
    before = text[at - 1] if at > fragment.start else " "
    behind = text[at + 1] if at + 1 < fragment.end else " "
    return before.isspace() and behind.isspace()
