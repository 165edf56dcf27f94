"""The entry points under fire: changed documents and containers of every format, and documents made to take long.

    .venv/bin/python -m bench.fuzz [--seconds 60] [--seed N]

For whatever bytes come: no exception, spans inside the text, columns as docs/contracts.md has them, and no more
time than a fixed part and a part by size. What breaks this is written to a file with its seed, and
the exit status is 1. The same loop, a few seconds long, is part of ``make test``.
"""

import argparse
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from random import Random

from dagster_project.containers import ContainerSettings, Problem, open_container
from loaders.form import Form, load_form
from loaders.parse import parse
from loaders.read import decode
from tests.fuzzing import (
    SLOW,
    bound_seconds,
    containers_of,
    mutate,
    mutate_within,
    problems_of,
    seeds_of,
)


def attack(form: Form, seconds: float, seed: int) -> Iterator[tuple[str, bytes, list[str]]]:
    """Mutants until the time is up: name, bytes, and what is wrong with their reading."""
    seeds = seeds_of(form)
    stop = time.monotonic() + seconds
    number = 0
    while time.monotonic() < stop:
        random = Random(f"{seed}-{number}")
        media_type, data = random.choice(seeds)
        change = random.choice((mutate, mutate_within))
        data = change(random, data, [other for _, other in seeds])
        start = time.process_time()
        try:
            problems = problems_of(parse(data, media_type, form), decode(data, media_type).text)
        except Exception as error:
            problems = [f"{type(error).__name__}: {error}"]
        took = time.process_time() - start
        if took > bound_seconds(len(data)):
            problems.append(f"took {took:.1f} s for {len(data):,} bytes")
        yield f"{seed}-{number} {media_type}", data, problems
        number += 1


def attack_containers(
    form: Form, folder: Path, seconds: float, seed: int
) -> Iterator[tuple[str, bytes, list[str]]]:
    """The same for archives, corpora and crawls: each must end, and tell what it refused."""
    texts = [data for kind, data in seeds_of(form)[:3] if kind == "text/plain"]
    seeds = containers_of(texts)
    stop = time.monotonic() + seconds
    number = 0
    while time.monotonic() < stop:
        random = Random(f"{seed}-container-{number}")
        name, data = random.choice(seeds)
        change = random.choice((mutate, mutate_within))
        data = change(random, data, [other for _, other in seeds])
        path = folder / name
        path.write_bytes(data)
        start = time.process_time()
        problems = []
        try:
            for found in open_container(path, name, ContainerSettings(relevant_terms=())):
                if isinstance(found, Problem) and not found.text.endswith("."):
                    problems.append(f"no sentence: {found.text!r}")
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}")
        took = time.process_time() - start
        if took > bound_seconds(len(data)):
            problems.append(f"took {took:.1f} s for {len(data):,} bytes")
        yield f"{seed}-container-{number} {name}", data, problems
        number += 1


def measure(data: bytes, media_type: str, form: Form) -> float:
    """Seconds of computing that one reading takes."""
    start = time.process_time()
    parse(data, media_type, form)
    return time.process_time() - start


def is_too_slow(size: int, small: float, large: float) -> bool:
    """Whether a document takes more than its size allows, or far more than four times a quarter."""
    return large > bound_seconds(size) or (large > 0.5 and large > 8 * small)


def measure_slow(form: Form) -> Iterator[tuple[str, int, float, float]]:
    """Each document that is made to take long, at a size and four times as large."""
    for name, (media_type, make) in SLOW.items():
        times = []
        for size in (5_000, 20_000):
            data = make(size).encode()
            times.append(measure(data, media_type, form))
        if is_too_slow(len(data), *times):
            # Computing takes longer too where other programs share the processor: what is slow
            # by itself is slow every time.
            again = [measure(make(5_000).encode(), media_type, form) for _ in range(2)]
            times = [max(times[0], *again), min(times[1], measure(data, media_type, form))]
        yield name, len(data), times[0], times[1]


def main() -> int:
    """Run both parts and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    # The PDF library complains of every broken object.
    logging.disable(logging.CRITICAL)
    form = load_form()
    count, bad = 0, 0
    for name, size, small, large in measure_slow(form):
        is_slow = is_too_slow(size, small, large)
        bad += is_slow
        mark = "TOO SLOW " if is_slow else ""
        print(f"{mark}{name}: {size / 1024:,.0f} kB in {large:.2f} s, a quarter in {small:.2f} s")
    folder = tempfile.TemporaryDirectory()
    attacks = chain(
        attack(form, arguments.seconds * 0.7, arguments.seed),
        attack_containers(form, Path(folder.name), arguments.seconds * 0.3, arguments.seed),
    )
    for name, data, problems in attacks:
        count += 1
        if problems:
            bad += 1
            path = Path(tempfile.gettempdir()) / f"gongkai-fuzz-{name.split()[0]}"
            path.write_bytes(data)
            print(f"{name}: {'; '.join(problems[:3])} → {path}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count} documents with seed {arguments.seed}, {bad} bad; at most {peak} MB in memory")
    return int(bad > 0 or peak > 2_000)


if __name__ == "__main__":
    sys.exit(main())
