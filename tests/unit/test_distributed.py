"""What a cluster is told and tells, without one."""

import json
import shlex
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from dagster_project.containers import ContainerSettings
from dagster_project.store import Reader
from dagster_project.web_server import write_workspace
from distributed.finding import InputFile, find_documents
from distributed.reading import Place, ReaderError, parse_documents
from distributed.report import as_markdown, summarise
from distributed.run import describe_surroundings
from tests.clusters import find
from tests.packing import OTHER, REPORT


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.warc", "crawl"),
        ("a.warc.gz", "crawl"),
        ("a.warc.wet.gz", "crawl"),
        ("a.wet", "crawl"),
        ("a.jsonl.bz2", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.json.gz", "jsonl"),
        ("a.parquet", "parquet"),
        ("a.zip", ""),
        ("a.warc.xz", ""),
        ("a.txt.gz", ""),
    ],
)
def test_a_file_is_known_by_its_name(name: str, kind: str) -> None:
    assert InputFile(name, name, f"crawl/{name}", 1).kind == kind


def test_a_bomb_is_given_up_and_the_next_file_is_read(tmp_path: Path) -> None:
    """Spark has unpacked it already; what is read of it stays within the limits of one machine."""
    bomb = InputFile("a", "a", "crawl/a.jsonl.gz", 1_000)
    good = InputFile("b", "b", "crawl/b.jsonl.gz", 1_000)
    settings = ContainerSettings(free_bytes=10_000, max_ratio=2)
    line = json.dumps({"text": REPORT}).encode()
    rows = [("a", b'{"text": "' + b"0" * 9_000 + b'"}')] * 5 + [("a", line), ("b", line)]
    batches = [
        pa.RecordBatch.from_pylist(
            [{"key": key, "value": value} for key, value in rows[at : at + 2]]
        )
        for at in range(0, len(rows), 2)
    ]
    noted: dict[str, float] = {}
    found = [
        row
        for batch in find_documents(batches, {"a": bomb, "b": good}, settings, noted.__setitem__)
        for row in batch.to_pylist()
    ]
    assert [(row["name"], row["is_container"]) for row in found] == [
        ("crawl/a.jsonl.gz", True),
        ("crawl/b.jsonl.gz", False),
        ("crawl/b.jsonl.gz", True),
    ]
    assert "landing_container_too_large" in {p["issue_code"] for p in found[0]["problems"]}
    assert list(noted) == ["crawl/a.jsonl.gz", "crawl/b.jsonl.gz"]
    assert found[1]["path"] == "crawl/b.jsonl.gz!/1"


def test_every_file_has_a_row_that_counts_its_records(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join([f'{{"text": "{OTHER}"}}'] * 3))
    (row,) = find([InputFile(str(path), path.as_uri(), "crawl/a.jsonl", path.stat().st_size)])
    assert row["is_container"] and row["record_count"] == 3
    assert [p["issue_code"] for p in row["problems"]] == ["landing_records_skipped"]


def test_a_worker_with_another_dictionary_refuses() -> None:
    with pytest.raises(ReaderError, match="Give all machines the same commit"):
        list(parse_documents([], Reader("0", "0" * 64), 1.0, Place()))


def group(is_container: bool, name: str | None, partition: int, worker: str, **more: float) -> dict:
    plain = {"rows": 1, "records": 0, "cpu_seconds": 1.0, "bytes": 10}
    place = {"name": name, "partition_no": partition, "worker": worker, "key": "part"}
    return plain | place | {"is_container": is_container} | more


def test_rates_and_skew_are_those_of_the_partitions() -> None:
    batch = {
        "files": ["a", "b"],
        "input_bytes": 2_000_000,
        "seconds": 10.0,
        "documents": 30,
        "groups": [
            group(True, "a", 0, "x:1", records=100),
            group(True, "b", 1, "x:2", records=300, cpu_seconds=3.0),
            # A partition that was written in two parts is one.
            group(False, None, 0, "x:1", rows=8),
            group(False, None, 0, "x:1", rows=12),
            group(False, None, 1, "x:2", rows=5),
            group(False, None, 2, "x:2", rows=5),
        ],
    }
    report = summarise([batch, batch], {"parser_version": "1"}, 2)
    assert report["documents"] == 60 and report["documents_per_second"] == 3
    assert report["records"] == 800 and report["selected_pct"] == 7.5
    finding, parsing = report["finding"], report["parsing"]
    assert finding["cpu_seconds"] == 8 and finding["records_per_cpu_second"] == 100
    assert finding["input_mb_per_cpu_second"] == 0.5
    assert [w["records_per_cpu_second"] for w in finding["workers"]] == [100, 100]
    assert parsing["skew"]["documents"] == {
        "partitions": 6, "largest": 20, "median": 5, "largest_to_median": 4,
    }  # fmt: skip
    assert "| parsing | 1 | 40 | 4.0 | 10.0 |" in as_markdown(report)


def test_a_run_without_documents_has_no_rates() -> None:
    batch = {"files": ["a"], "input_bytes": 0, "seconds": 0.0, "documents": 0, "groups": []}
    report = summarise([batch], {}, 2)
    assert report["documents_per_second"] is None
    assert report["parsing"]["skew"]["documents"]["partitions"] == 0
    assert as_markdown(report)


def test_spark_opens_no_port_to_others_unless_it_is_told(tmp_path: Path) -> None:
    told = describe_surroundings(tmp_path / "python", "local[2]", ["spark.ui.enabled=true"])
    words = shlex.split(told["PYSPARK_SUBMIT_ARGS"])
    assert words[:2] == ["--master", "local[2]"] and words[-1] == "pyspark-shell"
    assert "spark.driver.bindAddress=127.0.0.1" in words
    # Of two settings of one name Spark takes the last.
    assert words.index("spark.ui.enabled=true") > words.index("spark.ui.enabled=false")
    there = describe_surroundings(tmp_path / "python", "spark://host:7077")
    assert "PYSPARK_PYTHON" not in there and "127.0.0.1" not in there["PYSPARK_SUBMIT_ARGS"]


def test_the_ui_has_the_job_of_the_cluster_where_there_is_a_spark(tmp_path: Path) -> None:
    (place,) = yaml.safe_load(write_workspace(tmp_path).read_text())["load_from"]
    assert "grpc_server" in place
    _, place = yaml.safe_load(write_workspace(tmp_path, "/there/python").read_text())["load_from"]
    assert place["python_module"]["executable_path"] == "/there/python"
    assert place["python_module"]["module_name"] == "distributed.definitions"
