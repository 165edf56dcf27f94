"""Whatever form is drawn and however it is printed: read exactly, or marked; never a wrong value.

A short run by default; ``GONGKAI_EXAMPLES=2000`` makes it as long as wanted.
"""

import os
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.form import load_form
from loaders.parse import parse
from loaders.rows import Parsed
from tests.drawing import keep_bounds
from tests.layouts import (
    APPLICANTS,
    GLUED,
    SEPARATED,
    Drawn,
    Grid,
    Values,
    draw_appeals,
    draw_proactive,
    draw_requests,
    draw_statistics,
    pipe_rows,
    write_report,
)
from tests.spoiling import (
    SPOILED,
    unchanged,
    with_broken_header,
    with_repeated_header,
    with_separators_in_thousands,
    with_zeros_left_blank,
)

EXAMPLES = int(os.environ.get("GONGKAI_EXAMPLES", "30"))
run = settings(
    max_examples=EXAMPLES,
    deadline=None,
    # The same forms on every run; a long run looks for new ones.
    derandomize="GONGKAI_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FORM = load_form()
COUNTS = st.sampled_from([0, 0, 1, 2, 3, 9, 10, 11, 27, 48, 100, 356, 1243])
MONEY = st.sampled_from(["0", "0.5", "12.43", "356", "27042.62"]).map(Decimal)
YEARLY = ("national_2019", "national_2021")


# --- what is drawn --------------------------------------------------------------------------------


@cache
def _request_rows(form_id: str) -> list[str]:
    return [
        line.indicator_code
        for line in FORM.lines(form_id)
        if line.table_code == "requests"
        and line.node_type not in ("heading", "subtotal_not_printed")
    ]


@st.composite
def three_tables(draw, form_id: str) -> list[Drawn]:
    """The three tables of a report of 2019 or later, all rules of the form kept."""
    cells = st.tuples(st.sampled_from(_request_rows(form_id)), st.sampled_from(APPLICANTS[:-1]))
    requests = draw_requests(FORM, form_id, draw(st.dictionaries(cells, COUNTS, max_size=20)))
    appeals = draw_appeals(FORM, draw(st.lists(COUNTS, min_size=12, max_size=12)))
    figures: dict[str, Decimal] = {}
    for line in FORM.lines(form_id):
        if line.dimension_code == "article_20" and line.row_label_zh:
            code = line.indicator_code
            if line.unit == "万元":
                figures[code] = draw(MONEY)
            elif code.endswith("_change"):
                figures[code] = Decimal(draw(st.integers(-9, 40)))
            else:
                figures[code] = Decimal(draw(COUNTS))
    keep_bounds(form_id, figures)
    return [draw_proactive(FORM, form_id, figures), requests, appeals]


@st.composite
def one_table(draw, form_id: str) -> list[Drawn]:
    """A statistics table; what a year counts is never more than all years."""
    columns = ["this_year", "cumulative"] if form_id == "provincial_fujian" else [""]
    figures: dict[tuple[str, str], Decimal] = {}
    for line in FORM.lines(form_id):
        total = Decimal(0)
        for column in columns:
            total += draw(MONEY) if line.unit == "万元" else draw(COUNTS)
            figures[(line.indicator_code, column)] = total
    return [draw_statistics(FORM, form_id, figures)]


def tables_of(form_id: str) -> st.SearchStrategy[list[Drawn]]:
    return (three_tables if form_id in YEARLY else one_table)(form_id)


# --- what must come back ----------------------------------------------------------------------------


def read(drawn: list[Drawn], layout: Callable[[Grid], str], spoil=unchanged) -> Parsed:
    text = write_report({table.table_code: layout(table.grid) for table in drawn})
    return parse(spoil(text).encode(), "text/plain", FORM)


def wanted(drawn: list[Drawn]) -> Values:
    return {key: value for table in drawn for key, value in table.values.items()}


def reported(parsed: Parsed) -> Values:
    return {
        (cell.indicator_code, cell.column_code): cell.value
        for cell in parsed.cells
        if cell.value_status == "reported"
    }


def assert_nothing_is_wrong(parsed: Parsed, drawn: list[Drawn]) -> None:
    values = wanted(drawn)
    wrong = {k: v for k, v in reported(parsed).items() if k not in values or values[k] != v}
    assert wrong == {}


@pytest.mark.parametrize(
    "form_id", [*YEARLY, "national_2014", "provincial_2013", "provincial_fujian"]
)
@run
@given(data=st.data())
def test_a_form_comes_back_as_it_was_drawn(form_id: str, data) -> None:
    drawn = data.draw(tables_of(form_id))
    layout = data.draw(st.sampled_from(SEPARATED))
    spoil = data.draw(st.sampled_from(SPOILED))
    parsed = read(drawn, layout, spoil)
    assert reported(parsed) == wanted(drawn)
    assert parsed.reports[0].form_id == form_id
    assert {issue.severity for issue in parsed.issues if issue.table_code} <= {"info"}


@pytest.mark.parametrize("form_id", YEARLY)
@pytest.mark.parametrize(
    "change", [with_broken_header, with_repeated_header, with_separators_in_thousands]
)
@run
@given(data=st.data())
def test_what_a_website_does_to_a_table_does_not_matter(form_id, change, data) -> None:
    drawn = data.draw(tables_of(form_id))
    layout = data.draw(st.sampled_from(SEPARATED))
    parsed = read(drawn, lambda grid: layout(change(grid)))
    if change is with_broken_header and layout not in SEPARATED[6:9]:
        assert_nothing_is_wrong(parsed, drawn)
    else:
        assert reported(parsed) == wanted(drawn)


@pytest.mark.parametrize("form_id", YEARLY)
@run
@given(data=st.data())
def test_a_blank_is_never_another_cells_figure(form_id: str, data) -> None:
    drawn = data.draw(tables_of(form_id))
    layout = data.draw(st.sampled_from(SEPARATED))
    assert_nothing_is_wrong(read(drawn, lambda grid: layout(with_zeros_left_blank(grid))), drawn)


@pytest.mark.parametrize("form_id", [*YEARLY, "national_2014"])
@settings(run, max_examples=max(EXAMPLES // 3, 1))
@given(data=st.data())
def test_a_glued_form_is_right_or_ambiguous(form_id: str, data) -> None:
    drawn = data.draw(tables_of(form_id))
    parsed = read(drawn, data.draw(st.sampled_from(GLUED)))
    assert_nothing_is_wrong(parsed, drawn)
    found = {(cell.indicator_code, cell.column_code) for cell in parsed.cells}
    assert found == set(wanted(drawn))


@st.composite
def defects(draw, grid: Grid) -> Grid:
    """One defect of a printed table: a cell or a row lost, a label lost, blanked or misprinted."""
    grid = [list(row) for row in grid]
    rows = [
        n for n, row in enumerate(grid) if row and row[-1].lstrip("-").replace(".", "").isdigit()
    ]
    place = draw(st.sampled_from(rows))
    row = grid[place]
    first = next(n for n, cell in enumerate(row) if cell.lstrip("-").replace(".", "").isdigit())
    kind = draw(
        st.sampled_from(["cell", "row", "label", "blank_label", "misprint", "twice", "glue"])
    )
    if kind == "cell":
        del row[draw(st.integers(first, len(row) - 1))]
    elif kind == "row":
        del grid[place]
    elif kind == "twice":
        grid.insert(place, list(row))
    elif kind == "glue" and len(row) - first > 1:
        at = draw(st.integers(first, len(row) - 2))
        row[at : at + 2] = [row[at] + row[at + 1]]
    elif first:
        label = row[first - 1]
        at = draw(st.integers(0, len(label) - 1))
        row[first - 1] = {
            "label": None,
            "blank_label": "",
            "misprint": label[:at] + "某" + label[at + 1 :],
        }.get(kind, label)
        if row[first - 1] is None:
            del row[first - 1]
    return grid


@pytest.mark.parametrize("form_id", [*YEARLY, "national_2014", "provincial_fujian"])
@run
@given(data=st.data())
def test_no_single_defect_makes_a_wrong_value(form_id: str, data) -> None:
    drawn = data.draw(tables_of(form_id))
    layout = data.draw(st.sampled_from(SEPARATED))
    hit = data.draw(st.integers(0, len(drawn) - 1))
    broken = [
        table._replace(grid=data.draw(defects(table.grid))) if n == hit else table
        for n, table in enumerate(drawn)
    ]
    assert_nothing_is_wrong(read(broken, layout), drawn)


def test_the_layouts_differ() -> None:
    drawn = draw_appeals(FORM, [1] * 12)
    assert len({layout(drawn.grid) for layout in (*SEPARATED, *GLUED)}) == len(SEPARATED) + len(
        GLUED
    )
    assert pipe_rows([["a", "b"]]) == "| a | b |\n"
