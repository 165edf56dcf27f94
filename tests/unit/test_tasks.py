"""Tasks of a work plan. The plans are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.normalise import normalise
from loaders.tasks import read_tasks

PLAN = normalise("""某县2020年政务公开工作要点
  总体要求是：以公开促落实。
  一、抓好重点公开
  （一）推进决策公开。
  1.公开重大决策。行政首长签发后3个工作日内公开，实行一月一汇总，6月30日前编制目录。（牵头单位：县政府办公室；责任单位：各镇人民政府，县政府各部门，有关单位）
  2.公开财政资金。按月公开，年底公布完成情况。（责任单位：县财政局）
  （二）加强平台建设。
  3.升级2.0平台。2020年年底前建成。（牵头部门：县电子政务办、县网信办；配合单位：各乡镇（街道）、县直各部门）
  二、抓好保障
  4.开展业务培训。
  牵头单位：县政府办公室；完成时限：2020年11月
  各镇要抓好落实，自查不少于1次。
""")


def tasks_of(text):
    return read_tasks(text, 0, len(text))


def test_numbered_tasks_have_title_and_the_theme_above():
    assert [(t.task_no, t.theme, t.title) for t in tasks_of(PLAN)] == [
        (1, "推进决策公开", "公开重大决策"),
        (2, "推进决策公开", "公开财政资金"),
        (3, "加强平台建设", "升级2.0平台"),
        (4, "抓好保障", "开展业务培训"),
    ]


def test_units_are_split_by_role_and_phrases_kept_whole():
    units = [(t.lead_units, t.responsible_units) for t in tasks_of(PLAN)]
    assert units == [
        (("县政府办公室",), ("各镇人民政府", "县政府各部门", "有关单位")),
        ((), ("县财政局",)),
        (("县电子政务办", "县网信办"), ("各乡镇(街道)", "县直各部门")),
        (("县政府办公室",), ()),
    ]


def test_only_a_printed_date_by_which_something_is_done_is_a_deadline():
    assert [t.deadline for t in tasks_of(PLAN)] == ["6月30日前", "", "2020年年底前", "2020年11月"]


@pytest.mark.parametrize(
    ("words", "deadline"),
    [
        ("2018年底前完成", "2018年底前"),
        ("力争12月底前上线", "12月底前"),
        ("年底前轮训一遍", "年底前"),
        ("于今年年底完成改造", "今年年底"),
        ("年底公布资金拨付情况", ""),
        ("舆情在48小时内回应", ""),
        ("实行一季一通报", ""),
        ("贯彻2017年修订的条例", ""),
    ],
)
def test_deadlines(words, deadline):
    [task] = tasks_of(f"1.抓好公开。{words}。(牵头单位:县政府办公室)")
    assert task.deadline == deadline


def test_a_span_runs_from_the_number_to_the_units():
    first = tasks_of(PLAN)[0]
    assert PLAN[first.start : first.end].startswith("1.公开重大决策")
    assert PLAN[first.start : first.end].endswith("有关单位)")


def test_a_numbered_list_without_units_is_no_plan():
    assert tasks_of("1.收到申请5件。\n2.办结5件。\n") == []


WORDS = st.sampled_from(
    ["1.", "2、", "抓好公开", "。", "\n", "(", ")", "牵头单位:", "责任单位", ":", "、", ";", "(一)", "一、", "年底前", "完成时限:"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=80))
def test_no_text_raises(text):
    for task in tasks_of(text):
        assert task.title
        assert 0 <= task.start <= task.end <= len(text)
