"""A report as a website shows it: title, prose, tables in a layout, the furniture of a page.

Which figures stand in it was decided before; every word here is ours.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from bench.country.bodies import Body, Place
from bench.country.figures import NARRATIVE, YEARLY
from bench.country.prose import write_problems, write_sentences
from loaders.bodies.region import Region
from tests.layouts import SEPARATED, Drawn, Grid
from tests.spoiling import (
    SPOILED,
    in_traditional_script,
    unchanged,
    with_repeated_header,
    with_separators_in_thousands,
    with_zeros_left_blank,
)

_LAYOUTS = {layout.__name__: layout for layout in SEPARATED}
_LEVELS = "省市县区旗州盟"
_OWN_WORD = {"局": "我局", "会": "我委"}


class Print(NamedTuple):
    """How one copy of a report is shown."""

    layout: str
    change: str
    """What was done to every grid of the report: '', or the name of a change."""
    spoil: str
    is_mirror: bool


_CHANGES = {
    change.__name__: change
    for change in (with_repeated_header, with_separators_in_thousands, with_zeros_left_blank)
}
_SPOILS = {spoil.__name__: spoil for spoil in SPOILED}
ZEROS_BLANK = with_zeros_left_blank.__name__
# Where no mark stands between cells, a blank one is lost, and its row with it.
_MARKED = ("pipe_rows", "markdown_rows", "trailing_pipes", "tab_rows", "captioned_rows")


def choose_print(random: Random, is_wrong: bool) -> Print:
    """How the publisher's own site shows a report; one with an error shows all of its sums."""
    change = random.choice(list(_CHANGES)) if random.random() < 0.12 else ""
    if is_wrong and change == ZEROS_BLANK:
        change = ""
    spoil = random.choice(list(_SPOILS)) if random.random() < 0.25 else unchanged.__name__
    return Print(random.choice(_layouts(change)), change, spoil, False)


def _layouts(change: str) -> Sequence[str]:
    return _MARKED if change == ZEROS_BLANK else tuple(_LAYOUTS)


def choose_mirror(random: Random, shown: Print) -> Print:
    """The same report on another site: another layout, often another script."""
    layout = random.choice([name for name in _layouts(shown.change) if name != shown.layout])
    spoil = in_traditional_script if random.random() < 0.5 else unchanged
    return Print(layout, shown.change, spoil.__name__, True)


def print_figures(shown: Print, tables: Sequence[Drawn]) -> dict[str, str]:
    """The tables of a report as text, by table code."""
    change = _CHANGES.get(shown.change, _same)
    return {
        table.table_code: _LAYOUTS[shown.layout](
            (_same if is_printed_in_full(shown, table) else change)(table.grid)
        )
        for table in tables
    }


def is_printed_in_full(shown: Print, table: Drawn) -> bool:
    """Whether the zeros of a table are there. A table of one row would be nothing without them."""
    return shown.change != ZEROS_BLANK or table.table_code == "appeals"


def _same(grid: Grid) -> Grid:
    return grid


def name_body(random: Random, body: Body, place: Place) -> str:
    """The name as the title has it: mostly with the region above, sometimes with all, or with none."""
    parents = list(reversed(place.parents))
    # Half of the counties share their name with another: alone it would name nobody.
    form = Random(f"name-{body.body_id}").random() if random.random() < 0.95 else random.random()
    if place.region.level == "province" or form < 0.1:
        parents = []
    elif form < 0.8:
        parents = [] if place.region.level == "prefecture" else parents[-1:]
    return "".join(region.name_zh for region in (*parents, place.region)) + body.name


def write_text(
    random: Random,
    shown: Print,
    body: Body,
    place: Place,
    year: int,
    form_id: str,
    tables: Mapping[str, str],
    claims: Mapping[str, int],
    is_correction: bool,
) -> str:
    """The whole document.

    Args:
        random: draws the prose; the same state gives the same prose to a copy.
    """
    name = name_body(random, body, place)
    title = f"{name}{year}年政府信息公开工作年度报告"
    opening = [
        _say_scope(random, body, place.region, name),
        f"本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
    ]
    if is_correction:
        opening.append("更正说明:本单位此前公布的版本中统计表有误,现更正后重新公布,以本版本为准。")
    above = "、".join(region.name_zh for region in reversed(place.parents))
    if above:
        opening.insert(1, f"根据{above}的统一部署,我们继续推进政府信息公开工作。")
    write = _write_yearly if form_id in YEARLY else _write_prose
    text = (
        "\n".join([title, "".join(opening), *write(random, year, form_id, tables, claims)]) + "\n"
    )
    if shown.is_mirror:
        text = f"首页 > 政务公开 > 年度报告\n{text}【打印本页】【关闭窗口】\n"
    return _SPOILS[shown.spoil](text)


def _say_scope(random: Random, body: Body, region: Region, name: str) -> str:
    if not body.is_government:
        own = _OWN_WORD[body.name[-1]]
        return f"{own}按照政府信息公开条例的要求编制本报告。"
    level = region.name_zh[-1] if region.name_zh[-1] in _LEVELS else "区"
    return random.choice(
        (
            f"本报告由{name}办公室汇总全{level}各部门、各单位的年度报告编制。",
            f"本报告综合全{level}各级行政机关和各单位的年度报告编制而成。",
            f"本报告由各部门报送材料,{name}办公室汇总编制。",
        )
    )


def _write_yearly(
    random: Random,
    year: int,
    form_id: str,
    tables: Mapping[str, str],
    claims: Mapping[str, int],
) -> list[str]:
    told = [f"全年共收到政府信息公开申请{count}件。" for count in claims.values()]
    return [
        "一、总体情况",
        write_sentences(random, year, 2, 6),
        f"(一)主动公开。{write_sentences(random, year, 3, 8)}",
        f"(二)依申请公开。{''.join(told)}{write_sentences(random, year, 1, 3)}",
        f"(三)政府信息管理。{write_sentences(random, year, 2, 6)}",
        f"(四)平台建设。{write_sentences(random, year, 2, 6)}",
        f"(五)监督保障。{write_sentences(random, year, 2, 6)}",
        "二、主动公开政府信息情况",
        tables["proactive"].rstrip("\n"),
        "三、收到和处理政府信息公开申请情况",
        tables["requests"].rstrip("\n"),
        "四、政府信息公开行政复议、行政诉讼情况",
        tables["appeals"].rstrip("\n"),
        "五、存在的主要问题及改进情况",
        write_problems(random, year),
        "六、其他需要报告的事项",
        "无其他需要报告的事项。",
    ]


def _write_prose(
    random: Random,
    year: int,
    form_id: str,
    tables: Mapping[str, str],
    claims: Mapping[str, int],
) -> list[str]:
    lines = [
        "一、概述",
        write_sentences(random, year, 4, 11),
        "二、主动公开政府信息情况",
        write_sentences(random, year, 4, 11),
    ]
    if form_id == NARRATIVE:
        lines += [
            "全年主动公开政府信息{narr_proactive_total}条,其中网站公开{narr_proactive_website}条。",
            "三、依申请公开政府信息办理情况",
            "全年共收到政府信息公开申请{narr_requests_received}件,"
            "其中当面申请{narr_requests_in_person}件,信函申请{narr_requests_mail}件,"
            "传真申请{narr_requests_fax}件,网络申请{narr_requests_online}件。",
            "共办结{narr_outcomes_total}件,其中同意公开{narr_out_granted_or_partial}件,"
            "不予公开{narr_out_refused}件。",
            "四、行政复议和诉讼情况",
            "全年因政府信息公开引发行政复议{narr_review_total}件,行政诉讼{narr_litigation_total}件。",
        ]
        lines = [line.format_map(claims) for line in lines]
    else:
        lines += ["三、依申请公开政府信息办理情况"]
        lines += [f"全年共收到政府信息公开申请{count}件。" for count in claims.values()]
        lines += [write_sentences(random, year, 2, 6)]
    lines += ["五、存在的主要问题及改进措施", write_problems(random, year)]
    if tables:
        lines += ["附件 政府信息公开情况统计表", tables["statistics"].rstrip("\n")]
    return lines
