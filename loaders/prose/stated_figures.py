"""The figure of a sentence: the wording that announces it, and the indicator that it means there.

The wording nearest to the figure is looked up in the dictionary; subject, medium and level of its clause decide
whether the total it names is the body's own, one channel's, one level's, or nobody's here.
"""

import re
from collections.abc import Iterator

from loaders.prose.context import (
    ALL_APPEALS,
    AMONG_THEM,
    JUDGE,
    OGI,
    READABLE_UNITS,
    SUB_BODY,
    TOPIC_SCOPE,
    UNKNOWN_MEDIUM,
    WHOLE_BODY,
    is_other_action,
)
from loaders.prose.phrases import LIST, Found, strip_fillers
from loaders.prose.relations import (
    read_growth,
    read_name,
    read_named_behind,
    read_previous_year,
    read_respectively,
    read_share,
)
from loaders.prose.scene import LEVELS, PROACTIVE, TOPIC, Scene
from loaders.quantity import AT_MOST, Quantity

_MANY = re.compile("等|多种")
_DISCLOSED = re.compile("公开|发布|刊登|刊发|推送|登载|公布")
# 发布微博3000条: the medium is what was posted, not where.
_POSTED = re.compile("(?:发布|推送|编发|转发|开通|发)$")
_STOPS = re.compile("[,;:]")
_YEARLY = re.compile("全年|全渠道|累计|20[0-9]{2}年")
_JOINED = re.compile(r"(?:案件?|申请|件)*(?:以?及|、|和|与|或|/)(?:被|提起|因此)?$")
_EACH = re.compile("均|都|各")


def read_figures(scene: Scene, denied: list[tuple[int, int]]) -> None:
    """State what the figures of a sentence mean, from left to right; denied stretches are left out."""
    scene.names_from = next(
        (end for code, _, end in scene.book.marked[LIST].find(scene.text) if code == TOPIC), -1
    )
    taken = -1
    for index, quantity in enumerate(scene.quantities):
        if index <= taken or any(start <= quantity.start < end for start, end in denied):
            continue
        taken = read_respectively(scene, index)
        if taken < index:
            _read_figure(scene, index)


def _read_figure(scene: Scene, index: int) -> None:
    quantity = scene.quantities[index]
    if quantity.unit == "倍":
        read_growth(scene, quantity, scene.floor(index))
        return
    if quantity.unit not in READABLE_UNITS or quantity.precision == AT_MOST:
        return
    if scene.text[quantity.start - 1 : quantity.start].isspace():
        return
    floor = scene.floor(index)
    if quantity.unit == "%":
        read_share(scene, quantity, floor)
        return
    if read_previous_year(scene, quantity, floor):
        return
    found = _choose(scene, quantity, floor) or _choose_behind(scene, index)
    if read_name(scene, index, found):
        return
    if found is None:
        read_named_behind(scene, index)
        return
    if not scene.is_in_scope(found.phrase.code, found.start, quantity):
        scene.refuse(found.phrase.code)
        return
    code = _resolve(scene, found, quantity, floor)
    if code is None:
        scene.refuse(found.phrase.code)
        return
    is_whole = scene.is_total(found.phrase.code) and not code.endswith(LEVELS)
    for each in _each(scene, found, code, quantity, floor):
        scene.state_claim(each, "", quantity, found.start, max(found.end, quantity.end), is_whole)


def _choose(scene: Scene, quantity: Quantity, floor: int) -> Found | None:
    """The longest wording right before the figure (or around it) whose indicator fits the context."""
    for stop in strip_fillers(scene.text, quantity.start, floor):
        found = scene.book.ending_at(scene.text, stop, floor, quantity.end)
        if len(found) > 1:
            found.sort(key=lambda f: (f.end - f.start, f.phrase.length), reverse=True)
        for longest in found:
            if scene.is_possible(longest, quantity, floor):
                return longest
    return None


def _choose_behind(scene: Scene, index: int) -> Found | None:
    """The part that is named behind its figure: 另有3件结转下年度."""
    if not scene.comes_first(index):
        return None
    quantity = scene.quantities[index]
    for phrase in scene.book.parts_named(scene.words_behind(index)):
        found = Found(phrase, quantity.start, quantity.start, quantity.end + phrase.length)
        if scene.is_possible(found, quantity, quantity.start):
            return found
    return None


def _resolve(scene: Scene, found: Found, quantity: Quantity, floor: int) -> str | None:
    code = found.phrase.code
    clause = scene.clause(found.start)
    if scene.is_part_of_part(found.start, code):
        return None
    if not scene.is_total(code):
        return code if _is_leaf_stated(scene, found, quantity, clause) else None
    if is_other_action(clause, scene.book.lines[code].section):
        return None
    if code == PROACTIVE and _is_on_topic(scene, found.start, clause):
        return None
    if scene.book.lines[code].section == "appeals" and not _is_against_body(scene, found, quantity):
        return None
    named = scene.book.named_in(clause, scene.root(code))
    is_whole_body = WHOLE_BODY.search(clause) is not None
    levels = {c for c in named if c.endswith(LEVELS)}
    channels = named - levels
    if channels:
        if len(channels) == 1:
            return channels.pop() if _MANY.search(clause) is None else code
        return code if "等" in clause else None
    if code == PROACTIVE and "公开" not in "".join(found.phrase.head) + found.phrase.tail:
        return None  # 发布政府信息 is disclosure where it says where
    if code == PROACTIVE and UNKNOWN_MEDIUM.search(clause):
        return None
    if levels and not is_whole_body:
        return levels.pop() if len(levels) == 1 else None
    return None if SUB_BODY.search(clause) and not is_whole_body else code


def _is_against_body(scene: Scene, found: Found, quantity: Quantity) -> bool:
    """Whether appeals are those about disclosure, not all that a body has to do with."""
    if AMONG_THEM.match(scene.text, quantity.end):
        return False
    if JUDGE.search(scene.clause(found.start)):
        return False
    if OGI.search(scene.text[: found.stop]):
        return True
    return ALL_APPEALS.search(scene.clause(found.start)) is None or bool(scene.state.families[3])


def _is_leaf_stated(scene: Scene, found: Found, quantity: Quantity, clause: str) -> bool:
    """Whether a part is said to be disclosed, and not merely named beside a figure."""
    code = found.phrase.code
    if scene.root(code) != PROACTIVE:
        return code.endswith(LEVELS) or "各级" in clause or SUB_BODY.search(clause) is None
    if scene.is_under_topic() or code.endswith(LEVELS):
        return not scene.is_under_topic()
    said = scene.text[found.start : quantity.start]
    if _DISCLOSED.search(said):
        return True
    return scene.has_whole(found.start, PROACTIVE) and _POSTED.search(clause) is None


def _is_on_topic(scene: Scene, position: int, clause: str) -> bool:
    if scene.is_under_topic():
        return True
    if WHOLE_BODY.search(clause):
        return False
    raw = (
        scene.source[scene.piece.start : scene.sentence.offsets[position - 1] + 1]
        if position
        else ""
    )
    last = _STOPS.split(raw)[-1]
    if _YEARLY.search(last):
        return TOPIC_SCOPE.search(clause) is not None
    return TOPIC_SCOPE.search(scene.text, 0, position) is not None


def _each(scene: Scene, found: Found, code: str, quantity: Quantity, floor: int) -> Iterator[str]:
    """The indicator, or all of a list that shares one figure (复议、诉讼均为0件); none if they add up."""
    before = scene.text[floor : found.start]
    joined = _JOINED.search(before)
    if joined is None or found.start == quantity.start:
        yield code
        return
    stop = floor + joined.start()
    siblings = {
        f.phrase.code
        for f in scene.book.ending_at(scene.text, stop, floor, quantity.end)
        if f.phrase.code != code and scene.is_possible(f, quantity, floor)
    }
    if not siblings:
        yield code
    elif quantity.value == 0 and _EACH.search(scene.text, found.stop, quantity.start):
        yield code
        yield from sorted(siblings)
