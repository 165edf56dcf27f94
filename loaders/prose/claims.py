"""Figures stated in prose, as claims.

The way through a report: headings and sentences (`sentences`), the wordings of the dictionary (`phrases`), what a
sentence is about (`context`, `scene`), its figures (`stated_figures`, `relations`) and its denials (`denials`). A figure that is
not clearly announced is left out: a missing claim is better than a wrong one.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from loaders.form import Form
from loaders.prose.denials import IMPLIED, read_all_concluded, read_denials
from loaders.prose.known_sentences import SentenceMemory, outcome_of, sentences_of
from loaders.prose.ownership import Owner
from loaders.prose.phrases import PhraseBook, phrase_book
from loaders.prose.relations import read_unchanged
from loaders.prose.scene import ANNOUNCED, CARRIED_OUT, CONCLUDED, ClaimDraft, Scene, State
from loaders.prose.sentences import Piece, cut_pieces
from loaders.prose.stated_figures import read_figures

__all__ = ["ClaimDraft", "read_claims"]

_LONGEST_ANNOUNCEMENT = 24

_FIGURE = re.compile("[0-9零]")
# Cheap tests that spare most sentences the closer look.
# The first characters in front spare the engine a look at every branch; so in all patterns of prose.
_COUNTED = "[余多几]?[十百千万亿]*[余多几]?[件宗起例条次人名位篇期场元%项个份封则幅部班]"
_OTHER_CANDIDATES = (
    r"|[零一二两三四五六七八九十百千][余多]?[件宗起例条次人名篇期场份]|百分之|为零"
    r"|(?:未|没|无|不存在|不收|不予收)[^。!?\n|]{0,60}(?:申请|复议|诉讼|举报|投诉|费)"
    r"|(?:均|全部|所有)[^,;:。]{0,14}(?:办|答复|回复)|持平)"
)
_FIRSTS = "0-9零一二两三四五六七八九十百千为未没无不均全所持"
_MAY_CLAIM = re.compile(rf"(?=[{_FIRSTS}])(?:[0-9][0-9,.]*{_COUNTED}{_OTHER_CANDIDATES}")
# The same by the last sign of a figure: text of any length is searched in time in proportion to it.
_CANDIDATE = re.compile(rf"(?=[{_FIRSTS},.])(?:[0-9,.]{_COUNTED}{_OTHER_CANDIDATES}")
_SUBJECT = re.compile(
    r"公开|申请|复议|诉讼|网站|微博|微信|新媒体|公报|政报|解读|发布会|访谈|规范性文件|办结|答复|办理|维持|纠|审"
    r"|费|培训|会议|人员|咨询|投诉|举报|本级|各县|各区|媒体|提供|处理"
)


def read_claims(
    text: str,
    ranges: Iterable[tuple[int, int]],
    form: Form,
    report_year: int | None = None,
    publisher: str = "",
) -> list[ClaimDraft]:
    """Read the figures that the prose of one report states.

    Args:
        text: half-width, simplified text.
        ranges: the stretches of it that are prose, in order: no tables.
        form: the dictionary; its prose edition has the wordings.
        report_year: the year that is reported on; figures that the text gives for other years are left out.
        publisher: whose report it is; figures of other bodies are left out, as far as they are named.

    Returns:
        Claims in the order of the text, each value in the unit of its dictionary row for money and as
        printed for counts. Figures stated separately are separate claims. Never raises on content.
    """
    ranges = list(ranges)
    firsts = [_next_candidate(text, start, end) for start, end in ranges]
    # What stands behind the last candidate claims nothing.
    while ranges and firsts[-1] < 0:
        ranges.pop()
        firsts.pop()
    if not ranges:
        return []
    state = State()
    reader = _Reader(
        text, state, phrase_book(form), report_year, Owner(publisher), sentences_of(form)
    )
    claims: list[ClaimDraft] = []
    for (start, end), first in zip(ranges, firsts, strict=True):
        # Only the sentence that a candidate stands in is looked at closely.
        candidate = first
        is_last = (start, end) == ranges[-1]
        for piece in cut_pieces(text, start, end):
            left, right, level = piece
            if 0 <= candidate < left:
                candidate = _next_candidate(text, left, end)
            if candidate < 0 and is_last:
                break
            if level:
                state.enter(level, text[left:right])
            elif right - left <= _LONGEST_ANNOUNCEMENT and text.endswith(ANNOUNCED, left, right):
                line_end = text.find("\n", right, end)
                state.announce(text[left:right], end if line_end < 0 else line_end)
            is_candidate = 0 <= candidate < right and not state.is_plan[3]
            if is_candidate:
                claims += reader.read(piece)
            else:
                state.carried_for -= 1
    return _settle(claims, state.has_carried)


class _Reader(NamedTuple):
    """The prose of one report: sentences are read with what those before left behind."""

    text: str
    state: State
    book: PhraseBook
    report_year: int | None
    owner: Owner
    memory: SentenceMemory

    def read(self, piece: Piece) -> list[ClaimDraft]:
        """The claims of a sentence; the state is that of the next one then."""
        text, state = self.text, self.state
        asked = self.memory.ask(text, piece, state, self.report_year)
        if asked is not None:
            known = self.memory.find(asked, self.owner)
            if known is not None:
                return known.tell(text, piece, state)
        if not _may_claim(text, piece, state):
            state.carried_for -= 1
            return []
        scene = Scene(text, piece, self.book, state, self.report_year, self.owner)
        read_figures(scene, read_denials(scene))
        read_unchanged(scene)
        read_all_concluded(scene)
        claims, left = sorted(scene.claims, key=lambda claim: claim.start), scene.leave()
        if asked is not None:
            outcome = outcome_of(asked, scene, claims, left)
            if outcome is not None:
                self.memory.remember(asked, outcome, scene.text, self.owner)
        state.follow(left)
        return claims


def _next_candidate(text: str, start: int, end: int) -> int:
    """Where the next wording stands that may claim something; -1 where none does.

    A sentence that has one has it here too: nothing in the pattern depends on where the text ends.
    """
    found = _CANDIDATE.search(text, start, end)
    return -1 if found is None else found.start()


def _may_claim(text: str, piece: Piece, state: State) -> bool:
    if _MAY_CLAIM.search(text, piece.start, piece.end) is None:
        return False
    is_led_up_to = state.carried_for > 0 or state.families[3]
    return bool(is_led_up_to) or _SUBJECT.search(text, piece.start, piece.end) is not None


def _settle(claims: list[ClaimDraft], has_carried: bool) -> list[ClaimDraft]:
    """Drop what the rest of the report makes doubtful: zeros beside figures, a total beside a remainder."""
    positive = {c.indicator_code for c in claims if c.value}
    stated = {c.indicator_code for c in claims if c.precision != IMPLIED}
    is_remainder = has_carried or CARRIED_OUT in positive
    return [
        c
        for c in claims
        if not (c.precision == IMPLIED and (CONCLUDED in stated or is_remainder))
        and not (_is_denial(c) and c.indicator_code in positive)
    ]


def _is_denial(claim: ClaimDraft) -> bool:
    """Whether a zero is said in words: 未收到..., and not printed as a figure."""
    return not claim.value and _FIGURE.search(claim.claim_text) is None
