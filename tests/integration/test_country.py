"""A small synthetic country through the whole pipeline: what was drawn is what the marts say."""

from pathlib import Path

import pytest

from bench.country.comparison import Outcome, compare
from bench.country.corpus import Plan, write_country
from dagster_project.settings import Settings
from loaders.form import Form
from loaders.region import load_regions
from tests.integration.running import run_job

PLAN = Plan(reports=150, breadth=1, wrong=0.2, mirrored=0.2, told=1.0)


@pytest.fixture(scope="module")
def outcomes(form: Form, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What each comparison found in a country of three provinces."""
    folder: Path = tmp_path_factory.mktemp("country")
    for _ in write_country(form, load_regions(), PLAN, folder):
        pass
    settings = Settings(warehouse=folder / "warehouse", landing=folder / "landing")
    assert run_job(settings).success
    found = compare(settings.database, folder / "truth")
    return {outcome.comparison.sentence: outcome for outcome in found}


def test_every_mart_says_what_was_drawn(outcomes: dict[str, Outcome]) -> None:
    wrong = {name: outcome.examples for name, outcome in outcomes.items() if outcome.is_wrong}
    assert wrong == {}


def test_something_was_compared_everywhere(outcomes: dict[str, Outcome]) -> None:
    assert [name for name, outcome in outcomes.items() if not outcome.compared_count] == []


def test_what_may_be_lost_is_little(outcomes: dict[str, Outcome]) -> None:
    held_back = outcomes["figures printed in full are not held back"]
    assert held_back.differing_count < held_back.compared_count / 1_000
