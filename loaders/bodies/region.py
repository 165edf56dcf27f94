"""Administrative divisions and special zones, the years in which they were valid, and what became of
them, read from `dbt/seeds/region/`.

Names are looked up exactly: in full (莲都区) or short, without the kind of division (莲都). Which of
several regions of one name a document means is for its reader to decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
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
    "name_short_zh",
    "name_en",
    "level",
    "parent_region_code",
    "province_code",
)

SUCCESSOR_COLUMNS = (
    "region_code",
    "valid_from_year",
    "current_region_code",
    "change_code",
    "change_year",
    "evidence",
)
CHANGES = ("renamed", "renumbered", "converted", "merged", "split")

# Codes of zones: the code of the division they lie in, this letter, a number.
ZONE_MARK = "Z"
_ZONE_CODE = re.compile(rf"\d{{6}}{ZONE_MARK}\d{{2}}")

# The register is cut at these years: what was valid then is taken to hold before and after.
FIRST_YEAR, LAST_YEAR = 2008, 2024


# Of two characters one is the kind of region: with the other changed nothing is left to go by.
_SHORTEST_MENDED = 3


class Region(NamedTuple):
    """A division under one name; ``valid_to_year`` is ``None`` while it lasts."""

    region_code: str
    valid_from_year: int
    valid_to_year: int | None
    name_zh: str
    name_short_zh: str
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


class Successor(NamedTuple):
    """What became of a region: ``current_region_code`` is ``''`` where it was split among several."""

    current_region_code: str
    change_code: str


class Regions:
    """The register, by code and by name.

    Wherever a year is taken, ``None`` means any year, and years beyond the register count as its
    first or last. Several regions come newest first; a region renamed or split appears under each name.
    """

    def __init__(
        self,
        regions: Iterable[Region],
        successors: Mapping[tuple[str, int], Successor] | None = None,
    ) -> None:
        self._successors = dict(successors or {})
        ordered = sorted(regions, key=attrgetter("region_code"))
        ordered.sort(key=attrgetter("valid_from_year"), reverse=True)
        self._all = tuple(ordered)
        self._by_code = _group(ordered, attrgetter("region_code"))
        self._by_name = _group(ordered, attrgetter("name_zh"))
        self._lengths = sorted({len(name) for name in self._by_name}, reverse=True)

    @cached_property
    def _lengths_by_head(self) -> dict[str, list[int]]:
        """The lengths of full names by their first two characters, longest first."""
        lengths: dict[str, set[int]] = {}
        for name in self._by_name:
            lengths.setdefault(name[:2], set()).add(len(name))
        return {head: sorted(found, reverse=True) for head, found in lengths.items()}

    @cached_property
    def _by_short(self) -> dict[str, list[Region]]:
        return _group(self._all, attrgetter("name_short_zh"))

    @cached_property
    def _by_gap(self) -> dict[tuple[int, str], list[Region]]:
        """Regions by a place in their full name and what is left of it without the character there."""
        found: dict[tuple[int, str], list[Region]] = {}
        for region in self._all:
            name = region.name_zh
            if len(name) >= _SHORTEST_MENDED:
                for gap in range(len(name) - 1):
                    found.setdefault((gap, _leave_out(name, gap)), []).append(region)
        return found

    @cached_property
    def _by_lasting_code(self) -> dict[str, list[Region]]:
        return _group(self._all, self.lasting_code)

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

    def by_short_name(self, name_zh: str, year: int | None = None) -> tuple[Region, ...]:
        """Every region of a short name."""
        return _valid(self._by_short.get(name_zh, ()), year)

    def zones_called(self, name_zh: str, year: int | None = None) -> list[Region]:
        """The zones of a name, in full or short."""
        found = (*self._by_name.get(name_zh, ()), *self._by_short.get(name_zh, ()))
        return [r for r in _valid(found, year) if self.is_zone(r.region_code)]

    def one_character_away(self, name_zh: str, year: int | None = None) -> tuple[Region, ...]:
        """Every region whose full name differs in one character, but not in its last, the kind."""
        found = [
            region
            for gap in range(len(name_zh) - 1)
            for region in self._by_gap.get((gap, _leave_out(name_zh, gap)), ())
            if region.name_zh != name_zh
        ]
        return _valid(found, year)

    def prefix(self, text: str, year: int | None = None) -> list[Region]:
        """Every region of the longest full name with which a text begins."""
        for length in self._lengths_by_head.get(text[:2], ()):
            named = self._by_name.get(text[:length])
            if named and length <= len(text) and (found := _valid(named, year)):
                return list(found)
        return []

    def suffix(self, text: str, year: int | None = None) -> list[Region]:
        """Every region of the longest full name with which a text ends."""
        for length in self._lengths:
            if length <= len(text):
                named = self._by_name.get(text[-length:])
                if named and (found := _valid(named, year)):
                    return list(found)
        return []

    def lasting_code(self, region: Region) -> str:
        """The code that stands for a region through the years.

        It is today's, across new names, numbers and kinds. A region that went up in another, or was
        divided, keeps its last code: its bodies are not those of the region that it went to. Where
        that code went to the other region with it, the last year of the first one tells them apart.
        """
        successor = self._successors.get((region.region_code, region.valid_from_year))
        if successor is None:
            return region.region_code
        if successor.change_code not in ("merged", "split"):
            return successor.current_region_code
        if successor.current_region_code == region.region_code:
            return f"{region.region_code}({region.valid_to_year})"
        return region.region_code

    def as_of(self, region: Region, year: int | None) -> Region:
        """The same region as it was in a year; as it is given where it was not there then."""
        if region.is_valid(year):
            return region
        same = _valid(self._by_lasting_code[self.lasting_code(region)], year)
        return same[0] if len(same) == 1 else region

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
        """The divisions directly below a code.

        Zones are none: what a zone reports may be inside what the division it lies in reports.
        """
        below = _valid(self._children.get(region_code, ()), year)
        return tuple(region for region in below if not self.is_zone(region.region_code))


def load_regions(folder: Path | None = None) -> Regions:
    """Read the register and check that it hangs together.

    Args:
        folder: the seeds folder, which holds ``region/``; `dbt/seeds/` of this repository if not given.

    Raises:
        FormError: a file is missing or wrong; the message names row, column and the remedy.
    """
    source = (folder or SEEDS) / "region"
    regions: dict[str, list[Region]] = {}
    rows: list[tuple[Row, Region]] = []
    successors: dict[tuple[str, int], Successor] = {}
    divisions = read_rows(source / "region.csv", COLUMNS, COLUMNS[:2])
    for row in divisions:
        rows.append((row, _read_region(row, regions)))
    zone_columns = (*COLUMNS, "current_region_code", "evidence")
    for row in read_rows(source / "special_zone.csv", zone_columns, COLUMNS[:2]):
        zone = _read_region(row, regions)
        rows.append((row, zone))
        row.required("evidence")
        if not _ZONE_CODE.fullmatch(zone.region_code):
            raise row.error("region_code", "is no code of a zone; write 350128Z01")
        if zone.valid_to_year:
            key = (zone.region_code, zone.valid_from_year)
            successors[key] = Successor(row.required("current_region_code"), "converted")
    for row, region in rows:
        parent, province = region.parent_region_code, region.province_code
        if bool(parent) == (region.level == "province"):
            raise row.error("parent_region_code", "a province has none, every other region has one")
        if parent and parent not in regions:
            raise row.error("parent_region_code", f"{parent!r} is no region; add it or correct it")
        if province not in regions:
            raise row.error("province_code", f"{province!r} is no region; add it or correct it")
    successors |= _read_successors(source / "region_successor.csv", regions)
    return Regions((region for found in regions.values() for region in found), successors)


def _read_region(row: Row, regions: dict[str, list[Region]]) -> Region:
    """Read a row and put it beside those of its code, with which it may not overlap."""
    first, last = read_year_range(row)
    region = Region(
        row.required("region_code"),
        first,
        last,
        row.required("name_zh"),
        row.required("name_short_zh"),
        row.required("name_en"),
        row.one_of("level", LEVELS),
        row.text("parent_region_code"),
        row.required("province_code"),
    )
    others = regions.setdefault(region.region_code, [])
    for other in others:
        if first <= (other.valid_to_year or 9999) and other.valid_from_year <= (last or 9999):
            raise row.error("valid_from_year", "overlaps another row of the code; mend the years")
    others.append(region)
    return region


def _read_successors(
    path: Path, regions: dict[str, list[Region]]
) -> dict[tuple[str, int], Successor]:
    found = {}
    for row in read_rows(path, SUCCESSOR_COLUMNS, SUCCESSOR_COLUMNS[:2]):
        code, year = row.required("region_code"), row.integer("valid_from_year")
        ended = [r for r in regions.get(code, ()) if r.valid_from_year == year and r.valid_to_year]
        if not ended:
            raise row.error("region_code", f"{code} of {year} is no region that ended; correct it")
        change = row.one_of("change_code", CHANGES)
        current = row.text("current_region_code")
        if bool(current) == (change == "split"):
            raise row.error("current_region_code", "is empty for a split region and for no other")
        if current and all(region.valid_to_year for region in regions.get(current, ())):
            raise row.error("current_region_code", f"{current!r} is no region of today; correct it")
        found[code, year] = Successor(current, change)
    return found


@cache
def default_regions() -> Regions:
    """The register of this repository, read once."""
    return load_regions()


def _leave_out(name: str, place: int) -> str:
    return name[:place] + name[place + 1 :]


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
