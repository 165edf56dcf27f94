"""What an operator starts, and what starts by itself."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.landing import sign_folder
from dagster_project.warehouse import Warehouse

everything = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all(),
    description="Read what is new in the landing folder, build, check and publish.",
    # One process: DuckDB has one writer, and imports are paid once.
    executor_def=dg.in_process_executor,
)

nightly = dg.ScheduleDefinition(
    name="nightly",
    job=everything,
    cron_schedule="0 3 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Everything, at three in the morning. Off until somebody turns it on.",
)


@dg.sensor(
    job=everything,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts a run when files in the landing folder were added, changed or removed.",
)
def landing_folder(
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Compare the folder with the state that the warehouse was last brought to."""
    settings = warehouse.settings
    signature = sign_folder(settings.landing)
    try:
        loaded = settings.landing_signature.read_text()
    except FileNotFoundError:
        loaded = ""
    if signature == loaded:
        yield dg.SkipReason("The warehouse holds what lies in the landing folder.")
    else:
        # The key keeps a folder whose run failed from being tried again and again.
        yield dg.RunRequest(run_key=signature)
