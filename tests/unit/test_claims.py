"""What a sentence states, and what it does not. The sentences are made up; terms are those of real reports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.claims import read_claims
from loaders.form import load_form
from loaders.normalise import normalise
from loaders.phrases import phrase_book
from loaders.scene import (
    CARRIED_OUT,
    CHANGE,
    CONCLUDED,
    PREVIOUS_YEAR,
    PROACTIVE,
    RECEIVED,
    SHARES,
    TOPIC,
)

YEAR = 2020
REQUESTS = "二、收到和处理政府信息公开申请情况\n"


def claims_of(form, text, year=YEAR):
    plain = normalise(text)
    return read_claims(plain, [(0, len(plain))], form, year)


def figures(form, text, year=YEAR):
    """``code value`` of each claim without the common prefix; qualifier and precision where there is one."""
    return [
        " ".join(
            word
            for word in (
                claim.indicator_code.removeprefix("narr_"),
                claim.qualifier,
                f"{claim.value}{claim.unit}",
                "" if claim.precision == "exact" else claim.precision,
            )
            if word
        )
        for claim in claims_of(form, text, year)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "全年共收到政府信息公开申请12件，其中当面申请3件，网络申请6件，信函申请2件，传真申请1件。",
            ["requests_received 12件", "requests_in_person 3件", "requests_online 6件", "requests_mail 2件", "requests_fax 1件"],
        ),
        ("我局共受理依申请公开15宗。", ["requests_received 15件"]),
        ("全年共收到12件政府信息公开申请。", ["requests_received 12件"]),
        ("收到公民、法人提出的信息公开申请七件。", ["requests_received 7件"]),
        ("新收政府信息公开申请（含补正2件）30件。", ["requests_received 30件"]),
        ("收到政府信息公开申请量为零。", ["requests_received 0件"]),
        ("收到网络政府信息公开申请4件。", ["requests_online 4件"]),
        ("政府信息公开申请中，当面申请、信函申请分别为3件、5件。", ["requests_in_person 3件", "requests_mail 5件"]),
        (
            "共受理政府信息公开申请40件，其中市级行政机关25件，各县（市、区）15件。",
            ["requests_received 40件", "requests_own_level 25件", "requests_lower_level 15件"],
        ),
        (
            REQUESTS + "予以公开10件，部分公开5件，不予公开3件，无法提供4件，不予处理1件，结转下年度继续办理2件。",
            ["out_granted_or_partial 10件", "out_granted_or_partial 5件", "out_refused 3件", "out_unable 4件", "out_not_processed 1件", "carried_out 2件"],
        ),
        (
            "政府信息公开申请已办结30件，其中答复“同意公开”的20件；申请信息不存在6件，告知其他途径办理4件。",
            ["outcomes_total 30件", "out_granted_or_partial 20件", "out_not_exist 6件", "out_other_route 4件"],
        ),
        (
            "从申请内容看，主要涉及土地征收12件、城乡规划8件、教育、卫生方面5件和其他3件。",
            ["requests_topic_count 土地征收 12件", "requests_topic_count 城乡规划 8件", "requests_topic_count 教育、卫生 5件", "requests_topic_count 其他 3件"],
        ),
    ],
)  # fmt: skip
def test_requests_and_what_became_of_them(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全市累计主动公开各类政府信息1.2万余条。", ["proactive_total 12000条 at_least"]),
        ("全年主动公开政府信息近3万条，其中通过网站公开1.1万条、政务新媒体公开2000余条、公开专区公开500条。",
         ["proactive_total 30000条 nearly", "proactive_website 11000条", "proactive_social_media 2000条 at_least"]),
        ("县政府门户网站新增主动公开各类政府信息8200条，其中，县本级新增3000条，各乡镇新增5200条。",
         ["proactive_website 8200条", "proactive_own_level 3000条", "proactive_lower_level 5200条"]),
        ("主动公开政府信息500条，微信公众平台公开30条，微博公开20条。",
         ["proactive_total 500条", "proactive_social_media 30条", "proactive_social_media 20条"]),
        ("通过网站、微博等多种渠道主动公开政府信息900条。", ["proactive_total 900条"]),
        ("编发《某市政报》12期，公开各类文件230个。", ["gazette_issues 12期", "proactive_gazette 230个"]),
        ("召开新闻发布会5场，开展在线访谈3期，发布政策解读材料28篇。",
         ["press_conferences 5场", "online_interviews 3期", "interpretation_items 28篇"]),
        ("全区现行有效规范性文件86件，其中部门文件30件。", ["normative_docs_in_force 86件"]),
    ],
)  # fmt: skip
def test_proactive_disclosure_and_its_channels(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("政府信息公开行政复议案件9起，其中维持5件，被依法纠错3件，其他情形1件；行政诉讼案件4件，已审结3件，其中维持2件，其他情形1件。",
         ["review_total 9件", "review_upheld 5件", "review_corrected 3件", "review_other 1件",
          "litigation_total 4件", "litigation_concluded 3件", "litigation_upheld 2件", "litigation_other 1件"]),
        ("因依申请公开引发行政复议7件，行政诉讼5件，其中未经复议直接起诉4件，复议后起诉1件。",
         ["review_total 7件", "litigation_total 5件", "litigation_direct 4件", "litigation_after_review 1件"]),
        ("收到涉及政府信息公开的举报投诉2件，均已处理。", ["complaints 2件"]),
        ("政府信息公开行政复议、行政诉讼均为0件。", ["litigation_total 0件", "review_total 0件"]),
    ],
)  # fmt: skip
def test_the_sentence_says_which_appeals_a_result_belongs_to(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("为做好政务公开，开展4次集中培训和20余次单位内部培训，培训人员达300余人次。",
         ["training_sessions 4次", "trainees 300人次 at_least"]),
        ("举办政务公开业务培训班2期，培训约200人次。", ["training_sessions 2期", "trainees 200人次 about"]),
        ("现有政务公开工作人员31名，全年共投入18万元经费用于政务公开。", ["staff 31名", "budget 18万元"]),
        ("召开政府信息公开工作会议3次。", ["meetings 3次"]),
        ("政府信息公开收取费用1.2万元。", ["fees_charged 12000元"]),
    ],
)  # fmt: skip
def test_training_staff_and_money(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("本年度未收到政府信息公开申请。", ["requests_received 0件"]),
        ("我局没有收到公民、法人和其他组织要求公开政府信息的申请。", ["requests_received 0件"]),
        ("本年度无依申请公开政府信息情况。", ["requests_received 0件"]),
        (
            "未发生因政府信息公开引发的行政复议和行政诉讼案件。",
            ["review_total 0件", "litigation_total 0件"],
        ),
        ("未收到有关政府信息公开行政复议的申请。", ["review_total 0件"]),
        ("未收到政府信息公开的举报、投诉。", ["complaints 0件"]),
        ("未就政府信息公开向自然人、法人、其他组织收取费用。", ["fees_charged 0元"]),
        ("依申请提供政府信息暂不收费。", ["fees_charged 0元"]),
        (
            "各部门执行《政府信息公开信息处理费管理办法》，未收取信息处理费。",
            ["info_processing_fee 0元"],
        ),
        ("（三）收费情况。依申请公开未收取费用。", ["fees_charged 0元"]),
    ],
)
def test_a_denial_is_a_zero(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "未出现因政务公开导致的行政复议和行政诉讼败诉。",
        "未发生政府信息公开行政复议被撤销的情况。",
        "如未收到政府信息公开答复，可申请行政复议。",
        "除工本费外，政府信息公开未收取其他费用。",
        "政府信息公开申请未经复议不得提起诉讼。",
        "部分乡镇未收到政府信息公开申请。",
        "上半年未收到政府信息公开申请。",
        "依申请公开无法提供的，应当说明理由。",
    ],
)
def test_not_every_negation_is_a_zero(form, text):
    assert figures(form, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("共受理政府信息公开申请456件，比2019年的600件下降了24%。",
         ["requests_received 456件", "requests_prev_year 600件", "requests_yoy_pct -24%"]),
        ("共受理政府信息公开申请230件，同比增加30件，增长15%。", ["requests_received 230件", "requests_yoy_pct 15%"]),
        ("政府信息公开行政复议案件20件，同比上升100%。", ["review_total 20件"]),
        ("政府信息公开申请中：予以公开33件，占66%；无法提供17件，占34%。",
         ["out_granted_or_partial 33件", "out_pct granted_or_partial 66%", "out_unable 17件", "out_pct unable 34%"]),
        ("收到政府信息公开申请50件，其中网络申请40件（占80%），当面申请10件（占20%）。",
         ["requests_received 50件", "requests_online 40件", "requests_channel_pct online 80%",
          "requests_in_person 10件", "requests_channel_pct in_person 20%"]),
    ],
)  # fmt: skip
def test_shares_and_changes_belong_to_the_figure_beside_them(form, text, expected):
    assert figures(form, text) == expected


def test_all_concluded_without_a_figure_is_the_number_received(form):
    text = "收到政府信息公开申请8件，均已按时办结。"
    assert figures(form, text) == ["requests_received 8件", "outcomes_total 8件 implied"]


@pytest.mark.parametrize(
    "rest", ["除1件外均已办结。", "结转下年度继续办理2件。其余均已办结。", "办结7件。均已答复。"]
)
def test_all_concluded_is_not_implied_where_the_text_says_more(form, rest):
    found = figures(form, f"收到政府信息公开申请8件。{rest}")
    assert not [figure for figure in found if figure.endswith("implied")]


@pytest.mark.parametrize(
    "text",
    [
        "12345热线共受理电话42056件，办结率100%。",
        "全年办理人大代表建议35件、政协提案40件，均已全部办结。",
        "“某某发布”网络平台发布微博近3000条，微信1284条。",
        "政府网站全年累计发布政务微博2007条。",
        "门户网站访问量达12万人次。",
        "门户网站公开重点项目信息155条、招生信息95条。",
        "公开建设项目环评信息605条。",
        "推进国资信息公开。全年主动公开信息102条。",
        "围绕财政预算，主动公开政府信息30条。",
        "召开疫情防控新闻发布会30场。",
        "单位一把手“在线访谈”“第一解读人”形式解读政策31次。",
        "2021年将主动公开政府信息5000条。",
        "今年计划举办政务公开培训2次。",
        "要求主动公开政府信息不少于500条。",
        "2019年主动公开政府信息5000条。",
        "上半年主动公开政府信息700条。",
        "自网站开通以来，累计主动公开政府信息99999条。",
        "全国各级政府主动公开政府信息900万条。",
        "办理行政复议案件120件，行政应诉案件30件。",
        "共受理行政复议15件，其中涉及政府信息公开的3件。",
        "行政复议、行政诉讼共5件。",
        "政府信息公开申请以信函、传真方式提交12件。",
        "收到涉及征地拆迁的政府信息公开申请20件。",
        "最多跑一次事项934个开通网上办理，全流程网上办理的事项达到357件。",
        "各乡镇主动公开信息情况良好，第3次检查排名第1名。",
        "参加上级组织的政务公开培训3次。",
        "四、2021年工作思路\n主动公开政府信息600条。",
        "每季度公开政府信息30条。",
    ],
)
def test_figures_of_other_subjects_years_and_bodies_are_no_claims(form, text):
    assert figures(form, text) == []


def test_parts_of_a_part_are_not_parts_of_the_whole(form):
    text = "收到政府信息公开申请50件，其中网络申请40件，其中予以公开30件。"
    assert figures(form, text) == ["requests_received 50件", "requests_online 40件"]


def test_a_heading_gives_its_sentences_their_subject(form):
    line = "收到申请9件，其中当面6件，其他方式3件。"
    assert figures(form, "一、工作概述\n" + line) == []
    assert figures(form, REQUESTS + line) == [
        "requests_received 9件",
        "requests_in_person 6件",
        "requests_other_channel 3件",
    ]


def test_a_sentence_broken_over_lines_is_one_sentence(form):
    text = "2020年，全市各级行政机关坚持依法办理，共收到政府信息公\n开申请451件，比去年有所增加，全部依法登记办理，其中网络申\n请300件。"
    assert figures(form, text) == ["requests_received 451件", "requests_online 300件"]


def test_a_number_broken_over_lines_is_not_read(form):
    text = "2020年，全市各级行政机关坚持依法依规办理，共收到政府信息公开申请4\n51件。"
    assert figures(form, text) == []


def test_without_a_report_year_no_year_is_foreign(form):
    assert figures(form, "2019年主动公开政府信息50条。", None) == ["proactive_total 50条"]


def test_spans_lead_back_to_figure_and_sentence(form):
    text = normalise("概况。全年共收到政府信息公开申請 1,234 件，未发生行政复议。其他。")
    received, denied = read_claims(text, [(0, len(text))], form, YEAR)
    assert text[received.start : received.end] == "1,234 件"
    assert received.claim_text == "1,234 件"
    assert text[denied.start : denied.end] == "未发生行政复议"
    assert text[received.sentence_start : received.sentence_end].endswith("未发生行政复议")


def test_only_the_given_ranges_are_read(form):
    text = "收到政府信息公开申请5件。收到政府信息公开申请6件。"
    middle = text.index("。") + 1
    [claim] = read_claims(text, [(middle, len(text))], form)
    assert claim.value == 6


def test_the_grammar_and_the_dictionary_know_the_same_indicators(form):
    own = {RECEIVED, CONCLUDED, PREVIOUS_YEAR, CHANGE, CARRIED_OUT, TOPIC, PROACTIVE}
    own |= {code for code, _ in SHARES.values()}
    assert own <= set(phrase_book(form).lines)
    assert set(form.phrases) <= set(phrase_book(form).lines)


def test_every_wording_is_written_as_sentences_are_matched(form):
    """A wording with a blank, a quotation mark or a word that sentences lose would never be found."""
    for code, wordings in form.phrases.items():
        for wording in wordings:
            assert len(wording.strip("^!=>#…")) >= 2, (code, wording)
            assert not set(wording) & set(" \"'“”的了，。；：（）"), (code, wording)


FORM = load_form()
TERMS = st.sampled_from(
    "政府信息公开申请 收到 受理 主动公开政府信息 网站 行政复议 行政诉讼 其中 维持 未 没有 无 均 办结 占 同比 下降 分别为 当面申请 "
    "、 , 。 ; : ( ) \n 一、 (一) 12件 3.5% 1万余条 0 比 2019年 的 598件 涉及 从申请内容看 # … 培训 收取费用".split(
        " "
    )
)


@given(st.lists(TERMS, max_size=40).map("".join) | st.text(max_size=80))
def test_no_text_raises(text):
    plain = normalise(text)
    for claim in read_claims(plain, [(0, len(plain))], FORM, YEAR):
        assert 0 <= claim.start < claim.end <= len(plain)
        assert claim.sentence_start <= claim.start
        assert claim.end <= claim.sentence_end
