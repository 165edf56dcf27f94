"""What leaves the house: the data package by its own library, and the difference of two releases."""

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.dbt_runner import read_manifest
from dagster_project.load import current_reader
from dagster_project.model_keys import read_keys
from dagster_project.publish import publish
from dagster_project.release_changes import compare_releases
from dagster_project.release_notes import describe_changes, write_release_notes


@pytest.fixture(scope="module")
def release(built) -> Path:
    return built[0].current_release.resolve()


@pytest.fixture
def later(release, tmp_path):
    """A function that makes a later release out of the sample's by some statements."""

    def make(*statements: str) -> Path:
        folder = tmp_path / "2999.01.01.1"
        folder.mkdir()
        shutil.copyfile(release / "gongkai.duckdb", folder / "gongkai.duckdb")
        with duckdb.connect(folder / "gongkai.duckdb") as connection:
            connection.execute("update reporting.release set version = '2999.01.01.1'")
            for statement in statements:
                connection.execute(statement)
        return folder

    return make


def changes(earlier: Path, later: Path, *columns: str) -> list[tuple]:
    with compare_releases(earlier, later) as connection:
        return connection.execute(f"select {', '.join(columns)} from described").fetchall()


PINGTAN = "(select report_id from marts.dim_report where document = 'pingtan_2019.txt')"
QUZHOU = "(select report_id from marts.dim_report where document like 'quzhou%' and report_no = 3)"
CELL = f"report_id = {PINGTAN} and indicator_code = 'req_new' and column_code = 'total'"


# The data package


def test_frictionless_finds_every_resource_as_described(release):
    """Types, keys, references, sizes and checksums of the package, read by its own library."""
    from frictionless import Package, system

    with system.use_context(trusted=True):
        package = Package(str(release / "datapackage.json"))
        report = package.validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "note"])[:20]
    described = {resource.path for resource in package.resources}
    assert described == {f"csv/{path.name}" for path in (release / "csv").iterdir()}


def test_frictionless_finds_tables_without_csv_as_described(built, tmp_path):
    from frictionless import Package, system

    keys = read_keys(read_manifest())
    today = date(2026, 11, 23)
    whole = json.loads((built[0].current_release / "manifest.json").read_text("utf-8"))
    limit = whole["row_counts"]["marts.dim_report"] - 1
    release = publish(
        built[0].database, tmp_path, current_reader(), today, keys, rows_of_csv=limit
    ).folder
    without = json.loads((release / "manifest.json").read_text("utf-8"))["without_csv"]
    assert {"marts.dim_report", "marts.fct_outcomes", "reporting.series"} <= set(without)
    with system.use_context(trusted=True):
        report = Package(str(release / "datapackage.json")).validate()
        assert report.valid, report.flatten(["name", "fieldName", "type", "note"])[:20]
        (release / "parquet" / "marts__dim_report.parquet").write_bytes(b"PAR1")
        spoilt = Package(str(release / "datapackage.json")).validate()
    assert {error[0] for error in spoilt.flatten(["type"])} == {"byte-count", "hash-count"}


def test_no_two_orders_of_passages_satisfy_theirs(release):
    order = read_keys(read_manifest())["reporting.source_passages"].order
    with duckdb.connect(release / "gongkai.duckdb", read_only=True) as connection:
        rows, places = connection.execute(
            f"select count(distinct t), count(distinct ({', '.join(order)})) "
            "from reporting.source_passages as t"
        ).fetchone()
        in_order = f"from reporting.source_passages order by {', '.join(order)}"
        kept = connection.execute("from reporting.source_passages").fetchall()
        assert kept == connection.execute(in_order).fetchall()
    assert rows == places > 500


def test_the_package_knows_keys_and_references(release):
    package = json.loads((release / "datapackage.json").read_text("utf-8"))
    assert package["version"] == release.name
    schemas = {
        resource["name"]: resource["schema"]
        for resource in package["resources"]
        if resource.get("type") == "table"
    }
    assert schemas["marts__dim_report"]["primaryKey"] == ["report_id"]
    assert "report_id" in schemas["marts__fct_outcomes"]["primaryKey"]
    assert {
        "fields": ["report_id"],
        "reference": {"resource": "marts__dim_report", "fields": ["report_id"]},
    } in schemas["marts__fct_report_changes"]["foreignKeys"]
    types = {field["name"]: field["type"] for field in schemas["marts__dim_report"]["fields"]}
    assert (types["report_year"], types["is_canonical"]) == ("integer", "boolean")


def test_every_table_and_column_is_described_in_both_languages(release):
    with duckdb.connect(release / "gongkai.duckdb", read_only=True) as connection:
        silent = connection.execute(
            """
            select table_schema, table_name, '' from reporting.data_dictionary_tables
            where description_zh = '' or description_en = ''
            union all
            select table_schema, table_name, column_name from reporting.data_dictionary_columns
            where description_zh = '' or description_en = ''
            """
        ).fetchall()
    assert silent == []


def test_the_codebook_has_every_line_of_every_edition(release, form):
    with (release / "codebook.csv").open(encoding="utf-8-sig") as handle:
        rows = {(row["form_id"], row["indicator_code"]) for row in csv.DictReader(handle)}
    assert rows == {(line.form_id, line.indicator_code) for line in form.all_lines}


# The difference of two releases


def test_equal_releases_do_not_differ(release, later):
    with compare_releases(release, later()) as connection:
        assert connection.table("described").fetchall() == []
        assert "No table, report, figure or rule result differs" in describe_changes(connection)


@pytest.mark.parametrize(
    ("reader", "cause"),
    [
        ("parser_version = '99'", "parser_changed"),
        ("dictionary_sha256 = '99'", "dictionary_changed"),
        ("parser_version = '99', dictionary_sha256 = '99'", "parser_and_dictionary_changed"),
        ("content_sha256 = '99'", "models_or_other_reports_changed"),
    ],
)
def test_a_changed_value_has_old_new_and_cause(release, later, reader, cause):
    folder = later(
        f"update reporting.figures set value = value + 1 where {CELL}",
        f"update reporting.release set {reader}",
    )
    assert changes(release, folder, "change_kind", "old_value", "new_value", "cause") == [
        ("value_changed", "23", "24", cause)
    ]


def test_a_figure_held_back_and_one_released_say_so(release, later):
    folder = later(
        f"delete from reporting.figures where {CELL}",
        "insert into marts.fct_values_held_back by name select report_id, 'requests' as table_code, "
        "'req_new' as indicator_code, 'total' as column_code, 1 as occurrence_no, "
        "'reported' as value_status, '23' as cell_text, 1 as line_no, 'quarantined' as reason "
        f"from {PINGTAN} as reports",
    )
    columns = ("change_kind", "indicator_code", "old_value", "new_value", "cause", "detail")
    assert changes(release, folder, *columns) == [
        ("value_removed", "req_new", "23", None, "held_back", "quarantined")
    ]
    assert changes(folder, release, *columns) == [
        ("value_added", "req_new", None, "23", "released", "quarantined")
    ]


def test_reports_come_and_go(release, later):
    folder = later(
        f"create temp table gone as from {QUZHOU}",
        *(
            f"delete from {table} where report_id in (from gone)"
            for table in ("reporting.figures", "marts.fct_rule_results", "marts.dim_report")
        ),
    )
    columns = ("change_kind", "publisher_name", "report_year")
    assert changes(release, folder, *columns) == [("report_removed", "衢州市人民政府", 2020)]
    assert changes(folder, release, *columns) == [("report_added", "衢州市人民政府", 2020)]


def test_a_document_with_other_bytes_is_compared_with_the_one_it_replaces(release, later):
    folder = later(
        f"create temp table old as from {PINGTAN}",
        f"update reporting.figures set value = 25 where {CELL}",
        *(
            f"update {table} set report_id = 'new-1' where report_id in (from old)"
            for table in ("reporting.figures", "marts.fct_rule_results")
        ),
        "update marts.dim_report set report_id = 'new-1', canonical_report_id = 'new-1' "
        "where report_id in (from old)",
    )
    found = changes(release, folder, "change_kind", "report_id", "old_value", "new_value", "cause")
    replaced, changed = sorted(found)
    assert replaced[:2] == ("report_replaced", "new-1") and replaced[4] == "document_changed"
    assert changed == ("value_changed", "new-1", "23", "25", "document_changed")


@pytest.mark.parametrize(("revision_no", "cause"), [(2, "revision_arrived"), (1, "copy_arrived")])
def test_a_revision_is_compared_with_the_version_that_counted(release, later, revision_no, cause):
    folder = later(
        "insert into marts.dim_report select * replace ('new-1' as report_id, "
        f"'again.txt' as document, 'new-1' as canonical_report_id, {revision_no} as revision_no) "
        f"from marts.dim_report where report_id = {PINGTAN}",
        "insert into reporting.figures select * replace ('new-1' as report_id) "
        f"from reporting.figures where report_id = {PINGTAN}",
        "update reporting.figures set value = 25 where report_id = 'new-1' "
        "and indicator_code = 'req_new' and column_code = 'total'",
        "update marts.dim_report set is_canonical = false, canonical_report_id = 'new-1' "
        f"where report_id = {PINGTAN}",
    )
    columns = ("change_kind", "report_id", "indicator_code", "new_value", "cause")
    assert sorted(changes(release, folder, *columns), key=lambda row: row[0]) == [
        ("canonical_changed", "new-1", None, "new-1", cause),
        ("report_added", "new-1", None, None, None),
        ("value_changed", "new-1", "req_new", "25", cause),
    ]


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ("select 1", "other_reports_changed"),
        (f"update reporting.figures set value = 24 where {CELL}", "figures_changed"),
        (
            "update form.form_rule set severity = 'info' where rule_id = 'N19-REQ-01'",
            "rule_changed",
        ),
    ],
)
def test_a_changed_rule_result_says_why(release, later, statement, cause):
    folder = later(
        "update marts.fct_rule_results set result = 'fail', cause = 'source' where report_id = "
        f"{PINGTAN} and rule_id = 'N19-REQ-01' and scope_code = 'total'",
        statement,
    )
    columns = ("change_kind", "rule_id", "scope_code", "old_value", "new_value", "cause")
    found = [row for row in changes(release, folder, *columns) if row[0] == "rule_result_changed"]
    assert found == [("rule_result_changed", "N19-REQ-01", "total", "pass", "fail source", cause)]


def test_tables_and_columns_that_changed_are_named(release, later):
    folder = later(
        "create table marts.fct_new as select 1 as figure",
        "drop table marts.dim_year",
        "alter table marts.dim_form add column colour text",
        "alter table marts.dim_form alter column valid_from_year type text",
        "update marts.dim_report set form_id = 'narrative' where document = 'pingtan_2019.txt'",
    )
    columns = ("change_kind", "table_name", "column_name", "old_value", "new_value")
    assert sorted(changes(release, folder, *columns), key=lambda row: row[0]) == [
        ("column_added", "marts.dim_form", "colour", None, "VARCHAR"),
        ("column_type_changed", "marts.dim_form", "valid_from_year", "INTEGER", "VARCHAR"),
        ("report_retold", "marts.dim_report", "form_id", "national_2019", "narrative"),
        ("table_added", "marts.fct_new", None, None, None),
        ("table_removed", "marts.dim_year", None, None, None),
    ]


def test_each_release_carries_the_notes_of_its_changes(release, later):
    folder = later(f"update reporting.figures set value = 24 where {CELL}")
    write_release_notes(release, folder)
    notes = (folder / "release_notes.md").read_text("utf-8")
    assert f"2999.01.01.1: what differs from {release.name}" in notes
    assert "Values changed 数值变更" in notes
    assert "| req_new | total | 23 | 24 |" in notes
    with (folder / "changes.csv").open(encoding="utf-8") as handle:
        assert [row["new_value"] for row in csv.DictReader(handle)] == ["24"]


def test_an_old_release_that_cannot_be_compared_is_said_to_be_so(release, later, tmp_path):
    folder = later()
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "gongkai.duckdb").write_bytes(b"no database")
    write_release_notes(tmp_path / "older", folder)
    assert "older cannot be compared" in (folder / "release_notes.md").read_text("utf-8")


def test_the_first_release_says_that_it_is_the_first(release):
    assert "First release" in (release / "release_notes.md").read_text("utf-8")


def test_gongkai_diff_prints_what_differs(built, release, later, monkeypatch):
    monkeypatch.setenv("GONGKAI_WAREHOUSE", str(built[0].warehouse))
    folder = later(f"update reporting.figures set value = 24 where {CELL}")
    printed = CliRunner().invoke(app, ["diff", release.name, str(folder)])
    assert printed.exit_code == 0 and "| req_new | total | 23 | 24 |" in printed.output
    rows = CliRunner().invoke(app, ["diff", release.name, str(folder), "--format", "json"])
    assert [row["cause"] for row in json.loads(rows.output)] == ["models_or_other_reports_changed"]
    alone = CliRunner().invoke(app, ["diff"])
    assert alone.exit_code == 2
