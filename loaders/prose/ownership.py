"""Whose figure a sentence gives: the publisher's own, or that of another body or a wider region.

Only the names in the sentence and the name of the publisher decide; no register of bodies is asked. A name that
shortens the publisher's (市水利局, 县政府) is the publisher.
"""

import re
from functools import cached_property

_HAN = "㐀-鿿"
_RANKS = {
    "省": 3,
    "自治区": 3,
    "市": 2,
    "州": 2,
    "盟": 2,
    "县": 1,
    "区": 1,
    "旗": 1,
    "镇": 0,
    "乡": 0,
}
_MUNICIPALITIES = ("北京市", "天津市", "上海市", "重庆市")
_REGION = re.compile(rf"[{_HAN}]{{1,9}}?(?P<kind>自治区|省|市|州|盟|县|区|旗)")
_TOWNSHIP = re.compile("(?:(?P<kind>[镇乡])(?:人民政府)?|街道办事处)$")
_WIDE = re.compile(r"[全我本](?P<kind>[省市县区州盟旗])(?!别)")
_OWN = re.compile(
    "[全我本][省市县区州盟旗镇乡街局委办厅院校单机行中系]|各级|各地|各部门|各单位|各[县市区乡镇]"
)
_KINDS = (
    "局|厅|委员会|管委会|[改健建管信资]委|办公[室厅]|[府委开]办|领导小组|政府|街道办事处|街道|镇|乡|县|区|市|州|旗|省"
    "|医院|学院|大学|中学|学校|公司|集团|中心|支队|大队|检察院|法院|银行"
)
_SUBJECT = re.compile(
    rf"(?:20\d\d年度?|[全今本]年度?|年内|一年来|其中|同时|此外|\d+月|[,由、])*+"
    rf"(?P<body>(?!各|其他|所有|部分|全|我|本)[{_HAN}]{{1,14}}?(?:{_KINDS}))"
    rf"(?=(?P<site>[网门]|政务|政府网)|[共累主公收受新答接发召举开组通全年积认高切严紧按坚强加依制编印结被、,0-9]|办(?!公)|$)"
)
_NO_BODY = re.compile(
    "公开|[收受]到|受理|通过|申请|信息|召开|举办|组织|开展|网站|坚持|加强|[把将让]|^[在向对为与经据]|^(?:根据|按照|依照|遵照|围绕)"
)
_ANY_KIND = re.compile(_KINDS.replace("|政府|", "|政府(?![信网公])|"))
_OFFICE = re.compile("(?:办公[室厅]|办|领导小组)$")
_STOPS = ",;:"


class Owner:
    """The publisher of a report, as far as it is known; ``''`` is nobody, and nothing is foreign to it."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def rank(self) -> int:
        """How wide the publisher's region is: 3 a province, 0 a township."""
        township = _TOWNSHIP.search(self.name)
        if township is not None:
            return 0
        rank, position = 4, 0
        while (region := _REGION.match(self.name, position)) is not None:
            rank = 3 if region.group() in _MUNICIPALITIES else _RANKS[region["kind"]]
            position = region.end()
        return rank

    def is_in_doubt(self, text: str) -> bool:
        """Whether a sentence may speak of another body: a cheap test before ``owns``."""
        return bool(self.name) and names_body(text)

    def owns(self, text: str, position: int, *, by_office: bool) -> bool:
        """Whether what a sentence counts at ``position`` is counted of the publisher.

        Args:
            text: the sentence.
            position: where the wording of the figure begins.
            by_office: whether the publisher's own office may stand for it (training, press conferences); for cases it may not.
        """
        is_near = True
        while True:
            start = max(text.rfind(stop, 0, position) for stop in _STOPS) + 1
            clause = text[start:position]
            widest = [self._rank_of(found["kind"]) for found in _WIDE.finditer(clause)]
            if widest:
                return widest[-1] <= self.rank
            if _OWN.search(clause):
                return True
            subject = _SUBJECT.match(clause)
            if (
                subject is not None
                and not _NO_BODY.search(subject["body"])
                and (is_near or subject["site"] is None)
            ):
                is_own_office = by_office or not is_near
                return self._is_named_by(subject["body"], is_own_office=is_own_office)
            if start == 0:
                return True
            is_near, position = False, start - 1

    def _rank_of(self, kind: str) -> int:
        return 3 if kind == "区" and "自治区" in self.name else _RANKS[kind]

    def _is_named_by(self, body: str, *, is_own_office: bool) -> bool:
        names = [body]
        if is_own_office:
            names.append(_OFFICE.sub("", body))
        return any(_shortens(name, self.name) or _shortens(self.name, name) for name in names)


def names_body(text: str) -> bool:
    """Whether a sentence has a word for a body or region at all."""
    return _ANY_KIND.search(text) is not None


def _shortens(short: str, full: str) -> bool:
    """Whether the characters of one name stand in another in the same order."""
    rest = iter(full)
    return all(char in rest for char in short)
