"""A draft checked without a server: its rules, its marks, last year, and whose requests count."""

from collections.abc import Callable

import pytest

from loaders.bodies.region import Regions, load_regions
from loaders.form import Form
from loaders.parse import parse
from pages.draft.app import MOST_BYTES, make_app
from pages.draft.checking import CheckedDraft, check_draft
from tests.asgi import ask

DRAFT = "pingtan_2020_constructed.txt"
LAST = "pingtan_2019.txt"
OWN = {"host": "127.0.0.1:1", "x-gongkai-draft": "txt"}


@pytest.fixture(scope="module")
def regions() -> Regions:
    return load_regions()


@pytest.fixture
def check(form: Form, regions: Regions, sample_file: Callable[[str], bytes]) -> Callable:
    def run(data: bytes, *, knows_last_year: bool = False) -> CheckedDraft:
        last = parse(sample_file(LAST), "text/plain", form, regions) if knows_last_year else None
        return check_draft(data, "text/plain", form, regions, lambda report, form: last)

    return run


def test_a_wrong_sum_is_red_with_its_two_sides(check: Callable, sample_file: Callable) -> None:
    wrong = sample_file(DRAFT).decode().replace("| 28 | 2 |", "| 29 | 2 |").encode()
    (report,) = check(wrong).reports
    red = [finding for finding in report.findings if finding.light == "red"]
    assert {(f.rule_id, f.scope_code, int(f.left), int(f.right)) for f in red} == {
        ("N19-REQ-01", "natural_person", 29, 28),
        ("N19-REQ-03", "req_new", 32, 31),
    }
    assert report.findings[: len(red)] == red


def test_a_right_draft_has_no_red(check: Callable, sample_file: Callable) -> None:
    (report,) = check(sample_file(DRAFT)).reports
    assert report.counts["red"] == 0
    assert report.counts["green"] > 50


def test_the_text_comes_back_whole_and_its_marks_are_the_figures(
    check: Callable, sample_file: Callable
) -> None:
    data = sample_file(DRAFT)
    draft = check(data)
    assert "".join(stretch.text for stretch in draft.text) == data.decode()
    (report,) = draft.reports
    (row,) = [r for t in report.tables for r in t.rows if r[0].zh.startswith("一、本年新收")]
    marked = {mark: s.text for s in draft.text for mark in s.marks.split()}
    assert [marked[entry.mark] for entry in row[2]] == ["28", "2", "0", "0", "0", "1", "31"]


def test_last_years_report_speaks_to_this_years(check: Callable, sample_file: Callable) -> None:
    (alone,) = check(sample_file(DRAFT)).reports
    assert not alone.has_last_year and not alone.compared
    (report,) = check(sample_file(DRAFT), knows_last_year=True).reports
    amber = {finding.rule_id for finding in report.findings if finding.light == "amber"}
    assert amber == {"N19-A20-X-8_fees"}
    compared = {row.code: (int(row.last), int(row.now)) for row in report.compared}
    assert compared["req_new"] == (23, 31)


def test_what_is_no_text_is_told(check: Callable) -> None:
    draft = check(b"\x89PNG\r\n\x1a\n")
    assert "picture" in draft.reason and not draft.reports


@pytest.fixture(scope="module")
def app(form: Form, regions: Regions):
    return make_app(
        form,
        regions,
        lambda report, form: None,
        lambda method, headers: None if headers["host"] == OWN["host"] else (421, "not here"),
    )


def test_a_foreign_name_is_not_answered(app) -> None:
    assert ask(app, "GET", "http://evil.example/zh", {"host": "evil.example"}).status == 421


def test_a_form_of_a_foreign_page_cannot_send_a_draft(app) -> None:
    headers = {"host": OWN["host"], "content-type": "text/plain"}
    assert ask(app, "POST", "http://127.0.0.1:1/zh/check", headers, b"text").status == 403


def test_a_draft_is_not_larger_than_a_draft(app) -> None:
    answer = ask(app, "POST", "http://127.0.0.1:1/en/check", OWN, b"0" * (MOST_BYTES + 1))
    assert answer.status == 413 and b"larger than 32 MiB" in answer.body


def test_what_a_draft_says_is_never_markup(app, sample_file: Callable) -> None:
    text = sample_file(DRAFT).decode() + "\n<script>alert(1)</script><img src=x onerror=alert(2)>\n"
    answer = ask(app, "POST", "http://127.0.0.1:1/zh/check", OWN, text.encode())
    body = answer.body.decode()
    assert answer.status == 200 and "&lt;script&gt;alert(1)" in body
    assert "<script" not in body and "<img" not in body
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_document_that_cannot_be_read_is_told_in_the_pages_language(app) -> None:
    answer = ask(app, "POST", "http://127.0.0.1:1/en/check", OWN, b"\x89PNG\r\n\x1a\n")
    assert answer.status == 422 and b"Cannot be read" in answer.body
