"""Whole documents in a text: where they begin and end, and what is noise."""

import pytest

from loaders.reports import split_reports

BODY = "一、总体情况\n本年度收到申请3件。\n二、存在问题\n队伍建设有待加强。\n"


def annual(publisher: str, year: int) -> str:
    return f"{publisher}{year}年政府信息公开工作年度报告\n{BODY}"


@pytest.mark.parametrize(
    ("title", "publisher", "year"),
    [
        ("某某县人民政府2019年政府信息公开工作年度报告", "某某县人民政府", 2019),
        ("某某县2019年度政府信息公开工作年度报告。", "某某县", 2019),
        ("2019年某某县教育局政府信息公开年报", "某某县教育局", 2019),
        ("某某市人民政府信息公开工作年度报告(2011年度)", "某某市人民政府", 2011),
        ("标题: 某某镇2022年政府信息公开工作年度报告", "某某镇", 2022),
        ("关于某某局2017年政府信息公开工作情况报告", "某某局", 2017),
        ("某某县二〇一二年政府信息公开工作年度报告", "某某县", 2012),
    ],
)
def test_a_title_names_publisher_and_year(title: str, publisher: str, year: int) -> None:
    (report,) = split_reports(f"{title}\n{BODY}").reports
    assert (report.publisher_text, report.year) == (publisher, year)
    assert report.doc_type == "annual_report"


@pytest.mark.parametrize(
    "line",
    [
        "关于做好2020年政府信息公开工作年度报告编制工作的通知",
        "某某县人民政府2018年政府信息公开工作年度报告.pdf",
        "附件:某某县2018年政府信息公开工作年度报告",
    ],
)
def test_a_mention_is_no_title(line: str) -> None:
    text = annual("某某县", 2019) + line + "\n" + BODY
    assert [report.year for report in split_reports(text).reports] == [2019]


def test_several_reports_in_one_file_are_several() -> None:
    text = annual("甲县", 2018) + annual("乙县", 2018) + annual("甲县", 2019)
    split = split_reports(text)
    assert [(r.publisher_text, r.year) for r in split.reports] == [
        ("甲县", 2018),
        ("乙县", 2018),
        ("甲县", 2019),
    ]
    assert "".join(text[r.start : r.end] for r in split.reports) == text


def test_a_title_printed_twice_is_one_report() -> None:
    text = "标题: 甲县2018年政府信息公开工作年度报告\n发布机构:\n" + annual("甲县", 2018)
    assert len(split_reports(text).reports) == 1


def test_snippets_between_reports_are_noise() -> None:
    snippets = (
        "为规范工作,根据有关规定,现就有关事项...\n格式:pdf\n大小:34KB\n一份别处的文件 正文在此\n"
    )
    text = annual("甲县", 2018) + snippets + annual("甲县", 2019)
    split = split_reports(text)
    assert len(split.reports) == 2
    assert [text[a:b] for a, b in split.noise] == [snippets]


def test_the_period_settles_a_title_with_the_year_of_writing() -> None:
    text = "甲县2020年政府信息公开工作年度报告\n统计期限为2019年1月1日至2019年12月31日。\n" + BODY
    assert split_reports(text).reports[0].year == 2019


def test_a_report_without_title_is_known_by_its_body() -> None:
    text = "本报告所列数据的统计期限为2021年1月1日至2021年12月31日。\n一、总体情况\n办理申请3件。\n"
    (report,) = split_reports(text).reports
    assert (report.doc_type, report.title, report.year) == ("annual_report", "", 2021)


def test_a_work_plan_is_one() -> None:
    tasks = "".join(f"{n}.公开事项。(牵头单位:县政府办公室;责任单位:各镇)\n" for n in range(1, 5))
    text = f"某县人民政府办公室关于印发某县2018年政务公开工作要点的通知\n{tasks}"
    (report,) = split_reports(text).reports
    assert (report.doc_type, report.publisher_text, report.year) == (
        "work_plan",
        "某县人民政府办公室",
        2018,
    )


@pytest.mark.parametrize("text", ["", "\n\n", "短短一句…", "12 34 56"])
def test_a_snippet_is_no_report(text: str) -> None:
    assert split_reports(text).reports == ()


@pytest.mark.parametrize(
    "title", ["政府信息公开工作年度报告(模板)", "中华人民共和国政府信息公开工作年度报告格式"]
)
def test_a_template_is_a_blank_form(title: str) -> None:
    (report,) = split_reports(f"{title}\n一、总体情况\n二、主动公开政府信息情况\n").reports
    assert (report.doc_type, report.year) == ("blank_form", None)
