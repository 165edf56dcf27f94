"""The log of a run: lines of JSON, one run's id on each, nothing personal, nothing that steers."""

import json
import logging

import dagster as dg
import pytest

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.run_log import RunLog


@dg.asset
def first(context: dg.AssetExecutionContext) -> None:
    context.log.info("审核人：张三 \x1b[2J")
    context.log.debug("not wanted")


@dg.asset(deps=[first])
def second() -> None:
    raise ValueError("电话 13812345678")


@pytest.fixture
def entries(empty, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_dagster_home(empty)))
    with dg.DagsterInstance.get() as instance:
        result = dg.materialize([first, second], instance=instance, raise_on_error=False)
    (path,) = empty.logs.iterdir()
    assert path.name == f"{result.run_id}.jsonl"
    return result.run_id, [json.loads(line) for line in path.read_text().splitlines()]


def test_one_id_goes_through_every_step(entries):
    run_id, lines = entries
    assert {line["run_id"] for line in lines} == {run_id}
    told = {(line["step"], line["event"]) for line in lines}
    assert {("first", "STEP_SUCCESS"), ("second", "STEP_FAILURE"), ("first", "")} <= told
    assert all(line["time"].endswith("+00:00") and line["level"] for line in lines)


def test_nothing_personal_and_nothing_that_steers_is_logged(entries):
    text = json.dumps(entries[1], ensure_ascii=False)
    assert "张三" not in text and "13812345678" not in text and "■" in text
    assert "\\u001b" not in text and "not wanted" not in text


def test_a_log_that_cannot_be_written_ends_no_run(tmp_path, capsys):
    (tmp_path / "logs").write_text("a file where the folder should be")
    handler = RunLog(str(tmp_path / "logs"))
    for _ in range(2):
        handler.handle(logging.LogRecord("x", logging.INFO, "", 0, "message", (), None))
    told = capsys.readouterr().err
    # Once, in a line: there is a record for every step and table.
    assert told.count("The run's log cannot be written") == 1 == told.count("\n")
