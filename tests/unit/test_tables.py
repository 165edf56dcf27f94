"""Numbers meet labels: whatever the separators, a value goes to its row and its column or is marked."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from loaders.form import Form
from loaders.tables.filled_table import Table
from loaders.tables.table import read_table
from tests.layouts import (
    APPEAL_HEADER,
    APPLICANTS,
    REQUEST_HEADER,
    SEPARATED,
    Grid,
    glued_rows,
    pipe_rows,
    space_rows,
)

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


def grid_of(rows: Rows) -> Grid:
    return [*REQUEST_HEADER, *([label, *map(str, values)] for label, values in rows)]


def read(text: str, form: Form, table_code: str = "requests", form_id: str = "national_2019"):
    return read_table(text, 0, len(text), table_code, form_id, form)


def values_of(table: Table) -> dict[tuple[str, str], Decimal | None]:
    return {(cell.indicator_code, cell.column_code): cell.value for cell in table.cells}


def drawn(rows: Rows = ROWS) -> dict[tuple[str, str], int]:
    codes = dict(zip((label for label, _ in ROWS), CODES, strict=True))
    return {
        (codes[label], column): value
        for label, values in rows
        for column, value in zip(APPLICANTS, values, strict=True)
    }


@pytest.mark.parametrize("layout", SEPARATED)
def test_every_layout_gives_the_same_cells(layout: Callable[[Grid], str], form: Form) -> None:
    table = read(layout(grid_of(ROWS)), form)
    assert values_of(table) == drawn()
    assert {issue.issue_code for issue in table.issues} == {"rows_missing"}


@pytest.mark.parametrize("layout", SEPARATED)
def test_a_lost_row_shifts_nothing(layout: Callable[[Grid], str], form: Form) -> None:
    rows = [row for row in ROWS if "部分公开" not in row[0]]
    assert values_of(read(layout(grid_of(rows)), form)) == drawn(rows)


@pytest.mark.parametrize("layout", SEPARATED)
def test_a_lost_cell_marks_its_row_and_nothing_else(layout, form: Form) -> None:
    rows = [(label, values[:-1] if "新收" in label else values) for label, values in ROWS]
    table = read(layout(grid_of(rows)), form)
    found = values_of(table)
    whole = {key: value for key, value in drawn().items() if key[0] != "req_new"}
    assert {key: found[key] for key in whole} == whole
    assert all(found[("req_new", column)] is None for column in APPLICANTS)
    assert "row_width" in {issue.issue_code for issue in table.issues}


def test_an_extra_column_marks_its_row(form: Form) -> None:
    rows = [(label, [*values, 9] if "予以" in label else values) for label, values in ROWS]
    table = read(pipe_rows(grid_of(rows)), form)
    assert values_of(table)[("out_granted", "total")] is None
    assert values_of(table)[("out_partial", "total")] == 5


def test_an_unknown_label_is_an_issue_and_no_cell(form: Form) -> None:
    rows = [*ROWS[:3], ("(九)另行研究处理", [7, 0, 0, 0, 0, 0, 7]), *ROWS[3:]]
    table = read(pipe_rows(grid_of(rows)), form)
    assert values_of(table) == drawn()
    (issue,) = [issue for issue in table.issues if issue.issue_code == "unknown_label"]
    assert "另行研究处理" in issue.text


def test_a_misprinted_label_is_repaired_where_one_row_fits(form: Form) -> None:
    rows = [(label.replace("国家秘密", "国家秘蜜"), values) for label, values in ROWS]
    table = read(pipe_rows(grid_of(rows)), form)
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
    table = read(pipe_rows(grid_of(rows)), form)
    first = table.cells[0]
    assert (first.value, first.value_status) == (value, status)
    assert values_of(table)[("req_new", "total")] == 24


def test_without_its_header_no_column_counts(form: Form) -> None:
    text = "".join(f"| {label} | {' | '.join(map(str, v))} |\n" for label, v in ROWS)
    table = read(text, form)
    assert {cell.value for cell in table.cells} == {None}
    assert "header_not_recognised" in {issue.issue_code for issue in table.issues}


def test_a_glued_row_is_read_by_its_sum(form: Form) -> None:
    text = "".join("".join(line) for line in REQUEST_HEADER)
    text += "一、本年新收政府信息公开申请数量640020470(一)予以公开200 000121"
    found = values_of(read(text, form))
    assert [found[("req_new", column)] for column in APPLICANTS] == [64, 0, 0, 2, 0, 4, 70]
    assert [found[("out_granted", column)] for column in APPLICANTS] == [20, 0, 0, 0, 0, 1, 21]


def test_a_glued_row_without_a_sum_stays_ambiguous(form: Form) -> None:
    text = "第二十条第(六)项信息内容上一年项目数量本年增/减处理决定数量行政处罚26480430"
    table = read(text, form, "proactive")
    assert {cell.value_status for cell in table.cells} == {"ambiguous"}
    issue = next(issue for issue in table.issues if issue.issue_code == "ambiguous_row")
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


# --- the header and the width -------------------------------------------------------------------


def test_columns_printed_in_another_order_are_read_by_their_labels(form: Form) -> None:
    header = [REQUEST_HEADER[0], REQUEST_HEADER[1], list(REQUEST_HEADER[2])]
    header[2][0], header[2][4] = header[2][4], header[2][0]
    row = ["一、本年新收政府信息公开申请数量", "20", "1", "0", "0", "3", "2", "26"]
    found = values_of(read(pipe_rows([*header, row]), form))
    assert found[("req_new", "legal_commercial")] == 2
    assert found[("req_new", "legal_other")] == 1
    assert found[("req_new", "legal_law_service")] == 3


@pytest.mark.parametrize(
    "header",
    [
        [["申请人情况"], ["总计", "自然人", "法人或其他组织"], REQUEST_HEADER[2]],
        [["申请人情况"], ["自然人", "总计"], REQUEST_HEADER[2][:4]],
        [["申请人情况"], ["法人或其他组织", "自然人", "总计"], REQUEST_HEADER[2]],
    ],
)
def test_a_header_in_doubt_marks_the_table(header: Grid, form: Form) -> None:
    row = ["一、本年新收政府信息公开申请数量", "20", "3", "0", "0", "1", "0", "24"]
    table = read(pipe_rows([*header, row]), form)
    assert {cell.value for cell in table.cells} == {None}
    assert "header_not_recognised" in {issue.issue_code for issue in table.issues}


def test_a_subtotal_column_under_its_label_is_left_out(form: Form) -> None:
    grid = [REQUEST_HEADER[0], REQUEST_HEADER[1], [*REQUEST_HEADER[2], "小计"]]
    grid += [[label, *map(str, [*v[:6], sum(v[1:6]), v[6]])] for label, v in ROWS]
    assert values_of(read(pipe_rows(grid), form)) == drawn()
    grid[4].pop(3)
    table = read(pipe_rows(grid), form)
    assert values_of(table)[("req_carried_in", "natural_person")] is None
    assert values_of(table)[("out_granted", "natural_person")] == 10


def test_an_unlabelled_column_in_most_rows_marks_them_all(form: Form) -> None:
    grid = grid_of([(label, [7, *values]) for label, values in ROWS])
    grid[4].pop(2)
    table = read(pipe_rows(grid), form)
    assert {cell.value for cell in table.cells} == {None}
    assert "table_width" in {issue.issue_code for issue in table.issues}


def test_a_header_repeated_between_rows_changes_nothing(form: Form) -> None:
    grid = grid_of(ROWS)
    grid[6:6] = REQUEST_HEADER
    assert values_of(read(pipe_rows(grid), form)) == drawn()


def test_a_markdown_rule_is_no_row_of_dashes(form: Form) -> None:
    text = pipe_rows(grid_of(ROWS)).replace("\n", "\n| --- | :---: | --- |\n", 1)
    assert values_of(read(text, form)) == drawn()


# --- rows that are not what they seem --------------------------------------------------------------


@pytest.mark.parametrize("layout", SEPARATED)
def test_the_figures_of_a_lost_label_are_not_the_subtotal_of_its_group(layout, form: Form) -> None:
    grid = [
        *REQUEST_HEADER,
        ["(四)无法提供", "3", "0", "0", "0", "0", "0", "3"],
        ["2.没有现成信息需要另行制作", "1", "0", "0", "0", "0", "0", "1"],
        ["3.补正后申请内容仍不明确", "0", "0", "0", "0", "0", "0", "0"],
    ]
    table = read(layout(grid), form)
    assert values_of(table)[("out_unable", "total")] is None
    assert values_of(table)[("out_unable_needs_creation", "total")] == 1
    assert "row_label_lost" in {issue.issue_code for issue in table.issues}


def test_a_printed_subtotal_of_a_whole_group_is_read(form: Form) -> None:
    zeros = ["0"] * 5
    grid = [
        *REQUEST_HEADER,
        ["(四)无法提供", "3", *zeros, "3"],
        ["1.本机关不掌握相关政府信息", "2", *zeros, "2"],
        ["2.没有现成信息需要另行制作", "1", *zeros, "1"],
        ["3.补正后申请内容仍不明确", "0", *zeros, "0"],
    ]
    assert values_of(read(pipe_rows(grid), form))[("out_unable", "total")] == 3


def test_a_row_printed_twice_with_other_figures_is_ambiguous(form: Form) -> None:
    label, values = ROWS[2]
    table = read(pipe_rows(grid_of([*ROWS, (label, [9, *values[1:]])])), form)
    assert {c.value_status for c in table.cells if c.indicator_code == "out_granted"} == {
        "ambiguous"
    }
    assert values_of(table)[("out_partial", "total")] == 5
    assert "row_repeated" in {issue.issue_code for issue in table.issues}


def test_the_tables_of_two_years_are_not_taken_for_one(form: Form) -> None:
    earlier = [(label, [value + 1 for value in values]) for label, values in ROWS[:-1]]
    table = read(pipe_rows(grid_of(earlier)) + pipe_rows(grid_of(ROWS)), form)
    assert {cell.value for cell in table.cells} == {None}


def test_the_appeals_of_two_years_are_not_taken_for_one(form: Form) -> None:
    grid = [*APPEAL_HEADER, ["1"] * 15, *APPEAL_HEADER, ["2"] * 15]
    table = read(pipe_rows(grid), form, "appeals")
    assert {cell.value_status for cell in table.cells} == {"ambiguous"}


def test_the_forms_of_two_editions_side_by_side_are_not_mixed(form: Form) -> None:
    grid = [
        ["第二十条第(五)项"],
        ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"],
        ["行政许可", "0", "0", "120"],
        ["第二十条第(九)项"],
        ["信息内容", "采购项目数量", "采购总金额"],
        ["政府集中采购", "4", "12.5"],
        ["第二十条第(五)项"],
        ["信息内容", "本年处理决定数量"],
        ["行政许可", "130"],
    ]
    table = read(pipe_rows(grid), form, "proactive", "national_2021")
    assert {cell.value_status for cell in table.cells} == {"ambiguous"}
    assert "table_of_two_editions" in {issue.issue_code for issue in table.issues}


def test_a_table_printed_twice_is_read_once(form: Form) -> None:
    table = read(pipe_rows(grid_of(ROWS)) * 2, form)
    assert values_of(table) == drawn()
    assert len(table.cells) == len(drawn())


def test_a_sentence_between_two_rows_does_not_end_the_table(form: Form) -> None:
    lines = pipe_rows(grid_of(ROWS)).splitlines(keepends=True)
    lines.insert(6, "以上为本级数据,其余由各镇汇总得出。\n")
    assert values_of(read("".join(lines), form)) == drawn()


def test_rows_that_are_not_there_are_told(form: Form) -> None:
    rows = [row for row in ROWS if "结转下年度" not in row[0]]
    (issue,) = [
        i for i in read(pipe_rows(grid_of(rows)), form).issues if i.issue_code == "rows_missing"
    ]
    assert "四、结转下年度继续办理" in issue.text
    assert "(七)总计" not in issue.text


def test_values_before_the_first_label_are_told(form: Form) -> None:
    text = pipe_rows(
        [*REQUEST_HEADER, ["20", "3", "0", "0", "1", "0", "24"], ["(一)予以公开", *"1000001"]]
    )
    table = read(text, form)
    assert "unlabelled_values" in {issue.issue_code for issue in table.issues}


# --- figures without separators ---------------------------------------------------------------------


@pytest.mark.parametrize("layout", SEPARATED)
def test_a_lost_cell_is_not_made_up_by_splitting_its_neighbour(layout, form: Form) -> None:
    grid = [
        ["指标名称", "计量单位", "2014年度", "历年累计"],
        ["受理依申请公开信息总数", "条", "3", "40"],
        ["其中:1、当面申请数", "条", "15"],
        ["2、传真申请数", "条", "3", "25"],
    ]
    found = values_of(read(layout(grid), form, "statistics", "provincial_fujian"))
    assert found[("pfj_requests_in_person", "this_year")] is None
    assert found[("pfj_requests_fax", "cumulative")] == 25


def test_a_lost_total_is_not_made_up(form: Form) -> None:
    rows = [*ROWS[:3], ("(二)部分公开", [0, 0, 0, 0, 0, 11]), *ROWS[4:]]
    found = values_of(read(space_rows(grid_of(rows)), form))
    assert found[("out_partial", "legal_other")] is None


def test_the_number_of_a_page_is_no_cell_of_a_glued_row(form: Form) -> None:
    grid = [
        ["指标名称", "计量单位", "2014年度", "历年累计"],
        ["对申请的答复总数", "条", "388", "972"],
    ]
    text = glued_rows(grid) + "3\n2.同意部分公开答复数条00\n"
    found = values_of(read(text, form, "statistics", "provincial_fujian"))
    assert found[("pfj_replies", "this_year")] is None


# --- statistics tables -------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", [pipe_rows, space_rows])
@pytest.mark.parametrize("header", [["指标名称", "代码", "计量单位", "本期实际", "本年累计"]])
def test_a_column_of_codes_holds_no_figures(layout, header, form: Form) -> None:
    grid = [
        header,
        ["申请总数", "10", "条", "2", "9"],
        ["当面申请数", "11", "条", "1", "5"],
        ["对申请的答复总数", "17", "条", "8"],
        ["否决公开答复总数", "20", "条", "0", "1"],
    ]
    table = read(layout(grid), form, "statistics", "provincial_2008")
    found = values_of(table)
    assert found[("p8_10_requests", "period")] == 2
    assert found[("p8_10_requests", "this_year")] == 9
    assert found[("p8_20_refused", "this_year")] == 1
    assert found[("p8_17_replies", "period")] is None
    assert "row_width" in {issue.issue_code for issue in table.issues}


def test_a_running_number_before_the_label_is_no_figure(form: Form) -> None:
    grid = [
        ["序号", "统计指标", "单位", "统计数"],
        ["1", "一、主动公开情况"],
        ["2", "(一)主动公开政府信息数", "条", "40"],
        ["3", "其中:主动公开规范性文件数", "条", "6"],
        ["4", "制发规范性文件总数", "件", "7"],
    ]
    found = values_of(read(pipe_rows(grid), form, "statistics", "national_2014"))
    assert found == {
        ("n14_proactive_total", ""): 40,
        ("n14_normative_disclosed", ""): 6,
        ("n14_normative_issued", ""): 7,
    }


def test_an_extra_column_of_article_20_marks_its_block(form: Form) -> None:
    grid = [
        ["第二十条第(五)项"],
        ["信息内容", "上一年项目数量", "本年增/减", "去年同期", "处理决定数量"],
        ["行政许可", "10", "-2", "5", "300"],
        ["第二十条第(九)项"],
        ["信息内容", "采购项目数量", "采购总金额"],
        ["政府集中采购", "4", "12.5"],
    ]
    table = read(pipe_rows(grid), form, "proactive")
    assert values_of(table) == {
        ("a20_9_procurement_items", ""): 4,
        ("a20_9_procurement_amount", ""): Decimal("12.5"),
    }
    assert "column_not_recognised" in {issue.issue_code for issue in table.issues}


# --- what real pages do to a table ----------------------------------------------------------------


def test_a_total_that_stands_first_is_known_by_the_sums(form: Form) -> None:
    header = [["申请人情况"], ["总计", "自然人", "法人或其他组织"], REQUEST_HEADER[2]]
    rows = [[label, *map(str, [v[-1], *v[:-1]])] for label, v in ROWS]
    assert values_of(read(pipe_rows([*header, *rows]), form)) == drawn()


def test_copies_in_merged_cells_of_the_header_are_one_column(form: Form) -> None:
    header = [
        ["申请人情况"],
        ["", "自然人", *["法人或其他组织"] * 5, "总计"],
        ["", "自然人", *REQUEST_HEADER[2], "总计"],
    ]
    assert values_of(read(pipe_rows([*header, *grid_of(ROWS)[3:]]), form)) == drawn()


@pytest.mark.parametrize("mark", ["- 3 -", "— 3 —".replace("—", "-"), "3", "3 / 8"])
def test_the_number_of_a_page_is_no_figure_of_a_row(mark: str, form: Form) -> None:
    lines = space_rows(grid_of(ROWS)).splitlines()
    text = "\n".join([*lines[:6], "", mark, *lines[6:]])
    assert values_of(read(text, form)) == drawn()


def test_a_page_number_in_dashes_does_not_stand_in_for_lost_cells(form: Form) -> None:
    label = ROWS[0][0]
    table = read(
        "\n".join([*space_rows(REQUEST_HEADER).splitlines(), f"{label} 2 0 0 0", "- 3 -"]), form
    )
    assert {cell.value_status for cell in table.cells} == {"unreadable"}


@pytest.mark.parametrize("zero", ["O", "o", "〇", "○"])
def test_a_zero_printed_as_a_letter_is_a_zero(zero: str, form: Form) -> None:
    grid = [[zero if cell == "0" else cell for cell in row] for row in grid_of(ROWS)]
    for layout in SEPARATED:
        assert values_of(read(layout(grid), form)) == drawn()


def test_the_mark_of_a_footnote_is_no_part_of_a_figure(form: Form) -> None:
    grid = [[cell + "①" if cell == "24" else cell for cell in row] for row in grid_of(ROWS)]
    assert values_of(read(pipe_rows(grid), form)) == drawn()
    assert values_of(read(space_rows(grid), form)) == drawn()


def test_an_article_20_table_may_be_turned_round(form: Form) -> None:
    grid = [
        ["第二十条第(一)项"],
        ["信息内容", "规章", "行政规范性文件"],
        ["本年制发件数", "1", "2"],
        ["本年废止件数", "3", "4"],
        ["现行有效件数", "5", "6"],
        ["第二十条第(五)项"],
        ["信息内容", "本年处理决定数量"],
        ["行政许可", "7"],
    ]
    found = values_of(read(pipe_rows(grid), form, "proactive", "national_2021"))
    assert {code: int(value) for (code, _), value in found.items()} == {
        "a20_1_rules_made": 1, "a20_1_normdocs_made": 2, "a20_1_rules_repealed": 3,
        "a20_1_normdocs_repealed": 4, "a20_1_rules_in_force": 5, "a20_1_normdocs_in_force": 6,
        "a20_5_licensing_decisions": 7,
    }  # fmt: skip


def test_appeals_may_stand_in_a_row_per_forum_or_one_per_figure(form: Form) -> None:
    figures = [str(n) for n in range(1, 16)]
    forums = ["行政复议", "未经复议直接起诉", "复议后起诉"]
    results = APPEAL_HEADER[2][:5]
    by_forum = [["", *results], *([f, *figures[5 * n : 5 * n + 5]] for n, f in enumerate(forums))]
    by_figure = [
        [f, r, figures[5 * n + m]] for n, f in enumerate(forums) for m, r in enumerate(results)
    ]
    by_figure.insert(5, ["行政诉讼"])
    for grid in (by_forum, by_figure):
        table = read(pipe_rows(grid), form, "appeals")
        assert [cell.value for cell in table.cells] == list(range(1, 16))
        assert table.issues == []
    lost = read(pipe_rows(by_figure[:-1]), form, "appeals")
    assert {cell.value for cell in lost.cells} == {None}


# --- statistics tables as sites set them ------------------------------------------------------------

STATISTICS = [
    ["一、主动公开情况"],
    ["(一)主动公开政府信息数", "条", "120"],
    ["其中:主动公开规范性文件数", "条", "7"],
    ["三、依申请公开情况"],
    ["(一)收到申请数", "件", "12"],
]
STATED = {"n14_proactive_total": 120, "n14_normative_disclosed": 7, "n14_received": 12}


def reported_in(table: Table) -> dict[str, int]:
    return {c.indicator_code: int(c.value) for c in table.cells if c.value is not None}


@pytest.mark.parametrize("glue", [" ", "|", "\t", ""])
def test_running_numbers_before_the_labels_are_no_figures(glue: str, form: Form) -> None:
    rows = [["序号", "统计指标", "单位", "统计数"]]
    rows += [[str(n), *row] for n, row in enumerate(STATISTICS, 1)]
    text = "\n".join(glue.join(row) for row in rows)
    start = text.index("统计指标")
    table = read_table(text, start, len(text), "statistics", "national_2014", form)
    assert reported_in(table) == STATED


def test_a_coded_table_may_have_the_column_of_the_year_alone(form: Form) -> None:
    text = "指标名称|代码|计量单位|2010年\n主动公开信息数|01|条|96\n其中:全文电子化的主动公开信息数|02|条|90"
    table = read_table(text, 0, len(text), "statistics", "provincial_2008", form)
    found = {(c.indicator_code, c.column_code): c.value for c in table.cells}
    assert found == {
        ("p8_01_proactive", "this_year"): 96,
        ("p8_02_proactive_fulltext", "this_year"): 90,
    }
    more = text.replace("|96", "|96|97").replace("|90", "|90|91")
    table = read_table(more, 0, len(more), "statistics", "provincial_2008", form)
    assert {cell.value for cell in table.cells} == {None}


@pytest.mark.parametrize("glue", [" ", "|", "\n"])
@pytest.mark.parametrize(
    ("unit", "expected"), [("万元", "125000"), ("元", "12.5"), ("万 元", "125000")]
)
def test_a_header_may_print_another_unit_of_money(glue, unit, expected, form: Form) -> None:
    rows = [
        ["第二十条第(八)项"],
        ["信息内容", f"本年收费金额(单位:{unit})"],
        ["行政事业性收费", "125000"],
    ]
    text = "\n".join(glue.join(row) for row in rows)
    (cell,) = [c for c in read(text, form, "proactive", "national_2021").cells if c.value]
    assert (cell.indicator_code, cell.value) == ("a20_8_fees_amount", Decimal(expected))


def test_a_heading_that_nobody_knows_does_not_end_the_table(form: Form) -> None:
    grid = grid_of(ROWS)
    grid.insert(5, ["三、本年处理结果如下"])
    for layout in (pipe_rows, space_rows):
        assert values_of(read(layout(grid), form)) == drawn()


def test_a_local_form_without_its_last_rows_may_be_cut_off(form: Form) -> None:
    rows = [line for line in form.lines("provincial_fujian") if line.unit]
    header = ["指标名称", "计量单位", "2015年度", "历年累计"]

    def severities(kept) -> set[str]:
        grid = [header, *([line.label_zh, line.unit, "0", "0"] for line in kept)]
        table = read(pipe_rows(grid), form, "statistics", "provincial_fujian")
        return {issue.severity for issue in table.issues if issue.issue_code == "rows_missing"}

    assert severities(rows) == set()
    assert severities(rows[:-6]) == {"warning"}
    assert severities([*rows[:3], *rows[9:]]) == {"info"}
