"""An installation as one file and back, byte for byte; a damaged backup touches nothing."""

import io
import subprocess
import sys
import tarfile
from dataclasses import replace

import duckdb
import pytest

from dagster_project.backup import BackupError, restore_backup, write_backup
from dagster_project.files import hash_file
from dagster_project.publish import switch_current
from dagster_project.warehouse import WarehouseUnavailable


@pytest.fixture
def installed(empty):
    """A small installation: two files, a warehouse, two releases."""
    (empty.landing / "a").mkdir()
    (empty.landing / "a" / "报告.txt").write_text("一")
    (empty.landing / "a" / "报告.txt.meta.json").write_text("{}")
    empty.warehouse.mkdir()
    with duckdb.connect(empty.database) as connection:
        connection.execute("create table t as select 1 as n")
    for version in ("2026.01.01.1", "2026.01.02.1"):
        (empty.published / version / "csv").mkdir(parents=True)
        (empty.published / version / "csv" / "t.csv").write_text(version)
        switch_current(empty.published, version)
    (empty.published / ".2026.01.03.1.partial").mkdir()
    (empty.published / ".2026.01.03.1.partial" / "x").write_text("left over")
    empty.landing_signature.write_text("signature")
    return empty


def elsewhere(settings, tmp_path):
    return replace(settings, warehouse=tmp_path / "w2", landing=tmp_path / "l2")


def state(settings):
    """Every file with its checksum, by its place in the installation."""
    files = {
        f"{name}/{path.relative_to(place).as_posix()}": hash_file(path)
        for name, place in (("landing", settings.landing), ("published", settings.published))
        for path in place.rglob("*")
        if path.is_file() and ".partial" not in path.as_posix()
    }
    files["database"] = hash_file(settings.database)
    files["current"] = settings.current_release.resolve().name
    files["signature"] = settings.landing_signature.read_text()
    return files


def test_what_was_backed_up_comes_back_elsewhere(installed, tmp_path):
    backup = write_backup(installed, tmp_path / "b" / "gongkai.tar")
    assert backup.current_release == "2026.01.02.1"
    target = elsewhere(installed, tmp_path)
    assert restore_backup(target, tmp_path / "b" / "gongkai.tar") == backup
    assert state(target) == state(installed)
    assert (target.landing / "a" / "报告.txt").read_text() == "一"
    assert sorted(p.name for p in target.published.iterdir()) == [
        "2026.01.01.1",
        "2026.01.02.1",
        "current",
    ]
    assert not (target.warehouse / ".restore.partial").exists()


def test_what_stands_there_gives_way_only_when_told(installed, tmp_path):
    write_backup(installed, tmp_path / "gongkai.tar")
    before = state(installed)
    (installed.landing / "later.txt").write_text("二")
    with pytest.raises(BackupError, match="--replace"):
        restore_backup(installed, tmp_path / "gongkai.tar")
    assert (installed.landing / "later.txt").exists()
    restore_backup(installed, tmp_path / "gongkai.tar", replace=True)
    assert state(installed) == before and not (installed.landing / "later.txt").exists()


@pytest.mark.parametrize("fault", ["cut", "bit", "no backup", "climbs", "link", "stray"])
def test_a_damaged_backup_touches_nothing(installed, tmp_path, fault):
    path = tmp_path / "gongkai.tar"
    write_backup(installed, path)
    before = state(installed)
    data = bytearray(path.read_bytes())
    if fault == "cut":
        data = data[: len(data) // 2]
    elif fault == "bit":
        data[data.index("一".encode())] ^= 1
    elif fault == "no backup":
        data = bytearray(b"nothing")
    path.write_bytes(data)
    if fault in ("climbs", "link", "stray"):
        with tarfile.open(path, "a") as archive:
            member = tarfile.TarInfo({"climbs": "../../stray.txt"}.get(fault, "landing/stray.txt"))
            if fault == "link":
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            member.size = 0 if fault == "link" else 1
            archive.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(BackupError):
        restore_backup(installed, path, replace=True)
    assert state(installed) == before
    assert not list(tmp_path.rglob("stray.txt"))


def test_a_backup_that_dies_leaves_none(installed, tmp_path, monkeypatch):
    monkeypatch.setattr("dagster_project.backup.sync", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_backup(installed, tmp_path / "gongkai.tar")
    assert not list(tmp_path.glob("gongkai.tar*"))


def test_a_run_at_work_is_waited_for(installed, tmp_path):
    hold = (
        f"import duckdb, sys; c = duckdb.connect({str(installed.database)!r}); "
        "print('open', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        holder.stdout.readline()
        with pytest.raises(WarehouseUnavailable, match="in use"):
            write_backup(installed, tmp_path / "gongkai.tar")
    finally:
        holder.communicate()


def test_nothing_is_no_backup(empty, tmp_path):
    empty.landing.rmdir()
    with pytest.raises(BackupError, match="nothing to back up"):
        write_backup(empty, tmp_path / "gongkai.tar")
