"""Rules on tiny reports: each kind passes, fails, is in doubt or cannot be assessed, and says why."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import pytest

from loaders.form import Form
from loaders.rows import Cell, Claim, Document, Issue, Parsed, Report
from loaders.rules import RuleResult, evaluate

Key = tuple[str, str]

BALANCE = {
    ("req_new", "total"): 451,
    ("req_carried_in", "total"): 8,
    ("out_total", "total"): 456,
    ("req_carried_out", "total"): 3,
}


def cell(
    code: str,
    value: int | str | None,
    column: str = "",
    *,
    table: str = "requests",
    status: str = "reported",
    method: str = "printed",
    solved_by: str = "",
    line_no: int = 1,
) -> Cell:
    number = None if value is None else Decimal(value)
    return Cell(
        "", 1, table, code, column, number, status, method, solved_by, str(value), line_no, 0, 0
    )


def cells(values: Mapping[Key, int], table: str = "requests") -> list[Cell]:
    return [cell(code, value, column, table=table) for (code, column), value in values.items()]


def claim(code: str, value: str | int, qualifier: str = "", precision: str = "exact") -> Claim:
    return Claim("", 1, 1, code, qualifier, Decimal(value), "", precision, "", 1, 0, 0, 0, 0)


def claims(**values: int) -> list[Claim]:
    return [claim(f"narr_{code}", value) for code, value in values.items()]


def document(
    figures: Iterable[Cell] = (),
    said: Iterable[Claim] = (),
    *,
    name: str = "a",
    form_id: str = "national_2019",
    expected: str = "",
    year: int | None = 2020,
    publisher: str = "衢州市人民政府",
    region: str = "330800",
    scope: str = "unknown",
    doc_type: str = "annual_report",
    errors: Iterable[str] = (),
) -> Parsed:
    """One document with one report; its id is the name repeated."""
    document_id = name * 64
    report = Report(
        document_id, 1, doc_type, "", publisher, publisher, region,
        f"{region}-{publisher}" if publisher else "", "printed", "", year, form_id, expected, "", scope, "", "simplified", 0, 0, 0, 0,
    )  # fmt: skip
    return Parsed(
        Document(document_id, "text/plain", "utf-8", 0, 0, "parsed", "1"),
        reports=(report,),
        cells=tuple(c._replace(document_id=document_id) for c in figures),
        claims=tuple(c._replace(document_id=document_id) for c in said),
        issues=tuple(
            Issue(document_id, 1, n, "row_width", "error", table, "", 1, 0, 0, "")
            for n, table in enumerate(errors, 1)
        ),
    )


def result(
    form: Form, parsed: Parsed | list[Parsed], rule_id: str, scope: str = "", name: str = "a"
) -> RuleResult:
    """The one result of a rule and member for the document of a name."""
    documents = parsed if isinstance(parsed, list) else [parsed]
    (found,) = (
        r
        for r in evaluate(form, documents)
        if (r.rule_id, r.scope_code, r.report_id[0]) == (rule_id, scope, name)
    )
    return found


# --- linear rules ---------------------------------------------------------------------------------


def test_a_sum_that_holds_passes(form: Form) -> None:
    found = result(form, document(cells(BALANCE)), "N19-REQ-01", "total")
    assert found == RuleResult(
        report_id="aaaaaaaaaaaaaaaa-1",
        rule_id="N19-REQ-01",
        scope_code="total",
        left_value=Decimal(459),
        right_value=Decimal(459),
        residual=Decimal(0),
        result="pass",
        cause="",
        matched_rule_id="",
        operands="req_new[total] 451 + req_carried_in[total] 8"
        " = out_total[total] 456 + req_carried_out[total] 3",
    )


def test_a_sum_that_fails_tells_by_how_much(form: Form) -> None:
    wrong = BALANCE | {("out_total", "total"): 450}
    found = result(form, document(cells(wrong)), "N19-REQ-01", "total")
    assert (found.result, found.residual, found.cause) == ("fail", Decimal(6), "source")


@pytest.mark.parametrize("status", ["blank", "dash"])
def test_nothing_printed_is_not_assessable(form: Form, status: str) -> None:
    figures = [*cells(BALANCE)[:3], cell("req_carried_out", None, "total", status=status)]
    found = result(form, document(figures), "N19-REQ-01", "total")
    assert (found.result, found.right_value, found.residual) == ("not_assessable", None, None)
    assert found.operands.endswith(f"req_carried_out[total] {status}")


def test_a_cell_that_is_not_there_is_not_assessable(form: Form) -> None:
    found = result(form, document(cells(BALANCE)[:3]), "N19-REQ-01", "total")
    assert found.result == "not_assessable"
    assert found.left_value == 459
    assert found.operands.endswith("req_carried_out[total] absent")


@pytest.mark.parametrize("status", ["ambiguous", "unreadable"])
def test_a_doubtful_figure_is_uncertain(form: Form, status: str) -> None:
    figures = [*cells(BALANCE)[:3], cell("req_carried_out", None, "total", status=status)]
    found = result(form, document(figures), "N19-REQ-01", "total")
    assert (found.result, found.right_value, found.cause) == ("uncertain", None, "")


def test_absence_goes_before_doubt(form: Form) -> None:
    figures = [*cells(BALANCE)[:2], cell("req_carried_out", None, "total", status="ambiguous")]
    assert result(form, document(figures), "N19-REQ-01", "total").result == "not_assessable"


def test_a_row_is_summed_over_its_applicants(form: Form) -> None:
    parts = ["natural_person", "legal_commercial", "legal_research"]
    parts += ["legal_public_welfare", "legal_law_service", "legal_other"]
    figures = [cell("out_granted", n, part) for n, part in enumerate(parts)]
    found = result(
        form, document([*figures, cell("out_granted", 15, "total")]), "N19-REQ-03", "out_granted"
    )
    assert found.result == "pass"


@pytest.mark.parametrize(("published", "expected"), [(1368, "pass"), (150, "pass"), (149, "fail")])
def test_a_bound_may_be_reached_but_not_passed(form: Form, published: int, expected: str) -> None:
    values = {
        ("a20_1_normdocs_newly_published", ""): 150,
        ("a20_1_normdocs_total_public", ""): published,
    }
    found = result(form, document(cells(values, "proactive")), "N19-A20-02")
    assert found.result == expected


def test_a_rule_without_a_right_side_compares_with_zero(form: Form) -> None:
    values = {("a20_8_fees_prev_items", ""): 3, ("a20_8_fees_change", ""): -5}
    found = result(form, document(cells(values, "proactive")), "N19-A20-NN-8_fees")
    assert (found.result, found.right_value, found.residual) == ("fail", Decimal(0), Decimal(-2))
    assert found.operands == "a20_8_fees_prev_items 3 + a20_8_fees_change -5 >= 0"


def test_value_columns_are_members(form: Form) -> None:
    figures = [
        cell(code, value, column, table="statistics")
        for column, values in {"this_year": (5, 2), "cumulative": (9, 10)}.items()
        for code, value in zip(("pfj_requests", "pfj_replies"), values, strict=True)
    ]
    parsed = document(figures, form_id="provincial_fujian")
    assert result(form, parsed, "PFJ-07", "this_year").result == "pass"
    assert result(form, parsed, "PFJ-07", "cumulative").result == "fail"
    assert result(form, parsed, "PFJ-08", "pfj_requests").result == "pass"


def test_a_figure_printed_twice_counts_once(form: Form) -> None:
    figures = [*cells(BALANCE), cell("req_new", 451, "total", line_no=9)]
    assert result(form, document(figures), "N19-REQ-01", "total").result == "pass"
    figures[-1] = cell("req_new", 452, "total", line_no=9)
    assert result(form, document(figures), "N19-REQ-01", "total").result == "uncertain"


# --- which rules cover a report -------------------------------------------------------------------


def test_each_rule_and_member_of_the_edition_has_one_result(form: Form) -> None:
    results = evaluate(form, [document(cells(BALANCE))])
    keys = [(r.rule_id, r.scope_code) for r in results]
    assert len(keys) == len(set(keys))
    covered = {rule.rule_id for rule in form.rules if "national_2019" in rule.editions}
    assert {rule_id for rule_id, _ in keys} == covered


def test_claims_bring_the_rules_of_prose(form: Form) -> None:
    results = evaluate(form, [document(said=claims(requests_received=1), form_id="national_2014")])
    assert any(r.rule_id == "NARR-01" for r in results)


def test_expected_editions_cover_a_report_that_lost_its_tables(form: Form) -> None:
    parsed = document(form_id="narrative", expected="national_2019|national_2021")
    found = result(form, parsed, "X-TBL-01")
    assert (found.result, found.left_value, found.right_value) == ("fail", 0, 3)
    assert result(form, parsed, "N19-REQ-01", "total").result == "not_assessable"


def test_only_annual_reports_are_judged(form: Form) -> None:
    assert evaluate(form, [document(cells(BALANCE), doc_type="work_plan")]) == []


# --- claims ---------------------------------------------------------------------------------------


def test_an_optional_claim_may_be_absent_if_the_sum_holds(form: Form) -> None:
    said = claims(requests_in_person=16, requests_online=12, requests_mail=14, requests_received=42)
    found = result(form, document(said=said), "NARR-01")
    assert found.result == "pass"
    assert "narr_requests_fax absent" in found.operands


def test_without_an_optional_claim_a_difference_is_not_assessable(form: Form) -> None:
    said = claims(requests_in_person=16, requests_received=42)
    assert result(form, document(said=said), "NARR-01").result == "not_assessable"


def test_with_every_optional_claim_a_difference_fails(form: Form) -> None:
    said = claims(
        requests_in_person=16, requests_fax=0, requests_online=12, requests_mail=13,
        requests_other_channel=0, requests_received=42,
    )  # fmt: skip
    assert result(form, document(said=said), "NARR-01").result == "fail"


@pytest.mark.parametrize(
    ("precision", "expected"),
    [("exact", "pass"), ("implied", "pass"), ("nearly", "not_assessable")],
)
def test_only_exact_claims_are_compared(form: Form, precision: str, expected: str) -> None:
    said = [
        claim("narr_requests_own_level", 34),
        claim("narr_requests_lower_level", 8),
        claim("narr_requests_received", 42, precision=precision),
    ]
    assert result(form, document(said=said), "NARR-02").result == expected


def test_differing_claims_are_uncertain(form: Form) -> None:
    said = claims(requests_own_level=34, requests_lower_level=8, requests_received=42)
    repeated = [*said, claim("narr_requests_received", 42)]
    assert result(form, document(said=repeated), "NARR-02").result == "pass"
    differing = [*said, claim("narr_requests_received", 43)]
    found = result(form, document(said=differing), "NARR-02")
    assert found.result == "uncertain"
    assert found.operands.endswith("narr_requests_received differing")


def test_topics_are_added_up(form: Form) -> None:
    said = [
        claim("narr_requests_topic_count", 60, "财政预决算"),
        claim("narr_requests_topic_count", 400, "其他"),
        claim("narr_requests_received", 467),
    ]
    found = result(form, document(said=said), "NARR-03")
    assert (found.result, found.left_value) == ("fail", Decimal(460))
    assert found.operands.startswith("narr_requests_topic_count[*] 460 = ")


def test_figures_stated_apart_are_added(form: Form) -> None:
    figures = cells({("n14_channel_weibo", ""): 12, ("n14_channel_wechat", ""): 37}, "statistics")
    said = [
        claim("narr_proactive_social_media", 37),
        claim("narr_proactive_social_media", 12),
    ]
    parsed = document(figures, said, form_id="national_2014")
    assert result(form, parsed, "X-NARR-14").result == "pass"


# --- other kinds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "matched"), [(451, "a"), (459, "b"), (456, "c")])
def test_one_of_several_readings_may_hold(form: Form, said: int, matched: str) -> None:
    parsed = document(cells(BALANCE), claims(requests_received=said))
    for letter in "abc":
        found = result(form, parsed, f"X-NARR-01{letter}")
        assert (found.result, found.matched_rule_id) == ("pass", f"X-NARR-01{matched}")


def test_if_no_reading_holds_all_fail_with_their_own_sides(form: Form) -> None:
    parsed = document(cells(BALANCE), claims(requests_received=600))
    found = [result(form, parsed, f"X-NARR-01{letter}") for letter in "abc"]
    assert {(r.result, r.cause, r.matched_rule_id) for r in found} == {("fail", "source", "")}
    assert [r.right_value for r in found] == [451, 459, 456]


def test_a_reading_that_cannot_be_assessed_leaves_the_group_open(form: Form) -> None:
    parsed = document(cells(BALANCE)[:1], claims(requests_received=600))
    assert result(form, parsed, "X-NARR-01a").result == "not_assessable"


def test_a_doubtful_reading_leaves_the_group_uncertain(form: Form) -> None:
    figures = [*cells(BALANCE)[:2], cell("out_total", None, "total", status="ambiguous")]
    parsed = document(figures, claims(requests_received=600))
    assert result(form, parsed, "X-NARR-01a").result == "uncertain"


@pytest.mark.parametrize(
    ("printed", "expected"), [("-23.7", "pass"), ("-23.8", "pass"), ("-25.6", "fail")]
)
def test_a_change_may_differ_by_its_rounding(form: Form, printed: str, expected: str) -> None:
    said = [
        *claims(requests_received=456, requests_prev_year=598),
        claim("narr_requests_yoy_pct", printed),
    ]
    found = result(form, document(said=said), "NARR-08")
    assert (found.result, found.right_value) == (expected, Decimal("-23.745819"))


def test_a_share_of_nothing_is_not_assessable(form: Form) -> None:
    said = [
        *claims(requests_received=5, requests_prev_year=0),
        claim("narr_requests_yoy_pct", "100"),
    ]
    assert result(form, document(said=said), "NARR-08").result == "not_assessable"


def test_each_share_is_judged_by_itself(form: Form) -> None:
    said = [
        *claims(requests_received=52971, requests_fax=167, requests_online=26448),
        claim("narr_requests_channel_pct", "0.4", "fax"),
        claim("narr_requests_channel_pct", "49.9", "online"),
    ]
    parsed = document(said=said)
    assert result(form, parsed, "NARR-09", "online").result == "pass"
    assert result(form, parsed, "NARR-09", "fax").result == "fail"
    assert result(form, parsed, "NARR-09", "mail").result == "not_assessable"


def test_the_sum_of_outcomes_stands_in_for_their_total(form: Form) -> None:
    parts = claims(out_granted_or_partial=327, out_refused=22, out_unable=85)
    said = [*parts, claim("narr_out_pct", "75.3", "granted_or_partial")]
    found = result(form, document(said=said), "NARR-09", "granted_or_partial")
    assert (found.result, found.right_value) == ("pass", Decimal("75.345622"))
    total = claim("narr_outcomes_total", 456)
    found = result(form, document(said=[*said, total]), "NARR-09", "granted_or_partial")
    assert (found.result, found.right_value) == ("fail", Decimal("71.710526"))


@pytest.mark.parametrize(
    ("figures", "expected", "operands"),
    [
        ([cell("req_new", 4, "total")], "pass", ""),
        ([cell("req_new", -4, "total")], "fail", "req_new[total] -4"),
        ([cell("req_new", "4.5", "total")], "fail", "req_new[total] 4.5"),
        ([cell("req_new", None, "total", status="blank")], "not_assessable", ""),
        ([], "not_assessable", ""),
        (
            [cell("req_new", 4, "total"), cell("out_total", None, "total", status="unreadable")],
            "uncertain",
            "",
        ),
        (
            [cell("req_new", -4, "total"), cell("out_total", None, "total", status="unreadable")],
            "fail",
            "req_new[total] -4",
        ),
    ],
)
def test_counts_are_whole_numbers(
    form: Form, figures: list[Cell], expected: str, operands: str
) -> None:
    found = result(form, document(figures), "N19-REQ-08")
    assert (found.result, found.operands) == (expected, operands)


def test_prescribed_tables_are_counted(form: Form) -> None:
    figures = [cell("req_new", 1, "total"), cell("appeal_review_total", 0, table="appeals")]
    found = result(form, document(figures), "X-TBL-01")
    assert (found.result, found.cause) == ("fail", "source")
    assert found.operands == "proactive 0 + requests 1 + appeals 1 = 3"
    lost = document(figures, errors=["proactive"])
    assert result(form, lost, "X-TBL-01").cause == "reading"


# --- other reports --------------------------------------------------------------------------------


def stock(in_force: int, issued: int = 0, repealed: int = 0) -> list[Cell]:
    values = {
        ("a20_1_normdocs_in_force", ""): in_force,
        ("a20_1_normdocs_made", ""): issued,
        ("a20_1_normdocs_repealed", ""): repealed,
    }
    return cells(values, "proactive")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ({}, "pass"),
        ({"year": 2020}, "not_assessable"),
        ({"publisher": "衢州市财政局"}, "not_assessable"),
        ({"region": "331100"}, "not_assessable"),
        ({"doc_type": "work_plan"}, "not_assessable"),
    ],
)
def test_a_stock_rolls_forward_from_the_year_before(
    form: Form, before: dict[str, str | int], expected: str
) -> None:
    this_year = document(stock(133, 11, 17), form_id="national_2021", year=2022)
    last_year = document(stock(139), name="b", form_id="national_2021", **{"year": 2021, **before})
    assert result(form, [this_year, last_year], "N21-A20-03").result == expected


def test_the_fullest_report_of_a_year_stands_for_it(form: Form) -> None:
    this_year = document(stock(133, 11, 17), form_id="national_2021", year=2022)
    full = document(stock(139), name="c", form_id="national_2021", year=2021)
    scrap = document(stock(150)[:1], name="b", form_id="national_2021", year=2021)
    found = result(form, [this_year, scrap, full], "N21-A20-03")
    assert found.result == "pass"
    assert "prev(a20_1_normdocs_in_force) 139" in found.operands


def test_a_body_without_a_name_has_no_other_years(form: Form) -> None:
    reports = [
        document(stock(1), form_id="national_2021", year=2022, publisher=""),
        document(stock(1), name="b", form_id="national_2021", year=2021, publisher=""),
    ]
    assert result(form, reports, "N21-A20-03").result == "not_assessable"


@pytest.mark.parametrize(("county", "expected"), [(400, "pass"), (500, "fail")])
def test_regions_below_add_up_to_no_more_than_the_aggregate(
    form: Form, county: int, expected: str
) -> None:
    reports = [
        document(cells(BALANCE), scope="region_aggregate"),
        document(
            [cell("req_new", county, "total")],
            name="b", region="330881", publisher="江山市人民政府", scope="region_aggregate",
        ),
        document(
            [cell("req_new", 9000, "total")],
            name="c", region="330800", publisher="衢州市财政局", scope="single_body",
        ),
    ]  # fmt: skip
    found = result(form, reports, "X-AGG-01", "req_new")
    assert (found.result, found.left_value) == (expected, county)
    assert found.operands.startswith(f"children(req_new[total]) {county} <= ")
    assert result(form, reports, "X-AGG-01", "out_total").result == "not_assessable"
    assert result(form, reports, "X-AGG-01", "req_new", name="c").result == "not_assessable"


def test_the_same_document_twice_is_judged_once(form: Form) -> None:
    parsed = document(cells(BALANCE))
    assert len(evaluate(form, [parsed, parsed])) == len(evaluate(form, [parsed]))


# --- cause ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "errors", "cause"),
    [
        ({}, [], "source"),
        ({"method": "label_repaired"}, [], "source"),
        ({"method": "solved", "solved_by": "N19-REQ-03|N19-REQ-02"}, [], "source"),
        ({"method": "solved", "solved_by": "N19-REQ-03|N19-REQ-01"}, [], "reading"),
        ({}, ["requests"], "reading"),
        ({}, ["appeals"], "source"),
    ],
)
def test_a_fail_is_the_sources_unless_reading_is_in_doubt(
    form: Form, changed: dict[str, str], errors: list[str], cause: str
) -> None:
    figures = cells(BALANCE | {("out_total", "total"): 450})
    figures[0] = figures[0]._replace(**changed)
    found = result(form, document(figures, errors=errors), "N19-REQ-01", "total")
    assert (found.result, found.cause) == ("fail", cause)


@pytest.mark.parametrize(
    ("rule_id", "this_year", "last_year", "expected"),
    [
        # What last year's text carried out is carried in.
        ("N19-YR-03", cells({("req_carried_in", "total"): 4}), claims(carried_out=4), "pass"),
        ("N19-YR-03", cells({("req_carried_in", "total"): 5}), claims(carried_out=4), "fail"),
        ("N19-YR-03", cells({("req_carried_in", "total"): 5}), [], "not_assessable"),
        # What was open last year is among this year's cases.
        (
            "N19-APP-07",
            cells({("appeal_litig_direct_total", ""): 3}, "appeals"),
            cells({("appeal_litig_direct_pending", ""): 3}, "appeals"),
            "pass",
        ),
        (
            "N19-APP-08",
            cells({("appeal_litig_after_total", ""): 2}, "appeals"),
            cells({("appeal_litig_after_pending", ""): 3}, "appeals"),
            "fail",
        ),
        # What the text says of last year is what last year's report said of itself.
        ("X-YR-01", claims(requests_prev_year=606), cells({("req_new", "total"): 606}), "pass"),
        ("X-YR-02", claims(requests_prev_year=606), cells({("n14_received", ""): 600}), "fail"),
        ("X-YR-03", claims(requests_prev_year=42), cells({("p13_requests", ""): 42}), "pass"),
        ("X-YR-04", claims(requests_prev_year=467), claims(requests_received=467), "pass"),
        ("X-YR-04", claims(requests_prev_year=460), claims(requests_received=467), "fail"),
    ],
)
def test_years_speak_to_each_other_across_editions(
    form: Form, rule_id: str, this_year: list, last_year: list, expected: str
) -> None:
    def report(found: list, **place: object) -> Parsed:
        return document(
            [c for c in found if isinstance(c, Cell)],
            [c for c in found if isinstance(c, Claim)],
            **place,
        )

    reports = [report(this_year), report(last_year, name="b", form_id="national_2014", year=2019)]
    found = result(form, reports, rule_id)
    assert found.result == expected
    assert found.cause == ("source" if expected == "fail" else "")


def test_rules_across_years_warn_and_never_withhold(form: Form) -> None:
    """Bodies are reorganised and stocks recounted: a break between two years is no misreading."""
    across = [rule for rule in form.rules if any(term.year_offset for term in rule.terms)]
    assert len(across) == 24
    assert {rule.severity for rule in across} == {"warning", "info"}


def test_every_pair_of_editions_is_carried_over(form: Form) -> None:
    """Carry-overs and stocks hold between every two editions of which both have the rows."""

    def pairs(code: str, before: str) -> set[tuple[str, str]]:
        return {
            (last, this)
            for rule in form.rules
            for this in rule.editions
            for last in (edition.form_id for edition in form.editions)
            if any(t.indicator_code == code and not t.year_offset for t in rule.terms)
            and any(
                t.indicator_code == before
                and t.year_offset
                and any(line.indicator_code == before for line in form.lines(last))
                for t in rule.terms
            )
        }

    two = {"national_2019", "national_2021"}
    both = {(last, this) for last in two for this in two}
    assert pairs("req_carried_in", "req_carried_out") >= both
    assert {this for _, this in pairs("req_carried_in", "narr_carried_out")} == two
    assert pairs("req_carried_in", "n14_received") == {("national_2014", "national_2019")}
    for forum in ("review", "litig_direct", "litig_after"):
        assert pairs(f"appeal_{forum}_total", f"appeal_{forum}_pending") >= both
    for stock in ("rules", "normdocs"):
        public, in_force = f"a20_1_{stock}_total_public", f"a20_1_{stock}_in_force"
        assert ("national_2019", "national_2019") in pairs(public, public)
        assert ("national_2019", "national_2021") in pairs(in_force, public)
        assert ("national_2021", "national_2021") in pairs(in_force, in_force)
