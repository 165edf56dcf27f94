"""Each kind of promise that ``rows_are_as_promised`` holds has a way to be broken."""

import duckdb
import pytest


@pytest.mark.parametrize(
    ("table", "spoil", "broken"),
    [
        ("marts/fct_appeals", "update {} set value_source = 'hearsay'", "value_source: one of table, claim"),
        ("marts/fct_appeals", "update {} set report_id = 'no such'", "report_id: stands in dim_report.report_id"),
        ("marts/fct_appeals", "insert into {} from {} limit 1", "report_id, forum_code, result_code: unique"),
        ("marts/dim_publisher", "update {} set parent_publisher_id = null", None),
    ],
)  # fmt: skip
def test_a_broken_promise_is_named(copied, table, spoil, broken):
    folder, name = table.split("/")
    compiled = copied.dbt_target / "compiled" / "gongkai" / "models" / f"{table}.yml"
    question = (compiled / f"{name}_rows_are_as_promised.sql").read_text()
    with duckdb.connect(copied.database) as connection:
        assert connection.execute(question).fetchall() == []
        connection.execute(spoil.replace("{}", f"{folder}.{name}"))
        found = [promise for promise, _ in connection.execute(question).fetchall()]
    assert (broken in found) if broken else found == []


def test_a_missing_value_is_named(copied):
    compiled = copied.dbt_target / "compiled" / "gongkai" / "seeds" / "vocabulary"
    question = compiled / "_vocabulary.yml" / "publisher_kind_rows_are_as_promised.sql"
    with duckdb.connect(copied.database) as connection:
        connection.execute("update form.publisher_kind set kind_code = null where priority = 1")
        assert connection.execute(question.read_text()).fetchall() == [("kind_code: not null", 1)]
