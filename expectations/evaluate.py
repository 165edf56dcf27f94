"""Runs the suites with Great Expectations and tells what came of each.

The only module that talks to Great Expectations at run time. It works on frames alone: no database
is open while it runs. Nothing is sent anywhere and nothing is stored but the Data Docs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.late_imports import importing_late
from expectations.suites import (
    INTEGRITY,
    IntegritySuite,
    RuleSuite,
    expect_integrity,
    expect_rule,
    plan_suites,
)
from loaders.form import Form

if TYPE_CHECKING:
    import pandas as pd

_KEY = ["report_id", "document", "scope_code"]
_SHOWN = 50
"""Failing rows kept per suite; all of them are in fct_rule_results."""


@dataclass(frozen=True)
class SuiteOutcome:
    """What one suite found."""

    name: str
    model: str
    check_name: str
    is_integrity: bool
    passed: bool
    evaluated_count: int
    failure_count: int
    severity: str
    """The worst severity among the rules that failed; ``''`` where none did."""
    meaning: str
    failures: tuple[Mapping[str, Any], ...] = field(default=())
    """Rows that show the first failures: report, rule, figures."""

    @property
    def first_document(self) -> str:
        return str(self.failures[0].get("document") or "no document") if self.failures else ""


def evaluate(
    form: Form, frames: Mapping[str, pd.DataFrame], data_docs: Path | None = None
) -> list[SuiteOutcome]:
    """Validate all frames against all suites.

    Args:
        form: the dictionary that the suites are built from.
        frames: as ``expectations.frames.read_frames`` gives them.
        data_docs: folder to write the Data Docs to, replacing what was there; none where not given.
    """
    context = _make_context(data_docs)
    source = context.data_sources.add_pandas("marts")
    run_id = _name_run()

    def validate(name: str, frame: pd.DataFrame, expectations: Sequence) -> dict[str, Any]:
        asset = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
        batch = asset.get_batch({"dataframe": frame})
        result = _validate(batch, name, expectations, _key_of(frame))
        if data_docs is not None:
            _store(context, result, run_id)
        return {found.expectation_config.kwargs["column"]: found for found in result.results}

    rules = frames["rules"]
    residuals = _spread(rules, [rule.rule_id for rule in form.rules])
    held = validate("rules", residuals, [expect_rule(rule) for rule in form.rules])
    outcomes = [
        _judge_rules(suite, [held[rule.rule_id] for rule in suite.rules], rules)
        for suite in plan_suites(form)
    ]
    for integrity in INTEGRITY:
        frame = frames[integrity.frame]
        kept = validate(integrity.name, frame, expect_integrity(integrity))
        outcomes.append(_judge_integrity(integrity, list(kept.values()), frame))
    if data_docs is not None:
        context.build_data_docs()
    return outcomes


def _spread(rules: pd.DataFrame, rule_ids: Sequence[str]) -> pd.DataFrame:
    """One row per report and member of a scope, one column of residuals per rule.

    Great Expectations filters rows 20 times slower than it reads columns.
    """
    own = rules[rules["rule_id"].isin(rule_ids)]
    spread = own.pivot(index=_KEY, columns="rule_id", values="residual")
    return spread.reindex(columns=rule_ids).reset_index()


def _make_context(data_docs: Path | None):
    # Read by its analytics module on import; the project must not depend on a user's home.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with importing_late("scipy.stats", "altair"):
        import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
    )

    sites = {}
    if data_docs is not None:
        shutil.rmtree(data_docs, ignore_errors=True)
        sites["gongkai"] = {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(data_docs),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
    configuration = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites=sites,
        analytics_enabled=False,
        progress_bars={"globally": False},
    )
    return gx.get_context(mode="ephemeral", project_config=configuration)


def _validate(batch, name: str, expectations: Sequence, key: list[str]):
    """All expectations over one frame; with the rows at fault for those that failed."""
    import great_expectations as gx

    def run(expectations: Sequence, detail: str | dict):
        suite = gx.ExpectationSuite(name=name, expectations=list(expectations))
        return batch.validate(suite, result_format=detail)

    result = run(expectations, "BOOLEAN_ONLY")
    failed = {r.expectation_config.kwargs["column"] for r in result.results if not r.success}
    if failed:
        # Details cost half of the time, and are wanted only where something fails.
        detail = {"result_format": "COMPLETE", "unexpected_index_column_names": key}
        told = run([e for e in expectations if e.column in failed], detail).results
        result.results = told + [r for r in result.results if r.success]
    return result


def _name_run():
    from great_expectations.core.run_identifier import RunIdentifier

    return RunIdentifier(run_time=datetime.now(UTC))


def _store(context, result, run_id) -> None:
    """Put a result where the Data Docs are made from."""
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    result.meta["run_id"] = run_id
    suite = ExpectationSuiteIdentifier(name=result.suite_name)
    key = ValidationResultIdentifier(suite, run_id=run_id, batch_identifier=result.batch_id)
    context.validation_results_store.set(key, result)


def _key_of(frame: pd.DataFrame) -> list[str]:
    keys = ("report_id", "document", "rule_id", "scope_code", "operands", "thing")
    return [column for column in keys if column in frame.columns]


def _judge_rules(suite: RuleSuite, results: Sequence, rules: pd.DataFrame) -> SuiteOutcome:
    by_id = {rule.rule_id: rule for rule in suite.rules}
    failed = [r.expectation_config.meta["rule_id"] for r in results if not r.success]
    severities = {by_id[rule_id].severity for rule_id in failed}
    own = rules[rules["rule_id"].isin(by_id)]
    return SuiteOutcome(
        name=suite.name,
        model=suite.model,
        check_name=suite.check_name,
        is_integrity=False,
        passed=not failed,
        evaluated_count=int(own["evaluated_count"].sum()),
        failure_count=sum(map(_count_failures, results)),
        severity=next((s for s in ("error", "warning", "info") if s in severities), ""),
        meaning="; ".join(f"{rule_id} {by_id[rule_id].description_zh}" for rule_id in failed),
        failures=_collect_failures(results, own),
    )


def _judge_integrity(suite: IntegritySuite, results: Sequence, frame: pd.DataFrame) -> SuiteOutcome:
    passed = all(result.success for result in results)
    return SuiteOutcome(
        name=suite.name,
        model=suite.name.split("__", 1)[0],
        check_name=suite.check_name,
        is_integrity=True,
        passed=passed,
        evaluated_count=int(frame["row_count"].sum()) if "row_count" in frame else len(frame),
        failure_count=sum(_count_failures(result) for result in results),
        severity="" if passed else "error",
        meaning=suite.meaning,
        failures=_collect_failures(results),
    )


def _count_failures(result) -> int:
    if result.exception_info.get("raised_exception"):
        return 1
    return int(result.result.get("unexpected_count") or 0)


def _collect_failures(
    results: Sequence, rules: pd.DataFrame | None = None
) -> tuple[Mapping[str, Any], ...]:
    rows: list[Mapping[str, Any]] = []
    for result in results:
        if result.success:
            continue
        # An expectation that broke counts as a failure, and must say that it broke.
        error = result.exception_info.get("exception_message")
        if error:
            rows.append({"error": error})
        found = result.result.get("unexpected_index_list") or []
        if rules is not None:
            found = _quote_rule(found[:_SHOWN], result, rules)
        rows += found
        if len(rows) >= _SHOWN:
            break
    return tuple(rows[:_SHOWN])


def _quote_rule(
    rows: Sequence[Mapping[str, Any]], result, rules: pd.DataFrame
) -> list[Mapping[str, Any]]:
    """Failing rows with the figures that the rule compared there."""
    rule_id = result.expectation_config.meta["rule_id"]
    own = rules[rules["rule_id"] == rule_id]
    columns = ["document", "report_id", "rule_id", "scope_code", "operands", "cause"]
    places = {(row["report_id"], row["scope_code"]): row for row in own[columns].to_dict("records")}
    return [places[row["report_id"], row["scope_code"]] for row in rows]
