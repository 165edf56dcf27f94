"""Thousands of drawn forms through every layout and format, and what came back of them.

    nice .venv/bin/python -m bench.round_trip [RENDERINGS] [--seed N] [--write]

Every rendering draws a form of a random edition that keeps the rules of that edition, spoils it in a random
way and prints it; in one of five a figure is wrong by itself, and must survive. Outside the destructive layouts no value may be wrong; in those, at most one cell in
10,000. Exits 1 where that does not hold. --write puts the table into bench/README.md.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from bench.report import replace_section
from loaders.form import Form, load_form
from loaders.parse import parse
from loaders.rows import Parsed
from tests.documents import to_csv, to_docx, to_html, to_pdf, to_xlsx
from tests.drawing import EDITIONS, draw_form, judge, with_a_wrong_sum
from tests.layouts import DESTRUCTIVE, SEPARATED, Drawn, Grid, write_report
from tests.spoiling import (
    SPOILED,
    in_traditional_script,
    with_repeated_header,
    with_separators_in_thousands,
    with_zeros_left_blank,
)

FORMATS = {
    "html": (to_html, "text/html"),
    "csv": (to_csv, "text/csv"),
    "xlsx": (to_xlsx, "application/octet-stream"),
    "docx": (to_docx, "application/octet-stream"),
    "pdf": (to_pdf, "application/pdf"),
}
# How often each is drawn: files that take long to make are fewer.
WEIGHTS = {layout.__name__: 10.0 for layout in (*SEPARATED, *DESTRUCTIVE)} | {
    "html": 15.0, "csv": 15.0, "xlsx": 6.0, "docx": 4.0, "pdf": 6.0,
}  # fmt: skip
LAYOUTS = {layout.__name__: layout for layout in (*SEPARATED, *DESTRUCTIVE)}
LOSING = {layout.__name__ for layout in DESTRUCTIVE}
MOST_WRONG_IN_LOSING = 1 / 10_000
_SHOWN = 20


def _same(grid: Grid) -> Grid:
    return grid


def change_grid(random: Random) -> Callable[[Grid], Grid]:
    """A change of the printed grid; most of the time none."""
    changes = (with_repeated_header, with_separators_in_thousands, with_zeros_left_blank)
    return random.choice(changes) if random.random() < 0.3 else _same


def render(random: Random, drawn: list[Drawn], kind: str) -> tuple[bytes, str, str]:
    """A file, its media type, and how it was spoiled."""
    change = change_grid(random)
    # A comma between glued digits is no separator of thousands any more.
    if kind in LOSING:
        change = _same
    grids = {table.table_code: change(table.grid) for table in drawn}
    if kind in FORMATS:
        write, media_type = FORMATS[kind]
        is_traditional = random.random() < 0.4
        if is_traditional:
            grids = {
                code: [[in_traditional_script(cell) for cell in row] for row in grid]
                for code, grid in grids.items()
            }
        return write(grids), media_type, f"{change.__name__}, traditional {is_traditional}"
    spoil = random.choice(SPOILED)
    text = write_report({code: LAYOUTS[kind](grid) for code, grid in grids.items()})
    return spoil(text).encode(), "text/plain", f"{change.__name__}, {spoil.__name__}"


def run(form: Form, count: int, seed: int) -> dict[str, Counter[str]]:
    """Judge ``count`` renderings; prints what went wrong with the seed that shows it again."""
    kinds = list(WEIGHTS)
    tallies: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    order = Random(seed).choices(kinds, list(WEIGHTS.values()), k=count)
    shown = 0
    for number, kind in enumerate(order):
        random = Random(f"{seed}-{number}")
        form_id = random.choice(EDITIONS)
        drawn = draw_form(random, form, form_id)
        if random.random() < 0.2:
            hit = random.randrange(len(drawn))
            drawn[hit] = with_a_wrong_sum(random, drawn[hit])
        data, media_type, spoiled = render(random, drawn, kind)
        parsed = parse(data, media_type, form)
        is_blank = with_zeros_left_blank.__name__ in spoiled
        counts = judge(parsed, {table.table_code: table.values for table in drawn}, is_blank)
        tallies[kind] += counts
        tallies[kind]["renderings"] += 1
        if (counts["wrong"] or counts["silent"]) and shown < _SHOWN:
            shown += 1
            print(
                f"seed {seed}-{number}: {kind}, {form_id}, {spoiled}: {dict(counts)}"
                f" {_wrong_cells(parsed, drawn)}",
                flush=True,
            )
    return tallies


def _wrong_cells(parsed: Parsed, drawn: list[Drawn]) -> list[str]:
    values = {key: value for table in drawn for key, value in table.values.items()}
    return [
        f"{c.indicator_code}[{c.column_code}] {values.get((c.indicator_code, c.column_code))} read as {c.value} ({c.method})"
        for c in parsed.cells
        if c.value_status == "reported" and values.get((c.indicator_code, c.column_code)) != c.value
    ][:4]


def as_table(tallies: dict[str, Counter[str]]) -> str:
    """The counts as Markdown, the layouts that lose something last."""
    lines = [
        "| layout | renderings | cells | right | marked | silent | wrong |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    parts = (
        ("all that lose nothing", [k for k in tallies if k not in LOSING]),
        ("all that lose something", [k for k in tallies if k in LOSING]),
    )
    for title, kinds in parts:
        total: Counter[str] = Counter()
        for kind in kinds:
            lines.append(_as_row(kind, tallies[kind]))
            total += tallies[kind]
        lines.append(_as_row(f"**{title}**", total))
    return "\n".join(lines)


def _as_row(name: str, tally: Counter[str]) -> str:
    cells = tally["right"] + tally["marked"] + tally["silent"]
    figures = (
        tally["renderings"],
        cells,
        *(tally[k] for k in ("right", "marked", "silent", "wrong")),
    )
    return f"| {name} | {' | '.join(f'{figure:,}' for figure in figures)} |"


def main() -> int:
    """Run, print, and say whether the promise held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("renderings", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    start = time.process_time()
    tallies = run(load_form(), arguments.renderings, arguments.seed)
    seconds = time.process_time() - start
    command = f"`python -m bench.round_trip {arguments.renderings} --seed {arguments.seed}`"
    text = f"{as_table(tallies)}\n\n{command}, {seconds:.0f} s of CPU."
    print(text)
    if arguments.write:
        replace_section(Path(__file__).with_name("README.md"), "round-trip", text)
    clean = sum((tallies[k] for k in tallies if k not in LOSING), Counter())
    losing = sum((tallies[k] for k in tallies if k in LOSING), Counter())
    cells = losing["right"] + losing["marked"] + losing["silent"]
    return int(clean["wrong"] > 0 or losing["wrong"] > MOST_WRONG_IN_LOSING * cells)


if __name__ == "__main__":
    sys.exit(main())
