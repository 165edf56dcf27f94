"""The register of regions: codes, names, years, and what lies above and below."""

import shutil
from pathlib import Path

import pytest

from loaders.form import FormError
from loaders.region import Regions, default_regions, load_regions, shorten
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
        ("威县", ""),
    ],
)
def test_a_short_name_leaves_out_the_kind(name: str, short: str) -> None:
    assert shorten(name) == short


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


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("331102,2008,,莲都区", "331102,2008,2004,莲都区", "2004 lies before 2008"),
        ("Liandu,county,331100", "Liandu,county,999999", "'999999' is no region"),
        ("Liandu,county,331100", "Liandu,county,", "every other region has one"),
        ("Liandu,county", "Liandu,village", "'village' is not allowed"),
        ("331102,2008,,莲都区", "331102,2008,,", "is empty"),
        (
            "331102,2008,,莲都区,Liandu,county,331100,330000",
            "331102,2008,,莲都区,Liandu,county,331100,330000\n"
            "331102,2012,,新莲都区,Xinliandu,county,331100,330000",
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
