"""``gongkai ui``: Dagster's web server and daemon, in a process group of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

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

    def end_group(number: int, frame: object) -> None:
        os.killpg(process.pid, signal.SIGTERM)

    signal.signal(signal.SIGINT, end_group)
    signal.signal(signal.SIGTERM, end_group)
    sys.exit(process.wait())
