"""Glued rows: one consistent reading is a value, several are none, and certain digits stay."""

from decimal import Decimal

import pytest

from loaders.form import Form
from loaders.tables.solve import DoubtfulRow, Instance, instances_of, solve

CELLS = [("row", "a"), ("row", "b"), ("row", "total")]
ROW_SUM = Instance("ROW", ((CELLS[0], 1), (CELLS[1], 1), (CELLS[2], -1)), "=")


def read_value(_key, text: str) -> Decimal | None:
    return Decimal(text) if text.isdigit() else None


def solve_one(text: str, instances=(ROW_SUM,), known=None, cells=CELLS):
    spans, at = [], 0
    for part in text.split(" "):
        spans.append((at, at + len(part)))
        at += len(part) + 1
    row = DoubtfulRow(cells, spans, 0, len(text))
    (solution,) = solve(text, [row], known or {}, instances, read_value)
    return solution


def values(solution) -> list[int | None] | None:
    if solution.reading is None:
        return None
    return [None if value is None else int(value) for value in solution.reading.values]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12315", [12, 3, 15]),
        ("12 315", [12, 3, 15]),
        ("000", [0, 0, 0]),
        ("7 0 7", [7, 0, 7]),
        ("10010", [10, 0, 10]),
    ],
)
def test_the_sum_of_a_row_chooses_its_reading(text: str, expected: list[int]) -> None:
    assert values(solve_one(text)) == expected


def test_the_rules_that_chose_are_kept() -> None:
    assert solve_one("12315").solved_by == ("ROW",)
    assert solve_one("7 0 7").solved_by == ()


def test_without_a_rule_several_readings_stay() -> None:
    solution = solve_one("1234", instances=())
    assert solution.reading is None
    assert len(solution.candidates) == 3


def test_glued_figures_that_break_their_own_sum_are_no_value() -> None:
    assert values(solve_one("129")) is None
    assert values(solve_one("1 2 9")) is None


def test_no_reading_is_no_value() -> None:
    solution = solve_one("12")
    assert solution.reading is None
    assert solution.candidates == ()


def test_no_figure_begins_with_zero() -> None:
    solution = solve_one("105", instances=(), cells=CELLS[:2])
    assert [reading.pieces for reading in solution.candidates] == [((0, 2), (2, 3))]


def test_certain_cells_of_other_rows_decide() -> None:
    column = Instance("COLUMN", ((("row", "a"), 1), (("other", "a"), -1)), "=")
    known = {("other", "a"): Decimal(11)}
    assert len(solve_one("11112").candidates) == 2
    assert values(solve_one("11112", instances=(ROW_SUM, column), known=known)) == [11, 1, 12]


def test_two_rows_settle_each_other() -> None:
    text = "11112 11112"
    rows = [
        DoubtfulRow([("x", "a"), ("x", "b"), ("x", "t")], [(0, 5)], 0, 5),
        DoubtfulRow([("y", "a"), ("y", "b"), ("y", "t")], [(6, 11)], 6, 11),
    ]
    sums = [
        Instance("ROW", (((r, "a"), 1), ((r, "b"), 1), ((r, "t"), -1)), "=") for r in ("x", "y")
    ]
    certain = {("z", "a"): Decimal(22)}
    column = Instance("COLUMN", ((("x", "a"), 1), (("y", "a"), 1), (("z", "a"), -1)), "=")
    found = solve(text, rows, certain, [*sums, column], read_value)
    assert [values(solution) for solution in found] == [[11, 1, 12], [11, 1, 12]]
    assert all("COLUMN" in solution.solved_by for solution in found)


def test_a_rule_that_every_reading_breaks_is_the_sources_fault() -> None:
    column = Instance("COLUMN", ((("row", "a"), 1), (("other", "a"), -1)), "=")
    solution = solve_one("12315", instances=(ROW_SUM, column), known={("other", "a"): Decimal(99)})
    assert values(solution) == [12, 3, 15]
    assert solution.solved_by == ("ROW",)


def test_too_many_readings_are_given_up() -> None:
    cells = [("row", str(n)) for n in range(12)]
    assert solve_one("1" * 60, instances=(), cells=cells).reading is None


def test_the_rules_of_a_table_are_spread_over_its_members(form: Form) -> None:
    cells = [
        (row, column) for row in ("req_new", "out_total") for column in ("natural_person", "total")
    ]
    found = instances_of(form, "national_2019", "requests", cells)
    rows = {key[0] for instance in found for key, _ in instance.terms}
    assert {"req_new", "out_total"} <= rows
    assert all(instance.relation in ("=", "<=", ">=") for instance in found)
    assert instances_of(form, "national_2014", "requests", cells) == ()


# --- where the source is wrong by itself ----------------------------------------------------------

PAIR = [("row", "a"), ("row", "b")]
BOUND = Instance("BOUND", ((PAIR[0], 1), (PAIR[1], -1)), "<=")


def test_a_bound_alone_does_not_choose_a_reading() -> None:
    # 11 and 9, printed in the wrong order or not: 1 and 19 keep the bound.
    assert values(solve_one("119", instances=(BOUND,), cells=PAIR)) is None


def test_sums_of_two_columns_choose_where_no_misprint_explains_another_reading() -> None:
    sums = [
        Instance("A", ((PAIR[0], 1), (("other", "a"), -1)), "="),
        Instance("B", ((PAIR[1], 1), (("other", "b"), -1)), "="),
    ]
    known = {("other", "a"): Decimal(11), ("other", "b"): Decimal(9)}
    assert values(solve_one("119", instances=sums, known=known, cells=PAIR)) == [11, 9]
    assert values(solve_one("119", instances=(BOUND, *sums), known=known, cells=PAIR)) is None
    assert values(solve_one("119", instances=(BOUND, sums[0]), known=known, cells=PAIR)) is None


def test_a_reading_that_breaks_two_rules_is_no_value() -> None:
    columns = [
        Instance(name, ((("row", name), 1), (("other", name), -1)), "=") for name in ("a", "b")
    ]
    known = {("other", "a"): Decimal(99), ("other", "b"): Decimal(98)}
    solution = solve_one("12315", instances=(ROW_SUM, *columns), known=known)
    assert solution.reading is None
    assert len(solution.candidates) == 1
