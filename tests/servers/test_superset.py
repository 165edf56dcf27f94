"""The dashboards in a real Superset, started here on the loopback address and seen in a browser.

Superset's environment and its empty database stay in ``.cache/superset`` between runs, since making
them takes minutes; the pictures are left there too.
"""

import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
import yaml

from bi.superset import run

sync_api = pytest.importorskip("playwright.sync_api")

CACHE = run.ROOT / ".cache" / "superset"
CHROMIUM = Path("/usr/bin/chromium")
DISCLOSURE, QUALITY = "disclosure-in-china", "do-the-numbers-add-up"
ASSETS = {
    path.relative_to(run.ASSETS).as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in run.ASSETS.rglob("*.yaml")
}


@pytest.fixture(scope="module")
def published(built: tuple, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of releases that the tests may add to."""
    folder = tmp_path_factory.mktemp("superset") / "published"
    release = built[0].current_release.resolve()
    shutil.copytree(release, folder / release.name)
    (folder / "current").symlink_to(release.name)
    return folder


@pytest.fixture(scope="module")
def server(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[run.Server]:
    try:
        programs = run.prepare_environment(environment=CACHE / "venv")
    except run.SupersetError as error:
        pytest.skip(str(error))
    run.prepare_home(CACHE / "home", programs)
    home = tmp_path_factory.mktemp("superset") / "home"
    shutil.copytree(CACHE / "home", home)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with run.running(home, programs, port) as running:
        running.import_assets(run.pack(published / "current" / "gongkai.duckdb"))
        yield running


@pytest.fixture(scope="module")
def page(server: run.Server) -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip("no browser here: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        # High enough that every chart is in sight, since others are not asked for.
        page = browser.new_page(viewport={"width": 1500, "height": 4000})
        page.set_default_timeout(90_000)
        page.goto(f"{server.url}/login/")
        page.fill("#username", run.USER)
        page.fill("#password", server.password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        yield page
        browser.close()


@dataclass
class Dashboard:
    """What a browser got of a dashboard: by chart, the request, its status and the rows."""

    charts: dict[str, str]
    answers: dict[str, tuple[Any, int, list[dict]]] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


def open_dashboard(server: run.Server, page: Any, slug: str) -> Dashboard:
    content = next(c for c in ASSETS.values() if c.get("slug") == slug)
    parts = [part for part in content["position"].values() if isinstance(part, dict)]
    names = {part["meta"]["sliceName"] for part in parts if part["type"] == "CHART"}
    charts = server.ask("GET", "/api/v1/chart/?q=(page_size:100)")["result"]
    seen = Dashboard({c["id"]: c["slice_name"] for c in charts if c["slice_name"] in names})

    def hear(response: Any) -> None:
        address = urlsplit(response.url)
        seen.hosts.add(f"{address.scheme}://{address.netloc}")
        # The map asks in the older of Superset's two ways.
        if address.path not in {"/api/v1/chart/data", "/superset/explore_json/"}:
            return
        asked = json.loads(parse_qs(address.query).get("form_data", ["{}"])[0])
        if asked.get("slice_id") in seen.charts:
            answer = response.json() if response.status == 200 else {"data": []}
            rows = answer["result"][0]["data"] if "result" in answer else answer["data"]
            name = seen.charts[asked["slice_id"]]
            seen.answers[name] = (response.request, response.status, rows)

    def fail(error: Exception) -> None:
        seen.complaints.append(str(error))

    page.on("response", hear)
    page.on("pageerror", fail)
    page.goto(f"{server.url}/superset/dashboard/{slug}/")
    for _ in range(120):
        if names <= set(seen.answers) and not page.locator(".loading").count():
            break
        page.wait_for_timeout(500)
    page.wait_for_timeout(2000)
    page.remove_listener("response", hear)
    page.remove_listener("pageerror", fail)
    page.screenshot(path=CACHE / f"{slug}.png")
    return seen


@pytest.fixture(scope="module")
def dashboards(server: run.Server, page: Any) -> dict[str, Dashboard]:
    return {slug: open_dashboard(server, page, slug) for slug in (DISCLOSURE, QUALITY)}


def ask_sql(server: run.Server, sql: str) -> list[dict]:
    """What an analyst gets in SQL Lab."""
    database = server.ask("GET", "/api/v1/database/")["result"][0]["id"]
    query = {"database_id": database, "sql": sql, "client_id": secrets.token_hex(5)}
    return server.ask("POST", "/api/v1/sqllab/execute/", query)["data"]


def test_what_is_imported_comes_out_the_same(server: run.Server, published: Path) -> None:
    release = published / "current" / "gongkai.duckdb"
    exported = run.unpack(server.export_assets(), release)
    assert {name: yaml.safe_load(text) for name, text in exported.items()} == ASSETS
    server.import_assets(run.pack(release))
    assert run.unpack(server.export_assets(), release) == exported, "a second import changes it"


@pytest.mark.parametrize("slug", [DISCLOSURE, QUALITY])
def test_every_chart_gets_its_rows(dashboards: dict[str, Dashboard], slug: str) -> None:
    seen = dashboards[slug]
    assert set(seen.answers) == set(seen.charts.values())
    assert {name: status for name, (_, status, _) in seen.answers.items() if status != 200} == {}
    assert [name for name, (_, _, rows) in seen.answers.items() if not rows] == []
    assert seen.complaints == []


def test_every_chart_is_on_a_dashboard(dashboards: dict[str, Dashboard]) -> None:
    shown = {name for seen in dashboards.values() for name in seen.charts.values()}
    assert shown == {c["slice_name"] for n, c in ASSETS.items() if n.startswith("charts/")}


def test_the_browser_asks_nobody_else(dashboards: dict[str, Dashboard], server: run.Server) -> None:
    for seen in dashboards.values():
        assert {host for host in seen.hosts if host.startswith("http")} == {server.url}


def test_the_figures_are_those_of_the_release(
    dashboards: dict[str, Dashboard], published: Path
) -> None:
    with duckdb.connect(published / "current" / "gongkai.duckdb", read_only=True) as release:
        level = "from reporting.region_year where region_level = 'prefecture'"
        requests = release.execute(f"select sum(new_count) {level}").fetchone()
        provinces = release.execute(
            f"select province_iso_code, sum(new_count) {level} group by all order by all"
        ).fetchall()
        discrepancies = release.execute(
            "select report_id, rule_id, residual::double from reporting.discrepancies order by all"
        ).fetchall()
    answers = dashboards[DISCLOSURE].answers | dashboards[QUALITY].answers
    rows = {name.partition(" ")[0]: rows for name, (_, _, rows) in answers.items()}
    assert rows["Requests"] and answers["Requests"][2] == [{"new_requests": requests[0]}]
    on_map = answers["Where requests are made 各省新收申请"][2]
    assert [(row["country_id"], row["metric"]) for row in on_map] == provinces
    shown = rows["Discrepancies"]
    assert sorted((r["report_id"], r["rule_id"], r["residual"]) for r in shown) == discrepancies


def test_the_map_knows_the_provinces(
    dashboards: dict[str, Dashboard], server: run.Server, page: Any
) -> None:
    page.goto(f"{server.url}/superset/dashboard/{DISCLOSURE}/")
    chart = page.locator('[data-test-chart-name^="Where reports come from"]')
    chart.locator("path.region").first.wait_for(state="attached")
    page.wait_for_timeout(2000)
    fills = chart.locator("path.region").evaluate_all("paths => paths.map(p => p.style.fill)")
    painted = [fill for fill in fills if fill not in {"", "none"}]
    assert len(fills) > 30
    reported = dashboards[DISCLOSURE].answers["Where reports come from 各省报告"][2]
    assert len(painted) == len(reported) > 1


def test_a_click_leads_to_the_line_of_the_source(
    dashboards: dict[str, Dashboard], server: run.Server, page: Any
) -> None:
    page.goto(f"{server.url}/superset/dashboard/{QUALITY}/")
    found = page.locator('[data-test-chart-name^="Discrepancies as printed"] tbody tr')
    lines = page.locator('[data-test-chart-name^="The lines behind them"] tbody tr')
    lines.first.wait_for()
    rows = dashboards[QUALITY].answers["The lines behind them 原文所在行"][2]
    publisher = "广东省人民政府"
    wanted = [row for row in rows if row["publisher_name"] == publisher]
    assert 0 < len(wanted) < len(rows)
    found.locator("td", has_text=publisher).first.click()
    sync_api.expect(lines).to_have_count(len(wanted), timeout=60_000)
    assert "52971" in lines.first.inner_text()
    page.screenshot(path=CACHE / "click.png")


def test_the_release_can_be_read_and_nothing_else(server: run.Server, published: Path) -> None:
    assert ask_sql(server, "select count(*) as reports from marts.dim_report")[0]["reports"] > 0
    with pytest.raises(run.SupersetError, match="disabled by configuration"):
        ask_sql(server, f"select * from read_text('{published / 'current' / 'manifest.json'}')")
    with pytest.raises(run.SupersetError, match="disabled by configuration"):
        ask_sql(server, f"copy (select 1) to '{published / 'written.csv'}'")
    with pytest.raises(run.SupersetError):
        ask_sql(server, "set enable_external_access = true")
    with pytest.raises(run.SupersetError):
        ask_sql(server, "delete from marts.dim_report")
    assert not (published / "written.csv").exists()


def test_the_password_is_the_users_own(server: run.Server) -> None:
    for name in ("admin_password", "secret_key"):
        assert (server.home / name).stat().st_mode & 0o077 == 0
        secret = (server.home / name).read_text(encoding="utf-8")
        assert len(secret) > 20
        for log in server.home.glob("*.log"):
            assert secret not in log.read_text(encoding="utf-8"), log.name
    with pytest.raises(run.SupersetError, match="401"):
        run.Server(server.home, int(server.url.rpartition(":")[2])).ask("GET", "/api/v1/chart/")


def test_a_new_release_shows_without_a_restart(
    dashboards: dict[str, Dashboard], server: run.Server, published: Path
) -> None:
    asked = dashboards[QUALITY].answers["Release 版本"][0]
    before = [row["version"] for row in dashboards[QUALITY].answers["Release 版本"][2]]
    newer = published / "2099.01.01.1"
    shutil.copytree((published / "current").resolve(), newer)
    os.chmod(newer / "gongkai.duckdb", 0o644)
    with duckdb.connect(newer / "gongkai.duckdb") as release:
        release.execute("update reporting.release set version = '2099.01.01.1'")
    (published / "next").symlink_to(newer.name)
    (published / "next").replace(published / "current")
    answer = server.ask("POST", "/api/v1/chart/data", json.loads(asked.post_data))
    assert [row["version"] for row in answer["result"][0]["data"]] == ["2099.01.01.1"] != before


def test_the_datasets_speak_of_columns_that_exist(built: tuple) -> None:
    datasets = [content for name, content in ASSETS.items() if name.startswith("datasets/")]
    with duckdb.connect(built[0].current_release / "gongkai.duckdb", read_only=True) as release:
        for dataset in datasets:
            table = f"{dataset['schema']}.{dataset['table_name']}"
            found = {row[0] for row in release.execute(f"describe {table}").fetchall()}
            stored = {c["column_name"] for c in dataset["columns"] if not c["expression"]}
            assert stored <= found, table
