"""The raw layer: what was read from the landing folder, as the parser understood it.

Asset bodies only: reading, parsing and storing live in ``load`` and below.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb
from pydantic import Field

from dagster_project.damage import find_damage, set_aside, tells_damage
from dagster_project.documentation import address_of
from dagster_project.event_log import tell_together
from dagster_project.landing import sign_folder
from dagster_project.load import load_landing
from dagster_project.previews import draw_bars, query_as_markdown
from dagster_project.progress import Progress
from dagster_project.store import TABLES, Changes
from dagster_project.warehouse import Warehouse

DESCRIPTIONS = {
    "documents": "Distinct sequences of bytes found in the landing folder, usable or not. "
    "One row per document.",
    "document_locations": "Where a document was found, and what its sidecar says of its origin. "
    "One row per document and file.",
    "reports": "Whole documents found in a file: annual reports, work plans, guides and others, "
    "with publisher, year and form edition. One row per report.",
    "sections": "Sections of a report, and stretches of noise (report_no 0). One row per section.",
    "cells": "Printed table cells, with the figure only where one was printed. One row per cell.",
    "claims": "Figures stated in prose. One row per figure stated.",
    "tasks": "Tasks of work plans, with the units that answer for them. One row per task.",
    "issues": "Whatever was not understood, or only with help; files that could not be read are "
    "listed here with the reason. One row per issue.",
    "passages": "Source lines behind cells and claims, personal details masked. "
    "One row per document and line.",
}

_DIGITS_EXPLAINED = """
    select
        coalesce(nullif(publisher_name, ''), doc_type) || ' ' || coalesce(report_year::text, '')
            as report,
        100.0 * explained_digit_count / digit_count as explained_pct
    from raw.reports
    where digit_count > 0
    order by explained_pct, report
    limit 25
"""
_ALL_DIGITS = """
    select coalesce(100.0 * sum(explained_digit_count) / nullif(sum(digit_count), 0), 0)
    from raw.reports
"""
_UNUSABLE = """
    select path, issue_code, issues.text as reason
    from raw.issues
    inner join raw.document_locations using (document_id)
    where severity = 'error'
    order by path, issue_no
    limit 50
"""


class ReadingConfig(dg.Config):
    """What an operator may set for one run."""

    read_again: str = Field(
        default="",
        description=(
            "Documents to read anew although nothing changed, as a pattern of paths below the "
            "landing folder: `sample/quzhou_2018.txt` for one, `sample/*` for a collection, "
            "`*` for everything. Empty: only what is new or changed is read."
        ),
    )


@dg.multi_asset(
    name="read_documents",
    specs=[
        dg.AssetSpec(
            key=["raw", name],
            group_name="raw",
            description=DESCRIPTIONS[name],
            metadata={"documentation": dg.MetadataValue.url(address_of("raw", name))},
            kinds={"python", "polars", "duckdb"},
            owners=["team:gongkai"],
        )
        for name in TABLES
    ],
)
def raw_tables(
    context: dg.AssetExecutionContext,
    config: ReadingConfig,
    warehouse: dg.ResourceParam[Warehouse],
    progress: dg.ResourceParam[Progress],
    run_lock: dg.ResourceParam[None],
) -> Iterator[dg.MaterializeResult]:
    """Read new and changed documents of the landing folder into the schema ``raw``."""
    settings = warehouse.settings
    signature = sign_folder(settings.landing)

    def start_over(damage: str) -> None:
        told = set_aside(settings, damage)
        context.log.warning(told)
        progress.tell(told)

    # A run that did not reach its end may have met damage, or have left it.
    if settings.unfinished_signature.exists() and (damage := find_damage(settings)):
        start_over(damage)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    settings.unfinished_signature.write_text(signature)
    try:
        changes, results = load_and_describe(warehouse, progress, config.read_again)
    except duckdb.Error as error:
        if not tells_damage(error):
            raise
        start_over(" ".join(str(error).split()))
        changes, results = load_and_describe(warehouse, progress, config.read_again)
    context.log.info(
        f"{changes.landed} documents: {changes.parsed} parsed, {changes.taken} parsed elsewhere, "
        f"{changes.unchanged} unchanged, {len(changes.removed)} removed"
    )
    for path in changes.removed:
        context.log.warning(f"{path} left the landing folder; its document left the warehouse.")
    yield from tell_together(context.instance, results)


@contextmanager
def collecting_garbage() -> Iterator[None]:
    """What grows with the documents must not pile up; a run leaves the rest where it lies."""
    if gc.isenabled():
        yield
        return
    gc.freeze()
    gc.enable()
    try:
        yield
    finally:
        gc.disable()


def load_and_describe(
    warehouse: Warehouse, progress: Progress, read_again: str
) -> tuple[Changes, list[dg.MaterializeResult]]:
    """Load the landing folder and describe every table, over one connection."""
    with collecting_garbage(), warehouse.write() as connection:
        changes = load_landing(connection, warehouse.settings, progress, read_again)
        return changes, [describe_table(connection, name, changes) for name in TABLES]


def describe_table(
    connection: duckdb.DuckDBPyConnection, name: str, changes: Changes
) -> dg.MaterializeResult:
    """Row count, preview and, where it says something, the share of digits explained."""
    (row_count,) = connection.execute(f"select count(*) from raw.{name}").fetchone()
    metadata = {
        "dagster/row_count": row_count,
        "dagster/table_name": f"raw.{name}",
        "preview": dg.MetadataValue.md(
            query_as_markdown(connection, f"from raw.{name} order by all limit 8")
        ),
    }
    if name == "documents":
        metadata |= {
            "parsed": changes.parsed,
            "parsed_elsewhere": changes.taken,
            "unchanged": changes.unchanged,
            "removed": dg.MetadataValue.json(list(changes.removed)),
        }
    if name == "issues":
        metadata["errors"] = dg.MetadataValue.md(query_as_markdown(connection, _UNUSABLE))
    if name in ("reports", "cells"):
        (explained,) = connection.execute(_ALL_DIGITS).fetchone()
        bars = connection.execute(_DIGITS_EXPLAINED).fetchall()
        metadata["digits_explained_pct"] = round(float(explained), 2)
        metadata["digits_explained"] = dg.MetadataValue.md(
            draw_bars("Digits explained per report (lowest 25)", bars)
        )
    return dg.MaterializeResult(asset_key=["raw", name], metadata=metadata)
