"""The tasks of a work plan (工作要点, 任务分工): who leads, who answers for what, and by when.

A task is a numbered paragraph that names its units in brackets, or that stands in a plan whose other tasks do. Nothing
else of a plan is read here.
"""

import re
from typing import NamedTuple

_NUMBER = re.compile(
    r"(?:^|(?<=\n)|(?<=[。)]))[^\S\n]*(?P<number>[0-9]{1,3})[.、．](?![0-9])\s*", re.M
)
_THEME = re.compile(
    r"(?:^|(?<=\n)|(?<=[。)]))[^\S\n]*\((?:[一二三四五六七八九十]{1,3})\)[^\S\n]*(?P<theme>[^。\n;]{2,60})"
)
# A heading of a higher level, or the end of the list, ends a task and what it stood under.
_PART = re.compile(r"(?:^|(?<=\n))[^\S\n]*[一二三四五六七八九十]{1,3}、(?P<theme>[^。\n;]{2,60})")
_ROLES = (
    ("lead", r"牵头(?:单位|部门|科室|处室)?|负责(?:牵头)?单位|主办单位|主要负责单位"),
    (
        "responsible",
        r"责任(?:单位|部门|科室|处室|主体)?|配合(?:单位|部门)?|协办单位|参与单位|落实单位|实施单位",
    ),
    ("deadline", r"完成(?:时限|时间|期限)|时间节点|时限要求|办结时限"),
)
_ROLE = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _ROLES))
_BRACKET = re.compile(
    rf"\((?P<inside>(?:由)?(?:{'|'.join(words for _, words in _ROLES)})\s*[:：](?:[^()]|\([^()]*\))*)\)"
)
_LINE = re.compile(
    rf"(?:^|(?<=\n))[^\S\n]*(?P<inside>(?:{'|'.join(words for _, words in _ROLES)})\s*[:：][^\n]+)"
)
_LED_BY = re.compile(
    r"\((?:由)?(?P<units>[^():;。]{2,80}?)(?P<role>牵头|负责)(?:,(?P<others>[^():;。]{2,80}?)(?:配合|参与))?\)"
)
_DATE = (
    r"(?:(?:20[0-9]{2}年|今年|本年度?|当年|年内)?(?:[0-9]{1,2}月(?:[0-9]{1,2}日|底|末|中旬|上旬|下旬)?|年年?[底末终中]|年底|年末|[上下]半年|[一二三四1-4]季度末?)"
    r"|20[0-9]{2}年年?[底末终]|20[0-9]{2}年)"
)
# 年底前, 12月底之前, 6月30日前, and 年底 where something is to be complete by then. 年底公布 is a date of publication
# inside a task, 一月一汇总 and 3个工作日内 are rhythms and time limits of the work: no deadlines.
_DEADLINE = re.compile(
    rf"(?<![0-9])(?P<deadline>{_DATE}(?:之?前|以前)|{_DATE}(?=(?:前|全面|基本|全部)?(?:完成|实现|建成|达到)))"
)
_UNIT_SPLIT = re.compile(r"[、,;，；](?![^(]*\))|\s{1,}")


class TaskDraft(NamedTuple):
    """One task; offsets are into the text that was read."""

    task_no: int
    theme: str
    title: str
    lead_units: tuple[str, ...]
    responsible_units: tuple[str, ...]
    deadline: str
    start: int
    end: int


def read_tasks(text: str, start: int, end: int) -> list[TaskDraft]:
    """Read the numbered tasks of a work plan.

    Args:
        text: half-width, simplified text; ``[start, end)`` is the plan.

    Returns:
        Tasks in the order of the text. ``title`` reaches to the first full stop, ``theme`` is the heading
        above; ``deadline`` is as printed and empty where none is. Never raises on content.
    """
    themes = [(m.start(), m["theme"].strip()) for m in _THEME.finditer(text, start, end)]
    parts = [(m.start(), m["theme"].strip()) for m in _PART.finditer(text, start, end)]
    breaks = sorted(position for position, _ in themes + parts)
    starts = list(_NUMBER.finditer(text, start, end))
    tasks = []
    expected = 1
    for index, found in enumerate(starts):
        number = int(found["number"])
        if number != 1 and not expected <= number <= expected + 2:
            continue  # 1.5, 2.0平台: a number inside a sentence
        following = starts[index + 1].start() if index + 1 < len(starts) else end
        stop = next((b for b in breaks if b > found.start()), end)
        paragraph = (found.end(), min(stop, following))
        task = _read_task(text, number, *paragraph, _above(themes, parts, found.start()))
        if task is None:
            continue
        expected = number + 1
        tasks.append(task)
    return tasks if any(task.lead_units or task.responsible_units for task in tasks) else []


def _above(themes: list[tuple[int, str]], parts: list[tuple[int, str]], position: int) -> str:
    """The (一) heading above a place, or the 一、 heading where that came last."""
    last = max((row for row in themes + parts if row[0] < position), default=(0, ""))
    return last[1].rstrip(":")


def _read_task(text: str, number: int, start: int, end: int, theme: str) -> TaskDraft | None:
    units: dict[str, list[str]] = {"lead": [], "responsible": []}
    deadline = ""
    stop = start
    for found in (*_BRACKET.finditer(text, start, end), *_LINE.finditer(text, start, end)):
        for role, value in _roles(found["inside"]):
            if role == "deadline":
                deadline = deadline or value.strip(" 。;,")
            else:
                units[role] += [u for u in _split_units(value) if u not in units[role]]
        stop = max(stop, found.end())
    if stop == start:
        for found in _LED_BY.finditer(text, start, end):
            role = "lead" if found["role"] == "牵头" else "responsible"
            units[role] += _split_units(found["units"])
            units["responsible"] += _split_units(found["others"] or "")
            stop = found.end()
    # Without units the paragraph is the task; with them it ends where they do.
    body_end = stop if stop > start else _paragraph_end(text, start, end)
    body = text[start:body_end]
    title = re.split("[。\n(;]", body, maxsplit=1)[0].strip()
    if not title:
        return None
    if not deadline:
        printed = _DEADLINE.search(body)
        deadline = printed["deadline"] if printed else ""
    return TaskDraft(
        number, theme, title, tuple(units["lead"]), tuple(units["responsible"]), deadline,
        text.rfind(str(number), 0, start), start + len(body.rstrip()),
    )  # fmt: skip


def _paragraph_end(text: str, start: int, end: int) -> int:
    position = text.find("\n", start, end)
    return end if position < 0 else position


def _roles(inside: str) -> list[tuple[str, str]]:
    """``牵头单位:甲、乙;责任单位:丙`` as role and words."""
    marks = [
        m for m in _ROLE.finditer(inside) if re.match(r"\s*[:：]", inside[m.end() : m.end() + 3])
    ]
    found = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = inside[mark.end() : following.start() if following else len(inside)]
        found.append((mark.lastgroup or "", value.strip(" :：;；,，。\n")))
    return found


def _split_units(words: str) -> list[str]:
    return [unit for part in _UNIT_SPLIT.split(words) if (unit := part.strip(" 。.等"))]
