"""Search by name, in Chinese or pinyin: an index for the page's script, split by province.

A reader loads the list of what stands where, and of the provinces only those that may have what is
looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pages.registry import NO_PROVINCE, Registry
from pages.writing import Writer

EVERYWHERE = "*"
_SHARD_NAMES = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
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
    writer.data("search/where", {"shards": sorted(shards), "where": list_places(shards)})
    writer.page("search.html", "search.html", no_province=NO_PROVINCE)


def list_places(shards: dict[str, list[list]]) -> dict[str, str]:
    """For every piece of a name, the shards that have it: a letter for each, in their order."""
    names = dict(zip(sorted(shards), _SHARD_NAMES, strict=False))
    found: dict[str, set[str]] = {}
    for shard, entries in shards.items():
        for name, place, pinyin, *_ in entries:
            initials = "".join(syllable[0] for syllable in pinyin.split())
            for piece in split_name(name, plain(place), plain(pinyin), initials):
                found.setdefault(piece, set()).add(names[shard])
    return {
        piece: EVERYWHERE if len(has) == len(shards) else "".join(sorted(has))
        for piece, has in sorted(found.items())
    }


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
