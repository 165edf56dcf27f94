"""Figures of some reports as columns of whole numbers, and the rules that add them up.

`numbering.sql` names reports, rules and figures by numbers; everything after it is arithmetic on
them. A figure is counted in millionths, so that it is a whole number.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

UNIT = 1_000_000
_NUMBERING = Path(__file__).with_name("numbering.sql")


class Term(NamedTuple):
    """A figure in a side of a rule."""

    kind_no: int
    coefficient: int
    is_optional: bool
    is_needed: bool
    """A table that is not there is a count of none, and no missing figure."""


@dataclass(frozen=True)
class Instance:
    """A rule for one member of its scope."""

    instance_no: int
    rule_no: int
    scope_code: str
    rule_kind: str
    rule_group: str
    relation: str
    tolerance: int
    sides: dict[int, list[Term]]
    """1 and 2 of a sum; of a ratio what is printed, its numerator, its denominator and the one that
    stands in for it."""
    is_on_facts: bool
    """Whether the facts can hold all that the rule looks at; a domain rule looks at cells."""


class Numbers:
    """The warehouse by number: what its rules look at, and how many kinds of figures there are."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the temporary tables of `numbering.sql` in this connection."""
        connection.execute(_NUMBERING.read_text())
        self.connection = connection
        self.report_count = self._count("numbered_reports")
        self.kind_count = self._count("kinds")
        self.rule_count = self._count("numbered_rules")
        self.instances = self._read_instances()

    def _count(self, table: str) -> int:
        (count,) = self.connection.execute(f"select count(*) from {table}").fetchone()
        return count

    def _read_instances(self) -> list[Instance]:
        sides: dict[int, dict[int, list[Term]]] = defaultdict(lambda: defaultdict(list))
        off_facts = set()
        for instance_no, side_no, *term, is_off_facts in self.connection.execute(_TERMS).fetchall():
            sides[instance_no][side_no].append(Term(*term))
            if is_off_facts:
                off_facts.add(instance_no)
        return [
            Instance(
                *(instance_no, *names, int(tolerance * UNIT), sides[instance_no]),
                is_on_facts="domain" not in names and instance_no not in off_facts,
            )
            for instance_no, *names, tolerance in self.connection.execute(_INSTANCES).fetchall()
        ]

    @cached_property
    def largest(self) -> int:
        """A figure of this size, in every term of a rule, leaves both its sides within 64 bits."""
        weights = (
            sum(abs(term.coefficient) for term in terms)
            for instance in self.instances
            for terms in instance.sides.values()
        )
        return 2**62 // (2 * max(weights, default=1))


_INSTANCES = """
    select instance_no, rule_no, scope_code, rule_kind, rule_group, relation, tolerance
    from instances order by instance_no
"""
_TERMS = """
    select instance_no, side_no, kind_no, coefficient, is_optional, is_needed, is_off_facts
    from coded_terms inner join kinds using (source, indicator_code, part_code)
    order by all
"""


class Part:
    """Some reports: their figures, a row for each kind and in it a place for each report."""

    def __init__(self, numbers: Numbers, first: int, count: int) -> None:
        self.numbers, self.first, self.count = numbers, first, count
        size = numbers.kind_count * count
        places, figures, is_known = self.read_figures("figures")
        if (np.abs(figures) > numbers.largest).any():
            figures = figures.astype(object)  # Python's own numbers have no end
        self.is_withheld = np.zeros(size, dtype=bool)
        self.is_withheld[places[~is_known]] = True
        places, figures = places[is_known], figures[is_known]
        self.is_there = np.zeros(size, dtype=bool)
        self.is_there[places] = True
        self.values = np.zeros(size, dtype=figures.dtype)
        self.values[places] = figures
        self.repeated = places[:0]
        """Places of figures that are there more than once, as often as there are others."""
        if len(places) > np.count_nonzero(self.is_there):
            _, firsts = np.unique(places, return_index=True)
            self.repeated = np.delete(places, firsts)
            np.add.at(self.values, self.repeated, np.delete(figures, firsts))

    def read(self, table: str, columns: str = "*", condition: str = "true") -> pa.Table:
        """The rows of a temporary table that are of these reports."""
        return self.numbers.connection.execute(
            f"select {columns} from {table} where {condition} and report_key between ? and ?",
            [self.first, self.first + self.count - 1],
        ).to_arrow_table()

    def read_figures(self, table: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places, figures, and which of them are known."""
        rows = self.read(table, "report_key, kind_no, figure", "kind_no is not null")
        return self.place(rows), *read_decimals(rows["figure"])

    def place(self, rows: pa.Table) -> np.ndarray:
        """Where the figures of some rows stand."""
        kinds = rows["kind_no"].to_numpy().astype(np.int64)
        return kinds * self.count + self.reports(rows)

    def reports(self, rows: pa.Table) -> np.ndarray:
        """The reports of some rows, counted from the first of the part."""
        return rows["report_key"].to_numpy() - self.first

    def row(self, figures: np.ndarray, kind_no: int) -> np.ndarray:
        """What all reports have of one kind."""
        return figures[kind_no * self.count : (kind_no + 1) * self.count]


def read_decimals(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """A column of decimals with six places, in millionths, and which of them are no NULL.

    Of 64 bits where all of them fit, Python's own numbers otherwise.
    """
    array = column.combine_chunks()
    # Arrow's decimals are two words of 64 bits, the lower one first.
    words = np.frombuffer(array.buffers()[1] or b"", dtype="<i8").reshape(-1, 2)
    low, high = words[array.offset : array.offset + len(array)].T
    is_known = array.is_valid().to_numpy(zero_copy_only=False)
    if (high == low >> 63)[is_known].all():
        return low, is_known
    return high.astype(object) * 2**64 + low.astype("<u8").astype(object), is_known
