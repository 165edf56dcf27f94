"""Dagster's web app behind the guard, with the code server and the daemon that it needs.

The process that ``gongkai ui`` starts as the leader of a group. ``dagster dev`` would do, but
starts its web server as a command of its own that nothing can stand in front of.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import yaml

from dagster_project.dbt_runner import MANIFEST
from dagster_project.settings import PROJECT, read_settings
from dagster_project.web_documentation import WithDocumentation, make_app
from dagster_project.web_guard import Guard, Policy, name_origins

HOST = "127.0.0.1"
_MODULE = "dagster_project.definitions"
_SPARK_MODULE = "distributed.definitions"
_START_SECONDS = 120


def serve(listener: socket.socket, public: Sequence[str], *, read_only: bool) -> int:
    """Run the web app on an open socket until it is told to stop.

    Args:
        listener: bound to the loopback address.
        public: addresses of proxies in front of it.
        read_only: whether viewers may only look; then nothing is started by itself either.

    Returns:
        The exit status; 1 where the code server or the daemon ended by itself.
    """
    import uvicorn
    from dagster import DagsterInstance
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.app import create_app_from_workspace_process_context
    from dagster_webserver.cli import (
        DEFAULT_DB_STATEMENT_TIMEOUT,
        DEFAULT_POOL_MAX_OVERFLOW,
        DEFAULT_POOL_RECYCLE,
    )
    from dagster_webserver.version import __version__

    policy = Policy(name_origins(listener.getsockname()[1], public), read_only)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workspace = write_workspace(folder, read_settings().spark_python)
        children = [start_code_server(folder / "code.sock")]
        stack.callback(end_children, children)
        if not read_only:
            children.append(_start("dagster._daemon", "run", "--workspace", str(workspace)))
        instance = stack.enter_context(DagsterInstance.get())
        instance.optimize_for_webserver(
            DEFAULT_DB_STATEMENT_TIMEOUT, DEFAULT_POOL_RECYCLE, DEFAULT_POOL_MAX_OVERFLOW
        )
        context = stack.enter_context(
            WorkspaceProcessContext(
                instance,
                WorkspaceFileTarget([str(workspace)]),
                version=__version__,
                read_only=read_only,
            )
        )
        app = WithDocumentation(
            create_app_from_workspace_process_context(context, live_data_poll_rate=2000),
            make_app(lambda: json.loads(MANIFEST.read_bytes())),
        )
        # Behind a proxy the forwarded headers change nothing that is judged here.
        server = uvicorn.Server(
            uvicorn.Config(Guard(app, policy), log_level="warning", proxy_headers=False)
        )
        watcher = threading.Thread(target=watch_children, args=(children, server), daemon=True)
        watcher.start()
        server.run(sockets=[listener])
        return int(any(child.poll() not in (None, 0) for child in children))


def bind(port: int) -> socket.socket:
    """Take a port of the loopback address; 0 takes any that is free.

    Raises:
        OSError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def write_workspace(folder: Path, spark_python: str = "") -> Path:
    """The file that tells the web app and the daemon where the code is served.

    Args:
        folder: where it and the socket of the code server lie.
        spark_python: a Python that has Spark, for the job of a cluster; none if empty.
    """
    path = folder / "workspace.yaml"
    place = {"socket": str(folder / "code.sock"), "location_name": _MODULE}
    load_from: list[dict] = [{"grpc_server": place}]
    if spark_python:
        module = {
            "module_name": _SPARK_MODULE,
            "working_directory": str(PROJECT),
            "executable_path": spark_python,
        }
        load_from.append({"python_module": module})
    path.write_text(yaml.safe_dump({"load_from": load_from}))
    return path


def start_code_server(address: Path) -> subprocess.Popen[bytes]:
    """Serve the definitions to web app and daemon; returns when they can be asked for.

    Raises:
        RuntimeError: it does not start.
    """
    from dagster._grpc.client import DagsterGrpcClient

    child = _start("dagster", "code-server", "start", "-m", _MODULE, "--socket", str(address))
    client = DagsterGrpcClient(socket=str(address))
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            client.ping("")
        except Exception:  # not there yet, whatever gRPC calls it
            time.sleep(0.2)
        else:
            return child
    end_children([child])
    raise RuntimeError("Dagster's code server did not start; its message stands above.")


def watch_children(children: Sequence[subprocess.Popen[bytes]], server: object) -> None:
    """Stop the web server where a process that it depends on is gone."""
    while all(child.poll() is None for child in children):
        time.sleep(1)
    server.should_exit = True


def end_children(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask them to end, then make them."""
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", module, *arguments, "--log-level", "warning"]
    return subprocess.Popen(command)


def main() -> None:
    """Serve on the socket that the parent opened."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--descriptor", type=int, required=True)
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--public", action="append", default=[])
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"
    listener = socket.socket(fileno=arguments.descriptor)
    try:
        status = serve(listener, arguments.public, read_only=arguments.read_only)
    except KeyboardInterrupt:
        status = 0
    sys.exit(status)


if __name__ == "__main__":
    main()
