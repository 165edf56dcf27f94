"""Sentences that state a number without a figure: none at all, or all of them."""

import re
from decimal import Decimal

from loaders.prose.context import DENIAL, DENIED_RESULT, MODIFIED_DENIAL, OGI
from loaders.prose.phrases import ALL, DENIED
from loaders.prose.scene import CONCLUDED, RECEIVED, SHARES, Scene
from loaders.quantity import EXACT, Quantity

IMPLIED = "implied"
_NEGATION = re.compile("[未没无不]")
_SOME_ARE_NOT = re.compile("除|结转|尚|在办|未(?!延期)")
# 未收到 ... 申请: further away the object is another clause's.
_LONGEST_OBJECT = 34


def read_denials(scene: Scene) -> list[tuple[int, int]]:
    """State zeros; returns the stretches that deny something."""
    denied: list[tuple[int, int]] = []
    if _NEGATION.search(scene.text) is None:
        return denied
    for denial in DENIAL.finditer(scene.text):
        stop = denial.end()
        while stop < len(scene.text) and scene.text[stop] not in ",;:。":
            stop += 1
        inside = [q for q in scene.quantities if denial.start() <= q.start < stop]
        if any(q.value != 1 for q in inside):
            continue
        if MODIFIED_DENIAL.search(scene.clause(denial.start())):
            continue
        if _deny(scene, denial.start(), denial.end(), stop):
            denied.append((denial.start(), stop))
    return denied


def _deny(scene: Scene, start: int, after: int, stop: int) -> bool:
    hits = list(scene.book.marked[DENIED].find(scene.text, start, stop))
    if not hits or hits[0][1] - after > _LONGEST_OBJECT:
        return False
    if len({code for code, _, _ in hits}) > 1:
        # 因申请引起的复议: the request is only what the denied thing came from.
        hits = [hit for hit in hits if hit[0] != RECEIVED]
    if DENIED_RESULT.search(scene.text[after:stop]):
        return False
    if not (scene.is_of_year(start) and scene.is_own(hits[0][0], start)):
        return False
    zero = Quantity(Decimal(0), "", EXACT, start, hits[-1][2])
    is_foreign = scene.family_at(start) == "foreign" and not OGI.search(scene.text[:stop])
    for code in dict.fromkeys(code for code, _, _ in hits):
        section = scene.book.lines[code].section
        is_told = scene.is_about_disclosure or section in ("requests", "outcomes")
        if is_told and not is_foreign:
            scene.state_claim(code, "", zero, start, hits[-1][2], True)
    return True


def read_all_concluded(scene: Scene) -> None:
    """State that all requests received were concluded, where a sentence says so without a figure."""
    received = scene.state.received
    for code, start, end in scene.book.marked[ALL].find(scene.text):
        if received is None or received.precision != EXACT or code != CONCLUDED:
            return
        if scene.family_at(start) != "requests" or _SOME_ARE_NOT.search(scene.text):
            return
        last = scene.stated[-1] if scene.stated else scene.state.last
        if last is None or scene.root(last.code) not in SHARES:
            return
        stated = Quantity(received.value, received.unit, IMPLIED, start, end)
        scene.state_claim(code, "", stated, start, end, True)
        return
