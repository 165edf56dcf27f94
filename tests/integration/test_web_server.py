"""`gongkai ui` as an operator starts it: a foreign page starts no run, the page itself works."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dagster_project.landing import sign_folder
from dagster_project.settings import PROJECT

FOREIGN = "https://news.example.org"
SELECTOR = (
    '{repositoryLocationName: "dagster_project.definitions", repositoryName: "__repository__", '
    'jobName: "%s"}'
)
LAUNCH = (
    "mutation { launchRun(executionParams: {selector: %s, mode: "
    '"default"}) { __typename ... on LaunchRunSuccess { run { runId } } } }'
)
START = LAUNCH % (SELECTOR % "everything")
COUNT = "{ runsOrError { ... on Runs { count } } }"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real server with nothing to read, so that its own sensor starts nothing."""
    folder = tmp_path_factory.mktemp("ui")
    landing = folder / "landing"
    landing.mkdir()
    (folder / "landing.sha256").write_text(sign_folder(landing))
    process = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", "ui", "--port", "0"],
        cwd=PROJECT,
        env=os.environ
        | {
            "GONGKAI_WAREHOUSE": str(folder),
            "GONGKAI_LANDING": str(landing),
            "PYTHONPATH": str(PROJECT),
        },
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    port = int(re.search(r":(\d+)", process.stdout.readline())[1])
    try:
        wait_for(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert children_of(folder) == []


def wait_for(port: int, process: subprocess.Popen) -> None:
    # The socket is open from the start; the first answer comes when the code is loaded.
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if ask(port, "GET", "/server_info")[0] == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.3)
    raise AssertionError("the server did not start")


def children_of(folder: Path) -> list[str]:
    """Processes of that installation that are still there."""
    mark = f"GONGKAI_WAREHOUSE={folder}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes().split(b"\0"):
                found.append((path.parent / "cmdline").read_text())
        except OSError:
            continue
    return found


def ask(port: int, method: str, url: str, body: str = "", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, url, body or None, fields)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def query(port: int, text: str) -> dict:
    body = json.dumps({"query": text})
    own = f"http://127.0.0.1:{port}"
    status, answer = ask(
        port, "POST", "/graphql", body, Origin=own, Content_Type="application/json"
    )
    assert status == 200, answer
    return json.loads(answer)["data"]


def test_a_foreign_page_starts_no_run(port):
    as_json, text = json.dumps({"query": START}), {"Content_Type": "text/plain"}
    typed = {"Content_Type": "application/json"}
    in_url = "/graphql?query=" + re.sub(r"[^\w]", lambda m: f"%{ord(m[0]):02X}", START)
    attempts = [
        ask(port, "GET", in_url),
        ask(port, "GET", in_url, Origin=FOREIGN, Sec_Fetch_Site="cross-site"),
        ask(port, "POST", in_url, Origin=FOREIGN, **text),
        ask(port, "POST", in_url, **text),
        ask(port, "POST", "/graphql", as_json, Origin=FOREIGN, **text),
        ask(port, "POST", "/graphql", as_json, **text),
        ask(port, "POST", "/graphql", as_json, Origin=FOREIGN, **typed),
        ask(port, "POST", "/graphql", as_json, Host=f"rebound.example.org:{port}", **typed),
        ask(port, "OPTIONS", "/graphql", Origin=FOREIGN, Access_Control_Request_Method="POST"),
    ]
    assert [status // 100 for status, _ in attempts] == [4] * len(attempts)
    assert query(port, COUNT) == {"runsOrError": {"count": 0}}


def test_no_foreign_page_listens(port):
    own = f"127.0.0.1:{port}"
    for host, origin in ((own, FOREIGN), ("rebound.example.org", "http://rebound.example.org")):
        channel = socket.create_connection(("127.0.0.1", port))
        with channel, pytest.raises(InvalidStatus) as refused:
            connect(f"ws://{host}/graphql", sock=channel, origin=origin, proxy=None)
        assert refused.value.response.status_code == 403


def test_the_page_itself_works(port):
    own = f"http://127.0.0.1:{port}"
    status, page = ask(port, "GET", "/")
    assert status == 200 and 'id="root"' in page
    script = re.search(r'src="([^"]+\.js)"', page)[1]
    assert ask(port, "GET", script)[0] == 200
    unknown = query(port, LAUNCH % (SELECTOR % "nothing"))
    assert unknown["launchRun"]["__typename"] == "PipelineNotFoundError"
    with connect(
        f"ws://127.0.0.1:{port}/graphql", origin=own, subprotocols=["graphql-ws"], proxy=None
    ) as channel:
        channel.send(json.dumps({"type": "connection_init"}))
        assert json.loads(channel.recv(30)) == {"type": "connection_ack"}


def test_only_this_machine_is_answered(port):
    listening = Path("/proc/net/tcp").read_text().splitlines()
    assert any(f"0100007F:{port:04X} 00000000:0000 0A" in line for line in listening)
    assert not any(f"00000000:{port:04X} 00000000:0000 0A" in line for line in listening)
