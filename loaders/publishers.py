"""Whose report it is, which region it belongs to, and whom it counts.

A name comes from the title, or from the body where the title has none or has been overwritten. Only
what the document itself prints is used: a region in front of a name, a fuller form of it.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from loaders.filled_table import IssueDraft
from loaders.region import Region, Regions
from loaders.reports import ReportSpan

_HAN = "㐀-鿿"
_LEVEL = "省市县区旗州盟"
_GOVERNMENT = ("人民政府", "管理委员会", "管委会")
_SPOILED = re.compile(r"[A-Za-z]{2}|[*×?]|\.(?:com|cn|net)|某|^[\d\s.]*$")
_OWN_WORDS = (
    "我局",
    "本局",
    "我委",
    "本委",
    "我办",
    "本办",
    "我厅",
    "本厅",
    "我院",
    "我中心",
    "我镇",
    "本镇",
    "我乡",
    "我街道",
)
_BODY_KINDS = {"局": "局", "委": "委员会", "办": "办公室", "厅": "厅", "院": "院", "中心": "中心", "镇": "镇人民政府", "乡": "乡人民政府", "街道": "街道办事处"}  # fmt: skip
_WHOSE = (
    re.compile(rf"(?:对|将|由)([{_HAN}]{{2,20}}?)(?:所有|全部|各级|全体)(?:各级)?行政机关"),
    re.compile(rf"(?:现将|现公布|公布)([{_HAN}]{{2,20}}?)(?:20\d\d)年"),
    re.compile(rf"本报告(?:是|系)?由([{_HAN}]{{2,24}}?)(?:负责)?(?:编制|汇总|公布)"),
    re.compile(rf"([{_HAN}]{{2,20}}?(?:人民政府|管理委员会|管委会|局|委员会))(?:门户)?网站"),
)
_AGGREGATE = re.compile(
    rf"(?:汇总|综合|汇集)[^。\n]{{0,40}}?(?:编制|编写|而成|各县|各区|各市|各镇|各乡|各部门|各单位)"
    rf"|(?:对|将)[{_HAN}]{{2,12}}?(?:所有|全部|各级)行政机关"
    rf"|(?:全|我)[省市县区州旗](?:各级|各地|所有|共(?:受理|收到|办理|接收))(?:行政机关|政府|各部门|单位)?"
    rf"|[省市县区]本级[^。\n]{{0,12}}?[\d,.]+\s*[件宗条][^。\n]{{0,12}}?各[县市区乡镇]"
    rf"|[区市县][直属级]{{1,2}}各?部门[^。\n]{{0,12}}?各[乡镇]|各县\(市、区\)[^。\n]{{0,6}}?[\d,.]+\s*[件宗条]"
)
_SINGLE = re.compile("|".join(_OWN_WORDS))


@dataclass(frozen=True)
class Publisher:
    """``written`` as the title has it (its span in the text), ``name`` the fullest form printed.

    ``own_name`` is the name without its regions, ``''`` for a report that a region signs.
    ``name`` and ``region_code`` are ``''`` where the document does not settle them; an issue says so.
    """

    written: str
    written_start: int
    written_end: int
    name: str
    region_code: str
    own_name: str
    issues: list[IssueDraft] = field(default_factory=list)


def read_publisher(text: str, span: ReportSpan, regions: Regions) -> Publisher:
    """Find the publisher of a report in its title and body."""
    body = text[span.start : span.end]
    written, start = span.publisher_text, span.publisher_start
    name = written
    if not written:
        written, offset = _named_in_body(body, regions, span.year)
        start = span.start + offset
        name = written
    elif _SPOILED.search(written):
        name = _body_behind(body, regions, span.year)
    name = _complete(name, body, regions, span.year) if name else ""
    region_code, own_name = _region_of(name, body, regions, span.year)
    issues = []
    if not name:
        issues.append(_issue("publisher_unknown", start, written))
    elif name != written and _SPOILED.search(written):
        issues.append(_issue("publisher_repaired", start, f"{written} → {name}"))
    if name and not region_code:
        issues.append(_issue("region_unknown", start, name))
    return Publisher(written, start, start + len(written), name, region_code, own_name, issues)


def read_scope(text: str, span: ReportSpan, publisher: Publisher) -> tuple[str, str]:
    """Whom a report counts: ``(region_aggregate | single_body | unknown, the words that tell)``."""
    body = text[span.start : span.end]
    if span.doc_type != "annual_report":
        return "unknown", ""
    if _is_region_level(publisher.name):
        found = _AGGREGATE.search(body)
        return ("region_aggregate", " ".join(found.group().split())) if found else ("unknown", "")
    found = _SINGLE.search(body)
    if found:
        return "single_body", found.group()
    return ("single_body", publisher.name) if publisher.name else ("unknown", "")


def _is_region_level(name: str) -> bool:
    return name.endswith(_GOVERNMENT) or name[-1:] in tuple(_LEVEL)


def _named_in_body(body: str, regions: Regions, year: int | None) -> tuple[str, int]:
    for pattern in _WHOSE:
        for found in pattern.finditer(body):
            name = found[1]
            if regions.prefix(name, year) or name.endswith(("局", "委员会", "管委会", "镇")):
                return name, found.start(1)
    return "", 0


def _body_behind(body: str, regions: Regions, year: int | None) -> str:
    """The body that speaks of itself as 我局 and so on: the fullest name of that kind in the text."""
    own = Counter(word for word in _OWN_WORDS for _ in re.finditer(word, body))
    if own:
        kind = _BODY_KINDS[own.most_common(1)[0][0][1:]]
    else:
        kind = "局"
    names = Counter(
        found[1]
        for found in re.finditer(
            rf"(?<![{_HAN}])[{_HAN}]{{0,12}}?([{_LEVEL}](?:(?![{_LEVEL}])[{_HAN}]){{2,16}}?{kind})",
            body,
        )
    )
    if not names:
        return ""
    levels: Counter[str] = Counter()
    for name, count in names.items():
        levels[name[0]] += count
    level = levels.most_common(1)[0][0]
    families = sorted(
        (name for name in names if name[0] == level),
        key=lambda name: (
            -sum(count for other, count in names.items() if _abbreviates(other, name)),
            -len(name),
        ),
    )
    return families[0]


def _abbreviates(short: str, full: str) -> bool:
    """Whether the characters of one name stand in another in the same order."""
    rest = iter(full)
    return all(char in rest for char in short)


def _complete(name: str, body: str, regions: Regions, year: int | None) -> str:
    """The fullest form of a name that the document prints."""
    if name[0] in _LEVEL and not regions.prefix(name, year):
        region = _region_in(body, name[0], regions, year)
        name = region + name[1:] if region else name
    if name[-1] in _LEVEL + "镇乡" and not name.endswith("行政区"):
        for suffix in _GOVERNMENT:
            if name + suffix in body:
                name += suffix
                break
    # No pattern: one made for each name would take longer than the rest of the report.
    words_before = set()
    at = body.find(name, 2)
    while at >= 0:
        words_before.add(body[max(at - 12, 0) : at])
        at = body.find(name, at + len(name))
    for words in sorted(words_before):
        ahead = _parents_before(words, name, regions, year)
        if ahead:
            return ahead + name
    return name


def _parents_before(words: str, name: str, regions: Regions, year: int | None) -> str:
    """The names of the regions above, where they stand directly before a name."""
    region = regions.prefix(name, year)
    if not region:
        return ""
    chain = regions.parents(region[0], year)
    for parent in chain:
        if words.endswith(parent.name_zh):
            return (
                _parents_before(words.removesuffix(parent.name_zh), parent.name_zh, regions, year)
                + parent.name_zh
            )
    return ""


def _region_in(body: str, level: str, regions: Regions, year: int | None) -> str:
    """The region of a level that the text names most often: 市 → 六盘水市."""
    names = Counter(
        region.name_zh
        for found in re.finditer(rf"[{_HAN}]{{1,6}}{level}", body)
        for region in regions.suffix(found.group(), year)[:1]
    )
    return names.most_common(1)[0][0] if names else ""


def _region_of(name: str, body: str, regions: Regions, year: int | None) -> tuple[str, str]:
    """The code of the smallest region at the head of a name, and what follows it.

    The code is ``''`` where several regions fit.
    """
    code, rest = "", name
    while rest:
        found = regions.prefix(rest, year)
        if code:
            found = [r for r in found if code in {p.region_code for p in regions.parents(r, year)}]
        if len(found) > 1:
            found = _settle(found, body, regions, year)
        if len(found) != 1:
            break
        code, rest = found[0].region_code, rest[len(found[0].name_zh) :]
    return code, rest


def _settle(found: list[Region], body: str, regions: Regions, year: int | None) -> list[Region]:
    """Among regions of one name, the one whose parents the document names."""
    named = [
        region
        for region in found
        if any(parent.name_zh in body for parent in regions.parents(region, year))
    ]
    return named


def _issue(code: str, start: int, text: str) -> IssueDraft:
    severity = "info" if code == "publisher_repaired" else "warning"
    return IssueDraft(code, severity, "", "", start, start, text)
