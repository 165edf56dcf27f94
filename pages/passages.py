"""Figures in their source lines, and the terms of a rule in words.

Pure: texts go in, marked pieces come out. A line is marked only where the figure stands in it as a
number of its own; where the line prints it several times, all of them are offered and none is
asserted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from pages.language import Language, Words

# One character for one, so that offsets hold.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NUMBER = re.compile(r"(?<![\d.])\d+(?:,\d{3})*(?:\.\d+)?(?![\d])")
_FIGURE = re.compile(
    r"(?P<frame>prev|children)?\(?"
    r"(?P<code>[a-z]\w*)(?:\[(?P<part>[^\]]*)\])?\)? "
    r"(?P<value>-?\d+(?:\.\d+)?|[a-z]+)"
)


class Piece(NamedTuple):
    """A stretch of a line: a figure asked for, a number that may be it, or what is between."""

    text: str
    is_figure: bool = False
    is_certain: bool = False


class Term(NamedTuple):
    """A figure of a rule, or the text between two (then only ``text`` is filled)."""

    text: str
    code: str = ""
    part: str = ""
    frame: str = ""
    """``prev``: of the report of the year before; ``children``: of the regions below."""
    value: str = ""


def find_figure(passage: str, value: Decimal | None) -> list[tuple[int, int]]:
    """Where a value stands in a line as a number of its own; half-open spans."""
    if value is None:
        return []
    wanted = abs(value)
    return [
        found.span()
        for found in _NUMBER.finditer(passage.translate(_HALF_WIDTH))
        if _read_number(found.group()) == wanted
    ]


def mark_figures(passage: str, values: Iterable[Decimal | None]) -> list[Piece]:
    """The line in pieces, each figure (and each number equal to it) set apart."""
    wanted = list(values)
    spans: dict[tuple[int, int], bool] = {}
    for value in dict.fromkeys(wanted):
        found = find_figure(passage, value)
        # As many prints as figures: none of them is another number.
        is_certain = len(found) <= wanted.count(value)
        spans |= dict.fromkeys(found, is_certain)
    pieces, at = [], 0
    for (start, end), is_certain in sorted(spans.items()):
        pieces.append(Piece(passage[at:start]))
        pieces.append(Piece(passage[start:end], is_figure=True, is_certain=is_certain))
        at = end
    pieces.append(Piece(passage[at:]))
    return [piece for piece in pieces if piece.text]


def read_terms(operands: str) -> list[Term]:
    """The text of a rule's operands in terms: ``req_new[total] 451 + … = …``."""
    terms, at = [], 0
    for found in _FIGURE.finditer(operands):
        if found.start() > at:
            terms.append(Term(operands[at : found.start()]))
        # A bracket before the code that is not closed after it belongs to the formula.
        text = found.group()
        code, part, frame = found["code"], found["part"] or "", found["frame"] or ""
        if not frame and text.startswith("("):
            terms.append(Term("("))
        terms.append(Term("", code, part, frame, found["value"]))
        at = found.end()
    if at < len(operands):
        terms.append(Term(operands[at:]))
    return terms


class Names:
    """What the codes of the dictionary are called in print."""

    def __init__(
        self,
        indicators: Mapping[str, Words],
        parts: Mapping[str, Words],
    ) -> None:
        self.indicators = indicators
        self.parts = parts

    def name(self, language: Language, code: str, part: str = "") -> str:
        """An indicator with its column or qualifier: ``一、本年新收…(总计)``."""
        label = language.word(self.indicators, code)
        if not part or part == "*":
            return label
        named = language.word(self.parts, part)
        return f"{label}（{named}）" if language.code == "zh" else f"{label} ({named})"


def _read_number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
