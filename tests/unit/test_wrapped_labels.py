"""Labels wrapped around their figures: put together where only one way fits the whole table."""

from collections.abc import Callable
from random import Random

import pytest

from loaders.form import Form
from loaders.parse import parse
from loaders.tables.table import read_table
from tests.drawing import draw_form, judge
from tests.layouts import APPEAL_HEADER, REQUEST_HEADER, Grid, labels_around_figures, write_report

HEADER = "\n".join(" ".join(row) for row in REQUEST_HEADER)
WRAPPED_HEADER = """申请人情况
自然 商业 科研 社会公 法律服 总计
人 企业 机构 益组织 务机构 其他"""
VERTICAL = "三、本年度办理结果"


def _rows(grid: Grid) -> list[tuple[list[str], str, str]]:
    """Headings, label and figures of each row of a request matrix."""
    return [(row[:-8], row[-8], " ".join(row[-7:])) for row in grid[3:]]


def _cut(label: str, length: int) -> list[str]:
    return [label[at : at + length] for at in range(0, len(label), length)]


def beside_the_middle(grid: Grid) -> str:
    lines = [HEADER]
    for headings, label, figures in _rows(grid):
        pieces = _cut(label, -(-len(label) // 3)) if len(label) > 14 else [label]
        middle = len(pieces) // 2
        pieces[middle] += " " + figures
        lines += [*headings, *pieces]
    return "\n".join(lines)


def beside_the_last_line(grid: Grid) -> str:
    lines = [HEADER]
    for headings, label, figures in _rows(grid):
        pieces = _cut(label, 8)
        lines += [*headings, *pieces[:-1], f"{pieces[-1]} {figures}"]
    return "\n".join(lines)


def with_a_vertical_heading(grid: Grid) -> str:
    lines = [WRAPPED_HEADER]
    letters = iter(VERTICAL)
    for headings, label, figures in _rows(grid):
        lines += [heading for heading in headings if heading != VERTICAL]
        lines.append(f"{label} {figures}")
        if len(lines) > 6:
            lines += [letter for letter in [next(letters, "")] if letter]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "layout", [beside_the_middle, beside_the_last_line, with_a_vertical_heading]
)
@pytest.mark.parametrize("form_id", ["national_2019", "national_2021"])
def test_a_wrapped_label_is_put_together(
    layout: Callable[[Grid], str], form_id: str, form: Form
) -> None:
    requests = draw_form(Random(form_id), form, form_id)[1]
    text = layout(requests.grid)
    table = read_table(text, 0, len(text), "requests", form_id, form)
    assert {(c.indicator_code, c.column_code): c.value for c in table.cells} == requests.values


def test_a_row_whose_figures_are_lost_leaves_the_pieces_alone(form: Form) -> None:
    requests = draw_form(Random(1), form, "national_2021")[1]
    lines = beside_the_last_line(requests.grid).split("\n")
    lost = next(n for n, line in enumerate(lines) if line.startswith("类申请"))
    lines[lost] = "类申请"
    text = "\n".join(lines)
    table = read_table(text, 0, len(text), "requests", "national_2021", form)
    values = requests.values
    assert all(
        values[c.indicator_code, c.column_code] == c.value
        for c in table.cells
        if c.value is not None
    )
    assert {issue.severity for issue in table.issues} & {"error", "warning"}


@pytest.mark.parametrize(
    "form_id", ["national_2014", "provincial_2013", "provincial_fujian", "national_2021"]
)
def test_labels_around_their_figures_are_read_in_every_edition(form_id: str, form: Form) -> None:
    drawn = draw_form(Random(7), form, form_id)
    text = write_report({table.table_code: labels_around_figures(table.grid) for table in drawn})
    parsed = parse(text.encode(), "text/plain", form)
    counts = judge(parsed, {table.table_code: table.values for table in drawn})
    assert counts["wrong"] == counts["silent"] == 0
    assert counts["right"] > 10 * counts["marked"]


def test_a_header_read_side_by_side_is_the_header_of_the_form(form: Form) -> None:
    header = ["行政复议 行政诉讼", "未经复议直接起诉 复议后起诉"]
    results = APPEAL_HEADER[2][:5] * 3
    header += [
        " ".join(result[:2] for result in results),
        " ".join(r[2:] for r in results if r[2:]),
    ]
    text = "\n".join([*header, " ".join(str(n) for n in range(1, 16))])
    table = read_table(text, 0, len(text), "appeals", "national_2021", form)
    assert [cell.value for cell in table.cells] == list(range(1, 16))
    swapped = text.replace("结果 结果 其他", "结果 其他 结果", 1)
    table = read_table(swapped, 0, len(swapped), "appeals", "national_2021", form)
    assert {cell.value for cell in table.cells} == {None}
