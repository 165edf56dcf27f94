"""A build after a few documents changed gives what a build of everything gives, and leaves the rest alone."""

import random
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
import pytest

from bench.country.corpus import Plan, write_country
from dagster_project.dbt_runner import build_project
from dagster_project.load import load_landing
from dagster_project.progress import Silent
from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse
from loaders.bodies.region import load_regions
from loaders.form import Form

PLAN = Plan(reports=120, breadth=1, wrong=0.3, mirrored=0.3, told=1.0)
RELEASED = ("marts", "reporting")

Rows = dict[str, tuple[int, int]]
"""Count of rows and hash of them, by relation."""


class Country:
    """Documents that come and go, and the warehouse of those that are there."""

    def __init__(self, form: Form, folder: Path) -> None:
        for _ in write_country(form, load_regions(), PLAN, folder):
            pass
        self.settings = Settings(warehouse=folder, landing=folder / "landing")
        (self.file,) = (self.settings.landing / "country").glob("*.parquet")
        self.documents = pl.read_parquet(self.file)

    def load(self, documents: pl.DataFrame, read_again: str = "") -> None:
        """Land these documents and read what is new."""
        documents.select(self.documents.columns).write_parquet(self.file)
        with Warehouse(self.settings).write() as connection:
            load_landing(connection, self.settings, Silent(), read_again)

    def build(self, documents: pl.DataFrame, *options: str, keeps_rows: bool = True) -> Rows:
        """Land these documents, build, and tell what would be released.

        Args:
            options: of dbt.
        """
        self.load(documents)
        arguments = ["--exclude-resource-type", "test", *options]
        assert build_project(self.settings, arguments, keeps_rows=keeps_rows).failures == ()
        return self.hash_released()

    def hash_released(self) -> Rows:
        with duckdb.connect(self.settings.database, read_only=True) as connection:
            tables = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables "
                "where table_schema in (select unnest(?)) order by all",
                [RELEASED],
            ).fetchall()
            count = "select count(*), sum(hash(t)::hugeint) from {} as t"
            return {
                name: connection.execute(count.format(name)).fetchone() or () for (name,) in tables
            }

    def ask(self, sql: str) -> tuple:
        with duckdb.connect(self.settings.database) as connection:
            return connection.execute(sql).fetchone() or ()


class History(NamedTuple):
    """The released relations after each build of one warehouse."""

    first: Rows
    back: Rows
    """The same, after a build of few documents that ended early, a table that was dropped and one of
    which it was forgotten what it was made of."""
    changed: Rows
    """Some documents gone, one reading otherwise."""
    left_alone: int
    """Rows of a fact that were still as somebody had written to them."""
    read_again: Rows
    """The same, after somebody wrote to a fact and everything was read again."""
    whole: Rows
    """As `changed`, with all rows made anew, of few reports at once."""


@pytest.fixture(scope="module")
def history(form: Form, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Few builds tell all: each takes seconds, however few reports there are."""
    country = Country(form, tmp_path_factory.mktemp("changing"))
    documents = country.documents.with_columns(
        document_id=pl.col("text").map_elements(
            lambda text: sha256(text.encode()).hexdigest(), return_dtype=pl.String
        )
    )
    first = country.build(documents)
    # Those that are left were numbered first, so that the others get the same numbers once more.
    country.build(documents.sort("document_id").head(20), "--exclude", "int_cells_numbered+")
    country.ask("drop table marts.fct_outcomes")
    country.ask("drop table made_of.fct_appeals")
    back = country.build(documents)
    # What others are added up with, compared with or read together with, and some more.
    (added_up, last_years) = country.ask(
        """
        select
            (
                select min(document_id) from intermediate.int_reports_below
                inner join intermediate.int_reports_numbered on child_report_key = report_key
            ),
            (
                select min(document_id) from marts.dim_report
                where report_id in (select previous_report_id from marts.dim_report)
            )
        """
    )
    others = documents.filter(~pl.col("document_id").is_in([added_up, last_years]))
    some = random.Random(5).sample(others["document_id"].to_list(), 10)
    changed = others.filter(~pl.col("document_id").is_in(some[1:])).with_columns(
        pl.when(pl.col("document_id") == some[0])
        .then(pl.col("text").str.replace_all("1", "2"))
        .otherwise("text")
        .alias("text")
    )
    mark = "update marts.fct_proactive_disclosure set value_source = value_source || '!'"
    count = "select count(*) from marts.fct_proactive_disclosure where ends_with(value_source, '!')"
    country.ask(mark)
    country.build(changed)
    (left_alone,) = country.ask(count)
    country.ask("update marts.fct_proactive_disclosure set value_source = rtrim(value_source, '!')")
    repaired = country.hash_released()
    country.ask(mark)
    country.load(changed, read_again="*")
    read_again = country.build(changed)
    whole = country.build(changed, "--vars", "{reports_at_once: 30}", keeps_rows=False)
    return History(first, back, repaired, left_alone, read_again, whole)


def test_what_changed_gives_the_same_as_everything(history: History) -> None:
    """Mirrors, revisions, last year's figures and the regions above follow."""
    assert _differing(history.changed, history.whole) == {}
    assert len(history.changed) > 30


def test_a_change_is_told_by_most_relations(history: History) -> None:
    assert len(_differing(history.first, history.changed)) > 15


def test_what_is_made_of_the_same_is_left_alone(history: History) -> None:
    row_count, _ = history.changed["marts.fct_proactive_disclosure"]
    assert row_count / 4 < history.left_alone < row_count


def test_what_is_read_again_is_made_anew(history: History) -> None:
    assert _differing(history.read_again, history.whole) == {}


def test_what_is_lost_is_made_again(history: History) -> None:
    assert _differing(history.back, history.first) == {}


def _differing(these: Rows, those: Rows) -> dict[str, tuple]:
    return {name: (rows, those[name]) for name, rows in these.items() if rows != those[name]}
