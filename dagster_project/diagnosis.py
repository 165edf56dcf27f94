"""What is wrong with an installation: one finding per question, with what to do about it.

Reads only, and opens nothing for longer than a question takes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import duckdb

from dagster_project.landing import sign_folder
from dagster_project.run_lock import is_held
from dagster_project.settings import MEBIBYTE, Settings

_LEAST_FREE_BYTES = 512 * MEBIBYTE
_STALE = timedelta(days=400)
"""Reports appear once a year: a release older than that has missed one."""


class Grade(StrEnum):
    """How grave a finding is."""

    ok = "ok"
    warning = "warning"
    error = "error"


@dataclass(frozen=True)
class Finding:
    """The answer to one question."""

    grade: Grade
    subject: str
    text: str


def diagnose(settings: Settings, now: datetime) -> list[Finding]:
    """Ask every question. One that cannot be answered is a finding itself."""
    questions: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("packages", check_packages),
        ("landing", lambda: check_landing(settings)),
        ("warehouse", lambda: check_warehouse(settings)),
        ("release", lambda: check_release(settings, now)),
        ("disk", lambda: check_disk(settings)),
    ]
    found = []
    for subject, ask in questions:
        try:
            answers = list(ask())
        except Exception as error:  # a diagnosis must not end at the first patient
            answers = [Finding(Grade.error, subject, f"{type(error).__name__}: {error}")]
        found += answers or [Finding(Grade.ok, subject, "Nothing is wrong.")]
    return found


def check_packages() -> Iterator[Finding]:
    """Are the packages those of the lock?"""
    from dagster_project.dependencies import compare_with_lock, list_installed, read_lock

    for sentence in compare_with_lock(read_lock(), list_installed()[1:]):
        yield Finding(Grade.warning, "packages", f"{sentence} `make setup` puts it right.")


def check_landing(settings: Settings) -> Iterator[Finding]:
    """Is there a landing folder, and does the warehouse hold what lies in it?"""
    if not settings.landing.is_dir():
        text = f"There is no landing folder {settings.landing}. Make it, or set GONGKAI_LANDING."
        yield Finding(Grade.error, "landing", text)
        return
    signature = settings.landing_signature
    loaded = signature.read_text() if signature.exists() else ""
    if is_held(settings):
        yield Finding(Grade.ok, "landing", "A run is at work; ask again when it is done.")
    elif settings.unfinished_signature.exists():
        text = "The last run did not come to its end. Run `gongkai build` and see what it says."
        yield Finding(Grade.warning, "landing", text)
    elif settings.database.exists() and sign_folder(settings.landing) != loaded:
        text = "Files were added, changed or removed since the last run. Run `gongkai build`."
        yield Finding(Grade.warning, "landing", text)


def check_warehouse(settings: Settings) -> Iterator[Finding]:
    """Does it open, and was it read with this parser and this dictionary?"""
    from dagster_project.load import current_reader
    from dagster_project.upgrade import WAREHOUSE_VERSION, read_version
    from dagster_project.warehouse import Warehouse, WarehouseUnavailable

    if not settings.database.exists():
        text = f"There is no warehouse at {settings.database} yet. Run `gongkai build`."
        yield Finding(Grade.warning, "warehouse", text)
        return
    try:
        with Warehouse(settings).read() as connection:
            version = read_version(connection)
            stored = None
            if version is not None:
                stored = connection.execute("from raw.reader").fetchone()
    except WarehouseUnavailable as error:
        yield Finding(Grade.warning, "warehouse", str(error))
        return
    except duckdb.Error as error:
        reason = " ".join(str(error).split())[:200]
        text = f"The file is damaged ({reason}). Run `gongkai build`: it sets the file aside and "
        yield Finding(Grade.error, "warehouse", text + "reads all again from the landing folder.")
        return
    if version is not None and version > WAREHOUSE_VERSION:
        text = "A later version of Gongkai built it. Install that one."
        yield Finding(Grade.error, "warehouse", text)
        return
    reader, again = current_reader(), "Run `gongkai build` to read all again."
    if version != WAREHOUSE_VERSION:
        text = "Another version of Gongkai built it. The next `gongkai build` makes it anew."
        yield Finding(Grade.warning, "warehouse", text)
    elif stored is None or stored[0] != reader.parser_version:
        text = f"It was read with another parser than {reader.parser_version}. {again}"
        yield Finding(Grade.warning, "warehouse", text)
    elif stored[1] != reader.dictionary_hash:
        text = f"The dictionary (dbt/seeds/) was changed since. {again}"
        yield Finding(Grade.warning, "warehouse", text)


def check_release(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Is there a current release, is it whole, and is it of this warehouse?"""
    from dagster_project.files import list_faults, read_current

    left = sorted(settings.published.glob(".*.partial"))
    if left:
        text = f"{left[0].name} was left by a run that died; the next run removes it."
        yield Finding(Grade.warning, "release", text)
    link = settings.current_release
    if not link.exists():
        grade = Grade.error if link.is_symlink() else Grade.warning
        yield Finding(grade, "release", "There is no current release. Run `gongkai build`.")
        return
    folder = link.resolve()
    faults = list_faults(folder)
    for fault in faults:
        text = f"{fault}. Run `gongkai build`: it replaces a damaged release by a whole one."
        yield Finding(Grade.error, "release", text)
    manifest = read_current(settings.published)
    if manifest is None:
        return
    age = now - datetime.fromtimestamp((folder / "manifest.json").stat().st_mtime)
    if age > _STALE:
        text = f"{folder.name} is {age.days} days old."
        yield Finding(Grade.warning, "release", f"{text} Newer reports may be out.")
    yield from _compare_release(settings, manifest)


def _compare_release(settings: Settings, manifest: dict) -> Iterator[Finding]:
    from dagster_project.load import current_reader
    from dagster_project.publish import hash_content, list_tables
    from dagster_project.warehouse import Warehouse, WarehouseUnavailable

    if not settings.database.exists():
        return
    try:
        with Warehouse(settings).read() as connection:
            content = hash_content(connection, list_tables(connection), current_reader())
    except (WarehouseUnavailable, duckdb.Error):
        return  # told elsewhere
    if content != manifest["content_sha256"]:
        text = (
            f"The warehouse is not what {manifest['version']} was made from: a run failed or was "
            "stopped at the gate, or the parser, the dictionary or the masking rules are others."
        )
        yield Finding(Grade.warning, "release", f"{text} Run `gongkai build` and see what it says.")


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Is there room for another run: a second warehouse, and a release?"""
    folder = settings.warehouse
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    sizes = [settings.database, *(settings.current_release / "parquet").glob("*")]
    needed = _LEAST_FREE_BYTES + 3 * sum(p.stat().st_size for p in sizes if p.exists())
    if free < needed:
        text = f"{free:,} bytes are free; a run may need {needed:,}. Old releases may be removed."
        yield Finding(Grade.error if free < needed // 3 else Grade.warning, "disk", text)
