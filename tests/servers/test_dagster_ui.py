"""Dagster's UI as an operator uses it, in a browser: materialize everything, look at what came of it.

`GONGKAI_PICTURES=folder` keeps a screenshot of every page.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dagster_project.landing import sign_folder
from dagster_project.settings import PROJECT

_RUN_MILLISECONDS = 400_000
_PAGE_MILLISECONDS = 60_000


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, landed, and known to the sensor so that the operator is the first to start."""
    folder = tmp_path_factory.mktemp("operated")
    shutil.copytree(PROJECT / "warehouse" / "landing", folder / "landing")
    (folder / "landing.sha256").write_text(sign_folder(folder / "landing"))
    return folder


@pytest.fixture(scope="module")
def address(installation: Path) -> Iterator[str]:
    folders = {
        "GONGKAI_WAREHOUSE": str(installation),
        "GONGKAI_LANDING": str(installation / "landing"),
        "PYTHONPATH": str(PROJECT),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", "ui", "--port", "0"],
        cwd=PROJECT,
        env=os.environ | folders,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        address = re.search(r"http://[\d.:]+", server.stdout.readline())[0]
        wait_for(address)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{address}/server_info", timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the web server did not start"
            time.sleep(0.5)


@pytest.fixture(scope="module")
def visit(browser, address: str) -> Iterator[Callable]:
    """Open a page of the UI; complaints of its own scripts fail the test."""
    page = browser.new_page(viewport={"width": 1500, "height": 1000})
    page.set_default_timeout(_PAGE_MILLISECONDS)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def go(path: str):
        page.goto(address + path)
        return page

    yield go
    page.close()
    assert not errors


def keep_picture(page, name: str) -> None:
    folder = os.environ.get("GONGKAI_PICTURES")
    if folder:
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(folder, f"{name}.png"))


@pytest.fixture(scope="module")
def materialized(visit: Callable) -> None:
    """Everything, by the button that an operator presses first."""
    page = visit("/asset-groups")
    page.get_by_text("reporting").first.wait_for()
    keep_picture(page, "lineage")
    with page.expect_response(re.compile("LaunchPipelineExecution")) as launch:
        page.get_by_role("button", name="Materialize all").click()
    assert "LaunchRunSuccess" in launch.value.text()
    page = visit("/runs")
    page.get_by_text(re.compile("^(Success|Failure)$")).first.wait_for(timeout=_RUN_MILLISECONDS)
    keep_picture(page, "runs")
    assert page.get_by_text("Success", exact=True).count() == 1
    assert page.get_by_text("Failure", exact=True).count() == 0


def test_an_asset_tells_rows_columns_and_where_they_come_from(visit, materialized):
    page = visit("/assets/marts/fct_outcomes")
    page.get_by_text("One row per report").first.wait_for()
    page.get_by_text("outcome_count").first.wait_for()
    page.get_by_text("件").first.wait_for()
    page.get_by_text("columns_made_from").first.wait_for()
    page.get_by_text("intermediate.int_figures_chosen.report_id").first.wait_for()
    keep_picture(page, "asset")


def test_an_asset_leads_to_the_documentation_of_its_table(visit, materialized):
    page = visit("/assets/marts/fct_outcomes")
    with page.expect_popup() as opened:
        page.locator("a[href='/documentation/marts/fct_outcomes']").first.click()
    told = opened.value
    told.get_by_role("heading", name="marts.fct_outcomes").wait_for()
    assert "One row per report" in told.content() and "求和前须筛选" in told.content()
    keep_picture(told, "documentation")
    told.get_by_role("link", name="intermediate.int_figures_chosen").click()
    told.get_by_role("heading", name="intermediate.int_figures_chosen").wait_for()
    told.close()


def test_a_failed_check_names_report_figures_and_source_line(visit, materialized):
    check = "the_text_agrees_with_itself_and_the_tables"
    page = visit(f"/assets/marts/fct_claims?view=checks&checkDetail={check}")
    page.get_by_text("Failed").first.wait_for()
    page.get_by_text("[Show Table]").or_(page.get_by_text("Show Markdown")).first.click()
    page.get_by_text("X-NARR-13").last.wait_for()
    page.get_by_text("line 26").first.wait_for()
    keep_picture(page, "failed_check")


def test_the_plot_of_digits_explained_is_drawn(visit, materialized):
    page = visit("/assets/raw/reports?view=events")
    page.get_by_text("digits_explained_pct").first.wait_for()
    keep_picture(page, "digits_explained")


def test_the_release_is_fresh(visit, materialized):
    page = visit("/assets/release")
    page.get_by_text("Freshness").first.wait_for()
    keep_picture(page, "release")


def test_a_file_dropped_into_landing_starts_a_run(visit, materialized, installation):
    sample = installation / "landing" / "sample" / "pingtan_2019.txt"
    shutil.copy(sample, installation / "landing" / "dropped.txt")
    page = visit("/runs")
    page.get_by_text("landing_folder").first.wait_for(timeout=_RUN_MILLISECONDS)
    keep_picture(page, "sensor_run")
