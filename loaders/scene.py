"""One sentence, with all that decides what a figure in it means.

The scene knows the sentence, its figures and subjects, the headings above it and what was stated before. It answers
questions (what is this clause about, is that figure a part of another one) and keeps the claims. Which figure
becomes which claim is decided in `stated_figures`, `relations` and `denials`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from loaders.context import (
    BAD_SCOPE,
    DELTA,
    OGI,
    OTHER_BODY,
    PLAN_HEADING,
    TOPIC_HEADING,
    UNITS,
    Cue,
    family_of,
    find_cues,
    foreign_year,
    is_anchored,
    is_other_action,
    other_period,
)
from loaders.phrases import Found, PhraseBook
from loaders.quantity import EXACT, Quantity, find_quantities, to_unit
from loaders.sentences import Piece, Sentence, compact

# The indicators that have a part in the grammar itself; all others are only names here.
RECEIVED, CONCLUDED = "narr_requests_received", "narr_outcomes_total"
PROACTIVE = "narr_proactive_total"
PREVIOUS_YEAR, CHANGE = "narr_requests_prev_year", "narr_requests_yoy_pct"
CARRIED_OUT, TOPIC = "narr_carried_out", "narr_requests_topic_count"
SHARES = {RECEIVED: ("narr_requests_channel_pct", "narr_requests_"),
          CONCLUDED: ("narr_out_pct", "narr_out_")}  # fmt: skip
LEVELS = ("_own_level", "_lower_level")

_ZERO = re.compile(r"(?:均|都|也)?(?:为|是)(?P<zero>零|0)(?=$|[,;)])")
_JOINED_CUES = re.compile(r"(?:案件?|申请|、|和|及|与|或|被|提起|行政)*")
_CARRIED_IN = re.compile("结转[^,;]{0,16}[1-9]")


class ClaimDraft(NamedTuple):
    """One figure stated in prose; offsets are into the text that was read."""

    indicator_code: str
    qualifier: str
    value: Decimal
    unit: str
    precision: str
    claim_text: str
    start: int
    end: int
    sentence_start: int
    sentence_end: int


class Stated(NamedTuple):
    """A claim inside its sentence, and whether it is the whole that later figures can be parts of."""

    code: str
    is_whole: bool
    start: int
    end: int


@dataclass
class State:
    """What carries over from one sentence of a report to the next."""

    headings: list[str] = field(default_factory=lambda: [""] * 4)
    families: list[frozenset[str]] = field(default_factory=lambda: [frozenset()] * 4)
    is_plan: list[bool] = field(default_factory=lambda: [False] * 4)
    is_topic: list[bool] = field(default_factory=lambda: [False] * 4)
    carried: str = ""
    carried_for: int = 0
    topic_until: int = -1
    last: Stated | None = None
    received: ClaimDraft | None = None
    has_carried: bool = False
    """Cases came in from the year before or go on into the next: received is not concluded."""

    def enter(self, level: int, title: str) -> None:
        """Go under a heading: what it says holds until one of its own level or above."""
        families = frozenset(cue.family for cue in find_cues(title)) - {"foreign"}
        is_plan, is_topic = PLAN_HEADING.search(title), TOPIC_HEADING.search(title)
        for deeper in range(level, 4):
            self.headings[deeper] = title if deeper == level else ""
            self.families[deeper] = families or self.families[level - 1]
            self.is_plan[deeper] = self.is_plan[level - 1] or is_plan is not None
            self.is_topic[deeper] = self.is_topic[level - 1] or is_topic is not None
        self.carried, self.carried_for, self.last = "", 0, None

    def announce(self, line: str, until: int) -> None:
        """Note a short sentence that gives a paragraph its topic: 推进财政信息公开."""
        if line.endswith("信息公开") and TOPIC_HEADING.search(line):
            self.topic_until = until


class Scene:
    """One sentence on its way to claims."""

    def __init__(
        self, text: str, piece: Piece, book: PhraseBook, state: State, report_year: int | None
    ) -> None:
        self.source, self.piece, self.book, self.state = text, piece, book, state
        self.report_year = report_year
        self.sentence: Sentence = compact(text, piece.start, piece.end)
        self.text = self.sentence.text
        self.quantities: Sequence[Quantity] = _quantities(self.text)
        self.claims: list[ClaimDraft] = []
        self.stated: list[Stated] = []
        self.names_from = -1

    @cached_property
    def cues(self) -> list[Cue]:
        """The subjects that the sentence names."""
        return find_cues(self.text)

    @cached_property
    def is_about_disclosure(self) -> bool:
        """Whether the sentence, its headings or the claims right before it are about disclosure."""
        if self.state.carried_for > 0 or OGI.search(self.text):
            return True
        return any(OGI.search(heading) for heading in self.state.headings)

    def leave(self) -> list[ClaimDraft]:
        """Hand over the claims, and to the next sentence what it needs to know of this one."""
        if "结转" in self.text and _CARRIED_IN.search(self.text):
            self.state.has_carried = True
        if self.stated:
            last = self.stated[-1]
            line = self.book.lines[last.code]
            self.state.last, self.state.carried_for = last, 2
            self.state.carried = family_of(line, self.root(last.code))
        else:
            self.state.carried_for -= 1
        return sorted(self.claims, key=lambda claim: claim.start)

    def floor(self, index: int) -> int:
        """Where the words before a figure begin: behind the figure before, unless that stood in brackets."""
        start = self.quantities[index].start
        for earlier in reversed(self.quantities[:index]):
            between = self.text[earlier.end : start]
            if between.count(")") <= between.count("("):
                return earlier.end
        return 0

    def is_possible(self, found: Found, quantity: Quantity, floor: int) -> bool:
        """Whether a wording before a figure can mean its indicator here: unit, negation, context."""
        line = self.book.lines.get(found.phrase.code)
        if line is None or quantity.unit not in UNITS.get(line.unit, ()):
            return False
        if self.text[found.start - 1 : found.start] in tuple("未不没非无") and found.start > floor:
            return False
        if len(found.phrase.head) > 1 and self.names_other(found):
            return False
        if line.section in ("appeals", "fees", "support") and not self.is_about_disclosure:
            return False
        code = found.phrase.code
        if code.endswith(LEVELS):
            return self.has_whole(found.start, self.root(code))
        family = family_of(line, self.root(code))
        if not family or is_anchored(found.phrase.head, found.phrase.tail, family):
            return True
        at_place = self.family_at(found.start)
        is_under_heading = self.root(code) == code and family in self.state.families[3]
        return at_place == family or (at_place == "" and is_under_heading)

    def names_other(self, found: Found) -> bool:
        """Whether the gap of a wording names another indicator of the same table (收到网络…申请)."""
        inside = self.text[found.start + len(found.phrase.head[0]) : found.stop]
        inside = inside[: len(inside) - len(found.phrase.head[-1])]
        if is_other_action(inside, self.book.lines[found.phrase.code].section):
            return True
        nouns = self.book.nouns.get(self.root(found.phrase.code), ())
        return any(noun in inside for noun, code in nouns if code != found.phrase.code)

    def family_at(self, position: int) -> str:
        """What the sentence is about at a place: its last cue, or what came before, or the heading."""
        before = [cue for cue in self.cues if cue.end <= position]
        if before:
            last = before[-1]
            if len(before) > 1 and before[-2].family != last.family:
                between = self.text[before[-2].end : last.start]
                if _JOINED_CUES.fullmatch(between):
                    return ""
            return last.family
        if self.state.carried and self.state.carried_for > 0:
            return self.state.carried
        heading = self.state.families[3]
        return next(iter(heading)) if len(heading) == 1 else ""

    def has_whole(self, position: int, root: str) -> bool:
        """Whether the whole stands before: in this sentence, or right before one that goes on from it."""
        for stated in self.stated:
            if stated.end <= position and stated.is_whole and self.root(stated.code) == root:
                return True
        last = self.state.last
        return (
            last is not None
            and last.is_whole
            and self.root(last.code) == root
            and self.state.carried_for > 0
            and self.text.startswith(("其中", "从", "按"))
        )

    def is_part_of_part(self, position: int, code: str) -> bool:
        """Whether 其中 or an open bracket makes the figure a part of something that is no whole itself."""
        opened = self.text.rfind("(", 0, position)
        if opened >= 0 and ")" in self.text[opened:position]:
            opened = -1
        marker = max(self.text.rfind("其中", 0, position), opened)
        if marker < 0 or ";" in self.text[marker:position]:
            return False
        earlier = [q for q in self.quantities if q.end <= marker and not self.is_aside(q)]
        if not earlier:
            last = self.state.last
            is_first = marker <= 1 and last is not None and self.state.carried_for > 0
            return is_first and (not last.is_whole or self.is_total(code))
        stated = next((s for s in self.stated if s.start <= earlier[-1].start < s.end), None)
        is_own_clause = self.comma_before(position) > marker and self.root(code) == code
        if is_own_clause and (stated is None or stated.code != code):
            return False  # 其中... ends where a clause speaks of something else altogether
        if stated is None:
            return True
        if not stated.is_whole and self.node(stated.code) != "of_which":
            return True
        return self.is_total(code) and self.root(code) == self.root(stated.code)

    def is_aside(self, quantity: Quantity) -> bool:
        """A share or a change between a whole and its parts."""
        if quantity.unit in ("%", "个百分点", "倍"):
            return True
        if DELTA.search(self.text, 0, quantity.start) is not None:
            return True
        stated = next((s for s in self.stated if s.start <= quantity.start < s.end), None)
        return stated is not None and stated.code == PREVIOUS_YEAR

    def is_in_scope(self, position: int, quantity: Quantity) -> bool:
        """Whether the figure is of this body and this year, and not planned, cumulative or foreign."""
        clause = self.text[self.comma_before(position) : position]
        near = position - len(self.clause(position))
        return not (
            BAD_SCOPE.search(clause)
            or OTHER_BODY.search(clause)
            or self.text.endswith(("不少于", "不低于"), 0, quantity.start)
            or any(
                c.family == "foreign" and near <= c.start and c.end <= position for c in self.cues
            )
        ) and self.is_of_year(quantity.start)

    def is_of_year(self, position: int) -> bool:
        """Whether the words before a place speak of the whole year reported on."""
        raw = self.source[self.piece.start : self.sentence.offsets[position]]
        return not (other_period(raw) or foreign_year(self.text[:position], self.report_year))

    def clause(self, position: int) -> str:
        """The words of the clause before a place: its subject."""
        start = self.comma_before(position)
        for quantity in self.quantities:
            if quantity.end <= position:
                start = max(start, quantity.end)
        return self.text[start:position]

    def comma_before(self, position: int) -> int:
        """Where the clause around a place begins."""
        return max(self.text.rfind(sign, 0, position) for sign in ",;:") + 1

    def is_under_topic(self) -> bool:
        """Whether the sentence stands under the heading of one field of disclosure."""
        return self.state.is_topic[3] or self.piece.start < self.state.topic_until

    def state_claim(
        self, code: str, qualifier: str, quantity: Quantity, start: int, end: int, is_whole: bool
    ) -> None:
        """Keep a claim; ``[start, end)`` is the stretch of the sentence that says it."""
        line = self.book.lines.get(code)
        if line is None:
            return
        is_money = line.kind == "money"
        value = to_unit(quantity.value, quantity.unit, line.unit) if is_money else quantity.value
        if value is None:
            return
        unit = line.unit if is_money or not quantity.unit else quantity.unit
        span = self.sentence.span(quantity.start, quantity.end)
        draft = ClaimDraft(
            code, qualifier, value, unit, quantity.precision, self.source[slice(*span)],
            *span, self.piece.start, self.piece.end,
        )  # fmt: skip
        self.claims.append(draft)
        self.stated.append(Stated(code, is_whole, start, end))
        if code == RECEIVED and quantity.value:
            self.state.received = draft

    def root(self, code: str) -> str:
        """The indicator that a code is a part of, or the code itself."""
        return self.book.roots.get(code, code)

    def node(self, code: str) -> str:
        """The place of a code in the form: total, leaf, of_which."""
        line = self.book.lines.get(code)
        return line.node_type if line is not None else ""

    def is_total(self, code: str) -> bool:
        """Whether the form gives a code parts."""
        return self.node(code) == "total"


def _quantities(text: str) -> Sequence[Quantity]:
    found = find_quantities(text)
    zeros = [
        Quantity(Decimal(0), "", EXACT, match.start("zero"), match.end("zero"))
        for match in _ZERO.finditer(text)
    ]
    return sorted(found + zeros, key=lambda quantity: quantity.start) if zeros else found
