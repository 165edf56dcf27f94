"""How long the questions take that people ask: the cookbook's, the charts' and looking things up.

    python -m bench.queries FOLDER           every question of the release or warehouse in the folder
    python -m bench.queries FOLDER --write   and the table into bench/README.md

Each is asked once to warm up and then five times, on two threads, its answer fetched as a whole; the median
counts. On a machine shared with others the clock tells too much, and the CPU of two threads together is never less
than what the clock would tell on a quiet one: the smaller of the two is what a question takes at most.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import yaml

from bench.report import replace_section
from dagster_project.settings import PROJECT

TARGET_MS = 200
ROUNDS = 5
_SHOWN = 1_000
"""Rows that a BI tool asks for at a time."""
_CHARTS = PROJECT / "bi" / "metabase" / "content.yaml"
_RECIPE = re.compile(r"^## (\d+\. [ -~]+)[^\n]*\n.*?```sql\n(.*?)```", re.MULTILINE | re.DOTALL)
_LOOKED_UP_BY = (
    *("report_id", "publisher_name", "region_code", "report_year"),
    *("metric_code", "series_code", "rule_id", "form_id"),
)
# What a study takes whole: one figure of all regions, through the years or in one.
_PANELS = {
    "requests of all regions, all years": """
        select region_code, report_year, value, is_series_break from reporting.series
        where is_region_report and series_code = 'ts_requests_new' and applicant_code = 'total'
    """,
    "disclosure rate of all regions, all years": """
        select region_code, report_year, value, comparable_from_year from reporting.metrics
        where is_region_report and metric_code = 'disclosure_rate' and value is not null
    """,
    "outcomes of the prefectures of a year": """
        select region_name_zh, series_zh, outcome_count from reporting.outcomes_long
        where region_level = 'prefecture' and report_year = 2020 and is_region_report
            and is_all_applicants
    """,
    "figures of a fact in a year": """
        select indicator_code, count(*), sum(value) from reporting.figures
        inner join marts.dim_report using (report_id)
        where fact = 'fct_requests' and report_year = 2020 and is_canonical
        group by indicator_code
    """,
    "the lines behind a figure of one region": """
        select report_year, document, line_no, value, passage from reporting.source_passages
        inner join marts.dim_report using (report_id)
        where region_code = '330100' and indicator_code = 'req_new' and column_code = 'total'
    """,
    "rules that fail, by province": """
        select overview.province_code, failures.rule_id, count(*)
        from reporting.rule_failures as failures
        inner join reporting.report_overview as overview using (report_id)
        group by all
    """,
}


class Question(NamedTuple):
    """Something asked of ``marts`` and ``reporting``."""

    kind: str
    name: str
    sql: str


class Cost(NamedTuple):
    """Medians of several rounds, in milliseconds, and the rows of the answer."""

    clock: float
    cpu: float
    rows: int

    @property
    def at_most(self) -> float:
        return min(self.clock, self.cpu)


def list_questions(connection: duckdb.DuckDBPyConnection) -> Iterator[Question]:
    """All questions, in the order of the table."""
    cookbook = (PROJECT / "docs" / "cookbook.md").read_text(encoding="utf-8")
    for name, sql in _RECIPE.findall(cookbook):
        yield Question("cookbook", name.strip(), sql)
    content = yaml.safe_load(_CHARTS.read_text(encoding="utf-8"))
    models = {model["name"]: model["table"] for model in content["models"]}
    schemas = dict(
        connection.execute(
            "select table_name, table_schema from information_schema.tables"
        ).fetchall()
    )
    for chart in content["questions"]:
        table = models[chart["model"]]
        if table not in schemas:  # a warehouse does not know of its release
            continue
        yield Question("chart", chart["name"], write_chart(f"{schemas[table]}.{table}", chart))
    for name, sql in _PANELS.items():
        yield Question("panel", name, sql)
    yield from list_lookups(connection)


def write_chart(relation: str, chart: Mapping[str, Any]) -> str:
    """The SQL that a BI tool writes for a chart of ``content.yaml``."""
    groups = list(chart.get("by", ()))
    columns = groups + list(chart.get("columns", ()))
    for function, *arguments in chart.get("aggregations", ()):
        columns.append(f"{function}({', '.join(arguments) or '*'})")
    conditions = []
    for operator, column, *values in chart.get("filters", ()):
        wanted = ", ".join(_literal(value) for value in values)
        conditions.append(
            f"starts_with({column}, {wanted})"
            if operator == "starts-with"
            else f"{column} in ({wanted})"
        )
    parts = [f"select {', '.join(columns)} from {relation}"]
    if conditions:
        parts.append("where " + " and ".join(conditions))
    if groups:
        parts.append("group by " + ", ".join(groups))
    if order := chart.get("order"):
        parts.append("order by " + ", ".join(f"{column} {way}" for way, column in order))
    return " ".join([*parts, f"limit {2 * _SHOWN}"])


def list_lookups(connection: duckdb.DuckDBPyConnection) -> Iterator[Question]:
    """Every relation of ``reporting`` by each of its columns that things are looked up by.

    What is looked for belongs to one report in the middle of the collection, a whole region's if there is one.
    """
    names = ["report_id", "publisher_name", "region_code", "report_year", "form_id"]
    found = connection.execute(
        f"""
        select {", ".join(names)} from reporting.report_overview
        where is_canonical and publisher_name is not null and report_year <= 2020
        order by is_region_report desc, report_year desc, region_level = 'prefecture' desc, report_id
        limit 1
        """
    ).fetchone()
    wanted = dict(zip(names, found or (), strict=False))
    wanted |= {
        "metric_code": "disclosure_rate",
        "series_code": "ts_requests_new",
        "rule_id": "N19-YR-01",
    }
    columns = connection.execute(
        """
        select table_name, list(column_name) from information_schema.columns
        where table_schema = 'reporting' group by table_name order by table_name
        """
    ).fetchall()
    for relation, own in columns:
        for column in (name for name in _LOOKED_UP_BY if name in own):
            sql = f"from reporting.{relation} where {column} = {_literal(wanted[column])}"
            yield Question("lookup", f"{relation} by {column}", f"{sql} limit {_SHOWN}")


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


def measure(connection: duckdb.DuckDBPyConnection, sql: str) -> Cost:
    """Ask a question so often, and fetch the whole answer each time."""
    clocks, cpus, rows = [], [], 0
    for _ in range(1 + ROUNDS):
        clock, cpu = time.perf_counter(), time.process_time()
        rows = connection.execute(sql).to_arrow_table().num_rows
        clocks.append(1000 * (time.perf_counter() - clock))
        cpus.append(1000 * (time.process_time() - cpu))
    return Cost(statistics.median(clocks[1:]), statistics.median(cpus[1:]), rows)


def as_table(costs: Mapping[Question, Cost], shown: int) -> str:
    """How many of each kind are quick enough, and the slowest, as Markdown."""
    lines = [
        f"| kind | questions | within {TARGET_MS} ms | median ms | slowest ms |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for kind in dict.fromkeys(question.kind for question in costs):
        took = [cost.at_most for question, cost in costs.items() if question.kind == kind]
        quick = sum(each <= TARGET_MS for each in took)
        lines.append(
            f"| {kind} | {len(took)} | {quick} | {statistics.median(took):,.0f} | {max(took):,.0f} |"
        )
    lines += ["", "| slowest | clock ms | CPU ms | rows |", "| --- | ---: | ---: | ---: |"]
    slowest = sorted(costs.items(), key=lambda item: -item[1].at_most)[:shown]
    for question, cost in slowest:
        lines.append(
            f"| {question.kind}: {question.name} "
            f"| {cost.clock:,.0f} | {cost.cpu:,.0f} | {cost.rows:,} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure every question; exit 1 where one takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="questions with these words")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    config = {"threads": 2, "memory_limit": "4GB"}
    database = arguments.folder / "gongkai.duckdb"
    with duckdb.connect(database, read_only=True, config=config) as connection:
        (reports,) = connection.execute("select count(*) from marts.dim_report").fetchone() or (0,)
        costs = {}
        for question in list_questions(connection):
            if arguments.only not in f"{question.kind}: {question.name}":
                continue
            costs[question] = cost = measure(connection, question.sql)
            print(
                f"{cost.clock:8.1f} ms {cost.cpu:8.1f} ms of CPU {cost.rows:7,} rows  "
                f"{question.kind}: {question.name}",
                flush=True,
            )
    if arguments.write:
        text = f"{reports:,} reports, `python -m bench.queries`.\n\n{as_table(costs, 10)}"
        replace_section(PROJECT / "bench" / "README.md", "queries", text)
    raise SystemExit(any(cost.at_most > TARGET_MS for cost in costs.values()))


if __name__ == "__main__":
    main()
