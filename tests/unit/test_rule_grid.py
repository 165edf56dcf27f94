"""Rules over many reports at once: each trap of a rule, with the fewest figures that show it."""

from decimal import Decimal

import numpy as np
import pyarrow as pa

from loaders import rule_grid, rule_results
from loaders.rule_grid import Grid, Rules

FIGURES = pa.schema(
    [
        ("report_key", pa.int32()),
        ("operand_no", pa.int32()),
        ("year_offset", pa.int32()),
        ("value", pa.decimal128(24, 6)),
        ("is_absent", pa.bool_()),
        ("is_doubtful", pa.bool_()),
        ("is_sound", pa.bool_()),
        ("solved_by", pa.string()),
    ]
)


def rule(
    rule_id: str, kind: str = "linear", relation: str = "=", tolerance: str = "0", group: str = ""
) -> dict:
    return {
        "rule_id": rule_id,
        "rule_kind": kind,
        "relation": relation,
        "tolerance": Decimal(tolerance),
        "rule_group": group,
    }


def member(instance_no: int, rule_id: str, scope_code: str = "") -> dict:
    return {"instance_no": instance_no, "rule_id": rule_id, "scope_code": scope_code}


def term(
    instance_no: int,
    rule_id: str,
    side_no: int,
    operand_no: int,
    coefficient: int = 1,
    **other: object,
) -> dict:
    return {
        "instance_no": instance_no,
        "rule_id": rule_id,
        "side_no": side_no,
        "operand_no": operand_no,
        "coefficient": Decimal(coefficient),
        "operand": "cell",
        "is_optional": False,
        "year_offset": 0,
    } | other


def figure(report_key: int, operand_no: int, value: str | int | None, **other: object) -> dict:
    return {
        "report_key": report_key,
        "operand_no": operand_no,
        "year_offset": 0,
        "value": None if value is None else Decimal(value),
        "is_absent": False,
        "is_doubtful": False,
        "is_sound": True,
        "solved_by": None,
    } | other


def rules_of(rules: list[dict], members: list[dict], terms: list[dict]) -> Rules:
    """Rules where a signature is a set of instances: bit by bit, the first is instance 1."""
    numbers = [row["instance_no"] for row in members]
    signatures = [
        (signature, number)
        for signature in range(1 << max(numbers))
        for number in numbers
        if signature >> (number - 1) & 1
    ]
    return Rules(rules, members, terms, signatures)


def judge(
    rules: Rules, figures: list[dict], covered: list[tuple[int, int]]
) -> dict[tuple[int, int], dict]:
    """Results by report and instance; the grid has other reports before and after."""
    signatures = {min(covered)[0] - 3: 0, max(covered)[0] + 7: 0}
    for key, number in covered:
        signatures[key] = signatures.get(key, 0) | 1 << (number - 1)
    keys = sorted(signatures)
    grid = Grid(rules, np.array(keys, np.int32), np.array([signatures[key] for key in keys]))
    batch = pa.RecordBatch.from_pylist(figures, schema=FIGURES)
    grid.add_figures(batch)
    solved = [row for row in figures if row["solved_by"]]
    grid.add_solvers(pa.RecordBatch.from_pylist(solved, schema=FIGURES))
    return {
        (row["report_key"], row["instance_no"]): tell_sides(row)
        for batch in grid.judge()
        for row in batch.to_pylist()
    }


def tell_sides(row: dict) -> dict:
    """A row with the two sides in place of the columns that they are kept in."""
    row = dict(row)
    figure, gap, sides = map(row.pop, ("figure", "gap", "sides"))
    large_left, large_right = row.pop("large_left"), row.pop("large_right")
    unit = Decimal("0.000001") if sides & rule_results.IN_MILLIONTHS else 1
    left = figure * unit if large_left is None else large_left
    right = (figure - gap) * unit if large_right is None else large_right
    return row | {
        "left_value": left if sides & rule_results.LEFT_KNOWN else None,
        "right_value": right if sides & rule_results.RIGHT_KNOWN else None,
        "is_else": sides & rule_results.WITH_SECOND_DENOMINATOR > 0,
    }


SUM = rules_of(
    [rule("r")],
    [member(1, "r")],
    [term(1, "r", 1, 1), term(1, "r", 1, 2, -1), term(1, "r", 2, 3)],
)


def test_a_sum_holds_or_does_not() -> None:
    figures = [
        *(figure(1, 1, 5), figure(1, 2, 2), figure(1, 3, 3)),
        *(figure(2, 1, 5), figure(2, 2, "1.5"), figure(2, 3, 3)),
    ]
    results = judge(SUM, figures, [(1, 1), (2, 1)])
    assert results[1, 1] == {
        "report_key": 1,
        "instance_no": 1,
        "left_value": 3,
        "right_value": 3,
        "result": "pass",
        "is_source": True,
        "is_else": False,
        "matched_instance_no": None,
    }
    assert (results[2, 1]["result"], results[2, 1]["left_value"]) == ("fail", Decimal("3.5"))


def test_a_missing_total_is_not_assessable_and_doubt_is_doubt() -> None:
    parts = [[figure(key, 1, 0), figure(key, 2, 0)] for key in range(1, 5)]
    figures = [
        *parts[0],
        *(*parts[1], figure(2, 3, None, is_absent=True)),
        *(*parts[2], figure(3, 3, None, is_doubtful=True)),
        *(*parts[3], figure(4, 3, 0)),
    ]
    results = judge(SUM, figures, [(key, 1) for key in range(1, 5)])
    told = [(results[key, 1]["result"], results[key, 1]["right_value"]) for key in range(1, 5)]
    assert told == [
        ("not_assessable", None),
        ("not_assessable", None),
        ("uncertain", None),
        ("pass", 0),
    ]
    assert all(row["left_value"] == 0 for row in results.values())


def test_other_disposition_may_be_one_row_or_three() -> None:
    """A report that prints one row is checked by the rule for one row; that for three is not assessable there."""
    rules = rules_of(
        [rule("one_row"), rule("three_rows")],
        [member(1, "one_row", "total"), member(2, "three_rows", "total")],
        [
            *(term(1, "one_row", 1, 1), term(1, "one_row", 2, 2)),
            *(term(2, "three_rows", 1, 3), term(2, "three_rows", 2, 2)),
        ],
    )
    results = judge(rules, [figure(1, 1, 7), figure(1, 2, 7)], [(1, 1), (1, 2)])
    assert [row["result"] for row in results.values()] == ["pass", "not_assessable"]


def test_only_rules_that_cover_a_report_have_a_result() -> None:
    assert judge(SUM, [figure(1, 1, 5), figure(2, 1, 5)], [(2, 1)]).keys() == {(2, 1)}


def test_a_fail_is_the_readings_where_a_table_is_unsound_or_the_rule_fixed_the_figure() -> None:
    rules = rules_of(
        [rule("r"), rule("s")],
        [member(1, "r"), member(2, "s")],
        [term(1, "r", 1, 1), term(1, "r", 2, 2), term(2, "s", 1, 1), term(2, "s", 2, 3)],
    )
    figures = [
        *(figure(1, 1, 5, solved_by="q|r"), figure(1, 2, 2), figure(1, 3, 2)),
        *(figure(2, 1, 5), figure(2, 2, 2, is_sound=False), figure(2, 3, 2)),
    ]
    results = judge(rules, figures, [(1, 1), (1, 2), (2, 1), (2, 2)])
    assert {key: row["is_source"] for key, row in results.items()} == {
        (1, 1): False,
        (1, 2): True,
        (2, 1): False,
        (2, 2): True,
    }
    assert all(row["result"] == "fail" for row in results.values())


def test_last_years_figures_are_other_figures() -> None:
    rules = rules_of(
        [rule("r")], [member(1, "r")], [term(1, "r", 1, 1), term(1, "r", 2, 1, year_offset=-1)]
    )
    figures = [figure(1, 1, 4), figure(1, 1, 6, year_offset=-1)]
    (row,) = judge(rules, figures, [(1, 1)]).values()
    assert (row["left_value"], row["right_value"], row["result"]) == (4, 6, "fail")


def test_without_an_optional_figure_only_a_pass_counts() -> None:
    rules = rules_of(
        [rule("r")],
        [member(1, "r")],
        [term(1, "r", 1, 1), term(1, "r", 2, 2), term(1, "r", 2, 3, is_optional=True)],
    )
    figures = [
        *(figure(1, 1, 5), figure(1, 2, 5)),
        *(figure(2, 1, 5), figure(2, 2, 4)),
        *(figure(3, 1, 5), figure(3, 2, 4), figure(3, 3, 2)),
    ]
    results = judge(rules, figures, [(1, 1), (2, 1), (3, 1)])
    assert [row["result"] for row in results.values()] == ["pass", "not_assessable", "fail"]


def test_a_bound_is_one_sided_and_a_tolerance_is_kept() -> None:
    rules = rules_of(
        [
            rule("at_most", relation="<="),
            rule("at_least", relation=">="),
            rule("near", tolerance="0.05"),
        ],
        [member(1, "at_most"), member(2, "at_least"), member(3, "near")],
        [
            term(n, name, side, side)
            for n, name in ((1, "at_most"), (2, "at_least"), (3, "near"))
            for side in (1, 2)
        ],
    )
    figures = [
        *(figure(1, 1, "3.95"), figure(1, 2, 4)),
        *(figure(2, 1, "4.06"), figure(2, 2, 4)),
    ]
    results = judge(rules, figures, [(key, number) for key in (1, 2) for number in (1, 2, 3)])
    assert [results[1, n]["result"] for n in (1, 2, 3)] == ["pass", "fail", "pass"]
    assert [results[2, n]["result"] for n in (1, 2, 3)] == ["fail", "pass", "fail"]


def test_tables_are_counted_against_those_that_are_prescribed() -> None:
    tables = [term(1, "r", 1, number, operand="table") for number in (1, 2)]
    rules = rules_of([rule("r", "presence")], [member(1, "r")], tables)
    results = judge(
        rules, [figure(1, 1, 1), figure(2, 1, 1), figure(2, 2, 1)], [(1, 1), (2, 1), (3, 1)]
    )
    assert [(row["left_value"], row["right_value"], row["result"]) for row in results.values()] == [
        (1, 2, "fail"),
        (2, 2, "pass"),
        (0, 2, "fail"),
    ]


SHARE = rules_of(
    [rule("r", "ratio", tolerance="0.05")],
    [member(1, "r", "s")],
    [
        *(term(1, "r", 1, 1), term(1, "r", 2, 2), term(1, "r", 3, 3)),
        *(term(1, "r", 4, number, is_optional=True) for number in (2, 4, 5)),
    ],
)


def test_a_share_is_compared_with_its_parts() -> None:
    """The second denominator stands in where the first is absent; an absent optional part allows only a pass."""
    figures = [
        *(figure(1, 1, "33.3"), figure(1, 2, 1), figure(1, 4, 2)),
        *(figure(2, 1, 33), figure(2, 2, 1), figure(2, 3, 3)),
        *(figure(3, 1, 33), figure(3, 2, 1), figure(3, 4, 2)),
        *(figure(4, 1, 33), figure(4, 2, 0), figure(4, 3, 0)),
    ]
    results = judge(SHARE, figures, [(key, 1) for key in range(1, 5)])
    third = Decimal("33.333333")
    assert [(row["right_value"], row["result"], row["is_else"]) for row in results.values()] == [
        (third, "pass", True),
        (third, "fail", False),
        (third, "not_assessable", True),
        (None, "not_assessable", False),
    ]


def test_halves_of_a_share_go_away_from_zero() -> None:
    figures = [
        *(figure(1, 1, 0), figure(1, 2, 1), figure(1, 3, 2 * 10**8)),
        *(figure(2, 1, 0), figure(2, 2, -1), figure(2, 3, 2 * 10**8)),
    ]
    results = judge(SHARE, figures, [(1, 1), (2, 1)])
    assert [row["right_value"] for row in results.values()] == [
        Decimal("0.000001"),
        Decimal("-0.000001"),
    ]


def test_one_alternative_that_holds_is_enough() -> None:
    rules = rules_of(
        [rule("ra", "any_of", group="g"), rule("rb", "any_of", group="g")],
        [member(1, "ra"), member(2, "rb")],
        [term(1, "ra", 1, 1), term(2, "rb", 1, 2)],
    )
    figures = [
        *(figure(1, 1, 1), figure(1, 2, 0)),
        *(figure(2, 1, 1), figure(2, 2, 2)),
        figure(3, 1, 1),
        *(figure(4, 1, 1), figure(4, 2, 0, is_doubtful=True)),
        figure(5, 1, 1),
    ]
    covered = [(key, number) for key in range(1, 5) for number in (1, 2)] + [(5, 1)]
    results = judge(rules, figures, covered)
    assert {key: (row["result"], row["matched_instance_no"]) for key, row in results.items()} == {
        **{(1, number): ("pass", 2) for number in (1, 2)},
        **{(2, number): ("fail", None) for number in (1, 2)},
        **{(3, number): ("not_assessable", None) for number in (1, 2)},
        **{(4, number): ("uncertain", None) for number in (1, 2)},
        (5, 1): ("fail", None),
    }
    assert (results[1, 1]["left_value"], results[1, 2]["left_value"]) == (1, 0)


def test_sides_are_kept_whole_where_they_are() -> None:
    figures = [
        *(figure(1, 1, 5), figure(1, 2, 2), figure(1, 3, 3)),
        *(figure(2, 1, 5), figure(2, 2, 2), figure(2, 3, "4.5")),
        *(figure(3, 1, None, is_absent=True), figure(3, 2, 2), figure(3, 3, -4)),
    ]
    grid = Grid(SUM, np.arange(1, 4, dtype=np.int32), np.ones(3, np.int32))
    grid.add_figures(pa.RecordBatch.from_pylist(figures, schema=FIGURES))
    kept = [
        (row["figure"], row["gap"], row["sides"])
        for batch in grid.judge()
        for row in batch.to_pylist()
    ]
    both = rule_results.LEFT_KNOWN | rule_results.RIGHT_KNOWN
    assert kept == [
        (3, 0, both),
        (3_000_000, -1_500_000, both | rule_results.IN_MILLIONTHS),
        (-4, 0, rule_results.RIGHT_KNOWN),
    ]


def test_figures_of_any_size_are_added_exactly() -> None:
    """Nine thousand billion and more: a telephone number that slipped into a table, and worse."""
    huge = 10**17
    figures = [
        *(figure(1, 1, huge), figure(1, 2, "0.000001"), figure(1, 3, huge)),
        *(figure(2, 1, -huge), figure(2, 2, huge), figure(2, 3, -2 * huge)),
        *(figure(3, 1, 7), figure(3, 2, 3), figure(3, 3, 4)),
    ]
    results = judge(SUM, figures, [(1, 1), (2, 1), (3, 1)])
    assert results[1, 1]["left_value"] == huge - Decimal("0.000001")
    assert [row["result"] for row in results.values()] == ["fail", "pass", "pass"]
    share = judge(SHARE, [figure(1, 1, 0), figure(1, 2, huge), figure(1, 3, "0.000001")], [(1, 1)])
    assert share[1, 1]["right_value"] == Decimal(10) ** 25


def test_reports_are_judged_some_at_a_time(monkeypatch) -> None:
    figures = [figure(key, number, key) for key in range(1, 8) for number in (1, 2, 3)]
    covered = [(key, 1) for key in range(1, 8)]
    whole = judge(SUM, figures, covered)
    monkeypatch.setattr(rule_grid, "_CUT", 3)
    assert judge(SUM, figures, covered) == whole and len(whole) == 7


def test_a_figure_that_no_rule_asks_for_is_left_out() -> None:
    figures = [
        figure(1, 1, 5),
        figure(1, 2, 2),
        figure(1, 3, 3),
        figure(1, 99, 8),
        figure(1, 1, 9, year_offset=-1),
    ]
    (row,) = judge(SUM, figures, [(1, 1)]).values()
    assert row["result"] == "pass"
