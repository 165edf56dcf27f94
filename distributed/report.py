"""How much a run read, how fast, and how evenly the work was spread.

CPU seconds are those of Python on the workers; Spark's own come on top and are in the wall time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any


def summarise(batches: Sequence[dict], reader: dict[str, str], cores: int) -> dict[str, Any]:
    """What ``run.json`` holds, from what was noted of each batch.

    Returns:
        Totals; ``finding`` and ``parsing`` with CPU seconds, rates per CPU second, the rate of each
        worker, and ``skew``: the largest partition against the median, in rows and CPU seconds.
    """
    groups = [
        group | {"batch": number}
        for number, batch in enumerate(batches)
        for group in batch["groups"]
    ]
    finding = [group for group in groups if group["is_container"]]
    parsing = [group for group in groups if not group["is_container"]]
    documents = sum(batch["documents"] for batch in batches)
    seconds = sum(batch["seconds"] for batch in batches)
    records = sum(group["records"] for group in finding)
    input_bytes = sum(batch["input_bytes"] for batch in batches)
    return {
        **reader,
        "cores": cores,
        "files": sum(len(batch["files"]) for batch in batches),
        "input_bytes": input_bytes,
        "records": records,
        "documents": documents,
        "document_bytes": sum(group["bytes"] for group in parsing),
        "selected_pct": _divide(100 * documents, records),
        "seconds": round(seconds, 3),
        "documents_per_second": _divide(documents, seconds),
        "finding": _describe(finding, "records", cores)
        | {"input_mb_per_cpu_second": _divide(input_bytes / 1e6, _cpu(finding))},
        "parsing": _describe(parsing, "rows", cores),
    }


def _describe(groups: Sequence[dict], unit: str, cores: int) -> dict[str, Any]:
    name = {"rows": "documents"}.get(unit, unit)
    workers: dict[str, list[dict]] = defaultdict(list)
    for group in groups:
        if group["worker"]:
            workers[group["worker"]].append(group)
    return {
        "cpu_seconds": round(_cpu(groups), 3),
        f"{name}_per_cpu_second": _divide(sum(g[unit] for g in groups), _cpu(groups)),
        "workers": [
            {
                "worker": number,
                name: sum(g[unit] for g in of_worker),
                "cpu_seconds": round(_cpu(of_worker), 3),
                f"{name}_per_cpu_second": _divide(sum(g[unit] for g in of_worker), _cpu(of_worker)),
            }
            for number, (_, of_worker) in enumerate(sorted(workers.items()), 1)
        ],
        "skew": {
            name: _compare(groups, unit),
            "cpu_seconds": _compare(groups, "cpu_seconds"),
        },
    }


def _cpu(groups: Iterable[dict]) -> float:
    return sum(group["cpu_seconds"] for group in groups)


def _compare(groups: Iterable[dict], unit: str) -> dict[str, float | None]:
    """The largest partition against the median; partitions without work are none."""
    partitions: dict[tuple, float] = defaultdict(float)
    for group in groups:
        if group["worker"]:
            partitions[group["batch"], group["name"], group["partition_no"]] += group[unit]
    found = sorted(partitions.values())
    if not found:
        return {"partitions": 0, "largest": None, "median": None, "largest_to_median": None}
    middle = median(found)
    return {
        "partitions": len(found),
        "largest": round(found[-1], 4),
        "median": round(middle, 4),
        "largest_to_median": _divide(found[-1], middle),
    }


def _divide(above: float, below: float) -> float | None:
    return round(above / below, 3) if below else None


def as_markdown(report: dict[str, Any]) -> str:
    """The rate of each worker and the skew, as tables for a catalogue."""
    lines = [
        "| step | worker | rows | CPU s | rows per CPU s |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    skew = [
        "| step | measure | partitions | largest | median | ratio |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for step, unit in (("finding", "records"), ("parsing", "documents")):
        for worker in report[step]["workers"]:
            rate = worker[f"{unit}_per_cpu_second"]
            values = (step, worker["worker"], worker[unit], worker["cpu_seconds"], rate)
            lines.append("| " + " | ".join(map(str, values)) + " |")
        for measure, found in report[step]["skew"].items():
            values = (step, measure, *found.values())
            skew.append("| " + " | ".join(map(str, values)) + " |")
    return "\n".join([*lines, "", *skew])
