"""The last asset: a published release. Runs only where no blocking check failed."""

import os
from collections.abc import Iterable
from datetime import date, timedelta

import dagster as dg

from dagster_project.dbt_runner import read_manifest
from dagster_project.load import current_reader
from dagster_project.model_keys import read_keys
from dagster_project.previews import as_markdown
from dagster_project.progress import Progress
from dagster_project.publish import publish
from dagster_project.unchanged import remember_run
from dagster_project.warehouse import Warehouse


class ReleaseConfig(dg.Config):
    """What an operator may set for one run."""

    release_date: str = ""
    """Date of the version, YYYY-MM-DD; today where it is empty."""


def make_release_asset(upstream: Iterable[dg.AssetKey], max_age_days: float) -> dg.AssetsDefinition:
    """The release, after every asset that it contains or that was checked for it."""

    @dg.asset(
        key="release",
        group_name="published",
        deps=list(upstream),
        kinds={"duckdb", "parquet", "csv"},
        owners=["team:gongkai"],
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=max_age_days)),
        description=(
            "Read-only release for readers and BI tools: the marts, the wide views, the dictionary "
            "and the masked source lines as DuckDB, Parquet and CSV (of tables that a spreadsheet "
            "opens), with a data package, a data dictionary, notes on what changed and checksums. "
            "`published/current` points to it. One materialization per run; where nothing changed, "
            "the current release stays."
        ),
    )
    def release(
        context: dg.AssetExecutionContext,
        config: ReleaseConfig,
        warehouse: dg.ResourceParam[Warehouse],
        progress: dg.ResourceParam[Progress],
        run_lock: dg.ResourceParam[None],
    ) -> dg.MaterializeResult:
        settings = warehouse.settings
        today = date.fromisoformat(config.release_date) if config.release_date else date.today()
        progress.begin("publish", 1)
        keys = read_keys(read_manifest())
        published = publish(settings.database, settings.published, current_reader(), today, keys)
        if published.mended:
            told = (
                f"The current release was damaged ({'; '.join(published.mended)}). "
                f"{published.version} replaces it."
            )
            context.log.warning(told)
            progress.tell(told)
        if settings.unfinished_signature.exists():
            os.replace(settings.unfinished_signature, settings.landing_signature)
        # A run of some assets only says nothing of the others.
        if not context.run.asset_selection:
            remember_run(settings)
        progress.advance()
        return dg.MaterializeResult(
            metadata={
                "version": published.version,
                "is_new": published.is_new,
                "folder": dg.MetadataValue.path(str(published.folder)),
                "tables": dg.MetadataValue.md(
                    as_markdown(("table", "rows"), sorted(published.row_counts.items()))
                ),
            }
        )

    return release
