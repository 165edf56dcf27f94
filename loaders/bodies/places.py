"""In which region a body lies, by its name and by what else its document prints.

A name that several regions bear is settled by the regions above them, if the document names those of
one only. A misprinted name is mended where exactly one region is one character away and the document
prints the right name, more often, and the region above it. Anything else stays open: a reason says why.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from loaders.bodies.aliases import Aliases
from loaders.bodies.region import Region, Regions

_HAN = "㐀-鿿"
_TOWNSHIP = re.compile(
    rf"[{_HAN}]{{1,10}}?(?:镇|乡|街道)(?:人民政府|政府|办事处|街道办事处|管理委员会)?"
)
_COUNTY_NAME = re.compile(rf"[{_HAN}]{{1,14}}?[县区市旗]")
# What lies in a town or county without being a region: never a misprint of one.
_NO_REGION = ("高新", "经开", "开发", "新", "度假", "保税", "工业", "园", "示范", "风景", "景", "矿", "林", "试验", "实验", "合作", "管理", "自贸")  # fmt: skip


class Place(NamedTuple):
    """``region`` is ``None`` where it is not settled; ``own_name`` is what follows it in ``name``."""

    region: Region | None
    own_name: str
    name: str
    """The name as it should have been printed."""
    method: str
    """``printed``, ``completed`` (by the document) or ``misprint``; ``unresolved``."""
    evidence: str


def locate(
    name: str, body: str, regions: Regions, aliases: Aliases, year: int | None = None
) -> Place:
    """Find the region of a name in its document."""
    mended, wrong = aliases.mend_region(name)
    place = (
        _by_full_names(mended, body, regions, year)
        or _by_short_name(mended, body, regions, aliases, year)
        or _by_misprint(mended, body, regions, year)
        or _by_the_only_county(mended, body, regions, year)
        or Place(None, "", mended, "unresolved", f"no region is known by the name of {name}")
    )
    if wrong and place.region:
        return place._replace(method="misprint", evidence=wrong)
    return place


def years_around(year: int | None) -> tuple[int | None, ...]:
    """The year itself, then the next, in which its report is written, then the one before."""
    return (None,) if year is None else (year, year + 1, year - 1)


def _by_full_names(name: str, body: str, regions: Regions, year: int | None) -> Place | None:
    """Follow the names of regions at the head: 丽水市莲都区人民政府."""
    region: Region | None = None
    rest, method, evidence = name, "printed", ""
    while rest:
        found = _at_head(rest, region, regions, year)
        if not found:
            break
        if len(found) > 1:
            settled = _settle(found, body, regions, year)
            if len(settled) != 1:
                # A smaller region that stays open leaves no body at all, not one of the region above.
                return Place(None, "", name, "unresolved", _list_all(found))
            found, method = settled, "completed"
            evidence = f"{found[0].name_zh}: {_named_above(found[0], body, regions, year)}"
        region, rest = found[0], rest[len(found[0].name_zh) :]
    if region:
        region, rest = _zone_of(region, rest, regions, year) or (region, rest)
    return Place(region, rest, name, method, evidence) if region else None


def _at_head(text: str, above: Region | None, regions: Regions, year: int | None) -> list[Region]:
    for near in years_around(year):
        found = regions.prefix(text, near)
        if above:
            found = [r for r in found if _lies_in(r, above, regions, near)]
        if found:
            return found
    return []


def _lies_in(region: Region, above: Region, regions: Regions, year: int | None) -> bool:
    chain = regions.parents(region, year)
    if regions.is_zone(region.region_code):
        # A zone answers to one region and lies in another; both are printed before its name.
        division = regions.by_code(region.region_code[:6])
        chain += [division, *regions.parents(division, year)] if division else []
    return above in chain or above.region_code in {parent.region_code for parent in chain}


def _zone_of(
    region: Region, rest: str, regions: Regions, year: int | None
) -> tuple[Region, str] | None:
    """The zone of a region that is named after it: 西安市 + 高新区管委会 is 西安高新区 + 管委会."""
    if not rest:
        return None
    name = region.name_short_zh + rest
    for length in range(len(name), len(region.name_short_zh), -1):
        for zone in regions.zones_called(name[:length], year):
            if _lies_in(zone, region, regions, year):
                return zone, name[length:]
    return None


def _by_short_name(
    name: str, body: str, regions: Regions, aliases: Aliases, year: int | None
) -> Place | None:
    """A short name counts before a region that lies in it, or where the document prints it in full."""
    for length in range(min(len(name), 12), 1, -1):
        short, rest = name[:length], name[length:]
        found = next(
            (f for near in years_around(year) if (f := regions.by_short_name(short, near))), ()
        )
        if not found:
            continue
        for region in found:
            below = _at_head(rest, region, regions, year)
            if len(below) == 1:
                own_name = rest[len(below[0].name_zh) :]
                return Place(below[0], own_name, name, "printed", "")
        named = [
            region
            for region in found
            if (regions.is_zone(region.region_code) or region.name_zh in body)
            and (rest == "" or aliases.is_known(rest) or region.name_zh + rest in body)
        ]
        if len(named) > 1:
            named = _settle(named, body, regions, year)
        if len(named) == 1:
            return Place(named[0], rest, name, "completed", f"{short} → {named[0].name_zh}")
    return None


def _by_misprint(name: str, body: str, regions: Regions, year: int | None) -> Place | None:
    """One character away from exactly one region, whose body the document names rightly."""
    for length in range(min(len(name), 8), 2, -1):
        printed = name[:length]
        if printed.startswith(_NO_REGION) or printed[:-1].endswith(_NO_REGION):
            continue
        found = [
            region
            for region in regions.one_character_away(printed, year)
            if body.count(region.name_zh) > body.count(printed)
            and region.name_zh + name[length:] in body
            and _named_above(region, body, regions, year)
        ]
        if len(found) == 1:
            (region,) = found
            rest = name[length:]
            return Place(
                region, rest, region.name_zh + rest, "misprint",
                f"{printed} → {region.name_zh}: {_named_above(region, body, regions, year)}",
            )  # fmt: skip
    return None


def _by_the_only_county(name: str, body: str, regions: Regions, year: int | None) -> Place | None:
    """A township without its county lies in the only county that its document names."""
    if not _TOWNSHIP.fullmatch(name):
        return None
    named = {
        region
        for found in _COUNTY_NAME.finditer(body)
        for region in regions.suffix(found.group(), year)
        if region.level == "county"
    }
    if len({region.name_zh for region in named}) != 1:
        names = "|".join(sorted({region.name_zh for region in named}))
        reason = f"several counties are named: {names}" if names else "no county is named"
        return Place(None, "", name, "unresolved", f"{name}: {reason}")
    settled = list(named) if len(named) == 1 else _settle(named, body, regions, year)
    if len(settled) != 1:
        return Place(None, "", name, "unresolved", _list_all(named))
    (region,) = settled
    return Place(region, name, region.name_zh + name, "completed", f"{name} → {region.name_zh}")


def _settle(found: Iterable[Region], body: str, regions: Regions, year: int | None) -> list[Region]:
    """Among regions of one name, the one of which the document names the most regions above."""
    counts = Counter(
        {
            region: sum(parent.name_zh in body for parent in regions.parents(region, year))
            for region in found
        }
    )
    (first, most), *others = counts.most_common(2)
    return [first] if most and all(count < most for _, count in others) else []


def _named_above(region: Region, body: str, regions: Regions, year: int | None) -> str:
    """The nearest region above that the document names; ``''`` where it names none."""
    return next((r.name_zh for r in regions.parents(region, year) if r.name_zh in body), "")


def _list_all(found: Iterable[Region]) -> str:
    regions = sorted(found)
    codes = "|".join(region.region_code for region in regions)
    return f"several regions are called {regions[0].name_zh}: {codes}"
