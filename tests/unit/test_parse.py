"""The one way in: it never raises, and everything it says points into the document."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.form import Form, load_form
from loaders.parse import parse
from loaders.rows import Parsed
from tests.layouts import (
    cell_per_line,
    draw_appeals,
    draw_proactive,
    draw_requests,
    pipe_rows,
    write_report,
)

FORM = load_form()
LEAVES = {("out_granted", "natural_person"): 12, ("out_partial", "legal_other"): 3}


def report_of(
    form_id: str = "national_2021", layout=pipe_rows, year: int = 2021, without: str = ""
) -> str:
    drawn = (
        draw_proactive(FORM, form_id, {}),
        draw_requests(FORM, form_id, LEAVES),
        draw_appeals(FORM, [1, 0, 0, 2] * 3),
    )
    tables = {
        table.table_code: layout(table.grid) for table in drawn if table.table_code != without
    }
    return write_report({"proactive": "", "requests": "", "appeals": ""} | tables, year)


REPORT = report_of()


def read(text: str) -> Parsed:
    return parse(text.encode(), "text/plain", FORM)


def codes(parsed: Parsed) -> list[str]:
    return [issue.issue_code for issue in parsed.issues]


def assert_everything_points_into(parsed: Parsed, source: str) -> None:
    for row in (*parsed.sections, *parsed.cells, *parsed.claims, *parsed.tasks, *parsed.issues):
        assert 0 <= row.span_start <= row.span_end <= len(source)
        assert 1 <= row.line_no <= source.count("\n") + 1
        assert row.line_no == source.count("\n", 0, row.span_start) + 1
    for cell in parsed.cells:
        assert source[cell.span_start : cell.span_end] == cell.cell_text
        assert (cell.value is not None) == (cell.value_status == "reported")
    for claim in parsed.claims:
        assert source[claim.span_start : claim.span_end] == claim.claim_text
        assert claim.sentence_start <= claim.span_start <= claim.span_end <= claim.sentence_end
    keys = [(c.report_no, c.indicator_code, c.column_code) for c in parsed.cells]
    assert len(keys) == len(set(keys))
    assert [issue.issue_no for issue in parsed.issues] == list(range(1, len(parsed.issues) + 1))
    for report in parsed.reports:
        assert 0 <= report.explained_digit_count <= report.digit_count


# --- what cannot be read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "issue_code"),
    [
        (b"", "empty_document"),
        (b" \n\t ", "empty_document"),
        (bytes(range(256)) * 4, "not_text"),
    ],
)
def test_an_unusable_document_is_a_row_and_an_issue(data: bytes, issue_code: str) -> None:
    parsed = parse(data, "text/plain", FORM)
    assert parsed.document.status == "unusable"
    assert parsed.document.byte_count == len(data)
    assert parsed.reports == ()
    (issue,) = parsed.issues
    assert (issue.issue_code, issue.severity, issue.report_no) == (issue_code, "error", 0)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    parsed = parse(data, "text/plain", FORM)
    assert parsed.document.status in ("parsed", "unusable")


@st.composite
def mutated(draw) -> str:
    """A report with stretches cut out, doubled, moved or overwritten."""
    text = draw(
        st.sampled_from([REPORT, report_of("national_2019", cell_per_line), report_of(year=2020)])
    )
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 120)))
        stretch = text[start:end]
        put = draw(
            st.sampled_from(
                [
                    "",
                    stretch * 2,
                    stretch[::-1],
                    "|",
                    "\n",
                    "0",
                    "99999999999999999999",
                    "①²½",
                    "\u0000\ufeff",
                    "…",
                    "(((",
                    "一、",
                    "2021年",
                ]
            )
        )
        text = text[:start] + put + text[end:]
    return text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_no_report_however_mangled_makes_it_raise(text: str) -> None:
    parsed = read(text)
    if parsed.document.encoding == "utf-8":
        assert_everything_points_into(parsed, text)


@settings(max_examples=40, deadline=None)
@given(
    st.text(
        alphabet="一二三、()|\n 0123456789-.申请公开政府信息报告年度总计自然人行政复议诉讼件",
        max_size=300,
    )
)
def test_no_text_of_the_forms_own_words_makes_it_raise(text: str) -> None:
    parsed = read(text)
    if parsed.document.status == "parsed":
        assert_everything_points_into(parsed, text)


# --- what is read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form_id", ["national_2019", "national_2021"])
@pytest.mark.parametrize("layout", [pipe_rows, cell_per_line])
def test_everything_points_into_the_document(form_id: str, layout) -> None:
    text = report_of(form_id, layout)
    parsed = read(text)
    assert_everything_points_into(parsed, text)
    assert {cell.value_status for cell in parsed.cells} == {"reported"}
    (report,) = parsed.reports
    assert (report.form_id, report.report_year, report.script) == (form_id, 2021, "simplified")
    assert report.tables_present == "proactive|requests|appeals"
    assert report.explained_digit_count == report.digit_count


def test_spans_hold_in_another_script_and_width() -> None:
    text = REPORT.replace("政府信息公开", "政府信息公開").replace("请", "請").replace("12", "１２")
    parsed = read(text)
    assert_everything_points_into(parsed, text)
    (cell,) = [
        c
        for c in parsed.cells
        if c.cell_text == "１２" and c.column_code == "total" and c.indicator_code == "out_granted"
    ]
    assert cell.value == 12


def test_parsing_twice_gives_the_same() -> None:
    assert read(REPORT) == read(REPORT)


def test_the_document_is_known_by_its_bytes() -> None:
    assert read(REPORT).document.document_id == read(REPORT).document.document_id
    assert read(REPORT).document.document_id != read(REPORT + "\n").document.document_id


def test_the_encoding_does_not_matter() -> None:
    ids = ("document_id",)
    cells = [
        [
            c._replace(**dict.fromkeys(ids, ""))
            for c in parse(REPORT.encode(e), "text/plain", FORM).cells
        ]
        for e in ("utf-8", "gb18030", "utf-16")
    ]
    assert cells[0] == cells[1] == cells[2]


# --- several documents, and none -----------------------------------------------------------------------


def test_two_reports_in_one_file_are_two() -> None:
    text = report_of(year=2021) + report_of(year=2022)
    parsed = read(text)
    assert [(r.report_no, r.report_year) for r in parsed.reports] == [(1, 2021), (2, 2022)]
    counts = [sum(1 for c in parsed.cells if c.report_no == n) for n in (1, 2)]
    assert counts[0] == counts[1] > 150
    assert parsed.reports[0].span_end == parsed.reports[1].span_start


def test_noise_belongs_to_no_report() -> None:
    snippet = "格式:pdf\n大小:34KB\n另一份文件的开头 共12页\n"
    parsed = read(report_of(year=2021) + snippet + report_of(year=2022))
    noise = [section for section in parsed.sections if section.report_no == 0]
    assert [section.section_code for section in noise] == ["noise"]
    assert len(parsed.reports) == 2


def test_a_mere_snippet_is_noise_and_an_issue() -> None:
    parsed = read("为规范工作,现就有关事项…")
    assert parsed.reports == ()
    assert [section.report_no for section in parsed.sections] == [0]
    assert codes(parsed) == ["no_report_found"]


def test_sections_cover_the_report() -> None:
    parsed = read(REPORT)
    spans = [(s.span_start, s.span_end) for s in parsed.sections]
    assert spans[0][0] == 0
    assert spans[-1][1] == len(REPORT)
    assert all(left[1] == right[0] for left, right in pairwise(spans))


# --- tables that are not there ----------------------------------------------------------------------------


@pytest.mark.parametrize("table_code", ["proactive", "requests", "appeals"])
def test_a_lost_table_is_no_cells_and_an_issue(table_code: str) -> None:
    parsed = read(report_of(without=table_code))
    assert {cell.table_code for cell in parsed.cells} == {"proactive", "requests", "appeals"} - {
        table_code
    }
    missing = [issue for issue in parsed.issues if issue.issue_code == "table_missing"]
    assert [(issue.table_code, issue.severity) for issue in missing] == [(table_code, "error")]


def test_where_all_tables_are_lost_the_headings_tell_what_to_expect() -> None:
    text = write_report({"proactive": "", "requests": "", "appeals": ""})
    parsed = read(text)
    assert parsed.cells == ()
    assert codes(parsed).count("table_missing") == 3
    (report,) = parsed.reports
    assert report.form_id == "narrative"
    assert set(report.form_expected.split("|")) == {"national_2019", "national_2021"}


def test_last_years_tables_in_an_annex_are_not_mixed_with_this_years() -> None:
    earlier = [
        draw_proactive(FORM, "national_2019", {"a20_1_normdocs_made": Decimal(3)}),
        draw_requests(FORM, "national_2019", {("out_granted", "natural_person"): 9}),
        draw_appeals(FORM, [1] * 12),
    ]
    text = REPORT + "附件:上一年对比数据\n" + "".join(pipe_rows(table.grid) for table in earlier)
    parsed = read(text)
    this_year = {(c.indicator_code, c.column_code): c.value for c in read(REPORT).cells}
    found = {
        (c.indicator_code, c.column_code): c.value for c in parsed.cells if c.value is not None
    }
    assert {key: value for key, value in found.items() if this_year.get(key) != value} == {}
    assert "cell_repeated" in codes(parsed)


@pytest.mark.parametrize("layout", [pipe_rows, cell_per_line])
def test_a_blank_form_gives_no_numbers(layout, form: Form) -> None:
    drawn = (draw_proactive(FORM, "national_2021", {}), draw_requests(FORM, "national_2021", {}))
    blank = {
        table.table_code: layout(
            [["" if cell.isdigit() else cell for cell in row] for row in table.grid]
        )
        for table in drawn
    }
    parsed = read(write_report(blank))
    assert {cell.value for cell in parsed.cells} <= {None}
    assert {report.doc_type for report in parsed.reports} == {"blank_form"}
