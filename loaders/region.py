"""Administrative divisions and the years in which they were valid, read from `dbt/seeds/region/`.

Names are looked up exactly: in full (莲都区) or short, without the kind of division (莲都). Which of
several regions of one name a document means is for its reader to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from loaders.seeds import SEEDS, Row, read_rows, read_year_range

LEVELS = ("province", "prefecture", "county")
COLUMNS = (
    "region_code",
    "valid_from_year",
    "valid_to_year",
    "name_zh",
    "name_en",
    "level",
    "parent_region_code",
    "province_code",
)

# Codes of zones: the code of the division they lie in, this letter, a number.
ZONE_MARK = "Z"

# The register is cut at these years: what was valid then is taken to hold before and after.
FIRST_YEAR, LAST_YEAR = 2008, 2024

_KINDS = (
    *("特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区", "特区", "矿区"),
    *("省", "市", "县", "区", "旗", "盟", "州"),
)
# In official names of autonomous places, which people leave out: 威宁彝族回族苗族自治县 is 威宁.
_ETHNIC_GROUPS = (
    *("维吾尔", "哈萨克", "柯尔克孜", "达斡尔族", "达斡尔", "塔吉克", "蒙古族", "蒙古", "锡伯"),
    *("朝鲜族", "土家族", "布依族", "哈尼族", "景颇族", "傈僳族", "拉祜族", "纳西族", "普米族"),
    *("仡佬族", "仫佬族", "毛南族", "裕固族", "保安族", "东乡族", "撒拉族", "独龙族", "布朗族"),
    *("哈萨克族", "鄂温克族", "鄂伦春族", "壮族", "回族", "藏族", "彝族", "苗族", "侗族", "瑶族"),
    *("白族", "傣族", "黎族", "佤族", "畲族", "水族", "土族", "羌族", "怒族", "满族", "各族"),
)


class Region(NamedTuple):
    """A division under one name; ``valid_to_year`` is ``None`` while it lasts."""

    region_code: str
    valid_from_year: int
    valid_to_year: int | None
    name_zh: str
    name_en: str
    level: str
    parent_region_code: str
    province_code: str

    def is_valid(self, year: int | None) -> bool:
        """Whether the region existed under this name in a year; always where no year is given."""
        if year is None:
            return True
        year = min(max(year, FIRST_YEAR), LAST_YEAR)
        return self.valid_from_year <= year <= (self.valid_to_year or LAST_YEAR)


def shorten(name_zh: str) -> str:
    """A name without its kind and ethnic groups: 莲都, 威宁; ``''`` where one character is left."""
    stem = next((name_zh.removesuffix(kind) for kind in _KINDS if name_zh.endswith(kind)), name_zh)
    is_cut = True
    while is_cut:
        is_cut = False
        for group in _ETHNIC_GROUPS:
            if stem.endswith(group) and len(stem) - len(group) >= 2:
                stem, is_cut = stem.removesuffix(group), True
                break
    if stem.endswith("族") and len(stem) > 2:
        stem = stem[:-1]
    return stem if len(stem) >= 2 else ""


class Regions:
    """The register, by code and by name.

    Wherever a year is taken, ``None`` means any year, and years beyond the register count as its
    first or last. Several regions come newest first; a region renamed or split appears under each name.
    """

    def __init__(self, regions: Iterable[Region]) -> None:
        ordered = sorted(regions, key=attrgetter("region_code"))
        ordered.sort(key=attrgetter("valid_from_year"), reverse=True)
        self._all = tuple(ordered)
        self._by_code = _group(ordered, attrgetter("region_code"))
        self._by_name = _group(ordered, attrgetter("name_zh"))
        self._lengths = sorted({len(name) for name in self._by_name}, reverse=True)

    @cached_property
    def _by_short(self) -> dict[str, list[Region]]:
        found = _group(self._all, lambda r: shorten(r.name_zh))
        found.pop("", None)
        return found

    @cached_property
    def _children(self) -> dict[str, list[Region]]:
        return _group(self._all, attrgetter("parent_region_code"))

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Region]:
        return iter(self._all)

    def is_zone(self, region_code: str) -> bool:
        """Whether a code is one of the project's own, for a zone without a national code."""
        return ZONE_MARK in region_code

    def by_code(self, region_code: str, year: int | None = None) -> Region | None:
        """The region of a code; without a year under its newest name."""
        return next(iter(_valid(self._by_code.get(region_code, ()), year)), None)

    def find(self, name_zh: str, year: int | None = None) -> tuple[Region, ...]:
        """Every region of a name, in full or, where none has it in full, short."""
        return _valid(self._by_name.get(name_zh, ()), year) or _valid(
            self._by_short.get(name_zh, ()), year
        )

    def prefix(self, text: str, year: int | None = None) -> list[Region]:
        """Every region of the longest full name with which a text begins."""
        for length in self._lengths:
            if length <= len(text):
                found = _valid(self._by_name.get(text[:length], ()), year)
                if found:
                    return list(found)
        return []

    def suffix(self, text: str, year: int | None = None) -> list[Region]:
        """Every region of the longest full name with which a text ends."""
        for length in self._lengths:
            if length <= len(text):
                found = _valid(self._by_name.get(text[-length:], ()), year)
                if found:
                    return list(found)
        return []

    def parents(self, region: Region, year: int | None = None) -> list[Region]:
        """The regions above, nearest first."""
        chain: list[Region] = []
        while region.parent_region_code:
            above = self.by_code(region.parent_region_code, year) or self.by_code(
                region.parent_region_code
            )
            if above is None:
                break
            chain.append(above)
            region = above
        return chain

    def children(self, region_code: str, year: int | None = None) -> tuple[Region, ...]:
        """The regions directly below a code."""
        return _valid(self._children.get(region_code, ()), year)


def load_regions(folder: Path | None = None) -> Regions:
    """Read the register and check that it hangs together.

    Args:
        folder: the seeds folder, which holds ``region/``; `dbt/seeds/` of this repository if not given.

    Raises:
        FormError: the file is missing or wrong; the message names row, column and the remedy.
    """
    source = (folder or SEEDS) / "region"
    regions: dict[str, list[Region]] = {}
    rows: list[tuple[Row, Region]] = []
    divisions = read_rows(source / "region.csv", COLUMNS, COLUMNS[:2])
    zones = read_rows(source / "special_zone.csv", (*COLUMNS, "evidence"), COLUMNS[:2])
    for row in chain(divisions, zones):
        first, last = read_year_range(row)
        region = Region(
            row.required("region_code"),
            first,
            last,
            row.required("name_zh"),
            row.required("name_en"),
            row.one_of("level", LEVELS),
            row.text("parent_region_code"),
            row.required("province_code"),
        )
        others = regions.setdefault(region.region_code, [])
        for other in others:
            if first <= (other.valid_to_year or 9999) and other.valid_from_year <= (last or 9999):
                raise row.error(
                    "valid_from_year", "overlaps another row of the code; mend the years"
                )
        others.append(region)
        rows.append((row, region))
    for row, region in rows:
        parent, province = region.parent_region_code, region.province_code
        if bool(parent) == (region.level == "province"):
            raise row.error("parent_region_code", "a province has none, every other region has one")
        if parent and parent not in regions:
            raise row.error("parent_region_code", f"{parent!r} is no region; add it or correct it")
        if province not in regions:
            raise row.error("province_code", f"{province!r} is no region; add it or correct it")
    return Regions(region for found in regions.values() for region in found)


@cache
def default_regions() -> Regions:
    """The register of this repository, read once."""
    return load_regions()


def _group(regions: Iterable[Region], key: Callable[[Region], str]) -> dict[str, list[Region]]:
    found: dict[str, list[Region]] = {}
    for region in regions:
        found.setdefault(key(region), []).append(region)
    return found


def _valid(regions: Iterable[Region], year: int | None) -> tuple[Region, ...]:
    """Regions valid in a year, each code and name once."""
    found: dict[tuple[str, str], Region] = {}
    for region in regions:
        if region.is_valid(year):
            found.setdefault((region.region_code, region.name_zh), region)
    return tuple(found.values())
