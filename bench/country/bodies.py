"""Who reports: the regions of the register, year by year, and some of their departments.

Knows no figures. A region that is renamed, renumbered or raised goes on as one body, as the register
has it; of one that was merged with others or divided, the bodies end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from loaders.bodies.region import Region, Regions

FIRST_REPORT_YEAR, LAST_REPORT_YEAR = 2008, 2025
YEARS = range(FIRST_REPORT_YEAR, LAST_REPORT_YEAR + 1)

# Provinces with a form of their own come first, so that a small country has every edition.
FIRST_PROVINCES = ("310000", "330000", "350000")
# Hong Kong, Macao and Taiwan publish no such reports.
_NO_REPORTS = ("710000", "810000", "820000")
_DEPARTMENTS = (
    *("教育局", "财政局", "民政局", "水利局", "司法局", "审计局", "统计局", "交通运输局"),
    *("农业农村局", "自然资源局", "卫生健康委员会", "发展和改革委员会", "住房和城乡建设局"),
)


@dataclass(frozen=True)
class Body:
    """One public body for as long as it exists; ``place`` names its region through all renumberings."""

    body_id: str
    place: str
    name: str
    """Without the region: 人民政府, 教育局."""

    @property
    def is_government(self) -> bool:
        return self.name == "人民政府"


@dataclass(frozen=True)
class Place:
    """A region in one year."""

    place: str
    region: Region
    parents: tuple[Region, ...]
    """The regions above, nearest first."""


def list_provinces(regions: Regions, random: Random) -> list[str]:
    """Codes of the provinces in the order in which they are drawn."""
    codes = {region.province_code for region in regions} - set(_NO_REPORTS)
    others = sorted(codes - set(FIRST_PROVINCES))
    random.shuffle(others)
    return [*FIRST_PROVINCES, *others]


def read_places(
    regions: Regions, province_code: str, breadth: int
) -> dict[int, dict[str, list[Place]]]:
    """The regions of a province: by year, those below each place ('' holds the province itself).

    Args:
        breadth: regions taken below each, at most.
    """
    own = [region for region in regions if region.province_code == province_code]
    found: dict[int, dict[str, list[Place]]] = {}
    for year in YEARS:
        below: dict[str, list[Place]] = {}
        valid = [region for region in own if region.is_valid(year)]
        places = {region.region_code: regions.lasting_code(region) for region in valid}
        for region in sorted(valid, key=lambda region: (region.level, region.region_code)):
            above = places.get(region.parent_region_code, "")
            if region.parent_region_code and not above:
                continue
            place = places[region.region_code]
            parents = tuple(regions.parents(region, year))
            below.setdefault(above, []).append(Place(place, region, parents))
        found[year] = below
    return _keep_few(found, breadth)


def _keep_few(
    found: dict[int, dict[str, list[Place]]], breadth: int
) -> dict[int, dict[str, list[Place]]]:
    """The same places in every year, so that nothing begins or ends that did not in the register."""
    kept: dict[str, list[str]] = {}
    for below in found.values():
        for above, places in below.items():
            names = kept.setdefault(above, [])
            for place in places:
                if place.place not in names and len(names) < breadth:
                    names.append(place.place)
    return {
        year: {
            above: [place for place in places if place.place in kept[above]]
            for above, places in below.items()
        }
        for year, below in found.items()
    }


def list_bodies(place: str, seed: str, mean: float) -> Sequence[Body]:
    """The government of a place, and those of its departments that publish a report."""
    random = Random(f"{seed}-departments-{place}")
    count = int(mean) + (random.random() < mean % 1)
    names = random.sample(_DEPARTMENTS, min(count, len(_DEPARTMENTS)))
    return [Body(f"{place}-{name}", place, name) for name in ("人民政府", *names)]


def walk(below: dict[str, list[Place]], above: str = "") -> Iterator[tuple[Place, list[Place]]]:
    """Every place with those directly below it, children before parents."""
    for place in below.get(above, ()):
        yield from walk(below, place.place)
        yield place, below.get(place.place, [])
