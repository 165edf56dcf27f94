"""Sentences of a wording that was met before: their claims are known but for the figures.

Reports tell the same in the same words, and the words of a sentence are read at some cost: what announces a figure, whose it
is, of which year. What the reading yields depends on the *wording* (the sentence, each digit of its plain counts replaced by one
and the same digit) and on the *situation* (what headings and earlier sentences left behind). Both together are the key; claims are
kept with their places in the sentence, and take their figures from the text.

The result never depends on what was read before. A plain count is a run of digits right before a unit of counting. Every step
of the reading asks of such a run only how long it is, whether it is 0 or 1, and whether it may be a year or the number of a
hotline: runs of which one of these is true keep their digits. A year decides only where the sentence has the word for it, the
publisher only where it has a word for a body; the key has both there. A sentence that gives a number without a figure
(all were concluded) takes it from another sentence, and one that asks for its whole paragraph looks beyond itself: these
are never remembered. ``tests/unit/test_known_sentences.py`` compares both ways.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from loaders.form import Form
from loaders.prose.ownership import Owner, names_body
from loaders.prose.phrases import ALL
from loaders.prose.scene import ClaimDraft, Left, Scene, State
from loaders.prose.sentences import Piece

_UNITS = "件宗起例条次人名位篇期场项个份封"
# Not 1 alone, no share (百分之), nothing that begins like a year: of these the digits are asked for.
_COUNT = re.compile(rf"(?<![0-9.之])(?<![0-9],)((?!1[{_UNITS}]|20)[1-9][0-9]{{0,8}})(?=[{_UNITS}])")
_HOTLINE = "12345"
_SAME_DIGITS = ["7" * length for length in range(10)]
# A wording of the dictionary that may have its digits from a count.
_OWN_DIGITS = re.compile(rf"[0-9](?:$|[#…{_UNITS}])")
_MOST_WORDINGS = 2_048
_MOST_SITUATIONS = 32
_LONGEST = 400


class KnownClaim(NamedTuple):
    """A claim apart from its sentence: its places are counted from where that begins."""

    code: str
    qualifier: str
    value: Decimal | None
    """``None`` where the figure is a plain count: it is read from the text."""
    unit: str
    precision: str
    start: int
    end: int
    digits_end: int


class Outcome(NamedTuple):
    """What a sentence yields in a situation, and what it leaves to the next one."""

    claims: tuple[KnownClaim, ...]
    received: int
    """Which of the claims tells how many requests came in; -1 for none."""
    left: Left

    def tell(self, text: str, piece: Piece, state: State) -> list[ClaimDraft]:
        """Give the claims the figures of a sentence, and bring the state where reading it would."""
        first, last, _ = piece
        claims = []
        for code, qualifier, value, unit, precision, start, end, digits_end in self.claims:
            start += first
            end += first
            if value is None:
                value = Decimal(text[start : first + digits_end])
            claims.append(
                ClaimDraft(
                    code, qualifier, value, unit, precision, text[start:end], start, end, first, last
                )
            )  # fmt: skip
        if self.received >= 0:
            state.received = claims[self.received]
        state.follow(self.left)
        return claims


class Wording(NamedTuple):
    """A sentence but for the digits of its plain counts, and what it yields in which situation."""

    names_body: bool
    outcomes: dict[tuple, Outcome]


class Asked(NamedTuple):
    """A sentence that is looked up."""

    key: tuple[str, str, int | None]
    """What stands before it, its wording, and the year reported on where that matters."""
    counts: tuple[int, ...]
    """Where its plain counts begin and end, in turn."""
    situation: tuple


_Shelf = dict[tuple[str, str, int | None], Wording]


@dataclass
class SentenceMemory:
    """The wordings met last: the older half is forgotten when the newer one is full."""

    is_open: bool
    """Whether the dictionary lets a sentence be known by its wording."""
    newer: _Shelf = field(default_factory=dict)
    older: _Shelf = field(default_factory=dict)

    def ask(self, text: str, piece: Piece, state: State, report_year: int | None) -> Asked | None:
        """What a sentence is known by; ``None`` where it cannot be."""
        start, end, _ = piece
        if not self.is_open or end - start > _LONGEST:
            return None
        parts = _COUNT.split(text[start:end])
        counts: list[int] = []
        if len(parts) > 1:
            marks = list(accumulate(map(len, parts)))
            counts = marks[:-1]
            if any(_HOTLINE in count for count in parts[1::2]):
                return None
            parts[1::2] = [_SAME_DIGITS[len(count)] for count in parts[1::2]]
        wording = "".join(parts)
        year = report_year if "年" in wording else None
        key = (text[start - 1 : start], wording, year)
        return Asked(key, tuple(counts), state.situation(start))

    def find(self, asked: Asked, owner: Owner) -> Outcome | None:
        """What such a sentence yields; ``None`` where it was not met in this situation."""
        wording = self.newer.get(asked.key)
        if wording is None:
            wording = self.older.get(asked.key)
            if wording is None:
                return None
            self._keep(asked.key, wording)
        publisher = owner.name if wording.names_body else ""
        return wording.outcomes.get((publisher, asked.situation))

    def remember(self, asked: Asked, outcome: Outcome, words: str, owner: Owner) -> None:
        """Keep what a sentence yielded; ``words`` are what was left of it to be read."""
        wording = self.newer.get(asked.key)
        if wording is None or len(wording.outcomes) >= _MOST_SITUATIONS:
            wording = Wording(names_body(words), {})
            self._keep(asked.key, wording)
        publisher = owner.name if wording.names_body else ""
        wording.outcomes[publisher, asked.situation] = outcome

    def _keep(self, key: tuple[str, str, int | None], wording: Wording) -> None:
        if len(self.newer) >= _MOST_WORDINGS:
            self.older, self.newer = self.newer, {}
        self.newer[key] = wording


@lru_cache(maxsize=4)
def sentences_of(form: Form) -> SentenceMemory:
    """The memory that goes with a dictionary: what a wording means is told by it."""
    wordings = (wording for found in form.phrases.values() for wording in found)
    return SentenceMemory(not any(map(_OWN_DIGITS.search, wordings)))


def outcome_of(
    asked: Asked, scene: Scene, claims: Sequence[ClaimDraft], left: Left
) -> Outcome | None:
    """What the reading of a sentence yielded; ``None`` where more than its words and situation had a say."""
    if scene.has_looked_around or next(scene.book.marked[ALL].find(scene.text), None) is not None:
        return None
    digits_end = dict(zip(asked.counts[::2], asked.counts[1::2], strict=True))
    first = scene.piece.start
    known = []
    for claim in claims:
        code, qualifier, value, unit, precision, _, start, end, *_ = claim
        stop = digits_end.get(start - first, -1)
        if stop >= 0:
            if value != Decimal(scene.source[start : first + stop]):
                return None
            value = None
        known.append(
            KnownClaim(code, qualifier, value, unit, precision, start - first, end - first, stop)
        )
    received = scene.state.received
    place = next((n for n, claim in enumerate(claims) if claim is received), -1)
    return Outcome(tuple(known), place, left)
