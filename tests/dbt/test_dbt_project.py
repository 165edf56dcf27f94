"""dbt's own tests that say nothing about the data: the unit tests of the traps, and the documentation."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.settings import DBT_PROJECT, Settings


def run_dbt(settings: Settings, target: Path, *arguments: str) -> subprocess.CompletedProcess:
    """dbt as its command line runs it. It locks the warehouse, so give it a copy of the shared one."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            *arguments,
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target), "--no-use-colors"),
        ],
        env=os.environ | {"GONGKAI_WAREHOUSE": str(settings.warehouse), "DBT_DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def own_copy(built: tuple, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The sample's warehouse file once more, for dbt alone."""
    warehouse = tmp_path_factory.mktemp("warehouse")
    settings = replace(built[0], warehouse=warehouse)
    shutil.copy(built[0].database, settings.database)
    return settings


@pytest.fixture(scope="module")
def unit_tests(own_copy: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("dbt")
    done = run_dbt(own_copy, target, "test", "--select", "test_type:unit")
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize(
    "trap",
    [
        "a_blank_is_held_back_and_a_zero_is_not",
        "a_table_holds_only_counts",
        "last_years_figures_count_where_a_rule_looks_back",
        "a_claim_fills_a_fact_only_without_a_table",
        "a_cumulative_column_is_not_yearly",
        "only_a_suspect_reading_is_quarantined",
        "mirrors_of_a_report_count_once",
        "a_body_has_its_kind_and_the_body_above",
        "a_region_is_followed_to_its_code_of_today",
        "a_region_is_set_beside_its_divisions",
        "a_region_without_a_report_is_listed",
        "a_copy_without_publisher_is_known_by_its_figures",
        "only_figures_that_both_have_are_compared",
        "a_revision_counts_and_the_superseded_version_stays",
        "an_order_that_nothing_tells_is_said_to_be_undecided",
        "a_report_of_a_region_and_one_of_a_body_alone_are_two",
        "a_correction_is_kept_figure_by_figure",
        "a_figure_keeps_its_place_in_the_line",
    ],
)
def test_each_trap_has_a_unit_test_that_passes(unit_tests: str, trap: str) -> None:
    passed = [line for line in unit_tests.splitlines() if "PASS" in line]
    assert any(trap in line for line in passed), unit_tests


def test_the_documentation_is_one_file_that_needs_nothing_else(
    own_copy: Settings, tmp_path: Path
) -> None:
    done = run_dbt(own_copy, tmp_path, "docs", "generate", "--static")
    assert done.returncode == 0, done.stdout
    page = (tmp_path / "static_index.html").read_text(encoding="utf-8")
    assert "fct_outcomes" in page
    assert 'src="http' not in page
