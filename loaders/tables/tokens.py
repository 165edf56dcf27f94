"""The text of a table as a sequence of tokens: labels, values, units, empty cells.

Newlines, pipes and tabs end a cell; within a cell labels and figures are also told apart when blanks
or nothing at all stands between them. Whatever separators a website used, the rows built from these
tokens are the same. What a token means in its table is the business of `tables`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from loaders.tables.fragments import LONGEST_CELL, Fragment, Fragments, compact, is_han
from loaders.tables.labels import Entry, LabelIndex, key_of, split_ordinal

LABEL, VALUE, UNIT, EMPTY, UNKNOWN, BREAK = "label", "value", "unit", "empty", "unknown", "break"

UNITS = "万元|亿元|元|人次|件次|件|条|次|项|宗|笔|篇|个|人|名|期|份|场|起|例|家|%"
_UNIT_CELL = re.compile(rf"[(〔]?(?:单位[::])?(?:{UNITS})[)〕]?")
FOOTNOTES = "".join(map(chr, range(ord("①"), ord("⑳") + 1))) + "⁰¹²³⁴⁵⁶⁷⁸⁹"
"""Marks of footnotes, which stand behind a figure and are no part of it."""

# Commas behind a comma, or before one, part cells (36,174,8) and not thousands.
_NUMBER = r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?:[+-]|增加|减少|新增|增|减|近|约)?\s*(?:{_NUMBER})(?:\s*[万亿])?[余多]?(?:\s*(?:{UNITS}))?(?:\s*[{FOOTNOTES}]+)?"
)
# A letter O or a Chinese zero by itself is a printed 0.
_NOTHING = re.compile(r"[-/\\]+|无|[*×?]+\d*[*×?]*|[Oo〇○]")
# Values that no letter or digit shows, behind a label in the same cell.
_SIGNS_BEHIND = re.compile(r"(?:\s(?:[-/\\*]+|[〇○]))+\Z")
_VALUE_CELL = re.compile(rf"(?:{_FIGURE.pattern}|{_NOTHING.pattern})")
_SECTION = re.compile(r"\s*[一二三四五六七八九十]{1,3}、")
# A stretch that no table holds: a sentence, or the heading of the next section.
_PROSE = re.compile(r"[。;]|[一二三四五六七八九十]{1,2}、")
_OPENED = re.compile(r"\d[.、)]\s?\Z")
_ORDINAL_ALONE = re.compile(r"[(]?[一二三四五六七八九十]{1,3}[)、.\s]*")
_BLANKS = re.compile(r"\s*")
_MAY_OPEN_FIGURE = frozenset("-+/*增减近约无Oo〇○")
_BEFORE = 4
"""Characters before a cell that may decide how it is read."""
_LABELS_OF_A_ROW = 4
_PIECES_OF_A_LABEL = 7
_FRAGMENTS_OF_A_ROW = 6
_LONGEST_LABEL = 60
_LONGEST_HEADING = 12


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


_as_token = partial(tuple.__new__, Token)


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
        ends = [piece.end for piece in found if piece is not None]
        last = ends[-1] if ends else start
        ahead.append((start, last if len(found) == count else end + 1))
        return found

    def find_next(skipped: int) -> tuple[int, Fragment | None]:
        """The first fragment with text behind some that are skipped, and its place among those that follow them."""
        found = fragments.ahead(position + skipped, _FRAGMENTS_OF_A_ROW)
        for place, piece in enumerate(found, 1):
            if piece is not None and piece.text:
                ahead.append((start, piece.end))
                return place, piece
        look_ahead(skipped + _FRAGMENTS_OF_A_ROW)
        return 0, None

    fragments = Fragments(text, start, end)
    cut = fragments.cut
    position = 0
    while position < len(cut) or fragments.has(position):
        fragment = cut[position]
        position += 1
        if fragment is None:
            tokens.append(_LINE_END)
            continue
        start, stop, cell, page = fragment
        meaning = _meaning(cell, index) if stop - start <= LONGEST_CELL else _UNKNOWN_CELL
        kind, entries, ordinal, is_cell, is_end, opens = meaning
        if is_end:
            stopped = start
            break
        if opens:
            joined = _join_rest(opens, fragment, look_ahead(_PIECES_OF_A_LABEL - 1), index)
            if joined is not None:
                token, count = joined
                tokens.append(token)
                position += count
                continue
            parts, count = _scan_on(text, fragment, find_next, index)
            if count:
                tokens += parts
                position += count
                continue
        if kind is not UNKNOWN:
            tokens.append(_as_token((kind, start, stop, entries, ordinal, is_cell, page)))
            continue
        if page:
            tokens += [part._replace(page=page) for part in _scan(text, fragment, index)]
            continue
        if _is_sentence(cell) and _is_row(text, look_ahead(_FRAGMENTS_OF_A_ROW), index):
            # A remark between two rows: the table goes on behind it.
            tokens.append(_LINE_END)
            continue
        key = key_of(cell)
        if key in index.pieces:
            joined = _join_wrapped(key, fragment, look_ahead(_PIECES_OF_A_LABEL - 1), index)
            if joined is not None:
                token, count = joined
                tokens.append(token)
                position += count
                continue
        ended = False
        parts, count = _scan_on(text, fragment, find_next, index)
        position += count
        for number, part in enumerate(parts, 1):
            if part.entries and _is_sign_off(part.entries):
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


def ends_at(text: str, start: int, end: int, index: LabelIndex) -> bool:
    """Whether the next line is known to end a table at once; where it is not, ``False`` says nothing."""
    first = _BLANKS.match(text, start, end).end()
    stop = text.find("\n", first, min(end, first + LONGEST_CELL)) + 1
    if not stop:
        return False
    return _is_end(
        text[max(start - _BEFORE, 0) : start], text[start:stop], text[stop : stop + 1], index
    )


# The headings behind tables are few.
@lru_cache(maxsize=4096)
def _is_end(before: str, line: str, behind: str, index: LabelIndex) -> bool:
    """Whether a line ends a table, without a look beyond it."""
    start = len(before)
    end = start + len(line)
    stretch = read_stretch(before + line + behind, start, end, index)
    is_told_by_line = stretch.stop < end and all(stop <= end for _, stop in stretch.ahead)
    return is_told_by_line and not stretch.tokens


def _is_sentence(cell: str) -> bool:
    return cell.endswith("。") and not _SECTION.match(cell)


def _is_row(text: str, fragments: Iterable[Fragment | None], index: LabelIndex) -> bool:
    """Whether fragments are the label of a row and a figure, and nothing else."""
    kinds: list[str] = []
    for fragment in fragments:
        if fragment is None or not fragment.text:
            continue
        cell = fragment.text
        meaning = _meaning(cell, index) if len(cell) <= LONGEST_CELL else _UNKNOWN_CELL
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


def _is_opened(row: Fragment | None, index: LabelIndex) -> bool:
    """Whether a fragment begins with the label of a row, whose number stands in the line before."""
    label = "" if row is None else _label_at(key_of(row.text[:LONGEST_CELL]), 0, index)
    return _opens_row(index.by_key.get(label, ()))


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
    opens: str = ""
    """The letters of a label that may also be the first piece of a longer one."""


_UNKNOWN_CELL = Meaning(UNKNOWN)


@lru_cache(maxsize=65_536)
def _meaning(cell: str, index: LabelIndex) -> Meaning:
    """Read one cell by itself. Reports repeat the same cells without end, so answers are kept."""
    if not cell:
        return Meaning(EMPTY)
    if len(cell) <= 24:
        if _VALUE_CELL.fullmatch(cell):
            return Meaning(VALUE, is_cell=True)
        if _is_unit(cell):
            return Meaning(UNIT)
    entries = index.find(cell)
    if not entries or _SIGNS_BEHIND.search(cell):
        return _UNKNOWN_CELL
    key = key_of(cell)
    opens = key if key in index.pieces else ""
    return Meaning(
        LABEL, entries, split_ordinal(cell)[0], is_end=_is_sign_off(entries), opens=opens
    )


def _is_unit(cell: str) -> bool:
    return _UNIT_CELL.fullmatch("".join(cell.split())) is not None


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
        key += key_of(fragment.text)
        entries = index.by_key.get(key)
        if entries:
            return Token(LABEL, first.start, fragment.end, entries), count
        if key not in index.pieces:
            return None
    return None


def _join_rest(
    key: str, first: Fragment, following: Sequence[Fragment | None], index: LabelIndex
) -> tuple[Token, int] | None:
    """A label that goes on in the next line, where it looks whole already (上年结转 / 政府信息公开申请数量).

    Only what is no label and no figure by itself can be the rest of one.
    """
    rest = next((piece for piece in following if piece is not None and piece.text), None)
    if rest is None or len(rest.text) > _LONGEST_LABEL or _meaning(rest.text, index).entries:
        return None
    return _join_wrapped(key, first, following, index)


def _ends_table(stretch: str) -> bool:
    return len(stretch) > _LONGEST_LABEL or _PROSE.search(stretch) is not None


def _scan(text: str, fragment: Fragment, index: LabelIndex) -> Iterator[Token]:
    """Tell labels and figures apart within one cell."""
    letters, offsets = compact(text, fragment)
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
            yield _as_token(
                (LABEL, start, offsets[position - 1] + 1, index.by_key[found], "", False, "")
            )
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
            yield _as_token((VALUE, start, end, (), "", False, ""))
        position = after
    if unknown >= 0:
        yield _leftover(text, offsets[unknown], fragment.end)


def _scan_on(
    text: str,
    fragment: Fragment,
    find_next: Callable[[int], tuple[int, Fragment | None]],
    index: LabelIndex,
) -> tuple[list[Token], int]:
    """The parts of a cell, and of those behind it into which its last word runs on; how many those are.

    A narrow page breaks a row of labels anywhere: ``自然人 法人或其他`` / ``组织 总计``.
    """
    parts = list(_scan(text, fragment, index))
    taken = 0
    while parts and parts[-1].kind in (LABEL, UNKNOWN):
        start = _start_of_last_word(text, fragment)
        if key_of(text[start : fragment.end]) not in index.pieces:
            break
        count, piece = find_next(taken)
        if piece is None or len(piece.text) > LONGEST_CELL:
            break
        if parts[-1].kind == LABEL and _label_at(key_of(piece.text), 0, index):
            break
        fragment = Fragment(start, piece.end, text[start : piece.end])
        again = list(_scan(text, fragment, index))
        if _ORDINAL_ALONE.fullmatch(text, again[0].start, again[0].end):
            del again[0]
        if not (again and again[0].kind == LABEL and again[0].end > piece.start):
            break
        parts = [part for part in parts if part.start < start] + again
        taken += count
    if parts and _ORDINAL_ALONE.fullmatch(text, parts[-1].start, parts[-1].end):
        # The number of the next row, broken off from it: ``办理结果 (一`` / ``)予以公开``.
        if _is_opened(find_next(taken)[1], index):
            parts.pop()
    return parts, taken


def _start_of_last_word(text: str, fragment: Fragment) -> int:
    last = text[fragment.start : fragment.end].split()[-1]
    return text.rindex(last, fragment.start, fragment.end)


def _is_one_word(text: str, offsets: list[int], unknown: int, position: int) -> bool:
    """Whether unknown letters behind an ordinal run on into a label without a blank between them."""
    if not _OPENED.search(text, max(offsets[unknown] - 4, 0), offsets[unknown]):
        return False
    between = text[offsets[position - 1] + 1 : offsets[position]]
    if any(char.isspace() or char in ".()〔〕" for char in between):
        return False
    return is_han(text, offsets[unknown]) and is_han(text, offsets[position - 1])


def _leftover(text: str, start: int, end: int) -> Token:
    """What is neither label nor figure: the unit of a row, or something unknown."""
    kind = UNIT if _is_unit(text[start:end]) else UNKNOWN
    return Token(kind, start, end)


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
    if not (char.isdigit() or char in _MAY_OPEN_FIGURE):
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
