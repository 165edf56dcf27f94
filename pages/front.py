"""The front page: the figures that matter, how far they can be trusted, a map and a ranking."""

from __future__ import annotations

import json

from pages.charts import draw_statuses
from pages.language import STATUSES
from pages.registry import Registry
from pages.release import Release, Row
from pages.templating import ASSETS
from pages.writing import Writer

LATEST_FINDINGS = 6
MAP = ASSETS / "map" / "provinces.json"

_TOTALS = """
    select
        count(*) as report_count,
        count(distinct publisher_id) as body_count,
        count(distinct region_code) as region_count,
        min(report_year) as first_year,
        max(report_year) as last_year,
        count(*) filter (where reconciliation_status = 'reconciled') as reconciled,
        count(*) filter (where reconciliation_status = 'discrepant') as discrepant,
        count(*) filter (where reconciliation_status = 'quarantined') as quarantined,
        count(*) filter (where reconciliation_status = 'not_assessable') as not_assessable,
        avg(digits_explained_pct) as digits_explained_pct
    from reporting.report_overview
    where is_canonical
"""
_RULES = """
    select
        count(*) filter (where result = 'pass') as passed,
        count(*) filter (where result = 'fail') as failed,
        count(*) filter (where result = 'uncertain') as uncertain,
        count(*) filter (where result = 'not_assessable') as not_assessable
    from marts.fct_rule_results
    inner join reporting.report_overview using (report_id)
    where is_canonical
"""
# A region counts where no report of a region above it speaks for the same year.
_YEARS = """
    with recursive above (region_code, ancestor_code) as (
        select distinct region_code, parent_region_code
        from marts.dim_region
        where parent_region_code is not null
        union
        select above.region_code, regions.parent_region_code
        from above
        inner join marts.dim_region as regions on above.ancestor_code = regions.region_code
        where regions.parent_region_code is not null
    ),

    counted as (
        select region_years.*
        from reporting.region_year as region_years
        where not exists (
            select 1
            from above
            inner join reporting.region_year as higher
                on above.ancestor_code = higher.region_code
            where
                above.region_code = region_years.region_code
                and higher.report_year = region_years.report_year
                and higher.new_count is not null
        )
    ),

    sums as (
        select
            counted.report_year,
            count(*) filter (where new_count is not null) as region_count,
            sum(new_count) as new_count,
            sum(metrics.numerator) filter (where metrics.value is not null) as disclosed_count,
            sum(metrics.denominator) filter (where metrics.value is not null) as outcome_count
        from counted
        left join reporting.metrics as metrics
            on
                counted.report_id = metrics.report_id
                and metrics.metric_code = 'disclosure_rate'
                and metrics.member_code = ''
        group by all
    ),

    reports as (
        select
            report_year,
            count(*) as report_count,
            count(*) filter (where reconciliation_status = 'reconciled') as reconciled,
            count(*) filter (where reconciliation_status = 'discrepant') as discrepant,
            count(*) filter (where reconciliation_status = 'quarantined') as quarantined,
            count(*) filter (where reconciliation_status = 'not_assessable') as not_assessable
        from reporting.report_overview
        where is_canonical and report_year is not null
        group by report_year
    )

    select * from reports left join sums using (report_year) order by report_year
"""
# A query with parameters makes DuckDB import pandas, which takes longer than this page.
_FINDINGS = f"""
    select discrepancies.*, overview.publisher_id
    from reporting.discrepancies as discrepancies
    inner join reporting.report_overview as overview using (report_id)
    order by
        discrepancies.severity = 'error' desc,
        discrepancies.report_year desc,
        discrepancies.report_id,
        discrepancies.rule_id
    limit {LATEST_FINDINGS}
"""
_MAP = """
    select
        province_code,
        report_year,
        count(*) as report_count,
        count(*) filter (where reconciliation_status = 'reconciled') as reconciled_count,
        count(*) filter (
            where reconciliation_status in ('reconciled', 'discrepant')
        ) as judged_count
    from reporting.report_overview
    where is_canonical and province_code is not null and report_year is not null
    group by all
"""
_PROVINCE_YEARS = """
    select
        region_years.region_code as province_code,
        region_years.report_year,
        region_years.new_count,
        metrics.value as disclosure_rate
    from reporting.region_year as region_years
    left join reporting.metrics as metrics
        on
            region_years.report_id = metrics.report_id
            and metrics.metric_code = 'disclosure_rate'
            and metrics.member_code = ''
    where region_years.region_level = 'province'
"""


def write_front(release: Release, registry: Registry, writer: Writer) -> None:
    """Write the front page, and the door to the two languages."""
    (totals,) = release.rows(_TOTALS)
    (rules,) = release.rows(_RULES)
    years = release.rows(_YEARS)
    addresses = {body["publisher_id"]: body["address"] for body in registry.bodies}
    findings = [
        row | {"address": addresses.get(row["publisher_id"], "")} for row in release.rows(_FINDINGS)
    ]
    map_data = read_map(release)
    for year, counts in map_data.items():
        writer.data(f"map/{year}", counts)
    writer.page(
        "index.html",
        "front.html",
        totals=totals,
        rules=rules,
        years=years,
        chart=draw_statuses(list_statuses(years)) if years else "",
        findings=findings,
        ratio_rules=registry.ratio_rules,
        names=registry.names,
        outlines=json.loads(MAP.read_text(encoding="utf-8")),
        map_counts=map_data["all"],
        stated=find_stated(map_data),
        provinces=registry.region_rows,
        names_of_provinces={
            code: [row["name_zh"], row["name_en"], code in registry.regions]
            for code, row in registry.region_rows.items()
            if not row["parent_region_code"]
        },
    )
    writer.text("index.html", writer.templates.get_template("door.html").render(root=""))


def list_statuses(years: list[Row]) -> list[Row]:
    """Counts of reports in long form: year, status, value."""
    return [
        {"year": row["report_year"], "status": status, "value": row[status]}
        for row in years
        for status in STATUSES
    ]


def read_map(release: Release) -> dict[str, dict[str, list]]:
    """What the map may show: by year and province, five figures (``null`` where not stated).

    New requests and the disclosure rate come from the province's own report and are never added up
    from reports below it; the number of reports, of those that reconcile, and of those that could
    be judged, cover all bodies of the province. ``all`` stands for all years, which only
    the latter have.
    """
    found: dict[str, dict[str, list]] = {"all": {}}
    for row in release.rows(_MAP):
        counts = [row["report_count"], row["reconciled_count"], row["judged_count"]]
        year = found.setdefault(str(row["report_year"]), {})
        year[row["province_code"]] = [None, None, *counts]
        total = found["all"].setdefault(row["province_code"], [None, None, 0, 0, 0])
        for at, count in enumerate(counts, 2):
            total[at] += count
    for row in release.rows(_PROVINCE_YEARS):
        year = found.setdefault(str(row["report_year"]), {})
        counts = year.setdefault(row["province_code"], [None, None, 0, 0, 0])
        counts[:2] = [row["new_count"], _float(row["disclosure_rate"])]
    return found


def find_stated(map_data: dict[str, dict[str, list]]) -> dict[str, str]:
    """The latest year for which any province states its new requests, and its disclosure rate."""
    found: dict[str, str] = {}
    for at, figure in enumerate(("requests", "disclosed")):
        years = [y for y, rows in map_data.items() if any(r[at] is not None for r in rows.values())]
        if years:
            found[figure] = max(years)
    return found


def _float(value: object) -> float | None:
    return None if value is None else float(value)
