"""Where sections and tables begin, and which edition they follow."""

import pytest

from loaders.form import Form
from loaders.sections import detect_form, expected_forms, locate_sections, locate_tables
from tests.layouts import SEPARATED, draw_appeals, draw_proactive, draw_requests, draw_statistics

REPORT = "引言一句。\n一、总体情况\n甲。\n二、主动公开政府信息情况\n乙。\n三、收到和处理政府信息公开申请情况\n丙。\n"


def codes(text: str, tables=()) -> list[str]:
    return [section.section_code for section in locate_sections(text, 0, len(text), tables)]


def test_sections_follow_their_headings_and_cover_the_report() -> None:
    found = locate_sections(REPORT, 0, len(REPORT))
    assert [s.section_code for s in found] == ["preamble", "overview", "proactive", "requests"]
    assert "".join(REPORT[s.start : s.end] for s in found) == REPORT


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("一、概述", "overview"),
        ("一、依申请公开政府信息情况", "requests"),
        ("一、政府信息公开行政复议、行政诉讼情况", "appeals"),
        ("一、政府信息公开收费及减免情况", "fees"),
        ("一、存在的主要问题及改进情况", "problems"),
        ("一、其他需要报告的事项", "other_matters"),
        ("一、政府信息公开情况统计表", "statistics"),
        ("一、机构建设和人员情况", "capacity"),
        ("一、建议提案办理", "other"),
    ],
)
def test_a_heading_names_its_section(heading: str, code: str) -> None:
    assert codes(heading + "\n正文。") == [code]


def test_rows_of_a_table_are_no_headings() -> None:
    text = (
        "一、总体情况\n甲。\n一、本年新收政府信息公开申请数量\n3\n二、上年结转\n0\n二、主动公开\n"
    )
    start, end = text.index("一、本年"), text.rindex("二、主动")
    assert codes(text, [(start, end)]) == ["overview", "proactive"]


def test_an_ordinal_out_of_order_is_no_heading() -> None:
    assert codes("一、总体情况\n八、某领域的工作\n二、主动公开政府信息情况\n") == [
        "overview",
        "proactive",
    ]


@pytest.mark.parametrize("layout", SEPARATED)
@pytest.mark.parametrize("form_id", ["national_2019", "national_2021"])
def test_every_table_is_found_in_every_layout(layout, form_id: str, form: Form) -> None:
    drawn = [
        draw_proactive(form, form_id, {}),
        draw_requests(form, form_id, {}),
        draw_appeals(form, [0] * 12),
    ]
    text = "".join(layout(table.grid) + "\n其间一句话。\n" for table in drawn)
    anchors = locate_tables(text, 0, len(text), form)
    assert list(dict.fromkeys(a.table_code for a in anchors)) == [
        "proactive",
        "requests",
        "appeals",
    ]
    assert all(
        {"national_2019", "national_2021"} <= set(a.form_ids)
        for a in anchors
        if a.table_code == "requests"
    )
    candidates = sorted({form_id for anchor in anchors for form_id in anchor.form_ids})
    assert detect_form(text, anchors[0].start, len(text), form, candidates) == form_id


@pytest.mark.parametrize("form_id", ["national_2014", "provincial_2013", "provincial_fujian"])
def test_statistics_tables_tell_their_edition(form_id: str, form: Form) -> None:
    text = SEPARATED[0](draw_statistics(form, form_id, {}).grid)
    anchors = locate_tables(text, 0, len(text), form)
    assert {anchor.table_code for anchor in anchors} == {"statistics"}
    candidates = [edition.form_id for edition in form.editions if edition.form_id != "narrative"]
    assert detect_form(text, 0, len(text), form, candidates) == form_id


def test_a_table_without_its_unit_column_is_found(form: Form) -> None:
    text = "| 指标名称 | 数据统计 |\n| 一、主动公开数量 | 3 |\n"
    assert [a.table_code for a in locate_tables(text, 0, len(text), form)][:1] == ["statistics"]


def test_no_signature_no_edition(form: Form) -> None:
    assert detect_form("寻常文字。", 0, 5, form, ["national_2019", "national_2021"]) == ""


def test_headings_alone_tell_which_forms_to_expect(form: Form) -> None:
    text = REPORT + "四、政府信息公开行政复议、行政诉讼情况\n丁。\n"
    sections = locate_sections(text, 0, len(text))
    assert set(expected_forms(sections, form)) == {"national_2019", "national_2021"}
    assert expected_forms(locate_sections("一、概述\n甲。", 0, 7), form) == ()
