"""Suites come from the dictionary, whole; the gate closes for broken promises alone."""

from dataclasses import replace

import pandas as pd
import pytest

from expectations.evaluate import SuiteOutcome, evaluate
from expectations.gate import decide
from expectations.suites import INTEGRITY, SENTENCES, expect_rule, plan_suites


def outcome(*, passed: bool, is_integrity: bool) -> SuiteOutcome:
    return SuiteOutcome(
        "fct_x__row_sum", "fct_x", "sentence", is_integrity, passed, 5, 0 if passed else 2,
        "" if passed else "error", "What it means.", ({"document": "a.txt"},),
    )  # fmt: skip


def test_every_rule_is_in_exactly_one_suite(form):
    planned = [rule.rule_id for suite in plan_suites(form) for rule in suite.rules]
    assert sorted(planned) == sorted(rule.rule_id for rule in form.rules)


def test_suites_are_named_after_model_and_kind(form):
    for suite in plan_suites(form):
        assert suite.name == f"{suite.model}__{suite.kind}"
        assert suite.model.startswith(("fct_", "dim_")) and suite.kind in SENTENCES


def test_an_expectation_carries_its_rule_and_the_words_of_the_dictionary(form):
    for rule in form.rules:
        expectation = expect_rule(rule)
        assert expectation.meta["rule_id"] == rule.rule_id
        assert rule.description_zh in expectation.notes
        assert (expectation.severity == "critical") == (rule.severity == "error")


@pytest.mark.parametrize(
    ("relation", "bounds"), [("=", (-0.5, 0.5)), ("<=", (None, 0.5)), (">=", (-0.5, None))]
)
def test_relation_and_tolerance_become_bounds(form, relation, bounds):
    rule = replace(form.rules[0], relation=relation, tolerance=0.5)
    expectation = expect_rule(rule)
    assert (expectation.min_value, expectation.max_value) == bounds


@pytest.fixture(scope="module")
def few_rules(form):
    """A dictionary of a few rules, one of each kind: Great Expectations takes its time."""
    one_of_each = {rule.suite_kind: rule for rule in form.rules}
    return replace(form, rules=tuple(one_of_each.values()))


def make_frames(form, **changes) -> dict[str, pd.DataFrame]:
    """Frames of one report that fulfils every rule, with the changes given per frame."""
    place = {"report_id": "a-1", "document": "a.txt"}
    rules = pd.DataFrame(
        [
            {**place, "rule_id": rule.rule_id, "scope_code": "", "residual": 0.0,
             "operands": "1 = 1", "result": "pass", "cause": "", "agrees": True,
             "row_count": 1, "evaluated_count": 1}
            for rule in form.rules
        ]
    )  # fmt: skip
    completeness = pd.DataFrame(
        [{**place, "rule_id": "R", "is_expected": True, "is_evaluated": True, "repeated_count": 0}]
    )
    conservation = pd.DataFrame(
        [{**place, "lost_count": 0, "invented_count": 0, "altered_count": 0}]
    )
    layers = pd.DataFrame([{"thing": "reports", "difference": 0}])
    frames = {
        "rules": rules,
        "completeness": completeness,
        "conservation": conservation,
        "layers": layers,
    }
    for name, change in changes.items():
        change(frames[name])
    return frames


def broken(form, **changes) -> list[str]:
    return [o.name for o in evaluate(form, make_frames(form, **changes)) if not o.passed]


def test_nothing_fails_where_everything_holds(few_rules):
    assert broken(few_rules) == []


def test_a_broken_rule_fails_its_own_suite_and_says_where(few_rules):
    rule_id = next(rule.rule_id for rule in few_rules.rules if rule.suite_kind == "column_sum")

    def break_rule(frame):
        frame.loc[frame["rule_id"] == rule_id, ["residual", "result", "operands"]] = [
            7.0,
            "fail",
            "8 = 1",
        ]

    (failed,) = [
        o for o in evaluate(few_rules, make_frames(few_rules, rules=break_rule)) if not o.passed
    ]
    assert rule_id in [
        rule.rule_id for s in plan_suites(few_rules) if s.name == failed.name for rule in s.rules
    ]
    assert not failed.is_integrity and failed.failure_count == 1
    assert failed.failures[0]["operands"] == "8 = 1" and failed.first_document == "a.txt"


def test_a_rule_that_cannot_be_assessed_fails_nothing(few_rules):
    def forget(frame):
        frame["residual"] = float("nan")

    assert broken(few_rules, rules=forget) == []


@pytest.mark.parametrize(
    ("frame", "column", "value", "suite"),
    [
        ("rules", "agrees", False, "fct_rule_results__agreement"),
        ("completeness", "is_evaluated", False, "fct_rule_results__completeness"),
        ("completeness", "is_expected", False, "fct_rule_results__completeness"),
        ("completeness", "repeated_count", 1, "fct_rule_results__completeness"),
        ("conservation", "lost_count", 3, "dim_report__conservation"),
        ("conservation", "invented_count", 1, "dim_report__conservation"),
        ("conservation", "altered_count", 1, "dim_report__conservation"),
        ("layers", "difference", -1, "dim_report__layers"),
    ],
)
def test_each_promise_has_a_way_to_be_broken(few_rules, frame, column, value, suite):
    assert broken(few_rules, **{frame: lambda rows: rows.__setitem__(column, value)}) == [suite]
    assert suite in {integrity.name for integrity in INTEGRITY}


def test_the_gate_opens_for_source_discrepancies_and_closes_for_broken_promises():
    assert decide([outcome(passed=False, is_integrity=False)], 0, 10, 20).may_publish
    decision = decide([outcome(passed=False, is_integrity=True)], 0, 10, 20)
    assert not decision.may_publish
    assert "What it means." in decision.reasons[0] and "a.txt" in decision.reasons[0]


@pytest.mark.parametrize(
    ("quarantined", "tables", "opens"), [(0, 0, True), (2, 10, True), (3, 10, False)]
)
def test_too_many_quarantined_tables_close_the_gate(quarantined, tables, opens):
    assert decide([], quarantined, tables, 20.0).may_publish is opens
