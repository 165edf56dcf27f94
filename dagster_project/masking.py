"""Personal details out of text, before it may be published: a rule for each kind.

Pure, and length-preserving: every masked character becomes ``■``, so offsets into the text still
hold. What is masked: names after a label that names follow, telephone numbers, identity numbers,
e-mail addresses. Figures of the report and names of public bodies stay. Where nothing but digits
tells, the rules ask for more than a length: rows printed without separators are long runs of digits
too.
"""

from __future__ import annotations

import re
from bisect import bisect_right

MASK = "■"

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}

# Names

_SIGNATORY = (
    "单位负责人|單位負責人|部门负责人|部門負責人|科室负责人|科室負責人|审核人|審核人|审批人|審批人"
    "|审定人|審定人|复核人|復核人|填报人|填報人|填表人|填写人|填寫人|制表人|製表人|统计人|統計人"
    "|编制人|編制人|拟稿人|擬稿人|撰稿人|起草人|校对人|校對人|经办人|經辦人|承办人|承辦人|签发人|簽發人"
    "|报送人|報送人|联系人|聯系人|聯繫人|联络员|聯絡員|联络人|聯絡人|法定代表人"
)
_ANY_SIGNATORY = (
    f"{_SIGNATORY}|审核(?:人员)?|審核(?:人員)?|校对|校對|签发|簽發|信息员|信息員|(?:填报|经办|承办)人员"
    "|(?:填報|經辦|承辦)人員|(?:主要)?(?:负责人|負責人)|(?:分管|主管)(?:负责人|領導|领导|負責人)"
)
_APPLICANT = "姓名|申请人|申請人|原告|上诉人|上訴人|投诉人|投訴人|举报人|舉報人|当事人|當事人"
_OFFICE = (
    "局长|局長|主任|书记|書記|县长|縣長|市长|市長|区长|區長|州长|州長|镇长|鎮長|乡长|鄉長|组长|組長"
    "|科长|科長|处长|處長|厅长|廳長|秘书长|秘書長|主席|院长|院長"
)
_NO_NAME = (
    f"{_ANY_SIGNATORY}|{_APPLICANT}|电话|電話|手机|手機|传真|傳真|日期|填报|填報|单位|單位|联系|聯系|聯繫"
    "|地址|邮箱|郵箱|邮编|郵編|时间|時間|签字|簽字|签名|簽名|盖章|蓋章|职务|職務|情况|情況"
)
_HAN = "[㐀-鿿]"
# Where no label tells, a name begins with one of the surnames that 95 of 100 people have.
_SURNAME = (
    "[王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾"
    "肖田董潘袁蔡蒋蔣余于杜叶葉程魏苏蘇吕呂丁任卢盧姚沈钟鐘姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付方邹鄒"
    "熊白孟秦邱侯江尹薛闫閆段雷龙龍黎史陶贺賀毛郝顾顧龚龔邵万萬覃武钱錢戴严嚴莫孔向汤湯]"
)
_ONE_NAME = (
    rf"(?!{_NO_NAME})(?:{_HAN}{{1,12}}[·•‧]{_HAN}{{1,12}}"
    rf"|{_HAN}(?:[ \t]?(?!{_NO_NAME}){_HAN}){{1,3}})"
)
_MORE_NAMES = (
    rf"(?:[ \t]*[、,/;][ \t]*(?!{_NO_NAME}){_SURNAME}{_HAN}{{1,3}}|[ \t]{_HAN}(?!{_HAN})){{0,8}}"
)
# A name follows a colon or a bar; a mere blank is enough only after a label that nothing but a
# name can follow (in 主要负责人 参加新闻发布会 none does).
# With the characters in front that a label may begin with, the engine tries few places.
_BEGINNINGS = "".join(sorted(set(re.findall(rf"(?:^|\||\(\?:)({_HAN})", _ANY_SIGNATORY))))
_NAME = re.compile(
    rf"(?=[{_BEGINNINGS}])(?:(?:{_ANY_SIGNATORY})[ \t]*(?:\([^()\n]{{0,8}}\))?[ \t]*[:|][ \t|:]*"
    rf"|(?:{_SIGNATORY})[ \t]+)"
    rf"(?P<secret>{_ONE_NAME}{_MORE_NAMES})"
)
_LABELLED_PERSON = re.compile(
    rf"(?:{_APPLICANT}|{_OFFICE})[ \t]*(?:姓名)?[ \t]*[:|][ \t|:]*"
    rf"(?P<secret>{_SURNAME}[ \t]?{_HAN}{{1,2}}(?:、[ \t]*{_HAN}{{2,3}}(?!{_HAN})){{0,12}})"
    rf"(?!{_HAN})"
)
_OFFICE_HOLDER = re.compile(
    rf"(?:{_OFFICE})[ \t]?(?P<secret>{_SURNAME}{_HAN}{{1,2}})"
    "(?=同志|任组长|任組長|担任|擔任|兼任|为组长|為組長)"
)

# Numbers. Those inside a web address are part of it, those inside a checksum of the checksum.

IDENTIFIER = r"[0-9a-f]{16}-[0-9]{1,4}|[0-9a-f]{64}"
"""What names a report or a document here. It tells nobody's number; RE2 understands it too."""
_NO_NUMBER = re.compile(
    rf"https?://[^\s\"'<>㐀-鿿]{{1,2000}}|(?<![0-9A-Za-z])(?:{IDENTIFIER})(?![0-9A-Za-z])"
)
_NO_CHECKSUM_BEFORE = "(?<![0-9a-f]{4})"
_NO_CHECKSUM_AFTER = "(?![0-9a-f]{4})"
_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = re.compile(
    rf"(?<![0-9.]){_NO_CHECKSUM_BEFORE}"
    rf"(?P<secret>{_PROVINCE}\d{{4}}(?:19|20)\d\d{_DAY}\d{{3}}[\dXx])(?![0-9.]){_NO_CHECKSUM_AFTER}"
)
# The old number of fifteen digits, and any that is written in groups, only where a word tells.
_CALLED_IDENTITY = re.compile(
    r"(?:身份|证件|證件|公民号|公民號)[^\n\d]{0,16}"
    r"(?P<secret>\d{6}[ -]?(?:\d{8}[ -]?\d{3}[\dXx]|\d{6}[ -]?\d{3}))(?![0-9])"
)
_MOBILE = re.compile(
    rf"(?<![0-9.]){_NO_CHECKSUM_BEFORE}(?P<secret>(?:\+?86[ -]?)?(?:"
    r"1[3-9]\d[ -]\d{4}[ -]?\d{4}|1[3-9]\d{5}[ -]\d{4}"
    # Four zeros on end are a row of a table rather than a number.
    rf"|(?!\d*0000)1[3-9]\d{{9}}))(?![0-9.]){_NO_CHECKSUM_AFTER}"
)
_AREA = r"(?:010|02\d|0[3-9]\d\d)"
_LANDLINE = re.compile(
    rf"(?<![0-9.]){_NO_CHECKSUM_BEFORE}(?P<secret>(?:\+?86[ -]?)?(?:"
    rf"\({_AREA}\)[ -]?[2-9]\d{{6,7}}|\({_AREA}[ -][2-9]\d{{6,7}}\)"
    rf"|{_AREA}[ -]{{1,2}}[2-9]\d{{6,7}}"
    # Without a mark between them, as glued figures may look too.
    r"|(?!\d*000)(?:(?:010|02\d)[2-8]\d{7}|0[3-9]\d\d[2-8]\d{6,7})"
    r"|[48]00-\d{3}-?\d{4}|[48]00\d-\d{3}-\d{3})(?:-\d{1,5})?)"
    rf"(?![0-9.]){_NO_CHECKSUM_AFTER}"
)
# A bare local number is a figure like any other unless a telephone label stands right before it.
_LOCAL = (
    r"(?:\d{7,12}|\d{3,4}[ -]\d{4,8}|\d{4}[ -]\d{3}[ -]\d{3,4}|\d{3}[ -]\d{4}[ -]\d{4})"
    r"(?:-\d{1,5})?"
)
_CALLED_NUMBER = re.compile(
    r"(?:电话|電話|手机|手機|传真|傳真|热线|熱線|座机|座機|固话|固話|联系方式|聯繫方式|聯系方式"
    r"|[Tt][Ee][Ll]|[Ff][Aa][Xx])(?:号码?|號碼?)?(?:是|为|為)?[ \t]*[:|.]?[ \t|]{0,4}"
    rf"(?P<secret>{_LOCAL}(?:[ ]?[/、,;或][ ]?{_LOCAL}){{0,4}})"
    r"(?![0-9.]|[ \t]*(?:件|次|人|条|條|个|個|份|余|万|萬|元|%|通|起|宗|部))"
)

# E-mail, also as it is written to keep programs from reading it.

_HOST = r"(?:[A-Za-z0-9-]{1,63}(?:[ ]?\[dot\][ ]?|[.。])){1,6}[A-Za-z]{2,24}(?![A-Za-z0-9])"
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])(?P<secret>[A-Za-z0-9._%+-]{1,64}"
    rf"(?:[ ]?(?:@|\[at\]|\(at\)|\{{at\}}|\[@\]|\(@\)|_at_)[ ]?{_HOST}"
    r"|#[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.(?:cn|com|net|org)\b))",
    re.IGNORECASE,
)

_NAMES = (_NAME, _LABELLED_PERSON, _OFFICE_HOLDER)
_NUMBERS = (_IDENTITY, _MOBILE, _LANDLINE, _CALLED_NUMBER, _CALLED_IDENTITY)

_MAIL_MARK = r"[@＠#＃]|(?i:[\[({_［（｛]at[\])}_］）｝])"
_DIGITS = r"[\d０-９]{6}|[\d０-９][)） \-－　]{1,2}[\d０-９]{3}"
CANDIDATE = (
    rf"{_MAIL_MARK}|{_DIGITS}"
    r"|(?:[人员員核对對發发告長长任记記席]|姓名|[領领][导導])"
    r"[ \t　]*(?:[(（][^()（）]{0,8}[)）])?[ \t　:：|｜]"
    r"|同志|任[组組][长長]|[担擔兼]任|[为為][组組][长長]"
)
"""What a text that holds a personal detail always has; most do not. RE2 understands it too."""
# The first characters in front spare the engine a look at every branch.
_FIRSTS = "@＠#＃[({_［（｛人员員核对對發发告長长任记記席姓領领同担擔兼为為"
_CANDIDATE = re.compile(rf"(?=[\d{re.escape(_FIRSTS)}])(?:{CANDIDATE})")
_SOME_MAIL = re.compile(_MAIL_MARK)
_SOME_DIGITS = re.compile(_DIGITS)


def find_suspects(text: str) -> list[tuple[int, int]]:
    """Half-open spans of what a personal detail has about it, in order; mostly there is none.

    A line that none of them touches has nothing to mask. A text is searched faster than its lines.
    """
    return [found.span() for found in _CANDIDATE.finditer(text)]


def find_personal(text: str) -> list[tuple[int, int]]:
    """Half-open spans of everything in a text that may not be published, in order."""
    if not _CANDIDATE.search(text):
        return []
    is_ascii = text.isascii()
    plain = text if is_ascii else text.translate(_HALF_WIDTH)
    # Rows of tables are most of what is looked at: of each kind a text mostly lacks what it needs.
    patterns = () if is_ascii else _NAMES
    if _SOME_DIGITS.search(plain):
        patterns += _NUMBERS
    spans = [match.span("secret") for pattern in patterns for match in pattern.finditer(plain)]
    if spans:
        # Boundaries of what is no number: a place behind an odd number of them lies inside.
        inside = [place for match in _NO_NUMBER.finditer(plain) for place in match.span()]
        spans = [span for span in spans if bisect_right(inside, span[0]) % 2 == 0]
    if _SOME_MAIL.search(plain):
        spans += [match.span("secret") for match in _MAIL.finditer(plain)]
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
