"""A few runs killed at random; `make faults` kills two hundred, dbt and the checks included."""

import json
import subprocess
import sys

from dagster_project.settings import PROJECT


def test_a_killed_run_loses_nothing():
    command = [sys.executable, "-m", "tests.faults.killing", "--light", "--kills", "5", "--seed"]
    done = subprocess.run([*command, "1"], cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["killed"] >= 5 and told["faults"] == []
