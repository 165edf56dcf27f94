"""The expectations as asset checks: seen here, decided in ``expectations``.

A failed sum is a warning in the catalogue, since the source may well have printed it so; a broken
promise of the warehouse, or a closed gate, blocks the release.
"""

from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
import duckdb
import polars as pl

from dagster_project.event_log import tell_together
from dagster_project.previews import as_markdown
from dagster_project.progress import Progress
from dagster_project.warehouse import Warehouse
from expectations.evaluate import SuiteOutcome, evaluate
from expectations.frames import read_frames, read_quarantine
from expectations.gate import Decision, decide
from expectations.suites import INTEGRITY, plan_suites
from loaders.form import load_form

GATE = dg.AssetCheckSpec(
    name="release_may_be_published",
    asset=["marts", "fct_rule_results"],
    blocking=True,
    description="Closed where a promise of the warehouse is broken, or where more tables are "
    "quarantined than the limit allows. The last release stays.",
)


def list_specs() -> list[dg.AssetCheckSpec]:
    """One check per suite, and the gate."""
    rules = [
        dg.AssetCheckSpec(
            name=suite.check_name,
            asset=["marts", suite.model],
            description=" ".join(f"{rule.rule_id}: {rule.description_zh}" for rule in suite.rules),
        )
        for suite in plan_suites(load_form())
    ]
    integrity = [
        dg.AssetCheckSpec(
            name=suite.check_name,
            asset=["marts", suite.name.split("__", 1)[0]],
            blocking=True,
            description=suite.meaning,
        )
        for suite in INTEGRITY
    ]
    return [*rules, *integrity, GATE]


def make_checks() -> list[dg.AssetChecksDefinition]:
    """All checks, evaluated in one step: the frames are computed once."""

    @dg.multi_asset_check(name="check_the_sums", specs=list_specs(), can_subset=True)
    def check_the_sums(
        context: dg.AssetCheckExecutionContext,
        warehouse: dg.ResourceParam[Warehouse],
        progress: dg.ResourceParam[Progress],
        run_lock: dg.ResourceParam[None],
    ) -> Iterator[dg.AssetCheckResult]:
        settings = warehouse.settings
        progress.begin("check", 1)
        with warehouse.read() as connection:
            frames = read_frames(connection)
            quarantined, tables = read_quarantine(connection)
        outcomes = evaluate(load_form(), frames, settings.data_docs)
        with warehouse.read() as connection:
            outcomes = [show_source_lines(connection, outcome) for outcome in outcomes]
        decision = decide(outcomes, quarantined, tables, settings.max_quarantined_pct)
        results = [
            *map(report_outcome, outcomes),
            report_decision(decision, quarantined, tables),
        ]
        selected = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
        wanted = [r for r in results if (r.asset_key, r.check_name) in selected]
        yield from tell_together(context.instance, wanted)
        progress.advance()

    return [check_the_sums]


_LONGEST_EVIDENCE = 400
"""Characters of a table cell that shows why a check failed."""
_SOURCE_LINES = """
    select
        failures.no,
        string_agg('line ' || line_no || ': ' || left(passage, 120), ' ' order by line_no)
    from failures
    cross join lateral (
        select distinct line_no, passage from reporting.source_passages as passages
        where
            passages.report_id = failures.report_id
            and list_contains(
                regexp_extract_all(failures.operands, '[a-z][a-z0-9_]+'), passages.indicator_code
            )
    )
    group by failures.no
"""


def show_source_lines(connection: duckdb.DuckDBPyConnection, outcome: SuiteOutcome) -> SuiteOutcome:
    """The outcome with the masked lines that the figures of each failure were read from."""
    failures = pl.DataFrame(
        [
            (no, failure.get("report_id"), failure.get("operands"))
            for no, failure in enumerate(outcome.failures)
        ],
        schema={"no": pl.Int64, "report_id": pl.String, "operands": pl.String},
        orient="row",
    )
    if not failures["operands"].drop_nulls().len():
        return outcome
    connection.register("failures", failures)
    lines = dict(connection.execute(_SOURCE_LINES).fetchall())
    connection.unregister("failures")
    shown = (
        {**failure, "source": lines.get(no, "")} for no, failure in enumerate(outcome.failures)
    )
    return replace(outcome, failures=tuple(shown))


def report_outcome(outcome: SuiteOutcome) -> dg.AssetCheckResult:
    """A suite's outcome with the reports, rules and figures that failed."""
    columns = list(dict.fromkeys(name for row in outcome.failures for name in row))
    rows = [[row.get(name) for name in columns] for row in outcome.failures]
    return dg.AssetCheckResult(
        asset_key=["marts", outcome.model],
        check_name=outcome.check_name,
        passed=outcome.passed,
        severity=(
            dg.AssetCheckSeverity.ERROR if outcome.is_integrity else dg.AssetCheckSeverity.WARN
        ),
        description=outcome.meaning or None,
        metadata={
            "suite": outcome.name,
            "evaluated": outcome.evaluated_count,
            "failed": outcome.failure_count,
            "failures": dg.MetadataValue.md(as_markdown(columns, rows, _LONGEST_EVIDENCE)),
        },
    )


def report_decision(decision: Decision, quarantined: int, tables: int) -> dg.AssetCheckResult:
    """The gate as a check."""
    return dg.AssetCheckResult(
        asset_key=GATE.asset_key,
        check_name=GATE.name,
        passed=decision.may_publish,
        severity=dg.AssetCheckSeverity.ERROR,
        description=" ".join(decision.reasons) or None,
        metadata={"quarantined_tables": quarantined, "tables": tables},
    )
