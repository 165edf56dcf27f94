"""Whose report it is: the title, the body where the title is spoilt, and only what the document prints."""

import pytest

from loaders.bodies.publishers import read_publisher
from loaders.bodies.region import default_regions
from loaders.bodies.resolving import resolve_body
from loaders.bodies.scope import read_scope
from loaders.reports import split_reports

PERIOD = "统计期限为2019年1月1日至2019年12月31日。\n一、总体情况\n工作平稳。\n"


def read(text: str):
    (span,) = split_reports(text).reports
    publisher = read_publisher(text, span, default_regions())
    body = resolve_body(publisher, default_regions())
    return publisher, read_scope(text, span, publisher, body)


def annual(name: str, body: str = "") -> str:
    return f"{name}2019年政府信息公开工作年度报告\n{PERIOD}{body}"


@pytest.mark.parametrize(
    ("written", "name", "region_code"),
    [
        ("莲都区人民政府", "莲都区人民政府", "331102"),
        ("丽水市莲都区人民政府", "丽水市莲都区人民政府", "331102"),
        ("衢州市财政局", "衢州市财政局", "330800"),
        ("广东省人民政府", "广东省人民政府", "440000"),
    ],
)
def test_a_title_names_publisher_and_region(written: str, name: str, region_code: str) -> None:
    publisher, _ = read(annual(written))
    assert (publisher.name, publisher.region_code) == (name, region_code)
    assert publisher.issues == []


def test_the_fullest_form_that_is_printed_counts() -> None:
    publisher, _ = read(annual("莲都区", "本报告由莲都区人民政府办公室编制。\n"))
    assert publisher.name == "莲都区人民政府"
    assert publisher.written == "莲都区"


def test_what_is_not_printed_is_not_added() -> None:
    publisher, _ = read(annual("莲都区", ""))
    assert publisher.name == "莲都区"


def test_the_regions_above_come_from_the_body() -> None:
    publisher, _ = read(annual("莲都区人民政府", "请登录丽水市莲都区人民政府网站查阅。\n"))
    assert publisher.name == "丽水市莲都区人民政府"


def test_a_domain_over_the_name_is_repaired_from_the_body() -> None:
    body = "我局按要求公开。衢州市水利局办公室承办。衢州市水利局设专栏。我局另有安排。\n"
    publisher, (scope, _) = read(annual("www.spam-example.com局", body))
    assert publisher.name == "衢州市水利局"
    assert publisher.region_code == "330800"
    assert scope == "single_body"
    assert [issue.issue_code for issue in publisher.issues] == ["publisher_repaired"]


def test_a_missing_region_is_filled_from_the_document_only() -> None:
    body = "衢州市各部门配合。衢州市政务网设专栏。\n"
    assert read(annual("市水利局", body))[0].name == "衢州市水利局"
    assert read(annual("市水利局", ""))[0].name == "市水利局"


def test_an_unknown_region_is_an_issue() -> None:
    publisher, _ = read(annual("青溪县人民政府"))
    assert publisher.region_code == ""
    assert [issue.issue_code for issue in publisher.issues] == ["region_unknown"]


@pytest.mark.parametrize(
    ("name", "body", "scope"),
    [
        ("莲都区人民政府", "本报告综合全区各乡镇、各部门年度报告编制而成。\n", "region_aggregate"),
        ("莲都区人民政府", "", "unknown"),
        ("衢州市财政局", "我局收到申请3件。\n", "single_body"),
        ("衢州市财政局", "", "single_body"),
    ],
)
def test_whom_a_report_counts(name: str, body: str, scope: str) -> None:
    assert read(annual(name, body))[1][0] == scope


def test_the_span_of_the_written_name_is_where_it_stands() -> None:
    text = annual("衢州市财政局")
    publisher, _ = read(text)
    assert text[publisher.written_start : publisher.written_end] == "衢州市财政局"
