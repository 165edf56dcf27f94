"""What a sentence is about, and the words that take a figure out of the year, the body or the past tense.

Patterns over half-width, simplified text without blanks (`sentences`). They name no indicator of the dictionary and
no place; which figure they apply to is decided in `claims`.
"""

import re
from typing import NamedTuple

from loaders.form import Line

# Units that a figure may be printed in, by the unit of the dictionary row. '' is a zero without one.
_CASES = frozenset(("件", "条", "份", "个", "次", "封", ""))
UNITS = {
    "件": _CASES,
    "条": frozenset(("条", "件", "篇", "份", "则", "项", "个", "幅", "期", "")),
    "次": frozenset(("次", "场", "期", "个", "轮", "班次", "批次")),
    "期": frozenset(("期",)),
    "人": frozenset(("人", "名")),
    "人次": frozenset(("人次", "人", "名", "件")),
    "元": frozenset(("元", "")),
    "万元": frozenset(("元", "")),
}
READABLE_UNITS = frozenset("%").union(*UNITS.values())

_CUES = re.compile(
    r"(?=[依信申公主政复诉应起举投提建人热1留工帖网督整行办服不证三会来电])(?:(?P<requests>依申请(?!行政|办理|服务|事项|审批)|信息公开申请|申请公开|公开申请(?!行政|复议)|申请(?:人|件|办件|方式|事项|内容|总数|量))"
    r"|(?P<proactive>(?<!已)主动公开(?!范围)|(?<!申请)公开政府信息|政府信息公开(?:总数|数量|量))"
    r"|(?P<review>复议(?!后))|(?P<litigation>诉讼(?!请求)|应诉|起诉)"
    r"|(?P<complaints>举报|投诉)"
    r"|(?P<foreign>提案|建议办理|人大代表|政协委员|热线|12345|信箱|留言|信访(?!类)|工单|帖|网民|督查|整改|行政审批"
    r"|行政许可|行政处罚|办事|服务事项|不动产|证照|三公|会议纪要|来电|电话))"
)
_STRONG = {
    "requests": re.compile("信息公开申请|依申请|申请公开|公开申请|复议|起诉"),
    "proactive": re.compile("主动公开|(?:公开|公布|发布)政府信息|政报|公报"),
    "review": re.compile("复议"),
    "litigation": re.compile("诉讼|起诉"),
    "complaints": re.compile("公开"),
}
OGI = re.compile("信息公开|政务公开|依申请|公开申请|提供政府信息")

PLAN_HEADING = re.compile(
    r"^(?!.*(?:情况|回顾|完成|问题)).*(?:思路|打算|工作计划|努力方向|下一?步|工作安排|明年|今后|展望|20[0-9]{2}年.{0,8}重点|下.{0,3}工作重点)"
)
TOPIC_HEADING = re.compile(
    r"(?<!政府)(?<!政务)(?<![局委办厅镇乡会府关类])信息公开(?!申请|指南|目录|工作(?:机制|制度))"
)
TOPIC_SCOPE = re.compile("围绕|针对|聚焦|领域|方面|涉及|类信息|专题|[为就]做好")
WHOLE_BODY = re.compile(
    r"全[省市县区州盟旗局委办镇乡街系行校厅渠]|各级|各地|本[省市县区州局委办镇厅机单](?!级)|政府[及和]|及其?(?:所属)?各?部门"
)
SUB_BODY = re.compile("乡镇|街道|部门|[市县区省州]直|各单位|各[县区市镇乡]|下属|二级|科室|村")
UNKNOWN_MEDIUM = re.compile(
    "平台|专栏|栏目|专区|公开栏|宣传栏|公示|查阅|电子屏|显示屏|窗口|手机|报刊|广播|电视|客户端|APP|号$|档案馆|图书馆"
)
BAD_SCOPE = re.compile(
    r"将|计划|[^模]拟|力争|争取|预计|目标|要求|应当|必须|确保|每[年月周季期天日次人个]|[日月]均|[平人]均|历年|历史"
    r"|(?<![比较])上年|(?<![比较])去年|往年|前年|上一年|协助|配合|指导|督促|如果|转发|转载|参加|选派|派员|增加|减少|内部|不少于|全国|国务院|上级|中央"
)
# What a sentence plans, it plans for all its figures.
PLANNED = re.compile(
    r"力争|争取|下一?步|明年|今后|(?<!年度)(?<!工作)(?<!行动)计划(?:在|于|通过|用|新|再|开|举|组|主|到|安排|20)"
    r"|拟(?:在|于|通过|开|举|组|新|主)"
)
# A count of these is no count of what came in.
_DISCLOSURE = re.compile(r"(?:涉及|关于|有关|针对|对)(?=[^,]{0,6}(?:政府信息|政务|信息)公开)")
_OTHER_ACTION = re.compile(
    "涉及|关于|要求|重复|结转|转办|转交|上年|去年|撤回|补正|办结|答复|审结|审查|败诉|纠|维持|撤销|驳回|不予|延期|超期"
)
_OTHER_RESULT = re.compile(
    "结转|上年|去年|办结|审结|败诉|纠|维持|撤销|驳回|撤回|胜诉|代理|参与|出庭"
)

# The appeals that a body deals with, and those about disclosure among them, are not the ones against it.
ALL_APPEALS = re.compile("办|审|新收|化解|受理")
JUDGE = re.compile("复议机[关构]")
AMONG_THEM = re.compile(r"[,(]?其中[^,;。]{0,12}(?:信息|政务)公开")

DELTA = re.compile(r"(?:增加|减少|增长|上升|下降|同比[多少]|年[多少])(?:约|近)?$")
COMPARED = re.compile(
    r"(上升|增长|增加|上涨|提高|增幅|升|增|下降|减少|降低|回落|下滑|降幅|降|减)(?:约|近|达|为|:|幅)*$"
)
SHARE = re.compile(
    r"占(?:比|总数|总量|申请|全部|受理|总|办结|答复|比例|比重|件|数|量|当年|本年)*(?:约|达|近|为|:)*$"
)
PREVIOUS = re.compile(
    r"(?:^|[,(])(?:[比较与而])?(?:(?:上|前|去)一?年|(?P<year>(?:19|20)[0-9]{2})年)(?:度|同期)*"
    r"(?:为|是|收到|受理|申请|申请量|总量|\()*$"
)

_VERB = "发生|收到|出现|接到|接收|接受|受理|产生|收取|提起|引发|引起|发现|涉及|存在|有|办理|收"
DENIAL = re.compile(
    rf"(?:未|没有|没)(?:曾|再)?(?:(?:因|就|向|对|以|与|通过)[^,;:。]{{0,30}}?)?(?:{_VERB})"
    r"|没有|不存在"
    r"|(?<![有才企])无(?!法|正当|理由|锡|为|棣|极|论|需|须|偿|误|关|障|缝|人|差|超|证|条件|故|效|线|纸|烟|公害|不|其他)"
    r"|(?:暂|均|都|一律)?不(?=收费|收取)"
)
MODIFIED_DENIAL = re.compile(
    "除|如果|如$|若|凡|对于?$|因$|是否|部分|个别|多数|其余|大部分|乡镇$|街道$|避免|防止|杜绝|确保|将|力争|上年|去年"
)
DENIED_RESULT = re.compile(
    "败诉|纠错|纠正|撤销|违法|维持|超期|逾期|延期|责令|变更|确认|处分|追究|结案|率|其他费|重大|恶意|被投诉|未"
)

TOPIC_NAME = re.compile(
    r"[,、;:)看]*(?:前[两二三四五六七八九十0-9]+[位名类项]?(?:分别)?[为是][:]?)?(?:其中|主要)?[,:]?(?:主要)?(?:涉及|属于|关于|有关|和|及|以及)*"
    r"(?P<name>(?!主要|占|同比|比|较|其中|分别)[^,;:。()0-9%]{2,24}?)"
    r"(?:等?方面|领域|类|等)?(?:政府信息|信息公开|公开)?(?:申请|事项|有|为|共|问题)*[(:]?"
)
TOPIC_BEHIND = re.compile(
    r"(?:主要)?(?:涉及|关于|有关)+(?P<name>(?!.*(?:秘密|隐私|第三方|复议|诉讼|信访|咨询|部门|多个|同一))[^,;:()0-9%]{2,24}?)"
    r"(?:等?方面|领域|类|等)?(?:政府信息|信息公开|公开)?(?:申请|事项|问题)*"
)

_QUOTED = re.compile("《[^》]*》|〔[^〕]*〕")
_FULL_YEAR = re.compile(r"(?:20[0-9]{2}年)?1月1日.{0,12}12月31日")
_YEARS = re.compile("20[0-9]{2}年?[至到-]20[0-9]{2}年")
_YEAR = re.compile("(?<![比较与0-9])((?:19|20)[0-9]{2})年")
TIME = re.compile("[年月季起来间]|累计")
"""Without any of these a sentence names no year and no part of it."""
_PERIOD_HINT = re.compile("以来|累计|近|半年|季|月|年来|期间|起")
_LONGER = re.compile(
    "(?<!今年)(?<!年初)以来|截[至止].{0,24}累计|近[三五几两0-9]年|[两三四五六七八九十几0-9]年(?:多|间)?来|十[一二三四]五.{0,2}(?:期间|时期)"
    "|自.{0,24}(?:[年月日]|[施运上]行?线?)起"
)
_BACK_TO_YEAR = re.compile(
    r"[,;:](?:其中[,:]?)?\s*(?:[本今当]年度?|(?P<year>20\d\d)\s*年度?)(?=新增|全年|[共主收受])"
)
_STOPS = re.compile("[,;:]")
_PART = re.compile("[上下]半年|季度|[0-9]月?[-至到~][0-9]{1,2}月|月份")


class Cue(NamedTuple):
    """A word that says what a sentence is about: ``requests``, ``review`` ... or ``foreign``."""

    family: str
    start: int
    end: int


def find_cues(text: str) -> list[Cue]:
    """The subjects that a sentence or heading names, in order."""
    return [Cue(m.lastgroup or "", m.start(), m.end()) for m in _CUES.finditer(text)]


def family_of(line: Line, root: str) -> str:
    """The subject under which a line of the prose edition is told; ``''`` where its wording says enough."""
    if line.section in ("requests", "outcomes"):
        return "requests"
    if line.section == "proactive":
        return "proactive" if root.endswith("_total") else ""
    if line.section == "appeals":
        return next(name for name in ("review", "litigation", "complaints", "") if name in root)
    return ""


def is_anchored(head: tuple[str, ...], tail: str, family: str) -> bool:
    """Whether a wording names its own subject, and so needs no context."""
    pattern = _STRONG.get(family)
    return pattern is not None and pattern.search("".join(head) + tail) is not None


def is_other_action(clause: str, section: str) -> bool:
    """Whether a clause counts something that was done with cases, not the cases themselves."""
    if section == "appeals":
        return _OTHER_RESULT.search(clause) is not None
    return _OTHER_ACTION.search(_DISCLOSURE.sub("", clause)) is not None


def foreign_year(text: str, report_year: int | None) -> bool:
    """Whether the last year that a sentence names, comparisons aside, is not the year reported on."""
    if "年" not in text:
        return False
    plain = _QUOTED.sub("", text)
    if _YEARS.search(_FULL_YEAR.sub("", plain)):
        return True
    years = _YEAR.findall(plain)
    return bool(report_year and years and int(years[-1]) != report_year)


def back_to_year(text: str, report_year: int | None) -> int:
    """Where a clause begins that goes back to the year reported on; 0 where none does."""
    for found in _BACK_TO_YEAR.finditer(text):
        if report_year and found["year"] in (None, str(report_year)):
            return found.end()
    return 0


def other_period(text: str, report_year: int | None = None) -> bool:
    """Whether the words before a figure speak of a part of the year, or of more than it.

    A clause that begins with the year reported on (其中2009年新增) leaves the longer time before it behind.
    """
    if _PERIOD_HINT.search(text) is None:
        return False
    text = text[back_to_year(text, report_year) :]
    plain = _FULL_YEAR.sub("", text)
    near = [0, 0, *(stop.end() for stop in _STOPS.finditer(plain))][-2]
    return _LONGER.search(plain) is not None or _PART.search(plain, near) is not None
