"""``gongkai export``: the current release in a server of someone else's."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from dagster_project.commands.releases import find_release
from dagster_project.settings import read_settings
from dagster_project.terminal import stop


def run_export_postgres(uri: str, schema: str, readers: Iterable[str]) -> None:
    """Load the release into PostgreSQL and say what stands there."""
    from dagster_project.postgres import PostgresError, export_postgres

    settings = read_settings()
    database = find_release(settings)
    uri = uri or settings.postgres_uri
    if not uri:
        stop("Say where to: --uri postgresql://user@host/database, or GONGKAI_POSTGRES_URI.")
    try:
        export = export_postgres(database, uri, schema, readers, settings.limits)
    except PostgresError as error:
        stop(str(error))
    rows = sum(export.row_counts.values())
    typer.echo(f"{len(export.row_counts)} tables, {rows:,} rows in schema {export.schema}.")
    for name in export.left_behind:
        typer.echo(f"Still in use, and dropped by a later export: schema {name}.")
