"""The questions whose time is measured have answers, and leave no table of `reporting` out."""

from collections.abc import Iterator

import duckdb
import pytest

from bench.queries import Question, as_table, list_questions, measure


@pytest.fixture(scope="module")
def release(built: tuple) -> Iterator[duckdb.DuckDBPyConnection]:
    database = built[0].current_release.resolve() / "gongkai.duckdb"
    with duckdb.connect(database, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def questions(release: duckdb.DuckDBPyConnection) -> list[Question]:
    return list(list_questions(release))


def test_every_question_can_be_asked(release, questions):
    answers = {question: release.execute(question.sql).fetchall() for question in questions}
    # The sample has no table held back.
    nothing = {question.name for question, rows in answers.items() if not rows}
    assert nothing.isdisjoint({q.name for q in questions if q.kind == "cookbook"})
    assert len(answers) == len(questions) > 2 * len(nothing)


def test_every_table_that_can_be_looked_up_is(release, questions):
    asked = {question.name.split(" by ")[0] for question in questions if question.kind == "lookup"}
    tables = {
        name
        for (name,) in release.execute(
            "select table_name from duckdb_tables() where schema_name = 'reporting'"
        ).fetchall()
    }
    assert tables - asked == {
        "data_dictionary_columns",
        "data_dictionary_tables",
        "release",
    }


def test_the_slowest_questions_are_told(release, questions):
    costs = {question: measure(release, question.sql) for question in questions[:3]}
    table = as_table(costs, 1)
    assert "| cookbook | 3 | 3 |" in table
    assert table.count("cookbook: ") == 1
