"""The job of Dagster, started from a command line; its run stands in the warehouse's history."""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings

import dagster as dg

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.settings import read_settings
from distributed.definitions import build_defs


def main() -> int:
    """Run the job; 0 where it succeeded."""
    parser = argparse.ArgumentParser(prog="distributed", description=__doc__)
    parser.add_argument("inputs", nargs="+", help="files, folders or patterns that Spark reads")
    parser.add_argument("--output", required=True, help="a folder <collection>.parsed")
    parser.add_argument("--files-per-batch", type=int, default=1_000)
    parser.add_argument("--partitions", type=int, default=0)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(read_settings()))
    config = vars(arguments)
    with dg.DagsterInstance.get() as instance:
        done = (
            build_defs()
            .resolve_job_def("parse_crawl")
            .execute_in_process(
                run_config={"ops": {"parsed_crawl": {"config": config}}},
                instance=instance,
                raise_on_error=False,
            )
        )
    for event in done.get_step_failure_events():
        error = event.step_failure_data.error
        while error.cause:
            error = error.cause
        print(error.message.strip(), file=sys.stderr)
    for made in done.get_asset_materialization_events():
        report = made.materialization.metadata["run"].value
        print(json.dumps({name: report[name] for name in _SHOWN}))
    return 0 if done.success else 1


_SHOWN = ("files", "records", "documents", "seconds", "documents_per_second")

if __name__ == "__main__":
    sys.exit(main())
