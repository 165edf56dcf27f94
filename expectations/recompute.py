"""Rule results once more, from the facts as they will be published.

Nothing of the way from cells to results is used a second time: a fault on it shows as a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from expectations.columns import UNIT, Instance, Numbers, Part, Term, read_decimals

if TYPE_CHECKING:
    import pandas as pd

_RESULTS = ("pass", "fail", "not_assessable", "uncertain", "")
_PASS, _FAIL, _NOT_ASSESSABLE = 0, 1, 2
"""As `numbering.sql` numbers results; those after fail are undecided."""


class Stated(NamedTuple):
    """Results of one instance as fct_rule_results has them."""

    row_no: np.ndarray
    report: np.ndarray
    result: np.ndarray
    left: np.ndarray
    has_left: np.ndarray
    right: np.ndarray
    has_right: np.ndarray


class Side(NamedTuple):
    """One side of a rule, for each report."""

    total: np.ndarray
    is_whole: np.ndarray
    """Every figure that it needs is there."""
    is_complete: np.ndarray
    """And so is every one that may be missing."""


class Own(NamedTuple):
    """What the facts say of an instance, for each report."""

    left: np.ndarray
    has_left: np.ndarray
    right: np.ndarray
    has_right: np.ndarray
    result: np.ndarray
    is_seen: np.ndarray
    """The facts hold all that it looks at."""


class Comparison:
    """Results as stated against what the facts say, some reports at a time.

    Attributes:
        told: row, result, residual and agreement of every result that fails or does not agree.
        others: by rule, how many there are of the others, how many of them decided, and those with
            the largest and the smallest gap.
    """

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.told: list[tuple[np.ndarray, ...]] = []
        self.others: dict[int, list[tuple[float, int, int, int, int]]] = defaultdict(list)

    def compare(self, part: Part, stated: dict[int, Stated]) -> None:
        """Compare the results of a part, given by the number of their instance."""
        found = [
            (instance, stated[instance.instance_no], judge(part, instance))
            for instance in self.numbers.instances
            if instance.instance_no in stated
        ]
        groups: dict[tuple[str, str], list[tuple[Stated, Own]]] = defaultdict(list)
        for instance, rows, own in found:
            if instance.rule_kind == "any_of":
                groups[instance.rule_group, instance.scope_code].append((rows, own))
        joined = {key: join_alternatives(members, part.count) for key, members in groups.items()}
        for instance, rows, own in found:
            result, is_seen = joined.get(
                (instance.rule_group, instance.scope_code), (own.result, own.is_seen)
            )
            self._compare(instance, rows, own, result[rows.report], is_seen[rows.report])

    def _compare(
        self, instance: Instance, rows: Stated, own: Own, result: np.ndarray, is_seen: np.ndarray
    ) -> None:
        left, right = own.left[rows.report], own.right[rows.report]
        has_left, has_right = own.has_left[rows.report], own.has_right[rows.report]
        # Doubt is told by the cells and not by the facts, so only what was decided is compared.
        was_decided = rows.result <= _FAIL
        same_sides = _are_same(rows.left, rows.has_left, left, has_left)
        same_sides &= _are_same(rows.right, rows.has_right, right, has_right)
        agrees = np.where(was_decided, (rows.result == result) & same_sides, result > _FAIL)
        agrees |= ~is_seen

        # The side that counts below: the facts' own where they can tell, the stated one elsewhere.
        result = np.where(is_seen, result, rows.result)
        gap = np.where(is_seen, left - right, rows.left - rows.right)
        is_known = np.where(is_seen, has_left & has_right, rows.has_left & rows.has_right)
        if instance.rule_kind == "any_of":  # one of them holds, so there is no gap
            gap[result == _PASS] = 0
            is_known |= result == _PASS
        residual = np.where(is_known & (result <= _FAIL), gap.astype(np.float64) / UNIT, np.nan)

        is_told = (result == _FAIL) | ~agrees
        self.told.append(tuple(a[is_told] for a in (rows.row_no, result, residual, agrees)))
        rest = [a[~is_told] for a in (residual, rows.row_no, result)]
        if len(rest[0]):
            is_decided = ~np.isnan(rest[0])
            counts = len(is_decided), int(is_decided.sum())
            for at in (
                np.argmax(np.where(is_decided, rest[0], -np.inf)),
                np.argmin(np.where(is_decided, rest[0], np.inf)),
            ):
                shown = (float(rest[0][at]), int(rest[1][at]), int(rest[2][at]))
                self.others[instance.rule_no].append((*shown, *counts))
                counts = 0, 0

    def as_frame(self) -> pd.DataFrame:
        """Each result that fails or does not agree, and for each rule up to two for all the others.

        Those two have the largest and the smallest gap.
        """
        import pandas as pd

        told = [np.concatenate(arrays) for arrays in zip(*self.told, strict=True)]
        row_no, result_no, residual, agrees = told or [np.zeros(0, dtype=np.int64)] * 4
        alone = pd.DataFrame(
            {
                "row_no": row_no,
                "result_no": result_no,
                "residual": residual,
                "agrees": agrees.astype(bool),
                "row_count": 1,
                "evaluated_count": (~np.isnan(residual)).astype(int),
                "is_told": True,
            }
        )
        rows = [row for others in self.others.values() for row in _show_extremes(others)]
        together = pd.DataFrame(rows, columns=alone.columns)
        connection = self.numbers.connection
        connection.register("told", pd.concat([alone, together]) if rows else alone)
        try:
            frame = connection.execute(_TOLD, [list(_RESULTS)]).df()
        finally:
            connection.unregister("told")
        return frame


def _show_extremes(others: Sequence[tuple[float, int, int, int, int]]) -> Iterator[tuple[Any, ...]]:
    counts = (sum(row[3] for row in others), sum(row[4] for row in others))
    # Of equal ones the first, so that it does not matter how many reports were taken at a time.
    firsts = sorted(others, key=lambda row: row[1])
    decided = [row for row in firsts if row[0] == row[0]] or firsts[:1]
    most, least = (choose(decided, key=lambda row: row[0]) for choose in (max, min))
    for residual, row_no, result, *_ in (most, least)[: 1 if most[1] == least[1] else 2]:
        yield row_no, result, residual, True, *counts, False
        counts = (0, 0)


_TOLD = """
    -- Only these have words; one for each, as every rule is evaluated once.
    with told_words as (
        select
            report_id,
            rule_id,
            scope_code,
            any_value(cause) as cause,
            any_value(operands) as operands,
        from marts.fct_rule_results
        where result in ('fail', 'uncertain')
        group by all
    )

    select
        reports.report_id,
        reports.document,
        rules.rule_id,
        scopes.scope_code,
        $1[told.result_no + 1] as result,
        case when told.is_told then coalesce(words.cause, '') else '' end as cause,
        case when told.is_told then coalesce(words.operands, '') else '' end as operands,
        told.residual,
        told.agrees,
        -- How many results the row stands for, and how many of them were decided.
        told.row_count,
        told.evaluated_count,
    from told
    inner join numbered_results as results on told.row_no = results.rowid
    inner join numbered_reports as reports on results.report_key = reports.report_key
    inner join numbered_rules as rules on results.rule_no = rules.rule_no
    inner join scopes on results.scope_no = scopes.scope_no
    left join told_words as words
        on
            reports.report_id = words.report_id
            and rules.rule_id = words.rule_id
            and scopes.scope_code = words.scope_code
    union all
    -- Of no rule or member that the dictionary knows.
    select reports.report_id, reports.document, '', '', '', '', '', null, false, 1, 0
    from numbered_results as results
    inner join numbered_reports as reports on results.report_key = reports.report_key
    where results.rule_no is null or results.scope_no is null
    order by rule_id, report_id, scope_code
"""


def read_stated(part: Part) -> dict[int, Stated]:
    """The results of a part by the number of their instance."""
    rows = part.read(
        "numbered_results inner join instances using (rule_no, scope_no)",
        f"numbered_results.rowid as row_no, report_key, instance_no, left_value, right_value, "
        f"coalesce(result_no, {len(_RESULTS) - 1})::utinyint as result_no",
    )
    instances = rows["instance_no"].to_numpy()
    order = np.argsort(instances, kind="stable")
    columns = [
        rows["row_no"].to_numpy(),
        part.reports(rows),
        rows["result_no"].to_numpy(),
        *read_decimals(rows["left_value"]),
        *read_decimals(rows["right_value"]),
    ]
    columns = [column[order] for column in columns]
    found, starts = np.unique(instances[order], return_index=True)
    ends = [*starts[1:], len(order)]
    return {
        int(instance_no): Stated(*(column[start:end] for column in columns))
        for instance_no, start, end in zip(found, starts, ends, strict=True)
    }


def judge(part: Part, instance: Instance) -> Own:
    """Both sides of an instance as the facts have them, and what follows."""
    left, right = (add(part, instance.sides[number]) for number in (1, 2))
    is_complete = left.is_complete & right.is_complete
    right_value, has_right = right.total, right.is_whole
    if instance.rule_kind == "presence":  # all of the tables that are prescribed
        right_value = np.full(part.count, UNIT * sum(map(len, instance.sides.values())))
    if instance.rule_kind == "ratio":
        whole = add(part, instance.sides[3])
        if instance.sides[4]:
            other = add(part, instance.sides[4])
            columns = zip(whole, other, strict=True)
            whole = Side(*(np.where(whole.is_whole, *pair) for pair in columns))
        is_complete &= whole.is_complete | ~whole.is_whole
        has_right = has_right & whole.is_whole & (whole.total != 0)
        right_value = np.zeros_like(right.total)
        right_value[has_right] = share_of(right.total[has_right], whole.total[has_right])
    gap, tolerance = left.total - right_value, instance.tolerance
    if instance.relation == "<=":
        holds = gap <= tolerance
    elif instance.relation == ">=":
        holds = gap >= -tolerance
    else:
        holds = np.abs(gap) <= tolerance
    result = np.where(holds, _PASS, np.where(is_complete, _FAIL, _NOT_ASSESSABLE))
    result[~(left.is_whole & has_right)] = _NOT_ASSESSABLE
    is_seen = np.full(part.count, instance.is_on_facts)
    for terms in instance.sides.values():
        for term in terms:
            is_seen &= ~part.row(part.is_withheld, term.kind_no)
    return Own(left.total, left.is_whole, right_value, has_right, result, is_seen)


def add(part: Part, terms: Sequence[Term]) -> Side:
    """The sum of some terms for each report."""
    total = np.zeros(part.count, dtype=part.values.dtype)
    is_whole, is_complete = np.ones((2, part.count), dtype=bool)
    for term in terms:
        figures = part.row(part.values, term.kind_no)
        total += figures if term.coefficient == 1 else term.coefficient * figures
        if term.is_needed or term.is_optional:
            found = is_whole if term.is_needed else is_complete
            found &= part.row(part.is_there, term.kind_no)
    return Side(total, is_whole, is_complete)


def share_of(numerators: np.ndarray, denominators: np.ndarray) -> np.ndarray:
    """Shares in per cent, all in millionths; halves go away from zero."""
    # Python's own numbers: a hundred times a figure may be beyond 64 bits.
    part, whole = numerators.astype(object), denominators.astype(object)
    sizes = (200 * UNIT * abs(part) + abs(whole)) // (2 * abs(whole))
    return np.where((part < 0) == (whole < 0), sizes, -sizes)


def join_alternatives(
    members: Sequence[tuple[Stated, Own]], count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The result of a group for each report, and whether the facts hold all that it looks at.

    An alternative counts where the report has a result of it.
    """
    passes, fails, is_seen = np.zeros(count, bool), np.ones(count, bool), np.ones(count, bool)
    for rows, own in members:
        passes[rows.report] |= own.result[rows.report] == _PASS
        fails[rows.report] &= own.result[rows.report] == _FAIL
        is_seen[rows.report] &= own.is_seen[rows.report]
    return np.where(passes, _PASS, np.where(fails, _FAIL, _NOT_ASSESSABLE)), is_seen


def _are_same(
    ours: np.ndarray, has_ours: np.ndarray, theirs: np.ndarray, has_theirs: np.ndarray
) -> np.ndarray:
    return (has_ours == has_theirs) & (~has_ours | (ours == theirs))
