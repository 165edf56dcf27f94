"""Which whole documents stand in a text: titles, bodies, kinds, years, and the noise between them.

Who published a report is the business of `publishers`, what stands in it that of `sections` and `tables`.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

_EDGE = " \t|>。.::-_*#\u3000"
_LONGEST_TITLE = 80
_SUBJECT = r"(?:政府信息(?:与政务)?公开|政务公开|信息公开)"
_KIND = r"(?:工作)?(?:情况)?(?:的)?(?:年度报告|年报|年度工作报告|工作报告|情况报告|报告)"
_YEAR = r"(?:20[0-3]\d|二[〇零○Oo]?[〇零○Oo][〇零○一二三四五六七八九][〇零○一二三四五六七八九]?)"
_TITLE = re.compile(
    rf"(?P<before>[^\n|。;《》]{{0,50}}?)(?P<year>{_YEAR})\s*年?度?\s*"
    rf"(?P<after>[^\n|。;《》\d]{{0,40}}?)(?P<subject>{_SUBJECT})\s*{_KIND}"
)
# Every title has this, and few other lines do.
_SUBJECT_AND_KIND = re.compile(rf"公开\s*{_KIND}")
_TITLE_FROM_YEAR = re.compile(rf"{_YEAR}\s*年?度?\s*[^\n|。;《》\d]{{0,40}}?{_SUBJECT}\s*{_KIND}")
_TITLE_YEAR_LAST = re.compile(
    rf"(?P<before>[^\n|。;《》\d]{{2,50}}?)(?P<subject>{_SUBJECT})\s*{_KIND}\s*[(〔]\s*(?P<year>{_YEAR})\s*年?度?\s*[)〕]"
)
_NOT_A_TITLE = re.compile(
    r"通知|指南|目录|格式|解读|如何|关于做好|关于印发|关于报送|函$|\.(?:pdf|docx?|xlsx?|zip|rar)$|附件"
)
_TEMPLATE = re.compile(r"年度报告[^。]{0,6}(?:格式|模板|样式|样表|样本|范本)")
_META_TITLE = re.compile(r"^\s*(?:标\s*题|信息名称|名\s*称|题\s*名)\s*[::|]\s*")
_PERIOD = re.compile(
    r"(20[0-3]\d)\s*年\s*1\s*月(?:\s*1\s*日)?\s*(?:起|开始)?\s*(?:至|到|-+|—|~)\s*(?:(20[0-3]\d)\s*年\s*)?12\s*月(?:\s*31\s*日)?"
)
_WORK_PLAN_TITLE = re.compile(r"工作要点|任务分工|任务分解|工作计划|实施方案|责任清单")
_UNITS_IN_CHARGE = re.compile(r"(?:牵头|责任|配合)(?:单位|部门)\s*[::]")
_OTHER_TITLES = (
    ("guide", re.compile(r"信息公开指南|公开指南")),
    ("catalogue", re.compile(r"信息公开目录|公开目录|事项目录")),
)
_SNIPPET_END = re.compile(r"(?:\.{3}|…)\s*$")
_DOWNLOAD_WORDS = ("格式", "大小", "页数", "评分", "上传时间", "下载次数", "浏览次数")
_DOWNLOAD_PAGE = re.compile(rf"^(?:{'|'.join(_DOWNLOAD_WORDS)})\s*[::]")
_WORDS_OF_NOISE = ("...", "…", *_DOWNLOAD_WORDS)
_HEADING = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[(〔][一二三四五六七八九十]{1,3}[)〕])")
_LATE_HEADING = "\n五、"
_PUBLISHER_LINE = re.compile(
    r"[㐀-鿿]{2,28}(?:政府|省|市|县|区|旗|州|局|委|委员会|办公室|厅|院|镇|乡|街道|办事处|中心|处|所|队|站|会|社|馆|校)"
)
_CHINESE_DIGITS = str.maketrans("〇零○Oo一二三四五六七八九", "00000123456789")


class ReportSpan(NamedTuple):
    """One whole document in a text.

    ``publisher_text`` is what the title names as publisher, as printed in normalised text; ``''`` where
    there is no title. ``year`` is ``None`` where neither title nor period tells it.
    """

    start: int
    end: int
    doc_type: str
    title: str
    title_start: int
    publisher_text: str
    publisher_start: int
    year: int | None
    title_year: int | None
    period_year: int | None


class Split(NamedTuple):
    """The reports of a text in their order, and the stretches that belong to none of them."""

    reports: tuple[ReportSpan, ...]
    noise: tuple[tuple[int, int], ...]


class _Title(NamedTuple):
    start: int
    end: int
    text: str
    year: int
    publisher: str
    publisher_start: int

    def moved(self, by: int) -> "_Title":
        """The same, so much further on."""
        start, end, *same, publisher_start = self
        return _Title(start + by, end + by, *same, publisher_start + by)


def split_reports(text: str) -> Split:
    """Find every whole document in a normalised text."""
    titles = _distinct_titles(_annual_titles(text))
    if not titles:
        return _split_untitled(text)
    reports: list[ReportSpan] = []
    noise: list[tuple[int, int]] = []
    starts = [0, *[title.start for title in titles[1:]]]
    for title, start, end in zip(titles, starts, [*starts[1:], len(text)], strict=True):
        body_end = _cut_trailing_noise(text, title.end, end)
        if body_end < end and text[body_end:end].strip():
            noise.append((body_end, end))
        else:
            body_end = end
        period = _period_year(text, title.end, body_end)
        reports.append(
            ReportSpan(
                start,
                body_end,
                "annual_report",
                title.text,
                title.start,
                title.publisher,
                title.publisher_start,
                _settle_year(title.year, period),
                title.year,
                period,
            )
        )
    return Split(tuple(reports), tuple(noise))


def iterate_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the lines between two offsets, without their newlines."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield start, stop
        start = stop + 1


def _lines_with(word: str, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the lines between two offsets that hold a word; the others are not even looked at."""
    at = text.find(word, start, end)
    while at >= 0:
        first = text.rfind("\n", start, at) + 1 or start
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        yield first, stop
        at = text.find(word, stop, end)


def _annual_titles(text: str) -> Iterator[_Title]:
    for start, end in _lines_with("报", text, 0, len(text)):
        line = text[start:end]
        if ("20" not in line and "二" not in line) or not _SUBJECT_AND_KIND.search(line):
            continue
        meta = _META_TITLE.match(line)
        offset = meta.end() if meta else 0
        shown = line[offset:].strip(_EDGE)
        if not shown:
            continue
        offset = line.index(shown, offset)
        if len(shown) <= _LONGEST_TITLE:
            title = _title_of_line(shown)
            if title:
                yield _with_line_above(title.moved(start + offset), text)
        else:
            # A whole report on one line opens with its title; later mentions are quotations.
            if _TITLE_FROM_YEAR.search(shown, 0, 300) is None:
                continue
            for found in _TITLE.finditer(shown[:300]):
                at = found.start("before") + len(found["before"]) - len(found["before"].lstrip())
                behind = shown[found.end() : found.end() + 1]
                if (at == 0 or shown[at - 1 : at].isspace() or found["before"][:1].isspace()) and (
                    behind in ("", " ", "\t", "|", "。")
                ):
                    if not _NOT_A_TITLE.search(found.group()):
                        yield _title(found, start + offset)
                    break


# A page prints its title in its head and again above the text.
@lru_cache(maxsize=64)
def _title_of_line(line: str) -> _Title | None:
    """The title that a line is, but for a page's furniture; ``None`` where it is none."""
    found = _TITLE.match(line) or _TITLE_YEAR_LAST.match(line)
    if found is None or _NOT_A_TITLE.search(line) or len(line) - found.end() > 12:
        return None
    return _title(found, 0)


def _title(found: re.Match[str], offset: int) -> _Title:
    year = int(found["year"].translate(_CHINESE_DIGITS))
    groups = found.groupdict()
    part = "before" if groups["before"].strip(_EDGE) else "after"
    raw = groups.get(part) or ""
    publisher = raw.strip(_EDGE + "《》\"'").removeprefix("关于").removesuffix("关于").strip()
    # A breadcrumb or a blank may stand before the name.
    if part == "before" and not re.search(r"[A-Za-z]", publisher):
        publisher = re.split(r"[\s>]", publisher)[-1]
    if publisher.endswith("人民") and found["subject"].startswith("政府"):
        publisher += "政府"
    publisher_start = offset + found.start(part) + raw.find(publisher) if publisher else offset
    head = found.group().lstrip(_EDGE)
    start = offset + found.end() - len(head)
    return _Title(start, offset + found.end(), head, year, publisher, publisher_start)


def _with_line_above(title: _Title, text: str) -> _Title:
    """A title set in two lines: the publisher stands alone above year and subject."""
    if title.publisher:
        return title
    above = text.rfind("\n", 0, max(text.rfind("\n", 0, title.start), 0)) + 1
    line = text[above : title.start].strip(_EDGE + "\n")
    if not _PUBLISHER_LINE.fullmatch(line):
        return title
    start = text.index(line, above)
    return title._replace(
        start=start, text=f"{line}{title.text}", publisher=line, publisher_start=start
    )


def _distinct_titles(titles: Iterable[_Title]) -> list[_Title]:
    """One title per report: a report prints its title in the page's head and again above its body."""
    kept: list[_Title] = []
    for title in titles:
        if kept and _is_same_report(kept[-1], title):
            if not kept[-1].publisher and title.publisher:
                kept[-1] = title
            continue
        kept.append(title)
    return kept


def _is_same_report(first: _Title, second: _Title) -> bool:
    if first.year != second.year:
        return False
    a, b = first.publisher, second.publisher
    return not a or not b or a.startswith(b) or b.startswith(a) or a.endswith(b) or b.endswith(a)


def _split_untitled(text: str) -> Split:
    first = _first_line(text)
    if first is None:
        return Split((), ((0, len(text)),) if text.strip() else ())
    start, end = first
    title = text[start:end].strip(_EDGE)
    period = _period_year(text, 0, len(text))
    doc_type = _kind_of(text, title, period)
    if doc_type == "":
        return Split((), ((0, len(text)),))
    title_year = _year_in(title)
    is_titled = doc_type != "annual_report"
    return Split(
        (
            ReportSpan(
                0, len(text), doc_type, title if is_titled else "", start,
                _issuer(title) if is_titled else "", start,
                period if doc_type == "annual_report" else title_year, title_year, period,
            ),
        ),
        (),
    )  # fmt: skip


def _kind_of(text: str, title: str, period: int | None) -> str:
    """Kind of a document without the title of an annual report; ``''`` for a mere snippet."""
    if len(_UNITS_IN_CHARGE.findall(text)) >= 3 and _WORK_PLAN_TITLE.search(text[:2000]):
        return "work_plan"
    for doc_type, pattern in _OTHER_TITLES:
        if pattern.search(title):
            return doc_type
    if period is None and len(title) <= _LONGEST_TITLE and _TEMPLATE.search(title):
        return "blank_form"
    signs = (
        period is not None,
        "本报告" in text or "年度报告" in text[:300],
        re.search(r"[一二三四五六]、[^\n。]{0,12}(?:总体情况|概述|主动公开|申请)", text)
        is not None,
    )
    is_notice = len(title) <= _LONGEST_TITLE and _NOT_A_TITLE.search(title)
    if sum(signs) >= 2 and not is_notice:
        return "annual_report"
    if len(text.strip()) < 200 or _SNIPPET_END.search(text.rstrip()):
        return ""
    return "other"


def _first_line(text: str) -> tuple[int, int] | None:
    for start, end in iterate_lines(text, 0, len(text)):
        if len(re.findall(r"[\u3400-\u9fff]", text[start:end])) >= 4:
            return start, end
    return None


def _issuer(title: str) -> str:
    """Who issues a notice: ``某县人民政府办公室关于印发…`` → ``某县人民政府办公室``."""
    return title.split("关于", 1)[0].strip(_EDGE) if "关于" in title[1:] else ""


def _year_in(title: str) -> int | None:
    found = re.search(_YEAR, title)
    return int(found.group().translate(_CHINESE_DIGITS)) if found else None


def _period_year(text: str, start: int, end: int) -> int | None:
    for found in _PERIOD.finditer(text, start, end):
        if found[2] is None or found[1] == found[2]:
            return int(found[1])
    return None


def _settle_year(title_year: int, period_year: int | None) -> int:
    """A title may carry the year of writing; then the statistical period, a year earlier, is right."""
    return title_year - 1 if period_year == title_year - 1 else title_year


def _cut_trailing_noise(text: str, start: int, end: int) -> int:
    """Where the report ends and cut-off snippets or the remains of download pages begin."""
    # Noise stands behind the last heading: so mostly a small part of the text is looked at.
    start = max(text.rfind(_LATE_HEADING, start, end), start)
    noise = sorted(
        at
        for word in _WORDS_OF_NOISE
        for at, stop in _lines_with(word, text, start, end)
        if _is_noise(text[at:stop].strip())
    )
    if not noise:
        return end
    lines = [(s, e) for s, e in iterate_lines(text, start, end) if text[s:e].strip()]
    last_heading = max((s for s, e in lines if _HEADING.match(text[s:e].strip())), default=-1)
    return next((at for at in noise if at > last_heading), end)


def _is_noise(line: str) -> bool:
    return bool(_SNIPPET_END.search(line) or _DOWNLOAD_PAGE.match(line))
