"""Figures marked in their lines, terms in words, numbers in print, rows taken in order."""

from decimal import Decimal

import pytest

from pages.charts import draw_series, draw_shares
from pages.language import CHINESE, ENGLISH, Words, show_number, show_share
from pages.passages import Names, Piece, Term, find_figure, mark_figures, read_terms
from pages.release import InOrder
from pages.templating import make_environment, web_address
from pages.writing import NotOurs, begin_site


@pytest.mark.parametrize(
    ("passage", "value", "found"),
    [
        ("全市受理申請456件,與2019年的598件", 456, ["456"]),
        ("收到申请52,971件", 52971, ["52,971"]),
        ("收到申请１２件", 12, ["１２"]),
        ("相比下降25.6%", Decimal("-25.6"), ["25.6"]),
        ("0 | 0 | 31 |", 0, ["0", "0"]),
        ("640020470", 64, []),
        ("共5.60万元", Decimal("5.6"), ["5.60"]),
        ("共5.60万元", 5, []),
        ("没有数字", None, []),
    ],
)
def test_a_figure_is_found_only_where_it_stands_apart(
    passage: str, value: object, found: list
) -> None:
    wanted = None if value is None else Decimal(value)
    assert [passage[start:end] for start, end in find_figure(passage, wanted)] == found


def test_a_number_that_may_be_another_one_is_not_asserted() -> None:
    pieces = mark_figures("2 | 0 | 2 |", [Decimal(2), Decimal(0)])
    assert pieces == [
        Piece("2", is_figure=True),
        Piece(" | "),
        Piece("0", is_figure=True, is_certain=True),
        Piece(" | "),
        Piece("2", is_figure=True),
        Piece(" |"),
    ]
    # Both prints were asked for, so both are what was asked for.
    both = mark_figures("2 | 2", [Decimal(2), Decimal(2)])
    assert [piece.is_certain for piece in both if piece.is_figure] == [True, True]


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
            {"year": 2018, "value": 42, "segment": 0},
            {"year": 2020, "value": 451, "segment": 1},
        ]
    )
    svg += draw_shares([{"year": 2020, "group": "a", "value": 1}], ["a", "b"])
    assert "var(--series-1)" in svg and "var(--ink)" in svg
    assert "stroke-dasharray" in svg  # where the form changes
    assert 'aria-hidden="true"' in svg and "aria-label" not in svg
    for stand_in in ("#010101", "#101111"):
        assert stand_in not in svg


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.doc").write_text("mine")
    with pytest.raises(NotOurs, match="something else"):
        begin_site(tmp_path / "site")
    assert (tmp_path / "site" / "thesis.doc").exists()
