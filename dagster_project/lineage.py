"""Which columns a column was made from, read out of the SQL that dbt compiled.

Following every column of the project takes seconds, so answers are kept beside dbt's manifest, for
every warehouse, and asked for again only where the SQL or the tables behind it changed. Knows
nothing of Dagster.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
from sqlglot import MappingSchema, exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

Source: TypeAlias = tuple[str, str, str]
"""Schema, table and column."""
_DIALECT = "duckdb"
_AT_HAND = ("temp", "reports_at_hand")
"""What incremental models look into (dbt/mechanics/incremental.sql), and no warehouse keeps."""


class ColumnLineage:
    """Answers for one state of the warehouse; ``keep`` writes them down for the next."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, kept: Path) -> None:
        self._columns: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for schema, table, column, kind in connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        ).fetchall():
            self._columns[schema, table][column] = kind
        self._columns[_AT_HAND] = {"report_key": "INTEGER", "report_id": "VARCHAR"}
        self._kept = kept
        try:
            self._answers: dict[str, dict[str, Any]] = json.loads(kept.read_bytes())
        except (OSError, ValueError):
            self._answers = {}

    def trace(self, relation: str, sql: str) -> dict[str, list[Source]]:
        """For every column of a relation's query the columns of tables that it is made from.

        Nothing for a query that sqlglot cannot follow (DuckDB's unpivot): no lineage is better
        than a wrong one.
        """
        shapes = {key: kinds for key, kinds in self._columns.items() if key[1] in sql}
        signature = hashlib.sha256(repr((sql, sorted(shapes.items()))).encode()).hexdigest()
        answer = self._answers.get(relation)
        if answer is None or answer["signature"] != signature:
            answer = {"signature": signature, "columns": _follow(sql, shapes)}
            self._answers[relation] = answer
        return {
            column: [(schema, table, name) for schema, table, name in sources]
            for column, sources in answer["columns"].items()
        }

    def keep(self) -> None:
        """Write the answers down; another build may be doing the same."""
        partial = self._kept.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(self._answers, ensure_ascii=False, sort_keys=True))
        partial.replace(self._kept)


def _follow(
    sql: str, shapes: Mapping[tuple[str, str], Mapping[str, str]]
) -> dict[str, Sequence[list[str]]]:
    schema = MappingSchema(dialect=_DIALECT)
    for (db, table), columns in shapes.items():
        schema.add_table(exp.table_(table, db=db), dict(columns), dialect=_DIALECT)
    try:
        query = parse_one(sql, dialect=_DIALECT)
        if query.find(exp.Pivot):
            return {}
        # The catalog's name is that of the file; tables are told apart by schema and name.
        for table in query.find_all(exp.Table):
            table.set("catalog", None)
        query = qualify(query, schema=schema, dialect=_DIALECT)
        scope = build_scope(query)
        return {
            column: _sources(
                lineage(column, query, schema=schema, dialect=_DIALECT, scope=scope, copy=False)
            )
            for column in query.named_selects
        }
    except SqlglotError:
        return {}


def _sources(node: object) -> Sequence[list[str]]:
    leaves = (leaf for leaf in node.walk() if not leaf.downstream)
    found = set()
    for leaf in leaves:
        table = leaf.expression.find(exp.Table)
        if table is not None and table.db:
            found.add((table.db, table.name, exp.to_column(leaf.name).name))
    return [list(source) for source in sorted(found)]
