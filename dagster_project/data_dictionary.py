"""The data dictionary of a release: what every table and column means, in Chinese and English.

It stands in the release three times: as two tables of the database, as CSV and as Markdown. All of
it comes from the comments that dbt leaves on its relations; nothing is worded here but the tables
that the release itself adds. Knows nothing of dbt: keys are handed in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

TABLES = "reporting.data_dictionary_tables"
COLUMNS = "reporting.data_dictionary_columns"
RELEASE = "reporting.release"

_HAN = re.compile("[\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"(?<=[.。!?])\s+")

# Tables that no dbt model describes, as dbt would have them.
OWN_COMMENTS = {
    RELEASE: (
        "Which release this is. 本次发布的版本信息。 One row.",
        {
            "version": "Calendar version of the release. / 发布版本（日期加序号）。",
            "previous_version": "Release before this. NULL for the first. / 上一版本；首版为空。",
            "parser_version": "Version of the parser that read the documents. / 解析程序版本。",
            "dictionary_sha256": "Names the state of the form dictionary. / 表式字典的指纹。",
            "content_sha256": "Names the content of all tables. / 全部表内容的指纹。",
        },
    ),
    TABLES: (
        "The tables of this release and what a row is. 本次发布的数据表说明。 One row per table.",
        {
            "table_schema": "Schema. / 模式。",
            "table_name": "Table. / 表名。",
            "description_zh": "What the table holds, in Chinese. / 中文说明。",
            "description_en": "The same in English, with the grain. / 英文说明（含每行所指）。",
            "primary_key": "Columns that identify a row, separated by |. NULL where none do. / "
            "主键列，以|分隔；无则为空。",
            "row_count": "Rows in this release. / 行数。",
        },
    ),
    COLUMNS: (
        "The columns of this release, with type, unit and meaning. 本次发布的各列说明。 "
        "One row per table and column.",
        {
            "table_schema": "Schema. / 模式。",
            "table_name": "Table. / 表名。",
            "column_no": "Place in the table, from 1. / 列序号，从1起。",
            "column_name": "Column. / 列名。",
            "data_type": "Type in DuckDB. / 数据类型。",
            "is_required": "True where a value is always there. / 是否必有值。",
            "refers_to": "Column that it refers to, schema.table.column. NULL where it refers to "
            "none. / 所引用的列；无则为空。",
            "description_zh": "Meaning, with the unit, in Chinese. / 中文含义（含单位）。",
            "description_en": "The same in English. / 英文含义。",
        },
    ),
}

_CREATE = f"""
    create table {TABLES} (
        table_schema text, table_name text, description_zh text, description_en text,
        primary_key text, row_count bigint
    );
    create table {COLUMNS} (
        table_schema text, table_name text, column_no integer, column_name text, data_type text,
        is_required boolean, refers_to text, description_zh text, description_en text
    );
"""


@dataclass(frozen=True)
class TableKeys:
    """What is known of a table's columns beyond their types."""

    primary_key: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Column → (``schema.table``, column) in which each of its values stands."""
    order: tuple[str, ...] = ()
    """What puts the rows of a table without a key in order; all columns where it is empty."""


Keys = Mapping[str, TableKeys]
"""Keys by ``schema.table``."""


def split_languages(text: str) -> tuple[str, str]:
    """The Chinese and the English half of a description; ``''`` for a half that is not there.

    A column's halves stand on both sides of a slash, a table's are sentences of their own.
    """
    text = " ".join(text.split())
    head, slash, tail = text.rpartition(" / ")
    if slash and _HAN.search(tail):
        return tail, head
    sentences = _SENTENCE_END.split(text)
    chinese = [one for one in sentences if one.endswith("。")]
    english = [one for one in sentences if not one.endswith("。")]
    return " ".join(chinese), " ".join(english)


def add_dictionary(
    connection: duckdb.DuckDBPyConnection, keys: Keys, row_counts: Mapping[str, int]
) -> dict[str, int]:
    """Create the two tables in a release's database and fill them, themselves included.

    Args:
        connection: the database of the release is its current one.
        row_counts: by ``schema.table``, of every other table.

    Returns:
        The row counts of the two tables.
    """
    connection.execute(_CREATE)
    for table, (comment, columns) in OWN_COMMENTS.items():
        connection.execute(f"comment on table {table} is {_quote(comment)}")
        for name, meaning in columns.items():
            connection.execute(f"comment on column {table}.{name} is {_quote(meaning)}")
    tables = connection.execute(
        """
        select schema_name, table_name, coalesce(comment, '') from duckdb_tables()
        where database_name = current_database() order by all
        """
    ).fetchall()
    columns = connection.execute(
        """
        select schema_name, table_name, column_index, column_name, data_type, coalesce(comment, '')
        from duckdb_columns() where database_name = current_database() order by 1, 2, 3
        """
    ).fetchall()
    own_counts = {TABLES: len(tables), COLUMNS: len(columns)}
    counts = {**row_counts, **own_counts}
    _fill(
        connection,
        TABLES,
        (
            (
                schema,
                name,
                *split_languages(comment),
                "|".join(_keys_of(keys, schema, name).primary_key) or None,
                counts[f"{schema}.{name}"],
            )
            for schema, name, comment in tables
        ),
    )
    _fill(
        connection,
        COLUMNS,
        (
            (
                *(schema, name, number, column, kind),
                column in _keys_of(keys, schema, name).required,
                ".".join(_keys_of(keys, schema, name).references.get(column, ())) or None,
                *split_languages(comment),
            )
            for schema, name, number, column, kind, comment in columns
        ),
    )
    return own_counts


def _keys_of(keys: Keys, schema: str, name: str) -> TableKeys:
    return keys.get(f"{schema}.{name}", TableKeys())


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple]) -> None:
    names = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
    frame = pl.DataFrame(list(rows), schema=names, orient="row", infer_schema_length=None)
    connection.register("incoming", frame)
    connection.execute(f"insert into {table} by name from incoming")
    connection.unregister("incoming")


def write_dictionary_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, without_csv: Container[str] = ()
) -> None:
    """The dictionary as CSV for spreadsheets and as Markdown for reading.

    Args:
        without_csv: tables, ``schema.table``, of which the release has no CSV.
    """
    connection.execute(
        f"""
        copy (
            select
                columns.table_schema as "\ufefftable_schema",
                columns.table_name,
                tables.description_zh as table_description_zh,
                tables.description_en as table_description_en,
                columns.* exclude (table_schema, table_name)
            from {COLUMNS} as columns
            inner join {TABLES} as tables using (table_schema, table_name)
            order by columns.table_schema, columns.table_name, columns.column_no
        ) to {_quote(folder / "data_dictionary.csv")} (header)
        """
    )
    columns = read_columns(
        connection, "column_name, data_type, refers_to, description_zh, description_en"
    )
    lines = ["# Data dictionary 数据字典"]
    for schema, table, chinese, english, key, count in connection.execute(
        f"from {TABLES} order by table_schema, table_name"
    ).fetchall():
        lines += ["", f"## {schema}.{table}", "", english, "", chinese, ""]
        facts = [f"{count:,} rows 行", *([f"key 主键: `{key.replace('|', ', ')}`"] if key else [])]
        if f"{schema}.{table}" in without_csv:
            facts.append("no CSV 无CSV (release_notes.md)")
        lines += [", ".join(facts), ""]
        lines += ["| column 列 | type 类型 | meaning | 含义 |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{column}` | {kind} | {_cell(english)}{_reference(target)} | {_cell(chinese)} |"
            for column, kind, target, chinese, english in columns[schema, table]
        ]
    (folder / "data_dictionary.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_columns(
    connection: duckdb.DuckDBPyConnection, told: str
) -> dict[tuple[str, str], list[tuple]]:
    """What the dictionary tells of the columns of each table, in their order."""
    columns = defaultdict(list)
    for schema, table, *facts in connection.execute(
        f"select table_schema, table_name, {told} from {COLUMNS} order by 1, 2, column_no"
    ).fetchall():
        columns[schema, table].append(tuple(facts))
    return columns


def _reference(target: str | None) -> str:
    return f" → `{target}`" if target else ""


def _cell(text: str) -> str:
    """Text that does not end a cell of a Markdown table."""
    return text.replace("|", "\\|")


def _quote(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
