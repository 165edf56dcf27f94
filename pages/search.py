"""Search by name, in Chinese or pinyin: an index for the page's script, split by province.

A reader loads the list of what stands where, and of the provinces only those that may have what is
looked for.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

from pages.registry import NO_PROVINCE, Registry
from pages.writing import Writer

EVERYWHERE = "*"
_LETTERS_OF_SHARDS = string.digits + string.ascii_letters
_LETTERS = re.compile(r"[\x00-\x7f]+")
_SILENT = re.compile(r"[\s'’·-]")


def write_search(registry: Registry, writer: Writer) -> None:
    """Write the search page, a file per province, and one that tells which provinces have what."""
    shards: dict[str, list[list]] = {}
    for _, region in sorted(registry.regions.items()):
        name = region.row["name_zh"]
        above = " › ".join(above.row["name_zh"] for above in registry.above(region))
        entry = [name, region.row["name_en"], spell(name), region.address, above, 1]
        shards.setdefault(registry.province_of(region.code)[:2], []).append(entry)
    for body in registry.bodies:
        name, place = body["publisher_name"], body["region_name_zh"] or ""
        # The register knows how places are read; the spelling here knows words.
        entry = [name, body["region_name_en"] or "", spell(name), body["address"], place, 0]
        shards.setdefault(registry.province_of(body["region_code"])[:2], []).append(entry)
    for shard, entries in shards.items():
        writer.data(f"search/{shard}", entries)
    writer.data("search/where", list_places(shards))
    writer.page("search.html", "search.html", no_province=NO_PROVINCE)


def list_places(shards: dict[str, list[list]]) -> dict[str, dict[str, str]]:
    """Which shards have what, a letter for each: by pieces of names, and by how names begin."""
    names = dict(zip(sorted(shards), _LETTERS_OF_SHARDS, strict=False))
    where: dict[str, set[str]] = {}
    begins: dict[str, set[str]] = {}
    for shard, entries in shards.items():
        for name, place, pinyin, *_ in entries:
            initials = "".join(syllable[0] for syllable in pinyin.split())
            texts = (name, plain(place), plain(pinyin), initials)
            for piece in split_name(*texts):
                where.setdefault(piece, set()).add(names[shard])
            for beginning in filter(None, map(begin_name, texts[:3])):
                begins.setdefault(beginning, set()).add(names[shard])
    return {
        "shards": {letter: shard for shard, letter in names.items()},
        "where": {
            piece: EVERYWHERE if len(has) == len(shards) else "".join(sorted(has))
            for piece, has in sorted(where.items())
        },
        "begins": {piece: "".join(sorted(has)) for piece, has in sorted(begins.items())},
    }


def begin_name(text: str) -> str:
    """How a name begins, as far as the script looks it up: two Chinese characters, four letters."""
    return text[: 4 if text.isascii() else 2]


def split_name(*texts: str) -> Iterable[str]:
    """What must stand in a name that holds these texts: Chinese characters, and letters by three.

    The page's script does the same with what is looked for.
    """
    for text in texts:
        yield from (character for character in text if not character.isascii())
        for run in _LETTERS.findall(text):
            yield from (run[at : at + 3] for at in range(len(run) - 2))


def plain(text: str) -> str:
    """A spelling as it is compared: small letters, close together."""
    return _SILENT.sub("", text.lower())


def spell(name: str) -> str:
    """A Chinese name in pinyin without tones, its syllables apart: ``qu zhou shi``."""
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(name, errors="ignore"))
