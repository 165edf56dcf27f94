"""Great Expectations suites, built in code from the dictionary: one expectation per rule.

Nothing is written by hand about any rule: relation, tolerance, severity and wording are the
dictionary's. Importing this module does not import Great Expectations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from loaders.form import Form, Rule

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

SENTENCES = {
    "row_sum": "rows_add_up_to_their_totals",
    "column_sum": "columns_add_up_to_their_totals",
    "balance": "what_came_in_was_dealt_with_or_carried_out",
    "carry_over": "this_year_begins_where_last_year_ended",
    "bound": "parts_do_not_exceed_their_wholes",
    "ratio": "printed_shares_agree_with_their_figures",
    "domain": "counts_are_whole_and_not_negative",
    "presence": "prescribed_tables_are_there",
    "narrative": "the_text_agrees_with_itself_and_the_tables",
    "aggregate": "regions_are_not_less_than_their_parts",
}
"""Each kind of suite as the sentence that it checks."""

_MODEL_OF_TABLE = {
    "requests": "fct_requests",
    "appeals": "fct_appeals",
    "proactive": "fct_proactive_disclosure",
}


@dataclass(frozen=True)
class RuleSuite:
    """The rules of one kind that concern one mart."""

    model: str
    kind: str
    rules: tuple[Rule, ...]

    @property
    def name(self) -> str:
        return f"{self.model}__{self.kind}"

    @property
    def check_name(self) -> str:
        return SENTENCES[self.kind]


def plan_suites(form: Form) -> list[RuleSuite]:
    """Every rule of the dictionary in exactly one suite, ordered by name."""
    grouped: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in form.rules:
        grouped[find_model(form, rule), rule.suite_kind].append(rule)
    return [
        RuleSuite(model, kind, tuple(sorted(rules, key=lambda rule: rule.rule_id)))
        for (model, kind), rules in sorted(grouped.items())
    ]


def find_model(form: Form, rule: Rule) -> str:
    """The mart that a rule's first figure stands in."""
    if rule.rule_kind in ("domain", "presence"):
        return "dim_report" if rule.rule_kind == "presence" else "fct_rule_results"
    if any(term.operand == "claim" for term in rule.terms):
        return "fct_claims"
    for term in rule.terms:
        line = form.any_line(term.indicator_code)
        if line and line.fact_code:
            return f"fct_{line.fact_code}"
    return _MODEL_OF_TABLE.get(rule.table_code, "fct_rule_results")


def expect_rule(rule: Rule) -> Expectation:
    """What must hold of a rule's residuals (left minus right), the column of its name.

    Rows without a residual say nothing: a rule with a missing figure is not a pass, and no failure.
    """
    tolerance = float(rule.tolerance)
    return _residual_type()(
        column=rule.rule_id,
        min_value=None if rule.relation == "<=" else -tolerance,
        max_value=None if rule.relation == ">=" else tolerance,
        meta={"rule_id": rule.rule_id, "rule_severity": rule.severity},
        notes=f"{rule.rule_id} {rule.description_zh} {rule.description_en}",
        # GX knows critical, warning and info.
        severity="critical" if rule.severity == "error" else rule.severity,
    )


@cache
def _residual_type() -> type[Expectation]:
    """Bounds of a column's values, which make their own configuration once.

    Great Expectations makes it anew at each of the hundred times that it asks an expectation for
    it, which is half of what an expectation costs. None of ours changes once it is made.
    """
    import great_expectations.expectations as gxe
    from great_expectations.compatibility.pydantic import PrivateAttr

    class ExpectResidualsToBeBetween(gxe.ExpectColumnValuesToBeBetween):
        _configuration: Any = PrivateAttr(None)

        @property
        def configuration(self) -> Any:
            if self._configuration is None:
                self._configuration = super().configuration
            return self._configuration

    return ExpectResidualsToBeBetween


@dataclass(frozen=True)
class IntegritySuite:
    """A promise about the warehouse itself, whatever the sources print. Breaking it blocks."""

    name: str
    check_name: str
    frame: str
    """Which frame of ``expectations.frames`` it looks at."""
    columns: tuple[tuple[str, object], ...]
    """Columns of that frame with the one value that each must have."""
    meaning: str


INTEGRITY: Sequence[IntegritySuite] = (
    IntegritySuite(
        "fct_rule_results__agreement",
        "facts_give_the_results_that_the_cells_gave",
        "rules",
        (("agrees", True),),
        "A rule computed from the published facts differs from fct_rule_results: something changed "
        "on the way from cells to facts.",
    ),
    IntegritySuite(
        "fct_rule_results__completeness",
        "every_rule_was_evaluated_once",
        "completeness",
        (("is_evaluated", True), ("is_expected", True), ("repeated_count", 0)),
        "A rule of a report's edition has no result, or one that nobody asked for.",
    ),
    IntegritySuite(
        "dim_report__conservation",
        "every_figure_read_is_in_a_fact_or_held_back",
        "conservation",
        (("lost_count", 0), ("invented_count", 0), ("altered_count", 0)),
        "A figure was lost, invented or altered between the cells and the facts.",
    ),
    IntegritySuite(
        "dim_report__layers",
        "everything_read_arrived",
        "layers",
        (("difference", 0),),
        "Reports, claims or tasks were read and are not in the marts, or the other way round.",
    ),
)


def expect_integrity(suite: IntegritySuite) -> list[Expectation]:
    """One expectation per column that must have one value."""
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnValuesToBeInSet(
            column=column,
            value_set=[value],
            meta={"integrity": suite.name},
            notes=suite.meaning,
            severity="critical",
        )
        for column, value in suite.columns
    ]
