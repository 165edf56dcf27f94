"""The entry points under fire: changed documents and containers of every format, and documents made to take long.

    .venv/bin/python -m bench.fuzz [--seconds 300] [--seed N]

Each format has the same share of the seconds, of computing. For whatever bytes come: no exception, spans inside the
text, columns as docs/contracts.md has them, and no more time than a fixed part and a part by size.
What breaks this is written to a file with its seed, and the exit status is 1. The same, a few
seconds long, is part of ``make test``.
"""

import argparse
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from dagster_project.containers import ContainerSettings, Problem, open_container
from dagster_project.parsing import limit_memory
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

_MOST_MEBIBYTES = 700
"""That one mutant may take; they have some kilobytes."""


@dataclass(frozen=True)
class Target:
    """One format's way in, and documents of it to begin from."""

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes], list[str]]
    """Reads some bytes as the format; what of the reading breaks its contract."""


@dataclass(frozen=True)
class Attempt:
    """One mutant, and what is wrong with its reading."""

    name: str
    data: bytes
    problems: list[str]


def list_targets(form: Form, folder: Path) -> list[Target]:
    """Every format that is read: documents by their media type, containers by their name."""
    seeds = seeds_of(form)
    kinds: dict[str, list[bytes]] = {}
    for media_type, data in seeds:
        kinds.setdefault(name_format(media_type, data), []).append(data)
    targets = []
    for name, found in kinds.items():
        media_type = next(kind for kind, data in seeds if name_format(kind, data) == name)

        def read(data: bytes, media_type: str = media_type) -> list[str]:
            return problems_of(parse(data, media_type, form), decode(data, media_type).text)

        targets.append(Target(name, tuple(found), read))
    texts = [data for kind, data in seeds[:3] if kind == "text/plain"]
    for name, data in containers_of(texts):

        def unpack(data: bytes, path: Path = folder / name) -> list[str]:
            path.write_bytes(data)
            return problems_in(path)

        targets.append(Target(f"container {name}", (data,), unpack))
    return targets


def name_format(media_type: str, data: bytes) -> str:
    """The media type; of an office file the folder that its parts lie in, of text its encoding."""
    for part, name in ((b"word/", "Word"), (b"xl/", "Excel")):
        if data.startswith(b"PK") and part in data:
            return name
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return f"{media_type} in UTF-16" if is_wide else media_type


def problems_in(path: Path) -> list[str]:
    """What of a container's opening breaks its contract: it must end, and tell what it refused."""
    return [
        f"no sentence: {found.text!r}"
        for found in open_container(path, path.name, ContainerSettings(relevant_terms=()))
        if isinstance(found, Problem) and not found.text.endswith(".")
    ]


def attack(target: Target, others: Sequence[bytes], seconds: float, seed: int) -> Iterator[Attempt]:
    """Mutants of one format until so many seconds of computing are used up."""
    stop = time.process_time() + seconds
    number = 0
    while time.process_time() < stop:
        name = f"{seed}-{target.name}-{number}"
        random = Random(name)
        change = random.choice((mutate, mutate_within))
        data = change(random, random.choice(target.seeds), others)
        start, before = time.process_time(), peak_mebibytes()
        try:
            problems = target.read(data)
        except Exception as error:
            problems = [f"{type(error).__name__}: {error}"]
        took = time.process_time() - start
        if took > bound_seconds(len(data)):
            problems.append(f"took {took:.1f} s for {len(data):,} bytes")
        if peak_mebibytes() > before + _MOST_MEBIBYTES:
            problems.append(f"took {peak_mebibytes() - before:,} MB for {len(data):,} bytes")
        yield Attempt(name, data, problems)
        number += 1


def peak_mebibytes() -> int:
    """The most that this process ever had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


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
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    # The PDF library complains of every broken object.
    logging.disable(logging.CRITICAL)
    # As a worker of a run is limited.
    limit_memory()
    form = load_form()
    count, bad = 0, 0
    for name, size, small, large in measure_slow(form):
        is_slow = is_too_slow(size, small, large)
        bad += is_slow
        mark = "TOO SLOW " if is_slow else ""
        print(f"{mark}{name}: {size / 1024:,.0f} kB in {large:.2f} s, a quarter in {small:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        targets = list_targets(form, Path(folder))
        others = [data for target in targets for data in target.seeds]
        for target in targets:
            tried = 0
            seconds = arguments.seconds / len(targets)
            for attempt in attack(target, others, seconds, arguments.seed):
                tried += 1
                if attempt.problems:
                    bad += 1
                    path = Path(tempfile.gettempdir()) / f"gongkai-fuzz-{arguments.seed}-{bad}"
                    path.write_bytes(attempt.data)
                    print(f"{attempt.name}: {'; '.join(attempt.problems[:3])} → {path}")
            count += tried
            print(f"{target.name}: {tried} documents", flush=True)
    # The largest file that is read at all holds four times as many.
    name, million = "a million labels", SLOW["labels on lines"][1](1_000_000).encode()
    took = measure(million, "text/plain", form)
    bad += took > bound_seconds(len(million))
    print(f"{name}: {len(million) / 1024:,.0f} kB in {took:.2f} s")
    del million
    print(
        f"{count} documents with seed {arguments.seed}, {bad} bad; "
        f"at most {peak_mebibytes()} MB in memory"
    )
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
