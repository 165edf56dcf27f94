"""Who and what the pages speak of: regions and bodies, their addresses, and names of codes.

Everything here is small enough to be held in memory for a release of any size (one entry per region
and per public body).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from pages.language import Words
from pages.passages import Names
from pages.release import Release, Row

NO_PROVINCE = "000000"


@dataclass
class Region:
    """A region that has a page, with what lies in it."""

    code: str
    row: Row
    children: list[Region] = field(default_factory=list)
    bodies: list[Row] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The page, seen from the folder of a language."""
        return f"region/{self.code}.html"


class Group(NamedTuple):
    """A group of outcomes that editions share, as the newest form that prints it calls it."""

    code: str
    label_zh: str
    label_en: str


_ORDINAL = re.compile(r"^(?:[((][一二三四五六七八九十]+[))]|\d+\.)")
_REGIONS = """
    select *
    from marts.dim_region
    qualify row_number() over (partition by region_code order by valid_from_year desc) = 1
    order by region_code
"""
# A year of a region under today's code: what was split among several stays under its own.
REGION_YEARS = """
    select
        region_years.*,
        coalesce(bridge.current_region_code, region_years.region_code) as place_code
    from reporting.region_year as region_years
    left join marts.dim_region as regions
        on
            region_years.region_code = regions.region_code
            and region_years.report_year between
            regions.valid_from_year and coalesce(regions.valid_to_year, region_years.report_year)
    left join marts.bridge_region_current as bridge
        on
            regions.region_code = bridge.region_code
            and regions.valid_from_year = bridge.valid_from_year
"""
_BODIES = """
    select
        publishers.publisher_id,
        publishers.publisher_name,
        publishers.region_code,
        publishers.region_name_zh,
        publishers.region_name_en,
        publishers.kind_zh,
        publishers.kind_en,
        publishers.first_report_year,
        publishers.last_report_year,
        count(*) as report_count,
        count(*) filter (where reconciliation_status = 'discrepant') as discrepant_count,
        arg_max(reconciliation_status, report_year) as last_status
    from marts.dim_publisher as publishers
    inner join reporting.report_overview as reports using (publisher_id)
    where reports.is_canonical
    group by all
    order by publishers.publisher_id
"""
_GROUPS = """
    select
        groups.code,
        arg_max(lines.label_zh, (has_table, valid_from_year, -line_order)) as label_zh,
        arg_max(lines.label_en, (has_table, valid_from_year, -line_order)) as label_en
    from (
        select distinct group_series_code as code
        from marts.dim_outcome
        where outcome_level = 'outcome' and group_series_code is not null
    ) as groups
    inner join marts.dim_outcome as outcomes on groups.code = outcomes.series_code
    inner join form.form_line as lines on outcomes.outcome_code = lines.indicator_code
    inner join form.form_edition as editions using (form_id)
    group by groups.code
    order by max((has_table, valid_from_year, -line_order)) desc, groups.code
"""


class Registry:
    """Regions, bodies and names of one release."""

    def __init__(self, release: Release) -> None:
        self.region_rows = {row["region_code"]: row for row in release.rows(_REGIONS)}
        self.bodies = release.rows(_BODIES)
        for body in self.bodies:
            body["address"] = address_of(body, self.province_of(body["region_code"]))
        self.groups = [
            Group(row["code"], _ORDINAL.sub("", row["label_zh"]), row["label_en"])
            for row in release.rows(_GROUPS)
        ]
        self.names = read_names(release)
        self.ratio_rules = {
            row["rule_id"]
            for row in release.rows("select rule_id from form.form_rule where rule_kind = 'ratio'")
        }
        """Rules whose two sides are percentages."""
        self.regions: dict[str, Region] = {}
        for row in release.rows(f"select distinct place_code from ({REGION_YEARS})"):
            self._add(row["place_code"])
        for body in self.bodies:
            region = self._add(body["region_code"])
            if region is not None:
                region.bodies.append(body)
        for region in self.regions.values():
            region.children.sort(key=lambda child: child.code)

    def province_of(self, region_code: str | None) -> str:
        """The province of a region; ``000000`` where none is known."""
        row = self.region_rows.get(region_code or "")
        return row["province_code"] if row else NO_PROVINCE

    def provinces(self) -> list[Region]:
        """The provinces that have a page."""
        return [r for _, r in sorted(self.regions.items()) if not r.row["parent_region_code"]]

    def above(self, region: Region) -> list[Region]:
        """The regions that a region lies in, from the province down."""
        found: list[Region] = []
        code = region.row["parent_region_code"]
        while code and code in self.regions:
            found.insert(0, self.regions[code])
            code = self.regions[code].row["parent_region_code"]
        return found

    def _add(self, code: str | None) -> Region | None:
        """The page of a region; it and all those above it are made where they are missing."""
        if not code or code not in self.region_rows:
            return None
        if code not in self.regions:
            region = Region(code, self.region_rows[code])
            self.regions[code] = region
            above = self._add(region.row["parent_region_code"])
            if above is not None:
                above.children.append(region)
        return self.regions[code]


def address_of(body: Row, province_code: str) -> str:
    """The page of a body, seen from the folder of a language.

    Names are printed text, so the file is called by their hash; it stays the same over releases.
    """
    digest = hashlib.sha256(body["publisher_id"].encode()).hexdigest()[:10]
    return f"body/{province_code[:2]}/{body['region_code'] or NO_PROVINCE}-{digest}.html"


def read_names(release: Release) -> Names:
    """Labels of indicators, tables, columns and members, in both languages."""
    indicators = {
        row["code"]: Words(row["label_zh"], row["label_en"] or row["label_zh"])
        for row in release.rows(
            """
            select table_code as code, any_value(heading_zh) as label_zh, null as label_en
            from form.form_table group by table_code
            union all
            select indicator_code, label_zh, label_en from marts.dim_indicator
            """
        )
    }
    parts = {
        row["code"]: Words(row["label_zh"], row["label_en"] or row["label_zh"])
        for row in release.rows(
            """
            select applicant_code as code, label_zh, label_en from marts.dim_applicant
            union all
            select column_code, any_value(label_zh), any_value(label_en)
            from form.form_value_column group by column_code
            """
        )
    }
    return Names(indicators, parts)
