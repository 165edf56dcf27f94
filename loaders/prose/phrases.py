"""The wordings that announce a figure, as the dictionary lists them, and where they stand in a sentence.

A wording is a piece of text (without blanks and quotation marks) in a small notation:

    收到#政府信息公开申请    the figure stands at ``#`` or behind the whole
    信息公开…举报投诉        ``…`` is anything up to a comma; ``……`` may reach over commas
    ^在线访谈               the clause begins here, or a verb or a list does
    !信息公开申请            counts only as what a sentence denies
    =均…办结                says that all were concluded, and needs no figure
    >申请事项分类            a list of names with their figures follows

What a wording means in its context is the business of `claims`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from loaders.form import Form, Line

DENIED, ALL, LIST = "!", "=", ">"
_GAP, _WIDE_GAP = 18, 60
_KEY = 4
# Sections of the dictionary whose parts may be named behind their figure: 3件维持, 2件结转下年.
_CASES = ("requests", "outcomes", "appeals")
_BEFORE_PART = re.compile("(?:被|为|是|属于|系|依法|通过|采用|以|由|正|因)*")
_AFTER_PART = re.compile(
    "(?:申请|方式|形式|渠道|途径|提交|提出|处理|继续|办理|决定|案件|情形|答复|当中|中)+$"
)
_START = re.compile(
    r"(?:^|[,;:、。)(]|和|及|与|并|开展|举办|举行|召开|组织|参加|发布|公开|制作|推出|刊发|刊登|撰写|编发|实施|进行|各级|其中)$"
)
# Words between a wording and its figure that change nothing, the longest first.
_FILLERS = sorted(
    "数量 总数 总量 件数 数 量 案件 案 件 事项 情况 共 共有 分别 有 为 是 即 达到 达 高达 多达 超过 超 逾 "
    "突破 不少于 至少 大约 约 将近 接近 近 不足 不到 仅 仅有 计 : ( 申请 提交 提出 递交 受理 收到 方式 形式 "
    "途径 渠道 平台 上 信息 政府信息 政务信息 主动公开 公开 发布 推送 刊登 刊发 登载 公布 均为 均 各 也 发生 "
    "答复 办理 人员 涉及 申请件 类 请求 的 决定 结果 任务".split(),
    key=len,
    reverse=True,
)  # fmt: skip
_FILLERS_BY_END: dict[str, list[str]] = {}
for _filler in _FILLERS:
    _FILLERS_BY_END.setdefault(_filler[-1], []).append(_filler)


class Phrase(NamedTuple):
    """One wording of one indicator; ``head`` stands before the figure, ``tail`` behind it."""

    code: str
    head: tuple[str, ...]
    gaps: tuple[int, ...]
    tail: str
    is_start: bool
    length: int


class Found(NamedTuple):
    """A wording at its place: ``[start, stop)`` before the figure, ``end`` behind its tail."""

    phrase: Phrase
    start: int
    stop: int
    end: int


class PhraseBook:
    """All wordings of a dictionary, by how they are used."""

    def __init__(self, form: Form) -> None:
        self.lines: dict[str, Line] = {
            line.indicator_code: line for line in form.lines("narrative")
        }
        self.roots = {code: line.parent_code or code for code, line in self.lines.items()}
        """The indicator that a code is a part of, or the code itself."""
        self.nouns: dict[str, list[tuple[str, str]]] = {}
        """Plain wordings of the parts of an indicator, with their codes: they name a channel or a level."""
        self._parts: dict[str, list[Phrase]] = {}
        self._phrases: list[Phrase] = []
        marked: dict[str, list[tuple[str, str]]] = {DENIED: [], ALL: [], LIST: []}
        for code, wordings in form.phrases.items():
            for wording in wordings:
                if wording[0] in marked:
                    marked[wording[0]].append((wording[1:], code))
                else:
                    self._add(code, wording)
        self._lengths, self._endings = _index_endings(self._phrases)
        self._any_noun = {
            root: re.compile("|".join(re.escape(noun) for noun, _ in nouns))
            for root, nouns in self.nouns.items()
        }
        self.marked = {
            mark: _Marked(sorted(found, key=lambda row: -len(row[0])))
            for mark, found in marked.items()
        }

    def _add(self, code: str, wording: str) -> None:
        is_start = wording.startswith("^")
        plain = wording.removeprefix("^")
        head, _, tail = plain.partition("#")
        root = self.roots.get(code, code)
        if "…" not in plain and not tail and code != root:
            self.nouns.setdefault(root, []).append((plain, code))
        is_case = code in self.lines and self.lines[code].section in _CASES
        is_plain = not tail and not is_start and "…" not in plain
        if is_plain and is_case and self.lines[code].node_type != "total":
            part = Phrase(code, (plain,), (), "", False, len(plain))
            self._parts.setdefault(plain, []).append(part)
        forms = [(head + tail, "")] + ([(head, tail)] if tail else [])
        for before, behind in forms:
            parts = re.split("(……|…)", before)
            phrase = Phrase(
                code, tuple(parts[::2]), tuple(_WIDE_GAP if g == "……" else _GAP for g in parts[1::2]),
                behind, is_start, len(before) + len(behind),
            )  # fmt: skip
            self._phrases.append(phrase)

    def named_in(self, words: str, root: str) -> set[str]:
        """The parts of an indicator (channels, levels) that a stretch of text names."""
        nouns = self.nouns.get(root)
        if nouns is None or self._any_noun[root].search(words) is None:
            return set()
        return {code for noun, code in nouns if noun in words}

    def parts_named(self, words: str) -> list[Phrase]:
        """The parts of an indicator that words behind a figure name, if they say nothing else."""
        bare = words[_BEFORE_PART.match(words).end() :]
        for name in (words, bare, _AFTER_PART.sub("", words), _AFTER_PART.sub("", bare)):
            if name in self._parts:
                return self._parts[name]
        return []

    def ending_at(self, text: str, stop: int, floor: int, end: int) -> list[Found]:
        """The wordings that end at ``stop``, or whose head does and whose tail stands at ``end``."""
        found: list[Found] = []
        room = stop - floor
        for length in self._lengths.get(text[stop - 2 : stop], ()):
            # The wordings that end so end in one another: the longest ending has them all.
            if length <= room and (phrases := self._endings.get(text[stop - length : stop])):
                break
        else:
            return found
        for phrase in phrases:
            _, head, _, tail, is_start, _ = phrase
            if tail and not text.startswith(tail, end):
                continue
            start = stop - len(head[-1])
            if len(head) > 1:
                start = _match_back(text, phrase, stop, floor)
            if start >= 0 and (not is_start or _START.search(text, floor, start)):
                found.append(Found(phrase, start, stop, end + len(tail)))
        return found


def _index_endings(
    phrases: Sequence[Phrase],
) -> tuple[dict[str, list[int]], dict[str, list[Phrase]]]:
    """The lengths of endings by their last two characters, longest first, and the phrases of each.

    An ending has its own phrases and those of every shorter ending in it, the shortest ones last.
    """
    by_end: dict[str, list[tuple[int, int]]] = {}
    for number, phrase in enumerate(phrases):
        ending = phrase.head[-1]
        by_end.setdefault(ending, []).append((-min(len(ending), _KEY), number))
    lengths: dict[str, set[int]] = {}
    endings: dict[str, list[Phrase]] = {}
    for ending in by_end:
        if len(ending) > 1:
            lengths.setdefault(ending[-2:], set()).add(len(ending))
            shorter = (ending[start:] for start in range(len(ending) - 1))
            order = sorted(place for end in shorter for place in by_end.get(end, ()))
            endings[ending] = [phrases[number] for _, number in order]
    return {two: sorted(found, reverse=True) for two, found in lengths.items()}, endings


def _match_back(text: str, phrase: Phrase, stop: int, floor: int) -> int:
    start = stop - len(phrase.head[-1])
    for part, gap in zip(reversed(phrase.head[:-1]), reversed(phrase.gaps), strict=True):
        lowest = floor if gap == _GAP else 0
        position = text.rfind(part, max(lowest, start - gap - len(part)), start)
        if position < 0:
            return -1
        between = text[position + len(part) : start]
        if gap == _GAP and any(c in ",;:。" for c in between):
            return -1
        start = position
    return start


class _Marked:
    """Wordings that are looked for anywhere in a sentence."""

    def __init__(self, rows: list[tuple[str, str]]) -> None:
        self.codes = {f"p{number}": code for number, (_, code) in enumerate(rows)}
        heads = sorted({w.split("…")[0] for w, _ in rows})
        firsts = "".join(sorted({head[0] for head in heads}))
        self._start = re.compile(
            f"(?=[{re.escape(firsts)}])(?:{'|'.join(map(re.escape, heads))})" if heads else "(?!)"
        )
        self._pattern = re.compile(
            "|".join(f"(?P<p{n}>{_as_pattern(w)})" for n, (w, _) in enumerate(rows)) or "(?!)"
        )

    def find(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[tuple[str, int, int]]:
        """Indicator code and span of each wording, not overlapping."""
        if self._start.search(text) is None:
            return
        for found in self._pattern.finditer(text, start, len(text) if end is None else end):
            yield self.codes[found.lastgroup], found.start(), found.end()


def _as_pattern(wording: str) -> str:
    return re.escape(wording).replace("…", "[^,;:。]{0,14}?")


def strip_fillers(text: str, stop: int, floor: int) -> Iterator[int]:
    """Where a wording may end before a figure at ``stop``: there, or before words that change nothing."""
    yield stop
    for _ in range(8):
        if stop <= floor:
            return
        for filler in _FILLERS_BY_END.get(text[stop - 1], ()):
            if text.endswith(filler, floor, stop):
                stop -= len(filler)
                break
        else:
            opened = text.rfind("(", floor, stop) if text[stop - 1] == ")" else -1
            if opened < 0:
                return
            stop = opened
        yield stop


@lru_cache(maxsize=4)
def phrase_book(form: Form) -> PhraseBook:
    """The wordings of a dictionary, made ready once."""
    return PhraseBook(form)
