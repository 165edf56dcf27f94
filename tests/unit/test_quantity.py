"""Numbers in cells and in prose."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.quantity import find_quantities, read_cell


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0", "件", "0"),
        ("1,234", "件", "1234"),
        (" １２ ", "件", "12"),
        ("87项", "项", "87"),
        ("3045笔", "项", "3045"),
        ("36.50万元", "万元", "36.5"),
        ("251000元", "万元", "25.1"),
        ("1.5亿元", "万元", "15000"),
        ("1.5万余条", "条", "15000"),
        ("+5", "项", "5"),
        ("-5", "项", "-5"),
        ("－5", "项", "-5"),
        ("增加5项", "项", "5"),
        ("减少5项", "项", "-5"),
        ("增5", "项", "5"),
        ("减5", "项", "-5"),
        ("下降3", "项", "-3"),
        ("三件", "件", "3"),
        ("12.5%", "%", "12.5"),
    ],
)
def test_a_printed_number_is_read_in_the_unit_of_the_dictionary(text, unit, value):
    assert read_cell(text, unit) == (Decimal(value), "reported")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "blank"),
        (" \u3000", "blank"),
        ("-", "dash"),
        ("/", "dash"),
        ("——", "dash"),
        ("无", "dash"),
    ],
)
def test_kinds_of_nothing_stay_apart(text, status):
    assert read_cell(text, "件") == (None, status)


@pytest.mark.parametrize(
    "text", ["****", "12?", "12①", "5元", "15%", "23 0", "一", "1,23", "12件3件", "9" * 30]
)
def test_what_is_not_one_plain_number_is_unreadable(text):
    assert read_cell(text, "件") == (None, "unreadable")


def test_a_unit_printed_beside_the_cell_counts_where_the_cell_has_none():
    assert read_cell("5000", "万元", "元")[0] == Decimal("0.5")
    assert read_cell("5万元", "万元", "元")[0] == 5


@pytest.mark.parametrize(
    ("text", "value", "unit", "precision"),
    [
        ("公开信息2,345条", "2345", "条", "exact"),
        ("近1.1万条", "11000", "条", "nearly"),
        ("将近300条", "300", "条", "nearly"),
        ("4.25多万条", "42500", "条", "at_least"),
        ("1.5万余条", "15000", "条", "at_least"),
        ("7千余条", "7000", "条", "at_least"),
        ("超过800条", "800", "条", "at_least"),
        ("达100件以上", "100", "件", "at_least"),
        ("不少于2次", "2", "次", "at_least"),
        ("约30人", "30", "人", "about"),
        ("30人左右", "30", "人", "about"),
        ("不超过30件", "30", "件", "at_most"),
        ("三次", "3", "次", "exact"),
        ("十二件", "12", "件", "exact"),
        ("二十余条", "20", "条", "at_least"),
        ("两次", "2", "次", "exact"),
        ("一百零五件", "105", "件", "exact"),
        ("百余件", "100", "件", "at_least"),
        ("占4.8%", "4.8", "%", "exact"),
        ("百分之二十五点六", "25.6", "%", "exact"),
        ("26宗", "26", "件", "exact"),
        ("48万元", "480000", "元", "exact"),
        ("2018年12件", "12", "件", "exact"),
    ],
)
def test_a_quantity_in_prose(text, value, unit, precision):
    [found] = find_quantities(text)
    assert (found.value, found.unit, found.precision) == (Decimal(value), unit, precision)


@pytest.mark.parametrize(
    "text",
    [
        "2018年3月5日", "第二十条", "第3次", "(一)项", "一是", "〔2018〕48号", "电话0571-8827173", "24小时",
        "3个工作日", "2个月", "3至5次", "4-5次", "《条例》第37条", "3条例", "五六次", "数十件", "每周一次", "附件1",
    ],
)  # fmt: skip
def test_what_counts_nothing_is_no_quantity(text):
    assert find_quantities(text) == []


def test_a_span_covers_number_and_unit():
    text = "共近1.1万条信息"
    [found] = find_quantities(text)
    assert text[found.start : found.end] == "1.1万条"


def _write(number: int) -> str:
    """A number below 100 000 in Chinese characters."""
    digits, text, is_gap = "零一二三四五六七八九", "", False
    for scale, sign in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            text += ("零" if is_gap and text else "") + digits[digit] + sign
        is_gap = not digit
    return text or "零"


@given(st.integers(0, 99_999))
def test_a_number_written_in_many_ways_reads_the_same(number):
    wide = str(number).translate({48 + d: 0xFF10 + d for d in range(10)})
    for written in (
        str(number),
        f"{number:,}",
        wide,
        f"{number}件",
        f" {number} 件 ",
        f"{number}.0",
    ):
        assert read_cell(written, "件") == (number, "reported")
    assert read_cell(f"减少{number}件", "件") == (-number, "reported")
    assert [q.value for q in find_quantities(f"收到申请{number:,}件,")] == [number]
    assert [q.value for q in find_quantities(f"收到申请{_write(number)}件,")] == [number]


@given(st.integers(0, 10**9))
def test_money_is_converted_exactly(cents):
    amount = Decimal(cents) / 100
    assert read_cell(f"{amount}元", "万元") == (amount / 10_000, "reported")


@given(
    st.text() | st.text("0123456789,.万亿千百十一二三零余近约%件条元-()〔〕年第 "),
    st.sampled_from("件条%元"),
)
def test_no_text_raises(text, unit):
    value, status = read_cell(text, unit)
    assert (value is None) == (status != "reported")
    for found in find_quantities(text):
        assert 0 <= found.start < found.end <= len(text)
