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

_FOLDER = Path(__file__).parent


def read_frames(connection: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """Compute every frame.

    Returns:
        ``rules`` (rule × report × member of its scope), ``completeness`` (rule × report),
        ``conservation`` (report), ``layers`` (kind of thing). What holds is not listed one by
        one: a row stands for ``row_count`` of its kind, so that the frames stay small.
    """
    frames = {
        name: connection.execute((_FOLDER / f"{file}.sql").read_text()).df()
        for name, file in (
            ("rules", "recompute"),
            ("completeness", "completeness"),
            ("conservation", "conservation"),
            ("layers", "layers"),
        )
    }
    layers = frames["layers"]
    layers["difference"] = layers["read_count"] - layers["arrived_count"]
    return frames


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
