"""``datapackage.json``: the release in terms that other people's tools read (Data Package 2.0).

The tables are described as their CSV files, since that is what such tools open; Parquet and DuckDB
hold the same rows under the same names. A table that is too long for a CSV is described as its
Parquet file, which these tools check by size and checksum and do not read: they would take an empty
whole number for none. Nothing is known here that the data dictionary does not.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.data_dictionary import COLUMNS, TABLES, read_columns
from dagster_project.files import Hasher

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TITLE = "Gongkai 公开: annual reports on open government information, reconciled"
_ABOUT = (
    "Requests, outcomes and appeals as Chinese public bodies state them in their annual reports on "
    "open government information, with every sum that the forms promise checked. "
    "中国政府信息公开工作年度报告数据，逐项核对勾稽关系。"
)
# Written with the mark that spreadsheets need.
_CSV = {"type": "table", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8-sig"}
_PARQUET = {"type": "file", "format": "parquet", "mediatype": "application/vnd.apache.parquet"}
_NO_CSV = "No CSV: more rows than a spreadsheet holds. 行数超出电子表格上限，无CSV。"
_TYPES = {"BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "string", "DOUBLE": "number"}


def write_package(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    facts: Mapping[str, str],
    hashed: Hasher,
    without_csv: Container[str] = (),
) -> None:
    """Describe every table of the release.

    Args:
        connection: the database of the release, with its data dictionary.
        folder: the release; its CSV and Parquet files are named after the tables.
        facts: ``version`` and what else names the state of the data.
        hashed: gives the SHA-256 of a file.
        without_csv: tables, ``schema.table``, that are described as Parquet.
    """
    package = {
        "$schema": _PROFILE,
        "name": "gongkai",
        "title": _TITLE,
        "description": _ABOUT,
        "version": facts["version"],
        "created": "{}-{}-{}T00:00:00Z".format(*facts["version"].split(".")),
        "keywords": ["政府信息公开", "年度报告", "open government information", "China"],
        "licenses": [{"path": "LICENSES.md", "title": "Licences and provenance 许可与来源"}],
        "sources": [{"title": "政府信息公开工作年度报告, listed one by one in marts.dim_report"}],
        **{name: value for name, value in facts.items() if name != "version" and value},
        "resources": list(_describe_tables(connection, folder, hashed, without_csv)),
    }
    text = json.dumps(package, ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")


def _describe_tables(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    hashed: Hasher,
    without_csv: Container[str],
) -> Iterator[dict[str, Any]]:
    required = {
        tuple(row)
        for row in connection.execute(
            f"select table_schema, table_name, column_name from {COLUMNS} where is_required"
        ).fetchall()
    }
    columns_of = read_columns(
        connection,
        "column_name, data_type, is_required, refers_to, description_zh, description_en",
    )
    for schema, table, chinese, english, key in connection.execute(
        f"select * exclude (row_count) from {TABLES} order by table_schema, table_name"
    ).fetchall():
        columns = columns_of[schema, table]
        has_csv = f"{schema}.{table}" not in without_csv
        described: dict[str, Any] = {
            "fields": [_describe_field(*column) for column in columns],
            # Parquet knows an empty text from none.
            "missingValues": [""] if has_csv else [],
        }
        # A key that may be empty is none to these tools.
        names = key.split("|") if key else []
        if names and all((schema, table, name) in required for name in names):
            described["primaryKey"] = names
        foreign = [
            {"fields": [name], "reference": _point_at(target)}
            for name, _, _, target, *_ in columns
            # What these tools do not read they cannot look a value up in.
            if target and not (has_csv and target.rpartition(".")[0] in without_csv)
        ]
        if foreign:
            described["foreignKeys"] = foreign
        kind = _CSV if has_csv else _PARQUET
        path = folder / kind["format"] / f"{schema}__{table}.{kind['format']}"
        yield {
            "name": path.stem,
            "title": f"{schema}.{table}",
            "description": " ".join(filter(None, (english, chinese, None if has_csv else _NO_CSV))),
            "path": path.relative_to(folder).as_posix(),
            **kind,
            "bytes": path.stat().st_size,
            "hash": f"sha256:{hashed(path)}",
            "schema": described,
        }


def _describe_field(
    name: str, kind: str, is_required: bool, target: str | None, chinese: str, english: str
) -> dict[str, Any]:
    described: dict[str, Any] = {"name": name, "type": _read_type(kind)}
    if chinese or english:
        described["description"] = " / ".join(filter(None, (english, chinese)))
    if is_required:
        described["constraints"] = {"required": True}
        if described["type"] == "string":
            # An empty text is a value where there always is one.
            described["missingValues"] = []
    return described


def _read_type(kind: str) -> str:
    if kind.endswith("INT") or kind == "INTEGER":
        return "integer"
    return "number" if kind.startswith("DECIMAL") else _TYPES.get(kind, "any")


def _point_at(target: str) -> dict[str, Any]:
    schema, table, column = target.split(".")
    return {"resource": f"{schema}__{table}", "fields": [column]}
