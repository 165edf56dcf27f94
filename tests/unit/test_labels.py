"""Labels are compared by their letters; what brackets, ordinals and punctuation do to them."""

import pytest

from loaders.form import Form
from loaders.tables.labels import (
    Entry,
    bare_key_of,
    build_index,
    key_of,
    split_ordinal,
    table_index,
)


@pytest.mark.parametrize(
    ("label", "ordinal", "rest"),
    [
        ("一、本年新收", "一", "本年新收"),
        ("(三)不予公开", "三", "不予公开"),
        ("(三)1.属于国家秘密", "1", "属于国家秘密"),
        ("其中:1、当面申请数", "1", "当面申请数"),
        ("第一项", "", "第一项"),
        ("2.没有现成信息", "2", "没有现成信息"),
        ("3.5万元以下", "", "3.5万元以下"),
        ("予以公开", "", "予以公开"),
        ("(七)", "", "(七)"),
        ("", "", ""),
    ],
)
def test_ordinals_are_parted_from_labels(label: str, ordinal: str, rest: str) -> None:
    assert split_ordinal(label) == (ordinal, rest)


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ('3.危及"三安全一稳定"', "危及三安全一稳定"),
        ("本年增/减", "本年增减"),
        ("  总 计 ", "总计"),
        ("(七)总计", "总计"),
        ("采购总金额(万元)", "采购总金额万元"),
    ],
)
def test_a_key_is_what_letters_remain(label: str, key: str) -> None:
    assert key_of(label) == key


def test_a_bare_key_leaves_guidance_notes_out() -> None:
    label = "(二)部分公开(区分处理的,只计这一情形)"
    assert bare_key_of(label) == "部分公开"
    assert key_of(label) == "部分公开区分处理的只计这一情形"


INDEX = build_index(
    [
        ("1.红苹果", Entry("line", "red")),
        ("2.红苹果汁", Entry("line", "juice")),
        ("总计", Entry("line", "total")),
        ("总计", Entry("column", "total")),
    ]
)


@pytest.mark.parametrize(
    ("printed", "codes"),
    [
        ("红苹果", ["red"]),
        ("9.红苹果", ["red"]),
        ("红苹果(含进口)", ["red"]),
        ("红 苹 果 汁", ["juice"]),
        ("总计", ["total", "total"]),
        ("青苹果", []),
        ("红苹果汁水", []),
        ("", []),
    ],
)
def test_labels_match_exactly_or_not_at_all(printed: str, codes: list[str]) -> None:
    assert [entry.code for entry in INDEX.find(printed)] == codes


def test_the_longest_label_of_a_head_comes_first() -> None:
    assert INDEX.by_head["红苹"] == ("红苹果汁", "红苹果")


def test_the_beginnings_of_labels_are_known_as_pieces() -> None:
    assert {"红", "红苹", "苹果"} <= INDEX.pieces
    assert INDEX.ordinals == {"红苹果": "1", "红苹果汁": "2"}


def test_the_labels_of_a_table_come_from_the_dictionary(form: Form) -> None:
    index = table_index(form, "requests")
    roles = {entry.role for entry in index.find("其他")}
    assert "applicant" in roles
    assert [e.code for e in index.find("(一)予以公开") if e.role == "line"] == ["out_granted"]
    assert index.find("主动公开政府信息数") == ()


def test_an_edition_knows_only_its_own_labels(form: Form) -> None:
    own = table_index(form, "statistics", "national_2014")
    assert own.find("告知作出更改补充数")
    assert not own.find("对申请的答复总数")
    assert table_index(form, "statistics", "provincial_fujian").find("对申请的答复总数")
