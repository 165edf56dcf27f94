"""Whom a report counts: all bodies of its region, or the one body that publishes it.

Only words count, and only those that speak of the figures or of how the report came about; they are
kept as evidence. A government's report without such words stays unknown. A word for the whole region
(全市) is heard only at the level of the publisher: the same word may mean the region above.
"""

import re

from loaders.bodies.publishers import OWN_WORDS, Publisher
from loaders.bodies.resolving import Body
from loaders.reports import ReportSpan

_TOWNSHIP = re.compile(r"(?:镇|乡|街道)(?:人民政府|政府|办事处)?$")
_SPEAKS_FOR_A_REGION = re.compile(r"^(?:人民政府|管理委员会)(?:办公室)?$|政务公开")
_MEMBERS = r"(?:县|区|市|旗|乡|镇|街道|部门|单位|行政机关|机关)"
_GATHERED = re.compile(
    rf"(?:汇总|综合|汇集)(?:(?!本机关|本级|我办|本办|我局)[^。;\n]){{0,40}}?(?:编制|编写|而成|形成|各(?:地|级|{_MEMBERS})|全部行政机关)"
    rf"|根据[^。;\n]{{0,30}}?各{_MEMBERS}[^。;\n]{{0,30}}?(?:年度报告|年报|数据|情况)[^。;\n]{{0,10}}?(?:汇总|编制|编写)"
)
_COVERS = re.compile(
    rf"(?:本报告|报告中?所?列?数据|统计(?:数据|范围|口径))[^。;\n]{{0,20}}?(?:包括|包含|涵盖|覆盖)"
    rf"[^。;\n]{{0,30}}?(?:各{_MEMBERS}|(?:所属|组成|工作)部门|(?:所有|全部)(?:部门|单位|行政机关))"
)
_BROKEN_DOWN = re.compile(
    r"[省市县区旗州]本级[^。\n]{0,12}?[\d,.]+\s*[件宗条][^。\n]{0,12}?各[县市区旗乡镇]"
    r"|各县\(市、区\)[^。\n]{0,6}?[\d,.]+\s*[件宗条]"
    r"|[区市县旗][直属级]{1,2}各?(?:部门|单位)[^。\n]{0,12}?各(?:乡镇|镇|乡|街道)[^。\n]{0,30}?[\d,.]+\s*[件宗条]"
)
# What follows the name of the region; the name itself is compared, never made into a pattern.
_ALL_BODIES = re.compile(r"(?:所有|全部|各级)(?:行政机关|政府机关|机关)")
_COUNTING = (
    r"(?:20\d\d年度?)?(?:全年)?(?:累计|共计|合计|总共|共)*(?:收到|受理|接收|办理|主动公开)"
    r"[^。;\n]{0,24}?(?:申请|信息)[^。;\n\d]{0,12}?\d[\d,.]*\s*万?余?[件宗条]"
)
_BODIES_COUNTED = re.compile(
    r"(?:20\d\d年度?)?(?:各级|所有|全部|各)(?:行政机关|政府机关|机关|政府(?:及其)?(?:工作)?部门|部门|单位)"
    rf",?{_COUNTING}"
)
_COUNTED = re.compile(_COUNTING)
_WITH_DEPARTMENTS = re.compile(
    rf"(?:及其|及|和)(?:所属|组成|各)?(?:工作)?部门[^。;\n\d]{{0,12}}?{_COUNTING}"
)
_AUTONOMOUS = ("150000", "450000", "540000", "640000", "650000")
_LEFT_OUT = re.compile(
    rf"(?:不含|不包括|不包含)[^。;,\n]{{0,12}}?(?:各|下级|下属|所属){_MEMBERS}?"
    r"|(?:仅|只)(?:统计|包括|包含|含|反映)[^。;,\n]{0,16}?(?:本级|本机关|机关本身)"
)
_OWN = re.compile(
    "|".join((*OWN_WORDS, "我机关", "我单位", "本单位", r"本机关(?:共|全年|主动|收到|受理|办理)"))
)


def read_scope(text: str, span: ReportSpan, publisher: Publisher, body: Body) -> tuple[str, str]:
    """Whom a report counts: ``(region_aggregate | single_body | unknown, the words that tell)``."""
    if span.doc_type != "annual_report":
        return "unknown", ""
    words = text[span.start : span.end]
    if _TOWNSHIP.search(publisher.name):
        return "single_body", publisher.name
    if speaks_for_a_region(publisher, body):
        whole = _find_whole(words, publisher)
        apart = _find(_LEFT_OUT, words)
        if whole and apart:
            return "unknown", f"{whole} | {apart}"
        if whole:
            return "region_aggregate", whole
        if not apart and not publisher.name.endswith(("办公室", "办公厅")):
            return "unknown", ""
        own = apart or _find(_OWN, words)
        return ("single_body", own) if own else ("unknown", "")
    own = _find(_OWN, words) or publisher.name
    return ("single_body", own) if own else ("unknown", "")


def speaks_for_a_region(publisher: Publisher, body: Body) -> bool:
    """Whether a publisher may count others: a government, a committee, their office, or none but a region."""
    if body.own_name:
        return _SPEAKS_FOR_A_REGION.search(body.own_name) is not None
    return publisher.name.endswith(("人民政府", "管理委员会", "管委会", *"省市县区旗州盟"))


def _find_whole(words: str, publisher: Publisher) -> str:
    for pattern in (_GATHERED, _COVERS):
        found = _find(pattern, words)
        if found:
            return found
    named, whole = _words_for(publisher)
    governments = tuple(
        f"{name[-1]}{ending}" for name in named[:1] for ending in ("政府", "人民政府", "管委会")
    )
    return (
        _find_behind(_ALL_BODIES, words, tuple(a + b for a in "对将由" for b in (*named, *whole)))
        or _find_behind(_BODIES_COUNTED, words, (*named, *whole))
        or _find_behind(_COUNTED, words, whole)
        or _find_behind(_WITH_DEPARTMENTS, words, governments)
        or _find(_BROKEN_DOWN, words)
    )


def _words_for(publisher: Publisher) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How a report calls its own region: by name or 我市, and as a whole, 全市."""
    region = publisher.place.region
    if region is None:
        return (), ()
    kind = region.name_zh[-1]
    named = (region.name_zh, f"我{kind}")
    # In a district of an autonomous region 全区 may be either.
    is_open = kind == "区" and region.level == "county" and region.province_code in _AUTONOMOUS
    return named, () if is_open else (f"全{kind}",)


def _find_behind(pattern: re.Pattern[str], words: str, names: tuple[str, ...]) -> str:
    """The first match that follows one of some words, together with that word."""
    for name in names:
        at = words.find(name)
        while at >= 0:
            found = pattern.match(words, at + len(name))
            if found:
                return " ".join(words[at : found.end()].split())
            at = words.find(name, at + 1)
    return ""


def _find(pattern: re.Pattern[str], words: str) -> str:
    found = pattern.search(words)
    return " ".join(found.group().split()) if found else ""
