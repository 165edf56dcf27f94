"""Dagster's own event log on SQLite, at half its cost.

Dagster 1.13 makes a new SQLAlchemy engine for every event, and with it compiles every statement
anew: a fifth of a run's CPU time. This storage keeps its engines, and writes what is told together
in one transaction. The files are Dagster's, so the stock storage reads them too. Overrides private
methods: mind them when Dagster's exact pin moves.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from threading import RLock
from typing import Any, NamedTuple, TypeVar

from dagster import AssetKey, DagsterInstance, EventLogEntry, EventLogRecord
from dagster._core.storage.event_log import AssetKeyTable, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster_shared.serdes import deserialize_value
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite import insert

_TOLD_TOGETHER = 50
"""Results of a step in one transaction: a tenth of a second, in which others may not write."""

Result = TypeVar("Result")


class KeptEngineEventLog(SqliteEventLogStorage):
    """The stock event log, with one engine per file and, where asked for, one transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._open: dict[str, Connection] | None = None
        self._known: set[str] = set()
        super().__init__(*args, **kwargs)
        # One thread may take it twice: for a transaction, and for what is part of it.
        self._db_lock = RLock()

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: dict[str, str]) -> Any:
        # Without it Dagster tells what a run intends to do one by one.
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")
        return cls(inst_data=inst_data, **config_value)

    def has_table(self, table_name: str) -> bool:
        """Asked with every result of a check, of tables that are made when the file is."""
        if table_name not in self._known and super().has_table(table_name):
            self._known.add(table_name)
        return table_name in self._known

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        """Asked with every event of an asset, of columns that are made with the table."""
        known = f"column {column_name}"
        if known not in self._known and super()._has_asset_key_col_on_connection(conn, column_name):
            self._known.add(known)
        return known in self._known

    def has_secondary_index(self, name: str) -> bool:
        """Asked thrice with every look at an asset, of what stays once it is there."""
        known = f"index {name}"
        if known not in self._known and super().has_secondary_index(name):
            self._known.add(known)
        return known in self._known

    def _get_latest_materialization_records(
        self, raw_asset_rows: Sequence[Mapping[str, Any]]
    ) -> Mapping[AssetKey, EventLogRecord | None]:
        """As the assets' own rows have them; Dagster asks its log as well, also for none."""
        records = {}
        for row in raw_asset_rows:
            written = row["last_materialization"]
            record = deserialize_value(written, NamedTuple) if written else None
            # Of a wiped asset, or from before records stood in its row: only the log can tell.
            if row["asset_details"] or not isinstance(record, EventLogRecord):
                return super()._get_latest_materialization_records(raw_asset_rows)
            records[AssetKey.from_db_string(row["asset_key"])] = record
        return records

    def _store_asset_event(self, conn: Connection, event: EventLogEntry, event_id: int) -> None:
        """Write the row of an asset, which is there from when the run was planned."""
        key = event.dagster_event and event.dagster_event.asset_key
        values = key and self._get_asset_entry_values(
            event, event_id, self._has_asset_key_index_cols_on_connection(conn)
        )
        if values:
            row = insert(AssetKeyTable).values(asset_key=key.to_string(), **values)
            conn.execute(row.on_conflict_do_update(index_elements=["asset_key"], set_=values))

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """What a run intends to do, which Dagster tells at once."""
        with self.in_one_transaction():
            super().store_event_batch(events)

    @contextmanager
    def in_one_transaction(self) -> Iterator[None]:
        """Whatever this thread reads and writes meanwhile; what was told is kept, come what may."""
        with self._db_lock:
            if self._open is not None:
                yield
                return
            self._open = {}
            try:
                yield
            finally:
                opened, self._open = self._open, None
                with ExitStack() as closing:
                    for connection in opened.values():
                        closing.enter_context(connection)
                        closing.callback(connection.commit)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if self._open is not None and shard in self._open:
                yield self._open[shard]
                return
            engine = _keep_engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            if self._open is not None:
                self._open[shard] = engine.connect()
                self._open[shard].begin()
                yield self._open[shard]
                return
            with engine.begin() as connection:
                yield connection


def tell_together(instance: DagsterInstance, results: Sequence[Result]) -> Iterator[Result]:
    """Results that are all there, for Dagster to write into its books some at a time."""
    log = instance.event_log_storage
    if not isinstance(log, KeptEngineEventLog):
        yield from results
        return
    for start in range(0, len(results), _TOLD_TOGETHER):
        with log.in_one_transaction():
            yield from results[start : start + _TOLD_TOGETHER]


@lru_cache(maxsize=16)
def _keep_engine(address: str) -> Engine:
    # One connection is kept as well; the lock above lets one thread in at a time.
    engine = create_engine(
        address, pool_size=1, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
    )

    # With a write-ahead log a crash of the machine may lose the last events, never the file.
    @event.listens_for(engine, "connect")
    def relax(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
