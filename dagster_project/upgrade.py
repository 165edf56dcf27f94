"""A warehouse that another version of this program built: brought up to date, or refused.

Everything in it is made from the landing folder and the dictionary, so nothing need be converted:
what another version made is dropped and made anew by the run that follows. Rows of another parser
are renewed by ``store``. Releases are never touched.
"""

from __future__ import annotations

import duckdb

WAREHOUSE_VERSION = 2
"""Raise it when tables or schemas are renamed or removed: a release copies all that is there. And
when the columns change that a dbt model looks up in its last build (dbt/mechanics/numbers.sql)."""

DERIVED = ("staging", "intermediate", "marts", "reporting", "form", "made_of")


class WarehouseTooNewError(RuntimeError):
    """A later version of this program built the warehouse."""


def read_version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The version that built a warehouse; 0 from before there were any, ``None`` for a new file."""
    tables = {
        name
        for (name,) in connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal"
        ).fetchall()
    }
    if "raw.warehouse" not in tables:
        return 0 if tables else None
    (version,) = connection.execute("select max(version) from raw.warehouse").fetchone()
    return version or 0


def upgrade(connection: duckdb.DuckDBPyConnection) -> None:
    """Make a warehouse ready for this version, within the caller's transaction.

    Raises:
        WarehouseTooNewError: a later version built it; nothing was changed.
    """
    found = read_version(connection)
    if found is not None and found > WAREHOUSE_VERSION:
        raise WarehouseTooNewError(
            f"The warehouse was built by a later version of Gongkai (its version is {found}, this "
            f"program knows {WAREHOUSE_VERSION}). Install that one, or move gongkai.duckdb aside."
        )
    if found == WAREHOUSE_VERSION:
        return
    if found is not None:
        for schema in DERIVED:
            connection.execute(f"drop schema if exists {schema} cascade")
        # The reader stays: it tells that documents were read before.
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        )
        for (name,) in tables.fetchall():
            if name != "reader":
                connection.execute(f'drop table raw."{name}"')
    connection.execute("create schema if not exists raw")
    connection.execute("create or replace table raw.warehouse (version integer)")
    connection.execute("insert into raw.warehouse values (?)", [WAREHOUSE_VERSION])
