"""Assembles the code location, and does nothing else."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.checks import make_checks
from dagster_project.dbt_assets import make_dbt_assets
from dagster_project.dbt_runner import read_manifest
from dagster_project.jobs import (
    everything,
    failed_runs,
    landing_folder,
    nightly,
    read_again,
    stale_release,
)
from dagster_project.progress import Progress, Silent
from dagster_project.publish import SCHEMAS
from dagster_project.raw_assets import raw_tables
from dagster_project.release_asset import make_release_asset
from dagster_project.run_lock import hold
from dagster_project.settings import Settings, read_settings
from dagster_project.warehouse import Warehouse


def build_defs(
    settings: Settings | None = None, progress: Progress | None = None
) -> dg.Definitions:
    """Everything that Dagster knows of; tests and the command line pass settings of their own."""
    settings = settings or read_settings()
    models = make_dbt_assets(read_manifest())
    release = make_release_asset(
        (key for key in models.keys if key.path[0] in SCHEMAS), settings.max_release_age_days
    )
    return dg.Definitions(
        assets=[raw_tables, models, release],
        asset_checks=make_checks(),
        jobs=[everything, read_again],
        schedules=[nightly],
        sensors=[landing_folder, failed_runs, stale_release],
        resources={
            "warehouse": Warehouse(settings),
            "progress": progress or Silent(),
            "run_lock": make_run_lock(settings),
        },
        executor=dg.in_process_executor,
    )


def make_run_lock(settings: Settings) -> dg.ResourceDefinition:
    """Held from the first step of a run to its last; a second run is told that there is one."""

    @dg.resource(description="Keeps other runs of this installation out.")
    def run_lock() -> Iterator[None]:
        with hold(settings):
            yield None

    return run_lock


@dg.definitions
def defs() -> dg.Definitions:
    """The code location of `dagster dev`."""
    return build_defs()
