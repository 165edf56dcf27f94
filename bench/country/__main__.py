"""Draw a country, load it through the real pipeline, compare every mart with the truth.

    nice .venv/bin/python -m bench.country 2000 --folder /tmp/country [--seed N] [--breadth N] [--profile]
    nice .venv/bin/python -m bench.country 500000 --folder /tmp/large --departments 7.3

All regions through all years are about 100,000 reports where two regions have one reporting department. What is in the
folder already is not done again: a country that was drawn is loaded, a warehouse that was built is compared. Exits 1
where something is wrong. --profile builds without Dagster and tells where the CPU goes.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.country.comparison import Outcome, compare
from bench.country.corpus import Plan, write_country
from bench.country.profile import as_table, run_steps, used_cpu
from dagster_project.settings import Settings
from loaders.bodies.region import load_regions
from loaders.form import load_form


def draw(plan: Plan, folder: Path) -> None:
    """Write corpus and truth, telling how far it is."""
    before = used_cpu()
    for count in write_country(load_form(), load_regions(), plan, folder):
        print(f"drawn: {count:,} documents, {used_cpu() - before:.0f} s of CPU", flush=True)


def build(settings: Settings) -> None:
    """`gongkai build` as an operator runs it."""
    environment = os.environ | {
        "GONGKAI_WAREHOUSE": str(settings.warehouse),
        "GONGKAI_LANDING": str(settings.landing),
    }
    command = [sys.executable, "-m", "dagster_project.cli", "build"]
    subprocess.run(command, env=environment, check=False)


def as_report(outcomes: Sequence[Outcome]) -> str:
    """The comparisons as a Markdown table."""
    lines = ["| what holds | compared | differing |", "| --- | ---: | ---: |"]
    for outcome in outcomes:
        loss = " (may occur)" if outcome.comparison.is_loss else ""
        lines.append(
            f"| {outcome.comparison.sentence}{loss} "
            f"| {outcome.compared_count:,} | {outcome.differing_count:,} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Draw, build, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=int)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--breadth", type=int, default=1_000, help="regions below each, at most")
    parser.add_argument(
        "--departments",
        type=float,
        default=0.6,
        help="reporting departments of a region, on average",
    )
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    settings = Settings(warehouse=folder / "warehouse", landing=folder / "landing")
    if not settings.landing.is_dir():
        plan = Plan(
            arguments.reports, arguments.seed, arguments.breadth, departments=arguments.departments
        )
        draw(plan, folder)
    profile = ""
    if not settings.database.is_file():
        if arguments.profile:
            profile = as_table(run_steps(settings))
        else:
            build(settings)
    outcomes = list(compare(settings.database, folder / "truth"))
    for outcome in outcomes:
        for example in outcome.examples:
            print(f"{outcome.comparison.sentence}: {example}")
    command = f"`python -m bench.country {arguments.reports} --breadth {arguments.breadth}`"
    text = f"{as_report(outcomes)}\n\n{command}, seed {arguments.seed}.\n\n{profile}".rstrip()
    print(text)
    return int(any(outcome.is_wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
