"""Sections of a report, the tables in them, and the edition of the form that they follow.

Finds where things stand; what the cells say is the business of `tables`, what the sentences say that of `claims`.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from loaders.form import Form
from loaders.tables.labels import NOT_LETTER, key_of

_HEADING = re.compile(
    r"(?=[一二三四五六七八九十])(?:(?<=[\n。|\s])|^)(?P<ordinal>[一二三四五六七八九十]{1,3})、(?P<title>[^\n|。;:]{2,50})"
)
# Cheaper to look for than a heading; every heading has one.
_ORDINAL = re.compile("[一二三四五六七八九十]+、")
_ASCII_SIGNS = bytes(byte for byte in range(128) if NOT_LETTER.match(chr(byte)))
# Also the rule below the head of a Markdown table.
_BREAKS = r"[\s|:-]*"
# By the words of a heading; the first that fits names the section.
_SECTION_CODES = (
    ("overview", re.compile(r"总体情况|概述|概况|基本情况|工作开展情况|推进情况")),
    ("appeals", re.compile(r"复议|诉讼")),
    ("fees", re.compile(r"收费|费用")),
    ("complaints", re.compile(r"举报|投诉")),
    ("requests", re.compile(r"申请")),
    ("proactive", re.compile(r"主动公开")),
    ("responses", re.compile(r"回应|解读")),
    ("problems", re.compile(r"问题|改进|不足|打算|思路|工作重点|下一步")),
    ("capacity", re.compile(r"机构|经费|培训|人员")),
    ("statistics", re.compile(r"统计表|附件|附表|附录")),
    ("other_matters", re.compile(r"其他需要报告|其他事项|需要说明")),
)


# So many characters of a table's first words tell most other places from it.
_OPENING = 6


class SectionSpan(NamedTuple):
    """A section: its code, its heading as printed, its span."""

    section_code: str
    heading: str
    start: int
    end: int


class Anchor(NamedTuple):
    """Where a table begins. ``form_ids`` are the editions whose tables begin so."""

    start: int
    table_code: str
    form_ids: tuple[str, ...]


def locate_sections(
    text: str, start: int, end: int, tables: Sequence[tuple[int, int]] = ()
) -> list[SectionSpan]:
    """The sections of a report under its headings 一、二、三、; what stands before is ``preamble``.

    ``tables`` are stretches whose rows 一、二、三、 are no headings.
    """
    headings = []
    expected = 1
    # The tables stand one behind the other.
    ends = [right for _, right in tables]
    for found in _iterate_headings(text, start, end):
        behind = bisect_right(ends, found.start("ordinal"))
        if behind < len(tables) and tables[behind][0] <= found.start("ordinal"):
            continue
        number = _number(found["ordinal"])
        # 一、 begins anew in an annex; any other heading continues the count, one lost at most.
        if number == 1 or expected <= number <= expected + 2:
            headings.append(found)
            expected = number + 1
    sections = []
    first = headings[0].start("ordinal") if headings else end
    if text[start:first].strip():
        sections.append(SectionSpan("preamble", "", start, first))
    stops = [*(found.start("ordinal") for found in headings[1:]), end]
    for found, stop in zip(headings, stops, strict=False):
        heading = found.group().strip()
        sections.append(SectionSpan(_section_code(heading), heading, found.start("ordinal"), stop))
    return sections


def _iterate_headings(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    for ordinal in _ORDINAL.finditer(text, start, end):
        if ordinal.start() >= start:
            found = _HEADING.match(text, ordinal.start(), end)
            if found is not None:
                yield found
                start = found.end()


def locate_tables(text: str, start: int, end: int, form: Form) -> list[Anchor]:
    """Where the tables of a report begin, in the order of the text."""
    anchors = []
    opening, patterns = _anchor_patterns(form)
    for found in opening.finditer(text, start, end):
        at = found.start()
        for pattern, table_code, form_ids in patterns[found.group()]:
            if pattern.match(text, at, end) is not None:
                anchors.append(Anchor(at, table_code, form_ids))
    return anchors


def detect_form(text: str, start: int, end: int, form: Form, candidates: Sequence[str]) -> str:
    """The edition whose signature fits a stretch of text best; ``''`` where none of them does.

    Signatures are evidence: each phrase found adds its weight, and the year plays no part.
    """
    weights = {form_id: _weights(form).get(form_id, ()) for form_id in candidates}
    phrases = {phrase for rows in weights.values() for phrase, _ in rows}
    there = {phrase for phrase in phrases if text.find(phrase, start, end) >= 0}
    settled = _settle_form(weights, there)
    if settled:
        return settled
    # Most signs have one byte, and all of these go at once; the pattern is left with the rest.
    data = text[start:end].encode("utf-8", "surrogatepass").translate(None, _ASCII_SIGNS)
    solid = data.decode("utf-8", "surrogatepass").replace("、", "").replace("。", "")
    letters = NOT_LETTER.sub("", solid)
    return _best_form(form, candidates, lambda phrase: phrase in there or phrase in letters)


class Signatures:
    """Where the signatures of a report stand last, for asking about many of its stretches.

    ``detect`` answers like `detect_form` for the stretch from an offset to the end of the report.
    """

    def __init__(self, text: str, start: int, end: int, form: Form) -> None:
        offsets = [n for n in range(start, end) if not NOT_LETTER.match(text[n])]
        letters = "".join(text[n] for n in offsets)
        self._form = form
        self._last = {}
        for phrases in _weights(form).values():
            for phrase, _ in phrases:
                at = letters.rfind(phrase)
                if at >= 0:
                    self._last[phrase] = offsets[at]

    def detect(self, start: int, candidates: Sequence[str]) -> str:
        """The edition whose signature fits what follows ``start`` best."""
        return _best_form(
            self._form, candidates, lambda phrase: self._last.get(phrase, -1) >= start
        )


def _settle_form(weights: Mapping[str, Iterable[tuple[str, int]]], there: Container[str]) -> str:
    """The edition that fits best whatever else is printed with signs between its letters; ``''`` where that may decide.

    To look for the phrases as they are takes half the time of taking the signs out first, and settles most reports.

    Args:
        weights: the phrases of each edition with their weights.
        there: phrases that are printed as they are.
    """
    most: dict[str, int] = {}
    least: dict[str, int] = {}
    for form_id, phrases in weights.items():
        low = high = 0
        for phrase, weight in phrases:
            low += weight if phrase in there or weight < 0 else 0
            high += weight if phrase in there or weight > 0 else 0
        least[form_id], most[form_id] = low, high
    best = max(weights, key=least.__getitem__)
    others = (most[form_id] for form_id in weights if form_id != best)
    return best if least[best] > max(0, *others) else ""


def _best_form(form: Form, candidates: Sequence[str], is_there: Callable[[str], bool]) -> str:
    best, best_score = "", 0
    weights = _weights(form)
    for form_id in candidates:
        score = sum(weight for phrase, weight in weights.get(form_id, ()) if is_there(phrase))
        if score > best_score:
            best, best_score = form_id, score
    return best


@lru_cache(maxsize=8)
def _weights(form: Form) -> dict[str, list[tuple[str, int]]]:
    """The signatures of each edition, as letters alone, with their weights."""
    weights: dict[str, list[tuple[str, int]]] = {}
    for signature in form.signatures:
        found = weights.setdefault(signature.form_id, [])
        found.append((key_of(signature.phrase), signature.weight))
    return weights


def expected_forms(sections: Sequence[SectionSpan], form: Form) -> tuple[str, ...]:
    """Editions whose fixed section headings stand in the text, all of them but one at most."""
    return _forms_with(frozenset(section.heading for section in sections), form)


@lru_cache(maxsize=1024)
def _forms_with(printed: frozenset[str], form: Form) -> tuple[str, ...]:
    """The editions that some headings belong to: reports share their headings."""
    headings = set(map(key_of, printed))
    expected = []
    for edition in form.editions:
        tables = [table for table in form.tables(edition.form_id) if table.heading_zh]
        hits = sum(1 for table in tables if any(key_of(h) in headings for h in table.heading_zh))
        if tables and hits >= max(2, len(tables) - 1):
            expected.append(edition.form_id)
    return tuple(expected)


@lru_cache(maxsize=8)
def _anchor_patterns(
    form: Form,
) -> tuple[re.Pattern[str], dict[str, list[tuple[re.Pattern[str], str, tuple[str, ...]]]]]:
    """What any table begins with, to be looked for once, and the whole beginnings by first character."""
    # Editions share the words with which a table begins: each keeps its claim to them.
    form_ids: dict[tuple[str, str], list[str]] = {}
    for header in form.headers:
        if header.role == "anchor":
            form_ids.setdefault((header.label_zh, header.table_code), []).extend(header.form_ids)
    for line in form.all_lines:
        if line.dimension_code == "article_20" and line.node_type == "heading":
            label = (
                re.sub(r"[:(].*[:)]", "", line.label_zh) if ":" in line.label_zh else line.label_zh
            )
            form_ids.setdefault((label, line.table_code), []).append(line.form_id)
    # Only the first character is taken, so that every place is looked at, and looked for by a class of characters.
    rests: dict[str, list[str]] = {}
    for label, _ in form_ids:
        first, *rest = "".join(label.split())[:_OPENING]
        rests.setdefault(first, []).append(f"{_BREAKS}{_spread(rest)}" if rest else "")
    openings = [f"{re.escape(c)}(?={'|'.join(dict.fromkeys(r))})" for c, r in rests.items()]
    patterns: dict[str, list[tuple[re.Pattern[str], str, tuple[str, ...]]]] = {}
    for (label, table_code), found in form_ids.items():
        row = re.compile(_spread(label)), table_code, tuple(dict.fromkeys(found))
        patterns.setdefault(label.lstrip()[0], []).append(row)
    for rows in patterns.values():
        rows.sort(key=itemgetter(1, 2))
    return re.compile("|".join(openings) or "(?!)"), patterns


def _spread(label: Iterable[str]) -> str:
    return _BREAKS.join(re.escape(char) for char in label if not char.isspace())


@lru_cache(maxsize=4096)
def _section_code(heading: str) -> str:
    return next((code for code, words in _SECTION_CODES if words.search(heading)), "other")


def _number(ordinal: str) -> int:
    digits = "零一二三四五六七八九"
    tens, ten, ones = ordinal.rpartition("十")
    if not ten:
        return digits.index(ordinal[-1]) if ordinal[-1] in digits else 0
    return (digits.index(tens) if tens else 1) * 10 + (digits.index(ones) if ones else 0)
