"""A warehouse of another version: opened and brought up to date, or refused in plain words."""

import shutil
from pathlib import Path

import duckdb
import pytest

from dagster_project.load import current_reader, load_landing
from dagster_project.progress import Silent
from dagster_project.publish import list_tables
from dagster_project.upgrade import (
    WAREHOUSE_VERSION,
    WarehouseTooNewError,
    read_version,
    upgrade,
)
from tests.conftest import SAMPLE
from tests.faults.conservation import find_lost_documents

KEPT = Path(__file__).parent / "kept" / "warehouse_2026_11_0.sql"
DOCUMENT = "liupanshui_resettlement_bureau_2016.txt"


@pytest.fixture
def previous(empty):
    """An installation whose warehouse was built by the version before warehouses had one."""
    empty.warehouse.mkdir()
    (empty.landing / "sample").mkdir()
    shutil.copy(SAMPLE / "sample" / DOCUMENT, empty.landing / "sample" / DOCUMENT)
    with duckdb.connect(empty.database) as connection:
        connection.execute(KEPT.read_text(encoding="utf-8"))
    return empty


def test_the_previous_version_is_upgraded_without_a_step_by_hand(previous):
    with duckdb.connect(previous.database) as connection:
        assert read_version(connection) == 0
        before = connection.execute("select count(*) from raw.documents").fetchone()
        changes = load_landing(connection, previous, Silent())
        assert (changes.landed, changes.parsed) == (1, 1)
        assert read_version(connection) == WAREHOUSE_VERSION
        assert connection.execute("select count(*) from raw.documents").fetchone() == before
        assert (
            connection.execute("from raw.reader").fetchone()[0] == current_reader().parser_version
        )
        # Nothing that the old version made is published as if it were of today.
        assert list_tables(connection) == []
        assert load_landing(connection, previous, Silent()).parsed == 0


def test_an_upgrade_that_dies_changes_nothing(previous, monkeypatch):
    monkeypatch.setattr("dagster_project.load._load", lambda *_: 1 / 0)
    with duckdb.connect(previous.database) as connection:
        with pytest.raises(ZeroDivisionError):
            load_landing(connection, previous, Silent())
        assert read_version(connection) == 0
        assert [str(table) for table in list_tables(connection)] == [
            "marts.dim_report",
            "reporting.report_overview",
        ]
        monkeypatch.undo()
        load_landing(connection, previous, Silent())
    assert find_lost_documents(previous) == []


def test_what_is_up_to_date_is_left_alone(previous):
    with duckdb.connect(previous.database) as connection:
        upgrade(connection)
        connection.execute("create schema marts")
        connection.execute("create table marts.dim_report as select 1 as report_id")
        upgrade(connection)
        assert [str(table) for table in list_tables(connection)] == ["marts.dim_report"]


def test_a_later_version_is_refused(previous):
    with duckdb.connect(previous.database) as connection:
        upgrade(connection)
        connection.execute("update raw.warehouse set version = 99")
        with pytest.raises(WarehouseTooNewError, match="later version"):
            load_landing(connection, previous, Silent())
        assert read_version(connection) == 99


def test_a_new_file_has_no_version_yet():
    with duckdb.connect() as connection:
        assert read_version(connection) is None
        upgrade(connection)
        assert read_version(connection) == WAREHOUSE_VERSION
