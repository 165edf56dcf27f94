"""Do the sums hold, for all reports of a warehouse at once? A grid has a line for each figure and a column for each report.

`loaders.rules` judges the reports of some documents one by one and in words; this judges one rule after the other for
thousands of reports, in numbers. docs/contracts.md defines the results of both, and a test holds them together. How
figures are found is the business of SQL (`int_operands_met`); `int_rule_residuals` writes down what comes of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from loaders.rules import FAIL, NOT_ASSESSABLE, PASS, UNCERTAIN

REPORTS_AT_ONCE = 100_000
"""Columns of one grid, which takes 9 bytes for each figure that rules look at: 400 MB."""
_CUT = 8_192
"""Reports that are judged together: few enough for a processor's cache."""

RESULTS = (PASS, FAIL, UNCERTAIN, NOT_ASSESSABLE)
_PASS, _FAIL, _UNCERTAIN, _NOT_ASSESSABLE = range(len(RESULTS))
_NOT_COVERED = len(RESULTS)

# Signs of a figure and of a side: what stands in the way of its sum.
_MISSED, _OMITTED, _DOUBTFUL, _UNSOUND = 1, 2, 4, 8
_ABSENT = _MISSED | _OMITTED
"""Of a figure: a term takes the one or the other from it."""
_SHARES_NOTHING = 16
"""Of a ratio: its denominator is none."""
_HOLDS = 32
"""Of a comparison: the sides are as the rule wants them, whatever else stands in the way."""

_MILLION = 1_000_000
"""Figures are whole numbers of millionths here, so that every sum is exact."""
_LARGE = 1 << 52
"""From here on figures are added as Python's integers: a thousand smaller ones stay within 64 bits."""
_BEYOND = 1 << 63

SCHEMA = pa.schema(
    [
        ("report_key", pa.int32()),
        ("instance_no", pa.int32()),
        ("figure", pa.int64()),
        ("gap", pa.int64()),
        ("has_left", pa.bool_()),
        ("has_right", pa.bool_()),
        ("is_fractional", pa.bool_()),
        ("large_left", pa.decimal128(38, 6)),
        ("large_right", pa.decimal128(38, 6)),
        ("result", pa.dictionary(pa.int8(), pa.string())),
        ("is_source", pa.bool_()),
        ("is_else", pa.bool_()),
        ("matched_instance_no", pa.int32()),
    ]
)
"""One row per report, rule that covers it, and member of the rule's scope.

The sides are mostly alike, and whole, and take least where that is seen: ``figure`` is the left one, or the right one where
the left is not known; ``gap`` is what the left has more than the right, 0 where one is not known. Both are in millionths
where ``is_fractional`` says so. What is beyond 64 bits stands in columns of its own. ``dbt/macros/rule_sides.sql`` tells the
sides again.
"""


class Term(NamedTuple):
    """A figure that a side of a rule looks at."""

    side: int
    line: int
    """Of the grid."""
    coefficient: int
    mask: int
    """The signs of the figure that count here."""


class Rule(NamedTuple):
    """A rule with one member of its scope."""

    instance_no: int
    kind: str
    relation: str
    tolerance: int
    """In millionths."""
    choice: tuple[str, str] | None
    """What alternatives to each other have in common."""
    sides: tuple[int, ...]
    """Left and right; or printed, numerator, denominator and what stands in for it. 0 is the empty side."""
    term_count: int


class Rules:
    """The rules of the dictionary with their members, by number."""

    def __init__(
        self,
        rules: Iterable[Mapping[str, Any]],
        members: Iterable[Mapping[str, Any]],
        terms: Iterable[Mapping[str, Any]],
        signatures: Iterable[tuple[int, int]],
    ) -> None:
        """Bring rows of the dictionary together.

        Args:
            rules: rows of `form_rule`.
            members: rows of `int_rule_members`.
            terms: rows of `int_rule_terms_expanded`.
            signatures: ``signature_no`` and ``instance_no``, as `int_signature_members` has them.
        """
        sides: dict[tuple[int, int], int] = {}
        counts: dict[int, int] = {}
        self.lines: dict[tuple[int, int], int] = {}
        """The line of each ``operand_no`` and ``year_offset``."""
        self.terms: list[Term] = []
        self.solvers: dict[str, list[Term]] = {}
        """The terms of a rule, by its name."""
        for row in terms:
            # A table without cells is a count of none; any other figure that is absent is missed.
            absent = 0 if row["operand"] == "table" else _MISSED
            term = Term(
                side=sides.setdefault((row["instance_no"], row["side_no"]), len(sides) + 1),
                line=self.lines.setdefault(
                    (row["operand_no"], row["year_offset"]), len(self.lines)
                ),
                coefficient=int(row["coefficient"]),
                mask=(_OMITTED if row["is_optional"] else absent) | _DOUBTFUL | _UNSOUND,
            )
            self.terms.append(term)
            self.solvers.setdefault(row["rule_id"], []).append(term)
            counts[row["instance_no"]] = counts.get(row["instance_no"], 0) + 1
        self.side_count = len(sides) + 1
        by_id = {row["rule_id"]: row for row in rules}
        self.rules: list[Rule] = []
        for number, rule_id, scope_code in sorted(
            {(row["instance_no"], row["rule_id"], row["scope_code"]) for row in members}
        ):
            rule = by_id[rule_id]
            self.rules.append(
                Rule(
                    instance_no=number,
                    kind=rule["rule_kind"],
                    relation=rule["relation"],
                    tolerance=round(_MILLION * rule["tolerance"]),
                    choice=(rule["rule_group"], scope_code)
                    if rule["rule_kind"] == "any_of"
                    else None,
                    sides=tuple(sides.get((number, side), 0) for side in (1, 2, 3, 4)),
                    term_count=counts.get(number, 0),
                )
            )
        rows = {rule.instance_no: row for row, rule in enumerate(self.rules)}
        self.covering: dict[int, list[int]] = {}
        """The rules that cover the reports of a signature, as places in ``rules``."""
        for signature_no, instance_no in signatures:
            self.covering.setdefault(signature_no, []).append(rows[instance_no])


class Grid:
    """The figures of some reports, and the rules that cover them."""

    def __init__(self, rules: Rules, keys: np.ndarray) -> None:
        """An empty grid.

        Args:
            rules: the rules of the dictionary.
            keys: ``report_key`` of the reports, each once; nothing may be added of others.
        """
        self._rules, self.keys = rules, keys
        self._first_key = keys.min(initial=np.iinfo(np.int32).max)
        # Its own number says where a report is.
        self._column_of = np.zeros(max(keys.max(initial=0) - self._first_key + 1, 0), np.int32)
        self._column_of[keys - self._first_key] = np.arange(len(keys), dtype=np.int32)
        # The last line is for figures that nobody asks for.
        shape = len(rules.lines) + 1, len(keys)
        self._values = np.zeros(shape, np.int64)
        self._signs = np.full(shape, _ABSENT, np.uint8)
        self._covered = np.zeros((len(rules.rules), len(keys)), bool)
        self._large: list[tuple[int, int, int]] = []
        """Line, column and value of the figures that are too large for the grid."""
        self._solved: list[tuple[int, np.ndarray]] = []
        """Sides, and the columns where the rule itself fixed a figure of theirs."""
        self._line_of = {
            offset: _lookup(
                {number: line for (number, year), line in rules.lines.items() if year == offset},
                len(rules.lines),
            )
            for offset in (0, -1)
        }

    def add_figures(self, batch: pa.RecordBatch) -> None:
        """Take in rows of `int_operands_met`."""
        lines, columns = self._places_of(batch)
        # One number for a place: two for each would take ten times as long.
        places = lines * np.int64(len(self.keys)) + columns
        values, large = _millionths(batch["value"])
        self._values.reshape(-1)[places] = values
        self._signs.reshape(-1)[places] = (
            _as_numpy(batch["is_absent"]) * np.uint8(_ABSENT)
            | _as_numpy(batch["is_doubtful"]) * np.uint8(_DOUBTFUL)
            | ~_as_numpy(batch["is_sound"]) * np.uint8(_UNSOUND)
        )
        self._large += [(int(lines[row]), int(columns[row]), value) for row, value in large]

    def add_solvers(self, batch: pa.RecordBatch) -> None:
        """Take in rows of `int_operands_met` whose figure some rule fixed: it is no witness for that rule."""
        lines, columns = self._places_of(batch)
        solved_by = batch["solved_by"].dictionary_encode()
        codes = _as_numpy(solved_by.indices)
        for code, rule_ids in enumerate(solved_by.dictionary.to_pylist()):
            for term in (
                t for name in rule_ids.split("|") for t in self._rules.solvers.get(name, ())
            ):
                self._solved.append((term.side, columns[(codes == code) & (lines == term.line)]))

    def add_coverage(self, batch: pa.RecordBatch) -> None:
        """Take in rows of `int_reports_signed`."""
        columns = self._columns_of(batch)
        numbers = _as_numpy(batch["signature_no"])
        for number in np.unique(numbers):
            rows = self._rules.covering.get(int(number), [])
            self._covered[np.ix_(rows, columns[numbers == number])] = True

    def _places_of(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
        """Line and column of figures."""
        numbers = _as_numpy(batch["operand_no"])
        lines = np.where(
            _as_numpy(batch["year_offset"]) == 0,
            self._line_of[0].take(numbers, mode="clip"),
            self._line_of[-1].take(numbers, mode="clip"),
        )
        return lines, self._columns_of(batch)

    def _columns_of(self, batch: pa.RecordBatch) -> np.ndarray:
        return self._column_of[_as_numpy(batch["report_key"]) - self._first_key]

    def judge(self) -> Iterator[pa.RecordBatch]:
        """All results, some thousand reports at a time; shape `SCHEMA`."""
        for start in range(0, len(self.keys), _CUT):
            cut = slice(start, min(start + _CUT, len(self.keys)))
            totals, signs = self._add_up(cut)
            drafts = [
                _judge(rule, np.flatnonzero(covered), totals, signs)
                for rule, covered in zip(self._rules.rules, self._covered[:, cut], strict=True)
            ]
            drafts = _join_alternatives(self._rules.rules, drafts, cut.stop - cut.start)
            yield _as_batch(self._rules.rules, drafts, self.keys[cut])

    def _add_up(self, cut: slice) -> tuple[np.ndarray, np.ndarray]:
        """The sum of each side, and the signs of all its figures; the first side is the empty one."""
        values = self._values[:, cut]
        large = [each for each in self._large if cut.start <= each[1] < cut.stop]
        if large:
            values = values.astype(object)
            for line, column, value in large:
                values[line, column - cut.start] = value
        shape = self._rules.side_count, values.shape[1]
        totals, signs = np.zeros(shape, values.dtype), np.zeros(shape, np.uint8)
        for term in self._rules.terms:
            figures = values[term.line]
            totals[term.side] += figures if term.coefficient == 1 else term.coefficient * figures
            signs[term.side] |= self._signs[term.line, cut] & np.uint8(term.mask)
        for side, columns in self._solved:
            here = columns[(columns >= cut.start) & (columns < cut.stop)]
            signs[side, here - cut.start] |= _UNSOUND
        return totals, signs


class _Draft(NamedTuple):
    """What came of one rule in the columns that it covers, all arrays as long as ``columns``."""

    columns: np.ndarray
    left: np.ndarray
    has_left: np.ndarray
    right: np.ndarray
    has_right: np.ndarray
    results: np.ndarray
    """Places in `RESULTS`."""
    is_source: np.ndarray
    is_else: np.ndarray
    matched: np.ndarray | None = None
    """Of a choice, the number of the alternative that holds, or 0."""


def _judge(rule: Rule, columns: np.ndarray, totals: np.ndarray, signs: np.ndarray) -> _Draft:
    left, right, whole, whole_instead = (totals[side].take(columns) for side in rule.sides)
    left_signs, right_signs, whole_signs, signs_instead = (
        signs[side].take(columns) for side in rule.sides
    )
    told = left_signs | right_signs
    has_left, has_right = _is_known(left_signs), _is_known(right_signs)
    is_else = np.zeros(len(columns), bool)
    if rule.kind == "presence":
        right[:] = rule.term_count * _MILLION
    elif rule.kind == "ratio":
        if rule.sides[3]:
            # The second denominator stands in where the first is absent.
            is_else = whole_signs & _MISSED != 0
            whole = np.where(is_else, whole_instead, whole)
            whole_signs = np.where(is_else, signs_instead, whole_signs)
        told |= whole_signs | (whole == 0) * np.uint8(_SHARES_NOTHING)
        has_right &= _is_known(whole_signs) & (whole != 0)
        right = _percentages(right, whole, has_right)
    residual = left - right
    if rule.relation == "<=":
        holds = residual <= rule.tolerance
    elif rule.relation == ">=":
        holds = residual >= -rule.tolerance
    else:
        holds = abs(residual) <= rule.tolerance
    results = _RESULT_OF.take(told | holds.astype(bool) * np.uint8(_HOLDS))
    is_source = told & _UNSOUND == 0
    return _Draft(columns, left, has_left, right, has_right, results, is_source, is_else)


def _conclude(told: int) -> int:
    """The result of a comparison, as a place in `RESULTS`, by the signs of all that it looks at."""
    if told & _MISSED:
        return _NOT_ASSESSABLE
    if told & _DOUBTFUL:
        return _UNCERTAIN
    if told & _SHARES_NOTHING:
        return _NOT_ASSESSABLE
    if told & _HOLDS:
        return _PASS
    # Without an optional figure a difference may be just that figure.
    return _NOT_ASSESSABLE if told & _OMITTED else _FAIL


_RESULT_OF = np.array([_conclude(told) for told in range(2 * _HOLDS)], np.int8)
"""By the signs of a comparison: to look it up takes less than to ask of each in turn."""


def _is_known(signs: np.ndarray) -> np.ndarray:
    return signs & (_MISSED | _DOUBTFUL) == 0


def _percentages(parts: np.ndarray, wholes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """100 × part / whole where wanted, to six digits, halves away from zero; else 0."""
    found = np.zeros(len(parts), object)
    part, whole = parts[wanted].astype(object), wholes[wanted].astype(object)
    sizes = (200 * _MILLION * abs(part) + abs(whole)) // (2 * abs(whole))
    found[wanted] = np.where((part < 0) == (whole < 0), sizes, -sizes)
    return found if np.any(abs(found) >= _LARGE) else found.astype(np.int64)


def _join_alternatives(rules: Sequence[Rule], drafts: Sequence[_Draft], width: int) -> list[_Draft]:
    """Give the rules of a choice one result: that of the first that holds, if any does."""
    joined = list(drafts)
    choices: dict[tuple[str, str], list[int]] = {}
    for number, rule in enumerate(rules):
        if rule.choice:
            choices.setdefault(rule.choice, []).append(number)
    for members in choices.values():
        results = np.full((len(members), width), _NOT_COVERED, np.int8)
        for row, number in enumerate(members):
            results[row, drafts[number].columns] = drafts[number].results
        passes = results == _PASS
        numbers = np.array([rules[number].instance_no for number in members], np.int32)
        matched = np.where(passes.any(axis=0), numbers[passes.argmax(axis=0)], 0)
        joint = np.select(
            [passes.any(axis=0), (results == _UNCERTAIN).any(axis=0),
             ((results == _FAIL) | (results == _NOT_COVERED)).all(axis=0)],
            [_PASS, _UNCERTAIN, _FAIL],
            _NOT_ASSESSABLE,
        ).astype(np.int8)  # fmt: skip
        for number in members:
            columns = drafts[number].columns
            joined[number] = drafts[number]._replace(
                results=joint[columns], matched=matched[columns]
            )
    return joined


def _as_batch(rules: Sequence[Rule], drafts: Sequence[_Draft], keys: np.ndarray) -> pa.RecordBatch:
    # Every other rule from the last report to the first: the next one begins close by, and what is
    # between two keys takes half the bits.
    drafts = [_turn(draft) if number % 2 else draft for number, draft in enumerate(drafts)]
    lengths = [len(draft.columns) for draft in drafts]
    matched = np.concatenate(
        [
            np.zeros(length, np.int32) if draft.matched is None else draft.matched
            for draft, length in zip(drafts, lengths, strict=True)
        ]
    )
    results = np.concatenate([draft.results for draft in drafts])
    return pa.record_batch(
        [
            pa.array(keys[np.concatenate([d.columns for d in drafts])]),
            pa.array(np.repeat(np.array([r.instance_no for r in rules], np.int32), lengths)),
            *_as_sides(
                *(
                    np.concatenate([d.left for d in drafts]),
                    np.concatenate([d.has_left for d in drafts]),
                ),
                *(
                    np.concatenate([d.right for d in drafts]),
                    np.concatenate([d.has_right for d in drafts]),
                ),
            ),
            pa.DictionaryArray.from_arrays(pa.array(results), pa.array(RESULTS)),
            pa.array(np.concatenate([d.is_source for d in drafts])),
            pa.array(np.concatenate([d.is_else for d in drafts])),
            pa.array(matched, mask=matched == 0),
        ],
        schema=SCHEMA,
    )


def _turn(draft: _Draft) -> _Draft:
    return _Draft(*(None if column is None else column[::-1] for column in draft))


# --- numbers of Arrow and of NumPy -----------------------------------------------------------------


def _as_numpy(column: pa.Array) -> np.ndarray:
    return column.to_numpy(zero_copy_only=False)


def _lookup(found: Mapping[int, int], default: int) -> np.ndarray:
    """A table of numbers by number, with the default for all others and, last, for what is beyond."""
    table = np.full(max(found, default=0) + 2, default, np.int32)
    for key, value in found.items():
        table[key] = value
    return table


def _millionths(column: pa.Array) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Decimals of six digits as integers, NULL as 0; and row and value of those that are too large, which become 0."""
    limbs = np.frombuffer(column.buffers()[1], np.int64).reshape(-1, 2)
    low, high = limbs[column.offset : column.offset + len(column)].T
    if column.null_count:
        is_known = _as_numpy(column.is_valid())
        low, high = np.where(is_known, low, 0), np.where(is_known, high, 0)
    beyond = np.flatnonzero((high != low >> 63) | (abs(low) >= _LARGE))
    if not len(beyond):
        return low, []
    large = [(int(row), int(column[int(row)].as_py().scaleb(6))) for row in beyond]
    low = low.copy()
    low[beyond] = 0
    return low, large


def _as_sides(
    left: np.ndarray, has_left: np.ndarray, right: np.ndarray, has_right: np.ndarray
) -> list[pa.Array]:
    """Both sides of results in the columns of `SCHEMA`."""
    figure = np.where(has_left, left, np.where(has_right, right, 0))
    gap = np.where(has_left & has_right, left - right, 0)
    is_fractional = ((figure % _MILLION != 0) | (gap % _MILLION != 0)).astype(bool)
    is_large = np.zeros(len(figure), bool)
    if figure.dtype == object or gap.dtype == object:
        is_large = ((abs(figure) >= _BEYOND) | (abs(gap) >= _BEYOND)).astype(bool)
        figure, gap = (np.where(is_large, 0, each).astype(np.int64) for each in (figure, gap))
    numbers = (np.where(is_fractional, each, each // _MILLION) for each in (figure, gap))
    return [
        *map(pa.array, (*numbers, has_left, has_right, is_fractional)),
        _as_decimals(left, has_left & is_large),
        _as_decimals(right, has_right & is_large),
    ]


def _as_decimals(values: np.ndarray, is_known: np.ndarray) -> pa.Array:
    """Millionths as decimals of six digits, NULL where they are not known."""
    decimals = pa.decimal128(38, 6)
    if not is_known.any():
        return pa.nulls(len(values), decimals)
    found = zip(values.tolist(), is_known.tolist(), strict=True)
    context = Context(prec=38)
    return pa.array(
        [Decimal(value).scaleb(-6, context) if known else None for value, known in found], decimals
    )
