"""The text of a table as a sequence of tokens: labels, values, units, empty cells.

Newlines, pipes and tabs end a cell; within a cell labels and figures are also told apart when blanks
or nothing at all stands between them. Whatever separators a website used, the rows built from these
tokens are the same. What a token means in its table is the business of `tables`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from loaders.labels import Entry, LabelIndex, split_ordinal

LABEL, VALUE, UNIT, EMPTY, UNKNOWN, BREAK = "label", "value", "unit", "empty", "unknown", "break"

_UNIT = "万元|亿元|元|人次|件次|件|条|次|项|宗|笔|篇|个|人|名|期|份|场|起|例|家|%"
_UNIT_CELL = re.compile(rf"[(〔]?(?:单位[::])?(?:{_UNIT})[)〕]?")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?:[+-]|增加|减少|新增|增|减|近|约)?\s*(?:{_NUMBER})\s*[万亿]?[余多]?\s*(?:{_UNIT})?"
)
_NOTHING = re.compile(r"[-/\\]+|无|[*×?]+\d*[*×?]*")
_VALUE_CELL = re.compile(rf"(?:{_FIGURE.pattern}|{_NOTHING.pattern})")
# A stretch that no table holds: a sentence, or the heading of the next section.
_PROSE = re.compile(r"[。;]|[一二三四五六七八九十]{1,2}、")
_LONGEST_LABEL = 60


class Token(NamedTuple):
    """``[start, end)`` of the text, and what it may be. Labels carry their entries and ordinal."""

    kind: str
    start: int
    end: int
    entries: tuple[Entry, ...] = ()
    ordinal: str = ""


class Fragment(NamedTuple):
    """One cell as the separators cut it; blanks at its ends are left out."""

    start: int
    end: int


def cut_fragments(text: str, start: int, end: int) -> Iterator[Fragment | None]:
    """Cut a stretch of text at newlines, pipes and tabs. ``None`` marks the end of a line."""
    while start < end:
        line_end = text.find("\n", start, end)
        if line_end < 0:
            line_end = end
        line = text[start:line_end]
        if "|" in line or "\t" in line:
            yield from _cut_line(line, start)
        else:
            stripped = line.strip()
            if stripped:
                left = start + line.index(stripped)
                yield Fragment(left, left + len(stripped))
        yield None
        start = line_end + 1


def _cut_line(line: str, offset: int) -> Iterator[Fragment]:
    parts = line.replace("\t", "|").split("|")
    position = offset
    last = len(parts) - 1
    for number, part in enumerate(parts):
        stripped = part.strip()
        # What stands before a first pipe and behind a last one is no cell when it is empty.
        if stripped or 0 < number < last:
            left = position + (part.index(stripped) if stripped else 0)
            yield Fragment(left, left + len(stripped))
        position += len(part) + 1


def read_tokens(text: str, start: int, end: int, index: LabelIndex) -> list[Token]:
    """Read tokens from ``start`` until the table ends, at ``end`` at the latest.

    The table ends before the first stretch that is neither label nor value and reads like a sentence
    or like the heading of a section.
    """
    tokens: list[Token] = []
    fragments = list(cut_fragments(text, start, end))
    position, count = 0, len(fragments)
    while position < count:
        fragment = fragments[position]
        position += 1
        if fragment is None:
            tokens.append(Token(BREAK, 0, 0))
            continue
        token = _read_cell(text, fragment, index)
        if token is not None:
            tokens.append(token)
            continue
        wrapped = _join_wrapped(text, fragments, position - 1, index)
        if wrapped is not None:
            joined, position = wrapped
            tokens.append(joined)
            continue
        ended = False
        for part in _scan(text, fragment, index):
            if part.kind == UNKNOWN and _ends_table(text[part.start : part.end]):
                ended = True
                break
            tokens.append(part)
        if ended:
            break
    while tokens and tokens[-1].kind in (UNKNOWN, EMPTY, BREAK):
        tokens.pop()
    return tokens


def _read_cell(text: str, fragment: Fragment, index: LabelIndex) -> Token | None:
    start, end = fragment
    if start == end:
        return Token(EMPTY, start, end)
    cell = text[start:end]
    if end - start <= 24:
        if _VALUE_CELL.fullmatch(cell):
            return Token(VALUE, start, end)
        if _UNIT_CELL.fullmatch(cell):
            return Token(UNIT, start, end)
    entries = index.find(cell)
    if entries:
        return Token(LABEL, start, end, entries, split_ordinal(cell)[0])
    return None


def _join_wrapped(
    text: str, fragments: list[Fragment | None], position: int, index: LabelIndex
) -> tuple[Token, int] | None:
    """A label broken over up to four cells or lines, each piece of it unknown by itself."""
    first = fragments[position]
    key = _letters(text[first.start : first.end])
    if key not in index.pieces:
        return None
    for further in range(position + 1, min(position + 7, len(fragments))):
        fragment = fragments[further]
        if fragment is None or fragment.start == fragment.end:
            continue
        piece = text[fragment.start : fragment.end]
        if _VALUE_CELL.fullmatch(piece):
            return None
        key += _letters(piece)
        entries = index.by_key.get(key)
        if entries:
            token = Token(LABEL, first.start, fragment.end, entries)
            return token, further + 1
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
        if found:
            if unknown >= 0:
                yield Token(UNKNOWN, offsets[unknown], offsets[position - 1] + 1)
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
            yield Token(UNKNOWN, offsets[unknown], offsets[position - 1] + 1)
            unknown = -1
        if not is_ordinal:
            yield Token(VALUE, start, end)
        position = after
    if unknown >= 0:
        yield Token(UNKNOWN, offsets[unknown], fragment.end)


def _compact(text: str, fragment: Fragment) -> tuple[str, list[int]]:
    offsets = [
        i for i in range(fragment.start, fragment.end) if text[i].isalnum() or text[i] in "-/+*。;"
    ]
    return "".join(text[i] for i in offsets), offsets


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
    if not (char.isdigit() or char in "-+/*增减近约无"):
        return None
    found = _FIGURE.match(text, start, fragment.end) or _NOTHING.match(text, start, fragment.end)
    if found is None or (char == "无" and not _stands_alone(text, start, fragment)):
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
