"""Requests that Dagster's own app would have obeyed, and those of its own pages."""

import json
from collections.abc import Iterator

import pytest
from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from dagster._daemon.asset_daemon import (
    get_auto_materialize_paused,
    set_auto_materialize_paused,
)
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.applications import Starlette

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.settings import Settings
from dagster_project.web_guard import Guard, Policy, holds_mutation, name_origins
from tests.asgi import Answer, ask, open_socket

HOME = "http://127.0.0.1:3000"
FOREIGN = "https://news.example.org"
PAUSE = "mutation { setAutoMaterializePaused(paused: true) }"
LOOK = "{ version }"


@pytest.fixture(scope="module")
def dagster(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Starlette, DagsterInstance]]:
    home = prepare_dagster_home(Settings(warehouse=tmp_path_factory.mktemp("dagster")))
    with (
        DagsterInstance.from_config(str(home)) as instance,
        WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as context,
    ):
        yield create_app_from_workspace_process_context(context), instance


def guard(app: Starlette, *public: str, read_only: bool = False) -> Guard:
    return Guard(app, Policy(name_origins(3000, public), read_only))


def post(app: Guard, query: str, **headers: str) -> Answer:
    headers = {"Host": "127.0.0.1:3000", "Content-Type": "application/json"} | headers
    return ask(app, "POST", "/graphql", headers, json.dumps({"query": query}).encode())


def is_paused(instance: DagsterInstance) -> bool:
    return get_auto_materialize_paused(instance)


def test_the_app_alone_obeys_any_page(dagster):
    """The reason for all this. Fails where a newer Dagster has closed it."""
    app, instance = dagster
    set_auto_materialize_paused(instance, False)
    headers = {"Origin": FOREIGN, "Host": "attacker.example.org"}
    ask(app, "GET", f"/graphql?query={PAUSE}", headers)
    assert is_paused(instance)


@pytest.mark.parametrize(
    ("method", "url", "headers", "body", "status"),
    [
        ("GET", f"/graphql?query={PAUSE}", {}, None, 405),
        ("GET", f"/graphql/?query={PAUSE}", {}, None, 405),
        ("GET", f"/graphql?query={PAUSE}", {"Origin": HOME, "Accept": "text/html"}, None, 405),
        ("POST", f"/graphql?query={PAUSE}", {"Content-Type": "text/plain"}, "", 415),
        ("POST", f"/graphql?query={PAUSE}", {"Content-Type": "application/json"}, "", 400),
        ("POST", "/graphql", {"Content-Type": "text/plain"}, "json", 415),
        ("POST", "/graphql", {"Content-Type": "text/plain; application/json"}, "json", 415),
        ("POST", "/graphql", {"Content-Type": "application/graphql"}, PAUSE, 415),
        ("POST", "/graphql", {"Content-Type": "multipart/form-data"}, "json", 415),
        ("POST", "/graphql", {"Content-Type": "application/json", "Origin": FOREIGN}, "json", 403),
        ("POST", "/graphql", {"Content-Type": "application/json", "Origin": "null"}, "json", 403),
        (
            "POST",
            "/graphql",
            {"Content-Type": "application/json", "Origin": "http://127.0.0.1:8080"},
            "json",
            403,
        ),
        (
            "POST",
            "/graphql",
            {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
            "json",
            403,
        ),
        ("POST", "/graphql", {"Content-Type": "application/json", "Host": "a.example"}, "json", 421),
        (
            "POST",
            "/graphql",
            {
                "Content-Type": "application/json",
                "Host": "rebound.example.org:3000",
                "Origin": "http://rebound.example.org:3000",
            },
            "json",
            421,
        ),
        ("GET", "/", {"Host": "rebound.example.org:3000"}, None, 421),
        ("GET", "/logs/x", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, None, 403),
        ("DELETE", "/graphql", {}, None, 405),
        ("OPTIONS", "/graphql", {"Origin": FOREIGN}, None, 403),
        ("POST", "/report_asset_materialization/release", {"Content-Type": "text/plain"}, "", 415),
    ],
)  # fmt: skip
def test_no_foreign_page_is_obeyed(dagster, method, url, headers, body, status):
    app, instance = dagster
    set_auto_materialize_paused(instance, False)
    content = json.dumps({"query": PAUSE}) if body == "json" else body or ""
    answer = ask(guard(app), method, url, {"Host": "127.0.0.1:3000"} | headers, content.encode())
    assert answer.status == status
    assert answer.json()["errors"][0]["message"]
    assert not is_paused(instance)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": HOME, "Sec-Fetch-Site": "same-origin"},
        {"Host": "localhost:3000", "Origin": "http://localhost:3000"},
        {"Host": "ogi.example.org", "Origin": "https://ogi.example.org"},
    ],
)
def test_its_own_pages_are(dagster, headers):
    app, instance = dagster
    set_auto_materialize_paused(instance, False)
    answer = post(guard(app, "https://ogi.example.org"), PAUSE, **headers)
    assert answer.status == 200
    assert is_paused(instance)


def test_its_own_pages_name_the_operation_in_the_address(dagster):
    headers = {"Host": "127.0.0.1:3000", "Content-Type": "application/json"}
    body = json.dumps({"query": LOOK}).encode()
    answer = ask(guard(dagster[0]), "POST", "/graphql?op=Version", headers, body)
    assert answer.status == 200 and "version" in answer.json()["data"]


def test_a_link_from_elsewhere_opens_the_page_but_no_frame_shows_it(dagster):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = ask(guard(dagster[0]), "GET", "/overview", {"Host": "127.0.0.1:3000"} | headers)
    assert answer.status == 200 and b"<html" in answer.body
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("headers", [{"Origin": FOREIGN}, {"Host": "rebound.example.org"}])
def test_no_foreign_page_opens_a_socket(dagster, headers):
    headers = {"Host": "127.0.0.1:3000"} | headers
    sent = open_socket(guard(dagster[0]), "/graphql", headers, {"type": "connection_init"})
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_its_own_page_opens_a_socket(dagster):
    headers = {"Origin": HOME, "Host": "127.0.0.1:3000"}
    sent = open_socket(guard(dagster[0]), "/graphql", headers, {"type": "connection_init"})
    assert sent[0]["type"] == "websocket.accept"
    assert json.loads(sent[1]["text"]) == {"type": "connection_ack"}


def test_viewers_look_and_change_nothing(dagster):
    app, instance = dagster
    set_auto_materialize_paused(instance, False)
    viewer = guard(app, read_only=True)
    assert "version" in post(viewer, LOOK).json()["data"]
    for query in (PAUSE, LOOK + PAUSE, f"query A {LOOK} {PAUSE}", "mutation", ""):
        assert post(viewer, query).status == 403
    headers = {"Host": "127.0.0.1:3000", "Content-Type": "application/json"}
    reported = ask(viewer, "POST", "/report_asset_materialization/release", headers, b"{}")
    assert reported.status == 403
    assert not is_paused(instance)


def test_what_cannot_be_understood_counts_as_a_mutation():
    assert holds_mutation(b"\xff") and holds_mutation(b"[]") and holds_mutation(b'{"query": 1}')
    assert holds_mutation(b"[" * 100_000)
    assert not holds_mutation(json.dumps({"query": LOOK}).encode())


@pytest.mark.parametrize(
    "address",
    ["ogi.example.org", "ftp://ogi.example.org", "https://", "https://a@b", "https://a/b", "*"],
)
def test_a_public_address_is_an_origin(address):
    with pytest.raises(ValueError, match="no address"):
        name_origins(3000, [address])
