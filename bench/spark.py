"""What finding and parsing on a cluster costs: two workers on this machine, CPU seconds of everything.

    nice .venv/bin/python -m bench.spark REPORTS.parquet [--records N] [--write]

REPORTS.parquet is drawn by `python -m bench.country` (column text). Three runs: one of a single record, which is the start;
one of drawn web text without a report, which is the filter; one of the reports, which is the parser. CPU is that of all
processes, JVMs included, without that of the start. --write puts the table into bench/README.md.
"""

import argparse
import gzip
import io
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import polars as pl
from warcio.warcwriter import WARCWriter

from bench.report import replace_section
from distributed.run import describe_surroundings, prepare_environment

ROOT = Path(__file__).resolve().parents[1]
MASTER = "local-cluster[2,1,1024]"
FILES = 8
WORDS = 4_000
LETTERS = "etaoinshrdlucmfwypvbgk"


@dataclass(frozen=True)
class Measured:
    """One run: what it read, what all of its processes computed, and what it says itself."""

    cpu_seconds: float
    wall_seconds: float
    packed_mb: float
    unpacked_mb: float
    report: dict


def draw_noise(random: Random, records: int) -> Iterator[str]:
    """Pages of web text of about 5 kB, one in twelve of them Chinese; no word is a term of the filter."""
    latin = ["".join(random.choices(LETTERS, k=random.randint(2, 9))) for _ in range(WORDS)]
    chinese = [
        "".join(chr(random.randrange(0x4E00, 0x9000)) for _ in range(2)) for _ in range(WORDS)
    ]
    for number in range(records):
        words, joint = (chinese, "") if number % 12 == 0 else (latin, " ")
        picked = random.choices(words, k=random.randint(200, 1400))
        yield "\n".join(joint.join(picked[at : at + 12]) for at in range(0, len(picked), 12))


def write_wet(folder: Path, texts: Iterable[str], files: int) -> float:
    """Write texts as extracted text of a crawl, in turn into so many files; megabytes of text."""
    folder.mkdir(parents=True)
    buffers = [io.BytesIO() for _ in range(files)]
    writers = [WARCWriter(buffer, gzip=False) for buffer in buffers]
    size = 0
    for number, text in enumerate(texts):
        data = text.encode()
        size += len(data)
        writer = writers[number % files]
        writer.write_record(
            writer.create_warc_record(
                f"http://a/{number}",
                "conversion",
                payload=io.BytesIO(data),
                warc_content_type="text/plain",
            )
        )
    for number, buffer in enumerate(buffers):
        path = folder / f"{number:05}.warc.wet.gz"
        path.write_bytes(gzip.compress(buffer.getvalue(), 6))
    return size / 1e6


def measure(program: Path, folder: Path, unpacked_mb: float) -> Measured:
    """Run the job on a folder of crawls."""
    output = folder.parent / "out" / f"{folder.name}.parsed"
    told = describe_surroundings(program, MASTER, ["spark.executor.cores=1"])
    told["GONGKAI_WAREHOUSE"] = str(folder.parent)
    command = [str(program), "-m", "distributed", str(folder), "--output", str(output)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, env=told, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    packed = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    return Measured(cpu, wall, packed, unpacked_mb, json.loads((output / "run.json").read_text()))


def as_table(start: Measured, noise: Measured, reports: Measured) -> str:
    """The figures that docs/scaling.md reckons with."""
    finding, parsing = noise.report["finding"], reports.report["parsing"]
    filter_cpu, parse_cpu = (run.cpu_seconds - start.cpu_seconds for run in (noise, reports))
    records, documents = noise.report["records"], reports.report["documents"]
    rows = [
        ("start, check of the workers, manifest", "", f"{start.cpu_seconds:.1f} s", "", ""),
        (
            "finding: WET without a report",
            f"{records:,} records, {noise.unpacked_mb:.0f} MB of text, {noise.packed_mb:.0f} MB packed",
            f"{filter_cpu:.1f} s",
            f"{records / filter_cpu:,.0f} records/s, {noise.unpacked_mb / filter_cpu:.0f} MB/s of text",
            f"{finding['records_per_cpu_second']:,.0f} records/s",
        ),
        (
            "parsing: reports only",
            f"{documents:,} documents, {reports.unpacked_mb:.0f} MB of text",
            f"{parse_cpu:.1f} s",
            f"{documents / parse_cpu:,.0f} documents/s",
            f"{parsing['documents_per_cpu_second']:,.0f} documents/s",
        ),
    ]
    lines = [
        "| step | input | CPU, all processes | a CPU second of all | a CPU second of Python |",
        "| --- | --- | ---: | ---: | ---: |",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        f"Largest partition against the median: {finding['skew']['records']['largest_to_median']} when finding, "
        f"{parsing['skew']['documents']['largest_to_median']} when parsing. "
        f"`python -m bench.spark`, {MASTER}, Python {platform.python_version()}, {os.cpu_count()} cores.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Draw, run three times, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--records", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    program = prepare_environment()
    texts = pl.read_parquet(arguments.reports, columns=["text"])["text"].to_list()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = [
            write_wet(folder / "start", texts[:1], 1),
            write_wet(
                folder / "noise", draw_noise(Random(arguments.seed), arguments.records), FILES
            ),
            write_wet(folder / "reports", texts, FILES),
        ]
        runs = []
        for step, size in zip(("start", "noise", "reports"), sizes, strict=True):
            runs.append(measure(program, folder / step, size))
            print(
                step,
                f"{runs[-1].cpu_seconds:.1f} s of CPU, {runs[-1].wall_seconds:.0f} s",
                flush=True,
            )
    table = as_table(*runs)
    print(table)
    if arguments.write:
        replace_section(ROOT / "bench" / "README.md", "spark", table)


if __name__ == "__main__":
    sys.exit(main())
