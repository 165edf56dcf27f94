"""The command: what it prints, how it ends, and what it must not import."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from tests.documents import to_html
from tests.layouts import draw_requests

SAMPLE = Path(__file__).resolve().parents[2] / "warehouse" / "landing" / "sample"
REPORT = SAMPLE / "pingtan_2019.txt"
HEAVY = ("dagster", "dagster_dbt", "dbt", "great_expectations", "pandas")

# What carries rules from code to code: a right report, and the same with one figure changed.
ROW = "一、本年新收政府信息公开申请数量 | 23 | 0 | 0 | 0 | 0 | 0 | 23 |"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def wrong_report(tmp_path):
    text = REPORT.read_text("utf-8-sig")
    assert ROW in text
    path = tmp_path / "wrong.txt"
    path.write_text(
        text.replace(ROW, ROW.replace("| 23 |\n", "| 24 |\n").replace("| 23 | 0", "| 22 | 0"))
    )
    return path


def test_parse_puts_the_document_first_and_joins_the_report():
    result = run("parse", "--what", "cells", REPORT)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0])[:4] == ["document", "report_no", "report_year", "form_id"]
    total = [r for r in rows if (r["indicator_code"], r["column_code"]) == ("req_new", "total")]
    assert [(r["document"], r["value"]) for r in total] == [("pingtan_2019.txt", "23")]


@pytest.mark.parametrize("what", ["documents", "reports", "cells", "claims", "tasks", "issues"])
def test_every_frame_comes_in_every_format(what, tmp_path):
    document = SAMPLE / "weiyuan_2018_work_plan.txt" if what == "tasks" else REPORT
    table = tmp_path / "rows.parquet"
    assert run("parse", "--what", what, "--format", "parquet", "-o", table, document).exit_code == 0
    height = pl.read_parquet(table).height
    as_json = run("parse", "--what", what, "--format", "json", document)
    assert len(json.loads(as_json.stdout)) == height
    as_csv = run("parse", "--what", what, document)
    assert len(list(csv.reader(io.StringIO(as_csv.stdout)))) == height + 1


def test_a_document_given_twice_is_listed_under_both_names(tmp_path):
    copy = tmp_path / "copy.txt"
    copy.write_bytes(REPORT.read_bytes())
    rows = list(csv.DictReader(io.StringIO(run("parse", "--what", "reports", REPORT, copy).stdout)))
    assert [row["document"] for row in rows] == ["pingtan_2019.txt", "copy.txt"]


def test_a_right_report_passes():
    result = run("check", REPORT)
    assert result.exit_code == 0
    assert "相符 passed" in result.stdout and "N19-REQ-01" in result.stdout


def test_a_broken_sum_is_told_in_both_languages_and_counts(wrong_report):
    result = run("check", wrong_report)
    assert result.exit_code == 1
    assert "N19-REQ-03" in result.stdout
    assert "请更正" in result.stdout and "correct one of the figures" in result.stdout


def test_a_warning_counts_only_where_asked_for():
    report = SAMPLE / "liupanshui_resettlement_bureau_2016.txt"
    assert run("check", report).exit_code == 0
    strict = run("check", "--strict", report)
    assert strict.exit_code == 1 and "783" in strict.stdout and "927" in strict.stdout


def test_last_years_report_speaks_to_this_years():
    this_year = SAMPLE / "pingtan_2020_constructed.txt"
    assert "N19-A20-X-8_fees (8_fees)" not in run("check", this_year).stdout
    both = run("check", "--strict", this_year, REPORT)
    assert both.exit_code == 1 and "N19-A20-X-8_fees" in both.stdout


@pytest.mark.parametrize("data", [None, b"", bytes(range(256)) * 8])
def test_a_file_that_cannot_be_read_is_2_and_the_others_are_checked(tmp_path, data):
    path = tmp_path / "bad.txt"
    if data is not None:
        path.write_bytes(data)
    result = run("check", path, REPORT)
    assert result.exit_code == 2
    assert "cannot be read" in result.output and "N19-REQ-01" in result.output


def test_trace_marks_the_figure_in_its_line():
    result = run("trace", "1", "req_new", "total", "--file", REPORT)
    assert result.exit_code == 0
    assert "req_new [total] = 23" in result.stdout and ROW in result.stdout


def test_trace_of_a_figure_that_is_not_there_says_so():
    assert run("trace", "1", "no_such_code", "--file", REPORT).exit_code == 1


def test_text_of_a_document_cannot_steer_the_terminal(tmp_path):
    path = tmp_path / "hostile.txt"
    text = REPORT.read_text("utf-8-sig").replace(ROW, ROW + " \x1b[31m[bold]\u202e[/bold]")
    path.write_text(text)
    result = run("trace", "1", "req_new", "total", "--file", path)
    assert result.exit_code == 0
    assert "\x1b[31m" not in result.stdout and "\u202e" not in result.stdout
    assert "[bold]" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("trace", "0123456789abcdef-1", "req_new"),
        ("export", "postgres"),
        ("query", "from marts.dim_form"),
    ],
)
def test_without_a_warehouse_there_is_a_word_on_what_to_do(arguments, tmp_path, monkeypatch):
    monkeypatch.setenv("GONGKAI_WAREHOUSE", str(tmp_path))
    result = run(*arguments)
    assert result.exit_code == 2 and "gongkai build" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["check", str(REPORT)],
        ["parse", str(REPORT)],
        ["trace", "1", "req_new", "--file", str(REPORT)],
    ],
)
def test_light_commands_import_nothing_heavy(arguments):
    code = (
        "import sys\n"
        "from dagster_project.cli import app\n"
        "try:\n"
        f"    app({arguments!r})\n"
        "finally:\n"
        f"    print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip().endswith("[]")


def test_a_dictionary_that_is_wrong_is_told_in_one_line(monkeypatch, capsys):
    from dagster_project import cli
    from loaders.seeds import FormError

    def broken() -> None:
        raise FormError("form_line.csv, row 3, column unit: is empty; fill it in")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert "form_line.csv, row 3, column unit" in capsys.readouterr().err


def test_documents_inside_an_archive_are_read_by_name(tmp_path):
    archive = tmp_path / "crawl.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(SAMPLE / "liangping_2021.txt", "a/liangping_2021.txt")
        packed.write(SAMPLE / "pingtan_2019.txt", "pingtan_2019.txt")
    done = run("parse", "--what", "reports", archive)
    names = {row["document"] for row in csv.DictReader(io.StringIO(done.stdout))}
    assert names == {"liangping_2021.txt", "pingtan_2019.txt"}


def test_a_figure_is_traced_in_a_file_with_a_structure_of_its_own(tmp_path, form):
    drawn = draw_requests(form, "national_2021", {("out_granted", "natural_person"): 4711})
    page = tmp_path / "report.html"
    page.write_bytes(to_html({"requests": drawn.grid}))
    done = run("trace", "1", "out_granted", "natural_person", "--file", page)
    assert done.exit_code == 0
    assert "4711" in done.stdout
