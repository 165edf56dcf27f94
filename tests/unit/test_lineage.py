"""Column lineage: what the SQL says, and nothing where it cannot be followed."""

import duckdb
import pytest

from dagster_project.lineage import ColumnLineage


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute("create schema raw; create table raw.cells (report text, value int)")
        yield connection


def test_a_column_leads_to_the_columns_it_was_made_from(connection, tmp_path):
    lineage = ColumnLineage(connection, tmp_path / "kept.json")
    sources = lineage.trace(
        "marts.fct",
        """
        with cells as (select * from "any_catalog"."raw"."cells"),
        doubled as (select report, value * 2 as value from cells)
        select report as name, value + 1 as one_more, 'x' as fixed from doubled
        """,
    )
    assert sources == {
        "name": [("raw", "cells", "report")],
        "one_more": [("raw", "cells", "value")],
        "fixed": [],
    }


@pytest.mark.parametrize(
    "sql",
    [
        "unpivot raw.cells on value into name kind value amount",
        "select no_such_column from raw.cells",
    ],
)
def test_what_cannot_be_followed_has_no_lineage(connection, tmp_path, sql):
    assert ColumnLineage(connection, tmp_path / "kept.json").trace("marts.fct", sql) == {}


def test_answers_are_kept_until_the_query_or_its_tables_change(connection, tmp_path):
    kept, query = tmp_path / "kept.json", "select * from raw.cells"
    first = ColumnLineage(connection, kept)
    before = first.trace("marts.fct", query)
    first.keep()
    kept.write_text(kept.read_text().replace('"value"]', '"as_kept"]'))
    assert ColumnLineage(connection, kept).trace("marts.fct", query)["value"] == [
        ("raw", "cells", "as_kept")
    ]
    connection.execute("alter table raw.cells add column note text")
    assert ColumnLineage(connection, kept).trace("marts.fct", query) == {
        **before,
        "note": [("raw", "cells", "note")],
    }
