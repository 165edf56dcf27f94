"""Personal details out of source lines, before such a line may be published.

Pure, and length-preserving: every masked character becomes ``■``, so offsets into the line still
hold. What is masked: names after a signing or contact label, telephone numbers, identity numbers,
e-mail addresses. Figures of the report stay.
"""

from __future__ import annotations

import re

MASK = "■"

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}

_SIGNATORY = (
    "单位负责人|單位負責人|部门负责人|部門負責人|审核人员?|審核人員?|填报人员?|填報人員?|填表人|制表人"
    "|经办人|經辦人|签发人|簽發人|联系人|聯系人|聯繫人|联络员|聯絡員"
)
_ANY_SIGNATORY = f"{_SIGNATORY}|(?:主要)?(?:负责人|負責人)|(?:分管|主管)(?:负责人|領導|领导|負責人)"
_NO_NAME = f"{_ANY_SIGNATORY}|电话|電話|手机|手機|传真|傳真|日期|填报|填報|单位|單位|联系|聯系|聯繫"
_HAN = "[㐀-鿿]"
# A name follows a colon or a bar; a mere blank is enough only after a label that nothing but a
# name can follow (in 主要负责人 参加新闻发布会 none does).
_NAME = re.compile(
    rf"(?:(?:{_ANY_SIGNATORY})[ \t]*(?:\([^()\n]{{0,8}}\))?[ \t]*[:|][ \t|:]*"
    rf"|(?:{_SIGNATORY})[ \t]+)"
    rf"(?P<secret>(?!{_NO_NAME})"
    rf"(?:{_HAN}{{1,12}}·{_HAN}{{1,12}}|{_HAN}(?:[ \t]?(?!{_NO_NAME}){_HAN}){{0,3}}))"
)
_MAIL = re.compile(r"(?P<secret>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_IDENTITY = re.compile(
    r"(?<![0-9])(?P<secret>[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])"
    r"(?![0-9])"
)
_MOBILE = re.compile(r"(?<![0-9.])(?P<secret>1[3-9]\d(?:[ -]?\d{4}){2})(?![0-9.])")
_LANDLINE = re.compile(
    r"(?<![0-9.])(?P<secret>(?:\(?0\d{2,3}\)?[ -]?[2-9]\d{6,7}|[48]00-?\d{3}-?\d{4})(?:-\d{1,5})?)"
    r"(?![0-9.])"
)
# A bare local number is a figure like any other unless a telephone label stands before it.
_LABELLED = re.compile(
    r"(?:电话|電話|手机|手機|传真|傳真|热线|熱線|号码|號碼)"
    r"[^\d\n]{0,6}(?P<secret>[\d][\d ()/、-]{5,30}\d)"
)
_PATTERNS = (_NAME, _MAIL, _IDENTITY, _MOBILE, _LANDLINE, _LABELLED)


def find_personal(text: str) -> list[tuple[int, int]]:
    """Half-open spans of everything in a text that may not be published, in order."""
    plain = text.translate(_HALF_WIDTH)
    spans = (match.span("secret") for pattern in _PATTERNS for match in pattern.finditer(plain))
    return sorted(spans)


def mask_personal(text: str) -> str:
    """The text with every personal detail replaced by ``■``, at the same length."""
    spans = find_personal(text)
    if not spans:
        return text
    characters = list(text)
    for start, end in spans:
        characters[start:end] = MASK * (end - start)
    return "".join(characters)
