"""Releases: atomic, versioned, complete, and readable by themselves."""

import json
from datetime import date

import duckdb
import pytest

from dagster_project import publish as publishing
from dagster_project.publish import hash_file, next_version, publish
from dagster_project.store import Reader

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
        connection.execute("comment on table marts.dim_report is '报告 Reports.'")
        connection.execute("comment on column marts.dim_report.title is '标题 Title.'")
        connection.execute("create table form.form_rule as select 'R1' as rule_id")
        connection.execute("create view reporting.overview as from gongkai.marts.dim_report")
    return path


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
            "form.form_rule",
            "marts.dim_report",
            "reporting.overview",
            "reporting.release",
        ]
        assert connection.execute("select version from reporting.release").fetchone() == (
            release.version,
        )
        assert connection.execute(
            "select comment from duckdb_columns() where table_name = 'dim_report' and comment is not null"
        ).fetchone() == ("标题 Title.",)
        tags = connection.execute(
            "select tags from duckdb_databases() where database_name = 'gongkai'"
        )
        assert "v1.2.0" in str(tags.fetchone())


def test_the_manifest_names_every_file_with_its_checksum(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(manifest["files"]) == files - {"manifest.json"}
    for name, facts in manifest["files"].items():
        assert hash_file(folder / name) == facts["sha256"]


def test_csv_is_for_spreadsheets_and_parquet_is_exact(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    text = (folder / "csv" / "marts__dim_report.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfreport_id,title")
    assert "'=1+1" in text.decode() and "\nb,-3" in text.decode()
    parquet = folder / "parquet" / "marts__dim_report.parquet"
    titles = duckdb.sql(f"select title from '{parquet}' order by report_id").fetchall()
    assert titles == [("=1+1",), ("-3",), ("年度报告",)]


def test_the_data_dictionary_tells_every_column(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    assert "| `title` | VARCHAR | 标题 Title. |" in (folder / "data_dictionary.md").read_text()
    assert "标题 Title." in (folder / "data_dictionary.csv").read_text("utf-8-sig")


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
        "write_data_dictionary",
        "write_manifest",
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
