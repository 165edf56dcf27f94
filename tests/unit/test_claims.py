"""What a sentence states, and what it does not. The sentences are made up; terms are those of real reports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.form import load_form
from loaders.normalise import normalise
from loaders.prose.claims import read_claims
from loaders.prose.phrases import phrase_book
from loaders.prose.scene import (
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
APPEALS = "四、因政府信息公开被申请行政复议、提起行政诉讼情况\n"
FEES = "三、政府信息公开收费及减免情况\n"
CITY, COUNTY, BUREAU = "衢州市人民政府", "云岭县人民政府", "六盘水市水利局"


def claims_of(form, text, year=YEAR, publisher=""):
    plain = normalise(text)
    return read_claims(plain, [(0, len(plain))], form, year, publisher)


def figures(form, text, year=YEAR, publisher=""):
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
        for claim in claims_of(form, text, year, publisher)
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020年，我县共收到政府信息公开申请86件，同比增加20件。",
         ["requests_received 86件"]),
        ("收到政府信息公开申请40件，比上年增长一倍。",
         ["requests_received 40件", "requests_yoy_pct 100%"]),
        ("收到政府信息公开申请50件，同比增长1.5倍。",
         ["requests_received 50件", "requests_yoy_pct 150%"]),
        ("收到政府信息公开申请40件，与上年持平。",
         ["requests_received 40件", "requests_yoy_pct 0%"]),
        ("收到政府信息公开申请40件，与上年基本持平。",
         ["requests_received 40件"]),
        ("收到政府信息公开申请120件，比2019年减少30件，下降20%。",
         ["requests_received 120件", "requests_yoy_pct -20%"]),
        ("收到政府信息公开申请120件，较上年的150件减少30件，降幅20%。",
         ["requests_received 120件", "requests_prev_year 150件", "requests_yoy_pct -20%"]),
        (REQUESTS + "从申请渠道看，网络申请60件，占比75%；信函申请12件，占15%；当面申请8件，占10%。",
         ["requests_online 60件", "requests_channel_pct online 75%", "requests_mail 12件", "requests_channel_pct mail 15%", "requests_in_person 8件", "requests_channel_pct in_person 10%"]),
        (REQUESTS + "其中，通过网络提交的60件，通过邮寄提交的12件，当面提交的8件。",
         ["requests_online 60件", "requests_mail 12件", "requests_in_person 8件"]),
        ("共收到政府信息公开申请20件，其中政府网站在线申请15件、信函4件、当面1件。",
         ["requests_received 20件", "requests_online 15件", "requests_mail 4件", "requests_in_person 1件"]),
        ("共收到政府信息公开申请35件。按申请人划分，自然人申请30件，法人或其他组织申请5件。",
         ["requests_received 35件"]),
        ("收到政府信息公开申请20件，申请内容主要集中在征地拆迁（12件）、城乡规划（5件）、财政预算（3件）等方面。",
         ["requests_received 20件", "requests_topic_count 征地拆迁 12件", "requests_topic_count 城乡规划 5件", "requests_topic_count 财政预算 3件"]),
        (REQUESTS + "申请内容涉及征地拆迁12件；城乡规划5件；其他3件。",
         ["requests_topic_count 征地拆迁 12件", "requests_topic_count 城乡规划 5件", "requests_topic_count 其他 3件"]),
        ("收到政府信息公开申请20件，其中12件涉及征地拆迁，5件涉及城乡规划，3件涉及教育。",
         ["requests_received 20件", "requests_topic_count 征地拆迁 12件", "requests_topic_count 城乡规划 5件", "requests_topic_count 教育 3件"]),
        (REQUESTS + "从内容上看，涉及土地征收类的12件，占60%；涉及财政类的5件，占25%。",
         ["requests_topic_count 土地征收 12件", "requests_topic_count 财政 5件"]),
        ("共收到政府信息公开申请467件，比上年增长15.88%。按层级看，市级部门收到235件，县（市、区）收到232件。",
         ["requests_received 467件", "requests_yoy_pct 15.88%", "requests_own_level 235件", "requests_lower_level 232件"]),
        ("全市共收到政府信息公开申请90件（其中市本级30件，各县（市、区）60件）。",
         ["requests_received 90件", "requests_own_level 30件", "requests_lower_level 60件"]),
        ("本年新收政府信息公开申请18件，上年结转2件，办理结果：予以公开12件，部分公开3件，不予公开1件，无法提供2件，结转下年度2件。",
         ["requests_received 18件", "out_granted_or_partial 12件", "out_granted_or_partial 3件", "out_refused 1件", "out_unable 2件", "carried_out 2件"]),
        ("全年共受理依申请公开56件，办结54件，结转下年2件。",
         ["requests_received 56件", "outcomes_total 54件", "carried_out 2件"]),
        ("全年收到依申请公开政府信息12件，均按时答复。",
         ["requests_received 12件", "outcomes_total 12件 implied"]),
        ("今年以来，我局共收到政府信息公开申请9件，全部按规定办结。",
         ["requests_received 9件", "outcomes_total 9件 implied"]),
        ("全年共收到政府信息公开申请134件，比上年增加34件，增幅为34%。其中，当面申请30件，占22.4%；通过网络申请104件，占77.6%。",
         ["requests_received 134件", "requests_yoy_pct 34%", "requests_in_person 30件", "requests_channel_pct in_person 22.4%", "requests_online 104件", "requests_channel_pct online 77.6%"]),
        ("收到政府信息公开申请134件，较2019年（100件）增长34%。",
         ["requests_received 134件", "requests_prev_year 100件", "requests_yoy_pct 34%"]),
        ("收到政府信息公开申请90件，同比减少一成。",
         ["requests_received 90件"]),
        (REQUESTS + "当面申请、信函申请和网络申请分别为3件、4件和5件。",
         ["requests_in_person 3件", "requests_mail 4件", "requests_online 5件"]),
        ("政府信息公开申请受理量为45件，答复45件。",
         ["requests_received 45件", "outcomes_total 45件"]),
        ("2020年，收到政府信息公开申请（以下简称申请）77件，较上年增长10%。",
         ["requests_received 77件", "requests_yoy_pct 10%"]),
        ("收到政府信息公开申请3件，1件予以公开，2件不属于本机关公开。",
         ["requests_received 3件", "out_granted_or_partial 1件", "out_not_this_body 2件"]),
        ("收到政府信息公开申请10件，8件网上申请，2件信函申请。",
         ["requests_received 10件", "requests_online 8件", "requests_mail 2件"]),
        ("收到政府信息公开申请10件，其中2件涉及商业秘密，3件涉及国家秘密。",
         ["requests_received 10件"]),
    ],
)  # fmt: skip
def test_requests_by_channel_level_topic_and_change(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REQUESTS + "全部申请均已答复，其中予以公开25件、部分公开3件、不予公开2件、无法提供4件、不予处理1件、其他处理2件。",
         ["out_granted_or_partial 25件", "out_granted_or_partial 3件", "out_refused 2件", "out_unable 4件", "out_not_processed 1件", "out_other 2件"]),
        ("办结政府信息公开申请35件，其中，25件予以公开，4件信息不存在，3件不予公开，3件非本机关公开。",
         ["outcomes_total 35件", "out_granted_or_partial 25件", "out_not_exist 4件", "out_refused 3件", "out_not_this_body 3件"]),
        (REQUESTS + "本年度办结38件（含上年结转3件），结转下年度2件。",
         ["outcomes_total 38件", "carried_out 2件"]),
        (REQUESTS + "答复申请45件，按时答复率100%。",
         ["outcomes_total 45件"]),
        (REQUESTS + "办结申请30件，另有2件结转下年度继续办理。",
         ["outcomes_total 30件", "carried_out 2件"]),
        (REQUESTS + "共答复38件，其中同意公开30件，占78.9%；信息不存在8件，占21.1%。",
         ["outcomes_total 38件", "out_granted_or_partial 30件", "out_pct granted_or_partial 78.9%", "out_not_exist 8件", "out_pct not_exist 21.1%"]),
        (REQUESTS + "从办理结果看，予以公开20件（占50%），无法提供20件（占50%）。",
         ["out_granted_or_partial 20件", "out_pct granted_or_partial 50%", "out_unable 20件", "out_pct unable 50%"]),
        (REQUESTS + "按期办结38件，延期办结2件。",
         ["out_on_time 38件", "out_extended 2件"]),
        (REQUESTS + "从办理情况来看，主动公开范围内3件，同意公开12件，信息不存在5件。",
         ["out_granted_or_partial 12件", "out_not_exist 5件"]),
    ],
)  # fmt: skip
def test_outcomes_before_or_behind_their_figure(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("因政府信息公开被申请行政复议5件，其中维持3件，纠正1件，撤回1件，尚未审结0件。",
         ["review_total 5件", "review_upheld 3件", "review_corrected 1件", "review_pending 0件"]),
        ("因政府信息公开申请行政复议3件，其中维持2件，纠错1件。",
         ["review_total 3件", "review_upheld 2件", "review_corrected 1件"]),
        ("因政府信息公开申请提起行政诉讼3件，其中维持2件，纠错1件。",
         ["litigation_total 3件", "litigation_upheld 2件", "litigation_corrected 1件"]),
        (APPEALS + "行政复议案件5件：结果维持2件，结果纠正1件，其他结果1件，尚未审结1件。",
         ["review_total 5件", "review_upheld 2件", "review_corrected 1件", "review_other 1件", "review_pending 1件"]),
        ("全年因政府信息公开工作被提起行政诉讼6件，已审结4件，2件正在审理。",
         ["litigation_total 6件", "litigation_concluded 4件", "litigation_pending 2件"]),
        ("政府信息公开类行政复议4件，行政诉讼2件，均维持原行政行为。",
         ["review_total 4件", "litigation_total 2件"]),
        (APPEALS + "被申请行政复议3件，其中2件被维持，1件被撤销。",
         ["review_total 3件", "review_upheld 2件", "review_corrected 1件"]),
        (APPEALS + "发生行政复议0件、行政诉讼0起。",
         ["review_total 0件", "litigation_total 0件"]),
        ("因政府信息公开引发的行政复议7件、行政诉讼5件。复议案件中，维持6件，纠错1件。",
         ["review_total 7件", "litigation_total 5件", "review_upheld 6件", "review_corrected 1件"]),
        ("由此引发行政复议37件、行政诉讼71件；政府信息公开诉讼案件中，未经复议直接起诉62件，复议后起诉9件。",
         ["review_total 37件", "litigation_total 71件", "litigation_direct 62件", "litigation_after_review 9件"]),
        (APPEALS + "全年共发生行政复议案件8件，其中：维持5件、撤销2件、终止1件。",
         ["review_total 8件", "review_upheld 5件", "review_corrected 2件"]),
        (APPEALS + "行政复议2件，均维持；行政诉讼1件，驳回原告诉讼请求。",
         ["review_total 2件", "litigation_total 1件"]),
        (APPEALS + "行政复议案件1件，结果为维持。",
         ["review_total 1件"]),
        ("因依申请公开引发的行政诉讼3起，其中一审2起、二审1起。",
         ["litigation_total 3件"]),
        ("政府信息公开行政诉讼4件，1件维持、1件纠错、2件尚未审结。",
         ["litigation_total 4件", "litigation_upheld 1件", "litigation_corrected 1件", "litigation_pending 2件"]),
    ],
)  # fmt: skip
def test_appeals_and_their_results(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全年未因政府信息公开被申请行政复议、被提起行政诉讼。",
         ["review_total 0件", "litigation_total 0件"]),
        ("没有发生针对政府信息公开的行政复议、行政诉讼和举报投诉。",
         ["review_total 0件", "litigation_total 0件", "complaints 0件"]),
        ("2020年度，我单位无因政府信息公开引起的行政复议、提起行政诉讼情况。",
         ["review_total 0件", "litigation_total 0件"]),
        ("2020年我局未接到公众提出的政府信息公开申请，也未发生行政复议、行政诉讼案件。",
         ["requests_received 0件", "review_total 0件", "litigation_total 0件"]),
        ("我镇尚未收到依申请公开政府信息的申请。",
         ["requests_received 0件"]),
        (FEES + "本年度未收取任何费用。",
         ["fees_charged 0元"]),
        (FEES + "未收取检索费、复制费、邮寄费。",
         ["fees_charged 0元"]),
        ("本年度没有收取政府信息公开信息处理费。",
         ["info_processing_fee 0元"]),
        ("依申请公开信息未收取任何费用，也没有减免情况。",
         ["fees_charged 0元"]),
        ("2020年没有公民对政府信息公开工作提出举报投诉。",
         ["complaints 0件"]),
        ("2020年我镇没有因政府信息公开被申请行政复议、提起行政诉讼的情况，收到举报投诉0件。",
         ["review_total 0件", "litigation_total 0件", "complaints 0件"]),
        ("全年未收到政府信息公开申请，无行政复议和行政诉讼。",
         ["requests_received 0件", "review_total 0件", "litigation_total 0件"]),
        ("没有出现因信息公开引起的投诉、复议、诉讼。",
         ["complaints 0件", "review_total 0件", "litigation_total 0件"]),
        (FEES + "2020年，我局在依申请公开工作中没有收费，也不存在减免情况。",
         ["fees_charged 0元"]),
        ("未收到针对政府信息公开工作的投诉举报，满意率100%。",
         ["complaints 0件"]),
        ("没有一起政府信息公开行政复议。",
         ["review_total 0件"]),
    ],
)  # fmt: skip
def test_denials_in_many_forms(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全年通过政府门户网站公开政府信息1200条，通过政务微信公开350条，通过政务微博公开80条。",
         ["proactive_website 1200条", "proactive_social_media 350条", "proactive_social_media 80条"]),
        ("主动公开政府信息共计5600条。其中：政府网站公开4000条，政务新媒体公开1500条，其他方式公开100条。",
         ["proactive_total 5600条", "proactive_website 4000条", "proactive_social_media 1500条"]),
        ("2020年主动公开政府信息数量为860条。",
         ["proactive_total 860条"]),
        ("市政府网站政务公开平台共公布政府信息48453条，其中市本级10180条，各县（市、区）38273条。",
         ["proactive_website 48453条", "proactive_own_level 10180条", "proactive_lower_level 38273条"]),
        ("在区政府网站发布政府信息1.5万余条。",
         ["proactive_website 15000条 at_least"]),
        ("开展回应解读19次，其中参加新闻发布会1次。",
         ["press_conferences 1次"]),
        ("召开新闻发布会3426次，刊发政策解读稿件23284篇。",
         ["press_conferences 3426次", "interpretation_items 23284篇"]),
        ("《某市人民政府公报》编印12期。",
         ["gazette_issues 12期"]),
        ("全年主动公开政府信息1500条，收到政府信息公开申请6件，未发生行政复议、行政诉讼。",
         ["proactive_total 1500条", "requests_received 6件", "review_total 0件", "litigation_total 0件"]),
        ("举办新闻发布会12场、在线访谈6期，发布政策解读100篇（其中图解40篇）。",
         ["press_conferences 12场", "online_interviews 6期", "interpretation_items 100篇"]),
        ("网站主动公开政府信息2000条，其中机构职能类30条，工作动态类1500条。",
         ["proactive_website 2000条"]),
        ("主动公开政府信息2000条，较上年增加500条。",
         ["proactive_total 2000条"]),
        ("新增主动公开政府信息2000条，总数达到20000条。",
         ["proactive_total 2000条"]),
    ],
)  # fmt: skip
def test_disclosure_by_place_and_level(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全年政府信息公开申请0件。",
         ["requests_received 0件"]),
        ("全年依申请公开收取检索、复制、邮寄等费用共计1200元，减免费用300元。",
         ["fees_charged 1200元", "fees_waived 300元"]),
        ("政府信息公开信息处理费收取金额为0元。",
         ["info_processing_fee 0元"]),
        ("依申请公开共收取费用0.35万元。",
         ["fees_charged 3500元"]),
        ("组织政务公开培训3场次，培训人员150人次。",
         ["training_sessions 3场", "trainees 150人次"]),
        ("先后举办政府信息公开业务培训班2期，参训人员达120余人。",
         ["training_sessions 2期", "trainees 120人 at_least"]),
        ("全区配备政府信息公开专兼职人员56名。",
         ["staff 56名"]),
        ("全年安排政务公开工作经费10万元。",
         ["budget 10万元"]),
        ("召开政务公开工作推进会2次，政务公开专题会议4次。",
         ["meetings 2次", "meetings 4次"]),
        ("接待政府信息公开咨询320人次。",
         ["enquiries 320人次"]),
        ("开展集中培训3次，培训人员500余人次。全区政务公开工作纳入考核。",
         ["training_sessions 3次", "trainees 500人次 at_least"]),
        ("本机关2020年度政府信息公开申请收费为零。",
         ["fees_charged 0元"]),
        ("依申请公开收费0元。",
         ["fees_charged 0元"]),
        ("召开政务公开培训会1次，各部门80余人参加培训。",
         ["training_sessions 1次"]),
        ("现有政务公开专职工作人员5名，兼职30名。",
         ["staff 5名"]),
    ],
)  # fmt: skip
def test_money_training_and_staff(form, text, expected):
    assert figures(form, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2019年收到政府信息公开申请30件，2018年收到政府信息公开申请40件。",
        "截至2020年底，累计主动公开政府信息8万条。",
        "截至目前，门户网站累计主动公开政府信息8万条。",
        "自2008年《条例》施行以来，共受理政府信息公开申请900件。",
        "自2008年5月起，共受理政府信息公开申请900件。",
        "五年来，共受理政府信息公开申请900件。",
        "“十三五”期间，全县主动公开政府信息8万条。",
        "2021年，计划主动公开政府信息600条以上，力争举办培训3次。",
        "计划通过门户网站建设，主动公开政府信息600条。",
        "拟于明年举办政务公开培训班2期。",
        "力争全年主动公开政府信息600条。",
        "转办政府信息公开申请5件。",
        "一季度收到政府信息公开申请6件。",
        "1-6月，收到政府信息公开申请6件。",
        "12345热线受理投诉举报300件，办结298件。",
        "协助市政府办理政府信息公开申请3件。",
        "指导乡镇办理政府信息公开申请15件。",
        "平均每件政府信息公开申请用时8个工作日。",
        "抽查政府信息公开申请答复书20件。",
        "全年受理信访投诉56件，办结50件，结转下年6件。",
        "全年行政复议案件120件，维持80件，撤销5件，尚未审结35件。",
        "举办普法培训20次，培训人员3000人次。",
        "办理行政许可事项300件，其中网上申请280件，当面申请20件。",
        "从内容看，政策文件类30条，工作动态类500条。",
        "门户网站总访问量120万人次，微信公众号关注人数3000人。",
        "未发生因政府信息公开引发的行政复议被纠错情况。",
        "政务服务中心受理申请3000件，其中网上申请2800件，当面申请200件。",
        "公开征集意见，收到意见建议30件，采纳12件。",
        "政府信息公开答复引发的行政诉讼中，一审维持。",
        "市场监管领域收到投诉举报500件，办结490件。",
        REQUESTS + "其中，申请人自愿撤回1件，补正2件。",
        REQUESTS + "（一）收到申请情况。共25件。",
        "全年未发生收费减免情况。",
        "区政府门户网站发布信息12000条，政务微信发布3000条。",
        "公开食品药品监管信息200条。",
        "在重大建设项目领域主动公开信息80条。",
        "预计全年受理政府信息公开申请30件。",
        "组织开展业务培训2次，参训120人次。",
        "选派干部参加省政务公开培训班2期。",
        "政务公开第三方评估经费15万元。",
        "推进政务公开,召开常务会议20次。",
        "各单位要确保不发生政府信息公开行政诉讼败诉。",
        "对未收到政府信息公开申请的单位进行提醒。",
        "不存在应公开未公开的情况。",
        "全年零申请、零复议、零诉讼。",
        "2019年收到政府信息公开申请100件，其中网络申请80件。",
        "截至2020年底，累计主动公开政府信息8万条，其中网站公开7万条。",
    ],
)  # fmt: skip
def test_periods_plans_and_other_matters_are_no_claims(form, text):
    assert figures(form, text) == []


@pytest.mark.parametrize(
    ("publisher", "text", "expected"),
    [
        (CITY, "市公安局主动公开政府信息500条。",
         []),
        (CITY, "市公安局积极推进政务公开，主动公开政府信息500条。",
         []),
        (CITY, "江山市主动公开政府信息500条。",
         []),
        (CITY, "衢州市主动公开政府信息500条。",
         ["proactive_total 500条"]),
        (CITY, "衢州市人民政府网站主动公开政府信息500条。",
         ["proactive_website 500条"]),
        (BUREAU, "六盘水市水利局主动公开政府信息500条。",
         ["proactive_total 500条"]),
        (BUREAU, "市水利局主动公开政府信息500条。",
         ["proactive_total 500条"]),
        (BUREAU, "市公安局收到政府信息公开申请12件。",
         []),
        (CITY, "市政府办公室收到政府信息公开申请12件。",
         []),
        (CITY, "市政府办公室举办政务公开培训班2期。",
         ["training_sessions 2期"]),
        (COUNTY, "全省共收到政府信息公开申请5000件。",
         []),
        (COUNTY, "全省各级行政机关依法办理，共收到政府信息公开申请5000件。",
         []),
        (COUNTY, "衢州全市共收到政府信息公开申请500件，我县收到政府信息公开申请20件。",
         ["requests_received 20件"]),
        (COUNTY, "全县共收到政府信息公开申请50件。",
         ["requests_received 50件"]),
        ("云岭县水利局", "在县委、县政府的领导下，县水利局主动公开政府信息50条。",
         ["proactive_total 50条"]),
        (COUNTY, "县政府高度重视，全年主动公开政府信息50条。",
         ["proactive_total 50条"]),
        (CITY, "收到政府信息公开申请50件，其中市自然资源局收到45件，市住建局收到5件。",
         ["requests_received 50件"]),
        (CITY, "市卫健委召开新闻发布会30场。",
         []),
        (COUNTY, "全省复议机关受理政府信息公开行政复议案件900件。",
         []),
        (COUNTY, "2020年，全县各级行政机关共收到公民、法人和其他组织提出的政府信息公开申请32件，其中自然人30件，法人2件。",
         ["requests_received 32件"]),
        (CITY, "市政府新闻办召开新闻发布会42场。",
         ["press_conferences 42场"]),
        (COUNTY, "主动公开政府信息2000条，其中县政府办公室200条，县财政局150条。",
         ["proactive_total 2000条"]),
        (COUNTY, "各乡镇、县直部门主动公开政府信息2000条。",
         []),
        (COUNTY, "全县各级各部门主动公开政府信息2000条。",
         ["proactive_total 2000条"]),
        (COUNTY, "县级部门公开1200条，乡镇公开800条。",
         []),
        (COUNTY, "全县主动公开政府信息2000条，其中县级部门1200条，乡镇（街道）800条。",
         ["proactive_total 2000条", "proactive_own_level 1200条", "proactive_lower_level 800条"]),
        (COUNTY, "截至12月31日，全县共主动公开政府信息2000条。",
         ["proactive_total 2000条"]),
        (COUNTY, "2020年1月1日至12月31日，全县共收到政府信息公开申请20件。",
         ["requests_received 20件"]),
        ("丽水市莲都区人民政府", "区委、区政府高度重视，主动公开政府信息300条。",
         ["proactive_total 300条"]),
        ("丽水市莲都区人民政府", "经省政府同意，全年主动公开政府信息300条。",
         ["proactive_total 300条"]),
        ("丽水市莲都区人民政府", "根据市政府办公室要求，全年主动公开政府信息300条。",
         ["proactive_total 300条"]),
        ("丽水市莲都区人民政府", "莲都区主动公开政府信息300条。",
         ["proactive_total 300条"]),
        ("平潭综合实验区管理委员会", "管委会主动公开政府信息300条。",
         ["proactive_total 300条"]),
        ("平潭综合实验区管委会", "全区受理政府信息公开申请30件。",
         ["requests_received 30件"]),
        ("广西壮族自治区人民政府", "全区受理政府信息公开申请30件。",
         ["requests_received 30件"]),
        ("北京市人民政府", "全市受理政府信息公开申请30件。",
         ["requests_received 30件"]),
        ("北京市海淀区人民政府", "全市受理政府信息公开申请30件。",
         []),
        ("衢州市发展和改革委员会", "市发改委收到政府信息公开申请30件。",
         ["requests_received 30件"]),
        (COUNTY, "县政务服务中心受理政府信息公开申请30件。",
         []),
        (COUNTY, "县公安局未收到政府信息公开申请。",
         []),
        (CITY, "市公安局收到政府信息公开申请12件，其中网络申请10件，当面申请2件。",
         []),
        (CITY, "市政府作为复议机关受理政府信息公开行政复议30件，维持20件。",
         []),
        (COUNTY, "全省共收到政府信息公开申请5000件。其中网络申请80件。",
         []),
        (COUNTY, "各乡镇主动公开政府信息2000条，其中网站公开1000条。",
         ["proactive_lower_level 2000条"]),
    ],
)  # fmt: skip
def test_figures_of_other_bodies_are_left_out(form, publisher, text, expected):
    assert figures(form, text, publisher=publisher) == expected


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


def test_a_part_of_a_longer_time_may_be_the_year(form) -> None:
    total = (
        "截至2020年12月31日，累计主动公开政府信息45678条，其中2020年{}主动公开政府信息12000余条。"
    )
    assert figures(form, total.format("新增")) == ["proactive_total 12000条 at_least"]
    assert figures(form, total.format("新增").replace("其中2020", "其中2019")) == []
    assert figures(form, total.format("第一季度")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REQUESTS + "答复5件，其中不属于本机关公开范围4件。", ["outcomes_total 5件", "out_not_this_body 4件"]),
        (REQUESTS + "受理公众申请公开政府信息102条。", ["requests_received 102条"]),
        (REQUESTS + "申请受理点共接到申请8件。", ["requests_received 8件"]),
        (
            APPEALS + "涉及政府信息公开的行政诉讼4起，胜诉3起，败诉1起。",
            ["litigation_total 4件", "litigation_upheld 3件", "litigation_corrected 1件"],
        ),
    ],
)  # fmt: skip
def test_wordings_of_the_years_before_the_form(form, text: str, expected: list[str]) -> None:
    assert figures(form, text) == expected
