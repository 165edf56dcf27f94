"""Figures in their source lines, and the terms of a rule in words.

Pure: texts go in, marked pieces come out. Where a figure stands is known from its reading and never
searched for: a line may print the same number twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pages.language import Language, Words

_FIGURE = re.compile(
    r"(?P<frame>prev|children)?\(?"
    r"(?P<code>[a-z]\w*)(?:\[(?P<part>[^\]]*)\])?\)? "
    r"(?P<value>-?\d+(?:\.\d+)?|[a-z]+)"
)


class Piece(NamedTuple):
    """A stretch of a line: a figure asked for, or what is between."""

    text: str
    is_figure: bool = False


class Term(NamedTuple):
    """A figure of a rule, or the text between two (then only ``text`` is filled)."""

    text: str
    code: str = ""
    part: str = ""
    frame: str = ""
    """``prev``: of the report of the year before; ``children``: of the regions below."""
    value: str = ""


def mark_figures(passage: str, spans: Iterable[tuple[int, int]]) -> list[Piece]:
    """The line in pieces, the figures set apart.

    Args:
        passage: the line.
        spans: half-open places of figures in it; some may be named twice, or hold others.
    """
    pieces, at = [], 0
    for start, end in sorted(set(spans)):
        pieces.append(Piece(passage[at:start]))
        pieces.append(Piece(passage[max(at, start) : end], is_figure=True))
        at = max(at, end)
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
