"""A warehouse file that is damaged: known by DuckDB's words, set aside, and made anew by the run.

All that it holds is made from the landing folder and the dictionary; releases are other files.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse

# Blocks have checksums: what was changed is told when it is read. A lock, a full disk and a later
# version of the format say something else, and are no damage.
_SIGNS = (
    "not a valid DuckDB database file",
    "Could not read enough bytes",
    "Corrupt database file",
    "Corrupt WAL file",
    "Failure while replaying WAL file",
)


def tells_damage(error: duckdb.Error) -> bool:
    """Whether an error means that the file itself is damaged."""
    return any(sign in str(error) for sign in _SIGNS)


def find_damage(settings: Settings) -> str:
    """Read every block of the warehouse.

    Returns:
        What is wrong with the file, in DuckDB's words; empty where it is whole, or not there.

    Raises:
        WarehouseUnavailable: another process has it.
    """
    if not settings.database.exists():
        return ""
    try:
        with Warehouse(settings).read() as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where not internal"
            ).fetchall()
            for schema, table in tables:
                connection.execute(f'select bit_xor(hash(t)) from "{schema}"."{table}" as t')
                connection.fetchall()
    except duckdb.Error as error:
        if tells_damage(error):
            return " ".join(str(error).split())
        raise
    return ""


def set_aside(settings: Settings, damage: str) -> str:
    """Move a damaged warehouse out of the way.

    Returns:
        A sentence for whoever watches the run.
    """
    aside = settings.database.with_name(f"{settings.database.name}.damaged")
    for suffix in ("", ".wal"):
        source, target = Path(f"{settings.database}{suffix}"), Path(f"{aside}{suffix}")
        target.unlink(missing_ok=True)
        if source.exists():
            os.replace(source, target)
    return (
        f"The warehouse file is damaged ({damage[:200]}). It now lies at {aside}; "
        "everything is read again from the landing folder."
    )
