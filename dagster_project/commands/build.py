"""``gongkai build``: the job *everything* in this process, and what came of it."""

from __future__ import annotations

import gc
import os
import resource
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from dagster_project.call_stack import with_room_for_calls
from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.disk import advise_on_disk
from dagster_project.settings import Settings, read_settings
from dagster_project.terminal import err, out, safe, stop
from dagster_project.unchanged import find_unchanged_release

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult

STAGES = {
    "start": "Starting Dagster and dbt",
    "parse": "Reading documents",
    "model": "Building and testing models",
    "check": "Checking the sums",
    "publish": "Publishing",
}


class TerminalProgress:
    """Bars of a run; documents come with their rate and the time that is left."""

    def __init__(self) -> None:
        self.bars = Progress(
            TextColumn("{task.description:<28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=err,
            # Drawn often it costs a tenth of a small run; where nobody watches, only the end is.
            auto_refresh=err.is_terminal,
            refresh_per_second=2,
        )
        self.task: TaskID | None = None

    def begin(self, title: str, total: int) -> None:
        self.end()
        self.task = self.bars.add_task(STAGES[title], total=total, rate="", left="")

    def advance(self, count: int = 1) -> None:
        if self.task is None:
            return
        self.bars.advance(self.task, count)
        task = self.bars.tasks[self.task]
        if task.description == STAGES["parse"] and task.elapsed:
            rate = f"{task.completed / task.elapsed:,.0f} documents/s"
            left = timedelta(seconds=int(task.time_remaining or 0))
            self.bars.update(self.task, rate=rate, left=f"{left} left")

    def expect_more(self, count: int) -> None:
        if self.task is not None and count:
            self.bars.update(self.task, total=(self.bars.tasks[self.task].total or 0) + count)

    def tell(self, text: str) -> None:
        err.print(f"[yellow]![/] {safe(text)}", soft_wrap=True)

    def end(self) -> None:
        """The stage is over, whatever was expected of it."""
        if self.task is not None:
            done = self.bars.tasks[self.task].completed
            self.bars.update(self.task, total=done, completed=done, left="")
            self.bars.stop_task(self.task)


def run_build(read_again: str = "") -> None:
    """Run everything, print the closing table; exit 1 where the run or the gate failed.

    Where nothing changed since the current release was made, nothing is run.

    Args:
        read_again: pattern of paths below the landing folder to read although nothing changed.
    """
    settings = read_settings()
    if not settings.landing.is_dir():
        stop(f"There is no landing folder {settings.landing}. Make it, or set GONGKAI_LANDING.")
    release = None if read_again else find_unchanged_release(settings)
    if release:
        out.print(
            f"Nothing changed since release {release}: the same documents, code and settings. "
            "`gongkai build --read-again '*'` makes everything anew all the same."
        )
        print_summary(settings)
        return
    progress = TerminalProgress()
    try:
        os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings))
        with progress.bars:
            progress.begin("start", 1)
            failures = run_everything(settings, progress, read_again)
            progress.end()
    except Exception as error:
        # Dagster's own books lie on that disk too: without room they take down the run.
        failures = [f"{type(error).__name__}: {error}".splitlines()[0]]
        if not advise_on_disk(settings, failures[0]):
            raise
    failures += filter(None, [advise_on_disk(settings, " ".join(failures))])
    err.print(describe_memory(settings), style="dim")
    for failure in failures:
        err.print(f"[bold red]✗[/] {safe(failure)}", soft_wrap=True)
    print_summary(settings)
    if failures:
        stop("Nothing was published; the last release stays current. See `make ui`.", 1)


@with_room_for_calls
def run_everything(settings: Settings, progress: TerminalProgress, read_again: str) -> list[str]:
    """Run the job in this process.

    Returns:
        Why it failed, in sentences; nothing where it succeeded.
    """
    warnings.filterwarnings("ignore")
    # Three frameworks make millions of lasting objects; looking them over costs a
    # twentieth of a run. Only the step that grows with the documents has its garbage collected.
    gc.disable()
    import dagster as dg

    from dagster_project.definitions import build_defs
    from dagster_project.run_lock import end_dead_runs

    defs = build_defs(settings, progress)
    progress.advance()
    instance = dg.DagsterInstance.get()
    end_dead_runs(instance, settings)
    result = defs.resolve_job_def("everything").execute_in_process(
        instance=instance,
        raise_on_error=False,
        run_config={
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            "ops": {"read_documents": {"config": {"read_again": read_again}}},
        },
    )
    failures = list(describe_failures(result))
    if not result.success:
        err.print(f"Log of this run: {safe(settings.logs / f'{result.run_id}.jsonl')}")
        failures = failures or ["The run failed; its log says how."]
    # Nor is it worth seconds to take them apart at the end of the process.
    gc.freeze()
    return failures


def describe_memory(settings: Settings) -> str:
    """The most that this process held, and the largest of those that parsed for it."""
    own, largest = (
        resource.getrusage(who).ru_maxrss / 1024**2
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    parsing = f", a parsing process {largest:.1f} GB" if largest else ""
    limit = f"DuckDB's part is bounded by GONGKAI_MEMORY_LIMIT, {settings.memory_limit}"
    return f"Memory: {own:.1f} GB at most{parsing}. {limit}."


def describe_failures(result: ExecuteInProcessResult) -> Iterator[str]:
    """What an operator has to know of a failed run: failed steps and blocking checks."""
    from dagster_project.notices import describe_failures as describe_failed_steps

    blocked = [
        evaluation
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.blocking and not evaluation.passed
    ]
    for evaluation in blocked:
        yield f"{evaluation.check_name}: {evaluation.description or 'see the run'}"
    # A step fails for its blocking checks too; those are told above.
    told = {"check_the_sums"} if blocked else set()
    yield from describe_failed_steps(e for e in result.all_events if e.step_key not in told)


def print_summary(settings: Settings) -> None:
    """The table that ends a run, one example query, and the documents that could not be used."""
    from dagster_project.summary import read_summary

    summary = read_summary(settings)
    if summary is None:
        return
    table = Table(title="Gongkai 公开", show_header=False, title_justify="left")
    for label, value in summary.rows:
        table.add_row(label, safe(value))
    out.print(table)
    print_unusable(summary.unusable)
    if summary.example_rows:
        out.print(f"[bold]Example[/], on {safe(_short(settings.current_release))}/gongkai.duckdb:")
        out.print(summary.example_sql, style="dim", markup=False)
        example = Table(*map(safe, summary.example_columns))
        for row in summary.example_rows:
            example.add_row(*("" if value is None else safe(value) for value in row))
        out.print(example)


def print_unusable(rows: list[tuple[str, str, str]]) -> None:
    """Documents with error issues, each with its reason."""
    if not rows:
        return
    # Its patterns take long to prepare, and most runs have nothing to mask.
    from dagster_project.masking import mask_personal

    table = Table(
        "document", "issue", "reason", title="Documents with errors", title_justify="left"
    )
    for row in rows:
        table.add_row(*(safe(mask_personal(text)) for text in row))
    out.print(table)


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
