"""The register of regions: codes, names, years, and what lies above and below."""

import shutil
from pathlib import Path

import pytest

from loaders.bodies.region import Region, Regions, default_regions, load_regions
from loaders.form import FormError
from loaders.seeds import SEEDS


@pytest.fixture(scope="module")
def regions() -> Regions:
    return default_regions()


@pytest.mark.parametrize(
    ("name", "year", "code"),
    [
        ("衢州市", 2018, "330800"),
        ("莲都区", 2020, "331102"),
        ("六盘水市", 2016, "520200"),
        ("威远县", 2018, "511024"),
        ("广东省", 2018, "440000"),
        ("重庆市", 2021, "500000"),
        ("平潭县", 2014, "350128"),
        ("洪泽区", 2023, "320813"),
        ("梁平县", 2015, "500228"),
        ("梁平区", 2016, "500155"),
    ],
)
def test_a_full_name_leads_to_its_code(regions: Regions, name: str, year: int, code: str) -> None:
    assert [r.region_code for r in regions.find(name, year)] == [code]


@pytest.mark.parametrize(("name", "year"), [("梁平县", 2016), ("梁平区", 2015), ("洪泽区", 2015)])
def test_a_name_holds_in_its_years_only(regions: Regions, name: str, year: int) -> None:
    assert regions.find(name, year) == ()
    assert len(regions.find(name)) == 1


@pytest.mark.parametrize("year", [1999, 2035])
def test_years_beyond_the_register_count_as_its_ends(regions: Regions, year: int) -> None:
    assert [r.region_code for r in regions.find("衢州市", year)] == ["330800"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("莲都区", "莲都"),
        ("广东省", "广东"),
        ("威宁彝族回族苗族自治县", "威宁"),
        ("内蒙古自治区", "内蒙古"),
        ("新疆维吾尔自治区", "新疆"),
        ("鄂温克族自治旗", "鄂温克"),
        ("东乡族自治县", "东乡"),
        ("大兴安岭地区", "大兴安岭"),
        ("威县", "威县"),
        ("万柏林区", "万柏林"),
        ("杨凌农业高新技术产业示范区", "杨凌示范区"),
    ],
)
def test_a_short_name_leaves_out_the_kind(regions: Regions, name: str, short: str) -> None:
    assert {r.name_short_zh for r in regions.find(name)} == {short}


def test_short_names_are_found_where_no_full_name_fits(regions: Regions) -> None:
    assert [r.name_zh for r in regions.find("莲都", 2020)] == ["莲都区"]


def test_several_regions_of_one_name_are_all_returned(regions: Regions) -> None:
    assert {r.region_code for r in regions.find("朝阳区", 2020)} == {"110105", "220104"}
    assert regions.find("桃花源记") == ()


def test_parents_come_nearest_first(regions: Regions) -> None:
    (liandu,) = regions.find("莲都区", 2020)
    assert [r.name_zh for r in regions.parents(liandu, 2020)] == ["丽水市", "浙江省"]


def test_districts_of_a_municipality_stand_directly_below_it(regions: Regions) -> None:
    (liangping,) = regions.find("梁平区", 2021)
    assert liangping.level == "county"
    assert [r.region_code for r in regions.parents(liangping)] == ["500000"]
    assert liangping in regions.children("500000", 2021)


def test_a_zone_is_no_part_of_the_region_it_answers_to(regions: Regions) -> None:
    codes = {region.region_code for region in regions.children("350000", 2019)}
    assert "350100" in codes
    assert not any(regions.is_zone(code) for code in codes)


def test_names_at_the_ends_of_a_text(regions: Regions) -> None:
    assert [r.name_zh for r in regions.prefix("重庆市梁平区人民政府", 2021)] == ["重庆市"]
    assert [r.name_zh for r in regions.suffix("贵州省六盘水市", 2016)] == ["六盘水市"]
    assert regions.prefix("水库和生态移民局") == []


def test_a_code_leads_to_its_name_of_the_year(regions: Regions) -> None:
    region = regions.by_code("500228", 2010)
    assert region is not None
    assert region.name_zh == "梁平县"
    assert regions.by_code("500228", 2020) is None
    assert regions.by_code("500228") is not None


@pytest.mark.parametrize(
    ("code", "name_en"),
    [
        ("330800", "Quzhou"),
        ("331102", "Liandu"),
        ("341500", "Lu'an"),
        ("610000", "Shaanxi"),
        ("140000", "Shanxi"),
        ("371722", "Shanxian"),
        ("310112", "Minhang"),
        ("510181", "Dujiangyan"),
    ],
)
def test_names_are_spelt_as_they_are_read(regions: Regions, code: str, name_en: str) -> None:
    region = regions.by_code(code)
    assert region is not None
    assert region.name_en == name_en


# --- through the years ----------------------------------------------------------------------------


def one(regions: Regions, name: str, year: int) -> Region:
    (found,) = regions.find(name, year)
    return found


@pytest.mark.parametrize(
    ("name", "year", "lasting"),
    [
        ("衢州市", 2018, "330800"),
        # a county that became a district, a city, a city of a prefecture
        ("梁平县", 2010, "500155"),
        ("密云县", 2014, "110118"),
        ("居巢区", 2010, "340181"),
        ("毕节地区", 2010, "520500"),
        ("毕节市", 2010, "520502"),
        ("毕节市", 2011, "520500"),
        ("铜仁地区", 2008, "520600"),
        ("铜仁市", 2009, "520602"),
        ("万山特区", 2010, "520603"),
        ("那曲地区", 2016, "540600"),
        ("那曲县", 2016, "540602"),
        # renamed, or only renumbered, even twice
        ("襄樊市", 2009, "420600"),
        ("莱城区", 2017, "370116"),
        ("大方县", 2010, "520521"),
        ("黔西县", 2010, "520581"),
        ("黔西县", 2015, "520581"),
        # what went up in another or was divided is a body of its own to the end
        ("崇文区", 2009, "110103"),
        ("宣武区", 2009, "110104"),
        ("卢湾区", 2010, "310103"),
        ("莱芜市", 2017, "371200"),
        ("平江区", 2011, "320503"),
        ("南郊区", 2017, "140211"),
        # a code that went to another region
        ("万盛区", 2010, "500110(2010)"),
        ("綦江县", 2010, "500222"),
        ("綦江区", 2011, "500110"),
        # a zone that became a district
        ("光明新区", 2015, "440311"),
        ("平潭综合实验区", 2015, "350128Z01"),
    ],
)
def test_a_region_is_known_through_the_years(
    regions: Regions, name: str, year: int, lasting: str
) -> None:
    assert regions.lasting_code(one(regions, name, year)) == lasting


def test_a_divided_prefecture_is_not_the_county_of_its_name(regions: Regions) -> None:
    assert regions.lasting_code(one(regions, "巢湖市", 2010)) == "341400"
    assert regions.lasting_code(one(regions, "巢湖市", 2011)) == "340181"


@pytest.mark.parametrize(
    ("name", "year", "then"),
    [("梁平区", 2012, "梁平县"), ("梁平县", 2020, "梁平区"), ("襄阳市", 2008, "襄樊市"),
     ("衢州市", 2012, "衢州市"), ("光明区", 2014, "光明新区"), ("东城区", 2009, "东城区")],
)  # fmt: skip
def test_a_region_is_found_as_it_was_in_a_year(
    regions: Regions, name: str, year: int, then: str
) -> None:
    newest = next(region for region in regions if region.name_zh == name)
    assert regions.as_of(newest, year).name_zh == then


def test_every_region_that_ended_has_a_successor_or_none_by_name(regions: Regions) -> None:
    current = {region.region_code for region in regions if region.valid_to_year is None}
    ended = [region for region in regions if region.valid_to_year is not None]
    assert len(ended) > 350
    for region in ended:
        code = regions.lasting_code(region)
        assert code in current or code.startswith(region.region_code), region


def test_no_two_regions_of_one_year_are_the_same(regions: Regions) -> None:
    for year in range(2008, 2025):
        codes = [regions.lasting_code(region) for region in regions if region.is_valid(year)]
        assert len(codes) == len(set(codes)), year


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        (
            "region_successor.csv",
            "110103,2008,110101",
            "110103,2009,110101",
            "is no region that ended",
        ),
        (
            "region_successor.csv",
            "110103,2008,110101",
            "110103,2008,",
            "is empty for a split region",
        ),
        ("region_successor.csv", "110101,merged", "110101,vanished", "'vanished' is not allowed"),
        ("region_successor.csv", "110103,2008,110101", "110103,2008,110104", "no region of today"),
        ("special_zone.csv", "350128Z01", "350128X01", "is no code of a zone"),
        ("special_zone.csv", "440311,", ",", "is empty"),
    ],
)
def test_a_fault_of_a_successor_or_a_zone_is_named(
    tmp_path: Path, file: str, old: str, new: str, complaint: str
) -> None:
    shutil.copytree(SEEDS / "region", tmp_path / "region")
    path = tmp_path / "region" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormError, match=rf"{file}, row \d+, column \w+: .*{complaint}"):
        load_regions(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("331102,2008,,莲都区", "331102,2008,2004,莲都区", "2004 lies before 2008"),
        ("Liandu,county,331100", "Liandu,county,999999", "'999999' is no region"),
        ("Liandu,county,331100", "Liandu,county,", "every other region has one"),
        ("Liandu,county", "Liandu,village", "'village' is not allowed"),
        ("331102,2008,,莲都区", "331102,2008,,", "is empty"),
        (
            "331102,2008,,莲都区,莲都,Liandu,county,331100,330000",
            "331102,2008,,莲都区,莲都,Liandu,county,331100,330000\n"
            "331102,2012,,新莲都区,新莲都,Xinliandu,county,331100,330000",
            "overlaps another row",
        ),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    shutil.copytree(SEEDS / "region", tmp_path / "region")
    path = tmp_path / "region" / "region.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormError, match=rf"region\.csv, row \d+, column \w+: .*{complaint}"):
        load_regions(tmp_path)
