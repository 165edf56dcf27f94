"""Which body a printed name stands for: one through the years, and none where the document leaves it open."""

import shutil
from pathlib import Path

import pytest

from loaders.bodies.aliases import load_aliases
from loaders.bodies.publishers import Publisher, read_publisher
from loaders.bodies.region import default_regions
from loaders.bodies.resolving import Body, resolve_body
from loaders.form import FormError
from loaders.normalise import normalise
from loaders.reports import split_reports
from loaders.seeds import SEEDS

PERIOD = "统计期限为{year}年1月1日至{year}年12月31日。\n一、总体情况\n工作平稳。\n"


def read(name: str, body: str = "", year: int = 2019) -> tuple[Publisher, Body]:
    text = normalise(f"{name}{year}年政府信息公开工作年度报告\n{PERIOD.format(year=year)}{body}\n")
    (span,) = split_reports(text).reports
    publisher = read_publisher(text, span, default_regions())
    return publisher, resolve_body(publisher, default_regions())


@pytest.mark.parametrize(
    ("name", "body", "publisher_id", "code"),
    [
        ("衢州市人民政府", "", "330800-人民政府", "printed"),
        ("丽水市莲都区人民政府", "", "331102-人民政府", "printed"),
        ("浙江省丽水市莲都区水利局", "", "331102-水利局", "printed"),
        ("威远县严陵镇人民政府", "", "511024-严陵镇人民政府", "printed"),
        ("衢州市", "", "330800-人民政府", "completed"),
        ("市水利局", "衢州市各部门配合。衢州市政务网。\n", "330800-水利局", "completed"),
        ("莲都区", "由莲都区人民政府办公室编制。\n", "331102-人民政府", "completed"),
        ("平潭综合实验区", "", "350128Z01-管理委员会", "completed"),
        # another name of the same body
        ("衢州市发改委", "", "330800-发展和改革委员会", "abbreviation"),
        ("衢州市政府", "", "330800-人民政府", "abbreviation"),
        ("衢州市住房城乡建设局", "", "330800-住房和城乡建设局", "alias"),
        ("平潭综合实验区管委会", "", "350128Z01-管理委员会", "abbreviation"),
        # traditional characters
        ("衢州市發展和改革委員會", "", "330800-发展和改革委员会", "printed"),
        # misprints: reviewed ones, and one that the document itself corrects
        ("沐阳县人民政府", "", "321322-人民政府", "misprint"),
        ("毫州市财政局", "", "341600-财政局", "misprint"),
        (
            "衡州市财政局",
            "浙江省衢州市财政局编制。衢州市财政局网站。\n",
            "330800-财政局",
            "misprint",
        ),
    ],
)
def test_a_name_stands_for_one_body(name: str, body: str, publisher_id: str, code: str) -> None:
    _, found = read(name, body)
    assert (found.publisher_id, found.resolution_code) == (publisher_id, code)
    assert found.resolution_evidence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("梁平县人民政府", 2014), ("梁平区人民政府", 2018)),
        (("重庆市梁平县教育局", 2014), ("梁平区教育局", 2018)),
        (("毕节地区行政公署", 2010), ("毕节市人民政府", 2011)),
        (("襄樊市人民政府", 2009), ("襄阳市人民政府", 2012)),
        (("黔西县财政局", 2010), ("黔西市财政局", 2022)),
        (("宝安区光明新区管理委员会", 2015), ("光明新区管委会", 2016)),
        (("西安高新区管委会", 2018), ("西安市高新技术产业开发区管理委员会", 2020)),
        (("杨凌示范区管委会", 2018), ("杨凌农业高新技术产业示范区管理委员会", 2020)),
        (("天府新区管委会", 2018), ("四川天府新区管委会", 2020)),
    ],
)
def test_a_body_is_the_same_through_the_years(
    before: tuple[str, int], after: tuple[str, int]
) -> None:
    first, last = (read(name, year=year)[1].publisher_id for name, year in (before, after))
    assert first == last != ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # a county and the city above it that bear one name
        (("毕节市人民政府", 2010), ("毕节市人民政府", 2011)),
        (("巢湖市人民政府", 2010), ("巢湖市人民政府", 2011)),
        # what was merged is not what it was merged into
        (("崇文区人民政府", 2009), ("东城区人民政府", 2012)),
        (("莱芜市人民政府", 2017), ("济南市人民政府", 2019)),
        (("万盛区人民政府", 2010), ("綦江区人民政府", 2011)),
        # bodies of one region
        (("衢州市教育局", 2019), ("衢州市体育局", 2019)),
        (("平潭综合实验区管委会", 2019), ("平潭县人民政府", 2019)),
        (("西安高新区管委会", 2019), ("西安市人民政府", 2019)),
    ],
)
def test_two_bodies_are_two(first: tuple[str, int], second: tuple[str, int]) -> None:
    one, other = (read(name, year=year)[1].publisher_id for name, year in (first, second))
    assert "" not in (one, other)
    assert one != other


@pytest.mark.parametrize(
    ("name", "year", "region_code"),
    [
        ("梁平区人民政府", 2016, "500155"),
        ("梁平县人民政府", 2015, "500228"),
        # A report of 2015 is written in 2016 and may bear the new name: the region is that of 2015.
        ("梁平区人民政府", 2015, "500228"),
        ("莱芜区人民政府", 2017, "371202"),
        # Old paper in the first year of the new name.
        ("梁平县人民政府", 2016, "500155"),
        # The register ends; the region goes on.
        ("衢州市人民政府", 2030, "330800"),
    ],
)
def test_the_region_is_that_of_the_year(name: str, year: int, region_code: str) -> None:
    publisher, body = read(name, year=year)
    assert publisher.region_code == region_code
    assert publisher.place.own_name == "人民政府"
    assert body.publisher_id.startswith(("500155", "370116", "330800"))


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        # several regions of a name, and nothing that tells
        ("朝阳区人民政府", "", "several regions are called 朝阳区: 110105|220104"),
        ("鼓楼区人民政府", "按照国务院部署。\n", "several regions are called 鼓楼区"),
        # the document names the regions above of two of them equally
        ("鼓楼区人民政府", "南京市与福州市交流。\n", "several regions are called 鼓楼区"),
        ("城关镇人民政府", "", "no county is named"),
        (
            "城关镇人民政府",
            "威远县、莲都区交流经验。\n",
            "several counties are named: 威远县|莲都区",
        ),
        # no region at all, or none of the register
        ("财政局", "", "no region is known"),
        ("青溪县人民政府", "", "no region is known"),
        ("青溪县人民政府", "丽水市青田县来访。\n", "no region is known"),
        ("青溪县人民政府", "丽水市青田县来访，青田县回访。\n", "no region is known"),
        ("高新区管委会", "", "no region is known"),
        # not a misprint: a zone whose name resembles a district of its city
        ("高新区管委会", "江苏省泰州市高港区，高港区。\n", "no region is known"),
        # a misprint of several, or one that the document does not correct
        ("衡州市财政局", "浙江省。\n", "no region is known"),
        ("衡州市财政局", "浙江省衢州市、湖州市，衢州市，湖州市。\n", "no region is known"),
        # a short name without the full one
        ("衢州财政局", "", "no region is known"),
        ("东方红林业局", "", "no region is known"),
        # a year in which the region was not there
        ("梁平县人民政府", "", "no region is known"),
    ],
)
def test_what_is_left_open_stays_open(name: str, body: str, reason: str) -> None:
    publisher, found = read(name, body)
    assert (found.publisher_id, found.resolution_code) == ("", "unresolved")
    assert reason in found.resolution_evidence
    assert publisher.region_code == ""
    assert "region_unknown" in {issue.issue_code for issue in publisher.issues}


@pytest.mark.parametrize(
    ("name", "body", "publisher_id"),
    [
        ("朝阳区人民政府", "吉林省长春市的部署。\n", "220104-人民政府"),
        ("北京市朝阳区人民政府", "", "110105-人民政府"),
        ("鼓楼区人民政府", "福建省各地。\n", "350102-人民政府"),
        ("鼓楼区人民政府", "请登录福州市鼓楼区人民政府网站。\n", "350102-人民政府"),
        ("城关镇人民政府", "威远县人民政府办公室的要求。\n", "511024-城关镇人民政府"),
        ("严陵镇", "威远县严陵镇人民政府编制。\n", "511024-严陵镇人民政府"),
        ("衢州财政局", "衢州市财政局编制。\n", "330800-财政局"),
        ("福建平潭综合实验区管委会", "", "350128Z01-管理委员会"),
        ("福州市平潭综合实验区管委会", "", "350128Z01-管理委员会"),
        ("市市场监督管理局", "衢州市各单位。\n", "330800-市场监督管理局"),
        ("衢州市市场监管局", "", "330800-市场监督管理局"),
    ],
)
def test_the_document_settles_it(name: str, body: str, publisher_id: str) -> None:
    assert read(name, body)[1].publisher_id == publisher_id


@pytest.mark.parametrize(
    "name", ["市场监督管理局", "市容环境卫生管理局", "市政园林局", "区块链中心"]
)
def test_a_word_that_begins_like_a_level_is_not_cut(name: str) -> None:
    publisher, _ = read(name, "衢州市各单位。衢州市政府。江山市。柯城区。柯城区。\n")
    assert publisher.name == name


def test_the_name_of_a_city_named_in_passing_does_not_complete_another() -> None:
    publisher, body = read("市水利局", "赴杭州市、衢州市学习。\n")
    assert (publisher.name, body.publisher_id) == ("市水利局", "")


def test_a_body_that_only_says_we_is_named_by_its_document() -> None:
    publisher, body = read("我局", "衢州市水利局办公室承办。衢州市水利局设专栏。我局另有安排。\n")
    assert (publisher.written, publisher.name) == ("我局", "衢州市水利局")
    assert (body.publisher_id, body.resolution_code) == ("330800-水利局", "completed")


def test_what_was_printed_is_kept_beside_what_was_mended() -> None:
    publisher, body = read("沐阳县人民政府")
    assert (publisher.written, publisher.name) == ("沐阳县人民政府", "沭阳县人民政府")
    assert body.resolution_evidence.startswith("沐阳县人民政府 → 沭阳县人民政府; 沐阳县 → 沭阳县")
    assert [issue.issue_code for issue in publisher.issues] == ["publisher_repaired"]


# --- the reviewed names ---------------------------------------------------------------------------


def test_a_misprint_is_no_region_of_its_own_and_stands_for_one() -> None:
    regions = default_regions()
    path = SEEDS / "vocabulary" / "publisher_alias.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    misprints = [row for row in rows if row[3] == "misprint"]
    assert len(misprints) >= 5
    for printed, code, stands_for, *_ in misprints:
        assert regions.find(printed) == ()
        assert code in {region.region_code for region in regions.find(stands_for)}


def test_no_alias_stands_for_another_alias() -> None:
    path = SEEDS / "vocabulary" / "publisher_alias.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert {row[0] for row in rows}.isdisjoint(row[2] for row in rows)


def test_a_row_of_one_region_goes_before_one_for_all(tmp_path: Path) -> None:
    shutil.copytree(SEEDS / "vocabulary", tmp_path / "vocabulary")
    path = tmp_path / "vocabulary" / "publisher_alias.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("发改委,330800,发展改革和物价委员会,variant,reviewed\n")
    aliases = load_aliases(tmp_path)
    assert aliases.find("发改委", "330800").publisher_name == "发展改革和物价委员会"
    assert aliases.find("发改委", "331102").publisher_name == "发展和改革委员会"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("府办,,人民政府办公室,abbreviation,again", "the key 府办,  stands in row"),
        ("某办,,某办公室,guess,evidence", "'guess' is not allowed"),
        ("某办,,某办公室,variant,", "is empty"),
    ],
)
def test_a_fault_of_an_alias_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    shutil.copytree(SEEDS / "vocabulary", tmp_path / "vocabulary")
    with (tmp_path / "vocabulary" / "publisher_alias.csv").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(FormError, match=rf"publisher_alias\.csv, row \d+, .*{complaint}"):
        load_aliases(tmp_path)
