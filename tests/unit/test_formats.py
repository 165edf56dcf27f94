"""Files with a structure of their own: a form printed as HTML, Word, a sheet or PDF reads like its text."""

import io
import zipfile

import pytest

from loaders.form import Form
from loaders.parse import parse
from tests import documents
from tests.layouts import draw_appeals, draw_proactive, draw_requests

FORMATS = {
    "html": (documents.to_html, "text/html"),
    "docx": (documents.to_docx, "application/octet-stream"),
    "xlsx": (documents.to_xlsx, "application/octet-stream"),
    "csv": (documents.to_csv, "text/csv"),
    "pdf": (documents.to_pdf, "application/pdf"),
}
LEAVES = {
    ("out_granted", "natural_person"): 41,
    ("out_partial", "legal_commercial"): 7,
    ("out_denied_state_secret", "natural_person"): 1,
    ("out_unable_not_held", "legal_other"): 12,
    ("req_carried_in", "natural_person"): 3,
    ("req_carried_out", "natural_person"): 2,
}


@pytest.fixture(scope="module", params=["national_2019", "national_2021"])
def drawn(request, form: Form):
    return [
        draw_proactive(form, request.param, {}),
        draw_requests(form, request.param, LEAVES),
        draw_appeals(form, [3, 1, 0, 2, 0, 0, 5, 0, 1, 0, 0, 0]),
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_a_form_reads_the_same_in_every_format(name: str, drawn, form: Form) -> None:
    write, media_type = FORMATS[name]
    parsed = parse(write({table.table_code: table.grid for table in drawn}), media_type, form)
    wanted = {key: value for table in drawn for key, value in table.values.items()}
    found = {(cell.indicator_code, cell.column_code): cell.value for cell in parsed.cells}
    assert found == wanted
    (report,) = parsed.reports
    assert (report.publisher_name, report.report_year) == ("青溪县人民政府", 2021)


def test_menus_scripts_and_counters_are_not_the_report(drawn, form: Form) -> None:
    page = documents.to_html(
        {table.table_code: table.grid for table in drawn}, menu="<div>行政许可 5 件</div>"
    )
    parsed = parse(page, "text/html", form)
    assert not any("998877" in issue.text or "12345" in issue.text for issue in parsed.issues)
    assert parsed.document.media_type == "text/html"


def test_a_table_that_is_a_picture_is_said_to_be_one(form: Form) -> None:
    page = (
        f"<html><head><title>{documents.TITLE}</title></head><body><p>{documents.PERIOD}</p>"
        + "".join(f"<p>{h}</p><img src='t.png'>" for h in documents.HEADINGS.values())
        + "<p>五、存在的主要问题</p></body></html>"
    )
    parsed = parse(page.encode(), "text/html", form)
    assert parsed.cells == ()
    missing = [issue for issue in parsed.issues if issue.issue_code == "table_missing"]
    assert len(missing) == 3
    assert all("picture" in issue.text for issue in missing)


@pytest.mark.parametrize(
    ("data", "issue_code"),
    [
        (documents.to_pdf({})[:400], "unreadable_file"),
        (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
         b"trailer<</Root 1 0 R>>\n%%EOF", "no_text_layer"),
    ],
)  # fmt: skip
def test_a_broken_or_scanned_pdf_says_so(data: bytes, issue_code: str, form: Form) -> None:
    parsed = parse(data, "application/pdf", form)
    assert parsed.document.status == "unusable"
    assert [issue.issue_code for issue in parsed.issues] == [issue_code]


def test_a_zip_bomb_is_not_opened(form: Form) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 50_000_000)
    parsed = parse(buffer.getvalue(), "", form)
    assert [issue.issue_code for issue in parsed.issues] == ["too_large"]


def test_the_number_of_a_footnote_is_no_digit_of_the_figure_before_it(form: Form) -> None:
    grids = {"appeals": draw_appeals(form, [3, 1, 0, 2, 0, 0, 5, 0, 1, 0, 0, 0]).grid}
    page = documents.to_html(grids).decode()
    for mark in ("1", "[1]", "①"):
        data = page.replace(">5<", f">5<sup>{mark}</sup><").encode()
        parsed = parse(data, "text/html", form)
        assert {int(c.value) for c in parsed.cells if c.value is not None} == {0, 1, 2, 3, 5, 6}
