"""Figures marked in their lines, terms in words, numbers in print, rows taken in order."""

import re
from decimal import Decimal

import pytest

from pages.charts import draw_series, draw_statuses
from pages.language import CHINESE, ENGLISH, Words, show_number, show_share
from pages.passages import Names, Piece, Term, mark_figures, read_terms
from pages.regions import draw_requests, find_former, first_ranks
from pages.release import InOrder
from pages.search import list_places, split_name
from pages.templating import make_environment, web_address
from pages.writing import NotOurs, begin_site


def test_a_figure_is_marked_where_it_was_read_and_not_where_it_is_printed_too() -> None:
    assert mark_figures("2 | 0 | 2 |", [(8, 9), (4, 5), (8, 9)]) == [
        Piece("2 | "),
        Piece("0", is_figure=True),
        Piece(" | "),
        Piece("2", is_figure=True),
        Piece(" |"),
    ]
    assert mark_figures("2 | 0", []) == [Piece("2 | 0")]
    inside = mark_figures("未收取费用。", [(0, 5), (1, 3)])
    assert inside == [Piece("未收取费用", is_figure=True), Piece("。")]


def test_the_operands_of_a_rule_are_read_as_terms() -> None:
    terms = read_terms("prev(req_new[total]) 35 - x_pct -2.5 = 100 * (a_b absent) / (c 7)")
    assert [term for term in terms if term.code] == [
        Term("", "req_new", "total", "prev", "35"),
        Term("", "x_pct", "", "", "-2.5"),
        Term("", "a_b", "", "", "absent"),
        Term("", "c", "", "", "7"),
    ]
    assert "".join(term.text for term in terms) == " -  = 100 * () / ()"


def test_a_code_is_named_in_print_with_its_column() -> None:
    names = Names({"req_new": Words("新收", "New")}, {"total": Words("总计", "total")})
    assert names.name(CHINESE, "req_new", "total") == "新收（总计）"
    assert names.name(ENGLISH, "req_new", "total") == "New (total)"
    assert names.name(ENGLISH, "unheard_of") == "unheard_of"


@pytest.mark.parametrize(
    ("value", "most", "shown"),
    [
        (None, 6, "–"),
        (0, 6, "0"),
        (52971, 6, "52,971"),
        (Decimal("-25.600000"), 6, "−25.6"),
        (Decimal("0.315267"), 3, "0.315"),
    ],
)
def test_numbers_read_well_and_nothing_is_not_zero(value: object, most: int, shown: str) -> None:
    assert show_number(value, most) == shown


def test_a_share_of_nothing_is_none() -> None:
    assert show_share(1, 0) == "–"
    assert show_share(None, 5) == "–"
    assert show_share(0, 5) == "0.0%"


def test_only_web_addresses_are_linked_to() -> None:
    assert web_address("https://www.example.org/a") == "https://www.example.org/a"
    assert web_address("javascript:alert(1)") == ""
    assert web_address(None) == ""


def test_templates_escape_what_documents_say() -> None:
    template = make_environment().from_string("<p title='{{ text }}'>{{ text }}</p>")
    hostile = "'><script>alert(1)</script>"
    assert "<script" not in template.render(text=hostile)
    assert "'>" not in template.render(text=hostile).removeprefix("<p title='").split("</p>")[0][:4]


def test_rows_are_taken_key_by_key() -> None:
    rows = InOrder(iter([{"key": "a"}, {"key": "a"}, {"key": "b"}, {"key": "d"}]), "key")
    assert [len(rows.take(key)) for key in ("a", "c", "d", "e")] == [2, 0, 1, 0]


def test_charts_leave_their_colours_to_the_style_sheet() -> None:
    svg = draw_series(
        [
            {"year": 2018, "value": 42, "segment": 0, "is_own": True},
            {"year": 2020, "value": 451, "segment": 1, "is_own": True},
        ]
    )
    svg += draw_statuses([{"year": 2020, "status": "discrepant", "value": 1}])
    assert "var(--series-1)" in svg and "var(--discrepant)" in svg and "var(--ink)" in svg
    assert "stroke-dasharray" in svg  # where the form changes
    assert 'aria-hidden="true"' in svg and "aria-label" not in svg
    for stand_in in ("#010101", "#101111"):
        assert stand_in not in svg


def test_a_region_and_what_became_a_part_of_it_are_lines_of_their_own() -> None:
    rows = [
        {"report_year": year, "region_code": code, "form_id": "f", "new_count": count}
        for year in (2019, 2020)
        for code, count in (("330105", 50), ("330103", 90))
    ]
    svg = draw_requests(rows, "330105")
    lines = re.findall(r'<path d="(M[^"]*)" stroke="(var[^"]*)"', svg)
    assert [(line.count("L"), color) for line, color in lines] == [
        (1, "var(--faint)"),
        (1, "var(--series-1)"),
    ]
    assert "stroke-dasharray" not in svg
    # One that merely had another code before goes on as one line.
    renamed = [rows[1] | {"report_year": 2018}, rows[0], rows[2]]
    lines = re.findall(r'<path d="(M[^"]*)" stroke="(var[^"]*)"', draw_requests(renamed, "330105"))
    assert [(line.count("L"), color) for line, color in lines] == [(2, "var(--series-1)")]
    # Nothing is drawn of a region that has no series of its own.
    assert draw_requests(rows, "330106") == ""
    assert set(
        find_former([rows[0] | {"report_id": "a"}, rows[1] | {"report_id": "b"}], "330105")
    ) == {"b"}


def test_equal_figures_share_a_rank() -> None:
    ranking = {
        2020: [["c", "", "", "", n] for n in (5, 9, 5, None, 1)],
        2019: [["c", "", "", "", 7]],
    }
    assert [(rank, row[4]) for rank, row in first_ranks(ranking)] == [
        (1, 9),
        (2, 5),
        (2, 5),
        (4, 1),
    ]


def test_a_name_is_found_where_its_pieces_are() -> None:
    shards = {
        "33": [["衢州市", "Quzhou", "qu zhou shi", "", "", 1]],
        "44": [["广州市", "Guangzhou", "guang zhou shi", "", "", 1]],
    }
    found = list_places(shards)
    assert found["shards"] == {"0": "33", "1": "44"}
    assert found["begins"]["quzh"] == "0" and found["begins"]["广州"] == "1"
    places = found["where"]
    assert places["衢"] == "0" and places["广"] == "1" and places["州"] == "*"
    # Spelt close together, and by first letters.
    assert places["uzh"] == "0" and places["gzh"] == "1" and places["qzs"] == "0"
    wanted = list(split_name("quzhou衢"))
    assert wanted == ["衢", "quz", "uzh", "zho", "hou"]
    assert all("0" in places[piece] or places[piece] == "*" for piece in wanted)


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.doc").write_text("mine")
    with pytest.raises(NotOurs, match="something else"):
        begin_site(tmp_path / "site")
    assert (tmp_path / "site" / "thesis.doc").exists()
