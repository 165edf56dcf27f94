"""Figures that mean something only beside another one: shares, changes, last year's count, lists of names."""

import re
from decimal import Decimal

from loaders.prose.context import COMPARED, PREVIOUS, SHARE, TOPIC_BEHIND, TOPIC_NAME, UNITS
from loaders.prose.phrases import Found, strip_fillers
from loaders.prose.scene import (
    CHANGE,
    LEVELS,
    PREVIOUS_YEAR,
    RECEIVED,
    SHARES,
    TOPIC,
    Scene,
    Stated,
)
from loaders.quantity import EXACT, Quantity

_COMPARED_YEAR = re.compile(r"[比较与]((?:19|20)[0-9]{2})年")
_COMPARISON = re.compile(
    r"同比|[比较](?:上|去|前一?)一?年|与?(?:上|去)一?年(?:同期)?相比|[比较与](?:19|20)[0-9]{2}年"
)
_FALL = re.compile("[下减降回]")
_RESPECTIVELY = re.compile("分别(?:共?有|为|是|达)?$")
_UNCHANGED = re.compile(r"(?:同比|年(?:度|同期)?(?:相比)?)(?P<word>持平)")
_NAMES = re.compile("[^、和及与]+")


def read_share(scene: Scene, quantity: Quantity, floor: int) -> None:
    """State a percentage: the share of a part (占4.8%), or the change of the requests (下降25.6%)."""
    before = scene.text[floor : quantity.start]
    share = SHARE.search(before)
    if share is not None and quantity.value <= 100:
        stop = floor + share.start()
        stated = scene.stated[-1] if scene.stated else None
        if before[: share.start()].strip(",(、") == "" and stated is not None:
            if stated.end >= floor:
                _state_share(scene, stated.code, quantity, stop)
        elif stop > floor:
            for found in scene.book.ending_at(scene.text, stop, floor, quantity.end):
                if scene.family_at(found.start) == "requests":
                    _state_share(scene, found.phrase.code, quantity, found.start)
                    break
        return
    change = COMPARED.search(before)
    if change is None:
        return
    whole = _whole_of_change(scene, floor)
    year = _COMPARED_YEAR.search(scene.text, 0, quantity.start)
    if year and scene.report_year and int(year[1]) != scene.report_year - 1:
        return
    if whole is None or not _COMPARISON.search(scene.text, whole.end, quantity.start):
        return
    sign = -1 if _FALL.search(change[1]) else 1
    signed = quantity._replace(value=sign * quantity.value)
    scene.state_claim(CHANGE, "", signed, floor + change.start(), quantity.end, False)


def _state_share(scene: Scene, code: str, quantity: Quantity, start: int) -> None:
    share_code, prefix = SHARES.get(scene.root(code), ("", "-"))
    is_part = not scene.is_total(code) and not code.endswith(LEVELS) and code != TOPIC
    if is_part and code.startswith(prefix):
        scene.state_claim(
            share_code, code.removeprefix(prefix), quantity, start, quantity.end, False
        )


def read_growth(scene: Scene, quantity: Quantity, floor: int) -> None:
    """State a growth told in multiples: 增长一倍 is 100%."""
    before = scene.text[floor : quantity.start]
    change = COMPARED.search(before)
    whole = _whole_of_change(scene, floor)
    if change is None or whole is None or _FALL.search(change[1]):
        return
    if _COMPARISON.search(scene.text, whole.end, quantity.start):
        percent = 100 * quantity.value
        whole_percent = percent.to_integral_value()
        value = whole_percent if whole_percent == percent else percent
        growth = quantity._replace(value=value, unit="%")
        scene.state_claim(CHANGE, "", growth, floor + change.start(), quantity.end, False)


def read_unchanged(scene: Scene) -> None:
    """State that the requests are as many as the year before: 与上年持平."""
    found = _UNCHANGED.search(scene.text) if "持平" in scene.text else None
    if found is None:
        return
    before = [stated for stated in scene.stated if stated.end <= found.start()]
    if (
        before
        and before[-1].code == RECEIVED
        and ";" not in scene.text[before[-1].end : found.start()]
    ):
        none = Quantity(Decimal(0), "%", EXACT, *found.span("word"))
        scene.state_claim(CHANGE, "", none, found.start(), found.end(), False)


def _whole_of_change(scene: Scene, floor: int) -> Stated | None:
    """The count of requests that a change right behind it is about."""
    candidates = [s for s in scene.stated if s.code != PREVIOUS_YEAR]
    if not candidates or candidates[-1].code != RECEIVED:
        return None
    between = [q for q in scene.quantities if candidates[-1].end <= q.start and q.end <= floor]
    return candidates[-1] if all(scene.is_aside(q) for q in between) else None


def read_previous_year(scene: Scene, quantity: Quantity, floor: int) -> bool:
    """State last year's requests, quoted beside this year's; tells whether the figure is of another year."""
    before = scene.text[floor : quantity.start]
    found = PREVIOUS.search(before) if "年" in before else None
    if found is None or _whole_of_change(scene, floor) is None or quantity.unit not in UNITS["件"]:
        return False
    if found["year"] and scene.report_year and int(found["year"]) != scene.report_year - 1:
        return True
    scene.state_claim(PREVIOUS_YEAR, "", quantity, floor + found.start(), quantity.end, False)
    return True


def read_name(scene: Scene, index: int, found: Found | None) -> bool:
    """One topic of a list of topics, each with its figure."""
    quantity = scene.quantities[index]
    if scene.names_from < 0 or quantity.start < scene.names_from:
        return False
    start = max(scene.names_from, scene.quantities[index - 1].end if index else 0)
    name = TOPIC_NAME.fullmatch(scene.text[start : quantity.start])
    is_other = found is not None and scene.root(found.phrase.code) in SHARES and (
        name is None or found.start <= start + name.start("name")
    )  # fmt: skip
    if name is None or is_other or quantity.unit not in UNITS["件"]:
        scene.names_from = -1
        return False
    if not scene.is_in_scope(TOPIC, scene.names_from, quantity):
        return False
    scene.state_claim(
        TOPIC, name["name"], quantity, start + name.start("name"), quantity.end, False
    )
    return True


def read_named_behind(scene: Scene, index: int) -> None:
    """One topic that is named behind its figure: 其中12件涉及征地拆迁."""
    quantity = scene.quantities[index]
    if quantity.unit not in UNITS["件"] or not scene.comes_first(index):
        return
    topic = TOPIC_BEHIND.fullmatch(scene.words_behind(index))
    if topic is None or not scene.has_whole(quantity.start, RECEIVED):
        return
    if scene.is_part_of_part(quantity.start, TOPIC) or not scene.is_in_scope(
        TOPIC, quantity.start, quantity
    ):
        return
    end = quantity.end + topic.end("name")
    scene.state_claim(TOPIC, topic["name"], quantity, quantity.start, end, False)


def read_respectively(scene: Scene, index: int) -> int:
    """Names first, then as many figures: 当面申请、网络申请分别为3件、5件.

    Returns:
        The number of the last figure that was stated so; -1 where the sentence does not speak so.
    """
    if "分别" not in scene.text:
        return -1
    quantity = scene.quantities[index]
    marker = _RESPECTIVELY.search(scene.text, 0, quantity.start)
    if marker is None:
        return -1
    figures = [quantity]
    for following in scene.quantities[index + 1 :]:
        if scene.text[figures[-1].end : following.start] not in ("、", ",", "和", "及"):
            break
        figures.append(following)
    start = max(scene.comma_before(marker.start()), scene.floor(index))
    names = list(_NAMES.finditer(scene.text, start, marker.start()))
    if len(names) != len(figures) or len(figures) < 2:
        return -1
    chosen = []
    for name, figure in zip(names, figures, strict=True):
        first, stop = name.span()
        found = [
            f
            for cut in strip_fillers(scene.text, stop, first)
            for f in scene.book.ending_at(scene.text, cut, first, stop)
            if scene.is_possible(f, figure, start) and not f.phrase.tail
        ]
        chosen.append((max(found, key=lambda f: f.stop - f.start, default=None), figure))
    is_clear = all(
        f is not None
        and scene.is_in_scope(f.phrase.code, f.start, q)
        and not scene.is_part_of_part(f.start, f.phrase.code)
        for f, q in chosen
    )
    if is_clear and len({f.phrase.code for f, _ in chosen}) == len(chosen):
        for found, figure in chosen:
            code = found.phrase.code
            scene.state_claim(code, "", figure, found.start, figure.end, scene.is_total(code))
        return index + len(figures) - 1
    return -1
