"""The cookbook is true: its queries give the answers that it prints, and its snippets run."""

import re
import shlex
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from dagster_project.commands.query import ask
from dagster_project.settings import PROJECT
from tests.cookbook import Recipe, read_recipes, read_snippets, write_answer

RECIPES = read_recipes()
HAN, LATIN = re.compile("[\u4e00-\u9fff]{2}"), re.compile("[A-Za-z]{3}")
DISCLOSED = 7
"""Reports of the sample with a disclosure rate."""


@pytest.fixture
def release(built: tuple) -> Iterator[duckdb.DuckDBPyConnection]:
    database = built[0].current_release.resolve() / "gongkai.duckdb"
    with duckdb.connect(database, read_only=True) as connection:
        yield connection


@pytest.fixture
def at_home(built: tuple, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder in which `warehouse/` is the sample's."""
    (tmp_path / "warehouse").symlink_to(built[0].warehouse)
    monkeypatch.chdir(tmp_path)


def test_there_are_twenty_questions_in_both_languages() -> None:
    assert [int(recipe.title.split(".")[0]) for recipe in RECIPES] == list(range(1, 21))
    assert all(HAN.search(recipe.title) and LATIN.search(recipe.title) for recipe in RECIPES)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title.split(".")[0])
def test_an_answer_is_the_one_printed(release: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
    """Changed on purpose? Write the answers with `python -m tests.cookbook DATABASE`."""
    assert write_answer(release, recipe.sql) == recipe.answer
    assert recipe.answer.count("\n") > 2


def test_python_snippets_run_and_agree(at_home) -> None:
    plain, polars, pandas = (_run(snippet) for snippet in read_snippets("python"))
    assert len(plain["rates"]) == polars["rates"].height == len(pandas["rates"]) == DISCLOSED
    quzhou = ("衢州市人民政府", 2020)
    assert {row[:2]: row[2] for row in polars["rates"].iter_rows()}[quzhou] == Decimal("71.710526")
    assert pandas["by_report"][quzhou] == pytest.approx(71.710526)
    assert "330800" in set(pandas["regions"]["region_code"])


def test_the_command_line_is_closed_and_answers(at_home) -> None:
    line, export = (s for s in read_snippets("sh") if s.startswith("duckdb "))
    _, mode, _, settings, database, sql = shlex.split(line.replace("\\\n", " "))
    with duckdb.connect(database, read_only=mode == "-readonly") as connection:
        connection.execute(settings)
        assert connection.execute(sql).fetchall()
        with pytest.raises(duckdb.PermissionException):
            connection.execute("from read_text('/etc/hosts')")
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("set memory_limit = '99GB'")
    _, mode, database, _, sql = shlex.split(export.replace("\\\n", " "))
    with duckdb.connect(database, read_only=mode == "-readonly") as connection:
        assert connection.execute(sql).fetchone()[0] > 0
    # The release's own words have the same line.
    assert sql in (PROJECT / "docs" / "release" / "README.md").read_text("utf-8")


def test_every_question_may_be_asked_of_the_command(built: tuple) -> None:
    database = built[0].current_release.resolve() / "gongkai.duckdb"
    assert all(ask(database, recipe.sql).height for recipe in RECIPES)


def _run(snippet: str) -> dict:
    names: dict = {}
    exec(compile(snippet, "docs/cookbook.md", "exec"), names)
    return names
