"""When `gongkai build` may say that a run would end in the release that is there."""

import json
import os
from dataclasses import replace

import pytest

from dagster_project import unchanged
from dagster_project.commands import build
from dagster_project.files import hash_file
from dagster_project.landing import sign_folder
from dagster_project.publish import switch_current
from dagster_project.unchanged import find_unchanged_release, remember_run


@pytest.fixture
def released(empty, tmp_path, monkeypatch):
    """An installation after a whole run, with code of its own to change."""
    code = tmp_path / "code"
    (code / "loaders").mkdir(parents=True)
    (code / "loaders" / "parse.py").write_text("first = 1\n")
    monkeypatch.setattr(unchanged, "PROJECT", code)
    (empty.landing / "report.txt").write_text("年度报告")
    folder = empty.published / "2026.11.22.1"
    folder.mkdir(parents=True)
    (folder / "t.csv").write_text("n\n1\n")
    files = {"t.csv": {"bytes": 4, "sha256": hash_file(folder / "t.csv")}}
    manifest = {"version": folder.name, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    switch_current(empty.published, folder.name)
    empty.database.write_bytes(b"warehouse")
    empty.landing_signature.write_text(sign_folder(empty.landing))
    remember_run(empty)
    return empty


def test_a_run_over_the_same_again_is_not_needed(released):
    assert find_unchanged_release(released) == "2026.11.22.1"


def add_document(settings):
    (settings.landing / "other.txt").write_text("另一个")


def change_document(settings):
    (settings.landing / "report.txt").write_text("年度报告，更正")


def change_code(settings):
    (unchanged.PROJECT / "loaders" / "parse.py").write_text("first = 2\n")


def write_to_the_warehouse(settings):
    os.utime(settings.database, (1, 1))


def lose_the_warehouse(settings):
    settings.database.unlink()


def cut_a_published_file(settings):
    (settings.current_release / "t.csv").write_text("n\n")


def change_a_published_file(settings):
    (settings.current_release / "t.csv").write_text("n\n2\n")


def kill_a_run(settings):
    settings.unfinished_signature.write_text("signature")


def lose_the_current_release(settings):
    settings.current_release.unlink()


def forget_the_run(settings):
    settings.run_signature.unlink()


@pytest.mark.parametrize(
    "change",
    [
        add_document,
        change_document,
        change_code,
        write_to_the_warehouse,
        lose_the_warehouse,
        cut_a_published_file,
        change_a_published_file,
        kill_a_run,
        lose_the_current_release,
        forget_the_run,
    ],
)
def test_whatever_changed_makes_a_run(released, change):
    change(released)
    assert find_unchanged_release(released) is None


def hide_a_change(settings):
    """Other bytes, as many as before, and the time of the last writing set back."""
    path = settings.current_release / "t.csv"
    before = path.stat()
    path.write_text("n\n2\n"[: before.st_size])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_change_that_hides_its_time_makes_a_run(released):
    hide_a_change(released)
    assert find_unchanged_release(released) is None


def test_files_that_nobody_wrote_to_are_not_read_again(released, monkeypatch):
    monkeypatch.setattr(unchanged, "list_faults", lambda _: pytest.fail("They were read."))
    assert find_unchanged_release(released) == "2026.11.22.1"


def test_files_that_were_put_back_are_read_once(released, monkeypatch):
    path = released.current_release / "t.csv"
    path.write_bytes(path.read_bytes())
    assert find_unchanged_release(released) == "2026.11.22.1"
    monkeypatch.setattr(unchanged, "list_faults", lambda _: pytest.fail("They were read again."))
    assert find_unchanged_release(released) == "2026.11.22.1"


def test_another_limit_makes_a_run(released):
    assert find_unchanged_release(replace(released, max_quarantined_pct=1.0)) is None


def test_a_document_that_came_while_the_run_was_reading_is_read_by_the_next(released):
    add_document(released)
    remember_run(released)
    assert find_unchanged_release(released) is None


def test_build_then_says_so_and_runs_nothing(released, monkeypatch, capsys):
    monkeypatch.setattr(build, "read_settings", lambda: released)
    monkeypatch.setattr(build, "run_everything", lambda *_: pytest.fail("It was run."))
    monkeypatch.setattr(build, "print_summary", lambda _: None)
    build.run_build()
    assert "Nothing changed since release 2026.11.22.1" in capsys.readouterr().out
