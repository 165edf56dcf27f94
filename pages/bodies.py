"""The page of each public body: its series, outcomes, appeals, and what does not add up.

Everything is streamed in the order of bodies, so a release of any size passes through.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from pages.cells import figure_cells, lay_out_outcomes
from pages.passages import read_terms
from pages.registry import Registry
from pages.release import Release, Row
from pages.writing import Writer

_REPORTS = """
    select
        overview.*,
        reports.title,
        reports.published_date,
        reports.collection,
        reports.quarantine_reason,
        reports.rules_uncertain_count,
        reports.rules_not_assessable_count,
        reports.form_expected
    from reporting.report_overview as overview
    inner join marts.dim_report as reports using (report_id)
    where overview.is_canonical and overview.publisher_id is not null
    order by overview.publisher_id, overview.report_year, overview.report_id
"""
_COPIES = """
    select
        canonical.publisher_id,
        copies.canonical_report_id,
        copies.document,
        copies.source_url
    from marts.dim_report as copies
    inner join marts.dim_report as canonical on copies.canonical_report_id = canonical.report_id
    where copies.report_id != canonical.report_id and canonical.publisher_id is not null
    order by canonical.publisher_id, copies.report_id
"""
_OUTCOMES = """
    select
        reports.publisher_id,
        outcomes.report_id,
        outcomes.report_year,
        outcomes.outcome_code as code,
        facts.column_code as part,
        outcomes.outcome_zh as label_zh,
        outcomes.outcome_en as label_en,
        outcomes.outcome_level,
        outcomes.is_total,
        outcomes.group_series_code,
        outcomes.series_caveat_zh as caveat_zh,
        outcomes.series_caveat_en as caveat_en,
        outcomes.outcome_count as value,
        outcomes.value_source,
        lines.line_order
    from reporting.outcomes_long as outcomes
    inner join reporting.report_overview as reports using (report_id)
    inner join marts.fct_outcomes as facts using (report_id, applicant_code, outcome_code)
    left join form.form_line as lines
        on outcomes.form_id = lines.form_id and outcomes.outcome_code = lines.indicator_code
    where outcomes.is_all_applicants and reports.publisher_id is not null
    order by reports.publisher_id, outcomes.report_year, lines.line_order, code
"""
_APPEALS = """
    select
        reports.publisher_id,
        appeals.report_id,
        reports.report_year,
        appeals.indicator_code as code,
        appeals.column_code as part,
        results.label_zh,
        results.label_en,
        appeals.is_total,
        appeals.series_caveat_zh as caveat_zh,
        appeals.series_caveat_en as caveat_en,
        appeals.case_count as value,
        appeals.value_source,
        lines.line_order
    from marts.fct_appeals as appeals
    inner join reporting.report_overview as reports using (report_id)
    inner join marts.dim_appeal_result as results using (appeal_result_code)
    left join form.form_line as lines
        on reports.form_id = lines.form_id and appeals.indicator_code = lines.indicator_code
    where reports.is_canonical and reports.publisher_id is not null
    order by reports.publisher_id, reports.report_year, lines.line_order, code
"""
METRIC_COLUMNS = """
        metrics.metric_code as code,
        metrics.metric_zh as label_zh,
        metrics.metric_en as label_en,
        metrics.value,
        metrics.numerator,
        metrics.denominator,
        metrics.comparable_from_year,
        metrics.missing_reason_zh,
        metrics.missing_reason_en,
        metrics.caveat_zh,
        metrics.caveat_en
"""
_METRICS = f"""
    select
        metrics.publisher_id,
        metrics.report_id,
        metrics.report_year,
        {METRIC_COLUMNS}
    from reporting.metrics as metrics
    left join form.metric as metric_order using (metric_code)
    where metrics.member_code = '' and metrics.publisher_id is not null
    order by metrics.publisher_id, metrics.report_year, metric_order.rowid
"""
_FAILURES = """
    select reports.publisher_id, failures.*
    from reporting.rule_failures as failures
    inner join reporting.report_overview as reports using (report_id)
    where reports.is_canonical and reports.publisher_id is not null
    order by
        reports.publisher_id,
        failures.report_year,
        failures.report_id,
        failures.rule_id,
        failures.scope_code
"""
# The lines behind what the page shows: totals of every report, everything of those that fail.
_PASSAGES = """
    select
        reports.publisher_id,
        passages.report_id,
        passages.indicator_code,
        coalesce(passages.column_code, '') as part,
        coalesce(passages.qualifier, '') as qualifier,
        passages.value,
        passages.value_source,
        passages.line_no,
        passages.passage,
        passages.figure_start,
        passages.figure_end,
        case when coalesce(applicants.is_total, true) then lines.measure_code end as measure_code
    from reporting.source_passages as passages
    inner join reporting.report_overview as reports using (report_id)
    left join marts.dim_applicant as applicants
        on passages.column_code = applicants.applicant_code
    left join (
        select indicator_code, any_value(measure_code) as measure_code
        from form.form_line group by indicator_code
    ) as lines using (indicator_code)
    where
        reports.is_canonical
        and reports.publisher_id is not null
        and (
            applicants.applicant_code is null
            or applicants.is_total
            or passages.report_id in (select report_id from reporting.rule_failures)
        )
    order by reports.publisher_id, passages.report_id, passages.line_no
"""


def write_bodies(release: Release, registry: Registry, writer: Writer) -> None:
    """Write a page, and the source lines that it may show, for every public body."""
    reports = release.in_order(_REPORTS, "publisher_id")
    copies = release.in_order(_COPIES, "publisher_id")
    outcomes = release.in_order(_OUTCOMES, "publisher_id")
    appeals = release.in_order(_APPEALS, "publisher_id")
    metrics = release.in_order(_METRICS, "publisher_id")
    failures = release.in_order(_FAILURES, "publisher_id")
    passages = release.in_order(_PASSAGES, "publisher_id")
    for body in registry.bodies:
        key = body["publisher_id"]
        lines = Lines(passages.take(key))
        found = reports.take(key)
        outcome_rows, appeal_rows = outcomes.take(key), appeals.take(key)
        region = registry.regions.get(body["region_code"] or "")
        data_name = body["address"].removesuffix(".html")
        writer.page(
            body["address"],
            "body.html",
            body=body,
            region=region,
            above=[*registry.above(region), region] if region else [],
            reports=found,
            breaks=find_breaks(found),
            former={},
            copies=by_report(copies.take(key), "canonical_report_id"),
            outcome_bars=lay_out_outcomes(group_outcomes(outcome_rows, registry), registry.groups),
            outcomes=pivot(outcome_rows, lines),
            appeals=pivot(appeal_rows, lines),
            metrics=pivot_metrics(metrics.take(key)),
            failures=by_report(failures.take(key)),
            lines=lines,
            names=registry.names,
            ratio_rules=registry.ratio_rules,
            data_name=data_name,
        )
        if lines.shown:
            writer.data(data_name, list(lines.shown.values()))


def by_report(rows: Iterable[Row], key: str = "report_id") -> dict[str, list[Row]]:
    """Rows by the report that they belong to."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def find_breaks(reports: list[Row]) -> dict[str, Row]:
    """Reports whose form differs from that of the report before: there the series breaks."""
    return {
        after["report_id"]: before
        for before, after in pairwise(reports)
        if before["form_id"] != after["form_id"]
    }


def group_outcomes(rows: list[Row], registry: Registry) -> list[Row]:
    """Per report, the outcomes by group of the shared series, and their sum.

    Only the mutually exclusive ends of requests count; a report that prints none has no row.
    """
    order = {group.code: number for number, group in enumerate(registry.groups)}
    found = []
    for report, own in by_report(rows).items():
        ends = [
            row
            for row in own
            if row["outcome_level"] == "outcome"
            and not row["is_total"]
            and row["value"] is not None
        ]
        sums: dict[str, int] = {}
        for row in ends:
            code = row["group_series_code"]
            if code in order:
                sums[code] = sums.get(code, 0) + row["value"]
        total = sum(row["value"] for row in ends)
        if total:
            parts = sorted(sums.items(), key=lambda part: order[part[0]])
            found.append(
                {
                    "report_id": report,
                    "year": own[0]["report_year"],
                    "total": total,
                    "parts": [(order[code], code, value) for code, value in parts],
                    "ungrouped": total - sum(sums.values()),
                }
            )
    return found


def pivot(rows: list[Row], lines: Lines | None = None) -> dict:
    """Indicators down, reports across, the newest first; each figure with its place, if asked."""
    reports = list(dict.fromkeys((row["report_id"], row["report_year"]) for row in rows))
    table: dict[str, Row] = {}
    # The rows of the newest form come first.
    for row in sorted(rows, key=lambda row: -(row["report_year"] or 0)):
        line = table.setdefault(row["code"], row | {"figures": {}})
        place = lines.place(row["report_id"], row["code"], row["part"]) if lines else ""
        line["figures"][row["report_id"]] = (row["value"], place)
    for line in table.values():
        line["cells"] = figure_cells(line["figures"].get(report) for report, _ in reports[::-1])
    return {"reports": reports, "rows": list(table.values())}


def pivot_metrics(rows: list[Row]) -> dict:
    """Metrics down, reports across; without the metrics that no report gives."""
    reports = list(dict.fromkeys((row["report_id"], row["report_year"]) for row in rows))
    table: dict[str, Row] = {}
    for row in rows:
        line = table.setdefault(row["code"], row | {"figures": {}, "since": None})
        line["figures"][row["report_id"]] = row
        if row["value"] is not None:
            # Of the latest report that gives it.
            line["since"] = row["comparable_from_year"]
    return {
        "reports": reports,
        "rows": [line for line in table.values() if line["since"] is not None],
    }


class Lines:
    """Source lines of one body's reports: which figure stands in which line."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows: dict[tuple[str, str, str], Row] = {}
        self._measures: dict[tuple[str, str, str], Row] = {}
        self.shown: dict[str, dict[int, str]] = {}
        """Lines that a figure of the page leads to, by report and line number."""
        self._numbers: dict[str, int] = {}
        """Places name a report by its number among those shown, being many."""
        for row in rows:
            self._rows[row["report_id"], row["indicator_code"], row["part"]] = row
            if row["qualifier"]:
                self._rows[row["report_id"], row["indicator_code"], row["qualifier"]] = row
            if row["measure_code"] and row["passage"]:
                key = (row["report_id"], row["measure_code"], row["value_source"])
                self._measures.setdefault(key, row)

    def find(self, report: str, code: str, part: str) -> Row | None:
        """The line behind a figure."""
        return self._rows.get((report, code, part))

    def behind(self, failure: Row) -> list[tuple[int, str, list]]:
        """The lines that a failed rule rests on: number, text, and places of the figures compared.

        Figures of other reports stand in those reports.
        """
        report = failure["report_id"]
        found: dict[int, dict[int, Row]] = {}
        for term in read_terms(failure["operands"]):
            if not term.code or term.frame:
                continue
            if term.part == "*":
                rows = [r for key, r in self._rows.items() if key[:2] == (report, term.code)]
            else:
                rows = [self.find(report, term.code, term.part)]
            for row in rows:
                if row is not None and row["passage"]:
                    found.setdefault(row["line_no"], {})[id(row)] = row
        return [
            (line_no, next(iter(rows.values()))["passage"], find_spans(rows.values()))
            for line_no, rows in sorted(found.items())
        ]

    def place(self, report: str, code: str, part: str) -> str:
        """Where a figure stands, as the page's script reads it; empty where that is unknown."""
        return self._place(self.find(report, code, part))

    def measure(self, report: Row, measure_code: str) -> str:
        """Where a count of requests stands: in the table, or in prose where it was taken from."""
        key = (report["report_id"], measure_code, report["requests_source"])
        row = self._measures.get(key)
        is_shown = row is not None and row["value"] == report[measure_code]
        return self._place(row) if is_shown else ""

    def _place(self, row: Row | None) -> str:
        if row is None or not row["passage"]:
            return ""
        report, line_no = row["report_id"], row["line_no"]
        number = self._numbers.setdefault(report, len(self._numbers))
        self.shown.setdefault(report, {})[line_no] = row["passage"]
        spans = find_spans([row])
        return " ".join([str(number), str(line_no), *(f"{start}-{end}" for start, end in spans)])


def find_spans(rows: Iterable[Row]) -> list[tuple[int, int]]:
    """Places of figures in the passages of their rows; none of one that the passage leaves out."""
    return [
        (row["figure_start"], row["figure_end"]) for row in rows if row["figure_start"] is not None
    ]
