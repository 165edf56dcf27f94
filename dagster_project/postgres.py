"""A release in PostgreSQL, for tools that speak to it natively (Metabase among them).

Everything is loaded into a schema of its own, which takes the place of the last one in a single
transaction: a reader sees the old release or the new one, never a mixture, and a load that dies
leaves the old one. Knows nothing of Dagster and reads no environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection

_NAME = re.compile(r"^[a-z_][a-z0-9_]{0,40}$")
# Any number does, as long as every export asks for the same.
_ONE_EXPORT_AT_A_TIME = 20081105
_ROWS_PER_BATCH = 50_000
_NO_LIMITS: Mapping[str, str | int] = MappingProxyType({})
_PATIENCE = "5s"
"""How long the switch waits for whoever holds the names, and the old tables, before it gives up."""


class PostgresError(Exception):
    """An export that could not be done; the message says what to do."""


@dataclass(frozen=True)
class Export:
    """What stands in PostgreSQL now."""

    schema: str
    row_counts: Mapping[str, int]
    left_behind: tuple[str, ...]
    """Schemas of earlier releases that somebody still reads or has built views on."""


def export_postgres(
    release: Path,
    uri: str,
    schema: str,
    readers: Iterable[str] = (),
    limits: Mapping[str, str | int] = _NO_LIMITS,
) -> Export:
    """Load a release and make it the one that readers see.

    Args:
        release: the release's DuckDB file.
        uri: ``postgresql://user@host:port/database``; a password is better kept in ``~/.pgpass``.
        schema: the schema to replace; its tables are named as in the release, without its layers.
        readers: roles that may read the schema and nothing else.
        limits: settings of DuckDB that keep it within the machine's memory.

    Raises:
        PostgresError: the database refuses, the names clash, or another export is at work.
    """
    if not _NAME.match(schema):
        raise PostgresError(
            f"'{schema}' is no name for a schema: lower-case letters, digits and _."
        )
    closed = {**limits, "enable_external_access": "false", "lock_configuration": "true"}
    with (
        duckdb.connect(release, read_only=True, config=closed) as source,
        _connect(uri) as target,
    ):
        _lock(target)
        _drop_old(target, schema)
        partial = f"{schema}__loading"
        _run(target, f'create schema "{partial}"')
        row_counts = {}
        for layer, table in _tables(source):
            row_counts[table] = _load(source, target, layer, table, partial)
        for statement in (*_indexes(source, partial), *_comments(source, partial)):
            _run(target, statement)
        for role in readers:
            name = _quoted(role)
            _run(
                target,
                f'grant usage on schema "{partial}" to {name}',
                f'grant select on all tables in schema "{partial}" to {name}',
            )
        _switch(target, partial, schema)
        return Export(schema, row_counts, tuple(_drop_old(target, schema)))


@contextmanager
def _connect(uri: str) -> Iterator[Connection]:
    """A connection in a transaction; errors of the database come out as ours."""
    try:
        from adbc_driver_manager import Error
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise PostgresError(
            "The PostgreSQL driver is not installed: pip install 'gongkai[postgres]'."
        ) from None
    try:
        with closing(dbapi.connect(uri)) as connection:
            yield connection
    except Error as error:
        raise PostgresError(f"PostgreSQL says: {str(error).strip()}") from None


def _run(target: Connection, *statements: str) -> list[tuple]:
    """Run statements; the rows of the last one, if it has any."""
    with closing(target.cursor()) as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _lock(target: Connection) -> None:
    """Held until the connection closes, beyond the transactions of this export."""
    if not _run(target, f"select pg_try_advisory_lock({_ONE_EXPORT_AT_A_TIME})")[0][0]:
        raise PostgresError("Another export is writing to this database. Wait until it is done.")


def _tables(source: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Layer and name of every table; the names must be distinct without their layers."""
    tables = source.execute(
        "select schema_name, table_name from duckdb_tables() order by all"
    ).fetchall()
    names = [name for _, name in tables]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PostgresError(f"Two layers have tables of one name: {', '.join(twice)}.")
    return tables


def _load(
    source: duckdb.DuckDBPyConnection, target: Connection, layer: str, table: str, schema: str
) -> int:
    """Stream one table over; only a batch of it is ever in memory."""
    rows = source.table(f"{layer}.{table}").to_arrow_reader(_ROWS_PER_BATCH)
    with closing(target.cursor()) as cursor:
        return cursor.adbc_ingest(table, rows, mode="create", db_schema_name=schema)


def _indexes(source: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """An index wherever a table can be looked up by report."""
    tables = source.execute(
        "select table_name from duckdb_columns() where column_name = 'report_id' order by all"
    ).fetchall()
    return [f'create index on "{schema}"."{table}" (report_id)' for (table,) in tables]


def _comments(source: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """The descriptions of tables and columns, which BI tools show."""
    described = source.execute(
        """
        select table_name, null as column_name, comment from duckdb_tables()
        where comment is not null
        union all
        select table_name, column_name, comment from duckdb_columns() where comment is not null
        order by all
        """
    ).fetchall()
    return [
        (
            f'comment on table "{schema}"."{table}" is {_literal(text)}'
            if column is None
            else f'comment on column "{schema}"."{table}".{_quoted(column)} is {_literal(text)}'
        )
        for table, column, text in described
    ]


def _switch(target: Connection, partial: str, schema: str) -> None:
    """Let the loaded schema take the name; everything so far becomes visible at once."""
    version = _run(target, f'select version from "{partial}".release')[0][0]
    _run(target, f"set local lock_timeout = '{_PATIENCE}'")
    if _run(target, f"select 1 from pg_namespace where nspname = {_literal(schema)}"):
        _run(target, f'alter schema "{schema}" rename to "{_old(target, schema)}"')
    _run(
        target,
        f'alter schema "{partial}" rename to "{schema}"',
        f'comment on schema "{schema}" is {_literal(f"Gongkai release {version}")}',
    )
    target.commit()


def _old(target: Connection, schema: str) -> str:
    """A name for the schema that makes room, distinct from those that could not be dropped yet."""
    return f"{schema}__before_{_run(target, 'select txid_current()')[0][0]}"


def _drop_old(target: Connection, schema: str) -> list[str]:
    """Drop earlier releases. What is being read, or has views built on it, stays for next time."""
    from adbc_driver_manager import Error

    pattern = _literal(schema.replace("_", r"\_") + r"\_\_before\_%")
    left = []
    for (name,) in _run(
        target, f"select nspname from pg_namespace where nspname like {pattern} order by 1"
    ):
        tables = _run(
            target,
            f"select tablename from pg_tables where schemaname = {_literal(name)} order by 1",
        )
        drops = [f'drop table "{name}".{_quoted(table)} restrict' for (table,) in tables]
        try:
            _run(
                target,
                f"set local lock_timeout = '{_PATIENCE}'",
                *drops,
                f'drop schema "{name}" restrict',
            )
            target.commit()
        except Error:
            target.rollback()
            left.append(name)
    return left


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
