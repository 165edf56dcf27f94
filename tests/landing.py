"""A landing folder brought into a warehouse, and what stands there then."""

from dagster_project.load import load_landing
from dagster_project.progress import Silent
from dagster_project.settings import Settings
from dagster_project.store import Changes
from dagster_project.warehouse import Warehouse


def land(settings: Settings, read_again: str = "") -> Changes:
    """Load what lies in the landing folder."""
    with Warehouse(settings).write() as connection:
        return load_landing(connection, settings, Silent(), read_again)


def rows(settings: Settings, sql: str) -> list[tuple]:
    """Ask the warehouse."""
    with Warehouse(settings).read() as connection:
        return connection.execute(sql).fetchall()
