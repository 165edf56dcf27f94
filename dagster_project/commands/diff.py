"""``gongkai diff``: what a reader sees differently in one release than in another."""

from __future__ import annotations

import sys
from pathlib import Path

from dagster_project.commands.writing import write_rows
from dagster_project.settings import read_settings
from dagster_project.terminal import stop


def run_diff(old: str, new: str, file_format: str, output: Path | None) -> None:
    """Compare two releases, named by version or folder."""
    import duckdb

    from dagster_project.publish import list_releases
    from dagster_project.release_changes import compare_releases
    from dagster_project.release_notes import describe_changes

    published = read_settings().published
    releases = list_releases(published)
    later = _find(published, new) if new else (published / "current").resolve()
    if old:
        earlier = _find(published, old)
    else:
        before = [folder for folder in releases if folder.resolve() != later.resolve()]
        if later in releases:
            before = releases[: releases.index(later)]
        if not before:
            stop(f"There is no release before {later.name}. Name two: gongkai diff OLD NEW.")
        earlier = before[-1]
    try:
        with compare_releases(earlier, later) as connection:
            if file_format == "markdown":
                _write_text(describe_changes(connection), output)
            else:
                write_rows(connection.table("described").pl(), file_format, output)
    except duckdb.Error as error:
        stop(f"{earlier.name} and {later.name} cannot be compared: {error}")


def _find(published: Path, name: str) -> Path:
    """A release by its version, or by the folder it lies in."""
    for folder in (published / name, Path(name)):
        if (folder / "gongkai.duckdb").is_file():
            return folder.resolve()
    return stop(f"There is no release {name} in {published}.")


def _write_text(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
