"""Keys and references of the published tables, as dbt's contracts and tests state them.

What a test of dbt has proved is said in the data package: nothing is declared a second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from dagster_project.data_dictionary import TableKeys


def read_keys(manifest: Mapping[str, Any]) -> dict[str, TableKeys]:
    """Keys by ``schema.table``, from a dbt manifest.

    The primary key of a table is that of its contract, else the columns that a test calls unique.
    The order of one that has none may stand in its ``meta``.
    """
    relations = {
        unique_id: f"{node['schema']}.{node['alias']}"
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    by_name = {unique_id.rsplit(".", 1)[-1]: table for unique_id, table in relations.items()}
    primary: dict[str, tuple[str, ...]] = {}
    tested: dict[str, tuple[str, ...]] = {}
    required: dict[str, set[str]] = defaultdict(set)
    references: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)

    for unique_id, table in relations.items():
        node = manifest["nodes"][unique_id]
        for constraint in node.get("constraints", ()):
            if constraint["type"] == "primary_key":
                primary[table] = tuple(constraint["columns"])
            # Of a view that passes rows on: their key is tested where they come from.
            if constraint["type"] == "unique":
                tested[table] = tuple(constraint["columns"])
            if constraint["type"] == "not_null":
                required[table].update(constraint["columns"])
        for column in node["columns"].values():
            if any(constraint["type"] == "not_null" for constraint in column["constraints"]):
                required[table].add(column["name"])

    for node in manifest["nodes"].values():
        test = node.get("test_metadata")
        table = relations.get(node.get("attached_node") or "")
        if not test or table is None:
            continue
        arguments = test["kwargs"]
        if test["name"] == "unique":
            tested.setdefault(table, (arguments["column_name"],))
        elif test["name"] == "rows_are_as_promised":
            if "unique" in arguments:
                tested[table] = tuple(arguments["unique"])
            required[table].update(arguments.get("not_null", ()))
            for column, target in arguments.get("references", {}).items():
                name, field = target.split(".")
                references[table][column] = (by_name[name], field)

    return {
        table: TableKeys(
            primary.get(table) or tested.get(table, ()),
            frozenset(required[table].union(primary.get(table, ()))),
            references[table],
            tuple(manifest["nodes"][unique_id]["config"]["meta"].get("order", ())),
        )
        for unique_id, table in relations.items()
    }
