"""The small frames that expectations look at, computed in DuckDB from the marts.

SQL stands beside this module, one file per frame. The connection is the caller's, read-only, and
must be closed before anything is validated.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pandas as pd

_LAYERS = Path(__file__).with_name("layers.sql")
_AT_ONCE = 10_000
"""Reports whose figures are in memory together."""


def read_frames(
    connection: duckdb.DuckDBPyConnection, at_once: int = _AT_ONCE
) -> dict[str, pd.DataFrame]:
    """Compute every frame.

    Args:
        connection: read-only; temporary tables are made in it.
        at_once: reports whose figures are in memory together.

    Returns:
        ``rules`` (rule × report × member of its scope), ``completeness`` (rule × report),
        ``conservation`` (report), ``layers`` (kind of thing). What holds is not listed one by
        one: a row stands for ``row_count`` of its kind, so that the frames stay small.
    """
    from expectations.columns import Numbers, Part
    from expectations.counting import Completeness, Conservation
    from expectations.recompute import Comparison, read_stated

    numbers = Numbers(connection)
    rules, completeness = Comparison(numbers), Completeness(numbers)
    conservation = Conservation(numbers)
    for first in range(0, numbers.report_count, at_once):
        part = Part(numbers, first, min(at_once, numbers.report_count - first))
        stated = read_stated(part)
        rules.compare(part, stated)
        completeness.count(part, stated)
        conservation.count(part)
    layers = connection.execute(_LAYERS.read_text()).df()
    layers["difference"] = layers["read_count"] - layers["arrived_count"]
    return {
        "rules": rules.as_frame(),
        "completeness": completeness.as_frame(),
        "conservation": conservation.as_frame(),
        "layers": layers,
    }


def read_quarantine(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many tables are quarantined, of how many that were read."""
    return connection.execute(
        """
        select
            coalesce(sum(len(string_split(nullif(quarantined_tables, ''), '|'))), 0)::integer,
            coalesce(sum(len(string_split(nullif(tables_present, ''), '|'))), 0)::integer
        from marts.dim_report
        """
    ).fetchone()
