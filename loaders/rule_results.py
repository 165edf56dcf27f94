"""Does a rule hold, for many reports at once? From the sums of its sides to rows of numbers.

What the sides come to is the business of `rule_grid`. docs/contracts.md defines the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from loaders.rules import FAIL, NOT_ASSESSABLE, PASS, UNCERTAIN

RESULTS = (PASS, FAIL, UNCERTAIN, NOT_ASSESSABLE)
_PASS, _FAIL, _UNCERTAIN, _NOT_ASSESSABLE = range(len(RESULTS))

# Signs of a figure and of a side: what stands in the way of its sum.
MISSED, OMITTED, DOUBTFUL, UNSOUND = 1, 2, 4, 8
_SHARES_NOTHING = 16
"""Of a ratio: its denominator is none."""
_HOLDS = 32
"""Of a comparison: the sides are as the rule wants them, whatever else stands in the way."""

MILLION = 1_000_000
"""Figures are whole numbers of millionths here, so that every sum is exact."""
LARGE = 1 << 52
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


class Sum(NamedTuple):
    """A side of a rule in some columns."""

    total: np.ndarray
    signs: np.ndarray
    """Those of all its figures."""


def judge(rules: Sequence[Rule], sums: Mapping[int, Sum], keys: np.ndarray) -> pa.RecordBatch:
    """What comes of some rules in some reports that all of them cover; shape `SCHEMA`.

    Args:
        rules: in the order of the result.
        sums: of each of their sides.
        keys: ``report_key`` of the reports.
    """
    drafts = _join_alternatives(rules, [_compare(rule, sums) for rule in rules])
    return _as_batch(rules, drafts, keys)


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


def _compare(rule: Rule, sums: Mapping[int, Sum]) -> _Draft:
    (left, left_signs), (right, right_signs), (whole, whole_signs), (instead, signs_instead) = (
        sums[side] for side in rule.sides
    )
    told = left_signs | right_signs
    has_left, has_right = _is_known(left_signs), _is_known(right_signs)
    is_else = np.zeros(len(left), bool)
    if rule.kind == "presence":
        right = np.full(len(left), rule.term_count * MILLION)
    elif rule.kind == "ratio":
        if rule.sides[3]:
            # The second denominator stands in where the first is absent.
            is_else = whole_signs & MISSED != 0
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
    is_source = told & UNSOUND == 0
    matched = np.zeros(len(left), np.int32)
    sides = _as_sides(left, has_left, right, has_right)
    sides.signs[is_else] |= WITH_SECOND_DENOMINATOR
    return _Draft(sides, results, is_source, matched)


def _conclude(told: int) -> int:
    """The result of a comparison, as a place in `RESULTS`, by the signs of all that it looks at."""
    if told & MISSED:
        return _NOT_ASSESSABLE
    if told & DOUBTFUL:
        return _UNCERTAIN
    if told & _SHARES_NOTHING:
        return _NOT_ASSESSABLE
    if told & _HOLDS:
        return _PASS
    # Without an optional figure a difference may be just that figure.
    return _NOT_ASSESSABLE if told & OMITTED else _FAIL


_RESULT_OF = np.array([_conclude(told) for told in range(2 * _HOLDS)], np.int8)
"""By the signs of a comparison: to look it up takes less than to ask of each in turn."""


def _is_known(signs: np.ndarray) -> np.ndarray:
    return signs & (MISSED | DOUBTFUL) == 0


def _percentages(parts: np.ndarray, wholes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """100 × part / whole where wanted, to six digits, halves away from zero; else 0."""
    found = np.zeros(len(parts), object)
    part, whole = parts[wanted].astype(object), wholes[wanted].astype(object)
    sizes = (200 * MILLION * abs(part) + abs(whole)) // (2 * abs(whole))
    found[wanted] = np.where((part < 0) == (whole < 0), sizes, -sizes)
    return found if np.any(abs(found) >= LARGE) else found.astype(np.int64)


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
    in_units = figure // MILLION, gap // MILLION
    is_fractional = (in_units[0] * MILLION != figure) | (in_units[1] * MILLION != gap)
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
