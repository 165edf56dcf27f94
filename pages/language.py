"""The two languages of the pages, and how numbers and codes read in them.

Interface texts stand in the templates, both languages side by side; here are the few words that
several pages share. Text of reports is never translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple


class Words(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Language:
    """One of the two languages that every page is written in."""

    code: str
    tag: str
    name: str

    def say(self, zh: str, en: str) -> str:
        """The text in this language."""
        return zh if self.code == "zh" else en

    def pick(self, row: Mapping[str, Any], stem: str) -> str:
        """The column ``<stem>_zh`` or ``<stem>_en`` of a row; the other one where it is empty."""
        other = "en" if self.code == "zh" else "zh"
        return row.get(f"{stem}_{self.code}") or row.get(f"{stem}_{other}") or ""

    def word(self, words: Mapping[str, Words], code: str) -> str:
        """A code in words; the code itself where no words are known."""
        return getattr(words[code], self.code) if code in words else code


CHINESE = Language("zh", "zh-CN", "中文")
ENGLISH = Language("en", "en", "English")
LANGUAGES = (CHINESE, ENGLISH)

STATUSES = {
    "reconciled": Words("勾稽相符", "adds up"),
    "discrepant": Words("原文不符", "does not add up"),
    "quarantined": Words("暂缓采用", "held back"),
    "not_assessable": Words("无法核对", "cannot be checked"),
}
STATUS_MEANINGS = {
    "reconciled": Words(
        "凡能核对的规则都成立。",
        "Every rule that could be checked holds.",
    ),
    "discrepant": Words(
        "原文自身的数字互相矛盾；照原样公布，不作更正。",
        "Figures of the source contradict each other; published as printed, never corrected.",
    ),
    "quarantined": Words(
        "某张表的读取有疑问，该表数字不进入统计；其余照常。",
        "The reading of a table is in doubt: its figures are kept out, the rest goes on.",
    ),
    "not_assessable": Words(
        "缺少核对所需的数字，例如表格已丢失。",
        "The figures that a check needs are absent, for instance because a table is lost.",
    ),
}
SEVERITIES = {
    "error": Words("错误", "error"),
    "warning": Words("提示", "warning"),
    "info": Words("参考", "note"),
}
CAUSES = {
    "source": Words("原文矛盾", "contradiction in the source"),
    "reading": Words("读取存疑", "reading in doubt"),
}
LEVELS = {
    "province": Words("省级", "provinces"),
    "prefecture": Words("地市级", "prefectures"),
    "county": Words("县级", "counties"),
}
VALUE_SOURCES = {
    "table": Words("表格", "table"),
    "claim": Words("文字叙述", "prose"),
}
MINUS, NOTHING = "−", "–"


def show_number(value: object, most: int = 6) -> str:
    """A number with separators and at most so many decimals: ``52,971``, ``−25.6``.

    A dash stands where there is none.
    """
    if value is None:
        return NOTHING
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    text = f"{Decimal(str(value)):,.{most}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def show_percent(value: object) -> str:
    """A rate in percent with one digit; a dash where there is none."""
    return NOTHING if value is None else f"{Decimal(str(value)):.1f}%".replace("-", MINUS)


def show_share(part: object, whole: object) -> str:
    """A part in percent of a whole with one digit; a dash where there is nothing to divide."""
    if part is None or not whole:
        return NOTHING
    return f"{100 * Decimal(str(part)) / Decimal(str(whole)):.1f}%"
