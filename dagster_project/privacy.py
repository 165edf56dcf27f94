"""What a release may say of people: nothing. Masks what is copied, and looks at what was written.

Which words and numbers are personal is decided in ``masking``. Here whole columns go through it: a
coarse pattern in DuckDB finds the few distinct texts that need a closer look. The dictionary is
copied as it stands, being written by hand; the closer look at the finished release covers it too.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from dagster_project import masking
from dagster_project.connections import open_database
from dagster_project.masking import CANDIDATE, IDENTIFIER, find_personal, mask_personal

_DICTIONARY = "form"
_TEXT_FILES = (".csv", ".json", ".md", ".txt")
_LARGEST_TEXT_FILE = 16 * 1024 * 1024
_FEW_ROWS = 10_000


class PersonalDetailsError(RuntimeError):
    """A release would tell personal details; it is not published."""


class Finding(NamedTuple):
    """Where personal details stand. What they are is not repeated."""

    place: str
    count: int
    """Distinct texts of a column, or lines of a file."""


def sign_rules() -> str:
    """Name the rules by their source: where they change, a release is written anew."""
    return hashlib.sha256(Path(masking.__file__).read_bytes()).hexdigest()


@lru_cache(maxsize=2**18)
def is_personal(text: str) -> bool:
    """Whether a text tells a personal detail. The same text stands in many tables."""
    return bool(find_personal(text))


def select_masked(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """A query for the rows of a relation, every personal detail in its texts masked.

    A table of masks is left in the connection's temporary schema for each column that needs one.
    """
    if relation.split(".")[-2] == _DICTIONARY:
        return f"from {relation}"
    texts: dict[str, list[str]] = {}
    for column, text in _candidates(connection, relation, whole=True):
        if is_personal(text):
            texts.setdefault(column, []).append(text)
    joins, masked = [], []
    for column, found in texts.items():
        name = f"masks_{hashlib.sha256(f'{relation}.{column}'.encode()).hexdigest()[:16]}"
        masks = pl.DataFrame({"text": found, "masked": [mask_personal(text) for text in found]})
        connection.register("incoming_masks", masks)
        connection.execute(f"create or replace temp table {name} as from incoming_masks")
        connection.unregister("incoming_masks")
        joins.append(f'left join temp.{name} on source."{column}" = {name}.text')
        masked.append(f'coalesce({name}.masked, source."{column}") as "{column}"')
    if not joins:
        return f"from {relation}"
    # One mask per text: a join multiplies no row.
    replaced = f"select source.* replace ({', '.join(masked)}) from {relation} as source "
    return replaced + " ".join(joins)


def refuse_personal(folder: Path) -> None:
    """Look at every text of a finished release.

    Raises:
        PersonalDetailsError: a personal detail stands in it; the places are told.
    """
    found = [*find_in_database(folder / "gongkai.duckdb"), *find_in_files(folder)]
    if found:
        places = ", ".join(f"{finding.place} ({finding.count})" for finding in found)
        raise PersonalDetailsError(f"The release would tell personal details: {places}.")


def find_in_database(database: Path) -> list[Finding]:
    """The columns of a database that tell personal details."""
    found = []
    with open_database(database) as connection:
        relations = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        for (relation,) in relations:
            texts = _candidates(connection, relation)
            count = Counter(column for column, text in texts if is_personal(text))
            found += [Finding(f"{relation}.{column}", count[column]) for column in sorted(count)]
    return found


def find_in_files(folder: Path) -> list[Finding]:
    """The texts that lie beside the tables, which are written from the database."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix in _TEXT_FILES and path.stat().st_size <= _LARGEST_TEXT_FILE:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            count = sum(bool(find_personal(line)) for line in lines)
            if count:
                found.append(Finding(path.name, count))
    return found


def _candidates(
    connection: duckdb.DuckDBPyConnection, relation: str, *, whole: bool = False
) -> Iterator[tuple[str, str]]:
    """Each column with its distinct texts that may hold a personal detail, in one scan.

    Lists and structures with text in them count as text too, unless ``whole`` says otherwise.
    """
    columns = [
        name
        for name, kind, *_ in connection.execute(f"describe {relation}").fetchall()
        if kind == "VARCHAR" or (not whole and ("VARCHAR" in kind or kind == "JSON"))
    ]
    if not columns:
        return
    # Names of our own, as a column may bear that of another's alias.
    texts = [f"text_{number}" for number in range(len(columns))]
    read = ", ".join(
        f'"{name}"::varchar as {text}' for name, text in zip(columns, texts, strict=True)
    )
    # To count the rows of a view takes half as long as to read them.
    (row_count,) = connection.execute(
        f"select count(*) from (select 1 from {relation} limit {_FEW_ROWS + 1})"
    ).fetchone() or (0,)
    if row_count <= _FEW_ROWS:
        # A set for each column takes longer to prepare than these take to read.
        distinct = f"""
            select distinct name[6:]::integer as number, text
            from (unpivot (select {read} from {relation}) on {", ".join(texts)}
                into name name value text)
        """
    else:
        # A grouping set is the distinct texts of one column, and all come of one scan: of a million
        # figures a few thousand texts are left for the pattern. Each row has one text and no more.
        numbers = " ".join(f"when {text} is not null then {n}" for n, text in enumerate(texts))
        distinct = f"""
            select case {numbers} end as number, coalesce({", ".join(texts)}, '') as text
            from (select {read} from {relation})
            group by grouping sets ({", ".join(f"({text})" for text in texts)})
        """
    # A pattern that is no constant would be compiled for every row.
    pattern = CANDIDATE.replace("'", "''")
    result = connection.cursor().execute(
        f"select number, text from ({distinct}) where regexp_matches(text, '{pattern}') "
        f"and not regexp_full_match(text, '{IDENTIFIER}')"
    )
    while rows := result.fetchmany(10_000):
        yield from ((columns[number], text) for number, text in rows)
