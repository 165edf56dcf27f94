"""Do the sums hold, for all reports of a warehouse at once? A grid has a line for each figure and a column for each report.

`loaders.rules` judges the reports of some documents one by one and in words; this judges one rule after the other for
thousands of reports, in numbers. docs/contracts.md defines the results of both, and a test holds them together. How
figures are found is the business of SQL (`int_operands_met`); `int_rule_residuals` writes down what comes of this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from loaders.rules import FAIL, NOT_ASSESSABLE, PASS, UNCERTAIN

REPORTS_AT_ONCE = 100_000
"""Columns of one grid, which takes 9 bytes for each figure that rules look at: 100 MB."""
FIGURES_AT_ONCE = 100_000
"""Rows that come into the grid together. Memory that is new costs more than what is done there: so a little, again and again."""
_CUT = 2_048
"""Reports that are judged together, for the same reason; too few would make each step of it a call too many."""

RESULTS = (PASS, FAIL, UNCERTAIN, NOT_ASSESSABLE)
_PASS, _FAIL, _UNCERTAIN, _NOT_ASSESSABLE = range(len(RESULTS))

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
        ("sides", pa.uint8()),
        ("large_left", pa.decimal128(38, 6)),
        ("large_right", pa.decimal128(38, 6)),
        ("result", pa.dictionary(pa.int8(), pa.string())),
        ("is_source", pa.bool_()),
        ("matched_instance_no", pa.int32()),
    ]
)
"""One row per report, rule that covers it, and member of the rule's scope.

The sides are mostly alike, and whole, and take least where that is seen: ``figure`` is the left one, or the right one where
the left is not known; ``gap`` is what the left has more than the right, 0 where one is not known. Both are in millionths
where ``sides`` says so, one number for what there is to know of them (`LEFT_KNOWN` and the others). What is beyond 64 bits
stands in columns of its own. ``dbt/macros/rule_sides.sql`` tells the sides again.
"""

LEFT_KNOWN, RIGHT_KNOWN, IN_MILLIONTHS, WITH_SECOND_DENOMINATOR = 1, 2, 4, 8


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
        self.terms: dict[int, list[Term]] = {}
        """The terms of each side."""
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
            self.terms.setdefault(term.side, []).append(term)
            self.solvers.setdefault(row["rule_id"], []).append(term)
            counts[row["instance_no"]] = counts.get(row["instance_no"], 0) + 1
        by_id = {row["rule_id"]: row for row in rules}
        by_number: dict[int, Rule] = {}
        for number, rule_id, scope_code in sorted(
            {(row["instance_no"], row["rule_id"], row["scope_code"]) for row in members}
        ):
            rule = by_id[rule_id]
            by_number[number] = Rule(
                instance_no=number,
                kind=rule["rule_kind"],
                relation=rule["relation"],
                tolerance=round(_MILLION * rule["tolerance"]),
                choice=(rule["rule_group"], scope_code) if rule["rule_kind"] == "any_of" else None,
                sides=tuple(sides.get((number, side), 0) for side in (1, 2, 3, 4)),
                term_count=counts.get(number, 0),
            )
        self.covering: dict[int, list[Rule]] = {}
        """The rules that cover the reports of a signature."""
        for signature_no, instance_no in sorted(signatures):
            self.covering.setdefault(signature_no, []).append(by_number[instance_no])

    def lines_of(self, rules: Iterable[Rule]) -> list[int]:
        """The lines that some rules look at."""
        sides = {side for rule in rules for side in rule.sides}
        return sorted({term.line for side in sides for term in self.terms.get(side, ())})


class _Block(NamedTuple):
    """The reports of one signature: they stand side by side, and have the lines that their rules look at."""

    covering: Sequence[Rule]
    first: int
    """Column of the first report."""
    width: int
    place_of: Mapping[int, int]
    """Where each line begins."""


class Grid:
    """The figures of some reports, and the rules that cover them."""

    def __init__(self, rules: Rules, keys: np.ndarray, signatures: np.ndarray) -> None:
        """An empty grid.

        Args:
            rules: the rules of the dictionary.
            keys: ``report_key`` of the reports, each once; nothing may be added of others.
            signatures: ``signature_no`` of each of them, 0 for none; no rule covers these.
        """
        order = np.argsort(signatures, kind="stable")
        self._rules, self.keys = rules, keys[order]
        self._first_key = keys.min(initial=np.iinfo(np.int32).max)
        # Its own number says where a report is.
        self._column_of = np.zeros(max(keys.max(initial=0) - self._first_key + 1, 0), np.int32)
        self._column_of[self.keys - self._first_key] = np.arange(len(keys), dtype=np.int32)
        self._blocks: list[_Block] = []
        numbers, block_of, widths = np.unique(
            signatures[order], return_inverse=True, return_counts=True
        )
        self._block_of = block_of.astype(np.int32)
        # The first line of all, and the last one of each block, are for figures that nobody asks for.
        size = max(widths, default=0)
        line_count = len(rules.lines) + 1
        self._starts = np.zeros((len(numbers), line_count), np.int64)
        for block, (number, first, width) in enumerate(
            zip(numbers.tolist(), _offsets(widths).tolist(), widths.tolist(), strict=True)
        ):
            covering = rules.covering.get(number, [])
            place_of: dict[int, int] = {}
            for line in rules.lines_of(covering):
                place_of[line] = size
                size += width
            self._blocks.append(_Block(covering, first, width, place_of))
            self._starts[block, list(place_of)] = list(place_of.values())
            self._starts[block] -= first
        self._values = np.zeros(size, np.int64)
        self._signs = np.full(size, _ABSENT, np.uint8)
        self._large: dict[int, int] = {}
        """By place, the figures that are too large for the grid."""
        self._solved: dict[int, list[np.ndarray]] = {}
        """By side, the columns where the rule itself fixed a figure of its."""
        self._line_of = {
            offset: _lookup(
                {number: line for (number, year), line in rules.lines.items() if year == offset},
                len(rules.lines),
            )
            for offset in (0, -1)
        }

    def add_figures(self, batch: pa.RecordBatch) -> None:
        """Take in rows of `int_operands_met`."""
        lines, columns = self._lines_of(batch), self._columns_of(batch)
        # By one number for a place: two for each would take ten times as long.
        starts = lines + self._block_of.take(columns) * np.int64(self._starts.shape[1])
        places = self._starts.reshape(-1).take(starts) + columns
        self._values[places], large = _millionths(batch["value"])
        self._signs[places] = (
            _as_numpy(batch["is_absent"]) * np.uint8(_ABSENT)
            | _as_numpy(batch["is_doubtful"]) * np.uint8(_DOUBTFUL)
            | ~_as_numpy(batch["is_sound"]) * np.uint8(_UNSOUND)
        )
        self._large |= {int(places[row]): value for row, value in large}

    def add_solvers(self, batch: pa.RecordBatch) -> None:
        """Take in rows of `int_operands_met` whose figure some rule fixed: it is no witness for that rule."""
        lines, columns = self._lines_of(batch), self._columns_of(batch)
        solved_by = batch["solved_by"].dictionary_encode()
        codes = _as_numpy(solved_by.indices)
        for code, rule_ids in enumerate(solved_by.dictionary.to_pylist()):
            for term in (
                t for name in rule_ids.split("|") for t in self._rules.solvers.get(name, ())
            ):
                here = columns[(codes == code) & (lines == term.line)]
                self._solved.setdefault(term.side, []).append(here)

    def _lines_of(self, batch: pa.RecordBatch) -> np.ndarray:
        numbers = _as_numpy(batch["operand_no"])
        return np.where(
            _as_numpy(batch["year_offset"]) == 0,
            self._line_of[0].take(numbers, mode="clip"),
            self._line_of[-1].take(numbers, mode="clip"),
        )

    def _columns_of(self, batch: pa.RecordBatch) -> np.ndarray:
        return self._column_of[_as_numpy(batch["report_key"]) - self._first_key]

    def judge(self) -> Iterator[pa.RecordBatch]:
        """All results, some thousand reports at a time; shape `SCHEMA`."""
        for block in self._blocks:
            sides = {side for rule in block.covering for side in rule.sides}
            for start in range(0, block.width, _CUT) if block.covering else ():
                cut = slice(start, min(start + _CUT, block.width))
                sums = {side: self._add_up(side, block, cut) for side in sides}
                drafts = [_judge(rule, sums) for rule in block.covering]
                keys = self.keys[block.first + cut.start : block.first + cut.stop]
                yield _as_batch(block.covering, _join_alternatives(block.covering, drafts), keys)

    def _add_up(self, side: int, block: _Block, cut: slice) -> _Sum:
        """What the figures of a side, which may be the empty one, come to in some reports of a block."""
        total = np.zeros(cut.stop - cut.start, np.int64)
        signs = np.zeros(cut.stop - cut.start, np.uint8)
        for term in self._rules.terms.get(side, ()):
            start = block.place_of[term.line]
            here = slice(start + cut.start, start + cut.stop)
            figures = self._figures(here)
            total = total + (figures if term.coefficient == 1 else term.coefficient * figures)
            signs |= self._signs[here] & np.uint8(term.mask)
        for columns in self._solved.get(side, ()):
            solved = columns - block.first
            signs[solved[(solved >= cut.start) & (solved < cut.stop)] - cut.start] |= _UNSOUND
        return _Sum(total, signs)

    def _figures(self, here: slice) -> np.ndarray:
        """The figures in some places; as Python's integers where one is large."""
        figures = self._values[here]
        large = [place for place in self._large if here.start <= place < here.stop]
        if large:
            figures = figures.astype(object)
            for place in large:
                figures[place - here.start] = self._large[place]
        return figures


class _Sum(NamedTuple):
    """A side of a rule in some columns."""

    total: np.ndarray
    signs: np.ndarray
    """Those of all its figures."""


class _Sides(NamedTuple):
    """Both sides of a rule in some columns, as `SCHEMA` has them."""

    figure: np.ndarray
    gap: np.ndarray
    signs: np.ndarray
    """The column ``sides``."""
    large: tuple[np.ndarray, np.ndarray] | None
    """The left and the right one as decimals or ``None``, where any is too large for the others."""


class _Draft(NamedTuple):
    """What came of one rule in some columns: but for these two, what `SCHEMA` has of it."""

    sides: _Sides
    results: np.ndarray
    """Places in `RESULTS`."""
    is_source: np.ndarray
    matched: np.ndarray
    """Of a choice, the number of the alternative that holds, or 0."""


def _judge(rule: Rule, sums: Mapping[int, _Sum]) -> _Draft:
    (left, left_signs), (right, right_signs), (whole, whole_signs), (instead, signs_instead) = (
        sums[side] for side in rule.sides
    )
    told = left_signs | right_signs
    has_left, has_right = _is_known(left_signs), _is_known(right_signs)
    is_else = np.zeros(len(left), bool)
    if rule.kind == "presence":
        right = np.full(len(left), rule.term_count * _MILLION)
    elif rule.kind == "ratio":
        if rule.sides[3]:
            # The second denominator stands in where the first is absent.
            is_else = whole_signs & _MISSED != 0
            whole = np.where(is_else, instead, whole)
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
    matched = np.zeros(len(left), np.int32)
    sides = _as_sides(left, has_left, right, has_right)
    sides.signs[is_else] |= WITH_SECOND_DENOMINATOR
    return _Draft(sides, results, is_source, matched)


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


def _join_alternatives(rules: Sequence[Rule], drafts: Sequence[_Draft]) -> list[_Draft]:
    """Give the rules of a choice one result: that of the first that holds, if any does."""
    joined = list(drafts)
    choices: dict[tuple[str, str], list[int]] = {}
    for place, rule in enumerate(rules):
        if rule.choice:
            choices.setdefault(rule.choice, []).append(place)
    for members in choices.values():
        results = np.stack([drafts[place].results for place in members])
        passes = results == _PASS
        numbers = np.array([rules[place].instance_no for place in members], np.int32)
        joint = np.select(
            [
                passes.any(axis=0),
                (results == _UNCERTAIN).any(axis=0),
                (results == _FAIL).all(axis=0),
            ],
            [_PASS, _UNCERTAIN, _FAIL],
            _NOT_ASSESSABLE,
        ).astype(np.int8)
        matched = np.where(passes.any(axis=0), numbers[passes.argmax(axis=0)], 0)
        for place in members:
            joined[place] = drafts[place]._replace(results=joint, matched=matched)
    return joined


def _as_batch(rules: Sequence[Rule], drafts: Sequence[_Draft], keys: np.ndarray) -> pa.RecordBatch:
    # Every other rule from the last report to the first: the next one begins close by, and what is
    # between two keys takes half the bits.
    turned = [slice(None, None, -1 if place % 2 else 1) for place in range(len(rules))]

    def join(columns: Iterable[np.ndarray]) -> np.ndarray:
        return np.concatenate([column[turn] for column, turn in zip(columns, turned, strict=True)])

    figure, gap, signs, large = zip(*(draft.sides for draft in drafts), strict=True)
    _, results, is_source, matched = zip(*drafts, strict=True)
    numbers = np.array([rule.instance_no for rule in rules], np.int32)
    own_number = join(matched)
    return pa.record_batch(
        [
            pa.array(join([keys] * len(rules))),
            pa.array(np.repeat(numbers, len(keys))),
            *map(pa.array, map(join, (figure, gap, signs))),
            *_as_decimals(large, join, len(keys)),
            pa.DictionaryArray.from_arrays(pa.array(join(results)), pa.array(RESULTS)),
            pa.array(join(is_source)),
            pa.array(own_number, mask=own_number == 0),
        ],
        schema=SCHEMA,
    )


# --- numbers of Arrow and of NumPy -----------------------------------------------------------------


def _as_numpy(column: pa.Array) -> np.ndarray:
    return column.to_numpy(zero_copy_only=False)


def _offsets(counts: np.ndarray) -> np.ndarray:
    """Where each of some stretches begins that stand one behind the other."""
    return np.cumsum(counts) - counts


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
) -> _Sides:
    """Both sides of results, in millionths, as they are kept."""
    figure = np.where(has_left, left, np.where(has_right, right, 0))
    gap = np.where(has_left & has_right, left - right, 0)
    large = None
    if figure.dtype == object or gap.dtype == object:
        is_large = ((abs(figure) >= _BEYOND) | (abs(gap) >= _BEYOND)).astype(bool)
        large = _decimals(left, has_left & is_large), _decimals(right, has_right & is_large)
        figure, gap = (np.where(is_large, 0, each).astype(np.int64) for each in (figure, gap))
    in_units = figure // _MILLION, gap // _MILLION
    is_fractional = (in_units[0] * _MILLION != figure) | (in_units[1] * _MILLION != gap)
    figure, gap = map(np.where, (is_fractional, is_fractional), (figure, gap), in_units)
    signs = (
        has_left * np.uint8(LEFT_KNOWN)
        | has_right * np.uint8(RIGHT_KNOWN)
        | is_fractional * np.uint8(IN_MILLIONTHS)
    )
    return _Sides(figure, gap, signs, large)


def _decimals(values: np.ndarray, is_wanted: np.ndarray) -> np.ndarray:
    """Millionths as decimals of six digits, ``None`` where they are not wanted."""
    context = Context(prec=38)
    found = np.full(len(values), None)
    for place in np.flatnonzero(is_wanted).tolist():
        found[place] = Decimal(int(values[place])).scaleb(-6, context)
    return found


def _as_decimals(
    large: Sequence[tuple[np.ndarray, np.ndarray] | None],
    join: Callable[[Iterable[np.ndarray]], np.ndarray],
    width: int,
) -> Iterator[pa.Array]:
    """The large left sides and the large right ones of some drafts."""
    decimals = pa.decimal128(38, 6)
    none = np.full(width, None)
    for side in (0, 1):
        if any(large):
            yield pa.array(join(none if each is None else each[side] for each in large), decimals)
        else:
            yield pa.nulls(width * len(large), decimals)
