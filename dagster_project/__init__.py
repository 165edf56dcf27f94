"""Assets, checks, jobs and the ``gongkai`` command. No parsing, no SQL logic, no rules."""

from dagster_project.telemetry import switch_off

switch_off()
