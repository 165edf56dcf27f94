"""One sentence, with all that decides what a figure in it means.

The scene knows the sentence, its figures and subjects, the headings above it and what was stated before. It answers
questions (what is this clause about, is that figure a part of another one) and keeps the claims. Which figure
becomes which claim is decided in `stated_figures`, `relations` and `denials`.
"""

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from loaders.prose.context import (
    BAD_SCOPE,
    DELTA,
    OGI,
    PLAN_HEADING,
    PLANNED,
    TIME,
    TOPIC_HEADING,
    UNITS,
    Cue,
    back_to_year,
    family_of,
    find_cues,
    foreign_year,
    is_anchored,
    is_other_action,
    other_period,
)
from loaders.prose.ownership import Owner
from loaders.prose.phrases import Found, PhraseBook
from loaders.prose.sentences import Piece, Sentence, compact, once
from loaders.quantity import EXACT, Quantity, find_quantities, to_unit

# The indicators that have a part in the grammar itself; all others are only names here.
RECEIVED, CONCLUDED = "narr_requests_received", "narr_outcomes_total"
PROACTIVE = "narr_proactive_total"
PREVIOUS_YEAR, CHANGE = "narr_requests_prev_year", "narr_requests_yoy_pct"
CARRIED_OUT, TOPIC = "narr_carried_out", "narr_requests_topic_count"
SHARES = {RECEIVED: ("narr_requests_channel_pct", "narr_requests_"),
          CONCLUDED: ("narr_out_pct", "narr_out_")}  # fmt: skip
ASIDES = (PREVIOUS_YEAR, CHANGE, *(code for code, _ in SHARES.values()))
ANNOUNCED = "信息公开"
"""A short sentence that ends so may give its paragraph a topic."""
LEVELS = ("_own_level", "_lower_level")

_ZERO = re.compile(r"(?=[均都也为是])(?:均|都|也)?(?:为|是)(?P<zero>零|0)(?=$|[,;)])")
_JOINED_CUES = re.compile(r"(?:案件?|申请|、|和|及|与|或|被|提起|行政)*")
_AND = re.compile("[、和及与或]")
_CLAUSE_START = re.compile(r"(?:^|[,;:、(])(?:其中|另外?|尚|仍|还|有|含|包括|及|和)*$")
_LONGEST_OPENING = 24
_CLAUSE_END = re.compile("[,;:()]")
_STOPS = re.compile("[,;:]")
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


class Left(NamedTuple):
    """What one sentence leaves to the next."""

    has_carried: bool
    refused: frozenset[str]
    last: Stated | None
    """What was told last; ``None`` where nothing was."""
    whole: Stated | None
    keeps_whole: bool
    """Only parts were told: the whole before them still stands."""
    carried: str


@dataclass
class State:
    """What carries over from one sentence of a report to the next."""

    is_disclosure: list[bool] = field(default_factory=lambda: [False] * 4)
    families: list[frozenset[str]] = field(default_factory=lambda: [frozenset()] * 4)
    is_plan: list[bool] = field(default_factory=lambda: [False] * 4)
    is_topic: list[bool] = field(default_factory=lambda: [False] * 4)
    carried: str = ""
    carried_for: int = 0
    topic_until: int = -1
    last: Stated | None = None
    whole: Stated | None = None
    """The last whole whose parts may still be told."""
    received: ClaimDraft | None = None
    refused: frozenset[str] = frozenset()
    has_carried: bool = False
    """Cases came in from the year before or go on into the next: received is not concluded."""

    def enter(self, level: int, title: str) -> None:
        """Go under a heading: what it says holds until one of its own level or above."""
        families, is_plan, is_topic, is_disclosure = _read_heading(title)
        for deeper in range(level, 4):
            self.is_disclosure[deeper] = is_disclosure and deeper == level
            self.families[deeper] = families or self.families[level - 1]
            self.is_plan[deeper] = self.is_plan[level - 1] or is_plan
            self.is_topic[deeper] = self.is_topic[level - 1] or is_topic
        self.carried, self.carried_for, self.last, self.whole = "", 0, None, None

    def announce(self, line: str, until: int) -> None:
        """Note a short sentence that gives a paragraph its topic: 推进财政信息公开."""
        if line.endswith(ANNOUNCED) and TOPIC_HEADING.search(line):
            self.topic_until = until

    def is_under_topic(self, position: int) -> bool:
        """Whether a place stands under the heading of one field of disclosure."""
        return self.is_topic[3] or position < self.topic_until

    def situation(self, position: int) -> tuple:
        """All of this that has a say in what the sentence at a place means."""
        is_led = self.carried_for > 0
        return (
            is_led and (self.carried, self.last and self.last.is_whole),
            self.whole and self.whole.code,
            self.families[3],
            any(self.is_disclosure),
            self.is_under_topic(position),
            self.refused,
        )

    def follow(self, left: Left) -> None:
        """Go on behind a sentence."""
        self.has_carried = self.has_carried or left.has_carried
        self.refused = left.refused
        if left.last is None:
            self.carried_for -= 1
            return
        self.last, self.carried, self.carried_for = left.last, left.carried, 2
        if not left.keeps_whole:
            self.whole = left.whole


@lru_cache(maxsize=4096)
def _read_heading(title: str) -> tuple[frozenset[str], bool, bool, bool]:
    """The subjects of a heading, and whether it opens a plan, one field, or disclosure. Reports share headings."""
    families = frozenset(cue.family for cue in find_cues(title)) - {"foreign"}
    found = (pattern.search(title) for pattern in (PLAN_HEADING, TOPIC_HEADING, OGI))
    is_plan, is_topic, is_disclosure = (match is not None for match in found)
    return families, is_plan, is_topic, is_disclosure


class Scene:
    """One sentence on its way to claims."""

    def __init__(
        self,
        text: str,
        piece: Piece,
        book: PhraseBook,
        state: State,
        report_year: int | None,
        owner: Owner,
    ) -> None:
        self.source, self.piece, self.book, self.state = text, piece, book, state
        self.report_year, self.owner = report_year, owner
        self.sentence: Sentence = compact(text, piece.start, piece.end)
        self.text = self.sentence.text
        self.quantities: Sequence[Quantity] = _quantities(self.text)
        self._stops = [stop.end() for stop in _STOPS.finditer(self.text)]
        self._ends = [quantity.end for quantity in self.quantities]
        self.claims: list[ClaimDraft] = []
        self.stated: list[Stated] = []
        self.names_from = -1
        goes_on = self.text.startswith(("其中", "从", "按"))
        self.refused: set[str] = set(state.refused) if goes_on else set()
        """Wholes that are not the publisher's of this year: neither are their parts."""

    @once
    def _foreign(self) -> list[Cue]:
        return [cue for cue in self.cues if cue.family == "foreign"]

    @once
    def _planned_from(self) -> int:
        found = PLANNED.search(self.text)
        return len(self.text) if found is None else found.end()

    @once
    def _names_bodies(self) -> bool:
        return self.owner.is_in_doubt(self.text)

    @once
    def _names_time(self) -> bool:
        return TIME.search(self.source, self.piece.start, self.piece.end) is not None

    @once
    def cues(self) -> list[Cue]:
        """The subjects that the sentence names."""
        return find_cues(self.text)

    @once
    def is_about_disclosure(self) -> bool:
        """Whether the sentence, its headings or the claims right before it are about disclosure."""
        if self.state.carried_for > 0 or OGI.search(self.text):
            return True
        return any(self.state.is_disclosure)

    @once
    def is_in_disclosure_line(self) -> bool:
        """Whether the paragraph is about disclosure: enough for training, which nobody counts twice."""
        start = self.source.rfind("\n", 0, self.piece.start) + 1
        end = self.source.find("\n", self.piece.end)
        return OGI.search(self.source, start, len(self.source) if end < 0 else end) is not None

    @property
    def has_looked_around(self) -> bool:
        """Whether it was asked for the paragraph around the sentence."""
        return "is_in_disclosure_line" in self.__dict__

    def leave(self) -> Left:
        """What the next sentence needs to know of this one."""
        has_carried = "结转" in self.text and _CARRIED_IN.search(self.text) is not None
        refused = frozenset(self.refused)
        told = [stated for stated in self.stated if stated.code not in ASIDES]
        if not told:
            return Left(has_carried, refused, None, None, True, "")
        last = told[-1]
        whole = next((stated for stated in reversed(told) if stated.is_whole), None)
        keeps_whole = whole is None and self._are_parts(told)
        carried = family_of(self.book.lines[last.code], self.root(last.code))
        return Left(has_carried, refused, last, whole, keeps_whole, carried)

    def _are_parts(self, told: Sequence[Stated]) -> bool:
        whole = self.state.whole
        return whole is not None and all(self.root(s.code) == self.root(whole.code) for s in told)

    def floor(self, index: int) -> int:
        """Where the words before a figure begin: behind the figure before, unless that stood in brackets."""
        start = self.quantities[index].start
        for earlier in reversed(self.quantities[:index]):
            between = self.text[earlier.end : start]
            if between.count(")") <= between.count("("):
                return earlier.end
        return 0

    def comes_first(self, index: int) -> bool:
        """Whether a clause begins with a figure, so that what it counts stands behind it."""
        start = self.quantities[index].start
        first = max(self.floor(index), start - _LONGEST_OPENING)
        return _CLAUSE_START.search(self.text, first, start) is not None

    def words_behind(self, index: int) -> str:
        """The words between a figure and the end of its clause, or the next figure."""
        start = self.quantities[index].end
        stop = _CLAUSE_END.search(self.text, start)
        end = len(self.text) if stop is None else stop.start()
        if index + 1 < len(self.quantities):
            end = min(end, self.quantities[index + 1].start)
        return self.text[start:end].rstrip("、和及另有")

    def is_possible(self, found: Found, quantity: Quantity, floor: int) -> bool:
        """Whether a wording before a figure can mean its indicator here: unit, negation, context."""
        line = self.book.lines.get(found.phrase.code)
        if line is None or quantity.unit not in UNITS.get(line.unit, ()):
            return False
        if self.text[found.start - 1 : found.start] in tuple("未不没非无") and found.start > floor:
            return False
        if self.root(found.phrase.code) == PROACTIVE and self.text.endswith("申请", 0, found.start):
            return False  # 依申请公开政府信息
        if len(found.phrase.head) > 1 and self.names_other(found):
            return False
        if line.section in ("appeals", "fees") and not self.is_about_disclosure:
            return False
        if line.section == "support" and not (
            self.is_about_disclosure or self.is_in_disclosure_line
        ):
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
        named = self.book.named_in(inside, self.root(found.phrase.code))
        return bool(named - {found.phrase.code})

    def family_at(self, position: int) -> str:
        """What the sentence is about at a place: its last cue, or what came before, or the heading."""
        before = [cue for cue in self.cues if cue.end <= position]
        if before:
            last = before[-1]
            if len(before) > 1 and before[-2].family != last.family:
                between = self.text[before[-2].end : last.start]
                # 因政府信息公开申请行政复议 is about reviews: requests beside appeals take an 和.
                is_list = before[-2].family != "requests" or _AND.search(between)
                if is_list and _JOINED_CUES.fullmatch(between):
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
        whole = self.state.whole
        return (
            whole is not None
            and self.root(whole.code) == root
            and self.state.carried_for > 0
            and self.text.startswith(("其中", "从", "按"))
        )

    def refuse(self, code: str) -> None:
        """Note that a figure is not the publisher's of this year, so that its parts are left out too."""
        if self.is_total(code):
            self.refused.add(self.root(code))

    def is_of_refused(self, code: str) -> bool:
        """Whether a part is one of a whole that was left out."""
        root = self.root(code)
        return root != code and root in self.refused and all(s.code != root for s in self.stated)

    def is_part_of_part(self, position: int, code: str) -> bool:
        """Whether 其中 or an open bracket makes the figure a part of something that is no whole itself."""
        opened = self.text.rfind("(", 0, position)
        if opened >= 0 and ")" in self.text[opened:position]:
            opened = -1
        marker = max(self.text.rfind("其中", 0, position), opened)
        if marker < 0 or ";" in self.text[marker:position]:
            return False
        if (
            self.is_total(code)
            and back_to_year(self.text[: position + 2], self.report_year) > marker
        ):
            return False  # 累计公开500条,其中2009年公开30条
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
            return not self._is_of_its_own(code, marker, position)
        if not stated.is_whole and self.node(stated.code) != "of_which":
            return True
        return self.is_total(code) and self.root(code) == self.root(stated.code)

    def _is_of_its_own(self, code: str, marker: int, position: int) -> bool:
        """Whether 其中 brings up something that is told by its own name: 回应19次,其中参加新闻发布会1次."""
        line = self.book.lines[code]
        if line.section != "proactive" or self.root(code) != code or self.is_total(code):
            return False
        named = self.text[marker:position]
        return self.text[position : position + 2] not in self.text[:marker] and "(" not in named

    def is_aside(self, quantity: Quantity) -> bool:
        """A share or a change between a whole and its parts."""
        if quantity.unit in ("%", "个百分点", "倍"):
            return True
        if DELTA.search(self.text, 0, quantity.start) is not None:
            return True
        stated = next((s for s in self.stated if s.start <= quantity.start < s.end), None)
        return stated is not None and stated.code == PREVIOUS_YEAR

    def is_in_scope(self, code: str, position: int, quantity: Quantity) -> bool:
        """Whether the figure is of this body and this year, and not planned, cumulative or foreign."""
        clause = self.text[self.comma_before(position) : position]
        near = position - len(self.clause(position))
        return not (
            self.is_of_refused(code)
            or BAD_SCOPE.search(clause)
            or self._planned_from < position
            or not self.is_own(code, position)
            or self.text.endswith(("不少于", "不低于"), 0, quantity.start)
            or any(near <= c.start and c.end <= position for c in self._foreign)
        ) and self.is_of_year(quantity.start)

    def is_own(self, code: str, position: int) -> bool:
        """Whether what is counted is the publisher's, not that of a body that the sentence names."""
        if not self._names_bodies:
            return True
        line = self.book.lines[code]
        is_case = line.section in ("requests", "outcomes", "appeals")
        by_office = not is_case and self.root(code) != PROACTIVE
        return self.owner.owns(self.text, position, by_office=by_office)

    def is_of_year(self, position: int) -> bool:
        """Whether the words before a place speak of the whole year reported on."""
        if not self._names_time:
            return True
        raw = self.source[self.piece.start : self.sentence.offsets[position]]
        return not (
            other_period(raw, self.report_year)
            or foreign_year(self.text[:position], self.report_year)
        )

    def clause(self, position: int) -> str:
        """The words of the clause before a place: its subject."""
        start = self.comma_before(position)
        behind = bisect.bisect_right(self._ends, position)
        if behind:
            start = max(start, self._ends[behind - 1])
        return self.text[start:position]

    def comma_before(self, position: int) -> int:
        """Where the clause around a place begins."""
        before = bisect.bisect_right(self._stops, position)
        return self._stops[before - 1] if before else 0

    def is_under_topic(self) -> bool:
        """Whether the sentence stands under the heading of one field of disclosure."""
        return self.state.is_under_topic(self.piece.start)

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
