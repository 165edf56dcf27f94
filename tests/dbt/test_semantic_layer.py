"""MetricFlow gives what `reporting.metrics` gives: one definition, two ways to ask."""

import csv
import json
from types import SimpleNamespace

import duckdb
import pytest

from dagster_project.dbt_runner import TARGET, read_manifest
from dagster_project.settings import DBT_PROJECT

METRICS = {
    row["metric_code"]: row
    for row in csv.DictReader(
        (DBT_PROJECT / "seeds" / "vocabulary" / "metric.csv").open(encoding="utf-8")
    )
}
OPERANDS = {"metric_numerator", "metric_denominator"}


@pytest.fixture(scope="module")
def semantics() -> str:
    read_manifest()
    return (TARGET / "semantic_manifest.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def explain(semantics: str):
    """SQL that MetricFlow writes for metrics and the dimensions to group them by."""
    from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
    from metricflow_semantics.model.dbt_manifest_parser import (
        parse_manifest_from_dbt_generated_manifest,
    )
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    manifest = parse_manifest_from_dbt_generated_manifest(manifest_json_string=semantics)
    engine = MetricFlowEngine(
        semantic_manifest_lookup=SemanticManifestLookup(manifest),
        # It writes SQL and runs none.
        sql_client=SimpleNamespace(
            sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer()
        ),
    )

    def write(metrics: list[str], group_by: list[str]) -> str:
        request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by)
        return engine.explain(request).sql_statement.sql

    return write


@pytest.fixture(scope="module")
def connection(built: tuple):
    with duckdb.connect(built[0].database, read_only=True) as opened:
        yield opened


def test_every_metric_is_named_once_in_the_words_of_its_definition(semantics: str) -> None:
    named = {metric["name"]: metric for metric in json.loads(semantics)["metrics"]}
    assert named.keys() - OPERANDS == METRICS.keys()
    for code, row in METRICS.items():
        assert named[code]["label"] == f"{row['label_en']} {row['label_zh']}"
        assert named[code]["description"] == f"{row['definition_en']} {row['definition_zh']}"
        inputs = named[code]["type_params"]["metrics"]
        filters = [f["where_sql_template"] for i in inputs for f in i["filter"]["where_filters"]]
        assert len(filters) == 2 and all(f"'{code}'" in found for found in filters)


@pytest.mark.parametrize("member_kind", ["", "applicant", "reason"])
def test_metricflow_and_the_view_agree(explain, connection, member_kind: str) -> None:
    codes = [code for code, row in METRICS.items() if row["member_kind"] == member_kind]
    for code in codes:
        sql = explain([code], ["report", "operand__member_code"])
        answers = connection.execute(
            f"select report, operand__member_code, round({code}, 6) from ({sql}) "
            f"where {code} is not null order by all"
        ).fetchall()
        view = connection.execute(
            "select report_id, member_code, cast(value as double) from reporting.metrics "
            "where metric_code = ? and value is not null and not is_series_break order by all",
            [code],
        ).fetchall()
        assert answers == view
        assert view


def test_reports_are_put_together_by_their_figures_not_by_their_rates(explain, connection) -> None:
    sql = explain(["disclosure_rate"], ["report__form_id"])
    by_form = dict(connection.execute(sql).fetchall())
    # Pingtan 2019 and 2020 and Quzhou 2020: 100 * (8 + 14 + 327) / (23 + 29 + 456)
    assert by_form["national_2019"] == pytest.approx(100 * 349 / 508)


def test_a_year_is_a_dimension(explain, connection) -> None:
    sql = explain(["disclosure_rate"], ["metric_time__year"])
    years = {row[0].year: row[1] for row in connection.execute(sql).fetchall()}
    assert years[2021] == pytest.approx(100 * 46 / 68)
