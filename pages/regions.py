"""The page of each region, and the ranking of regions by year."""

from __future__ import annotations

from pages.bodies import METRIC_COLUMNS, find_breaks, group_outcomes, pivot, pivot_metrics
from pages.cells import lay_out_outcomes
from pages.charts import draw_series
from pages.registry import REGION_YEARS, Registry
from pages.release import Release, Row
from pages.writing import Writer

SHOWN_AT_FIRST = 50

_REGION_YEARS = f"""
    with rates as (
        select
            report_id,
            any_value(value) filter (where metric_code = 'disclosure_rate') as disclosure_rate,
            any_value(value) filter (where metric_code = 'refusal_rate') as refusal_rate,
            any_value(value) filter (where metric_code = 'appeal_rate') as appeal_rate
        from reporting.metrics
        where member_code = ''
        group by report_id
    )

    select
        region_years.*,
        reports.publisher_id,
        reports.form_zh,
        reports.form_en,
        rates.* exclude (report_id)
    from ({REGION_YEARS}) as region_years
    inner join reporting.report_overview as reports using (report_id)
    left join rates using (report_id)
    order by region_years.place_code, region_years.report_year, region_years.report_id
"""
_METRICS = f"""
    select
        region_years.place_code,
        metrics.report_id,
        metrics.report_year,
        {METRIC_COLUMNS}
    from reporting.metrics as metrics
    inner join ({REGION_YEARS}) as region_years using (report_id)
    left join form.metric as metric_order using (metric_code)
    where metrics.member_code = ''
    order by region_years.place_code, metrics.report_year, metric_order.rowid
"""
_OUTCOMES = f"""
    select
        region_years.place_code,
        outcomes.report_id,
        outcomes.report_year,
        outcomes.outcome_level,
        outcomes.is_total,
        outcomes.group_series_code,
        outcomes.series_caveat_zh as caveat_zh,
        outcomes.series_caveat_en as caveat_en,
        outcomes.outcome_count as value
    from reporting.outcomes_long as outcomes
    inner join ({REGION_YEARS}) as region_years using (report_id)
    where outcomes.is_all_applicants
    order by region_years.place_code, outcomes.report_year
"""
_APPEALS = f"""
    select
        region_years.place_code,
        region_years.report_year,
        appeals.report_id,
        appeals.indicator_code as code,
        results.label_zh,
        results.label_en,
        appeals.is_total,
        appeals.case_count as value
    from marts.fct_appeals as appeals
    inner join ({REGION_YEARS}) as region_years using (report_id)
    inner join marts.dim_appeal_result as results using (appeal_result_code)
    order by region_years.place_code, region_years.report_year, results.column_order, code
"""


_LATEST = f"""
    select
        region_years.place_code,
        region_years.report_year,
        region_years.new_count,
        region_years.reconciliation_status,
        metrics.value as disclosure_rate
    from ({REGION_YEARS}) as region_years
    left join reporting.metrics as metrics
        on
            region_years.report_id = metrics.report_id
            and metrics.metric_code = 'disclosure_rate'
            and metrics.member_code = ''
    qualify row_number() over (
        partition by place_code order by region_years.report_year desc, region_years.report_id desc
    ) = 1
"""


def write_regions(release: Release, registry: Registry, writer: Writer) -> None:
    """Write a page for every region, the list of regions, and a file of data for every year."""
    years = release.in_order(_REGION_YEARS, "place_code")
    outcomes = release.in_order(_OUTCOMES, "place_code")
    appeals = release.in_order(_APPEALS, "place_code")
    metrics = release.in_order(_METRICS, "place_code")
    addresses = {body["publisher_id"]: body["address"] for body in registry.bodies}
    # A region's page tells of those below it, so these are known before any is written.
    latest = {row["place_code"]: row for row in release.rows(_LATEST)}
    ranking: dict[int, list] = {}
    for code, region in sorted(registry.regions.items()):
        rows = [row | {"address": addresses[row["publisher_id"]]} for row in years.take(code)]
        outcome_rows = outcomes.take(code)
        for row in rows:
            ranking.setdefault(row["report_year"], []).append(rank_row(row))
        writer.page(
            region.address,
            "region.html",
            region=region,
            above=registry.above(region),
            latest=latest,
            years=rows,
            breaks=find_breaks(rows),
            outcome_bars=lay_out_outcomes(group_outcomes(outcome_rows, registry), registry.groups),
            caveats=collect_caveats(outcome_rows),
            appeals=pivot(appeals.take(code)),
            metrics=pivot_metrics(metrics.take(code)),
            series_chart=draw_requests(rows, code),
            former=find_former(rows, code),
        )
    for year, found in ranking.items():
        writer.data(f"year/{year}", found)
    writer.page(
        "regions.html",
        "regions.html",
        provinces=registry.provinces(),
        latest=latest,
        ranking_years=sorted(ranking, reverse=True),
        ranking_shown=first_ranks(ranking),
        ranked_count=sum(row[4] is not None for row in ranking[max(ranking)]) if ranking else 0,
        metrics={row["metric_code"]: row for row in release.rows("from form.metric")},
        unplaced=[body for body in registry.bodies if body["region_code"] not in registry.regions],
    )


def rank_row(row: Row) -> list:
    """A region's year for the ranking, in the order that the page's script knows."""
    return [
        row["place_code"],
        row["region_name_zh"],
        row["region_name_en"],
        row["region_level"],
        row["new_count"],
        row["disclosure_rate"],
        row["refusal_rate"],
        row["appeal_rate"],
        row["reconciliation_status"],
    ]


def first_ranks(ranking: dict[int, list]) -> list[tuple[int, list]]:
    """What the ranking shows until something else is asked for: the latest year, most first.

    Equal figures share a rank.
    """
    rows = [row for row in ranking[max(ranking)] if row[4] is not None] if ranking else []
    shown = sorted(rows, key=lambda row: -row[4])[:SHOWN_AT_FIRST]
    figures = [row[4] for row in shown]
    return [(figures.index(row[4]) + 1, row) for row in shown]


def find_former(rows: list[Row], code: str) -> dict[str, Row]:
    """Reports of regions that have become a part of this one: they share its page and its years."""
    return {row["report_id"]: row for row in rows if row["region_code"] != code}


def draw_requests(rows: list[Row], code: str) -> str:
    """New requests by year, a line for the region and one for each that became a part of it.

    Nothing where the region has fewer than two years that state them.
    """
    stated = [row for row in rows if row["new_count"] is not None]
    if len({row["report_year"] for row in stated if row["region_code"] == code}) < 2:
        return ""
    segment, values = 0, []
    for region in dict.fromkeys(row["region_code"] for row in stated):
        own = [row for row in stated if row["region_code"] == region]
        last = own[0]["form_id"]
        for row in own:
            if row["form_id"] != last:
                segment, last = segment + 1, row["form_id"]
            values.append(
                {
                    "year": row["report_year"],
                    "value": row["new_count"],
                    "segment": segment,
                    "is_own": region == code,
                }
            )
        segment += 1
    return draw_series(values)


def collect_caveats(rows: list[Row]) -> list[tuple[str, str]]:
    """What to mind when years are compared, each once."""
    return list(dict.fromkeys((r["caveat_zh"], r["caveat_en"]) for r in rows if r["caveat_zh"]))
