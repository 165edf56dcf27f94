"""``make audit``: is a package of the lock known to be vulnerable?

pip-audit asks; what its answer means for us is decided here. A package that the service does not
know was not audited, and an audit that asked nobody has found nothing: pip-audit itself says of
both "No known vulnerabilities found". An exception has a reason, and a date after which it is none.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dagster_project.dependencies import LOCK
from dagster_project.settings import PROJECT

EXCEPTIONS = PROJECT / ".ci" / "audit_exceptions.csv"
_COLUMNS = ["vulnerability_id", "package", "reason", "expires_date"]
PASSED, FOUND, NOT_AUDITED = 0, 1, 2


@dataclass(frozen=True)
class AuditException:
    """A known vulnerability that does not concern this program, and why."""

    vulnerability_id: str
    package: str
    reason: str
    expires_date: date


@dataclass(frozen=True)
class Verdict:
    """What is to be said, and the exit status."""

    lines: tuple[str, ...]
    status: int


def read_exceptions(path: Path = EXCEPTIONS) -> list[AuditException]:
    """The stated exceptions.

    Raises:
        ValueError: one is incomplete.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != _COLUMNS:
            raise ValueError(f"{path.name}: its columns are not {', '.join(_COLUMNS)}.")
        found = []
        for number, row in enumerate(reader, start=2):
            if None in row or not all(row.values()):
                raise ValueError(f"{path.name}, row {number}: not every column is filled in.")
            expires = date.fromisoformat(row["expires_date"])
            found.append(
                AuditException(row["vulnerability_id"], row["package"], row["reason"], expires)
            )
    return found


def judge(report: Mapping[str, Any], exceptions: Sequence[AuditException], today: date) -> Verdict:
    """Weigh pip-audit's report (its JSON) against the exceptions."""
    packages = report["dependencies"]
    lines, used = [], set()
    for package in packages:
        for vulnerability in package.get("vulns", ()):
            names = {vulnerability["id"], *vulnerability.get("aliases", ())}
            excused = [
                exception
                for exception in exceptions
                if exception.package == package["name"]
                and exception.vulnerability_id in names
                and today <= exception.expires_date
            ]
            used.update(excused)
            if not excused:
                mended = ", ".join(vulnerability.get("fix_versions", ())) or "no version yet"
                known = f"{package['name']} {package['version']}: {vulnerability['id']}"
                lines.append(f"{known}, mended in {mended}.")
    for exception in exceptions:
        if exception not in used:
            why = "has expired" if today > exception.expires_date else "excuses nothing any more"
            lines.append(f"{exception.package}: the exception {exception.vulnerability_id} {why}.")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if lines:
        status = FOUND
    elif skipped or not packages:
        status = NOT_AUDITED
    else:
        status = PASSED
    if skipped or not packages:
        named = ", ".join(skipped[:5]) + (" …" if len(skipped) > 5 else "")
        lines.append(
            f"{len(skipped)} of {len(packages)} packages were NOT audited, since the service could "
            f"not be reached or does not know them: {named}"
        )
    audited = len(packages) - len(skipped)
    lines.append(f"{audited} packages audited, {len(used)} exceptions in use.")
    return Verdict(tuple(lines), status)


def ask() -> Mapping[str, Any] | None:
    """pip-audit's report on the lock; ``None`` where it could not ask at all."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes"]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(finished.stdout)
    except ValueError:
        print(finished.stderr[-2000:], file=sys.stderr)
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, and say what came of it."""
    parser = argparse.ArgumentParser(description="Is a locked package known to be vulnerable?")
    parser.add_argument(
        "--go-on-unasked",
        action="store_true",
        help="where the service does not answer for all of them, warn and exit 0 instead of 2",
    )
    goes_on = parser.parse_args(arguments).go_on_unasked
    status = _audit()
    if status == NOT_AUDITED and goes_on:
        warning = "WARNING: not every locked package was audited. This is no pass: run `make audit`"
        print(f"{warning} where the package index can be reached.", file=sys.stderr)
        return PASSED
    return status


def _audit() -> int:
    try:
        exceptions = read_exceptions()
    except ValueError as error:
        print(error)
        return FOUND
    report = ask()
    if report is None:
        print("NOT audited: pip-audit gave no answer.")
        return NOT_AUDITED
    verdict = judge(report, exceptions, date.today())
    print("\n".join(verdict.lines))
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
