"""Statistics tables that set years side by side: the report's own column is read, and no other."""

from decimal import Decimal

import pytest

from loaders.form import Form
from loaders.tables.table import read_table
from tests.layouts import SEPARATED, Grid, cell_per_line, tab_rows

FIGURES = [(356, 301), (12, 9), (48, 0)]


def grid_with(columns: list[str], form: Form) -> tuple[Grid, dict[str, Decimal]]:
    """Three rows under these columns; 2014 and 上年 hold the second figure, 增减 their difference."""
    lines = [line for line in form.lines("national_2014") if line.unit][:3]
    rows = []
    for line, (own, before) in zip(lines, FIGURES, strict=True):
        by_kind = {"own": own, "before": before, "change": own - before}
        cells = [str(by_kind[kind_of(column)]) for column in columns]
        rows.append([line.label_zh, line.unit, *cells])
    wanted = {
        line.indicator_code: Decimal(own) for line, (own, _) in zip(lines, FIGURES, strict=True)
    }
    return [["统计指标", "单位", *columns], *rows], wanted


def kind_of(column: str) -> str:
    if "增减" in column or "同比" in column:
        return "change"
    return "own" if "2015" in column or column.startswith("本") else "before"


def read(text: str, form: Form, year: int | None = 2015):
    return read_table(text, 0, len(text), "statistics", "national_2014", form, year)


def values_of(table) -> dict[str, Decimal | None]:
    return {cell.indicator_code: cell.value for cell in table.cells}


@pytest.mark.parametrize("layout", SEPARATED)
@pytest.mark.parametrize(
    "columns",
    [
        ["2014年", "2015年"],
        ["2015年度", "2014年度"],
        ["2015年数", "2014年数", "增减"],
        ["本年度", "上年度", "同比增长率"],
    ],
)
def test_the_column_of_the_report_is_read(columns: list[str], layout, form: Form) -> None:
    grid, wanted = grid_with(columns, form)
    table = read(layout(grid), form)
    assert values_of(table) == wanted
    assert "columns_of_other_years" in {issue.issue_code for issue in table.issues}


def test_without_a_year_of_the_report_it_is_the_latest(form: Form) -> None:
    grid, wanted = grid_with(["2014年", "2015年"], form)
    assert values_of(read(tab_rows(grid), form, None)) == wanted


@pytest.mark.parametrize("layout", [tab_rows, cell_per_line])
@pytest.mark.parametrize(
    "columns", [["2013年", "2014年"], ["2015年", "2015年"], ["2015年", "2014年", "备用数"]]
)
def test_what_is_not_clear_is_marked(columns: list[str], layout, form: Form) -> None:
    grid, _ = grid_with(columns, form)
    assert set(values_of(read(layout(grid), form)).values()) == {None}
