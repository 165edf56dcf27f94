"""What reading a document costs beside the least that any parser must do with it.

    .venv/bin/python -m bench.floor [FOLDER]

The floor is: bytes to text, one spelling of every character, traditional to simplified, and one scan for number cells.
Both are measured in turn, so that a slow moment of the machine strikes both; the ratio is what can be compared.
"""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from loaders.form import load_form
from loaders.normalise import normalise
from loaders.parse import parse

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 20
_NUMBER_CELL = re.compile(r"(?<![^\s|])-?\d[\d,.]*(?![^\s|])")


def read_floor(data: bytes) -> int:
    """Do the least: decode, normalise, count the cells that hold a number."""
    return sum(1 for _ in _NUMBER_CELL.finditer(normalise(data.decode())))


def measure_in_turn(data: bytes, steps: list[Callable[[bytes], object]]) -> list[float]:
    """Milliseconds of CPU of each step, the least of several rounds."""
    best = [float("inf")] * len(steps)
    for _ in range(ROUNDS):
        for number, step in enumerate(steps):
            start = time.process_time()
            step(data)
            best[number] = min(best[number], time.process_time() - start)
    return [1000 * seconds for seconds in best]


def main(folder: Path) -> None:
    """Measure every UTF-8 text file below a folder."""
    form = load_form()
    total = [0.0, 0.0]
    kilobytes = 0.0
    for path in sorted(folder.rglob("*.txt")):
        data = path.read_bytes()
        times = measure_in_turn(data, [read_floor, lambda d: parse(d, "text/plain", form)])
        total = [a + b for a, b in zip(total, times, strict=True)]
        kilobytes += len(data) / 1024
        print_line(times, len(data) / 1024, path.name)
    print_line(total, kilobytes, "all")


def print_line(times: list[float], kilobytes: float, name: str) -> None:
    """Print one measurement."""
    floor, parsing = times
    print(
        f"floor {floor:6.2f} ms  parse {parsing:7.2f} ms  {kilobytes:6.1f} kB"
        f"  {parsing / kilobytes:5.2f} ms/kB  ratio {parsing / floor:5.1f}  {name}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "warehouse" / "landing")
