"""Whom a report counts: only words that speak of the figures tell, and only at the publisher's level."""

import pytest

from loaders.bodies.publishers import read_publisher
from loaders.bodies.region import default_regions
from loaders.bodies.resolving import resolve_body
from loaders.bodies.scope import read_scope
from loaders.normalise import normalise
from loaders.reports import split_reports

PERIOD = "统计期限为2019年1月1日至2019年12月31日。\n一、总体情况\n工作平稳。\n"


def scope_of(name: str, body: str) -> tuple[str, str]:
    text = normalise(f"{name}2019年政府信息公开工作年度报告\n{PERIOD}{body}\n")
    (span,) = split_reports(text).reports
    publisher = read_publisher(text, span, default_regions())
    return read_scope(text, span, publisher, resolve_body(publisher, default_regions()))


@pytest.mark.parametrize(
    ("name", "body", "evidence"),
    [
        ("衢州市人民政府", "本报告由市政府办公室汇总各县(市、区)和市级部门年报编制。", "汇总各县"),
        ("衢州市人民政府", "本报告综合各地、各部门的年度报告编制而成。", "综合各地"),
        ("衢州市人民政府", "根据各县（市、区）、各部门年度报告汇总形成。", "根据各县"),
        ("衢州市人民政府", "全市各级行政机关共收到政府信息公开申请467件。", "全市各级行政机关"),
        ("衢州市人民政府", "2019年，全市共受理政府信息公开申请467件。", "全市共受理"),
        ("衢州市人民政府", "我市各级行政机关全年共受理政府信息公开申请467件。", "我市各级"),
        ("衢州市人民政府", "市本级48767条，各县（市、区）323353条。", "市本级48767条,各县"),
        ("衢州市", "全市各部门2019年主动公开政府信息1.2万条。", "全市各部门"),
        ("莲都区人民政府", "现将莲都区所有行政机关2019年工作报告如下。", "将莲都区所有行政机关"),
        ("莲都区人民政府", "区政府及其部门共收到政府信息公开申请12件。", "区政府及其部门"),
        ("莲都区人民政府", "本报告所列数据包括区政府各部门、各乡镇街道。", "本报告所列数据包括"),
        ("莲都区人民政府", "统计范围涵盖所有部门和乡镇。", "统计范围涵盖"),
        (
            "威远县人民政府",
            "县直各部门、各镇公开信息100条。",
            "县直各部门",
        ),
        ("威远县人民政府办公室", "由县政府办公室汇总各镇、各部门情况编制。", "汇总各镇"),
        ("江苏省人民政府", "全省各级行政机关共收到政府信息公开申请4万余件。", "全省各级"),
        ("广西壮族自治区人民政府", "全区各级行政机关共收到政府信息公开申请4000件。", "全区各级"),
        ("平潭综合实验区管委会", "全区受理政府信息公开申请21件。", "全区受理"),
        ("阿拉善盟行政公署", "全盟各级行政机关共收到政府信息公开申请40件。", "全盟各级"),
    ],
)
def test_a_report_speaks_for_its_region(name: str, body: str, evidence: str) -> None:
    scope, found = scope_of(name, body)
    assert scope == "region_aggregate"
    assert evidence in found


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("莲都区人民政府", ""),
        ("莲都区人民政府", "共收到政府信息公开申请12件。"),
        # the words of another level: what the city or the country did or asked for
        ("莲都区人民政府", "全市各级行政机关共收到政府信息公开申请467件。"),
        ("威远县人民政府", "全省各级行政机关共收到政府信息公开申请4万件。"),
        ("威远县人民政府", "按照对全国各级行政机关的要求办理。"),
        ("威远县人民政府", "市政府及其部门共收到政府信息公开申请12件。"),
        # another region's
        ("威远县人民政府", "将隆昌市所有行政机关的经验加以推广。"),
        # a district of an autonomous region: 全区 may be either
        ("南宁市青秀区人民政府", "全区各级行政机关共收到政府信息公开申请4000件。"),
        # words on work, not on the figures
        ("衢州市人民政府", "对各县（市、区）开展培训，综合施策。"),
        ("衢州市人民政府", "全市各级行政机关要高度重视。"),
        ("衢州市人民政府", "我市收到省政府督办函3件。"),
        ("莲都区人民政府", "区直部门、各乡镇要落实责任。"),
        # the rows of the form are no words of the publisher
        ("莲都区人民政府", "本机关不掌握相关政府信息 | 0 | 0 |"),
    ],
)
def test_a_governments_report_without_such_words_stays_unknown(name: str, body: str) -> None:
    assert scope_of(name, body) == ("unknown", "")


@pytest.mark.parametrize(
    ("name", "body", "evidence"),
    [
        ("衢州市财政局", "", "衢州市财政局"),
        ("衢州市财政局", "我局收到申请3件。", "我局"),
        ("衢州市财政局", "全市各级行政机关共收到政府信息公开申请467件。", "衢州市财政局"),
        ("衢州市财政局", "本机关收到申请3件。", "本机关收到"),
        ("威远县严陵镇人民政府", "全镇共收到申请1件。", "威远县严陵镇人民政府"),
        ("福州市鼓楼区鼓东街道办事处", "", "福州市鼓楼区鼓东街道办事处"),
        ("威远县人民政府办公室", "我办收到申请3件。", "我办"),
        ("威远县人民政府", "本报告不含各部门、各镇的数据。", "不含各部门"),
        ("威远县人民政府", "以上数据仅统计县本级。", "仅统计县本级"),
    ],
)
def test_a_report_counts_its_body(name: str, body: str, evidence: str) -> None:
    scope, found = scope_of(name, body)
    assert scope == "single_body"
    assert evidence in found


def test_words_that_contradict_each_other_leave_it_unknown() -> None:
    body = "本报告汇总各部门年报编制。本报告不含各镇的数据。"
    scope, evidence = scope_of("威远县人民政府", body)
    assert scope == "unknown"
    assert "汇总各部门" in evidence and "不含各镇" in evidence


def test_other_documents_count_nobody() -> None:
    text = "威远县政府信息公开指南\n本报告汇总各部门年报编制。\n全县各部门落实。\n" * 5
    (span,) = split_reports(text).reports
    publisher = read_publisher(text, span, default_regions())
    body = resolve_body(publisher, default_regions())
    assert read_scope(text, span, publisher, body) == ("unknown", "")
