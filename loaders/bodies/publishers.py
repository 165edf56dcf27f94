"""Whose report it is and which region it belongs to.

A name comes from the title, or from the body where the title has none or has been overwritten. Only
what the document itself prints is used: a region in front of a name, a fuller form of it. In which
region the name lies is the business of `places`, whom a report counts that of `scope`.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from loaders.bodies.aliases import Aliases, default_aliases
from loaders.bodies.places import Place, locate
from loaders.bodies.region import Region, Regions
from loaders.reports import ReportSpan
from loaders.tables.filled_table import IssueDraft

_HAN = "㐀-鿿"
_LEVEL = "省市县区旗州盟"
_GOVERNMENT = ("人民政府", "管理委员会", "管委会")
_SPOILED = re.compile(r"[A-Za-z]{2}|[*×?]|\.(?:com|cn|net)|某|^[\d\s.]*$")
OWN_WORDS = (
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
# 市场监督管理局 is no body of a city: the first character is part of the word.
_NO_LEVEL = re.compile(r"市(?:场|容|民(?![政族宗])|政(?![府务法协研]))|区块|县域")
_BODY_KINDS = {"局": "局", "委": "委员会", "办": "办公室", "厅": "厅", "院": "院", "中心": "中心", "镇": "镇人民政府", "乡": "乡人民政府", "街道": "街道办事处"}  # fmt: skip
_WHOSE = (
    re.compile(rf"(?:对|将|由)([{_HAN}]{{2,20}}?)(?:所有|全部|各级|全体)(?:各级)?行政机关"),
    re.compile(rf"(?:现将|现公布|公布)([{_HAN}]{{2,20}}?)(?:20\d\d)年"),
    re.compile(rf"本报告(?:是|系)?由([{_HAN}]{{2,24}}?)(?:负责)?(?:编制|汇总|公布)"),
    re.compile(rf"([{_HAN}]{{2,20}}?(?:人民政府|管理委员会|管委会|局|委员会))(?:门户)?网站"),
)


@dataclass(frozen=True)
class Publisher:
    """``written`` as the title has it (its span in the text), ``name`` the fullest form printed.

    ``name`` is ``''`` and ``place`` has no region where the document does not settle them; an issue
    says so.
    """

    written: str
    written_start: int
    written_end: int
    name: str
    place: Place
    issues: list[IssueDraft] = field(default_factory=list)

    @property
    def region_code(self) -> str:
        """The region, ``''`` where it is not settled."""
        return self.place.region.region_code if self.place.region else ""


def read_publisher(
    text: str, span: ReportSpan, regions: Regions, aliases: Aliases | None = None
) -> Publisher:
    """Find the publisher of a report in its title and body."""
    body = text[span.start : span.end]
    written, start = span.publisher_text, span.publisher_start
    name = written
    if not written:
        written, offset = _named_in_body(body, regions, span.year)
        start = span.start + offset
        name = written
    elif _SPOILED.search(written) or written in OWN_WORDS:
        name = _body_behind(body, regions, span.year)
    name = _complete(name, body, regions, span.year) if name else ""
    place = locate(name, body, regions, aliases or default_aliases(), span.year)
    if place.region:
        name = place.name
        # A name of today over a report of an earlier year: the region is that of the year.
        place = place._replace(region=regions.as_of(place.region, span.year))
    issues = []
    if not name:
        issues.append(_issue("publisher_unknown", start, written))
    elif place.method == "misprint":
        issues.append(_issue("publisher_repaired", start, place.evidence))
    elif name != written and _SPOILED.search(written):
        issues.append(_issue("publisher_repaired", start, f"{written} → {name}"))
    if name and not place.region:
        issues.append(_issue("region_unknown", start, place.evidence))
    return Publisher(written, start, start + len(written), name, place, issues)


def _named_in_body(body: str, regions: Regions, year: int | None) -> tuple[str, int]:
    for pattern in _WHOSE:
        for found in pattern.finditer(body):
            name = found[1]
            if regions.prefix(name, year) or name.endswith(("局", "委员会", "管委会", "镇")):
                return name, found.start(1)
    return "", 0


def _body_behind(body: str, regions: Regions, year: int | None) -> str:
    """The body that speaks of itself as 我局 and so on: the fullest name of that kind in the text."""
    own = Counter({word: count for word in OWN_WORDS if (count := body.count(word))})
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
    if name[0] in _LEVEL and not _NO_LEVEL.match(name) and not regions.prefix(name, year):
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
        ahead = _parents_before(words, regions.prefix(name, year), regions, year)
        if ahead:
            return ahead + name
    return name


def _parents_before(words: str, found: list[Region], regions: Regions, year: int | None) -> str:
    """The names of the regions above one of several, where they stand directly before its name."""
    for region in found:
        for parent in regions.parents(region, year):
            if words.endswith(parent.name_zh):
                ahead = words.removesuffix(parent.name_zh)
                return _parents_before(ahead, [parent], regions, year) + parent.name_zh
    return ""


def _region_in(body: str, level: str, regions: Regions, year: int | None) -> str:
    """The region of a level that the text names more often than all others: 市 → 六盘水市."""
    names = Counter(
        region.name_zh
        for found in re.finditer(rf"[{_HAN}]{{1,6}}{level}", body)
        for region in regions.suffix(found.group(), year)[:1]
    )
    if not names:
        return ""
    ((name, count),) = names.most_common(1)
    return name if 2 * count > names.total() else ""


def _issue(code: str, start: int, text: str) -> IssueDraft:
    severity = "info" if code == "publisher_repaired" else "warning"
    return IssueDraft(code, severity, "", "", start, start, text)
