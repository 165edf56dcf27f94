"""Text of a document is data wherever it shows: on a page, in a terminal, in a cell, in a query."""

import base64
import csv
import io
from datetime import date

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.load import load_landing
from dagster_project.previews import as_markdown, draw_bars, query_as_markdown
from dagster_project.progress import Silent
from dagster_project.publish import publish
from dagster_project.store import Reader
from tests.releasing import create_form

NAMES = (
    "'; drop table raw.cells; --.txt",
    "\"; attach 'x' as y; --.txt",
    "<script>alert(1)<／script>.txt",
    "=cmd|' ⁄C calc'!A0.txt",
    "\x1b[2J\x1b]0;owned\x07.txt",
    "\u202egnp.txt",
    "a\nb\tc.txt",
    "[red]x[bold] [link=file:x]y.txt",
    "|a|b|`c`![x](y).txt",
    "{{ var('x') }} {% raw %}.txt",
)
STEERING = {chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))} - {"\n"}
STEERING |= {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
LABEL = "<img src=x onerror=alert(1)>\u202e[bold]\x1b[31m'; drop table x; --"
REPORT = (
    "青溪县人民政府2021年政府信息公开工作年度报告\n一、总体情况\n三、收到和处理政府信息公开申请情况\n"
    "| 申请人情况 | 自然人 | 总计 |\n| 一、本年新收政府信息公开申请数量 | 12 | 13 |\n"
    f"| {LABEL} | 3 | 4 |\n"
)


@pytest.fixture
def hostile(empty):
    """A landing folder with names and texts that would like to be more than that."""
    for number, name in enumerate(NAMES):
        (empty.landing / name).write_text(f"{REPORT}\n{number} {name}")
    (empty.landing / "broken.pdf").write_bytes(b"%PDF-1.4 \x1b[2J<script>")
    return empty


def test_names_are_stored_as_they_are_and_run_nothing(hostile):
    with duckdb.connect(str(hostile.warehouse.parent / "w.duckdb")) as connection:
        changes = load_landing(connection, hostile, Silent())
        assert changes.parsed == len(NAMES) + 1
        stored = connection.execute("select document from raw.document_locations").fetchall()
        assert {name for (name,) in stored} == {*NAMES, "broken.pdf"}
        assert connection.execute("select count(*) from raw.cells").fetchone()[0] > 0
        tables = connection.execute(
            "select database_name from duckdb_databases() where not internal"
        ).fetchall()
        assert tables == [("w",)]
        page = query_as_markdown(connection, "select document, path from raw.document_locations")
        page += "\n" + query_as_markdown(connection, "select text from raw.issues")
    assert "<" not in page
    assert not STEERING & set(page)
    for line in page.splitlines():
        assert line.replace("\\|", "").count("|") in (2, 3)


def test_pictures_of_data_hold_no_markup():
    picture = draw_bars("title", [(LABEL, 50.0)])
    svg = base64.b64decode(picture.partition("base64,")[2].rstrip(")")).decode()
    assert "<img" not in svg and not STEERING & set(svg)
    assert "<" not in as_markdown([LABEL], [[LABEL]])


@pytest.mark.parametrize("command", ["check", "fidelity", "trace"])
def test_no_command_lets_a_document_steer_the_terminal(hostile, command):
    paths = sorted(hostile.landing.iterdir())
    runs = []
    if command == "check":
        runs.append(["check", *map(str, paths)])
    elif command == "fidelity":
        runs.append(["fidelity", str(hostile.landing)])
    else:
        runs += [["trace", "1", "req_new", "--file", str(path)] for path in paths]
    for arguments in runs:
        result = CliRunner().invoke(app, arguments)
        assert result.output
        assert not STEERING & set(result.output), arguments


def test_machine_formats_are_exact_and_spreadsheets_are_guarded(tmp_path):
    values = [
        "=1+1",
        "+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "－1",
        "－",
    ]
    harmless = ["-3", "-3.25", "1", "一", "a=1", "-", "——", ""]
    database = tmp_path / "gongkai.duckdb"
    with duckdb.connect(database) as connection:
        for schema in ("marts", "reporting", "form"):
            connection.execute(f"create schema {schema}")
        create_form(connection)
        connection.execute("create table marts.t (n integer, text text)")
        connection.execute("comment on table marts.t is 'Texts. 文本。 One row per text.'")
        connection.executemany(
            "insert into marts.t values (?, ?)", list(enumerate(values + harmless))
        )
    folder = publish(database, tmp_path / "published", Reader("1", "d"), date(2026, 11, 23)).folder
    text = (folder / "csv" / "marts__t.csv").read_bytes().decode("utf-8-sig")
    shown = [row["text"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert shown[: len(values)] == ["'" + value for value in values]
    exact = duckdb.sql(
        f"select text from '{folder}/parquet/marts__t.parquet' order by n"
    ).fetchall()
    assert [value for (value,) in exact] == values + harmless
    # A dash alone is a kind of nothing, and runs nothing; the guard may mark it all the same.
    assert [value.lstrip("'") for value in shown[len(values) :]] == harmless
