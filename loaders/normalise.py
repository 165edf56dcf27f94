"""One spelling of every character, without moving any of them.

Full-width forms become half-width, traditional characters simplified ones, always one character
for one. So an offset into the normalised text is an offset into the text as decoded, and no later
step needs a map. Characters whose compatibility form is longer (① aside, which NFKC would turn
into a bare 1) are left as they are.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate

# Converters of mirrors put in the words of Taiwan; each has the length of the word it stands for.
_TAIWAN_WORDS = {"资讯": "信息", "网路": "网络", "透过": "通过"}
# Characters of both scripts: alone they do not make a text traditional (乾县 is a county).
_OF_BOTH = frozenset("乾著於瞭夥藉剋喫徵甦摺")
_PUNCTUATION = {
    "“": '"', "”": '"', "„": '"', "‟": '"', "「": '"', "」": '"', "『": '"', "』": '"',
    "‘": "'", "’": "'", "﹝": "〔", "﹞": "〕", "［": "〔", "］": "〕", "[": "〔", "]": "〕",
    "—": "-", "–": "-", "―": "-", "─": "-", "━": "-", "−": "-", "‐": "-", "‑": "-", "﹣": "-",
    "│": "|", "┃": "|", "∣": "|", "｡": "。", "､": "、",
    "\u200b": " ", "\u200c": " ", "\u200d": " ", "\ufeff": " ", "\u2028": "\n", "\u2029": "\n",
    "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\x00": " ",
}  # fmt: skip


def find_line_starts(text: str) -> list[int]:
    """Where the lines of a text begin; the first begins at 0."""
    lengths = map((1).__add__, map(len, text.split("\n")))
    starts = list(accumulate(lengths, initial=0))
    del starts[-1]
    return starts


def normalise(text: str) -> str:
    """Bring a text to half-width, simplified characters; the result has the length of the source."""
    return simplify(widen(text))


def widen(text: str) -> str:
    """Bring every sign to its common form, and leave the script as it is."""
    if text.isascii():
        return text
    # A text has some ten signs that change: replacing them one by one beats asking a table for each character.
    widths = _width_table()
    for char in set(_wide().findall(text)):
        text = text.replace(char, widths[char])
    return text


def simplify(text: str) -> str:
    """Bring a text of common signs to simplified characters; one that is not traditional comes back itself."""
    if text.isascii() or _traditional().search(text) is None:
        return text
    text = _to_simplified(text)
    for word, mainland in _TAIWAN_WORDS.items():
        text = text.replace(word, mainland)
    return text


def _to_simplified(text: str) -> str:
    converter = _converter()
    whole = converter.convert(text)
    if len(whole) == len(text):
        return whole
    # A phrase changed its length somewhere: convert line by line, and such a line char by char.
    parts = []
    for line in text.splitlines(keepends=True):
        converted = converter.convert(line)
        if len(converted) != len(line):
            converted = "".join(_one(converter.convert(c), c) for c in line)
        parts.append(converted)
    return "".join(parts)


def _one(converted: str, original: str) -> str:
    return converted if len(converted) == 1 else original


@lru_cache(maxsize=1)
def _converter():
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _traditional() -> re.Pattern[str]:
    """Any character that only a traditional text has: most texts have none and need no conversion."""
    han = "\n".join(map(chr, range(0x3400, 0xA000)))
    pairs = zip(han, _to_simplified(han), strict=True)
    return _any_of(a for a, b in pairs if a != b and a not in _OF_BOTH)


@lru_cache(maxsize=1)
def _wide() -> re.Pattern[str]:
    """Any character whose width or form changes."""
    return _any_of(_width_table())


def _any_of(chars: Iterable[str]) -> re.Pattern[str]:
    """A class of characters: searching for it makes no object of every character, as a set would."""
    return re.compile(f"[{re.escape(''.join(chars))}]")


@lru_cache(maxsize=1)
def _width_table() -> dict[str, str]:
    """Every character with a one-character compatibility form, enclosed numerals excepted."""
    table = {}
    for code in range(0x80, min(sys.maxunicode, 0xFFFF) + 1):
        char = chr(code)
        if unicodedata.is_normalized("NFKC", char):
            continue
        form = unicodedata.normalize("NFKC", char)
        if len(form) == 1 and not _is_enclosed_or_raised(char):
            table[char] = form
    # A no-break or ideographic space is a space; an enclosed numeral must not become a bare digit.
    table |= _PUNCTUATION
    # No form may be one that changes again: the order of the replacements must not matter.
    return {char: table.get(form, form) for char, form in table.items()}


def _is_enclosed_or_raised(char: str) -> bool:
    kind = unicodedata.decomposition(char).split(" ", 1)[0]
    return kind in ("<circle>", "<super>", "<sub>", "<fraction>", "<square>")
