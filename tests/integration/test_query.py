"""`gongkai query`: what it answers, and all that it refuses."""

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.commands import query

ONE = "select form_id, valid_from_year from marts.dim_form where form_id = 'national_2021'"


@pytest.fixture
def run(built: tuple, monkeypatch: pytest.MonkeyPatch):
    """The command on the release of the sample."""
    monkeypatch.setenv("GONGKAI_WAREHOUSE", str(built[0].warehouse))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, ["query", *map(str, arguments)])


def is_refused(result: Result, *words: str) -> bool:
    told = " ".join(result.output.split())
    return result.exit_code == 2 and all(word in told for word in words)


def test_an_answer_is_a_table(run):
    result = run(ONE)
    assert result.exit_code == 0
    assert "national_2021" in result.stdout and "2021" in result.stdout


def test_an_answer_comes_in_every_format(run, tmp_path):
    assert list(csv.DictReader(io.StringIO(run(ONE, "--format", "csv").stdout))) == [
        {"form_id": "national_2021", "valid_from_year": "2021"}
    ]
    assert json.loads(run(ONE, "--format", "json").stdout)[0]["valid_from_year"] == 2021
    target = tmp_path / "answer.parquet"
    assert run(ONE, "--format", "parquet", "--output", target).exit_code == 0
    assert pl.read_parquet(target).rows() == [("national_2021", 2021)]


def test_a_query_may_stand_in_a_file(run, tmp_path):
    path = tmp_path / "question.sql"
    path.write_text(f"-- one edition\n{ONE};\n", encoding="utf-8")
    assert "national_2021" in run("--file", path).stdout
    assert is_refused(run("--file", tmp_path / "none.sql"), "cannot be read")
    assert is_refused(run(), "either a query")
    assert is_refused(run(ONE, "--file", path), "either a query")


@pytest.mark.parametrize(
    "question", ["describe marts.dim_form", "show all tables", "summarize marts.dim_form"]
)
def test_looking_around_is_asking(run, question):
    assert run(question).exit_code == 0


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the host that no query may show."""
    path = tmp_path / "secret.csv"
    path.write_text("word\nhush\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "question",
    [
        "from '{file}'",
        "from read_csv('{file}')",
        "from read_text('{file}')",
        "from read_blob('{file}')",
        "from read_json('{file}')",
        "from read_parquet('{file}')",
        "from parquet_metadata('{file}')",
        "from sniff_csv('{file}')",
        "from read_duckdb('{file}')",
        "from glob('{folder}/*')",
        "from query('from read_text(''{file}'')')",
        "from query_table('{file}')",
        "explain analyze from read_text('{file}')",
        "explain analyze copy (select 1) to '{folder}/out.csv'",
        "from 'https://host.example/a.parquet'",
        "from read_csv('https://host.example/a.csv')",
        "from read_parquet('s3://bucket/a.parquet')",
    ],
)
def test_nothing_outside_the_release_can_be_read(run, secret, question):
    before = set(secret.parent.iterdir())
    result = run(question.format(file=secret, folder=secret.parent))
    assert result.exit_code == 2 and "hush" not in result.output
    assert set(secret.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("copy (select 1) to '{folder}/out.csv'", "COPY"),
        ("copy marts.dim_form to '{folder}/out.parquet' (format parquet)", "COPY"),
        ("export database '{folder}/all'", "EXPORT"),
        ("attach '{folder}/other.duckdb'", "ATTACH"),
        ("attach ':memory:' as other", "ATTACH"),
        ("detach gongkai", "DETACH"),
        ("install httpfs", "LOAD"),
        ("install '{folder}/x.duckdb_extension'", "LOAD"),
        ("load httpfs", "LOAD"),
        ("set memory_limit = '99GB'", "SET"),
        ("set enable_external_access = true", "SET"),
        ("reset lock_configuration", "SET"),
        ("pragma threads = 99", "SET"),
        ("use marts", "SET"),
        ("create table marts.x (a integer)", "CREATE"),
        ("create temp table x (a integer)", "CREATE"),
        ("create secret (type s3)", "CREATE"),
        ("insert into marts.dim_form select * from marts.dim_form", "INSERT"),
        ("update marts.dim_form set label_zh = ''", "UPDATE"),
        ("delete from marts.dim_form", "DELETE"),
        ("drop table marts.dim_form", "DROP"),
        ("call enable_logging(storage = 'file', storage_path = '{folder}/log')", "CALL"),
        ("checkpoint", "CALL"),
        ("vacuum", "VACUUM"),
        ("begin", "TRANSACTION"),
        ("prepare x as select 1", "PREPARE"),
        ("select 1; copy (select 1) to '{folder}/out.csv'", "COPY"),
    ],
)
def test_what_is_no_query_is_refused_by_name(run, tmp_path, statement, kind):
    before = set(tmp_path.iterdir())
    assert is_refused(run(statement.format(folder=tmp_path)), f"{kind} is refused")
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "statement",
    [
        "copy (select 1) to '{folder}/out.csv'",
        "copy marts.dim_form from '{file}'",
        "export database '{folder}/all'",
        "attach '{folder}/other.duckdb'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '99GB'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "reset memory_limit",
        "pragma threads = 99",
        "create secret (type s3)",
        "delete from marts.dim_form",
        "create table marts.x (a integer)",
    ],
)
def test_the_engine_itself_refuses_what_slips_through(run, monkeypatch, secret, statement):
    """Behind the look at the statement stands the closed engine."""
    monkeypatch.setattr(query, "_refuse_what_is_no_query", lambda *_: None)
    before = set(secret.parent.iterdir())
    assert run(statement.format(folder=secret.parent, file=secret)).exit_code == 2
    assert set(secret.parent.iterdir()) == before


def test_one_query_at_a_time(run):
    assert is_refused(run("select 1; select 2"), "2 statements")
    assert is_refused(run(" ; "), "no statement")


def test_a_variable_of_the_program_is_no_table(run):
    assert is_refused(run("from _CLOSED"), "does not exist")


def test_a_wrong_query_is_told_in_its_own_words(run):
    assert is_refused(run("select nothing from marts.dim_form"), "nothing", "not found")
    assert is_refused(run("selec 1"), "syntax error")


def test_time_is_bounded(run):
    endless = "select count(*) from range(1000000000) as a, range(1000000000) as b"
    assert is_refused(run(endless, "--seconds", "0.2"), "Stopped after 0.2 seconds")


def test_memory_is_bounded_and_nothing_spills(run, built):
    before = sorted(built[0].current_release.resolve().rglob("*"))
    greedy = "select list(i order by hash(i)) from range(20000000) as t(i)"
    assert is_refused(run(greedy, "--memory", "50MB"), "more than 50MB of memory")
    assert sorted(built[0].current_release.resolve().rglob("*")) == before


def test_text_of_a_release_cannot_steer_the_terminal(run):
    hostile = "select chr(27) || '[31m[bold]' || chr(8238) as \"a\x1b[0m\""
    shown = run(hostile).stdout
    assert "\x1b" not in shown and "\u202e" not in shown and "[bold]" in shown
    rows = query._plain(pl.DataFrame({"a\x1b": ["\x1b[31m", None], "b": [["\u202e"], ["c"]]}))
    assert rows.rows() == [("�[31m", "�"), (None, "c")]
    assert rows.columns == ["a�", "b"]


def test_a_long_answer_says_that_it_goes_on(run):
    result = run(f"select range as i from range({query.SHOWN_ROWS + 5})")
    assert "5 more rows" in result.output
    assert is_refused(run(ONE, "--output", "answer.txt"), "for the terminal")
