"""dbt in this process: parsing the project once, building it against one warehouse.

A subprocess would pay dbt's start a second time. dbt is imported inside functions, so that loading
definitions costs nothing when the manifest is fresh. Knows nothing of Dagster.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock

from dagster_project.connections import open_database
from dagster_project.settings import DBT_PROJECT, Settings
from dagster_project.unchanged import sign_code

TARGET = DBT_PROJECT / "target"
MANIFEST = TARGET / "manifest.json"
_TEMPLATES = TARGET / "templates"
_PARSING = FileLock(TARGET / "parse.lock")
"""Held by the one process that parses; the same process may take it twice."""
_NO_FILES = "--no-write-json"
"""Manifest and results as files, which a run's own events tell already."""
_SOURCES = (
    "dbt_project.yml",
    "profiles.yml",
    "macros",
    "mechanics",
    "models",
    "seeds",
    "tests",
)

Event = Mapping[str, Any]


class DbtFailure(RuntimeError):
    """dbt could not start, or the project does not parse."""


@dataclass(frozen=True)
class Build:
    """The outcome of one ``dbt build``."""

    failures: tuple[str, ...]
    """One sentence for each node that failed."""


def read_manifest() -> dict[str, Any]:
    """The project's manifest, parsed again where a file of the project changed since."""
    stamp = TARGET / "manifest.sha256"
    signature = sign_project()
    TARGET.mkdir(parents=True, exist_ok=True)
    # Another process may be at it too; half a manifest is none.
    with _PARSING:
        if not (MANIFEST.exists() and stamp.exists() and stamp.read_text() == signature):
            parse_project()
            stamp.write_text(signature)
        return json.loads(MANIFEST.read_bytes())


def sign_project(project: Path = DBT_PROJECT) -> str:
    """Name the state of the dbt project by the content of its files."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        root = project / source
        for path in sorted(p for p in (root, *root.rglob("*")) if p.is_file()):
            digest.update(f"{path.relative_to(project)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def parse_project(*arguments: str) -> Any:
    """Parse the dbt project, partially where dbt can."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with _PARSING, _environment(DBT_DO_NOT_TRACK="1"):
        result = _runner().invoke(["parse", *arguments, *_arguments(TARGET)])
    if not result.success:
        raise DbtFailure(f"The dbt project does not parse: {result.exception}")
    return result.result


def build_project(
    settings: Settings,
    selection: Sequence[str] = (),
    on_event: Callable[[Event], None] = lambda event: None,
    on_warning: Callable[[str], None] = lambda text: None,
    *,
    keeps_rows: bool = False,
) -> Build:
    """Run ``dbt build`` on the warehouse and let go of it.

    Args:
        settings: the installation; its warehouse must not be open in this process.
        selection: further command-line arguments, such as ``--select``.
        on_event: called with the structured log event of each result, from dbt's own threads.
        on_warning: called with what dbt warns of, from dbt's own threads.
        keeps_rows: leave the rows of reports that the last such build made of the same. Only for
            builds of everything: what others make may be of several states.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from google.protobuf.json_format import MessageToDict

    from dagster_project.connections import count_threads
    from dagster_project.dbt_events import RESULTS, hear_only_results
    from dagster_project.dbt_repetition import done_once

    def forward(message: Any) -> None:
        if message.info.name in RESULTS:
            on_event(MessageToDict(message, preserving_proto_field_name=True))
        else:
            on_warning(message.info.msg)

    # Before the code is read that it names.
    made_with = _sign_making(settings) if keeps_rows else ""
    # A run writes compiled code into its manifest, so each has one of its own.
    runner = _runner(manifest=parse_project(_NO_FILES), callbacks=[forward])
    try:
        with (
            hear_only_results(),
            done_once(_TEMPLATES),
            _environment(
                GONGKAI_WAREHOUSE=str(settings.warehouse),
                GONGKAI_MEMORY_LIMIT=settings.memory_limit,
                GONGKAI_THREADS=str(count_threads(settings)),
                GONGKAI_MADE_WITH=made_with,
                DBT_DO_NOT_TRACK="1",
            ),
        ):
            # Unit tests say nothing about the data; `make test` runs them.
            arguments = ["--exclude-resource-type", "unit_test", *_arguments(settings.dbt_target)]
            result = runner.invoke(["build", _NO_FILES, *arguments, *selection])
    finally:
        # Otherwise the file stays locked until this process ends.
        DuckDBConnectionManager.close_all_connections()
    if result.result is None:
        raise DbtFailure(f"dbt could not run: {result.exception}")
    return Build(tuple(_describe_failures(result.result)))


def _sign_making(settings: Settings) -> str:
    """Name what makes rows of a document: the code, and what read it when. Empty if unknown."""
    with suppress(duckdb.Error), open_database(settings.database) as connection:
        read_with = connection.execute("from raw.reader").fetchall()
        read_again = connection.execute("from raw.read_again").fetchall()
        return hashlib.sha256(f"{sign_code()} {read_with} {read_again}".encode()).hexdigest()
    return ""


def write_docs(settings: Settings) -> Path:
    """Run ``dbt docs generate --static`` on the warehouse.

    Returns:
        The page, in dbt's target folder.
    """
    with _environment(GONGKAI_WAREHOUSE=str(settings.warehouse), DBT_DO_NOT_TRACK="1"):
        arguments = _arguments(settings.dbt_target)
        result = _runner().invoke(["docs", "generate", "--static", *arguments])
    if not result.success:
        raise DbtFailure(f"dbt could not write its documentation: {result.exception}")
    return settings.dbt_target / "static_index.html"


def _describe_failures(results: Any) -> Iterator[str]:
    for result in results:
        if result.status in ("error", "fail", "runtime error"):
            reason = " ".join((result.message or "").split())
            yield f"{result.node.resource_type} {result.node.name}: {reason}"


def _runner(**arguments: Any) -> Any:
    from dbt.cli.main import dbtRunner

    return dbtRunner(**arguments)


def _arguments(target: Path) -> list[str]:
    return [
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(target), "--log-path", str(target)),
        # A log file costs a tenth of the build: dbt words every debug event, whatever the level.
        *("--log-level", "none", "--log-level-file", "none", "--no-use-colors"),
        "--no-send-anonymous-usage-stats",
    ]


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Environment variables for the length of one dbt call; dbt reads its profile from there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
