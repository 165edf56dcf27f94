"""A disk that is full at each writing step, and a folder that nobody may write to.

Both on a small file system of their own, which only root can mount.
"""

import pytest
import typer

from dagster_project.commands import build
from dagster_project.disk import advise_on_disk
from dagster_project.files import list_faults
from tests.faults.conservation import find_losses
from tests.faults.disks import fill, lock, mount_disk, unlock
from tests.faults.steps import LIGHT, copy, copy_sample, describe, is_allowed, name_folders


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MB."""
    with mount_disk(tmp_path / "small", 24) as is_mounted:
        if not is_mounted:
            pytest.skip("this system does not let us mount a small disk")
        yield tmp_path / "small"


def test_a_full_disk_loses_nothing_whichever_step_it_meets(small_disk, published):
    settings, calm = copy(published, small_disk), published
    before, first = describe(settings), settings.current_release.resolve()
    for installation in (settings, calm):
        copy_sample(installation, 2)
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
    assert find_losses(settings, is_light=True) == []
    assert not list(settings.published.glob(".*"))


@pytest.mark.parametrize("kibibytes", [0, 1024])
def test_dagsters_own_books_without_room_are_told_with_what_to_do(
    small_disk, published, kibibytes, monkeypatch, capsys
):
    """They lie on the same disk: where they cannot be written, Dagster takes the run down."""
    settings = copy(published, small_disk)
    before = describe(settings)
    for name, value in name_folders(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DAGSTER_HOME", "")
    # It asks for marts that only dbt makes.
    monkeypatch.setattr(build, "print_summary", lambda settings: None)
    ballast = fill(small_disk, kibibytes * 1024)
    with pytest.raises(typer.Exit) as caught:
        build.run_build()
    told = capsys.readouterr().err
    assert caught.value.exit_code == 1
    assert f"The disk of {settings.warehouse} is full" in told and "Make room there" in told
    ballast.unlink()
    assert describe(settings) == before
    assert list_faults(settings.current_release.resolve()) == []


def test_a_folder_that_is_read_only_is_told_of_and_stays_as_it_is(small_disk, published):
    settings = copy(published, small_disk)
    before = describe(settings)
    copy_sample(settings, 2)
    lock(small_disk)
    # Nothing new was read, so that there is nothing to release.
    for step in LIGHT[:-1]:
        with pytest.raises(Exception, match="Read-only file system"):
            step(settings)
    # What was published can be read all the same.
    assert describe(settings) == before
    assert list_faults(settings.current_release.resolve()) == []
    assert "may not be written to" in advise_on_disk(settings, "[Errno 30] Read-only file system")
    unlock(small_disk)
    for step in LIGHT:
        step(settings)
    assert find_losses(settings, is_light=True) == []


def test_other_failures_are_not_blamed_on_the_disk(empty):
    for text in ("disk I/O error", "Permission denied", "Another run is at work"):
        assert advise_on_disk(empty, text) == ""
