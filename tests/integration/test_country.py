"""A small synthetic country, loaded and modelled: what was drawn is what the marts say.

Without Dagster and the suites, which other tests run: what the suites look at is computed here too.
"""

from pathlib import Path

import pytest

from bench.country.comparison import Outcome, compare
from bench.country.corpus import Plan, write_country
from dagster_project.dbt_runner import build_project
from dagster_project.load import load_landing
from dagster_project.progress import Silent
from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse
from expectations.frames import read_frames
from loaders.bodies.region import load_regions
from loaders.form import Form

PLAN = Plan(reports=150, breadth=1, wrong=0.2, mirrored=0.2, told=1.0)


@pytest.fixture(scope="module")
def country(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of three provinces, the truth beside it."""
    folder: Path = tmp_path_factory.mktemp("country")
    for _ in write_country(form, load_regions(), PLAN, folder):
        pass
    settings = Settings(warehouse=folder, landing=folder / "landing")
    with Warehouse(settings).write() as connection:
        load_landing(connection, settings, Silent())
    build = build_project(settings, ["--resource-type", "seed", "--resource-type", "model"])
    assert build.failures == ()
    return settings


@pytest.fixture(scope="module")
def outcomes(country: Settings) -> dict[str, Outcome]:
    """What each comparison found."""
    found = compare(country.database, country.warehouse / "truth")
    return {outcome.comparison.sentence: outcome for outcome in found}


def test_every_mart_says_what_was_drawn(outcomes: dict[str, Outcome]) -> None:
    wrong = {name: outcome.examples for name, outcome in outcomes.items() if outcome.is_wrong}
    assert wrong == {}


def test_something_was_compared_everywhere(outcomes: dict[str, Outcome]) -> None:
    assert [name for name, outcome in outcomes.items() if not outcome.compared_count] == []


def test_what_may_be_lost_is_little(outcomes: dict[str, Outcome]) -> None:
    held_back = outcomes["figures printed in full are not held back"]
    assert held_back.differing_count < held_back.compared_count / 1_000


def test_the_facts_give_the_results_that_the_cells_gave(country: Settings) -> None:
    with Warehouse(country).read() as connection:
        rules = read_frames(connection)["rules"]
    assert rules["agrees"].all()
    assert rules["row_count"].sum() > len(rules)
