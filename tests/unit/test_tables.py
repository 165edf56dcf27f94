"""Numbers meet labels: whatever the separators, a value goes to its row and its column or is marked."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from loaders.form import Form
from loaders.tables import Table, read_table

COLUMNS = [
    "natural_person",
    "legal_commercial",
    "legal_research",
    "legal_public_welfare",
    "legal_law_service",
    "legal_other",
    "total",
]
HEADER = [
    ["申请人情况"],
    ["自然人", "法人或其他组织", "总计"],
    ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
]
ROWS = [
    ("一、本年新收政府信息公开申请数量", [20, 3, 0, 0, 1, 0, 24]),
    ("二、上年结转政府信息公开申请数量", [2, 0, 0, 0, 0, 0, 2]),
    ("(一)予以公开", [10, 1, 0, 0, 1, 0, 12]),
    ("(二)部分公开(区分处理的,只计这一情形,不计其他情形)", [5, 0, 0, 0, 0, 0, 5]),
    ("1.属于国家秘密", [0, 0, 0, 0, 0, 0, 0]),
    ("(六)其他处理", [5, 2, 0, 0, 0, 0, 7]),
    ("(七)总计", [20, 3, 0, 0, 1, 0, 24]),
    ("四、结转下年度继续办理", [2, 0, 0, 0, 0, 0, 2]),
]
CODES = [
    "req_new",
    "req_carried_in",
    "out_granted",
    "out_partial",
    "out_denied_state_secret",
    "out_other",
    "out_total",
    "req_carried_out",
]

Rows = list[tuple[str, list]]


def pipe_rows(rows: Rows) -> str:
    head = "".join("| " + " | ".join(line) + " |\n" for line in HEADER)
    return head + "".join(f"| {label} | {' | '.join(map(str, v))} |\n" for label, v in rows)


def tab_rows(rows: Rows) -> str:
    head = "".join("\t".join(line) + "\n" for line in HEADER)
    return head + "".join("\t".join([label, *map(str, v)]) + "\n" for label, v in rows)


def space_rows(rows: Rows) -> str:
    head = "".join(" ".join(line) + "\n" for line in HEADER)
    return head + "".join(" ".join([label, *map(str, v)]) + "\n" for label, v in rows)


def cell_per_line(rows: Rows) -> str:
    cells = [cell for line in HEADER for cell in line]
    cells += [str(cell) for label, values in rows for cell in (label, *values)]
    return "".join(f"{cell} |\n" for cell in cells)


def cell_and_pipe_alternating(rows: Rows) -> str:
    return cell_per_line(rows).replace(" |\n", "\n|\n")


def blank_line_between(rows: Rows) -> str:
    return cell_per_line(rows).replace(" |\n", "\n\n")


def one_line(rows: Rows) -> str:
    return cell_per_line(rows).replace(" |\n", " ")


LAYOUTS = [
    pipe_rows,
    tab_rows,
    space_rows,
    cell_per_line,
    cell_and_pipe_alternating,
    blank_line_between,
    one_line,
]


def read(text: str, form: Form, table_code: str = "requests", form_id: str = "national_2019"):
    return read_table(text, 0, len(text), table_code, form_id, form)


def values_of(table: Table) -> dict[tuple[str, str], Decimal | None]:
    return {(cell.indicator_code, cell.column_code): cell.value for cell in table.cells}


def drawn(rows: Rows = ROWS) -> dict[tuple[str, str], int]:
    codes = dict(zip((label for label, _ in ROWS), CODES, strict=True))
    return {
        (codes[label], column): value
        for label, values in rows
        for column, value in zip(COLUMNS, values, strict=True)
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_cells(layout: Callable[[Rows], str], form: Form) -> None:
    table = read(layout(ROWS), form)
    assert values_of(table) == drawn()
    assert table.issues == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_lost_row_shifts_nothing(layout: Callable[[Rows], str], form: Form) -> None:
    rows = [row for row in ROWS if "部分公开" not in row[0]]
    assert values_of(read(layout(rows), form)) == drawn(rows)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_lost_cell_marks_its_row_and_nothing_else(layout, form: Form) -> None:
    rows = [(label, values[:-1] if "新收" in label else values) for label, values in ROWS]
    table = read(layout(rows), form)
    found = values_of(table)
    whole = {key: value for key, value in drawn().items() if key[0] != "req_new"}
    assert {key: found[key] for key in whole} == whole
    assert all(found[("req_new", column)] is None for column in COLUMNS)
    assert "row_width" in {issue.issue_code for issue in table.issues}


def test_an_extra_column_marks_its_row(form: Form) -> None:
    rows = [(label, [*values, 9] if "予以" in label else values) for label, values in ROWS]
    table = read(pipe_rows(rows), form)
    assert values_of(table)[("out_granted", "total")] is None
    assert values_of(table)[("out_partial", "total")] == 5


def test_an_unknown_label_is_an_issue_and_no_cell(form: Form) -> None:
    rows = [*ROWS[:3], ("(九)另行研究处理", [7, 0, 0, 0, 0, 0, 7]), *ROWS[3:]]
    table = read(pipe_rows(rows), form)
    assert values_of(table) == drawn()
    (issue,) = [issue for issue in table.issues if issue.issue_code == "unknown_label"]
    assert "另行研究处理" in issue.text


def test_a_misprinted_label_is_repaired_where_one_row_fits(form: Form) -> None:
    rows = [(label.replace("国家秘密", "国家秘蜜"), values) for label, values in ROWS]
    table = read(pipe_rows(rows), form)
    repaired = [cell for cell in table.cells if cell.indicator_code == "out_denied_state_secret"]
    assert {cell.method for cell in repaired} == {"label_repaired"}
    assert values_of(table) == drawn()


@pytest.mark.parametrize(
    ("printed", "value", "status"),
    [
        ("12", 12, "reported"),
        ("0", 0, "reported"),
        ("", None, "blank"),
        ("-", None, "dash"),
        ("/", None, "dash"),
        ("**", None, "unreadable"),
    ],
)
def test_kinds_of_nothing_are_kept_apart(printed, value, status, form: Form) -> None:
    rows = [("一、本年新收政府信息公开申请数量", [printed, 3, 0, 0, 1, 0, 24])]
    table = read(pipe_rows(rows), form)
    first = table.cells[0]
    assert (first.value, first.value_status) == (value, status)
    assert values_of(table)[("req_new", "total")] == 24


def test_without_its_header_no_column_counts(form: Form) -> None:
    text = "".join(f"| {label} | {' | '.join(map(str, v))} |\n" for label, v in ROWS)
    table = read(text, form)
    assert {cell.value for cell in table.cells} == {None}
    assert "header_not_recognised" in {issue.issue_code for issue in table.issues}


def test_a_glued_row_is_read_by_its_sum(form: Form) -> None:
    text = "".join("".join(line) for line in HEADER)
    text += "一、本年新收政府信息公开申请数量640020470(一)予以公开200 000121"
    found = values_of(read(text, form))
    assert [found[("req_new", column)] for column in COLUMNS] == [64, 0, 0, 2, 0, 4, 70]
    assert [found[("out_granted", column)] for column in COLUMNS] == [20, 0, 0, 0, 0, 1, 21]


def test_a_glued_row_without_a_sum_stays_ambiguous(form: Form) -> None:
    text = "第二十条第(六)项信息内容上一年项目数量本年增/减处理决定数量行政处罚26480430"
    table = read(text, form, "proactive")
    assert {cell.value_status for cell in table.cells} == {"ambiguous"}
    (issue,) = table.issues
    assert issue.issue_code == "ambiguous_row"
    assert "2648,0,430" in issue.text


def test_fifteen_appeal_columns_need_their_header(form: Form) -> None:
    header = "| 行政复议 | 行政诉讼 |\n| 结果维持 | 结果纠正 | 其他结果 | 尚未审结 | 总计 | 未经复议直接起诉 | 复议后起诉 |\n"
    results = "结果维持 | 结果纠正 | 其他结果 | 尚未审结 | 总计 | "
    numbers = [1, 0, 1, 1, 3, 2, 0, 0, 0, 2, 0, 0, 0, 2, 2]
    row = "| " + " | ".join(map(str, numbers)) + " |\n"
    table = read(header + "| " + results + results.rstrip(" |") + " |\n" + row, form, "appeals")
    assert [cell.value for cell in table.cells] == numbers
    short = read(header + row.replace("| 1 ", "", 1), form, "appeals")
    assert {cell.value for cell in short.cells} == {None}


def test_a_statistics_table_tells_blocks_with_the_same_labels_apart(form: Form) -> None:
    text = (
        "统计指标 | 单位 | 统计数 |\n四、行政复议数量 | 件 | 3 |\n(一)维持具体行政行为数 | 件 | 2 |\n"
        "(二)被依法纠错数 | 件 | 1 |\n五、行政诉讼数量 | 件 | 5 |\n(二)被依法纠错数 | 件 | 4 |\n"
        "七、依申请公开信息收取的费用 | 元 | 2500 |\n"
    )
    found = values_of(read(text, form, "statistics", "national_2014"))
    assert found[("n14_review_corrected", "")] == 1
    assert found[("n14_litigation_corrected", "")] == 4
    assert ("n14_litigation_upheld", "") not in found
    assert found[("n14_fees", "")] == Decimal("0.25")


def test_a_cumulative_column_is_a_column_of_its_own(form: Form) -> None:
    text = "指标名称 计量单位 2014年度 历年累计 受理依申请公开信息总数 条 1 12 其中:1、当面申请数 条 0 3 "
    found = values_of(read(text, form, "statistics", "provincial_fujian"))
    assert found == {
        ("pfj_requests", "this_year"): 1,
        ("pfj_requests", "cumulative"): 12,
        ("pfj_requests_in_person", "this_year"): 0,
        ("pfj_requests_in_person", "cumulative"): 3,
    }
