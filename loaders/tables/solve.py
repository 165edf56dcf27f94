"""Rows printed without separators, read by the form's own arithmetic.

``640020470`` in a row of seven columns can be cut in many ways, but few of them add up. All readings
of the doubtful rows are tried against the error rules of the edition; what every consistent reading of
the table agrees on is read, everything else stays ambiguous. Certain digits are never bent: a row with
one reading keeps it, whatever it breaks.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from loaders.form import Form

Key = tuple[str, str]
Piece = tuple[int, int]

_GLUED = re.compile(r"(\d+)(.*)", re.DOTALL)
_MOST_READINGS = 5_000
_MOST_STEPS = 60_000
_MOST_BROKEN = 3
# Cuts tried for the readings of one row, and of all rows of a table: a busy row of a real report takes 100,000.
_MOST_CUTS_OF_A_ROW = 150_000
_MOST_CUTS = 600_000
# No count or amount of these forms has more digits; a longer run is no row of figures.
_LONGEST_FIGURE = 12
_DIGITS_PER_FIGURE = 6


class Instance(NamedTuple):
    """One rule for one member of its scope: signed terms over cells, related to zero."""

    rule_id: str
    terms: tuple[tuple[Key, int], ...]
    relation: str


class Reading(NamedTuple):
    """One way to cut a row: the spans of its cells and their values (``None`` for a dash)."""

    pieces: tuple[Piece, ...]
    values: tuple[Decimal | None, ...]


@dataclass
class DoubtfulRow:
    """A row whose figures do not stand one by one.

    ``tokens`` are the spans that separators did cut; each holds one figure or several.
    """

    cells: Sequence[Key]
    tokens: Sequence[Piece]
    start: int
    end: int
    readings: list[Reading] = field(default_factory=list)


class Solution(NamedTuple):
    """What came of a row: one reading and the rules that fixed it, or several readings."""

    reading: Reading | None
    solved_by: tuple[str, ...]
    candidates: tuple[Reading, ...]


def solve(
    text: str,
    rows: Sequence[DoubtfulRow],
    known: Mapping[Key, Decimal | None],
    instances: Sequence[Instance],
    read_value,
) -> list[Solution]:
    """Settle doubtful rows of one table together.

    Args:
        known: cells of the table that are certain.
        instances: the rules of the table, as `instances_of` gives them.
        read_value: ``(key, text) -> Decimal | None`` reads one piece.

    Returns:
        One solution per row, in order.
    """
    present = set(known) | {key for row in rows for key in row.cells}
    usable = [i for i in instances if all(key in present for key, _ in i.terms)]
    cuts = [_MOST_CUTS]
    for row in rows:
        row.readings = list(_readings(text, row, usable, read_value, cuts))
    open_rows = [row for row in rows if 1 < len(row.readings) <= _MOST_READINGS]
    fixed = dict(known)
    for row in rows:
        if len(row.readings) == 1:
            fixed.update(zip(row.cells, row.readings[0].values, strict=True))
    survivors, broken = _search(open_rows, fixed, usable)
    for row in open_rows:
        if len(survivors.get(id(row), ())) == 1:
            fixed.update(zip(row.cells, survivors[id(row)][0].values, strict=True))
    solutions = []
    for row in rows:
        readings = survivors.get(id(row), row.readings)
        alone = _count_cuts(text, row) == 1
        if len(readings) != 1 or (not alone and _breaks_many(row, fixed, usable)):
            solutions.append(
                Solution(None, (), tuple(readings if len(readings) != 1 else row.readings))
            )
            continue
        touching = {
            i.rule_id
            for i in usable
            if i.rule_id not in broken and any(key in row.cells for key, _ in i.terms)
        }
        own = {i.rule_id for i in usable if all(key in row.cells for key, _ in i.terms)}
        used = set() if alone else touching if row in open_rows else own
        solutions.append(Solution(readings[0], tuple(sorted(used)), tuple(readings)))
    return solutions


def instances_of(
    form: Form, form_id: str, table_code: str, cells: Sequence[Key]
) -> tuple[Instance, ...]:
    """The error rules of an edition that relate cells of one table to each other."""
    indicators = tuple(dict.fromkeys(code for code, _ in cells))
    columns = tuple(dict.fromkeys(column for _, column in cells))
    return _instances(form, form_id, table_code, indicators, columns)


@lru_cache(maxsize=2_048)
def sums_of_row(
    form: Form, form_id: str, table_code: str, cells: tuple[Key, ...]
) -> tuple[Instance, ...]:
    """The sums among these rules that the cells of one row are enough for."""
    return tuple(
        instance
        for instance in instances_of(form, form_id, table_code, cells)
        if instance.relation == "=" and all(key in cells for key, _ in instance.terms)
    )


# Rows of one form ask for the same rules without end.
@lru_cache(maxsize=2_048)
def _instances(
    form: Form,
    form_id: str,
    table_code: str,
    indicators: tuple[str, ...],
    columns: tuple[str, ...],
) -> tuple[Instance, ...]:
    members = {
        "document": ("",),
        "applicant_column": columns,
        "value_column": columns,
        "request_row": indicators,
        "row": indicators,
    }
    found = []
    for rule in form.rules:
        if (
            rule.severity != "error"
            or rule.rule_kind != "linear"
            or rule.table_code != table_code
            or form_id not in rule.editions
            or any(t.operand != "cell" or t.year_offset or t.body != "self" for t in rule.terms)
        ):
            continue
        for member in members.get(rule.scope_kind, ()):
            terms = tuple(
                (
                    (
                        member if term.indicator_code == "*" else term.indicator_code,
                        member if term.column_code == "*" else term.column_code,
                    ),
                    term.coefficient if term.role == "left" else -term.coefficient,
                )
                for term in rule.terms
            )
            found.append(Instance(rule.rule_id, terms, rule.relation))
    return tuple(found)


def holds(instance: Instance, values: Mapping[Key, Decimal | None]) -> bool:
    """Whether a rule holds; true as long as one of its cells has no value."""
    total = Decimal(0)
    for key, coefficient in instance.terms:
        value = values.get(key)
        if value is None:
            return True
        total += coefficient * value
    if instance.relation == "=":
        return total == 0
    return total <= 0 if instance.relation == "<=" else total >= 0


def _readings(
    text: str, row: DoubtfulRow, instances: Sequence[Instance], read_value, cuts: list[int]
) -> Iterator[Reading]:
    """Every way to cut a row into its cells that its own rules allow, up to a bound.

    ``cuts`` holds how many cuts the table may still try; what is tried here is taken off.
    """
    keys = set(row.cells)
    last_of: dict[int, list[Instance]] = {}
    for instance in instances:
        # A bound may be broken by the print; a sum is what tells that the digits are cut rightly.
        if instance.relation == "=" and all(key in keys for key, _ in instance.terms):
            at = max(row.cells.index(key) for key, _ in instance.terms)
            last_of.setdefault(at, []).append(instance)
    sums = _open_sums(row.cells, last_of)
    digits = [sum(end - start for start, end in row.tokens[n:]) for n in range(len(row.tokens) + 1)]
    width, last_cut = len(row.cells), max(cuts[0] - _MOST_CUTS_OF_A_ROW, 0)
    if digits[0] > max(width * _DIGITS_PER_FIGURE, 2 * _LONGEST_FIGURE):
        return
    values: dict[Key, Decimal | None] = {}
    pieces: list[Piece] = []
    found = 0

    def place(token: int, start: int) -> Iterator[Reading]:
        at = len(pieces)
        if at == width or token == len(row.tokens):
            if at == width and token == len(row.tokens):
                yield Reading(tuple(pieces), tuple(values[key] for key in row.cells))
            return
        token_end = row.tokens[token][1]
        if width - at < len(row.tokens) - token:
            return
        for end in _cut_ends(text, start, token_end):
            if cuts[0] <= last_cut:
                return
            cuts[0] -= 1
            key = row.cells[at]
            value = read_value(key, text[start:end])
            values[key] = value
            # Whatever is left for the sum of these cells must be long enough to hold it.
            room = digits[token] - (end - row.tokens[token][0]) - (width - at - 2)
            if sums[at] and any(
                len(str(int(sum(values[key] or 0 for key in parts)))) > room for parts in sums[at]
            ):
                values.pop(key, None)
                continue
            if all(holds(i, values) for i in last_of.get(at, ())):
                pieces.append((start, end))
                if end == token_end:
                    following = row.tokens[token + 1][0] if token + 1 < len(row.tokens) else end
                    yield from place(token + 1, following)
                else:
                    yield from place(token, end)
                pieces.pop()
            values.pop(key, None)

    for reading in place(0, row.tokens[0][0] if row.tokens else 0):
        yield reading
        found += 1
        if found > _MOST_READINGS:
            return
    if cuts[0] <= last_cut:
        # Not every reading was seen: two of them are enough to keep the row ambiguous.
        yield Reading((), ())
        yield Reading((), ())


def _open_sums(
    cells: Sequence[Key], last_of: Mapping[int, Sequence[Instance]]
) -> list[list[list[Key]]]:
    """For each cell the parts, read by then, of sums that come after it."""
    found: list[list[list[Key]]] = [[] for _ in cells]
    for at, instances in last_of.items():
        for instance in instances:
            coefficients = dict(instance.terms)
            sign = -coefficients.pop(cells[at])
            if instance.relation == "=" and set(coefficients.values()) == {sign}:
                parts = [key for key in cells[:at] if key in coefficients]
                for n in range(at):
                    if cells[n] in coefficients:
                        found[n].append([key for key in parts if cells.index(key) <= n])
    return found


def _cut_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where a figure that begins at ``start`` may end: no figure has a leading zero."""
    found = _GLUED.fullmatch(text[start:end])
    if found is None:
        yield end
        return
    digits = min(len(found[1]), _LONGEST_FIGURE + 1)
    longest = 1 if found[1][0] == "0" and digits > 1 and found[1] != "0" else digits
    for length in range(1, longest + 1):
        if length < digits:
            yield start + length
        elif digits <= _LONGEST_FIGURE and not (found[1][0] == "0" and digits > 1):
            yield end


def _count_cuts(text: str, row: DoubtfulRow) -> int:
    """How many ways of cutting there are before any rule; two stands for many."""
    digits = sum(len(re.sub(r"\D", "", text[a:b])) for a, b in row.tokens)
    return 1 if digits == len(row.cells) or len(row.tokens) == len(row.cells) else 2


def _search(
    rows: Sequence[DoubtfulRow], fixed: dict[Key, Decimal | None], instances: Sequence[Instance]
) -> tuple[dict[int, list[Reading]], set[str]]:
    """Readings that occur in a consistent reading of all rows, and the rules that had to be broken."""
    survivors: dict[int, list[Reading]] = {}
    broken: set[str] = set()
    for group in _linked(rows, instances):
        if not all(_has_own_sum(row, instances) for row in group):
            # Nothing holds the digits of a row together: a reading counts where one misprinted figure,
            # which breaks some rules, could not have made any other, and where it breaks none itself.
            kept, is_complete, _ = _enumerate(group, fixed, instances, _is_one_misprint)
            if is_complete and _enumerate(group, fixed, instances, _is_none)[0]:
                survivors.update(kept)
            continue
        kept, is_complete, rules = _enumerate(group, fixed, instances, _is_none)
        if is_complete and not kept:
            # What is wrong by itself can be read where the sum of each row holds the digits together.
            kept, is_complete, rules = _enumerate(group, fixed, instances, None)
        if is_complete:
            survivors.update(kept)
            broken |= rules
    return survivors, broken


def _is_none(broken: Sequence[Instance]) -> bool:
    return not broken


def _breaks_many(
    row: DoubtfulRow, values: Mapping[Key, Decimal | None], instances: Sequence[Instance]
) -> bool:
    """Whether a row as read breaks two rules: then it is more likely cut wrongly than printed wrongly."""
    touching = [i for i in instances if any(key in row.cells for key, _ in i.terms)]
    return sum(not holds(instance, values) for instance in touching) > 1


def _is_one_misprint(broken: Sequence[Instance]) -> bool:
    """Whether one figure takes part in all of the broken rules."""
    shared = [{key for key, _ in instance.terms} for instance in broken]
    return not shared or bool(set.intersection(*shared))


def _has_own_sum(row: DoubtfulRow, instances: Sequence[Instance]) -> bool:
    keys = set(row.cells)
    return any(i.relation == "=" and all(key in keys for key, _ in i.terms) for i in instances)


def _linked(rows: Sequence[DoubtfulRow], instances: Sequence[Instance]) -> list[list[DoubtfulRow]]:
    """Rows that some rule ties together, group by group: the others cannot tell them anything."""
    row_of = {key: number for number, row in enumerate(rows) for key in row.cells}
    leader = list(range(len(rows)))

    def find(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    for instance in instances:
        tied = {row_of[key] for key, _ in instance.terms if key in row_of}
        first = find(min(tied)) if tied else 0
        for number in tied:
            leader[find(number)] = first
    groups: dict[int, list[DoubtfulRow]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(find(number), []).append(row)
    return list(groups.values())


def _enumerate(
    rows: Sequence[DoubtfulRow],
    fixed: dict[Key, Decimal | None],
    instances: Sequence[Instance],
    may_break: Callable[[Sequence[Instance]], bool] | None,
) -> tuple[dict[int, list[Reading]], bool, set[str]]:
    """All combinations that break no other rules than they may, or the fewest where that is ``None``."""
    order = sorted(rows, key=lambda row: len(row.readings))
    depth_of = {key: depth for depth, row in enumerate(order) for key in row.cells}
    due: list[list[Instance]] = [[] for _ in order]
    for instance in instances:
        depths = [depth_of[key] for key, _ in instance.terms if key in depth_of]
        if depths:
            due[max(depths)].append(instance)
    values = dict(fixed)
    chosen: list[Reading] = []
    best: list[tuple[tuple[Reading, ...], frozenset[str]]] = []
    steps, fewest = 0, _MOST_BROKEN

    def descend(depth: int, broken: tuple[Instance, ...]) -> None:
        nonlocal steps, fewest
        steps += 1
        if steps > _MOST_STEPS:
            return
        if depth == len(order):
            if may_break is None and len(broken) < fewest:
                fewest = len(broken)
                best.clear()
            best.append((tuple(chosen), frozenset(i.rule_id for i in broken)))
            return
        row = order[depth]
        for reading in row.readings:
            if not reading.pieces:
                steps = _MOST_STEPS + 1
                return
            values.update(zip(row.cells, reading.values, strict=True))
            failed = broken + tuple(i for i in due[depth] if not holds(i, values))
            if len(failed) <= fewest if may_break is None else may_break(failed):
                chosen.append(reading)
                descend(depth + 1, failed)
                chosen.pop()
        for key in row.cells:
            values.pop(key, None)

    descend(0, ())
    kept: dict[int, list[Reading]] = {}
    for combination, _ in best:
        for row, reading in zip(order, combination, strict=True):
            readings = kept.setdefault(id(row), [])
            if reading not in readings:
                readings.append(reading)
    rules = set().union(*(found for _, found in best)) if best else set()
    return kept, steps <= _MOST_STEPS, rules
