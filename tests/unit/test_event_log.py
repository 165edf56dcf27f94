"""Dagster's books, written some events at a time, say what they say one by one."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.event_log import KeptEngineEventLog, tell_together
from dagster_project.settings import Settings


@dg.multi_asset(
    specs=[dg.AssetSpec(f"asset_{no}") for no in range(3)],
    check_specs=[dg.AssetCheckSpec("is_good", asset=f"asset_{no}") for no in range(3)],
)
def assets(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    results = [
        dg.MaterializeResult(
            asset_key=f"asset_{no}",
            metadata={"no": no},
            check_results=[
                dg.AssetCheckResult(asset_key=f"asset_{no}", check_name="is_good", passed=no != 1)
            ],
        )
        for no in range(3)
    ]
    yield from tell_together(context.instance, results)


@pytest.fixture
def instance(empty: Settings) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(prepare_dagster_home(empty))) as instance:
        yield instance


def test_another_process_reads_what_was_told(instance: dg.DagsterInstance) -> None:
    assert dg.materialize([assets], instance=instance, raise_on_error=False).success
    log = instance.event_log_storage
    assert isinstance(log, KeptEngineEventLog)
    stock = SqliteEventLogStorage(log._base_dir)
    for no in range(3):
        told = stock.get_latest_materialization_events([dg.AssetKey(f"asset_{no}")])
        (event,) = told.values()
        assert event.asset_materialization.metadata["no"].value == no
        key = dg.AssetCheckKey(dg.AssetKey(f"asset_{no}"), "is_good")
        (check,) = stock.get_asset_check_execution_history(key, limit=5)
        assert check.status.value == ("FAILED" if no == 1 else "SUCCEEDED")
        assert check.evaluation.target_materialization_data.run_id == event.run_id


def test_an_asset_is_known_by_what_it_was_last(instance: dg.DagsterInstance) -> None:
    log = instance.event_log_storage
    key = dg.AssetKey("asset")

    def last(storage: SqliteEventLogStorage) -> dg.EventLogRecord | None:
        (record,) = storage.get_asset_records([key])
        return record.asset_entry.last_materialization_record

    def tell(no: int) -> None:
        instance.report_runless_asset_event(dg.AssetMaterialization("asset", metadata={"no": no}))

    for no in (1, 2):
        tell(no)
        stock = SqliteEventLogStorage(log._base_dir)
        assert last(log) == last(stock)
        assert last(log).asset_materialization.metadata["no"].value == no
    instance.wipe_assets([key])
    instance.report_runless_asset_event(dg.AssetObservation("asset"))
    assert last(log) is None
    tell(3)
    assert last(log).asset_materialization.metadata["no"].value == 3


def test_what_was_told_stays_where_the_rest_fails(instance: dg.DagsterInstance) -> None:
    log = instance.event_log_storage
    shard = Path(log.path_for_shard("index"))

    def count() -> int:
        with sqlite3.connect(shard) as connection:
            return connection.execute("select count(*) from asset_keys").fetchone()[0]

    def tell() -> None:
        instance.report_runless_asset_event(dg.AssetMaterialization("asset"))

    def tell_and_fail() -> None:
        with log.in_one_transaction():
            tell()
            with log.in_one_transaction():
                tell()
            assert count() == 0
            raise RuntimeError

    with pytest.raises(RuntimeError):
        tell_and_fail()
    assert count() == 1
