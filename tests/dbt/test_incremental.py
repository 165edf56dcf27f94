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

    def build(self, documents: pl.DataFrame, *, keeps_rows: bool = True) -> Rows:
        """Land these documents, build, and tell what would be released."""
        documents.write_parquet(self.file)
        with Warehouse(self.settings).write() as connection:
            load_landing(connection, self.settings, Silent())
        arguments = ["--exclude-resource-type", "test"]
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
    changed: Rows
    """Some documents gone, one reading otherwise."""
    is_left_alone: bool
    """Whether a row that somebody wrote to, of a report that did not change, was still so then."""
    back: Rows
    """All as at first, after a table was dropped and it was forgotten what another was made of."""
    whole: Rows
    """As `changed`, with all rows made anew."""
    is_made_anew: bool
    """Whether the row that somebody wrote to was as it should be then."""


@pytest.fixture(scope="module")
def history(form: Form, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Few builds tell all: each takes seconds, however few reports there are."""
    country = Country(form, tmp_path_factory.mktemp("changing"))
    documents = country.documents
    place = pl.int_range(pl.len())
    gone = random.Random(5).sample(range(1, len(documents)), 12)
    changed = documents.filter(~place.is_in(gone[1:])).with_columns(
        pl.when(pl.col("text") == documents["text"][gone[0]])
        .then(pl.col("text").str.replace_all("1", "2"))
        .otherwise("text")
        .alias("text")
    )
    first = country.build(documents)
    (report_id, kept) = country.ask(
        "select report_id, value from marts.fct_proactive_disclosure "
        f"inner join raw.documents on starts_with(report_id, document_id[:16]) "
        f"where document_id = '{sha256(documents['text'][0].encode()).hexdigest()}' and value > 0 limit 1"
    )
    write = (
        "update marts.fct_proactive_disclosure set value = {} where report_id = '{}' and value = {}"
    )
    country.ask(write.format(-7, report_id, kept))
    incremental = country.build(changed)
    (is_left_alone,) = country.ask(
        "select count(*) > 0 from marts.fct_proactive_disclosure where value = -7"
    )
    country.ask(write.format(kept, report_id, -7))
    repaired = country.hash_released()
    country.ask("drop table marts.fct_outcomes")
    country.ask("drop table made_of.fct_requests")
    back = country.build(documents)
    country.ask(write.format(-7, report_id, kept))
    whole = country.build(changed, keeps_rows=False)
    (is_written_to,) = country.ask(
        "select count(*) > 0 from marts.fct_proactive_disclosure where value = -7"
    )
    assert incremental.keys() == repaired.keys()
    return History(first, repaired, is_left_alone, back, whole, not is_written_to)


def test_what_changed_gives_the_same_as_everything(history: History) -> None:
    """Mirrors, revisions, last year's figures and the regions above follow."""
    assert _differing(history.changed, history.whole) == {}
    assert len(history.changed) > 30


def test_a_change_is_told_by_most_relations(history: History) -> None:
    assert len(_differing(history.first, history.changed)) > 15


def test_what_is_made_of_the_same_is_left_alone(history: History) -> None:
    assert history.is_left_alone


def test_a_whole_build_makes_every_row_anew(history: History) -> None:
    assert history.is_made_anew


def test_what_is_lost_is_made_again(history: History) -> None:
    assert _differing(history.back, history.first) == {}


def _differing(these: Rows, those: Rows) -> dict[str, tuple]:
    return {name: (rows, those[name]) for name, rows in these.items() if rows != those[name]}
