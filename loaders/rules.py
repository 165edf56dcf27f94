"""Do the sums hold? The rules of the dictionary, evaluated on what was read from the reports.

No rule is written here: kinds of rules are, and how terms find their figures. The warehouse judges all
its reports at once (`loaders.rule_grid`, `fct_rule_results`), and a test holds the two together;
docs/contracts.md tells the meaning. Nothing here changes a figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from loaders.bodies.region import Regions
from loaders.figures import ABSENT, DOUBTFUL, Collection, Figures, Operand
from loaders.form import Form, Rule, Term
from loaders.rows import Parsed

PASS, FAIL, UNCERTAIN, NOT_ASSESSABLE = "pass", "fail", "uncertain", "not_assessable"

_ZERO, _HUNDRED, _SIX_PLACES = Decimal(0), Decimal(100), Decimal("0.000001")


class RuleResult(NamedTuple):
    """One rule for one report and member of the rule's scope.

    ``left_value``, ``right_value`` and ``residual`` (left − right) are ``None`` where a figure that
    they need is absent or in doubt. ``cause`` tells whether a fail is the source's or the reading's.
    """

    report_id: str
    rule_id: str
    scope_code: str
    left_value: Decimal | None
    right_value: Decimal | None
    residual: Decimal | None
    result: str
    cause: str
    matched_rule_id: str
    operands: str


def evaluate(
    form: Form, parsed: Sequence[Parsed], regions: Regions | None = None
) -> list[RuleResult]:
    """Evaluate every rule that covers a report, for all annual reports of some documents.

    Figures of the year before and of the regions below are looked for among these documents.

    Args:
        regions: the register that knows which regions lie below; of this repository if not given.

    Returns:
        One result per report, rule and member of its scope, in the order of reports and rules.
    """
    collection = Collection(parsed, regions)
    results: list[RuleResult] = []
    for figures in collection.figures:
        if figures.report.doc_type != "annual_report":
            continue
        drafts = [_judge(i, figures) for i in _instances(form, _covering(form, figures))]
        results += _join_alternatives(drafts, figures.report_id)
    return results


# --- which rules, for which members ---------------------------------------------------------------


class _Instance(NamedTuple):
    """A rule for one member of its scope, its operands by role."""

    rule: Rule
    scope_code: str
    sides: dict[str, tuple[Operand, ...]]


def _covering(form: Form, figures: Figures) -> frozenset[str]:
    """The editions whose rules cover a report."""
    form_ids = {figures.report.form_id, *figures.report.form_expected.split("|")}
    if figures.has_claims:
        form_ids.update(e.form_id for e in form.editions if not e.has_table)
    return frozenset(form_ids)


@lru_cache(maxsize=64)
def _instances(form: Form, form_ids: frozenset[str]) -> tuple[_Instance, ...]:
    return tuple(
        _Instance(rule, member, _resolve(rule, member))
        for rule in form.rules
        for member in _members(form, rule, [f for f in rule.editions if f in form_ids])
    )


def _members(form: Form, rule: Rule, form_ids: Sequence[str]) -> Iterable[str]:
    """The members of a rule's scope in some of its editions, each once."""
    if not form_ids:
        return ()
    found: Iterable[str] = ("",)
    if rule.scope_kind == "applicant_column":
        found = [a.applicant_code for a in form.applicants if set(a.form_ids) & set(form_ids)]
    elif rule.scope_kind == "value_column":
        found = [c.column_code for f in form_ids for c in form.value_columns(f)]
    elif rule.scope_kind == "qualifier":
        found = [term.scope_code for term in rule.terms if term.scope_code]
    elif rule.scope_kind in ("request_row", "row"):
        is_request = rule.scope_kind == "request_row"
        found = [
            line.indicator_code
            for form_id in form_ids
            for line in form.lines(form_id)
            if line.node_type != "heading"
            and (
                line.dimension_code == "request_row"
                if is_request
                else line.table_code == rule.table_code
            )
        ]
    return dict.fromkeys(found)


def _resolve(rule: Rule, member: str) -> dict[str, tuple[Operand, ...]]:
    sides: dict[str, list[Operand]] = {}
    for term in rule.terms:
        if term.scope_code in ("", member):
            sides.setdefault(term.role, []).append(_operand(term, member))
    return {role: tuple(found) for role, found in sides.items()}


def _operand(term: Term, member: str) -> Operand:
    code = member if term.indicator_code == "*" else term.indicator_code
    part = term.qualifier
    if term.operand == "cell":
        part = member if term.column_code == "*" else term.column_code
    name = f"{code}[{part}]" if part else code
    if term.year_offset:
        name = f"prev({name})"
    elif term.body == "children":
        name = f"children({name})"
    size = abs(term.coefficient)
    return Operand(
        sign="- " if term.coefficient < 0 else "+ ",
        name=name if size == 1 else f"{size} * {name}",
        coefficient=term.coefficient,
        operand=term.operand,
        key=(code, part),
        is_sum=term.claim_use == "sum",
        is_previous=bool(term.year_offset),
        is_children=term.body == "children",
        is_optional=term.is_optional,
    )


# --- judging --------------------------------------------------------------------------------------


class _Side(NamedTuple):
    """One side of a rule added up. ``value`` is ``None`` where a figure is absent or in doubt."""

    value: Decimal | None
    absent_count: int
    omitted_count: int
    doubtful_count: int
    is_source: bool
    text: str


_EMPTY_SIDE = _Side(_ZERO, 0, 0, 0, True, "0")


class _Draft(NamedTuple):
    """A result before the alternatives of a group are joined."""

    rule: Rule
    scope_code: str
    left: Decimal | None
    right: Decimal | None
    result: str
    is_source: bool
    operands: str


def _judge(instance: _Instance, figures: Figures) -> _Draft:
    return _JUDGES.get(instance.rule.rule_kind, _judge_linear)(instance, figures)


def _judge_linear(instance: _Instance, figures: Figures) -> _Draft:
    left = _add_up(instance, "left", figures)
    right = _add_up(instance, "right", figures)
    return _decide(instance, left.value, right.value, (left, right), (left.text, right.text))


def _judge_presence(instance: _Instance, figures: Figures) -> _Draft:
    left = _add_up(instance, "left", figures)
    wanted = len(instance.sides["left"])
    return _decide(instance, left.value, Decimal(wanted), (left,), (left.text, str(wanted)))


def _judge_ratio(instance: _Instance, figures: Figures) -> _Draft:
    printed = _add_up(instance, "printed", figures)
    numerator = _add_up(instance, "numerator", figures)
    whole = _add_up(instance, "denominator", figures)
    if whole.absent_count and "denominator_else" in instance.sides:
        whole = _add_up(instance, "denominator_else", figures)
    right = None
    if numerator.value is not None and whole.value:
        right = (_HUNDRED * numerator.value / whole.value).quantize(_SIX_PLACES, ROUND_HALF_UP)
    texts = (printed.text, f"100 * ({numerator.text}) / ({whole.text})")
    return _decide(instance, printed.value, right, (printed, numerator, whole), texts)


def _judge_domain(instance: _Instance, figures: Figures) -> _Draft:
    """Whether all figures of a table are counts: whole numbers of zero or more."""
    table_code = instance.rule.table_code
    cells = [found for found in figures.cells.values() if found[0].table_code == table_code]
    offending = sorted(
        (cell for cell, status in cells if status == "reported" and not _is_count(cell.value)),
        key=lambda cell: (cell.indicator_code, cell.column_code),
    )
    statuses = [status for _, status in cells]
    has_figures = any(status == "reported" or status in DOUBTFUL for status in statuses)
    # A figure that is certainly no count settles it, whatever else is in doubt.
    doubtful = 0 if offending else sum(status in DOUBTFUL for status in statuses)
    solved_by = {r for c in offending if c.method == "solved" for r in c.solved_by.split("|")}
    is_source = not figures.is_suspect(table_code) and instance.rule.rule_id not in solved_by
    side = _Side(None, 0 if has_figures else 1, 0, doubtful, is_source, "")
    left = Decimal(len(offending)) if has_figures and not doubtful else None
    draft = _decide(instance, left, _ZERO, (side,), ("", ""))
    return draft._replace(
        operands=", ".join(
            f"{_name(c.indicator_code, c.column_code)} {_number(c.value)}" for c in offending
        )
    )


_JUDGES: dict[str, Callable[[_Instance, Figures], _Draft]] = {
    "presence": _judge_presence,
    "ratio": _judge_ratio,
    "domain": _judge_domain,
}


def _add_up(instance: _Instance, role: str, figures: Figures) -> _Side:
    operands = instance.sides.get(role)
    if not operands:
        return _EMPTY_SIDE
    total, absent, omitted, doubtful, is_source = _ZERO, 0, 0, 0, True
    rule_id = instance.rule.rule_id
    texts = []
    for operand in operands:
        figure = figures.find(operand)
        value, status = figure.value, figure.status
        if value is not None:
            total += operand.coefficient * value
        if status in ABSENT:
            if operand.is_optional:
                omitted += 1
            else:
                absent += 1
        elif status in DOUBTFUL:
            doubtful += 1
        if not figure.is_sound or rule_id in figure.solved_by:
            is_source = False
        texts.append(f"{operand.sign}{operand.name} {status if value is None else _number(value)}")
    text = " ".join(texts).removeprefix("+ ")
    value = None if absent or doubtful else total
    return _Side(value, absent, omitted, doubtful, is_source, text)


def _decide(
    instance: _Instance,
    left: Decimal | None,
    right: Decimal | None,
    sides: Sequence[_Side],
    texts: tuple[str, str],
) -> _Draft:
    rule = instance.rule
    if any(side.absent_count for side in sides):
        result = NOT_ASSESSABLE
    elif any(side.doubtful_count for side in sides):
        result = UNCERTAIN
    elif left is None or right is None:
        result = NOT_ASSESSABLE  # a share of nothing
    elif _holds(left - right, rule):
        result = PASS
    else:
        # Without an optional figure a difference may be just that figure.
        result = NOT_ASSESSABLE if any(side.omitted_count for side in sides) else FAIL
    return _Draft(
        rule=rule,
        scope_code=instance.scope_code,
        left=left,
        right=right,
        result=result,
        is_source=all(side.is_source for side in sides),
        operands=f"{texts[0]} {rule.relation} {texts[1]}",
    )


def _holds(residual: Decimal, rule: Rule) -> bool:
    if rule.relation == "<=":
        return residual <= rule.tolerance
    if rule.relation == ">=":
        return residual >= -rule.tolerance
    return abs(residual) <= rule.tolerance


def _join_alternatives(drafts: Sequence[_Draft], report: str) -> Iterable[RuleResult]:
    """Give the rules of a group one result: that of the one that holds, if any does."""
    groups: dict[tuple[str, str], list[_Draft]] = {}
    for draft in drafts:
        if draft.rule.rule_kind == "any_of":
            groups.setdefault((draft.rule.rule_group, draft.scope_code), []).append(draft)
    for draft in drafts:
        result, matched = draft.result, ""
        group = groups.get((draft.rule.rule_group, draft.scope_code))
        if group:
            matched = min((d.rule.rule_id for d in group if d.result == PASS), default="")
            result = _joint_result([d.result for d in group])
        cause = ("source" if draft.is_source else "reading") if result == FAIL else ""
        is_known = draft.left is not None and draft.right is not None
        yield RuleResult(
            report_id=report,
            rule_id=draft.rule.rule_id,
            scope_code=draft.scope_code,
            left_value=draft.left,
            right_value=draft.right,
            residual=draft.left - draft.right if is_known else None,
            result=result,
            cause=cause,
            matched_rule_id=matched,
            operands=draft.operands,
        )


def _joint_result(results: Sequence[str]) -> str:
    for result in (PASS, UNCERTAIN):
        if result in results:
            return result
    return FAIL if set(results) == {FAIL} else NOT_ASSESSABLE


def _is_count(value: Decimal | None) -> bool:
    return value is not None and value >= 0 and value == value.to_integral_value()


def _name(code: str, part: str) -> str:
    return f"{code}[{part}]" if part else code


def _number(value: Decimal | None) -> str:
    """A number without trailing zeros: 451, 27042.62."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
