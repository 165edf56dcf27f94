"""Checks as rows: every rule answered or explained, reviewed failures shown, failures ranked."""

import duckdb
import pytest

from dagster_project.dbt_runner import build_project
from dagster_project.settings import Settings

FAILED = ("平潭综合实验区管委会", 2020, "N19-A20-X-8_fees")


def query(settings: Settings, sql: str, *parameters: object) -> list[tuple]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        return connection.execute(sql, parameters).fetchall()


def test_every_rule_has_a_result_or_a_reason_on_every_report(built):
    """From the marts alone: rule × annual report is evaluated, or its edition says why not."""
    pairs, evaluated, explained, both, neither = query(
        built[0],
        """
        with pairs as (
            select
                reports.report_id,
                rules.rule_id,
                count(results.rule_id) > 0 as is_evaluated,
            from marts.dim_report as reports
            cross join form.form_rule as rules
            left join marts.fct_rule_results as results using (report_id, rule_id)
            where reports.doc_type = 'annual_report'
            group by all
        ),

        -- The editions whose rules a report answers to.
        editions as (
            select report_id, unnest(string_split(concat_ws('|', form_id, form_expected), '|'))
                as form_id
            from marts.dim_report
            union
            select report_id, form.form_id
            from marts.fct_claims cross join (from marts.dim_form where not has_table) as form
        ),

        answered as (
            select
                pairs.*,
                not bool_or(applicability.is_covered) and bool_and(
                    applicability.reason_zh <> '' and applicability.reason_en <> ''
                ) as is_explained,
            from pairs
            inner join editions using (report_id)
            inner join marts.rule_applicability as applicability using (rule_id, form_id)
            group by all
        )

        select
            count(*),
            count(*) filter (is_evaluated),
            count(*) filter (is_explained),
            count(*) filter (is_evaluated and is_explained),
            count(*) filter (not is_evaluated and not is_explained),
        from answered
        """,
    )[0]
    rules = query(built[0], "select count(*) from form.form_rule")[0][0]
    reports = query(
        built[0], "select count(*) from marts.dim_report where doc_type = 'annual_report'"
    )[0][0]
    assert pairs == rules * reports
    assert (both, neither) == (0, 0)
    assert evaluated > 0 and explained > 0


@pytest.fixture
def reviewed(copied) -> tuple[Settings, list]:
    """The sample after a review: one exception explains a failure, one explains nothing."""
    with duckdb.connect(copied.database) as connection:
        connection.execute(
            """
            insert into form.form_exception
            select rule_id, report_id, '', '目录重编', '2020年权责清单公告', '2026-01-31'
            from reporting.discrepancies
            where publisher_name = ? and report_year = ? and rule_id = ?
            union all
            select 'N19-REQ-01', report_id, 'total', 'misprint', 'scan', '2026-01-31'
            from marts.dim_report where report_year = 2021 and is_canonical
            """,
            FAILED,
        )
    events = []
    build = build_project(copied, ["--select", "fct_rule_results+"], events.append)
    assert not build.failures
    return copied, events


def test_a_reviewed_exception_is_a_row_with_its_evidence(reviewed):
    """From the dictionary's row to what people read; the failure itself stays."""
    settings, events = reviewed
    assert query(
        settings,
        "select rule_id, left_value, right_value, exception_reason, exception_evidence "
        "from reporting.discrepancies where has_exception",
    ) == [(FAILED[2], 37, 35, "目录重编", "2020年权责清单公告")]
    assert query(
        settings,
        "select member_code, source_failure_count, reviewed_count from reporting.failure_ranking "
        "where reviewed_count > 0 and ranked_kind = 'rule'",
    ) == [(FAILED[2], 1, 1)]
    stale = "assert_every_exception_explains_a_failure"
    told = [e["info"] for e in events if e["data"]["node_info"]["node_name"] == stale]
    assert [(info["level"], "WARN 1" in info["msg"]) for info in told] == [("warn", True)]


@pytest.mark.parametrize(
    ("kind", "year", "expected"),
    [
        ("rule", 2016, [("X-NARR-13", 1, 0, 1, None)]),
        ("region", 2018, [("330800", 1, 0, 1, None), ("440000", 1, 0, 1, None)]),
        # A lost table is a matter of the reading, a wrong percentage is the source's.
        ("rule", 2020, [("N19-A20-X-8_fees", 1, 0, 1, None), ("NARR-08", 1, 0, 1, None),
                        ("X-TBL-01", 0, 1, None, 1)]),
    ],
)  # fmt: skip
def test_failures_are_ranked_and_their_causes_kept_apart(built, kind, year, expected):
    found = query(
        built[0],
        """
        select
            member_code, source_failure_count, reading_failure_count,
            source_failure_rank, reading_failure_rank,
        from reporting.failure_ranking
        where ranked_kind = ? and report_year = ? and failed_report_count > 0
        order by member_code
        """,
        kind,
        year,
    )
    assert found == expected


def test_the_ranking_counts_what_the_results_hold(built):
    assert query(
        built[0],
        "select sum(source_failure_count), sum(reading_failure_count), sum(evaluated_count) "
        "from reporting.failure_ranking where ranked_kind = 'rule'",
    ) == query(
        built[0],
        """
        select
            count(*) filter (cause = 'source'),
            count(*) filter (cause = 'reading'),
            count(*) filter (result in ('pass', 'fail')),
        from marts.fct_rule_results semi join (
            from marts.dim_report where is_canonical
        ) using (report_id)
        where severity <> 'info'
        """,
    )
