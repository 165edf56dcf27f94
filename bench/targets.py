"""Each target as a ratio of two measurements of the same run, side by side.

    python -m bench.targets 2000 --folder DIR            print the table
    python -m bench.targets 2000 --folder DIR --write    and put it into bench/README.md

Draws a country of so many reports (mixed layouts, both scripts, 5 % with planted errors) into the folder, or takes
the one that lies there. CPU seconds are compared, children included, but for the pool, which is compared by the clock.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from bench.analyst import read_analyst
from bench.country.__main__ import draw
from bench.country.corpus import Plan
from bench.country.profile import run_steps, used_cpu
from bench.floor import read_floor
from bench.report import replace_section
from bench.startup import measure_starts
from dagster_project.landing import LandedFile, sign_folder
from dagster_project.load import current_reader
from dagster_project.parsing import Reading, load_dictionary, read_document, settle_process, work
from dagster_project.settings import PROJECT, Settings
from dagster_project.store import Batch, RawStore, gather, shape_batch
from dagster_project.unchanged import remember_run
from dagster_project.upgrade import upgrade
from dagster_project.warehouse import create_database
from loaders.frames import to_cell_frame
from loaders.parse import read_cells

_AT_ONCE = 256
"""Documents of one part."""
_LONGEST_LOADED = 20_000
"""Documents whose rows are held in memory to be loaded at once; more say the same."""


class Ratio(NamedTuple):
    """One row of the table."""

    name: str
    value: float
    must: float | None
    """``None`` for what has no target and is told beside one that has."""
    aim: float | None
    more_is_better: bool
    measured: str

    @property
    def verdict(self) -> str:
        for word, limit in (("aim", self.aim), ("must", self.must)):
            if limit is None:
                return "-"
            if self.value >= limit if self.more_is_better else self.value <= limit:
                return word
        return "no"


def main() -> None:
    """Measure everything that a corpus of this size can tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=int)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    settings = Settings(warehouse=folder / "warehouse", landing=folder / "landing")
    if not settings.landing.is_dir():
        draw(Plan(arguments.reports), folder)
    documents = read_corpus(settings.landing)
    ratios = []
    for measured in (
        compare_parsing(documents),
        compare_pool(documents),
        compare_loading(documents[:_LONGEST_LOADED], folder),
        compare_build(settings, len(documents)),
        compare_start(),
    ):
        for ratio in measured:
            ratios.append(ratio)
            print(as_row(ratio), flush=True)
    if arguments.write:
        text = as_table(ratios, arguments.reports, len(documents))
        replace_section(PROJECT / "bench" / "README.md", "targets", text)


def read_corpus(landing: Path) -> list[LandedFile]:
    """The documents of the drawn country."""
    texts = pl.read_parquet(landing / "country" / "*.parquet")["text"]
    data = (text.encode() for text in texts)
    return [
        LandedFile(hashlib.sha256(each).hexdigest(), f"{number}", len(each), each, "text/plain")
        for number, each in enumerate(data)
    ]


def compare_parsing(documents: Sequence[LandedFile]) -> Iterator[Ratio]:
    """The parser against the least that any must do, and against an analyst's; in turn, some at a time.

    The floor and the analyst know of cells alone: so they are compared with the part of the parser that yields
    the cells, and the whole reading (prose, bodies, sections, passages, issues) stands beside it.
    """
    dictionary = load_dictionary()
    settle_process()
    written: dict[str, pl.DataFrame] = {}

    def write(frames: dict[str, pl.DataFrame]) -> None:
        for frame in frames.values():
            frame.write_parquet(io.BytesIO())

    def read_all_cells(chunk: Sequence[LandedFile]) -> None:
        found = (
            read_cells(file.data or b"", file.media_type, dictionary.form, file.document_id)
            for file in chunk
        )
        written["cells"] = to_cell_frame(found)
        write(written)

    def read_everything(chunk: Sequence[LandedFile]) -> None:
        frames = shape_batch([read_document(file, dictionary) for file in chunk]).frames
        write(frames)
        if not frames["cells"].equals(written["cells"]):
            raise AssertionError("the cells are not those of the whole reading")

    def read_least(chunk: Sequence[LandedFile]) -> None:
        for file in chunk:
            read_floor(file.data or b"")

    def read_plainly(chunk: Sequence[LandedFile]) -> None:
        rows = [row for file in chunk for row in read_analyst(file.data or b"")]
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(io.BytesIO())

    # In this order: what the second one reads of a document was read by the first one too.
    spent = dict.fromkeys((read_all_cells, read_everything, read_least, read_plainly), 0.0)
    for at in range(0, len(documents), _AT_ONCE):
        for step in spent:
            spent[step] += _cpu_of(lambda step=step, at=at: step(documents[at : at + _AT_ONCE]))
    cells, everything, floor, analyst = (1e6 * s / len(documents) for s in spent.values())
    yield Ratio(
        "cells to Parquet, documents per CPU second, against the floor",
        *(floor / cells, 0.30, 0.50, True),
        f"{cells:,.0f} µs a document, floor {floor:,.0f} µs",
    )
    yield Ratio(
        "the same against an analyst's plain Python",
        *(analyst / cells, 1.5, 2.5, True),
        f"analyst {analyst:,.0f} µs",
    )
    yield Ratio(
        "everything (prose, bodies, sections, passages too) to Parquet, against the floor",
        *(floor / everything, None, None, True),
        f"{everything:,.0f} µs a document; the floor and the analyst do nothing of it",
    )


def compare_pool(documents: Sequence[LandedFile]) -> Iterator[Ratio]:
    """Two workers against one, by the clock; and what the largest of them took."""

    def read(count: int) -> tuple[float, int]:
        began = time.perf_counter()
        peak = 0
        with work(120.0, count, _shape_and_measure) as workers:
            for _, kilobytes in workers.read(documents):
                peak = max(peak, kilobytes)
        return time.perf_counter() - began, peak

    (one, _), (two, peak) = read(1), read(2)
    yield Ratio(
        f"2 workers against 1, {len(documents):,} documents",
        *(one / two, 1.5, 1.8, True),
        f"{one:,.1f} s and {two:,.1f} s by the clock",
    )
    yield Ratio("memory of a worker, MB", peak / 1024, 350, 250, False, "most that was resident")


def _shape_and_measure(readings: list[Reading]) -> tuple[Batch, int]:
    """The rows of some readings, and the kilobytes that this worker ever held."""
    status = Path("/proc/self/status").read_text()
    return shape_batch(readings), int(status.split("VmHWM:")[1].split()[0])


def compare_loading(documents: Sequence[LandedFile], folder: Path) -> Iterator[Ratio]:
    """The raw layer against a plain insert of the same rows; one in a hundred replaced against all."""
    dictionary = load_dictionary()
    batches = [
        shape_batch([read_document(file, dictionary) for file in documents[at : at + 200]])
        for at in range(0, len(documents), 200)
    ]
    again = [shape_batch([read_document(file, dictionary) for file in documents[::100]])]
    (whole,) = gather(batches, len(documents) + 1)
    ours, plain = (folder / f"{name}.duckdb" for name in ("ours", "plain"))
    for path in (ours, plain):
        create_database(path)

    def insert() -> None:
        with duckdb.connect(plain) as connection:
            for name, frame in whole.frames.items():
                connection.register("incoming", frame)
                connection.execute(f"create table {name} as select * from incoming limit 0")
                connection.execute(f"insert into {name} select * from incoming")

    def load(batches: Sequence[Batch]) -> None:
        with duckdb.connect(ours) as connection:
            connection.begin()
            upgrade(connection)
            store = RawStore(connection)
            store.prepare(current_reader())
            for batch in gather(batches, Settings().batch_documents):
                store.add(batch.frames)
            store.remove_except(file.document_id for file in documents)
            store.replace_locations(documents)
            connection.commit()

    try:
        plainly, loaded = _cpu_of(insert), _cpu_of(lambda: load(batches))
        replaced = _cpu_of(lambda: load(again))
    finally:
        for path in (ours, plain):
            path.unlink(missing_ok=True)
    yield Ratio(
        "loading all rows, against a plain insert of them",
        *(loaded / plainly, 1.5, 1.15, False),
        f"{loaded:.2f} s and {plainly:.2f} s of CPU, {len(documents):,} documents",
    )
    yield Ratio(
        "replacing 1 % of the documents, against a full load",
        *(replaced / loaded, 0.25, 0.15, False),
        f"{replaced:.2f} s of CPU",
    )


_RULE_MODELS = {
    "int_reports_signed",
    "int_signature_members",
    "int_rule_coverage",
    "int_rule_members",
    "int_rule_terms_expanded",
    "int_kinds_wanted",
    "int_operands_gathered",
    "int_operands_available",
    "int_operands_met",
    "int_rule_residuals",
    "int_results_told",
    "fct_rule_results",
}
_ONE_PASS = """
    create temp table residuals as
    select
        report_key,
        instance_no,
        sum(case when role = 'left' then coefficient * value else -coefficient * value end)
            as residual,
        count(value) as figure_count
    from intermediate.int_cells_conformed as cells
    inner join intermediate.int_rule_terms_expanded as terms
        on
            cells.indicator_code = terms.indicator_code
            and cells.column_code = terms.part_code
    where cells.occurrence_no = 1 and terms.operand = 'cell' and terms.body = 'self'
    group by all
"""


def compare_build(settings: Settings, document_count: int) -> Iterator[Ratio]:
    """Rules, expectations, bytes and a second run, of a warehouse that is built now."""
    for path in (settings.database, settings.run_signature):
        path.unlink(missing_ok=True)
    clock = run_steps(settings)
    with duckdb.connect(settings.database, read_only=True) as connection:
        one_pass = _cpu_of(lambda: connection.execute(_ONE_PASS))
        (cell_count,) = connection.execute("select count(*) from raw.cells").fetchone() or (0,)
    rules = sum(step.seconds for step in clock.steps if step.name in _RULE_MODELS)
    suites, again = (
        sum(step.seconds for step in clock.steps if step.name == name)
        for name in ("evaluate", "read_frames")
    )
    yield Ratio(
        "all rules, against one pass of SQL over the table of terms",
        *(rules / one_pass, 2.0, 1.3, False),
        f"{rules:.1f} s and {one_pass:.1f} s of CPU; the pass has no prose, no causes, no members",
    )
    yield Ratio(
        "Great Expectations above import, against the same pass",
        *(suites / one_pass, 1.5, 1.0, False),
        f"{suites:.1f} s of CPU; frames are handed over and evaluated, Data Docs are written",
    )
    yield Ratio(
        "the same with all results computed again from the facts and compared",
        *((suites + again) / one_pass, 1.5, 1.0, False),
        f"{suites + again:.1f} s of CPU",
    )
    whole, kept = settings.database.stat().st_size, _measure_kept(settings)
    yield Ratio(
        "bytes a cell of raw and marts, rule results included",
        *(kept / cell_count, 40, 20, False),
        f"{kept / 1e6:,.0f} MB, {cell_count:,} cells; {whole / 1e6:,.0f} MB with all that they are made by",
    )
    reading = clock.total("parse and load")
    settings.landing_signature.write_text(sign_folder(settings.landing))
    remember_run(settings)
    environment = os.environ | {
        "GONGKAI_WAREHOUSE": str(settings.warehouse),
        "GONGKAI_LANDING": str(settings.landing),
    }

    def gongkai(*arguments: str) -> None:
        command = [sys.executable, "-m", "dagster_project.cli", *arguments]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    start, again = _cpu_of(lambda: gongkai("--help")), _cpu_of(lambda: gongkai("build"))
    yield Ratio(
        "unchanged run above its start, against reading everything",
        *((again - start) / reading, 0.10, 0.05, False),
        f"{again - start:.1f} s and {reading:.1f} s of CPU",
    )
    for stage in ("parse and load", "dbt models", "dbt tests", "publish"):
        seconds = clock.total(stage)
        print(
            f"{stage}: {seconds:.1f} s of CPU, {1000 * seconds / document_count:.2f} ms a document"
        )


def _measure_kept(settings: Settings) -> int:
    """Bytes in the file of the raw layer, the marts, and the tables that `fct_rule_results` is a view of."""
    path = settings.warehouse / "kept.duckdb"
    shutil.copy(settings.database, path)
    with duckdb.connect(path) as connection:
        others = connection.execute(
            """
            select schema_name, table_name from duckdb_tables()
            where
                not internal
                and schema_name not in ('raw', 'stored', 'marts')
                and table_name not in ('int_rule_residuals', 'int_results_told')
            """
        ).fetchall()
        for schema, table in others:
            connection.execute(f"drop table {schema}.{table}")
        connection.execute("checkpoint")
        size = connection.execute("select used_blocks * block_size from pragma_database_size()")
        (byte_count,) = size.fetchone() or (0,)
    path.unlink()
    return byte_count


def compare_start() -> Iterator[Ratio]:
    """A whole run on the sample against the bare starts of its tools."""
    starts, full, _, steps = measure_starts()
    floor = sum(cost.cpu for cost in starts.values())
    yield Ratio(
        "a whole run on the sample, against the bare starts of its tools",
        *(full.cpu / floor, 1.3, 1.1, False),
        f"{full.cpu:.1f} s and {floor:.1f} s of CPU",
    )
    yield Ratio(
        "of it the start proper, until the code of the first asset runs",
        *(steps["start"].cpu / floor, None, None, False),
        f"{steps['start'].cpu:.1f} s of CPU; dbt and Great Expectations are imported in their steps",
    )


def _cpu_of(step: Callable[[], object]) -> float:
    gc.collect()
    before = used_cpu()
    step()
    return used_cpu() - before


def as_row(ratio: Ratio) -> str:
    """One line of the table."""
    sign = "≥" if ratio.more_is_better else "≤"
    limits = ("-" if limit is None else f"{sign} {limit:g}" for limit in (ratio.must, ratio.aim))
    return (
        f"| {ratio.name} | {ratio.value:,.2f} | {' | '.join(limits)} "
        f"| {ratio.verdict} | {ratio.measured} |"
    )


def as_table(ratios: Sequence[Ratio], reports: int, documents: int) -> str:
    """The table with the machine it was measured on."""
    lines = [
        "| ratio | measured | must | aim | met | |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars", "dbt-core"))
    lines += map(as_row, ratios)
    lines += [
        "",
        f"`python -m bench.targets {reports}`, {documents:,} documents; Python "
        f"{platform.python_version()}, {versions}, {os.cpu_count()} cores of {platform.machine()}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
