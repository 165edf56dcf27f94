"""Series across editions and the metrics made of them, against sums done by hand on the sample."""

from collections.abc import Callable
from decimal import Decimal

import duckdb
import pytest

LIUPANSHUI_2016 = ("六盘水市水库和生态移民局", 2016)
PINGTAN_2014, PINGTAN_2019, PINGTAN_2020 = (
    ("平潭综合实验区管委会", year) for year in (2014, 2019, 2020)
)
QUZHOU_2013, QUZHOU_2018, QUZHOU_2020 = (("衢州市人民政府", year) for year in (2013, 2018, 2020))
LIANGPING_2021 = ("重庆市梁平区人民政府", 2021)

Ask = Callable[[str], list[tuple]]


@pytest.fixture(scope="module")
def ask(built: tuple) -> Ask:
    """Query the sample's warehouse."""

    def run(sql: str) -> list[tuple]:
        with duckdb.connect(built[0].database, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return run


def at(report: tuple[str, int]) -> str:
    return f"publisher_name = '{report[0]}' and report_year = {report[1]}"


def read_series(ask: Ask, report: tuple[str, int], series_code: str) -> tuple:
    (row,) = ask(
        "select value, mapping_type, is_series_break, missing_reason_code from reporting.series "
        f"where {at(report)} and series_code = '{series_code}' and applicant_code = 'total'"
    )
    return row


@pytest.mark.parametrize(
    ("report", "series_code", "expected"),
    [
        # One row then as now.
        (QUZHOU_2020, "ts_requests_new", (451, "one_to_one", False, None)),
        # Already public 0, granted on request 1: two rows of 2014 make one of 2019.
        (LIUPANSHUI_2016, "ts_disclosed_full", (0 + 1, "many_to_one", False, None)),
        # Declared unlawful 1 and otherwise corrected 0.
        (QUZHOU_2013, "ts_review_corrected", (1 + 0, "many_to_one", False, None)),
        # One row of the old form, two forums of the new one: 62 direct suits and 9 after review.
        (QUZHOU_2013, "ts_litigation_total", (2, "one_to_many", False, None)),
        (QUZHOU_2020, "ts_litigation_total", (62 + 9, "many_to_one", False, None)),
        # The group of refusals prints no figure: 1 + 2 + 0 + 8 + 8 + 3 + 0 + 0.
        (QUZHOU_2020, "ts_refused", (22, "one_to_one", False, None)),
        # Prose has both forums in one figure, as the forms before 2019.
        (QUZHOU_2018, "ts_litigation_total", (32, "one_to_many", False, None)),
        # Prose tells full disclosure from partial nowhere.
        (QUZHOU_2018, "ts_disclosed_full_or_partial", (236, "no_equivalent", True, None)),
        (QUZHOU_2018, "ts_disclosed_already_public", (99, "no_equivalent", True, None)),
        # Accepted requests are not requests received.
        (PINGTAN_2014, "ts_requests_accepted", (1, "one_to_one", True, None)),
        # A ground that the new form cut into others is not the ground that kept its name.
        (LIUPANSHUI_2016, "ts_refused_other_law", (0, "one_to_many", True, None)),
    ],
)
def test_a_series_is_what_the_forms_allow(ask, report, series_code, expected):
    assert read_series(ask, report, series_code) == expected


def test_accepted_requests_do_not_pass_for_requests_received(ask):
    assert ask(f"select * from reporting.series where {at(PINGTAN_2014)}") != []
    assert not ask(
        f"select * from reporting.series where {at(PINGTAN_2014)} "
        "and series_code = 'ts_requests_new'"
    )


def test_the_ends_of_requests_add_up_to_their_total_for_every_applicant(ask):
    """Groups and their rows, a total and its parts: nothing is in the series twice."""
    sums = ask(
        """
        select
            sum(value) filter (where series_code in (
                'ts_disclosed_full', 'ts_disclosed_partial', 'ts_refused', 'ts_unable',
                'ts_not_processed', 'ts_other_reasons'
            )),
            any_value(value) filter (where series_code = 'ts_outcomes_total')
        from reporting.series where form_id in ('national_2019', 'national_2021')
        group by report_id, applicant_code
        """
    )
    assert len(sums) == 4 * 7
    assert all(parts == total for parts, total in sums)


def test_a_row_of_one_edition_is_in_no_series_twice(ask):
    """What follows from the dictionary, not from the sample: a row and a row above it never meet."""
    assert not ask(
        """
        select form_id, series_code from intermediate.int_series_parts
        group by form_id, series_code having count(*) != count(distinct line_code)
        """
    )


def test_mirrors_are_in_no_series(ask):
    assert ask("select count(*) from marts.dim_report where not is_canonical") == [(1,)]
    assert not ask(
        "select * from reporting.series semi join "
        "(from marts.dim_report where not is_canonical) using (report_id)"
    )


def test_every_break_is_told(ask):
    """A series that an edition does not share with the newest one says so in data."""
    assert not ask(
        """
        select * from reporting.series_editions
        where mapping_type = 'no_equivalent' and not is_series_break
        """
    )


@pytest.mark.parametrize(
    ("report", "metric_code", "member_code", "numerator", "denominator", "value"),
    [
        # 100 * (269 granted + 58 partial) / 456 concluded
        (QUZHOU_2020, "disclosure_rate", "", 269 + 58, 456, "71.710526"),
        # Zhejiang's form: 100 * (31 + 2) / 42
        (QUZHOU_2013, "disclosure_rate", "", 31 + 2, 42, "78.571429"),
        # The form of 2014: 100 * (0 already public + 1 granted + 0 partial) / 1 reply
        (LIUPANSHUI_2016, "disclosure_rate", "", 0 + 1 + 0, 1, "100"),
        # 100 * (27 + 19) / 68
        (LIANGPING_2021, "disclosure_rate", "", 27 + 19, 68, "67.647059"),
        # 100 * (1 + 2 + 0 + 8 + 8 + 3 + 0 + 0) / 456
        (QUZHOU_2020, "refusal_rate", "", 22, 456, "4.824561"),
        # 8 of the 22 refusals protect third parties, 3 deliberation
        (QUZHOU_2020, "refusal_reason_share", "ts_refused_third_party", 8, 22, "36.363636"),
        (QUZHOU_2020, "refusal_reason_share", "ts_refused_deliberative", 3, 22, "13.636364"),
        # 37 reviews; with the 62 suits brought without one; 62 + 9 suits in all
        (QUZHOU_2020, "review_rate", "", 37, 456, "8.114035"),
        (QUZHOU_2020, "appeal_rate", "", 37 + 62, 456, "21.710526"),
        (QUZHOU_2020, "litigation_rate", "", 62 + 9, 456, "15.570175"),
        # 5 corrected of 15 upheld + 5 corrected + 15 other; the 2 open ones are no result
        (QUZHOU_2020, "review_correction_rate", "", 5, 15 + 5 + 15, "14.285714"),
        # Prose: 11 upheld, 10 corrected, 10 other
        (QUZHOU_2018, "review_correction_rate", "", 10, 11 + 10 + 10, "32.258065"),
        # Both forums: 3 + 1 corrected of 7 + 4 upheld, 3 + 1 corrected, 48 + 3 other
        (QUZHOU_2020, "court_correction_rate", "", 3 + 1, 7 + 4 + 3 + 1 + 48 + 3, "6.060606"),
        # 446 of 451 requests came from natural persons, 4 from enterprises
        (QUZHOU_2020, "applicant_share", "natural_person", 446, 451, "98.891353"),
        (QUZHOU_2020, "applicant_share", "legal_commercial", 4, 451, "0.886918"),
        # 31 requests after 23, 29 conclusions after 23
        (PINGTAN_2020, "requests_change", "", 31 - 23, 23, "34.782609"),
        (PINGTAN_2020, "outcomes_change", "", 29 - 23, 23, "26.086957"),
    ],
)
def test_a_metric_is_what_hands_compute(
    ask, report, metric_code, member_code, numerator, denominator, value
):
    (row,) = ask(
        "select numerator, denominator, value, missing_reason_code from reporting.metrics "
        f"where {at(report)} and metric_code = '{metric_code}' and member_code = '{member_code}'"
    )
    assert row == (numerator, denominator, Decimal(value), None)


@pytest.mark.parametrize(
    ("report", "metric_code", "reason"),
    [
        (PINGTAN_2019, "court_correction_rate", "denominator_zero"),
        (PINGTAN_2014, "requests_change", "not_in_edition"),
        (PINGTAN_2019, "requests_change", "no_previous_report"),
        # 236 granted or in part and 99 that were public already, but of how many is not said.
        (QUZHOU_2018, "disclosure_rate", "absent"),
        (QUZHOU_2013, "court_correction_rate", "not_in_edition"),
    ],
)
def test_a_metric_without_a_value_says_why(ask, report, metric_code, reason):
    (row,) = ask(
        "select value, missing_reason_code, missing_reason_zh <> '', missing_reason_en <> '' "
        f"from reporting.metrics where {at(report)} and metric_code = '{metric_code}'"
    )
    assert row == (None, reason, True, True)


def test_what_a_region_disclosed_and_refused_is_what_the_metrics_say(ask):
    """One definition, whether it is asked of the panel or of the metrics."""
    rows = ask(
        """
        select report_id, disclosed_count, refused_count, disclosures.numerator, refusals.numerator
        from reporting.region_year
        inner join reporting.metrics as disclosures using (report_id)
        inner join reporting.metrics as refusals using (report_id)
        where disclosures.metric_code = 'disclosure_rate' and refusals.metric_code = 'refusal_rate'
        """
    )
    assert len(rows) == ask("select count(*) from reporting.region_year")[0][0]
    assert all(row[1:3] == row[3:5] for row in rows)
    assert ask(f"select disclosed_count from reporting.region_year where {at(QUZHOU_2018)}") == [
        (236 + 99,)
    ]


def test_a_value_is_missing_exactly_where_a_reason_is_given(ask):
    assert not ask(
        "select * from reporting.metrics where (value is null) = (missing_reason_code is null)"
    )
    assert not ask(
        "select * from reporting.series where (value is null) = (missing_reason_code is null)"
    )


def test_every_canonical_report_has_every_metric(ask):
    """A metric that a report does not give is a row with the reason, not a gap."""
    assert ask(
        """
        select count(*) from marts.dim_report
        cross join (from form.metric where member_kind is null)
        where is_canonical and doc_type = 'annual_report'
        """
    ) == ask("select count(*) from reporting.metrics where member_code = ''")


def test_a_metric_tells_since_when_it_can_be_compared(ask):
    years = dict(
        ask(
            "select metric_code, comparable_from_year from reporting.metrics "
            f"where {at(PINGTAN_2020)} and member_code = ''"
        )
    )
    # The table of 2014 has replies as today's does, and one figure for both kinds of suits, which
    # are added up since; but requests accepted instead of requests received.
    assert years["disclosure_rate"] == years["litigation_rate"] == 2014
    assert years["appeal_rate"] == years["requests_change"] == 2019


def test_every_definition_stands_in_both_languages(ask):
    assert not ask(
        """
        select * from form.metric
        where definition_zh is null or definition_en is null or label_zh is null
            or label_en is null or caveat_zh is null or caveat_en is null
        """
    )
