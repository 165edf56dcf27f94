"""Runs of the job in this process, and what a test wants to know of them."""

import os
import warnings
from dataclasses import dataclass

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
