"""The whole job on the sample: green, published, and idle the second time."""

import json
from dataclasses import replace

import dagster as dg
import duckdb
import pytest

from dagster_project.files import hash_file
from dagster_project.unchanged import find_unchanged_release
from expectations.evaluate import evaluate
from expectations.frames import read_frames, read_quarantine
from tests.integration.running import SECRETS, run_job

BLOCKING = {
    "marts/fct_rule_results:facts_give_the_results_that_the_cells_gave",
    "marts/fct_rule_results:every_rule_was_evaluated_once",
    "marts/dim_report:every_figure_read_is_in_a_fact_or_held_back",
    "marts/dim_report:everything_read_arrived",
    "marts/fct_rule_results:release_may_be_published",
}


def query(settings, sql):
    with duckdb.connect(settings.database, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def spoil(settings, sql):
    with duckdb.connect(settings.database) as connection:
        connection.execute(sql)


def test_everything_is_materialized_and_every_promise_kept(built):
    _, run = built
    assert run.success
    assert BLOCKING <= {name for name, passed in run.checks.items() if passed}
    assert "release" in run.asset_keys and len(run.asset_keys) > 60


def test_nothing_is_sent_anywhere(built):
    _, run = built
    assert run.asked == ()
    if not run.was_cut_off:
        pytest.skip("this system does not let us take the network away")
    assert run.success


def test_no_secret_of_the_operator_is_written_down(built):
    settings, _ = built
    assert all("hunter2" in secret for secret in SECRETS.values())
    for path in settings.warehouse.rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes(), path


def test_every_materialization_tells_its_rows(built):
    _, run = built
    silent = [key for key, facts in run.metadata.items() if "dagster/row_count" not in facts]
    assert silent == ["release"]
    assert run.metadata["raw/cells"]["digits_explained_pct"] > 0
    assert "data:image/svg" in run.metadata["raw/reports"]["digits_explained"]


def test_models_tell_the_columns_that_each_column_was_made_from(built):
    lineage = built[1].metadata["marts/fct_outcomes"]["dagster/column_lineage"]
    (source,) = lineage.deps_by_column["report_id"]
    assert source.asset_key.path == ["intermediate", "int_figures_chosen"]
    silent = {
        key
        for key, facts in built[1].metadata.items()
        if key.startswith("marts/") and "dagster/column_lineage" not in facts
    }
    assert not silent


def test_a_failed_check_shows_report_figures_and_source_lines(built):
    check = "marts/fct_claims:the_text_agrees_with_itself_and_the_tables"
    assert built[1].checks[check] is False
    shown = built[1].check_metadata[check]["failures"]
    (row,) = [line for line in shown.splitlines() if "X-NARR-13" in line]
    for part in ("liupanshui", "783 =", "927", "line 26: 2016年", "line 62: 2.政府网站"):
        assert part in row


def test_the_release_is_whole_and_current(built):
    settings, run = built
    current = settings.current_release.resolve()
    manifest = json.loads((current / "manifest.json").read_text())
    assert run.metadata["release"]["version"] == manifest["version"] == current.name
    assert all(hash_file(current / name) == f["sha256"] for name, f in manifest["files"].items())
    schemas = {name.split(".")[0] for name in manifest["row_counts"]}
    assert schemas == {"marts", "reporting", "form"}


def test_a_whole_run_remembers_what_the_release_was_made_of(built):
    settings, _ = built
    assert find_unchanged_release(settings) == settings.current_release.resolve().name


def test_data_docs_are_written(built):
    page = built[0].data_docs / "index.html"
    assert "fct_rule_results__agreement" in page.read_text()


def test_every_failed_rule_of_the_sample_is_a_warning_of_the_source_or_a_lost_table(built):
    found = query(
        built[0],
        "select rule_id, severity, cause from marts.fct_rule_results where result = 'fail'",
    )
    assert found
    for rule_id, severity, cause in found:
        assert (severity, cause) == ("warning", "source") or rule_id == "X-TBL-01"


def test_a_second_run_parses_nothing_and_keeps_the_release(copied):
    before = copied.current_release.resolve().name
    run = run_job(copied)
    assert run.success
    assert run.metadata["raw/documents"]["parsed"] == 0
    assert run.metadata["release"]["is_new"] is False
    assert copied.current_release.resolve().name == before


@pytest.mark.parametrize(
    ("fault", "suite"),
    [
        (
            "update marts.fct_outcomes set outcome_count = outcome_count + 1 "
            "where outcome_code = 'out_total' and applicant_code = 'total'",
            {"fct_rule_results__agreement", "dim_report__conservation"},
        ),
        (
            "delete from marts.fct_requests where applicant_code = 'natural_person'",
            {"fct_rule_results__agreement", "dim_report__conservation"},
        ),
        (
            "delete from intermediate.int_rule_residuals where instance_no in"
            " (from intermediate.int_rule_members select instance_no where rule_id = 'N19-REQ-03')",
            {"fct_rule_results__completeness"},
        ),
        ("delete from marts.fct_plan_tasks where task_no = 7", {"dim_report__layers"}),
    ],
)
def test_a_fault_between_cells_and_facts_is_found(copied, form, fault, suite):
    spoil(copied, fault)
    with duckdb.connect(copied.database, read_only=True) as connection:
        frames = read_frames(connection)
    no_rules = replace(form, rules=())
    failed = {outcome.name for outcome in evaluate(no_rules, frames) if not outcome.passed}
    assert failed == suite


@pytest.mark.parametrize("statement", ["delete from", "update"])
def test_a_report_that_only_one_side_knows_is_found(copied, statement):
    change = {
        "delete from": "delete from marts.dim_report where report_id = (",
        "update": "update marts.fct_outcomes set report_id = 'none-1' where report_id = (",
    }[statement]
    spoil(copied, change + "select min(report_id) from marts.fct_outcomes)")
    with duckdb.connect(copied.database, read_only=True) as connection:
        conservation = read_frames(connection)["conservation"]
    told = conservation[conservation["report_id"] == "none-1"]
    if statement == "update":
        assert told["invented_count"].item() > 0
    assert conservation["lost_count"].sum() > 0


def test_a_fact_that_stands_twice_is_found(copied):
    spoil(
        copied,
        "insert into marts.fct_outcomes from marts.fct_outcomes "
        "where outcome_count = 0 and value_source = 'table' limit 1",
    )
    with duckdb.connect(copied.database, read_only=True) as connection:
        conservation = read_frames(connection)["conservation"]
    assert conservation["invented_count"].sum() == 1


def test_reports_are_compared_alike_however_many_at_a_time(copied):
    # One that 64 bits do not hold once it is counted in millionths.
    spoil(
        copied,
        "update marts.fct_outcomes set outcome_count = 9000000000000000000 "
        "where report_id = (select min(report_id) from marts.fct_outcomes)",
    )
    with duckdb.connect(copied.database, read_only=True) as connection:
        together, apart = read_frames(connection), read_frames(connection, at_once=5)
    assert not together["rules"]["agrees"].all()
    for name, frame in together.items():
        assert frame.equals(apart[name]), name


def test_a_closed_gate_leaves_the_last_release(copied):
    before = copied.current_release.resolve()
    spoil(copied, "delete from marts.fct_plan_tasks where task_no = 7")
    gate = [
        dg.AssetCheckKey(dg.AssetKey(["marts", "dim_report"]), "everything_read_arrived"),
        dg.AssetCheckKey(dg.AssetKey(["marts", "fct_rule_results"]), "release_may_be_published"),
    ]
    run = run_job(copied, dg.AssetSelection.assets("release") | dg.AssetSelection.checks(*gate))
    assert not run.success
    assert run.checks["marts/fct_rule_results:release_may_be_published"] is False
    assert "release" not in run.asset_keys
    assert copied.current_release.resolve() == before


def test_quarantined_tables_are_counted_among_those_read(copied):
    spoil(copied, "update marts.dim_report set quarantined_tables = tables_present")
    with duckdb.connect(copied.database, read_only=True) as connection:
        quarantined, tables = read_quarantine(connection)
    assert quarantined == tables > 0


def test_a_failing_model_ends_the_run_and_names_itself(copied):
    before = copied.current_release.resolve()
    spoil(copied, "alter table stored.tasks drop column task_no")
    run = run_job(copied, dg.AssetSelection.assets(["staging", "stg_annual_report__tasks"]))
    assert not run.success
    assert copied.current_release.resolve() == before


def test_the_asset_graph_is_the_one_that_was_agreed_on():
    """Changed on purpose? Write the new graph with `python tests/integration/graph.py`."""
    from tests.integration.graph import SNAPSHOT, draw_graph

    assert draw_graph() == SNAPSHOT.read_text()
