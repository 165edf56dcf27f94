"""What the program is made of: as locked, listed in every release, and audited honestly."""

import json
from datetime import date

import pytest

from dagster_project import audit
from dagster_project.audit import (
    FOUND,
    NOT_AUDITED,
    PASSED,
    AuditException,
    judge,
    read_exceptions,
)
from dagster_project.dependencies import (
    BILL_OF_MATERIALS,
    Installed,
    compare_with_lock,
    list_installed,
    read_lock,
    write_bill_of_materials,
)
from dagster_project.privacy import find_in_files

TODAY = date(2026, 11, 23)
CLEAN = {"name": "idna", "version": "3.20", "vulns": []}
HOLED = {
    "name": "jinja2",
    "version": "3.1.6",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3.1.7"]}],
}
UNASKED = {"name": "lxml", "skip_reason": "Dependency not found on PyPI"}


def test_the_lock_gives_one_version_for_this_interpreter(tmp_path):
    path = tmp_path / "requirements.lock"
    path.write_text(
        "a-b==1.0 ; python_full_version >= '3' \\\n    --hash=sha256:00\n    # via x==9\n"
        "a.b==0.9 ; python_full_version < '3' \\\n    --hash=sha256:00\n"
        "C_d[extra]==2.0 \\\n    --hash=sha256:00\n"
    )
    assert read_lock(path) == {"a-b": "1.0", "c-d": "2.0"}


def test_what_differs_from_the_lock_is_told():
    packages = [
        Installed("same", "1", "", ()),
        Installed("other", "2", "", ()),
        Installed("gone", "", "", ()),
        Installed("stray", "1", "", ()),
    ]
    told = list(compare_with_lock({"same": "1", "other": "1", "gone": "3"}, packages))
    assert told == [
        "other is 2; the lock has 1.",
        "gone is missing; the lock has 3.",
        "stray is not locked.",
    ]


def test_the_bill_of_materials_is_whole_and_the_same_twice(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_bill_of_materials(tmp_path / name)
    first, second = ((tmp_path / name / BILL_OF_MATERIALS).read_bytes() for name in ("a", "b"))
    assert first == second
    bill = json.loads(first)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    own, *others = list_installed()
    versions = {part["name"]: part["version"] for part in bill["components"]}
    assert versions == {part.name: part.version for part in others if part.version}
    assert {"dagster", "duckdb", "polars", "dbt-core"} <= set(versions)
    root = next(d for d in bill["dependencies"] if d["ref"].startswith(f"pkg:pypi/{own.name}@"))
    assert f"pkg:pypi/duckdb@{versions['duckdb']}" in root["dependsOn"]
    assert "timestamp" not in bill["metadata"]
    assert find_in_files(tmp_path / "a") == []


@pytest.mark.parametrize(
    ("packages", "exceptions", "status", "told"),
    [
        ([CLEAN], [], PASSED, "1 packages audited"),
        ([CLEAN, HOLED], [], FOUND, "jinja2 3.1.6: PYSEC-1, mended in 3.1.7."),
        ([CLEAN, HOLED], [("CVE-1", "jinja2", date(2026, 11, 23))], PASSED, "1 exceptions in use"),
        ([CLEAN, HOLED], [("CVE-1", "jinja2", date(2026, 11, 22))], FOUND, "CVE-1 has expired"),
        ([CLEAN, HOLED], [("CVE-1", "idna", date(2027, 1, 1))], FOUND, "PYSEC-1"),
        ([CLEAN], [("CVE-1", "jinja2", date(2027, 1, 1))], FOUND, "excuses nothing any more"),
        ([CLEAN, UNASKED], [], NOT_AUDITED, "1 of 2 packages were NOT audited"),
        ([UNASKED], [], NOT_AUDITED, "1 of 1 packages were NOT audited"),
        ([], [], NOT_AUDITED, "NOT audited"),
        ([HOLED, UNASKED], [], FOUND, "NOT audited"),
    ],
)  # fmt: skip
def test_an_audit_passes_only_what_was_audited(packages, exceptions, status, told):
    excused = [AuditException(name, package, "not used", day) for name, package, day in exceptions]
    verdict = judge({"dependencies": packages}, excused, TODAY)
    assert verdict.status == status
    assert told in "\n".join(verdict.lines)


def test_an_exception_says_why_and_until_when(tmp_path):
    assert all(exception.reason for exception in read_exceptions())
    path = tmp_path / "exceptions.csv"
    path.write_text("vulnerability_id,package,reason,expires_date\nCVE-1,jinja2,,2027-01-01\n")
    with pytest.raises(ValueError, match="row 2"):
        read_exceptions(path)
    path.write_text("vulnerability_id,package\n")
    with pytest.raises(ValueError, match="columns"):
        read_exceptions(path)


@pytest.mark.parametrize("report", [None, {"dependencies": [UNASKED]}])
def test_an_audit_that_asked_nobody_is_told_and_never_a_pass(report, monkeypatch, capsys):
    monkeypatch.setattr(audit, "ask", lambda: report)
    assert audit.main([]) == NOT_AUDITED
    assert "NOT audited" in capsys.readouterr().out
    # As the checks of a checkout run it: they go on, and say so.
    assert audit.main(["--go-on-unasked"]) == PASSED
    assert "WARNING: not every locked package was audited" in capsys.readouterr().err
    monkeypatch.setattr(audit, "ask", lambda: {"dependencies": [CLEAN, HOLED]})
    assert audit.main(["--go-on-unasked"]) == FOUND
