"""Sentences known by their wording: the same claims as if each were read in full."""

import re
from pathlib import Path
from random import Random

import pytest

from loaders.form import load_form
from loaders.normalise import normalise
from loaders.prose import claims as prose
from loaders.prose.claims import ClaimDraft, read_claims
from loaders.prose.known_sentences import sentences_of

FORM = load_form()
SAMPLE = Path(__file__).parents[2] / "warehouse" / "landing" / "sample"
YEAR = 2019
_DIGITS = re.compile(r"[0-9]+(?=[件条次人篇份场期])")


def read(text: str, publisher: str = "", year: int | None = YEAR) -> list[ClaimDraft]:
    return read_claims(text, [(0, len(text))], FORM, year, publisher)


def forget() -> None:
    sentences_of.cache_clear()


def with_other_figures(random: Random, text: str) -> str:
    """Figures of the same length, and some of another one."""

    def other(found: re.Match[str]) -> str:
        length = len(found.group()) if random.random() < 0.8 else random.randint(1, 6)
        return str(random.randrange(10**length))

    return _DIGITS.sub(other, text)


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("*.txt")), ids=lambda path: path.stem)
def test_what_is_known_is_what_is_read(path) -> None:
    random = Random(path.name)
    text = normalise(path.read_bytes().decode("utf-8", "replace"))
    texts = [text, *(with_other_figures(random, text) for _ in range(8))]
    expected = []
    for each in texts:
        forget()
        expected.append(read(each, "某某市某某局"))
    forget()
    assert [read(each, "某某市某某局") for each in texts * 2] == expected * 2


def test_a_wording_that_was_met_is_not_read_again(monkeypatch) -> None:
    forget()
    text = "全年共收到政府信息公开申请{}件,其中网络申请{}件。"
    read(text.format(345, 23))
    monkeypatch.setattr(prose, "Scene", None)
    received, online = read(text.format(876, 54))
    assert (received.value, received.claim_text) == (876, "876件")
    assert (online.value, online.claim_text) == (54, "54件")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("全年共收到政府信息公开申请345件。", "全年共收到政府信息公开申请0件。"),
        ("未收到政府信息公开申请1件。", "未收到政府信息公开申请7件。"),
        ("计划7717次培训,收到政府信息公开申请5件。", "计划2017次培训,收到政府信息公开申请5件。"),
        ("收到政府信息公开申请88345件。", "收到政府信息公开申请12345件。"),
        ("2019年收到政府信息公开申请8件。", "2018年收到政府信息公开申请8件。"),
        ("收到政府信息公开申请8件,网络申请占百分之77件。", "收到政府信息公开申请8件,网络申请占百分之12件。"),
        ("收到政府信息公开申请8件,均已办结。", "收到政府信息公开申请9件,均已办结。"),
        ("收到政府信息公开申请8件,办结率100%。", "收到政府信息公开申请9件,办结率100%。"),
        ("收到政府信息公开申请7,777件。", "收到政府信息公开申请7,123件。"),
    ],
)  # fmt: skip
def test_digits_that_decide_are_part_of_the_wording(first: str, second: str) -> None:
    forget()
    expected = read(second)
    forget()
    read(first)
    assert read(second) == expected


@pytest.mark.parametrize(
    ("before", "again"),
    [
        (("三公消费情况\n", ""), ("二、依申请公开情况\n", "")),
        (("收到政府信息公开申请8件。", ""), ("开展培训8次。", "")),
        (("", "某某市"), ("", "某某市水利局")),
        (("", ""), ("一、下一步工作打算\n", "")),
    ],
)
def test_what_came_before_and_who_reports_are_part_of_the_question(before, again) -> None:
    sentences = "全市共受理5件,其中网络申请3件。市水利局受理7件。组织培训4次。"
    forget()
    expected = read(again[0] + sentences, again[1])
    forget()
    read(before[0] + sentences, before[1])
    assert read(again[0] + sentences, again[1]) == expected


def test_the_year_reported_on_is_part_of_the_question() -> None:
    forget()
    assert [claim.value for claim in read("2019年收到政府信息公开申请8件。", year=2019)] == [8]
    assert read("2019年收到政府信息公开申请8件。", year=2020) == []


def test_the_memory_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr("loaders.prose.known_sentences._MOST_WORDINGS", 16)
    forget()
    for number in range(100):
        [claim] = read(f"第{number}版:收到政府信息公开申请8件。")[-1:] or [None]
        assert claim is None or claim.value == 8
    memory = sentences_of(FORM)
    assert len(memory.newer) <= 16
    assert len(memory.older) <= 16
    forget()
