"""Every component's telemetry is off, however a process was started."""

import json
import os
import subprocess
import sys

import yaml

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.settings import DBT_PROJECT
from dagster_project.telemetry import SWITCHES


def test_the_switches_hold_against_the_environment():
    loud = os.environ | dict.fromkeys(SWITCHES, "true")
    code = "import dagster_project, json, os; print(json.dumps(dict(os.environ)))"
    told = subprocess.run([sys.executable, "-c", code], env=loud, capture_output=True, check=True)
    assert json.loads(told.stdout).items() >= SWITCHES.items()


def test_files_that_components_read_say_so_too(empty):
    home = prepare_dagster_home(empty)
    assert yaml.safe_load((home / "dagster.yaml").read_text())["telemetry"] == {"enabled": False}
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())
    assert project["flags"]["send_anonymous_usage_stats"] is False
