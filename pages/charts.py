"""Charts as still SVG, drawn by Vega-Lite when the site is built.

A reader's browser runs no chart library: the picture is part of the page, and a table beside it
says the same. Colours and fonts are left to the style sheet, so a chart follows light and dark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

# Stand-ins that Vega can calculate with; the page replaces them by the style sheet's own.
_INK, _FAINT, _LINE = "#010101", "#020202", "#030303"
_STATUS = {
    "reconciled": "#040404",
    "discrepant": "#050505",
    "quarantined": "#060606",
    "not_assessable": "#070707",
}
_SERIES_COUNT = 10
_STAND_INS = (
    {_INK: "var(--ink)", _FAINT: "var(--faint)", _LINE: "var(--line)"}
    | {color: f"var(--{status.replace('_', '-')})" for status, color in _STATUS.items()}
    | {f"#1{number}1111": f"var(--series-{number + 1})" for number in range(_SERIES_COUNT)}
)
_STAND_IN = re.compile("|".join(map(re.escape, _STAND_INS)))
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_CONFIG = {
    "background": None,
    "font": "inherit",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "gridColor": _LINE,
        "gridOpacity": 0.6,
        "labelFontSize": 12,
        # Cutting labels to a length means measuring them, which takes half the time of a chart.
        "labelLimit": 0,
        "labelAngle": 0,
        "title": None,
    },
}

Values = Sequence[Mapping[str, Any]]


def draw_series(values: Values) -> str:
    """Lines of yearly figures, broken where the form changes.

    Args:
        values: ``year``, ``value``, ``segment`` (the same number until the form changes) and
            ``is_own`` (else the line is faint: it is of something else than the picture is about).
    """
    years = [row["year"] for row in values]
    scale = {"domain": [min(years) - 0.4, max(years) + 0.4], "nice": False}
    year_axis = {
        "values": list(range(min(years), max(years) + 1)),
        "format": "d",
        "grid": False,
        "labelOverlap": True,
    }
    x = {"field": "year", "type": "quantitative", "scale": scale, "axis": year_axis}
    y = {"field": "value", "type": "quantitative", "axis": {"tickCount": 4, "format": ",d"}}
    breaks = [
        {"year": (before["year"] + after["year"]) / 2}
        for before, after in pairwise(row for row in values if row["is_own"])
        if before["segment"] != after["segment"]
    ]
    layers: list[dict] = [
        {
            "data": {"values": [row for row in values if row["is_own"] == is_own]},
            "mark": {
                "type": "line",
                "color": color,
                "strokeWidth": width,
                "point": {"color": color, "size": 25 * width, "filled": True},
            },
            "encoding": {"x": x, "y": y, "detail": {"field": "segment"}},
        }
        for is_own, color, width in ((False, _FAINT, 1), (True, "#101111", 2))
        if is_own in {row["is_own"] for row in values}
    ]
    if breaks:
        layers.append(
            {
                "data": {"values": breaks},
                "mark": {"type": "rule", "color": _FAINT, "strokeDash": [4, 3]},
                "encoding": {"x": {"field": "year", "type": "quantitative"}},
            }
        )
    return _draw({"layer": layers, "height": 180})


def draw_statuses(values: Values) -> str:
    """Reports by year and by how far they can be trusted.

    Args:
        values: ``year``, ``status``, ``value``.
    """
    order = list(_STATUS)
    rows = [dict(row) | {"rank": order.index(row["status"])} for row in values]
    return _draw(
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "width": {"band": 0.7}},
            "encoding": {
                "x": _year_bars(rows),
                "y": {
                    "field": "value",
                    "type": "quantitative",
                    "axis": {"tickMinStep": 1, "tickCount": 4, "format": ",d"},
                },
                "color": {
                    "field": "status",
                    "type": "nominal",
                    "scale": {"domain": order, "range": [_STATUS[status] for status in order]},
                    "legend": None,
                },
                "order": {"field": "rank"},
            },
            "height": 180,
        }
    )


def _year_bars(rows: Values) -> dict:
    """A band for every year from the first to the last, those without a report included."""
    years = [row["year"] for row in rows]
    return {
        "field": "year",
        "type": "ordinal",
        "scale": {"domain": list(range(min(years), max(years) + 1))},
        "axis": {"labelOverlap": True},
    }


def _draw(chart: dict) -> str:
    import vl_convert

    svg = vl_convert.vegalite_to_svg({"$schema": _SCHEMA, "width": 380, "config": _CONFIG} | chart)
    return finish(svg)


def finish(svg: str) -> str:
    """The picture for a page: the style sheet's colours, no fixed size, hidden from readers aloud.

    The table beside a chart is what a screen reader is given.
    """
    svg = _STAND_IN.sub(lambda found: _STAND_INS[found.group()], svg)
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    box = f"0 0 {size[1]} {size[2]}" if size else "0 0 1 1"
    # What the parts would say aloud means nothing once the picture is hidden.
    body = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg.partition(">")[2])
    return f'<svg viewBox="{box}" class="chart" aria-hidden="true">{body}'
