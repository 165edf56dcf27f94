"""One spelling for every character, and none of them moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.normalise import normalise


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("１２３，４５６", "123,456"),
        ("（六）其他处理", "(六)其他处理"),
        ("政府信息公開申請", "政府信息公开申请"),
        ("因政府信息公開工作被申請行政復議、提起行政訴訟", "因政府信息公开工作被申请行政复议、提起行政诉讼"),
        ("萬元", "万元"),
        ("“三安全一穩定”", '"三安全一稳定"'),
        ("①第一", "①第一"),
        ("５½", "5½"),
        ("减少５項—", "减少5项-"),
    ],
)  # fmt: skip
def test_forms_are_made_one(printed: str, plain: str) -> None:
    assert normalise(printed) == plain


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_no_character_moves(text: str) -> None:
    assert len(normalise(text)) == len(text)


@given(st.text(alphabet="開報公开报12,，（）()\n| 與乾干著里裏", max_size=80))
def test_mixed_scripts_keep_their_places(text: str) -> None:
    plain = normalise(text)
    assert len(plain) == len(text)
    for printed, kept in zip(text, plain, strict=True):
        if printed.isascii():
            assert kept == printed


def test_words_of_taiwan_on_a_mirror_are_those_of_the_mainland() -> None:
    assert normalise("政府資訊公開,網路申請") == "政府信息公开,网络申请"
    assert normalise("财经资讯网") == "财经资讯网"
