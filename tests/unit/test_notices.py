"""What the sensors tell a webhook, over a real socket."""

import json
import os
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest

from dagster_project.jobs import failed_runs, stale_release
from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse


@pytest.fixture
def webhook():
    """Address of a listener, and what it was told."""
    told = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", told
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "DAGSTER_HOME", str(tmp_path))
    return Settings(warehouse=tmp_path, landing=tmp_path)


def fail_a_run(instance, settings):
    @dg.op
    def read_documents():
        raise dg.Failure("The disk is full: free some space and run again.")

    @dg.job
    def everything():
        read_documents()

    result = everything.execute_in_process(instance=instance, raise_on_error=False)
    event = next(e for e in result.all_events if e.event_type == dg.DagsterEventType.RUN_FAILURE)
    return dg.build_run_status_sensor_context(
        "failed_runs",
        event,
        instance,
        result.dagster_run,
        resources={"warehouse": Warehouse(settings)},
    ).for_run_failure()


def test_a_failed_run_is_told_with_step_and_reason(webhook, settings):
    address, told = webhook
    with dg.DagsterInstance.ephemeral() as instance:
        failed_runs(fail_a_run(instance, replace(settings, webhook=address)))
    (notice,) = told
    assert notice["job"] == "everything"
    assert notice["reasons"] == ["read_documents: The disk is full: free some space and run again."]
    assert notice["run_id"][:8] in notice["text"]


def test_without_a_webhook_nothing_is_sent(webhook, settings):
    with dg.DagsterInstance.ephemeral() as instance:
        failed_runs(fail_a_run(instance, settings))
    assert webhook[1] == []


def look(instance, settings, cursor=None):
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"warehouse": Warehouse(settings)}
    )
    stale_release(context)
    return context.cursor


def test_a_stale_release_is_told_once(webhook, settings):
    address, told = webhook
    with dg.DagsterInstance.ephemeral() as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("release"))
        look(instance, replace(settings, webhook=address))
        assert told == []
        stale = replace(settings, webhook=address, max_release_age_days=0)
        cursor = look(instance, stale)
        look(instance, stale, cursor)
    assert len(told) == 1 and "stale" in told[0]["text"]
