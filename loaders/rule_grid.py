"""Do the sums hold, for all reports of a warehouse at once? A grid has a line for each figure and a column for each report.

`loaders.rules` judges the reports of some documents one by one and in words; this adds up one side of a rule after the other
for thousands of reports, in numbers, and `rule_results` says what comes of it. A test holds them together. How figures are
found is the business of SQL (`int_operands_met`); `int_rule_residuals` writes down the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from loaders.rule_results import (
    DOUBTFUL,
    LARGE,
    MILLION,
    MISSED,
    OMITTED,
    UNSOUND,
    Rule,
    Sum,
    judge,
)

REPORTS_AT_ONCE = 100_000
"""Columns of one grid, which takes 9 bytes for each figure that rules look at: 100 MB."""
FIGURES_AT_ONCE = 100_000
"""Rows that come into the grid together. Memory that is new costs more than what is done there: so a little, again and again."""
_CUT = 2_048
"""Reports that are judged together, for the same reason; too few would make each step of it a call too many."""

_ABSENT = MISSED | OMITTED
"""Of a figure: a term takes the one or the other from it."""


class Term(NamedTuple):
    """A figure that a side of a rule looks at."""

    side: int
    line: int
    """Of the grid."""
    coefficient: int
    mask: int
    """The signs of the figure that count here."""


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
            absent = 0 if row["operand"] == "table" else MISSED
            term = Term(
                side=sides.setdefault((row["instance_no"], row["side_no"]), len(sides) + 1),
                line=self.lines.setdefault(
                    (row["operand_no"], row["year_offset"]), len(self.lines)
                ),
                coefficient=int(row["coefficient"]),
                mask=(OMITTED if row["is_optional"] else absent) | DOUBTFUL | UNSOUND,
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
                tolerance=round(MILLION * rule["tolerance"]),
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
            | _as_numpy(batch["is_doubtful"]) * np.uint8(DOUBTFUL)
            | ~_as_numpy(batch["is_sound"]) * np.uint8(UNSOUND)
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
        """All results, some thousand reports at a time; shape `rule_results.SCHEMA`."""
        for block in self._blocks:
            sides = {side for rule in block.covering for side in rule.sides}
            for start in range(0, block.width, _CUT) if block.covering else ():
                cut = slice(start, min(start + _CUT, block.width))
                sums = {side: self._add_up(side, block, cut) for side in sides}
                keys = self.keys[block.first + cut.start : block.first + cut.stop]
                yield judge(block.covering, sums, keys)

    def _add_up(self, side: int, block: _Block, cut: slice) -> Sum:
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
            signs[solved[(solved >= cut.start) & (solved < cut.stop)] - cut.start] |= UNSOUND
        return Sum(total, signs)

    def _figures(self, here: slice) -> np.ndarray:
        """The figures in some places; as Python's integers where one is large."""
        figures = self._values[here]
        large = [place for place in self._large if here.start <= place < here.stop]
        if large:
            figures = figures.astype(object)
            for place in large:
                figures[place - here.start] = self._large[place]
        return figures


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
    beyond = np.flatnonzero((high != low >> 63) | (abs(low) >= LARGE))
    if not len(beyond):
        return low, []
    large = [(int(row), int(column[int(row)].as_py().scaleb(6))) for row in beyond]
    low = low.copy()
    low[beyond] = 0
    return low, large
