"""``gongkai ui``: Dagster's web server and daemon, in a process group of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.settings import PROJECT, read_settings
from dagster_project.terminal import out

HOST = "127.0.0.1"


def run_ui(port: int) -> None:
    """Start `dagster dev`, wait for it, and take all of its children down with it."""
    settings = read_settings()
    environment = os.environ | {
        "DAGSTER_HOME": str(prepare_dagster_home(settings)),
        "GONGKAI_WAREHOUSE": str(settings.warehouse),
        "GONGKAI_LANDING": str(settings.landing),
    }
    out.print(f"Dagster: http://{HOST}:{port}  (Ctrl-C ends it)")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "dagster", "dev", "-m", "dagster_project.definitions"),
            *("--host", HOST, "--port", str(port)),
        ],
        cwd=PROJECT,
        env=environment,
        # Its children outlive it otherwise, and hold the port.
        start_new_session=True,
    )

    def ask_to_stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    try:
        sys.exit(process.wait())
    except KeyboardInterrupt:
        end_group(process)


def end_group(process: subprocess.Popen[bytes], patience_seconds: float = 10) -> None:
    """Ask the process group to end, ever more firmly, until its leader is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        os.killpg(process.pid, number)
        try:
            process.wait(patience_seconds)
            break
        except subprocess.TimeoutExpired:
            continue
    # What the leader left behind.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
