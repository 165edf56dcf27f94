"""``gongkai doctor``: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

from datetime import datetime

from dagster_project.diagnosis import Grade, diagnose
from dagster_project.settings import read_settings
from dagster_project.terminal import out, safe

_COLOURS = {Grade.ok: "green", Grade.warning: "yellow", Grade.error: "red"}


def run_doctor() -> None:
    """Print every finding; exit 1 where something must be done."""
    findings = diagnose(read_settings(), datetime.now())
    for finding in findings:
        mark = f"[{_COLOURS[finding.grade]}]{finding.grade:<8}[/]"
        out.print(f"{mark} {finding.subject:<10} {safe(finding.text)}", soft_wrap=True)
    if any(finding.grade is Grade.error for finding in findings):
        raise SystemExit(1)
