"""A table of a known layout is read as it would be if nothing had been read before it.

A short run by default; ``GONGKAI_EXAMPLES=2000`` makes it as long as wanted.
"""

import os
import re
from collections.abc import Iterator
from random import Random

import pytest

from loaders.form import load_form
from loaders.parse import parse
from loaders.rows import Parsed
from loaders.tables import layouts
from loaders.tables.known_table import KnownTable
from loaders.tables.layouts import LayoutMemory, layouts_of
from loaders.tables.table import read_table
from tests.drawing import EDITIONS, YEARLY, draw_form, with_a_wrong_sum
from tests.layouts import DESTRUCTIVE, GLUED, SEPARATED, draw_requests, write_report
from tests.spoiling import (
    SPOILED,
    with_broken_header,
    with_repeated_header,
    with_separators_in_thousands,
    with_zeros_left_blank,
)

FORM = load_form()
EXAMPLES = int(os.environ.get("GONGKAI_EXAMPLES", "3"))
LAYOUTS = tuple(layout for layout in (*SEPARATED, *DESTRUCTIVE) if layout not in GLUED)
_FIGURE = re.compile(r"(?<![^\s|])-?\d+(?:\.\d+)?(?![^\s|])")
_FIGURES = (
    "0",
    "0",
    "1",
    "7",
    "12",
    "120",
    "345",
    "6789",
    "100000",
    "0.5",
    "27042.62",
    "-4",
    "007",
)
_INSERTED = (
    "|",
    "\n",
    " ",
    "- ",
    " -",
    "(",
    ")",
    "、",
    ".",
    "增",
    "近",
    "件",
    "1",
    "2021",
    "。",
    "/ ",
    "万",
)


def forget() -> None:
    layouts_of.cache_clear()


def read(text: str) -> Parsed:
    return parse(text.encode(), "text/plain", FORM)


def with_other_figures(random: Random, text: str) -> str:
    """The same print, other figures: of any length, and no longer obeying any rule."""
    return _FIGURE.sub(lambda _: random.choice(_FIGURES), text)


def draw_text(random: Random, layout, form_id: str) -> str:
    drawn = draw_form(random, FORM, form_id)
    if random.random() < 0.3:
        hit = random.randrange(len(drawn))
        drawn[hit] = with_a_wrong_sum(random, drawn[hit])
    grids = {table.table_code: table.grid for table in drawn}
    if random.random() < 0.3:
        change = random.choice(
            [
                with_broken_header,
                with_repeated_header,
                with_separators_in_thousands,
                with_zeros_left_blank,
            ]
        )
        grids = {code: change(grid) for code, grid in grids.items()}
    text = write_report({code: layout(grid) for code, grid in grids.items()})
    if random.random() < 0.3:
        at = random.randrange(len(text))
        text = text[:at] + random.choice(_INSERTED) + text[at:]
    if random.random() < 0.2:
        at = random.randrange(len(text))
        text = text[:at] + text[at + random.randint(1, 40) :]
    return random.choice(SPOILED)(text)


def draw_pairs(random: Random, layout, form_id: str) -> Iterator[tuple[str, str]]:
    """Texts that may share a skeleton: the figures differ, and sometimes what stands beside one of them."""
    text = draw_text(random, layout, form_id)
    other = with_other_figures(random, text)
    yield text, other
    places = [found.span() for found in _FIGURE.finditer(other)]
    if places:
        start, end = random.choice(places)
        yield text, other[:start] + random.choice(_INSERTED) + other[start:]
        yield other, other[:end] + random.choice(_INSERTED) + other[end:]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_known_layout_changes_nothing(layout) -> None:
    for number in range(EXAMPLES):
        random = Random(f"{layout.__name__}-{number}")
        for first, second in draw_pairs(random, layout, random.choice(EDITIONS)):
            forget()
            expected = read(second)
            forget()
            read(first)
            # By its skeleton, and once the layout has proved itself by its bytes.
            for found in (read(second), read(first) and read(second)):
                assert found == expected
                assert repr(found.cells) == repr(expected.cells)


def test_the_order_of_reading_does_not_matter() -> None:
    random = Random("order")
    texts = [draw_text(random, random.choice(LAYOUTS), random.choice(EDITIONS)) for _ in range(30)]
    texts += [with_other_figures(random, text) for text in texts * 2]
    forget()
    expected = {text: read(text) for text in texts}
    random.shuffle(texts)
    assert {text: read(text) for text in texts} == expected


@pytest.mark.parametrize("form_id", YEARLY)
@pytest.mark.parametrize("layout", SEPARATED)
def test_layouts_that_lose_nothing_are_known_again(layout, form_id: str) -> None:
    random = Random("again")
    for round_ in range(2):
        drawn = draw_form(random, FORM, form_id)[1]
        text = layout(drawn.grid)
        start = text.index("自然人" if "申请人情况" not in text else "申请人情况")
        if not round_:
            forget()
        table = read_table(text, start, len(text), "requests", form_id, FORM)
        assert isinstance(table, KnownTable) == bool(round_)
        values = {(cell.indicator_code, cell.column_code): cell.value for cell in table.cells}
        assert values == drawn.values
        printed = {text[cell.start : cell.end] for cell in table.cells}
        assert printed == {str(value) for value in drawn.values.values()}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # What stands between two blanks is a page's number only while it is short.
        ("规章 | 1 | 2 | 3 |\n- 1234 -\n规范性文件 | 4 | 5 | 6 |\n", "- 7 -"),
        ("规章 | 1 | 2 | 3 |\n1234 / 5678\n规范性文件 | 4 | 5 | 6 |\n", "7 / 8"),
        ("规章 | 1 | 2 | 3 |\n1234\n规范性文件 | 4 | 5 | 6 |\n", "7"),
    ],
)
def test_numbers_of_pages_are_no_part_of_a_layout(first: str, second: str) -> None:
    head = "第二十条第(一)项\n信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |\n"
    line = first.splitlines()[1]
    forget()
    expected = read(write_report({"proactive": head + first.replace(line, second)}))
    forget()
    read(write_report({"proactive": head + first}))
    assert read(write_report({"proactive": head + first.replace(line, second)})) == expected


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "_MOST_LAYOUTS", 256)
    forget()
    memory = layouts_of(FORM)
    random = Random("bound")
    grid = draw_requests(FORM, "national_2021", {}).grid
    rows = range(3, len(grid))
    for _ in range(700):
        kept = sorted(random.sample(rows, len(grid) - 8))
        text = "".join(f"| {' | '.join(row)} |\n" for row in [*grid[:3], *(grid[n] for n in kept)])
        read_table(text, 2, len(text), "requests", "national_2021", FORM)
    assert 0 < _count(memory) <= 512


def _count(memory: LayoutMemory) -> int:
    return sum(
        len(skeletons)
        for shelf in (memory.newer, memory.older)
        for kept in shelf.values()
        for skeletons in kept.by_size.values()
    )


def test_a_table_too_long_is_read_as_ever() -> None:
    drawn = draw_requests(FORM, "national_2021", {})
    text = "".join(f"| {' | '.join(row)} |{' ' * 400}\n" for row in drawn.grid)
    for _ in range(2):
        table = read_table(text, 2, len(text), "requests", "national_2021", FORM)
        assert not isinstance(table, KnownTable)
        assert {(c.indicator_code, c.column_code): c.value for c in table.cells} == drawn.values
