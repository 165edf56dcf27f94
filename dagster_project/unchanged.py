"""Has anything changed since the last run that ended in a release? Asked before data is opened.

A run over the same documents with the same code ends in the same release: `gongkai build` need not
make it. Where this is in doubt, it answers that something changed, and the run finds out.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version

from dagster_project.files import list_faults, read_current, state_of_files
from dagster_project.landing import sign_folder
from dagster_project.settings import PROJECT, Settings

_CODE = ("dagster_project", "dbt", "expectations", "loaders")
_SUFFIXES = {".csv", ".json", ".md", ".py", ".sql", ".txt", ".yml"}
_NOT_CODE = {"__pycache__", "target", "logs"}
_PACKAGES = (
    "dagster",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "numpy",
    "polars",
    "pyarrow",
)


def remember_run(settings: Settings) -> None:
    """Note what the current release was made of; called at the end of a whole run."""
    _remember(settings, _sign(settings, settings.landing_signature.read_text()))


def find_unchanged_release(settings: Settings) -> str | None:
    """The version of the current release if a run would make the same again.

    ``None`` where a document, the code, a package, a setting or the warehouse differs from what the
    release was made of, or where the release is not whole.
    """
    try:
        signature, *state = settings.run_signature.read_text().split()
        if signature != _sign(settings, sign_folder(settings.landing)):
            return None
    except (OSError, ValueError):
        return None
    current = read_current(settings.published)
    # A run would replace a damaged release by a whole one, and would end one that was killed.
    if current is None or settings.unfinished_signature.exists():
        return None
    folder = settings.current_release.resolve()
    # What nobody wrote to since it was looked through is not read again: it may be gigabytes.
    if state != [state_of_files(folder)]:
        if list_faults(folder):
            return None
        _remember(settings, signature)
    return current["version"]


def _remember(settings: Settings, signature: str) -> None:
    state = state_of_files(settings.current_release.resolve())
    settings.run_signature.write_text(f"{signature}\n{state}\n")


def _sign(settings: Settings, landing: str) -> str:
    """Name the state of everything that a run depends on."""
    warehouse = settings.database.stat()
    digest = hashlib.sha256()
    digest.update(f"{landing}\0{warehouse.st_size}\0{warehouse.st_mtime_ns}\0".encode())
    digest.update(repr(settings).encode())
    digest.update(sign_code().encode())
    return digest.hexdigest()


def sign_code() -> str:
    """Name the code that makes the warehouse, with the dictionary and the packages below it."""
    digest = hashlib.sha256()
    digest.update(repr([(name, version(name)) for name in _PACKAGES]).encode())
    for folder in _CODE:
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.suffix in _SUFFIXES and not _NOT_CODE & set(path.parts):
                digest.update(f"{path.relative_to(PROJECT)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
