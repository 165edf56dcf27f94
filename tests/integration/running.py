"""Runs of the job, in this process or in one without a network; what a test wants to know of them."""

import os
import pickle
import subprocess
import sys
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.definitions import build_defs
from dagster_project.settings import Settings


@dataclass(frozen=True)
class Run:
    """A finished run of Dagster."""

    success: bool
    asset_keys: frozenset[str]
    checks: dict[str, bool]
    metadata: dict[str, dict[str, object]]
    check_metadata: dict[str, dict[str, object]]
    was_cut_off: bool = False
    """It had no network."""
    asked: tuple[str, ...] = ()
    """Hosts that it looked for all the same."""


def run_apart(settings: Settings) -> Run:
    """Run the job in a process of its own, without a network where this system lets us."""
    try:
        subprocess.run([*_UNSHARE, "true"], check=True, capture_output=True)
        prefix = _UNSHARE
    except (OSError, subprocess.CalledProcessError):
        prefix = []
    told = settings.warehouse / "run.pickle"
    arguments = [str(settings.warehouse), str(settings.landing), str(told)]
    root = Path(__file__).resolve().parents[2]
    command = [*prefix, sys.executable, "-m", "tests.integration.running", *arguments]
    subprocess.run(command, check=True, cwd=root, env=os.environ | SECRETS)
    run = pickle.loads(told.read_bytes())
    told.unlink()
    return run


SECRETS = {
    "GONGKAI_POSTGRES_URI": "postgresql://gongkai:hunter2-postgres@127.0.0.1:1/gongkai",
    "GONGKAI_WEBHOOK": "http://127.0.0.1:1/hunter2-webhook",
}
"""What an operator may have set: it must not turn up in anything that a run writes."""
_UNSHARE = ["unshare", "--map-root-user", "--net"]


def main() -> None:
    """Run the job on the folders given, and write down what came of it."""
    warehouse, landing, told = map(Path, sys.argv[1:])
    asked: list[str] = []

    def listen(event: str, arguments: tuple) -> None:
        if event == "socket.getaddrinfo" or (
            event == "socket.connect" and isinstance(arguments[1], tuple)
        ):
            asked.append(str(arguments[1] if event == "socket.connect" else arguments[0]))

    sys.addaudithook(listen)
    run = run_job(Settings(warehouse=warehouse, landing=landing))
    devices = Path("/proc/self/net/dev").read_text().splitlines()[2:]
    is_cut_off = [line.split(":")[0].strip() for line in devices] == ["lo"]
    told.write_bytes(pickle.dumps(replace(run, was_cut_off=is_cut_off, asked=tuple(asked))))


def run_job(settings: Settings, selection: dg.AssetSelection | None = None) -> Run:
    """Run the job *everything*, or a part of it, in this process."""
    warnings.filterwarnings("ignore")
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings))
    defs = build_defs(settings)
    if selection is not None:
        part = dg.define_asset_job("part", selection, executor_def=dg.in_process_executor)
        defs = dg.Definitions.merge(defs, dg.Definitions(jobs=[part]))
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def("part" if selection else "everything").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    materialized = result.get_asset_materialization_events()
    checked = {
        f"{check.asset_key.to_user_string()}:{check.check_name}": check
        for check in result.get_asset_check_evaluations()
    }
    return Run(
        success=result.success,
        asset_keys=frozenset(event.asset_key.to_user_string() for event in materialized),
        checks={name: check.passed for name, check in checked.items()},
        metadata={
            event.asset_key.to_user_string(): {
                name: value.value for name, value in event.materialization.metadata.items()
            }
            for event in materialized
        },
        check_metadata={
            name: {key: value.value for key, value in check.metadata.items()}
            for name, check in checked.items()
        },
    )


if __name__ == "__main__":
    # The class must be found under the name that others import it by.
    from tests.integration import running

    running.main()
