"""Running text as sentences that can be matched, and the headings they stand under.

A sentence is handed out without blanks, quotation marks and words that say nothing (各类, 共计), with the
offset of every character left. What the sentences mean is the business of `claims`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

_PIECE = re.compile(r"[^。!?|\n]+")
_ORDINAL = re.compile(
    r"\s*(?:(?P<first>[一二三四五六七八九十]{1,3}、)|(?P<second>\([一二三四五六七八九十]{1,3}\))"
    r"|(?P<third>\(?[0-9]{1,2}(?:[.、](?![0-9])|\)、?)|[①-⑩]))\s*"
)
_ORDINAL_STARTS = frozenset("一二三四五六七八九十(0123456789①②③④⑤⑥⑦⑧⑨⑩")
_TITLE = re.compile(r"[^\s,;:]{2,40}(?=[\s:]|$)")
# A line that is this long and ends without a stop goes on in the next one.
_FULL_LINE = 20
# No sentence is longer: what has no stop for so long is a list or the remains of a table.
_LONGEST_SENTENCE = 2_000
_NOISE = re.compile(
    r"(?=[\s\"'“”‘’各有新累全年的了共总合])(?:(?<![0-9])\s+|\s+(?![0-9])|[\"'“”‘’]|(?:各类|各种|各项|有效|新增|累计|全年度?|年内|的|了"
    r"|[共总合]计|总共|(?<![公一])共(?![同享建产青和服资性识计])))"
)


class Piece(NamedTuple):
    """A stretch of text: a heading (level 1 to 3) or a sentence (level 0)."""

    start: int
    end: int
    level: int


class Sentence(NamedTuple):
    """What is left of a sentence, and where each of its characters stands in the text."""

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the text of a stretch of the sentence."""
        return self.offsets[start], self.offsets[end - 1] + 1


class once:
    """A property that is asked for at most once: `functools.cached_property` without its lock."""

    def __init__(self, compute: Callable) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, owner: object, kind: type | None = None):
        value = self.compute(owner)
        owner.__dict__[self.compute.__name__] = value
        return value


def cut_pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    """Cut a stretch of text into headings and sentences; broken lines are put together again."""
    for left, right in _join_lines(text, start, end):
        first = text[left]
        # Nearly every sentence begins with a character that no ordinal begins with.
        if first not in _ORDINAL_STARTS and not first.isspace():
            yield Piece(left, right, 0)
            continue
        ordinal = _ORDINAL.match(text, left, right)
        if ordinal is None:
            yield Piece(left, right, 0)
            continue
        level = 1 if ordinal["first"] else 2 if ordinal["second"] else 3
        title = _TITLE.match(text, ordinal.end(), right)
        if title is None:
            yield Piece(left, right, 0)
            continue
        yield Piece(title.start(), title.end(), level)
        if text[title.end() : right].strip(" :\n\t\r\u3000"):
            yield Piece(title.end(), right, 0)


def _bounded(text: str, left: int, right: int) -> Iterator[tuple[int, int]]:
    """Cut what is too long for a sentence at its commas; a clause that is still too long is none."""
    while right - left > _LONGEST_SENTENCE:
        comma = text.rfind(",", left, left + _LONGEST_SENTENCE)
        if comma > left:
            yield left, comma
        else:
            comma = text.find(",", left + _LONGEST_SENTENCE, right)
        left = right if comma < 0 else comma + 1
    if left < right:
        yield left, right


def _join_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a stretch, those too long for one cut to pieces."""
    left = right = -1
    for found in _PIECE.finditer(text, start, end):
        begin, stop = found.span()
        if left >= 0:
            if text[right] in "\n\r" and _goes_on(text, start, right, begin, stop):
                right = stop
                continue
            if right - left <= _LONGEST_SENTENCE:
                yield left, right
            else:
                yield from _bounded(text, left, right)
        left, right = begin, stop
    if left >= 0:
        yield from _bounded(text, left, right)


def _goes_on(text: str, start: int, right: int, begin: int, stop: int) -> bool:
    """Whether the line that ends at ``right`` is broken in the middle of a sentence."""
    line = right - max(text.rfind("\n", start, right) + 1, start)
    return (
        line >= _FULL_LINE
        and text[right:begin].strip(" \r") == "\n"
        and text[right - 1] not in ";:"
        and _ORDINAL.match(text, begin, stop) is None
    )


def compact(text: str, start: int, end: int) -> Sentence:
    """Take blanks, quotation marks and empty words out of a sentence, keeping the offsets."""
    parts: list[str] = []
    offsets: list[int] = []
    position = start
    for found in _NOISE.finditer(text, start, end):
        parts.append(text[position : found.start()])
        offsets.extend(range(position, found.start()))
        position = found.end()
    parts.append(text[position:end])
    offsets.extend(range(position, end))
    return Sentence("".join(parts), offsets)
