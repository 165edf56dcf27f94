"""A disk that is full at each writing step, and a folder that nobody may write to.

Both on a small file system of their own, which only root can mount.
"""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.publish import list_faults
from dagster_project.settings import Settings
from tests.faults.killing import LIGHT, copy_sample, describe, is_allowed

MEBIBYTE = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this system does not let us mount a small disk")
    yield folder
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=False)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, left: int) -> Path:
    """Leave so many bytes free."""
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    ballast = folder / "ballast"
    with ballast.open("wb") as handle:
        os.posix_fallocate(handle.fileno(), 0, max(1, free - left))
    return ballast


def test_a_full_disk_loses_nothing_whichever_step_it_meets(small_disk, tmp_path):
    settings = Settings(warehouse=small_disk / "warehouse", landing=tmp_path / "landing")
    calm = replace(settings, warehouse=tmp_path / "calm")
    copy_sample(settings, 1)
    for installation in (settings, calm):
        for step in LIGHT:
            step(installation)
    before, first = describe(settings), settings.current_release.resolve()
    copy_sample(settings, 2)
    for step in LIGHT:
        step(calm)
    after = describe(calm)
    told = {}
    for kibibytes in (0, 512, 2048, 5120):
        ballast = fill(small_disk, kibibytes * 1024)
        try:
            for step in LIGHT:
                step(settings)
        except Exception as error:
            told[step.__name__] = str(error)
        ballast.unlink()
        assert is_allowed(describe(settings), before, after)
        current = settings.current_release.resolve()
        assert list_faults(current) == []
        if step is not LIGHT[-1]:
            assert current == first
    # What the system says is told; the command and the web UI show it.
    assert {"read", "release"} <= set(told)
    assert all("No space left on device" in text for text in told.values()), told
    for step in LIGHT:
        step(settings)
    assert describe(settings) == after
    assert not list(settings.published.glob(".*"))


def test_a_folder_that_is_read_only_is_told_of_and_stays_as_it_is(small_disk, tmp_path):
    settings = Settings(warehouse=small_disk / "warehouse", landing=tmp_path / "landing")
    copy_sample(settings, 1)
    for step in LIGHT:
        step(settings)
    before = describe(settings)
    copy_sample(settings, 2)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    # Nothing new was read, so that there is nothing to release.
    for step in LIGHT[:-1]:
        with pytest.raises(Exception, match="Read-only file system"):
            step(settings)
    # What was published can be read all the same.
    assert describe(settings) == before
    assert list_faults(settings.current_release.resolve()) == []
