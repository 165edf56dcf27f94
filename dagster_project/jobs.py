"""What an operator starts, and what starts by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from dagster_project.disk import advise_on_disk
from dagster_project.landing import sign_folder
from dagster_project.notices import describe_failures, post_failure, post_stale_release
from dagster_project.run_lock import end_dead_runs, is_held
from dagster_project.warehouse import Warehouse

everything = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all(),
    description="Read what is new in the landing folder, build, check and publish.",
    # One process: DuckDB has one writer, and imports are paid once.
    executor_def=dg.in_process_executor,
)

read_again = dg.define_asset_job(
    "read_again",
    selection=dg.AssetSelection.all(),
    description=(
        "Everything, after reading documents anew that did not change: all of them, or in the "
        "Launchpad one (`sample/quzhou_2018.txt`) or a collection (`sample/*`)."
    ),
    config={"ops": {"read_documents": {"config": {"read_again": "*"}}}},
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
    context: dg.SensorEvaluationContext,
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Compare the folder with the state that the warehouse was last brought to."""
    settings = warehouse.settings
    end_dead_runs(context.instance, settings)
    if is_held(settings):
        yield dg.SkipReason("A run is at work.")
        return
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


@dg.run_failure_sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Posts failed runs to GONGKAI_WEBHOOK, as JSON; without one it sends nothing.",
)
def failed_runs(
    context: dg.RunFailureSensorContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SkipReason | None:
    """Tell whoever answers for the warehouse which step failed and why."""
    webhook = warehouse.settings.webhook
    if not webhook:
        return dg.SkipReason("GONGKAI_WEBHOOK is not set: nobody to tell.")
    run = context.dagster_run
    records = context.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    events = [record.dagster_event for record in records if record.dagster_event]
    reasons = list(describe_failures(events)) or [
        context.failure_event.message or "No reason given."
    ]
    reasons += filter(None, [advise_on_disk(warehouse.settings, " ".join(reasons))])
    post_failure(webhook, run.run_id, run.job_name, reasons)
    return None


@dg.sensor(
    minimum_interval_seconds=3600,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells GONGKAI_WEBHOOK once that the release is older than it may be.",
)
def stale_release(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SkipReason:
    """The freshness rule of the release, for those who do not look at the catalogue."""
    settings = warehouse.settings
    last = context.instance.get_latest_materialization_event(dg.AssetKey("release"))
    if last is None:
        return dg.SkipReason("Nothing was ever released.")
    age = (datetime.now(UTC) - datetime.fromtimestamp(last.timestamp, UTC)).total_seconds() / 86400
    state = f"The last run that ended in a release was {age:.1f} days ago."
    if age > settings.max_release_age_days and settings.webhook and context.cursor != last.run_id:
        post_stale_release(settings.webhook, last.run_id, state)
        context.update_cursor(last.run_id)
    return dg.SkipReason(state)
