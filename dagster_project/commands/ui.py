"""``gongkai ui``: Dagster's web app and daemon, guarded, in a process group of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.settings import PROJECT, read_settings
from dagster_project.terminal import out, safe, stop
from dagster_project.web_guard import name_origins
from dagster_project.web_server import HOST, bind


def run_ui(port: int, public: Sequence[str] = (), *, read_only: bool = False) -> None:
    """Start the web server, wait for it, and take all of its children down with it."""
    settings = read_settings()
    try:
        name_origins(port, public)
        listener = bind(port)
    except ValueError as error:
        stop(str(error))
    except OSError as error:
        stop(f"Port {port} of {HOST} cannot be had ({error.strerror}); choose one with --port.")
    environment = os.environ | {
        "DAGSTER_HOME": str(prepare_dagster_home(settings)),
        "GONGKAI_WAREHOUSE": str(settings.warehouse),
        "GONGKAI_LANDING": str(settings.landing),
    }
    mode = ", read-only" if read_only else ""
    out.print(f"Dagster: http://{HOST}:{listener.getsockname()[1]}{mode}  (Ctrl-C ends it)")
    for address in public:
        out.print(f"Also as: {safe(address)}, through your proxy")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "dagster_project.web_server"),
            *("--descriptor", str(listener.fileno())),
            *(["--read-only"] if read_only else []),
            *(argument for address in public for argument in ("--public", address)),
        ],
        cwd=PROJECT,
        env=environment,
        pass_fds=[listener.fileno()],
        # Its children outlive it otherwise, and hold the port.
        start_new_session=True,
    )
    listener.close()

    def ask_to_stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    try:
        status = process.wait()
    except KeyboardInterrupt:
        status = 0
    end_group(process)
    sys.exit(status)


def end_group(process: subprocess.Popen[bytes], patience_seconds: float = 10) -> None:
    """Ask the process group to end, ever more firmly, until its leader is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(patience_seconds)
            break
        except subprocess.TimeoutExpired:
            continue
    # What the leader left behind.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
