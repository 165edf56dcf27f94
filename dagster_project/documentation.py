"""What every table of the warehouse means, as dbt's manifest tells it: each layer, built or not.

The assets link to the pages that ``web_documentation`` makes of it by a path without a host, which
holds under every name of the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagster_project.data_dictionary import split_languages
from dagster_project.promises import list_promises

PATH = "/documentation"
LAYERS = ("raw", "form", "staging", "intermediate", "marts", "reporting")
_TABLES = ("model", "seed", "source")
Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column as its model describes it."""

    name: str
    data_type: str
    """Empty where no contract fixes it."""
    zh: str
    en: str
    promises: list[str] = field(default_factory=list)
    """Constraints and tests, by name."""


@dataclass(frozen=True)
class Table:
    """A table and what stands around it."""

    layer: str
    name: str
    kind: str
    zh: str
    en: str
    sql: str
    columns: list[Column]
    promises: list[str]
    """Tests of the table as a whole."""
    made_from: list[tuple[str, str]]
    """Layer and name."""
    read_by: list[tuple[str, str]]
    dashboards: list[tuple[str, str]]
    """Label and description of what people look at that rests on it."""


def address_of(layer: str, name: str) -> str:
    """The page of a table, without a host."""
    return f"{PATH}/{layer}/{name}"


def list_tables(manifest: Manifest) -> dict[str, list[tuple[str, str, str]]]:
    """Name and both descriptions of every table, by layer in the order of the data's way."""
    found: dict[str, list[tuple[str, str, str]]] = {layer: [] for layer in LAYERS}
    for node in _nodes(manifest).values():
        zh, en = split_languages(node["description"])
        found.setdefault(node["schema"], []).append((node["name"], zh, en))
    return {layer: sorted(tables) for layer, tables in found.items() if tables}


def describe_table(manifest: Manifest, layer: str, name: str) -> Table | None:
    """All that the manifest knows of a table; ``None`` where there is no such table."""
    nodes = _nodes(manifest)
    found = [key for key, node in nodes.items() if (node["schema"], node["name"]) == (layer, name)]
    if not found:
        return None
    (key,) = found
    node = nodes[key]
    below = manifest["child_map"].get(key, ())
    tests = [
        test
        for child in below
        # A test of another table may look at this one.
        if (test := manifest["nodes"].get(child, {})).get("resource_type") == "test"
        and test.get("attached_node") in (None, key)
    ]
    by_column: dict[str, list[str]] = {}
    for test in tests:
        for column, words in list_promises(test):
            by_column.setdefault(column, []).append(words)
    zh, en = split_languages(node["description"])
    return Table(
        layer,
        name,
        node["config"].get("materialized") or node["resource_type"],
        zh,
        en,
        node.get("raw_code", ""),
        [_column(column, by_column) for column in node["columns"].values()],
        sorted(by_column.get("", ())),
        _places(nodes, manifest["parent_map"].get(key, ())),
        _places(nodes, below),
        sorted(
            (exposure["label"] or exposure["name"], exposure["description"])
            for child in below
            if (exposure := manifest["exposures"].get(child))
        ),
    )


def _nodes(manifest: Manifest) -> dict[str, Any]:
    nodes = {**manifest["nodes"], **manifest["sources"]}
    return {key: node for key, node in nodes.items() if node["resource_type"] in _TABLES}


def _column(column: Mapping[str, Any], by_column: Mapping[str, list[str]]) -> Column:
    zh, en = split_languages(column["description"])
    promises = [kept["type"].replace("_", " ") for kept in column.get("constraints") or ()]
    promises += by_column.get(column["name"], ())
    return Column(
        column["name"], column.get("data_type") or "", zh, en, list(dict.fromkeys(promises))
    )


def _places(nodes: Mapping[str, Any], keys: Iterable[str]) -> list[tuple[str, str]]:
    return sorted((nodes[key]["schema"], nodes[key]["name"]) for key in keys if key in nodes)
