"""Labels, values, units and empty cells, whatever stands between them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.tables.labels import Entry, build_index
from loaders.tables.tokens import BREAK, EMPTY, LABEL, UNIT, UNKNOWN, VALUE, read_tokens

INDEX = build_index(
    [
        ("一、红苹果数", Entry("line", "red")),
        ("2.青苹果数", Entry("line", "green")),
        ("本年增/减", Entry("column", "change")),
        ("负责人", Entry("sign_off", "负责人")),
    ]
)


def tokens_of(text: str) -> list[tuple[str, str]]:
    return [
        (token.kind, text[token.start : token.end].strip())
        for token in read_tokens(text, 0, len(text), INDEX)
        if token.kind != BREAK
    ]


RED, GREEN = (LABEL, "一、红苹果数"), (LABEL, "2.青苹果数")


@pytest.mark.parametrize(
    "text",
    [
        "一、红苹果数 | 件 | 12 |\n2.青苹果数 | 件 | 0 |",
        "| 一、红苹果数 | 件 | 12 |\n| 2.青苹果数 | 件 | 0 |",
        "一、红苹果数\n件\n12\n2.青苹果数\n件\n0",
        "一、红苹果数\n\n件\n\n12\n\n\n2.青苹果数\n\n件\n\n0\n",
        "一、红苹果数\n|\n件\n|\n12\n|\n2.青苹果数\n|\n件\n|\n0",
        "一、红苹果数\t件\t12\n2.青苹果数\t件\t0",
        "| --- | --- | --- |\n一、红苹果数 | 件 | 12\n2.青苹果数 | 件 | 0",
    ],
)
def test_separators_make_no_difference(text: str) -> None:
    shown = [token for token in tokens_of(text) if token[0] != EMPTY]
    assert shown == [RED, (UNIT, "件"), (VALUE, "12"), GREEN, (UNIT, "件"), (VALUE, "0")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一、红苹果数 12", ["红苹果数", "12"]),
        ("一、红苹果数12", ["红苹果数", "12"]),
        ("一、红苹果数122.青苹果数3", ["红苹果数", "12", "青苹果数", "3"]),
        ("一、红苹果数0002.青苹果数3", ["红苹果数", "000", "青苹果数", "3"]),
        ("红苹果数 1 2 - /", ["红苹果数", "1", "2", "-", "/"]),
    ],
)
def test_labels_and_figures_are_told_apart_without_separators(
    text: str, expected: list[str]
) -> None:
    assert [printed for kind, printed in tokens_of(text) if kind != UNKNOWN] == expected


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("12", VALUE),
        ("1,243", VALUE),
        ("0.5", VALUE),
        ("997项", VALUE),
        ("减少5项", VALUE),
        ("-", VALUE),
        ("/", VALUE),
        ("**", VALUE),
        ("万元", UNIT),
        ("(单位:件)", UNIT),
        ("", EMPTY),
        ("备注甲", UNKNOWN),
    ],
)
def test_a_cell_is_what_it_is_as_a_whole(cell: str, kind: str) -> None:
    assert tokens_of(f"| 红苹果数 | {cell} | 7 |")[1][0] == kind


@pytest.mark.parametrize(
    "after",
    [
        "\n五、存在的主要问题及改进情况\n| 2.青苹果数 | 3 |",
        "\n以上数据由各部门提供,一并公布;如有疑问请来电咨询。谢谢。\n红苹果",
        "\n负责人 | 某某 | 9 |",
    ],
)
def test_a_table_ends_before_what_no_table_holds(after: str) -> None:
    assert tokens_of("| 红苹果数 | 12 |" + after) == [(LABEL, "红苹果数"), (VALUE, "12")]


def test_a_sentence_between_two_rows_is_passed_over() -> None:
    text = "| 红苹果数 | 12 |\n数据截至年底。\n| 2.青苹果数 | 3 |"
    assert tokens_of(text) == [(LABEL, "红苹果数"), (VALUE, "12"), GREEN, (VALUE, "3")]


def test_a_label_broken_over_lines_is_one() -> None:
    text = "红苹\n果数\n12"
    assert tokens_of(text) == [(LABEL, "红苹\n果数"), (VALUE, "12")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("红苹\n果数 12", ["红苹\n果数", "12"]),
        ("本年增/减 红苹\n果数 12", ["本年增/减", "红苹\n果数", "12"]),
        ("本年增\n/减 红苹果\n数 12", ["本年增\n/减", "红苹果\n数", "12"]),
        ("红苹果数 1 (二\n)青苹果数 3", ["红苹果数", "1", "青苹果数", "3"]),
    ],
)
def test_a_row_of_labels_may_be_broken_anywhere(text: str, expected: list[str]) -> None:
    assert [token for _, token in tokens_of(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("红苹果数,36,174,8", ["36", "174", "8"]),
        ("红苹果数 36,174 8", ["36,174", "8"]),
        ("红苹果数\t1,036,174\t8", ["1,036,174", "8"]),
    ],
)
def test_commas_part_thousands_or_cells_but_not_both(text: str, expected: list[str]) -> None:
    assert [token for kind, token in tokens_of(text) if kind == VALUE] == expected


def test_a_unit_may_be_printed_wide() -> None:
    assert tokens_of("红苹果数\t万 元\t12")[1] == (UNIT, "万 元")


def test_a_sign_inside_a_label_is_no_cell() -> None:
    assert tokens_of("| 本年增/减 | -5 |") == [(LABEL, "本年增/减"), (VALUE, "-5")]


def test_a_cell_knows_that_separators_cut_it_out() -> None:
    text = "| 红苹果数 | 12 |\n青苹果数 1 2"
    cells = [t.is_cell for t in read_tokens(text, 0, len(text), INDEX) if t.kind == VALUE]
    assert cells == [True, False, False]


@given(st.text(alphabet="|\t\n 红苹果数青12-0.。、", max_size=60))
def test_tokens_stand_in_order_inside_the_text(text: str) -> None:
    tokens = [t for t in read_tokens(text, 0, len(text), INDEX) if t.kind != BREAK]
    assert all(0 <= token.start <= token.end <= len(text) for token in tokens)
    assert all(a.end <= b.start for a, b in pairwise(tokens))
