"""How long the parser takes per kilobyte: CPU time, one process, documents warm in memory.

    .venv/bin/python bench/parse.py [FOLDER]

Prints milliseconds of CPU per document and per kilobyte of UTF-8 text. Ratios against other steps on
the same machine are what counts; see bench/README.md.
"""

import sys
import time
from pathlib import Path

from loaders.form import load_form
from loaders.parse import parse

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 20


def measure(data: bytes, form) -> float:
    """Milliseconds of CPU for one reading, the least of several rounds."""
    parse(data, "text/plain", form)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        parse(data, "text/plain", form)
        times.append(time.process_time() - start)
    return min(times) * 1000


def print_line(milliseconds: float, kilobytes: float, name: str) -> None:
    """Print one measurement."""
    share = milliseconds / kilobytes
    print(f"{milliseconds:8.2f} ms {kilobytes:7.1f} kB {share:6.3f} ms/kB  {name}")


def main(folder: Path) -> None:
    """Measure every text file below a folder."""
    form = load_form()
    total_ms = total_kb = 0.0
    for path in sorted(folder.rglob("*.txt")):
        data = path.read_bytes()
        milliseconds, kilobytes = measure(data, form), len(data) / 1024
        total_ms, total_kb = total_ms + milliseconds, total_kb + kilobytes
        print_line(milliseconds, kilobytes, path.name)
    print_line(total_ms, total_kb, "all")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "warehouse" / "landing")
