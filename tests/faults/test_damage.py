"""Damaged warehouses and releases: noticed, told, and made anew without a step by hand."""

import random
from datetime import date

import dagster as dg
import duckdb
import pytest

from dagster_project.damage import find_damage, set_aside, tells_damage
from dagster_project.definitions import make_run_lock
from dagster_project.files import list_faults
from dagster_project.load import current_reader
from dagster_project.progress import Silent
from dagster_project.publish import publish
from dagster_project.raw_assets import raw_tables
from dagster_project.warehouse import Warehouse
from tests.faults.conservation import find_losses
from tests.faults.steps import LIGHT, TODAY, describe


class Listener(Silent):
    """Hears what whoever watches a run is told."""

    def __init__(self):
        self.told = []

    def tell(self, text):
        self.told.append(text)


def read_again(settings):
    """The reading step as Dagster runs it; what was told meanwhile."""
    listener = Listener()
    resources = {
        "warehouse": Warehouse(settings),
        "progress": listener,
        "run_lock": make_run_lock(settings),
    }
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize([raw_tables], instance=instance, resources=resources).success
    return listener.told


def cut(data):
    return data[: len(data) // 2]


def garble(data):
    return data[:4096] + random.Random(1).randbytes(len(data) - 4096)


DAMAGES = {
    "not a database": lambda data: b"broken",
    "empty": lambda data: b"",
    "cut off": cut,
    "garbled": garble,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_warehouse_is_set_aside_and_read_anew(published, name):
    before = {k: rows for k, rows in describe(published).items() if k.startswith("warehouse raw.")}
    release = published.current_release.resolve()
    published.database.write_bytes(DAMAGES[name](published.database.read_bytes()))
    (told,) = read_again(published)
    assert "damaged" in told and "read again from the landing folder" in told
    assert published.database.with_name("gongkai.duckdb.damaged").exists()
    after = describe(published)
    assert {k: rows for k, rows in after.items() if k.startswith("warehouse raw.")} == before
    assert published.current_release.resolve() == release and list_faults(release) == []
    for step in LIGHT[1:]:
        step(published)
    # The same content: the release stays.
    assert published.current_release.resolve() == release
    assert find_losses(published, is_light=True) == []


def test_a_block_that_only_a_later_step_reads_is_found_by_the_run_after_it(published):
    with duckdb.connect(published.database) as connection:
        connection.execute(
            "create table marts.large as select range as n, md5(range::text) as text "
            "from range(300000)"
        )
    data = bytearray(published.database.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4096] = bytes(4096)
    published.database.write_bytes(data)
    with pytest.raises(duckdb.Error) as caught:
        publish(published.database, published.published, current_reader(), TODAY)
    assert tells_damage(caught.value)
    # That run did not reach its end, so the next one looks at every block.
    published.unfinished_signature.write_text("")
    (told,) = read_again(published)
    assert "damaged" in told
    assert find_damage(published) == ""
    LIGHT[1](published)
    assert find_losses(published, is_light=True) == []


def test_a_lock_or_a_full_disk_is_no_damage(published):
    for text in ("Could not set lock on file", "No space left on device", "Permission denied"):
        assert not tells_damage(duckdb.IOException(text))
    assert find_damage(published) == ""


def test_a_damaged_file_keeps_its_log_beside_it(published):
    log = published.database.with_name("gongkai.duckdb.wal")
    log.write_bytes(b"log")
    set_aside(published, "why")
    assert not published.database.exists() and not log.exists()
    assert published.database.with_name("gongkai.duckdb.damaged.wal").read_bytes() == b"log"


@pytest.mark.parametrize("is_removed", [True, False])
@pytest.mark.parametrize(
    "name", ["gongkai.duckdb", "parquet/marts__cells.parquet", "manifest.json"]
)
def test_a_release_with_a_missing_or_changed_file_is_said_and_replaced(published, name, is_removed):
    first = published.current_release.resolve()
    before = describe(published)
    path = first / name
    if is_removed:
        path.unlink()
    else:
        # As long as it was: only the checksum tells.
        path.write_bytes(bytes(path.stat().st_size))
    release = publish(published.database, published.published, current_reader(), date(2026, 11, 24))
    assert release.is_new and len(release.mended) == 1 and name in release.mended[0]
    assert published.current_release.resolve() == release.folder != first
    assert list_faults(release.folder) == [] and describe(published) == before
    assert find_losses(published, is_light=True) == []
