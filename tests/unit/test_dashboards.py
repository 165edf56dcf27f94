"""The declared dashboards hang together, without a server: charts, datasets, dbt's exposures."""

import io
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bi.metabase import provision
from bi.superset import run

ROOT = Path(__file__).resolve().parents[2]
EXPOSURES = ROOT / "dbt" / "models" / "_exposures.yml"
METABASE = yaml.safe_load(provision.CONTENT.read_text(encoding="utf-8"))


@cache
def assets(kind: str) -> list[dict[str, Any]]:
    paths = sorted((run.ASSETS / kind).rglob("*.yaml"))
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]


@cache
def exposures() -> dict[str, set[str]]:
    declared = yaml.safe_load(EXPOSURES.read_text(encoding="utf-8"))["exposures"]
    return {
        entry["name"]: {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in entry["depends_on"]}
        for entry in declared
    }


def asked_columns(params: dict[str, Any]) -> set[str]:
    """Columns that a chart of Superset speaks of."""
    lists = ("groupby", "all_columns", "groupbyRows", "groupbyColumns")
    columns = {column for name in lists for column in params.get(name, ())}
    columns |= {params[name] for name in ("x_axis", "entity") if name in params}
    return columns | {entry["subject"] for entry in params["adhoc_filters"]}


@pytest.mark.parametrize("chart", assets("charts"), ids=lambda chart: chart["slice_name"])
def test_a_chart_asks_for_what_its_dataset_has(chart: dict[str, Any]) -> None:
    (dataset,) = (d for d in assets("datasets") if d["uuid"] == chart["dataset_uuid"])
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    params = chart["params"]
    asked = {*params.get("metrics", ()), *filter(None, [params.get("metric")])}
    assert asked <= metrics
    assert asked_columns(params) <= {column["column_name"] for column in dataset["columns"]}
    assert asked or params["all_columns"]


def test_datasets_and_their_columns_are_described() -> None:
    for dataset in assets("datasets"):
        if dataset["table_name"] != "release":
            assert "One row per" in dataset["description"]
            missing = [c["column_name"] for c in dataset["columns"] if not c["description"]]
            assert not missing, dataset["table_name"]


def test_nothing_of_a_machine_and_no_secret_is_in_the_export() -> None:
    (database,) = assets("databases")
    assert run.RELEASE_IN_ASSETS in database["sqlalchemy_uri"]
    for setting in (
        "access_mode=read_only",
        "enable_external_access=false",
        "lock_configuration=true",
    ):
        assert setting in database["sqlalchemy_uri"]
    assert not {"password", "encrypted_extra", "masked_encrypted_extra"} & set(database)
    packed = run.pack(Path("/srv/published/current/gongkai.duckdb"))
    unpacked = run.unpack(_with_ids(packed), Path("/srv/published/current/gongkai.duckdb"))
    assert yaml.safe_load(unpacked["databases/Gongkai.yaml"]) == database


def _with_ids(packed: bytes) -> bytes:
    """The zip as Superset would export it: an id at the end of most file names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(buffer, "w") as target:
        for number, name in enumerate(source.namelist()):
            plain = "databases" in name or "metadata" in name
            renamed = name if plain else name.replace(".yaml", f"_{number}.yaml")
            target.writestr(renamed, source.read(name))
    return buffer.getvalue()


@pytest.mark.parametrize("dashboard", assets("dashboards"), ids=lambda entry: entry["slug"])
def test_the_lineage_ends_in_the_dashboards_of_superset(dashboard: dict[str, Any]) -> None:
    tables = {d["uuid"]: d["table_name"] for d in assets("datasets")}
    charts = {chart["uuid"]: tables[chart["dataset_uuid"]] for chart in assets("charts")}
    parts = [part for part in dashboard["position"].values() if isinstance(part, dict)]
    shown = {charts[part["meta"]["uuid"]] for part in parts if part["type"] == "CHART"}
    name = "superset_" + dashboard["slug"].replace("-", "_")
    # The release's own table is made by publishing, not by dbt.
    assert exposures()[name] == shown - {"release"}


@pytest.mark.parametrize("dashboard", METABASE["dashboards"], ids=lambda entry: entry["name"])
def test_the_lineage_ends_in_the_dashboards_of_metabase(dashboard: dict[str, Any]) -> None:
    tables = {model["name"]: model["table"] for model in METABASE["models"]}
    asked = {question["name"]: tables[question["model"]] for question in METABASE["questions"]}
    shown = {asked[name] for row in dashboard["rows"] for name, _, _ in row}
    latin = re.sub(r"[^a-z ]", "", dashboard["name"].lower()).strip().replace(" ", "_")
    assert exposures()["metabase_" + latin] == shown - {"release"}


def test_what_is_exposed_is_a_model() -> None:
    models = {path.stem for path in (ROOT / "dbt" / "models").rglob("*.sql")}
    assert {name for refs in exposures().values() for name in refs} <= models
    cookbook = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"\b(?:reporting|marts)\.([a-z_]+)", cookbook))
    assert exposures()["cookbook"] == asked & models
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "pages").rglob("*.py")]
    asked = set(re.findall(r"\b(?:reporting|marts)\.([a-z_]+)", "\n".join(pages)))
    assert exposures()["site"] == asked & models
