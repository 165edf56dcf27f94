"""Search by name, in Chinese or pinyin: an index for the page's script, split by province."""

from __future__ import annotations

from pages.registry import NO_PROVINCE, Registry
from pages.writing import Writer


def write_search(registry: Registry, writer: Writer) -> None:
    """Write the search page and its index: regions in one file, bodies in one per province."""
    regions = [
        [
            region.row["name_zh"],
            region.row["name_en"],
            spell(region.row["name_zh"]),
            region.address,
            " › ".join(above.row["name_zh"] for above in registry.above(region)),
        ]
        for _, region in sorted(registry.regions.items())
    ]
    bodies: dict[str, list[list[str]]] = {}
    for body in registry.bodies:
        shard = registry.province_of(body["region_code"])[:2]
        bodies.setdefault(shard, []).append(
            [
                body["publisher_name"],
                # The register knows how places are read; the spelling below knows words.
                body["region_name_en"] or "",
                spell(body["publisher_name"]),
                body["address"],
                body["region_name_zh"] or "",
            ]
        )
    writer.data("search/regions", regions)
    for shard, rows in bodies.items():
        writer.data(f"search/{shard}", rows)
    writer.page("search.html", "search.html", shards=sorted(bodies), no_province=NO_PROVINCE)


def spell(name: str) -> str:
    """A Chinese name in pinyin without tones, its syllables apart: ``qu zhou shi``."""
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(name, errors="ignore"))
