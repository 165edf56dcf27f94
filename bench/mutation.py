"""Hundreds of single defects in each report whose cells are known, and who notices.

    nice .venv/bin/python -m bench.mutation [PER_SPECIMEN] [--seed N] [--write]

Gold reports come from ../shared (GONGKAI_SHARED), the others are drawn. Per defect: the documents in which
every cell was still right, those in which cells were marked, those that a failed error rule caught, and those in
which a wrong or vanished figure was missed. --write puts the table into bench/README.md.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from bench.report import replace_section
from loaders.form import Form, load_form
from tests.conftest import SHARED
from tests.drawing import EDITIONS, draw_form
from tests.layouts import SEPARATED, write_report
from tests.mutations import (
    DEFECTS,
    Specimen,
    gold_specimens,
    judge_mutant,
    outcome_of,
    specimen_of,
)

_OUTCOMES = ("right", "marked", "caught", "missed")
_SHOWN = 40


def drawn_specimens(form: Form, seed: int) -> Iterator[Specimen]:
    """One drawn form of each edition, each in a layout of its own."""
    for form_id in EDITIONS:
        random = Random(f"{seed}-{form_id}")
        layout = random.choice(SEPARATED)
        drawn = draw_form(random, form, form_id)
        text = write_report({table.table_code: layout(table.grid) for table in drawn})
        yield specimen_of(f"drawn {form_id} {layout.__name__}", text, form)


def run(form: Form, specimens: list[Specimen], per_specimen: int, seed: int) -> dict[str, Counter]:
    """Outcomes by defect; prints the first that were missed."""
    tallies: dict[str, Counter[str]] = {defect.__name__: Counter() for defect in DEFECTS}
    shown = 0
    for specimen in specimens:
        for number in range(per_specimen):
            defect = DEFECTS[number % len(DEFECTS)]
            text = defect(Random(f"{seed}-{specimen.name}-{number}"), specimen)
            if text is None or text == specimen.text:
                continue
            counts = judge_mutant(form, specimen, text)
            tally = tallies[defect.__name__]
            tally[outcome_of(counts)] += 1
            tally["wrong cells"] += counts["wrong"]
            tally["silent cells"] += counts["silent"]
            if outcome_of(counts) == "missed" and shown < _SHOWN:
                shown += 1
                print(
                    f"missed: {specimen.name}, {defect.__name__} {number}: {dict(counts)}",
                    flush=True,
                )
    return tallies


def as_table(tallies: dict[str, Counter]) -> str:
    """Counts of documents, and of the cells that were missed, as Markdown."""
    lines = [
        "| defect | documents | all right | marked | caught by a rule | missed | noticed or harmless | wrong cells | silent cells |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    total: Counter[str] = Counter()
    for name, tally in tallies.items():
        lines.append(_as_row(name, tally))
        total += tally
    return "\n".join([*lines, _as_row("**all**", total)])


def _as_row(name: str, tally: Counter) -> str:
    documents = sum(tally[outcome] for outcome in _OUTCOMES)
    share = 100 * (documents - tally["missed"]) / documents if documents else 100
    figures = [documents, *(tally[outcome] for outcome in _OUTCOMES)]
    cells = [tally["wrong cells"], tally["silent cells"]]
    return f"| {name} | {' | '.join(map(str, figures))} | {share:.1f} % | {' | '.join(map(str, cells))} |"


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("per_specimen", type=int, nargs="?", default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    form = load_form()
    gold = list(gold_specimens(SHARED, form)) if SHARED.is_dir() else []
    specimens = [*gold, *drawn_specimens(form, arguments.seed)]
    for specimen in specimens:
        print(f"{specimen.name}: {len(specimen.cells)} cells", flush=True)
    tallies = run(form, specimens, arguments.per_specimen, arguments.seed)
    command = f"`python -m bench.mutation {arguments.per_specimen} --seed {arguments.seed}`"
    text = f"{as_table(tallies)}\n\n{command}: {len(gold)} gold and {len(specimens) - len(gold)} drawn reports."
    print(text)
    if arguments.write:
        replace_section(Path(__file__).with_name("README.md"), "mutation", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
