"""The rules of the dictionary over plain figures: what holds, what fails, what must be raised.

An evaluator of its own, so that the two of the project can be judged by it. It knows printed and
absent figures and nothing of reading: no doubt, no solved cells, no shares.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from loaders.form import Form, Rule, Term

Operand = tuple[str, str, str]
"""Kind (``cell``, ``claim``), indicator code, column or qualifier."""
Figures = Mapping[Operand, Decimal | int]


class Addend(NamedTuple):
    """One signed term; ``when`` is ``self``, ``previous`` (year) or ``children``."""

    operand: Operand
    factor: int
    when: str
    is_optional: bool


class Equation(NamedTuple):
    """A rule for one member of its scope: addends related to zero."""

    rule_id: str
    rule_group: str
    scope_code: str
    relation: str
    addends: tuple[Addend, ...]

    def judge(self, gap: Decimal | int) -> bool:
        if self.relation == "=":
            return gap == 0
        return gap <= 0 if self.relation == "<=" else gap >= 0


@lru_cache(maxsize=32)
def list_equations(form: Form, form_id: str) -> tuple[Equation, ...]:
    """Every sum rule of an edition, for every member of its scope."""
    return tuple(
        Equation(rule.rule_id, rule.rule_group, member, rule.relation, _addends(rule, member))
        for rule in form.rules
        if form_id in rule.editions and rule.rule_kind in ("linear", "any_of", "aggregate")
        for member in _members(form, form_id, rule)
    )


def _members(form: Form, form_id: str, rule: Rule) -> Sequence[str]:
    lines = [line for line in form.lines(form_id) if line.node_type != "heading"]
    if rule.scope_kind == "applicant_column":
        return [a.applicant_code for a in form.applicants if form_id in a.form_ids]
    if rule.scope_kind == "value_column":
        return [column.column_code for column in form.value_columns(form_id)]
    if rule.scope_kind == "request_row":
        return [line.indicator_code for line in lines if line.dimension_code == "request_row"]
    if rule.scope_kind == "row":
        return [line.indicator_code for line in lines if line.table_code == rule.table_code]
    return [""]


def _addends(rule: Rule, member: str) -> tuple[Addend, ...]:
    return tuple(_addend(t, member) for t in rule.terms if t.scope_code in ("", member))


def _addend(term: Term, member: str) -> Addend:
    code = member if term.indicator_code == "*" else term.indicator_code
    part = term.qualifier if term.operand == "claim" else term.column_code
    part = member if part == "*" and term.operand == "cell" else part
    when = "previous" if term.year_offset else term.body
    factor = term.coefficient if term.role == "left" else -term.coefficient
    return Addend((term.operand, code, part), factor, when, term.is_optional)


def find_failures(
    equations: Iterable[Equation],
    figures: Figures,
    previous: Figures | None,
    children: Figures | None,
) -> set[tuple[str, str]]:
    """``(rule_id, scope_code)`` of every rule that must fail.

    Args:
        previous: what the body's report of the year before prints; ``None`` where there is none.
        children: sums over the reports of the regions below; ``None`` where the rule does not apply.
    """
    sources = {"self": figures, "previous": previous or {}, "children": children or {}}
    failed: set[tuple[str, str]] = set()
    groups: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for equation in equations:
        gap: Decimal | int = 0
        is_whole = True
        for operand, factor, when, is_optional in equation.addends:
            value = sources[when].get(operand)
            if value is not None:
                gap += factor * value
            elif is_optional:
                is_whole = False
            else:
                break
        else:
            is_failed = not equation.judge(gap) and is_whole
            if equation.rule_group:
                group = (equation.rule_group, equation.scope_code)
                groups.setdefault(group, []).append((equation.rule_id, is_failed))
            elif is_failed:
                failed.add((equation.rule_id, equation.scope_code))
            continue
        if equation.rule_group:
            group = (equation.rule_group, equation.scope_code)
            groups.setdefault(group, []).append((equation.rule_id, False))
    for (_, scope_code), members in groups.items():
        if all(is_failed for _, is_failed in members):
            failed |= {(rule_id, scope_code) for rule_id, _ in members}
    return failed


def raise_to_hold(equations: Iterable[Equation], figures: dict[Operand, Decimal | int]) -> None:
    """Raise figures until every equation holds that looks at this report alone.

    The smaller side is raised, in the figure that the fewest equations share: nothing becomes negative.

    Raises:
        ValueError: the equations contradict each other.
    """
    usable = [
        equation
        for equation in equations
        if all(a.when == "self" and a.operand in figures for a in equation.addends)
    ]
    shared = Counter(addend.operand for equation in usable for addend in equation.addends)
    for _ in range(100):
        is_kept = True
        for equation in usable:
            gap = sum(addend.factor * figures[addend.operand] for addend in equation.addends)
            if equation.judge(gap):
                continue
            is_kept = False
            smaller = [a.operand for a in equation.addends if (a.factor > 0) == (gap < 0)]
            figures[min(smaller, key=lambda operand: (shared[operand], operand))] += abs(gap)
        if is_kept:
            return
    raise ValueError("these rules contradict each other: " + ", ".join(e.rule_id for e in usable))
