"""Working prose: what a report tells between its tables, at the length and in the variety of published ones.

A sentence is put together of three parts, each drawn by itself and filled with words, so that hardly one comes twice, as in
real reports. Years, ordinals, articles, numbers of documents, days and shares stand in them, as these do in real ones too; none
of them is a count that a form asks for, so that the truth of the country is not touched.
"""

import re
from random import Random

_PLACE = re.compile(r"\{(\w+)\}")
_WORDS = {
    "matter": (
        "财政预算决算", "重大建设项目", "公共资源配置", "社会救助", "义务教育", "医疗卫生", "食品药品安全",
        "生态环境", "征地拆迁", "安全生产", "就业创业", "养老服务", "住房保障", "乡村振兴", "营商环境", "农田水利",
        "应急管理", "文化惠民", "交通出行", "防汛抗旱",
    ),
    "place": (
        "门户网站", "政务新媒体", "政府公报", "公示栏", "政务服务大厅", "图书馆", "档案馆", "便民服务窗口",
        "村务公开栏", "电子显示屏", "广播电视", "移动客户端",
    ),
    "people": (
        "业务骨干", "分管负责人", "信息员", "窗口人员", "新进人员", "法制审核人员", "联络员", "栏目编辑",
    ),
    "work": (
        "栏目维护", "发布审核", "属性认定", "目录编制", "答复文书制作", "舆情研判", "保密审查", "文件清理",
        "版面设计", "检索优化", "数据归集", "档案移交",
    ),
    "month": tuple(map(str, range(1, 13))),
    "article": tuple(map(str, range(5, 52))),
    "number": tuple(map(str, range(3, 190))),
    "ordinal": ("1", "2", "3", "4", "一", "二", "三"),
    "share": ("85", "90", "92.5", "96", "98.4", "99"),
}  # fmt: skip
_OPENINGS = (
    "围绕{matter}和{matter}等重点领域",
    "针对{matter}方面群众反映较多的难点",
    "按照《条例》第{article}条的规定",
    "对照国办公开办函〔{year}〕{number}号文件的要求",
    "结合{year}年度重点任务分工",
    "{month}月底前",
    "以{matter}为切口",
    "在做好{work}的同时",
    "为方便企业和群众办事",
    "坚持以人民为中心的发展思想",
    "把{work}作为日常工作的基础环节",
    "在第{ordinal}季度的自查中",
    "依托{place}和{place}",
    "聚焦基层关切和社会期盼",
    "本着便民、及时、准确的原则",
    "着眼于提升治理能力和服务水平",
    "从{work}入手",
    "年初召开专题会议",
)
_ACTIONS = (
    "对{matter}类栏目逐一梳理,补齐缺项并注明更新时限",
    "由专人负责{work},实行初审、复审、终审的流程",
    "通过{place}、{place}等渠道及时推送{matter}动态",
    "组织{people}和{people}集中学习,交流{work}中的做法",
    "修订{work}办法,细化责任分工和完成时限",
    "把{matter}政策的背景、依据和办理流程讲清楚",
    "在{place}设置专题,集中展示{matter}领域的政策与进展",
    "建立{work}台账,逐项对账销号",
    "采用图解、短视频和问答等形式说明{matter}政策",
    "邀请人大代表、政协委员和群众代表走进{place},听取对{work}的意见",
    "会同有关单位开展{work}检查,现场指出不足并跟踪整改",
    "加强{place}的安全防护,定期排查错链、断链和错别字",
    "统一{matter}信息的格式和口径,避免前后不一",
    "完善{place}的检索和导航功能,使{matter}信息一键可达",
    "明确{people}的职责,保证{work}有人管、有人做",
    "落实公文起草时同步确定公开属性的制度,从源头抓好{work}",
    "将{work}纳入绩效评价,结果与评先评优挂钩",
)
_RESULTS = (
    "使公开内容更加完整准确",
    "办事群众的满意度达到{share}%",
    "社会反响良好",
    "做到更新有记录、责任可追溯",
    "有效回应了群众对{matter}的关切",
    "为下一步工作打下基础",
    "工作的规范化水平进一步提升",
    "{matter}栏目按时更新率保持在{share}%以上",
    "打通了服务群众的最后一公里",
    "形成上下联动、协同推进的格局",
    "{people}的业务能力明显增强",
    "切实保障群众的知情权、参与权和监督权",
    "经验做法在系统内得到推广",
    "群众查找{matter}信息更加便捷",
)
_PROBLEMS = (
    "{matter}领域公开的深度还不够,更新有时滞后",
    "部分{people}对政策把握不准,{work}的质量有待提高",
    "{place}与{place}之间的信息共享不够顺畅",
    "解读形式仍较单一,{matter}类政策的图解偏少",
    "{work}的长效机制尚需健全,基层力量比较薄弱",
)
_REMEDIES = (
    "下一步将加强对{people}的培训,把{work}抓在日常",
    "今后将按照{year}年的任务安排,优先完善{matter}栏目",
    "我们将继续改进{work},用好{place}",
    "计划在{month}月前完成{place}改版,同步规范{work}",
)


def write_sentences(random: Random, year: int, least: int, most: int) -> str:
    """A paragraph of so many sentences about a year."""
    parts = (_OPENINGS, _ACTIONS, _RESULTS)
    count = random.randint(least, most)
    return "".join(_fill(random, year, ",".join(map(random.choice, parts))) for _ in range(count))


def write_problems(random: Random, year: int) -> str:
    """What is wanting, and what is to be done about it."""
    told = (*random.sample(_PROBLEMS, 2), *random.sample(_REMEDIES, 2))
    return "".join(_fill(random, year, sentence) for sentence in told)


def _fill(random: Random, year: int, sentence: str) -> str:
    """A sentence with words in its places, none of them twice."""
    taken: set[str] = set()

    def draw(place: re.Match[str]) -> str:
        if place[1] == "year":
            return str(year)
        word = random.choice([word for word in _WORDS[place[1]] if word not in taken])
        taken.add(word)
        return word

    return _PLACE.sub(draw, sentence) + "。"
