"""Personal details never leave the warehouse; figures do."""

import pytest

from dagster_project.masking import find_personal, mask_personal


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("单位负责人：张三 审核人：李四 填报人：王小五", "单位负责人：■■ 审核人：■■ 填报人：■■■"),
        ("單位負責人:歐陽明 | 審核人 | 諸葛 亮 |", "單位負責人:■■■ | 審核人 | ■■■■ |"),
        ("审核人:阿卜杜拉·买买提 日期", "审核人:■■■■■■■■ 日期"),
        ("联系电话：0570-3081234", "联系电话：■■■■■■■■■■■■"),
        ("联系人：张三，电话 3081234/3089999", "联系人：■■，电话 ■■■■■■■■■■■■■■■"),
        ("手机13812345678。", "手机■■■■■■■■■■■。"),
        ("手机 138 1234 5678", "手机 ■■■■■■■■■■■■■"),
        ("（025）83301234", "■■■■■■■■■■■■■"),
        ("身份证330802198001011234", "身份证■■■■■■■■■■■■■■■■■■"),
        ("33080219800101123X", "■■■■■■■■■■■■■■■■■■"),
        ("邮箱 zhang.san@qz.gov.cn", "邮箱 ■■■■■■■■■■■■■■■■■■■"),
        ("電話：０５７０－３０８１２３４", "電話：■■■■■■■■■■■■"),
    ],
)
def test_personal_details_are_masked_at_the_same_length(line, published):
    assert mask_personal(line) == published
    assert len(published) == len(line)


@pytest.mark.parametrize(
    "line",
    [
        "收到申请997项，减少5项，涉及27042.62万元",
        "640020470 | 64 | 0 | 0 | 2 | 0 | 4 | 70",
        "主要负责人参加新闻发布会总次数 | 次 | 3",
        "单位负责人： 审核人： 填报人：",
        "2013年1月1日至12月31日，共收到1234567件",
        "",
    ],
)
def test_figures_and_labels_stay(line):
    assert mask_personal(line) == line
    assert find_personal(line) == []
