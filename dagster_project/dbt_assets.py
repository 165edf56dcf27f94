"""The dbt project as assets and checks: one group per layer, keys that mirror the warehouse."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from dagster_dbt.asset_utils import get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from dagster_project.dbt_runner import TARGET, build_project
from dagster_project.documentation import address_of
from dagster_project.event_log import tell_together
from dagster_project.lineage import ColumnLineage, Source
from dagster_project.previews import as_markdown, query_as_markdown
from dagster_project.progress import Progress
from dagster_project.promises import describe_promises
from dagster_project.warehouse import Warehouse

COLUMN_LINEAGE = TARGET / "column_lineage.json"
_LONGEST_LINEAGE = 1000
_SHOWN_FAILURES = 20
_TELLING_SECONDS = 1.0
_PREVIEWED_LAYERS = ("marts", "reporting")


class LayerTranslator(DagsterDbtTranslator):
    """A dbt node is called what its table is called: ``marts/fct_outcomes``."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["raw", dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["schema"]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props.get("description") or ""

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        page = address_of(*self.get_asset_key(dbt_resource_props).path)
        return {
            **super().get_metadata(dbt_resource_props),
            "documentation": dg.MetadataValue.url(page),
        }

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        description = describe_promises(manifest["nodes"][unique_id])
        return spec and spec._replace(description=description)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return ["team:gongkai"]


def make_dbt_assets(manifest: dict[str, Any]) -> dg.AssetsDefinition:
    """Assets for every seed and model, checks for every test of the manifest."""
    translator = LayerTranslator()

    @dbt_assets(manifest=manifest, dagster_dbt_translator=translator, name="build_models")
    def models(
        context: dg.AssetExecutionContext,
        warehouse: dg.ResourceParam[Warehouse],
        progress: dg.ResourceParam[Progress],
        run_lock: dg.ResourceParam[None],
    ) -> Iterator[Any]:
        events: list[Mapping[str, Any]] = []

        def take(event: Mapping[str, Any]) -> None:
            events.append(event)
            progress.advance()
            # Every line is a row in Dagster's books; what is done at once is told soon enough.
            if float(event["data"].get("execution_time") or 0) >= _TELLING_SECONDS:
                context.log.debug(event["info"]["msg"])

        progress.begin(
            "model", len(context.selected_asset_keys) + len(context.selected_asset_check_keys)
        )
        build = build_project(
            warehouse.settings,
            _select(context, manifest, translator),
            take,
            on_warning=context.log.warning,
            keeps_rows=not context.is_subset,
        )
        results = [
            result
            for event in events
            for result in DbtCoreCliEventMessage(event, {}).to_default_asset_events(
                manifest, translator, context
            )
        ]
        with warehouse.read() as connection:
            lineage = ColumnLineage(connection, COLUMN_LINEAGE)
            compiled = _compiled_queries(manifest, warehouse.settings.dbt_target)
            described = [
                _describe(result, context, connection, compiled, lineage) for result in results
            ]
        lineage.keep()
        yield from tell_together(context.instance, described)
        if build.failures:
            raise dg.Failure(
                "Shape or keys are not as promised:\n  " + "\n  ".join(build.failures),
                allow_retries=False,
            )

    return models


def _select(
    context: dg.AssetExecutionContext, manifest: dict[str, Any], translator: LayerTranslator
) -> list[str]:
    """Arguments that make dbt build what Dagster selected: everything, or a part of it."""
    arguments, indirect = get_subset_selection_for_context(
        context, manifest, None, None, None, translator, None
    )
    return arguments + (["--indirect-selection", indirect] if indirect else [])


def _compiled_queries(manifest: Mapping[str, Any], target: Path) -> dict[str, Path]:
    """Where dbt puts the SQL of each model and test, by its id."""
    compiled = {}
    for unique_id, node in manifest["nodes"].items():
        if node.get("language") == "python":
            continue
        path = target / "compiled" / node["package_name"] / node["original_file_path"]
        # What is declared in YAML has a file of its own in a folder of the YAML's name.
        compiled[unique_id] = path if path.suffix == ".sql" else path / node["path"]
    return compiled


def _describe(
    result: Any,
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    compiled: Mapping[str, Path],
    lineage: ColumnLineage,
) -> Any:
    """A result of dbt with what an operator wants to see of it."""
    if isinstance(result, dg.Output):
        return _describe_table(result, context, connection, compiled, lineage)
    if isinstance(result, dg.AssetCheckResult) and not result.passed:
        return _describe_failure(result, connection, compiled)
    return result


def _describe_failure(
    result: dg.AssetCheckResult,
    connection: duckdb.DuckDBPyConnection,
    compiled: Mapping[str, Path],
) -> dg.AssetCheckResult:
    """A failed test with the rows that it found."""
    with suppress(duckdb.Error, OSError, KeyError):
        sql = compiled[result.metadata["unique_id"].value].read_text("utf-8")
        found = query_as_markdown(connection, f"from ({sql}) limit {_SHOWN_FAILURES}")
        metadata = {**result.metadata, "found": dg.MetadataValue.md(found)}
        return result._replace(metadata=metadata)
    return result


def _describe_table(
    result: dg.Output,
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    compiled: Mapping[str, Path],
    lineage: ColumnLineage,
) -> dg.Output:
    """A materialization with row count, column lineage and, for what people read, a preview."""
    key = context.asset_key_for_output(result.output_name)
    schema, table = key.path
    relation = f'"{schema}"."{table}"'
    metadata = dict(result.metadata)
    # A view over a table that failed to build cannot be counted; the failure itself is told below.
    with suppress(duckdb.Error):
        (row_count,) = connection.execute(f"select count(*) from {relation}").fetchone()
        metadata["dagster/row_count"] = row_count
        if schema in _PREVIEWED_LAYERS:
            preview = query_as_markdown(connection, f"from {relation} limit 8")
            metadata["preview"] = dg.MetadataValue.md(preview)
    with suppress(FileNotFoundError, KeyError):
        sql = compiled[metadata["unique_id"].value].read_text("utf-8")
        sources = lineage.trace(f"{schema}.{table}", sql)
        metadata["dagster/column_lineage"] = _as_column_lineage(sources)
        # The open-source UI keeps column lineage but draws none of it.
        metadata["columns_made_from"] = dg.MetadataValue.md(
            as_markdown(
                ("column", "made from"),
                [
                    (column, ", ".join(".".join(source) for source in deps))
                    for column, deps in sources.items()
                ],
                _LONGEST_LINEAGE,
            )
        )
    return dg.Output(None, output_name=result.output_name, metadata=metadata)


def _as_column_lineage(sources: Mapping[str, list[Source]]) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep([schema, table], name) for schema, table, name in deps]
            for column, deps in sources.items()
        }
    )
