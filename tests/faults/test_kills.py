"""A few runs killed at random; `make faults` kills two hundred."""

import json
import subprocess
import sys

from dagster_project.settings import PROJECT


def test_a_killed_run_loses_nothing():
    command = [sys.executable, "-m", "tests.faults.killing", "--kills", "3", "--seed", "1"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(done.stdout)
    assert counts["faults"] == 0 and counts["killed"] >= 1
