"""Spark on this machine or a cluster: its environment is made, then Dagster's job is started there.

    .venv/bin/python distributed/run.py 's3a://bucket/crawl/*.warc.wet.gz' --output crawl.parsed

``ui`` in place of the input opens Dagster's web app with the job in it. Runs in the project's
environment and imports nothing of Spark, which has one of its own
(``.cache/spark/``). What Spark itself is told comes from its own ``spark-defaults.conf`` and from
``--master`` and ``--conf`` here.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LOCK = HERE / "requirements.lock"
ENVIRONMENT = ROOT / ".cache" / "spark" / "venv"
LOCAL = "local[*]"


class SparkError(Exception):
    """Something that stopped Spark before it began; the message says what to do."""


def prepare_environment(python: str = sys.executable, environment: Path = ENVIRONMENT) -> Path:
    """Install Spark from its lock file, unless this very lock is installed already.

    Returns:
        The environment's Python.

    Raises:
        SparkError: there is no Java, or a package could not be had.
    """
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise SparkError(
            "Spark needs Java 17 or 21; on Debian: apt install openjdk-17-jre-headless"
        )
    program = environment / "bin" / "python"
    stamp = environment / "lock"
    if stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes():
        return program
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        raise SparkError("uv is missing: run `make setup` first.")
    shutil.rmtree(environment, ignore_errors=True)
    subprocess.run([uv, "venv", "--quiet", "--python", python, str(environment)], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(program)]
    options = ["--require-hashes", "--compile-bytecode", "--requirement", str(LOCK)]
    if subprocess.run([*install, *options]).returncode:
        raise SparkError("Spark's packages could not be installed; see the lines above.")
    shutil.copyfile(LOCK, stamp)
    return program


def describe_surroundings(
    program: Path, master: str = LOCAL, conf: Sequence[str] = ()
) -> dict[str, str]:
    """The environment of Spark's processes on this machine.

    Args:
        program: Python of the environment.
        master: as Spark names clusters; `local-cluster[2,1,1024]` has two workers here.
        conf: `name=value`, for Spark.
    """
    is_local = master.startswith("local")
    # No web page and no port that others reach, unless somebody wants them.
    settings = ["spark.ui.enabled=false", "spark.ui.showConsoleProgress=false"]
    if is_local:
        settings += ["spark.driver.host=localhost", "spark.driver.bindAddress=127.0.0.1"]
    words = ["--master", master]
    for setting in [*settings, *conf]:
        words += ["--conf", setting]
    told = {
        "PYSPARK_SUBMIT_ARGS": shlex.join([*words, "pyspark-shell"]),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "PYTHONWARNINGS": "ignore",
    }
    if is_local:
        told |= {"PYSPARK_PYTHON": str(program), "SPARK_LOCAL_HOSTNAME": "localhost"}
    return dict(os.environ) | told


def main(words: Sequence[str]) -> int:
    """Take out what is Spark's, and hand the rest to the job."""
    master, conf, rest = LOCAL, [], []
    words = list(words)
    while words:
        word = words.pop(0)
        name, _, value = word.partition("=")
        if name in ("--master", "--conf"):
            value = value or (words.pop(0) if words else "")
            master, conf = (value, conf) if name == "--master" else (master, [*conf, value])
        else:
            rest.append(word)
    try:
        program = prepare_environment()
    except SparkError as error:
        print(error, file=sys.stderr)
        return 2
    surroundings = describe_surroundings(program, master, conf)
    command = [str(program), "-m", "distributed", *rest]
    if rest[:1] == ["ui"]:
        surroundings["GONGKAI_SPARK_PYTHON"] = str(program)
        command = [sys.executable, "-m", "dagster_project.cli", *rest]
    return subprocess.run(command, env=surroundings).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
