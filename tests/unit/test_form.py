"""The dictionary: what it holds, and how it complains when its files do not hang together."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.form import Form, FormError, load_form
from loaders.seeds import SEEDS
from loaders.tables.labels import key_of

Editor = Callable[[list[dict[str, str]]], None]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the dictionary that a test may spoil."""
    shutil.copytree(SEEDS / "form", tmp_path / "form")
    return tmp_path


def edit(seeds: Path, name: str, editor: Editor) -> None:
    path = seeds / "form" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    editor(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def put(column: str, value: str, **where: str) -> Editor:
    """An editor that writes into the first row with these values."""

    def editor(rows: list[dict[str, str]]) -> None:
        row = next(r for r in rows if all(r[k] == v for k, v in where.items()))
        row[column] = value

    return editor


# --- what it holds --------------------------------------------------------------------------------


def test_it_holds_all_editions_indicators_and_rules(form: Form) -> None:
    counts = {e.form_id: len(form.lines(e.form_id)) for e in form.editions}
    assert counts == {
        "narrative": 62,
        "provincial_2008": 35,
        "provincial_fujian": 20,
        "provincial_2013": 36,
        "national_2014": 68,
        "national_2019": 70,
        "national_2021": 60,
    }
    assert len(form.rules) == 125
    assert len(form.applicants) == 7
    assert len(form.appeal_columns) == 15


def test_lines_are_found_by_edition_and_code(form: Form) -> None:
    line = form.line("national_2021", "a20_1_normdocs_made")
    assert line is not None
    assert (line.row_label_zh, line.column_label_zh) == ("行政规范性文件", "本年制发件数")
    assert form.line("national_2019", "a20_1_normdocs_in_force") is None
    assert form.lines("no_such_form") == ()


def test_a_code_without_an_edition_takes_its_newest_meaning(form: Form) -> None:
    newest = form.any_line("a20_1_normdocs_made")
    assert newest is not None
    assert newest.form_id == "national_2021"
    assert form.any_line("no_such_code") is None


def test_labels_come_with_their_variants(form: Form) -> None:
    labels = form.labels("national_2021", "requests")
    assert ("(七)总计", "out_total", False) in labels
    assert ("其他法律行政止公开", "out_denied_other_law", True) in labels
    crossing = ("行政规范性文件", "本年制发件数")
    assert ("规范性文件-本年制发件数", crossing, True) in form.labels("national_2021", "proactive")
    assert form.labels("national_2021", "statistics") == []


@pytest.mark.parametrize("form_id", ["national_2019", "national_2021"])
def test_no_two_request_rows_share_a_label(form: Form, form_id: str) -> None:
    codes: dict[str, set[str]] = {}
    for label, code, _ in form.labels(form_id, "requests"):
        codes.setdefault(key_of(label), set()).add(str(code))
    assert {key: found for key, found in codes.items() if len(found) > 1} == {}


def test_phrases_belong_to_prose(form: Form) -> None:
    assert "复议后起诉" in form.phrases["narr_litigation_after_review"]
    assert all(form.line("narrative", code) for code in form.phrases)


def test_tables_have_the_headings_of_both_wordings(form: Form) -> None:
    appeals = next(t for t in form.tables("national_2019") if t.table_code == "appeals")
    assert appeals.heading_zh == (
        "四、政府信息公开行政复议、行政诉讼情况",
        "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况",
    )


def test_all_labels_are_simplified(form: Form) -> None:
    opencc = pytest.importorskip("opencc")
    convert = opencc.OpenCC("t2s").convert
    labels = [line.label_zh for line in form.all_lines]
    labels += [variant.label_zh for variant in form.label_variants]
    assert [label for label in labels if convert(label) != label] == []


def test_every_fact_line_can_be_reached_by_a_report(form: Form) -> None:
    feeds = {line.fact_code for line in form.all_lines}
    assert feeds >= {"requests", "outcomes", "appeals", "proactive_disclosure", "capacity"}
    assert not {
        line.indicator_code for line in form.all_lines if line.unit == "%" and line.fact_code
    }


def test_the_outcomes_of_a_form_add_up_to_its_total(form: Form) -> None:
    """Levels agree with the rules: what a rule adds up to the total is exactly the outcomes."""
    for rule_id, form_id in [
        ("N14-12", "national_2014"),
        ("P13-04", "provincial_2013"),
        ("P08-02", "provincial_2008"),
        ("PFJ-05", "provincial_fujian"),
    ]:
        rule = form.rule(rule_id)
        assert rule is not None
        parts = {term.indicator_code for term in rule.terms if term.role == "left"}
        lines = form.lines(form_id)
        assert parts == {x.indicator_code for x in lines if x.outcome_level == "outcome"}


# --- how it complains -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "editor", "place", "complaint"),
    [
        (
            "form_line",
            put("form_id", "national_2099", indicator_code="req_new"),
            "column form_id",
            "'national_2099' is no edition",
        ),
        (
            "form_line",
            put("parent_code", "narr_nothing", indicator_code="narr_out_refused"),
            "row 29, column parent_code",
            "'narr_nothing' is no line of narrative",
        ),
        (
            "form_line",
            put("parent_code", "out_total", indicator_code="out_total"),
            "column parent_code",
            "is the line itself",
        ),
        (
            "form_line",
            put("line_order", "first", indicator_code="req_new"),
            "column line_order",
            "'first' is no whole number",
        ),
        (
            "form_line",
            put("line_order", "1", indicator_code="narr_out_refused"),
            "column line_order",
            "1 is taken",
        ),
        (
            "form_line",
            put("is_total", "yes", indicator_code="req_new"),
            "column is_total",
            "use one of: false, true",
        ),
        (
            "form_line",
            put("node_type", "twig", indicator_code="req_new"),
            "column node_type",
            "'twig' is not allowed",
        ),
        (
            "form_line",
            put("fact_code", "wishes", indicator_code="req_new"),
            "column fact_code",
            "'wishes' is not allowed",
        ),
        (
            "form_line",
            put("measure_code", "", indicator_code="req_new"),
            "column measure_code",
            "a line of requests needs it",
        ),
        (
            "form_line",
            put("channel_code", "fax", indicator_code="req_new"),
            "column channel_code",
            "belongs to request_channels only",
        ),
        (
            "form_line",
            put("table_code", "statistics", indicator_code="req_new"),
            "column table_code",
            "national_2019 has no table 'statistics'",
        ),
        (
            "form_line",
            put("table_code", "", indicator_code="req_new"),
            "column table_code",
            "an edition with tables needs one",
        ),
        (
            "form_line",
            put("column_label_zh", "", indicator_code="a20_1_rules_made"),
            "column row_label_zh",
            "stands alone",
        ),
        (
            "form_line",
            put("label_zh", "", indicator_code="req_new"),
            "column label_zh",
            "is empty",
        ),
        (
            "form_label_variant",
            put("indicator_code", "req_nothing", indicator_code="req_new"),
            "column indicator_code",
            "'req_nothing' is no line of national_2019",
        ),
        (
            "form_label_variant",
            put("kind", "phrase", indicator_code="req_new"),
            "column kind",
            "tables have labels",
        ),
        (
            "form_signature",
            put("weight", "0", phrase="上一年项目数量"),
            "column weight",
            "tells nothing",
        ),
        (
            "form_edition",
            put("valid_to_year", "2001", form_id="national_2014"),
            "column valid_to_year",
            "2001 lies before 2014",
        ),
        (
            "form_edition",
            put("valid_from_year", "MMXIV", form_id="national_2014"),
            "column valid_from_year",
            "'MMXIV' is no year",
        ),
        (
            "form_applicant",
            put("is_total", "true", applicant_code="natural_person"),
            "column is_total",
            "mark only one",
        ),
        (
            "form_applicant",
            put("column_order", "7", applicant_code="natural_person"),
            "column column_order",
            "is taken",
        ),
        (
            "form_applicant",
            put("form_ids", "national_2019|", applicant_code="total"),
            "column form_ids",
            "repeats or omits an entry",
        ),
        (
            "form_appeal_column",
            put("column_order", "1", column_order="2"),
            "column column_order",
            "1 is taken",
        ),
        (
            "form_crosswalk",
            put("target_codes", "req_old", source_code="n14_received"),
            "column target_codes",
            "'req_old' is no line of national_2019|national_2021",
        ),
        (
            "form_crosswalk",
            put("mapping_type", "no_equivalent", source_code="n14_received"),
            "column mapping_type",
            "exclude each other",
        ),
        (
            "form_rule",
            put("severity", "fatal", rule_id="N14-01"),
            "column severity",
            "use one of: error, info, warning",
        ),
        (
            "form_rule",
            put("tolerance", "a little", rule_id="NARR-08"),
            "column tolerance",
            "'a little' is no number",
        ),
        (
            "form_rule",
            put("rule_group", "", rule_id="X-NARR-01a"),
            "column rule_group",
            "needs a group",
        ),
        (
            "form_rule_edition",
            put("rule_id", "N14-99", rule_id="N14-01"),
            "column rule_id",
            "'N14-99' is no rule",
        ),
        (
            "form_rule_edition",
            put("form_id", "national_2019", rule_id="N21-REQ-02"),
            "column indicator_code",
            "'out_other_no_supplement' is unknown in national_2019, which has the rule",
        ),
        (
            "form_rule_term",
            put("indicator_code", "n14_nothing", rule_id="N14-01"),
            "column indicator_code",
            "'n14_nothing' is in no edition",
        ),
        (
            "form_rule_term",
            put("indicator_code", "req_new", rule_id="NARR-02"),
            "column indicator_code",
            "'req_new' is no figure of prose",
        ),
        (
            "form_rule_term",
            put("column_code", "everyone", rule_id="N19-REQ-01"),
            "column column_code",
            "'everyone' is no column",
        ),
        (
            "form_rule_term",
            put("column_code", "*", rule_id="N14-01"),
            "column column_code",
            "'*' has no member in scope document",
        ),
        (
            "form_rule_term",
            put("indicator_code", "*", rule_id="N19-REQ-01"),
            "column indicator_code",
            "'*' has no member in scope applicant_column",
        ),
        (
            "form_rule_term",
            put("indicator_code", "statistics", rule_id="X-TBL-01"),
            "column indicator_code",
            "national_2019 has no table 'statistics'",
        ),
        (
            "form_rule_term",
            put("coefficient", "0", rule_id="N14-01"),
            "column coefficient",
            "counts for nothing",
        ),
        (
            "form_rule_term",
            put("year_offset", "-2", rule_id="N14-01"),
            "column year_offset",
            "use 0 or -1",
        ),
        (
            "form_rule_term",
            put("claim_use", "", rule_id="NARR-02"),
            "column claim_use",
            "claims need single or sum",
        ),
        (
            "form_rule_term",
            put("scope_code", "total", rule_id="N14-01"),
            "column scope_code",
            "only rules of scope qualifier",
        ),
        (
            "form_rule_term",
            put("role", "numerator", rule_id="N14-01"),
            "column rule_kind",
            "only a ratio has terms of role numerator",
        ),
        (
            "form_rule_term",
            put("role", "denominator", rule_id="NARR-08", role="printed"),
            "column rule_id",
            "has no term of role printed",
        ),
    ],
)
def test_a_fault_is_named_with_its_place_and_remedy(
    seeds: Path, name: str, editor: Editor, place: str, complaint: str
) -> None:
    edit(seeds, name, editor)
    with pytest.raises(FormError) as caught:
        load_form(seeds)
    message = str(caught.value)
    assert re.match(r"form_\w+\.csv, row \d+, column \w+: ", message)
    assert place in message
    assert complaint in message


def test_a_key_stands_once(seeds: Path) -> None:
    edit(seeds, "form_line", lambda rows: rows.append(dict(rows[0])))
    with pytest.raises(FormError, match=r"narr_proactive_total stands in row 2 already"):
        load_form(seeds)


def test_a_rule_without_an_edition_is_no_rule(seeds: Path) -> None:
    def drop(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if row["rule_id"] != "N14-01"]

    edit(seeds, "form_rule_edition", drop)
    with pytest.raises(FormError, match="no edition has the rule"):
        load_form(seeds)


@pytest.mark.parametrize(
    ("reviewed_date", "complaint"), [("lately", "is no date"), ("", "is empty")]
)
def test_an_exception_is_dated(seeds: Path, reviewed_date: str, complaint: str) -> None:
    def add(rows: list[dict[str, str]]) -> None:
        rows.append(
            {
                "rule_id": "N14-01",
                "report_id": "0123456789abcdef-1",
                "scope_code": "",
                "reason": "misprint",
                "evidence": "scan",
                "reviewed_date": reviewed_date,
            }
        )

    edit(seeds, "form_exception", add)
    with pytest.raises(FormError, match=complaint):
        load_form(seeds)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("form_id,phrase,weight", "form_id,phrase", "column weight: is missing"),
        ("form_id,phrase,weight", "form_id,phrase,weight,colour", "column colour: is not expected"),
        ("national_2014,统计指标,2", "national_2014,统计指标", "has 2 fields instead of 3"),
        ("national_2014,统计指标,2", 'national_2014,"统计"指标,2', "mend the quotes"),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(
    seeds: Path, old: str, new: str, complaint: str
) -> None:
    path = seeds / "form" / "form_signature.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormError, match=re.escape(complaint)):
        load_form(seeds)


def test_a_missing_file_is_named(seeds: Path) -> None:
    (seeds / "form" / "form_table.csv").unlink()
    with pytest.raises(FormError, match=r"form_table\.csv: cannot be read"):
        load_form(seeds)
