"""Numbers as they are printed: in the cell of a table and in running text.

Only the reading of a number belongs here: digits, Chinese numerals, multipliers, precision words,
units. What a number counts is decided by whoever asks. Nothing is guessed and nothing raises.
"""

import re
from decimal import Decimal
from typing import NamedTuple

REPORTED, BLANK, DASH, UNREADABLE = "reported", "blank", "dash", "unreadable"
EXACT, AT_LEAST, NEARLY, ABOUT, AT_MOST = "exact", "at_least", "nearly", "about", "at_most"

# decimal(24,6) holds 18 digits before the point.
_MAX_DIGITS = 18
_SCALE = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_DIGIT = {"零": 0, "〇": 0, "两": 2} | {c: i for i, c in enumerate("一二三四五六七八九", 1)}

# 宗 (Guangdong), 起 and 例 count cases as 件 does.
_SAME_UNIT = {"宗": "件", "起": "件", "例": "件", "件次": "件", "位": "名", "场次": "场", "％": "%"}
_MONEY = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000),
          "亿元": Decimal(100_000_000)}  # fmt: skip
_UNITS = (
    "个百分点 人次 户次 家次 班次 场次 批次 期次 件次 卷次 件(次) 人(次) 元 % "
    "件 宗 起 例 条 次 人 名 位 篇 期 场 项 个 份 封 则 批 家 类 部 户 幅 张 页 册 本 卷 集 处 笔 "
    "台 套 种 轮 遍 倍 组 款 档 字 天 通 道"
).split()
# A unit character that opens another word is none: 条例, 次数, 个月, 个工作日, 人民, 件数.
_NOT_UNIT = {
    "条": "例款规文目线", "次": "数日月年", "件": "数", "人": "民大口力才士事均", "名": "称单录", "位": "于列置",
    "项": "目", "个": "工自月小星人", "期": "间限末数", "场": "所地景", "家": "庭", "部": "门分委署", "类": "型别",
    "户": "籍", "元": "旦素", "天": "内", "字": "号", "道": "路", "通": "过知", "本": "级市县区年单局机", "处": "理室罚",
    "起": "来草诉点到", "例": "行会如", "集": "中体", "轮": "流", "组": "织", "套": "路", "页": "面", "批": "准示复",
    "种": "植", "份": "额", "倍": "增", "份(次)": "",
}  # fmt: skip


def _unit_pattern() -> str:
    parts = []
    for unit in sorted(_UNITS, key=len, reverse=True):
        follow = _NOT_UNIT.get(unit, "")
        parts.append(re.escape(unit) + (f"(?![{follow}])" if follow else ""))
    return "|".join(parts)


_UNIT = _unit_pattern()
_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
_NUMERAL = "[零〇一二两三四五六七八九十百千万亿]+"
_MORE = "余|多|几"

_CELL = re.compile(
    rf"(?P<sign>[+-]|净?增加?|新增|净?减少?|上升|增长|下降|降低)?(?P<word>近|约|超过|逾)?"
    rf"(?P<number>{_NUMBER}|\.[0-9]+|零)(?:{_MORE})?(?P<scale>[十百千]?[万亿]|[百千])?(?:{_MORE})?"
    rf"(?P<unit>{_UNIT})?(?:以上|左右)?"
)
_TWO_NUMBERS = re.compile(r"[0-9.]\s+[0-9.]")
_NUMERAL_CELL = re.compile(rf"(?P<number>{_NUMERAL})(?P<unit>{_UNIT})")
# What text recognition and hasty typing make of a printed 0.
_ZEROS = frozenset("Oo〇○")
_DASHES = re.compile(r"[-‐‑‒–—―−﹣－─━/／\\]+|无")
# Full to half width for the signs of a number; ① or ² must stay what they are.
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(c): "-" for c in "‐‑‒–—―−﹣－"
}
_DOWN = ("减", "净减", "下降", "降低", "-")

_QUANTITY = re.compile(
    rf"(?=[0-9零〇一二两三四五六七八九十百千万亿])(?:(?P<percent>百分之(?:{_NUMBER}|{_NUMERAL}(?:点[零〇一二三四五六七八九]+)?))(?!点)"
    rf"|(?P<digits>{_NUMBER})(?P<more>{_MORE})?(?P<scale>[十百千]?[万亿]|[百千])?(?P<more2>{_MORE})?"
    rf"(?P<unit>{_UNIT})(?P<over>以上|有余|左右|上下|以下|以内)?"
    rf"|(?P<numeral>{_NUMERAL})(?P<more3>{_MORE})?(?P<unit3>{_UNIT})(?P<over3>以上|有余|左右|上下|以下|以内)?)"
)  # fmt: skip
# What stands before a number that is none: 第三次, 2018-5, 〔2018〕48, 上一次, 最后一次, 《条例》三十条.
_BEFORE_NOT = re.compile(
    r"(?:[第〔〕《.0-9+~～/-]|[0-9],|[0-9](?:至|到)|[零〇一二两三四五六七八九十百千万亿]|[A-Za-z])$"
)
_BEFORE_NOT_ENDS = frozenset("第〔〕《.+~～/-,至到")
_BEFORE_NUMERAL_NOT = re.compile(
    r"(?:[第每同上下这那任某另统唯逐单最星期周之专数几]|最后|》|[0-9]|[a-zA-Z])$"
)
_PREFIX = (
    (re.compile(r"(?:不足|不到|将近|接近|(?<![最附靠亲临远就])近)$"), NEARLY),
    (re.compile(r"(?:超过|超出|突破|不少于|不低于|至少|逾|(?<!不)超|高达|多达)$"), AT_LEAST),
    (re.compile(r"(?:大约|大概|(?<![节预签契违条邀制公合特])约)$"), ABOUT),
    (re.compile(r"(?:不超过|至多|不多于|(?<!不)低于|(?<!不)少于)$"), AT_MOST),
)
_PREFIX_ENDS = frozenset("足到近接过出破于低少至逾超达约概多")
_SUFFIX = {"以上": AT_LEAST, "有余": AT_LEAST, "左右": ABOUT, "上下": ABOUT,
           "以下": AT_MOST, "以内": AT_MOST}  # fmt: skip
_VAGUE = re.compile("[一二两三四五六七八九]{2}|[零〇]{2}|[一二两三四五六七八九][零〇]|^[零〇万亿].")
# 百余件, 上千条: a bare scale is a number only beside a word that says so.
_BARE = frozenset("百千万亿")


class Quantity(NamedTuple):
    """A number with its unit; the span leaves precision words in front of it out."""

    value: Decimal
    unit: str
    precision: str
    start: int
    end: int


def read_cell(text: str, unit: str, printed_unit: str = "") -> tuple[Decimal | None, str]:
    """Read one table cell in the unit of its dictionary row.

    Args:
        text: the cell as printed; full-width forms are accepted.
        unit: the unit of the dictionary row. Money is converted to it exactly (元 → 万元).
        printed_unit: the unit that the table prints beside the cell, if any.

    Returns:
        ``(12, "reported")``; a printed zero is reported. ``(None, "blank")`` for an empty cell,
        ``(None, "dash")`` for -, / or 无, ``(None, "unreadable")`` otherwise. Never raises.
    """
    cell = "".join(text.translate(_HALF).split()) if text else ""
    if not cell:
        return None, BLANK
    if _DASHES.fullmatch(cell):
        return None, DASH
    if cell in _ZEROS:
        return Decimal(0), REPORTED
    if _TWO_NUMBERS.search(text.translate(_HALF)):
        return None, UNREADABLE  # two numbers in one cell
    match = _CELL.fullmatch(cell)
    if match is not None:
        value = _number(match["number"], match["scale"])
        sign = match["sign"] or ""
    elif (match := _NUMERAL_CELL.fullmatch(cell)) is not None:
        value, sign = _numeral(match["number"]), ""
    else:
        return None, UNREADABLE
    value = _convert(value, match["unit"] or printed_unit, unit) if value is not None else None
    if value is None:
        return None, UNREADABLE
    return (-value if sign.startswith(_DOWN) and value else value), REPORTED


def find_quantities(text: str) -> list[Quantity]:
    """Find the numbers with a unit in a stretch of half-width, simplified prose, in order.

    Dates, ordinals, document numbers, telephone numbers and ranges are not quantities. ``unit`` is
    as printed, but 宗, 起 and 例 are 件, money is in 元; a share has the unit ``%``. Never raises.
    """
    found = []
    for match in _QUANTITY.finditer(text):
        quantity = _read_match(text, match)
        if quantity is not None:
            found.append(quantity)
    return found


def to_unit(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """Convert an amount to the wanted unit; ``None`` where money meets what is no money."""
    return _convert(value, unit, wanted)


def _read_match(text: str, match: re.Match[str]) -> Quantity | None:
    start, end = match.span()
    before = text[max(0, start - 4) : start]
    after = text[end : end + 1]
    precision = EXACT
    if match["percent"]:
        value = _fraction(match["percent"][3:])
        unit = "%"
    elif match["digits"]:
        is_in_doubt = before[-1:] in _BEFORE_NOT_ENDS or before[-1:].isalnum()
        if (is_in_doubt and _BEFORE_NOT.search(before)) or (after and after in "-~～"):
            return None
        value, unit = _number(match["digits"], match["scale"]), match["unit"]
        if match["more"] or match["more2"]:
            precision = AT_LEAST
    else:
        numeral, unit = match["numeral"], match["unit3"]
        is_marked = match["more3"] is not None
        if numeral in _BARE and not is_marked and before[-1:] not in tuple("上近逾超约"):
            return None
        if _BEFORE_NUMERAL_NOT.search(before) and numeral not in _BARE:
            return None
        value = _numeral(numeral)
        if is_marked or (numeral in _BARE and before.endswith("上")):
            precision = AT_LEAST
    if value is None:
        return None
    if before[-1:] in _PREFIX_ENDS:
        for pattern, word in _PREFIX:
            if pattern.search(before):
                precision = word
    precision = _SUFFIX.get(match["over"] or match["over3"] or "", precision)
    return Quantity(value, _SAME_UNIT.get(unit, unit), precision, start, end)


def _number(digits: str, scale: str | None) -> Decimal | None:
    plain = digits.replace(",", "")
    if plain == "零":
        return Decimal(0)
    factor = 1
    for char in scale or "":
        factor *= _SCALE[char]
    if len(plain.partition(".")[0]) + len(str(factor)) - 1 > _MAX_DIGITS:
        return None
    return _plain(Decimal(plain) * factor)


def _plain(value: Decimal) -> Decimal:
    """Drop the fraction of a whole number: 1.1 万 is 11000, not 11000.0."""
    whole = value.to_integral_value()
    return whole if whole == value else value


def _numeral(text: str) -> Decimal | None:
    """Read a Chinese numeral: 十二, 一百零五, 三万五千. 五六 and 三四十 are guesses, no numbers."""
    if len(text) > 12 or _VAGUE.search(text):
        return None
    total = section = digit = 0
    last = 0
    for char in text:
        if char in _DIGIT:
            digit = _DIGIT[char]
            continue
        scale = _SCALE[char]
        if scale >= 10_000:
            total += (section + digit or 1) * scale
            section = 0
        else:
            section += (digit or 1) * scale
        digit, last = 0, scale
    if digit and last > 10 and text[-2] != "零":
        return None  # 三百五: 350 in speech, 305 read naively
    return Decimal(total + section + digit)


def _fraction(text: str) -> Decimal | None:
    if text[0] in "0123456789":
        return _number(text, None)
    whole, _, part = text.partition("点")
    value = _numeral(whole)
    if value is None or not part:
        return value
    return value + Decimal("0." + "".join(str(_DIGIT[c]) for c in part))


def _convert(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    unit, wanted = _SAME_UNIT.get(unit, unit), _SAME_UNIT.get(wanted, wanted)
    if not unit or not wanted or unit == wanted:
        return value
    if unit in _MONEY and wanted in _MONEY:
        return _plain(value * _MONEY[unit] / _MONEY[wanted])
    if unit in _MONEY or wanted in _MONEY or (unit == "%") != (wanted == "%"):
        return None
    return value
