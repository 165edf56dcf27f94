"""One run on a cluster: crawls in, a folder of parsed documents out, batch after batch.

Spark reads, distributes, sorts and writes; here stands only what is asked of it, and what happens
to a file that cannot be read. A batch that is written is never done again: a run that was stopped
goes on where it was.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dagster_project.containers import ContainerSettings
from dagster_project.containers.corpora import choose_columns
from dagster_project.containers.model import Visit
from dagster_project.landing import PARSED_SUFFIX
from dagster_project.load import current_reader
from dagster_project.parsed_parts import MANIFEST, row_schema, write_manifest
from dagster_project.settings import Settings
from dagster_project.store import Reader
from distributed.files import Files, find_inputs
from distributed.finding import (
    FOUND,
    KINDS,
    SEPARATORS,
    InputFile,
    describe_file,
    find_documents,
)
from distributed.reading import BATCH_DOCUMENTS, Place, parse_documents, prepare_worker
from distributed.report import summarise

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PARTITION_PER_FILE = dict.fromkeys(
    ("spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes"), str(1 << 40)
)
"""A crawl is read from its start, and its records are counted: no file is cut, none share."""
_SPARK_SQL = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "64",
    "spark.sql.execution.arrow.pyspark.selfDestruct.enabled": "false",
    "spark.sql.parquet.compression.codec": "zstd",
    # A worker that has long given no sign of life hangs where no time limit of Python's reaches.
    "spark.sql.execution.pyspark.udf.killOnIdleTimeout": "true",
}
_DOCUMENTS_PER_PART = 20_000
_PARTITIONS_PER_CORE = 4
_MEASURES = ("is_container", "record_count", "cpu_seconds", "partition_no", "worker", "byte_count")


class RunError(RuntimeError):
    """What ends a run; the message says what to do."""


@dataclass(frozen=True)
class Run:
    """What is to be read, and how much at once."""

    inputs: tuple[str, ...]
    """Files, folders or patterns on any filesystem that Spark reads."""
    output: str
    """A folder ``<collection>.parsed`` on any filesystem that Spark writes."""
    files_per_batch: int = 1_000
    partitions: int = 0
    """Of the documents found in a batch; by the number of cores if 0."""
    most_damaged: int = 20
    """More files than this that cannot be read are a fault of something else, and end the run."""
    settings: Settings = field(default_factory=Settings)

    @property
    def collection(self) -> str:
        """The name under which the documents will lie in the landing folder."""
        return self.output.rstrip("/").rpartition("/")[-1].removesuffix(PARSED_SUFFIX)

    @property
    def limits(self) -> ContainerSettings:
        return ContainerSettings(
            max_document_bytes=self.settings.max_file_bytes,
            max_unpacked_bytes=self.settings.max_unpacked_bytes,
            text_column=self.settings.text_column,
            relevant_terms=self.settings.relevant_terms,
        )


def run(spark: SparkSession, wanted: Run, tell: Callable[[str], None]) -> dict[str, Any]:
    """Find and parse everything, and write the manifest when all of it is there.

    Returns:
        What ``run.json`` says: how much was read, how fast, and how evenly it was spread.

    Raises:
        RunError: the run cannot begin or go on.
    """
    if not wanted.output.rstrip("/").endswith(PARSED_SUFFIX):
        raise RunError(
            f"Call the output folder <collection>{PARSED_SUFFIX}: builds know it by that."
        )
    return _Cluster(spark, wanted, tell).run()


class _Cluster:
    def __init__(self, spark: SparkSession, wanted: Run, tell: Callable[[str], None]) -> None:
        self.spark = spark
        self.wanted = wanted
        self.tell = tell
        self.reader: Reader = current_reader()
        self.output = Files(spark, wanted.output.rstrip("/"))
        self.cores = spark.sparkContext.defaultParallelism
        self.damaged = 0
        self.work = _make_notebook(spark)
        for name, value in _SPARK_SQL.items():
            spark.conf.set(name, value)
        # Longer than all documents of a batch may compute: it is there for what ignores the limit.
        idle = int(BATCH_DOCUMENTS * wanted.settings.max_document_seconds) + 600
        spark.conf.set("spark.sql.execution.pyspark.udf.idleTimeoutSeconds", str(idle))

    def run(self) -> dict[str, Any]:
        if self.output.exists(MANIFEST):
            raise RunError(f"{self.wanted.output} is finished. Choose another folder.")
        self._check_workers()
        files = find_inputs(self.spark, self.wanted.inputs, self.wanted.collection)
        if not files:
            raise RunError("There is no file in the input.")
        for name, value in _PARTITION_PER_FILE.items():
            self.spark.conf.set(name, value)
        began = time.monotonic()
        batches = []
        size = self.wanted.files_per_batch
        for number, start in enumerate(range(0, len(files), size)):
            batches.append(self._run_batch(number, files[start : start + size]))
            self._tell_progress(batches, start + size, len(files), time.monotonic() - began)
        report = summarise(batches, asdict(self.reader), self.cores)
        self.output.write("run.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
        parts = [part for batch in batches for part in batch["parts"]]
        self.output.write(MANIFEST, write_manifest(self.reader, parts))
        return report

    def _tell_progress(self, batches: list[dict], done: int, files: int, seconds: float) -> None:
        found = sum(batch["documents"] for batch in batches)
        left = max(0, files - done)
        minutes = seconds / min(done, files) * left / 60
        self.tell(
            f"{min(done, files):,} of {files:,} files, {found:,} documents, "
            f"{found / max(seconds, 0.001):.1f} documents/s, {minutes:.0f} minutes left"
        )

    def _check_workers(self) -> None:
        """Compare parser and dictionary of the machines with those here, before any work."""
        reader = self.reader

        def check(batches: Any) -> Any:
            prepare_worker(reader)
            yield from batches

        numbers = self.spark.range(0, 2 * self.cores, 1, 2 * self.cores)
        try:
            numbers.mapInArrow(check, numbers.schema).count()
        except Exception as error:
            raise RunError(f"The workers are not ready: {_first_reason(error)}") from error

    # A batch of files

    def _run_batch(self, number: int, files: Sequence[InputFile]) -> dict[str, Any]:
        state = f"batches/{number:05}.json"
        names = [[file.name, file.byte_count] for file in files]
        if self.output.exists(state):
            done = json.loads(self.output.read(state))
            if done["files"] != names or done["reader"] != asdict(self.reader):
                raise RunError(
                    f"{self.wanted.output} was begun with other input or another parser. "
                    "Remove it, or choose another folder."
                )
            return done
        folder = f"rows/batch={number:05}"
        began = time.monotonic()
        self.output.remove(folder)
        self._write(files, folder)
        groups = self._measure(folder)
        if self._tell_unread(files, groups, folder):
            groups = self._measure(folder)
        done = {
            "files": names,
            "reader": asdict(self.reader),
            "input_bytes": sum(file.byte_count for file in files),
            "seconds": time.monotonic() - began,
            "documents": sum(group["rows"] for group in groups if not group["is_container"]),
            "groups": groups,
            "parts": self._sign_parts(folder, groups),
        }
        self.output.write(state, json.dumps(done, ensure_ascii=False))
        return done

    def _write(self, files: Sequence[InputFile], folder: str, *, is_again: bool = False) -> None:
        """Write the rows of some files; of those that cannot be read, what there is and why."""
        readable = [file for file in files if file.kind in KINDS]
        if not readable:
            return
        try:
            self._write_rows(readable, folder)
        except Exception as error:
            # What a lost worker leaves behind may fail a file that is sound.
            if len(readable) == 1 and not is_again:
                self._write(readable, folder, is_again=True)
            elif len(readable) > 1:
                self.tell(f"Halving a batch of {len(readable)}: {_first_reason(error)}")
                half = len(readable) // 2
                self._write(readable[:half], folder)
                self._write(readable[half:], folder)
            else:
                self._write_damaged(readable[0], folder, _first_reason(error))

    def _write_damaged(self, file: InputFile, folder: str, reason: str) -> None:
        self.spark.range(1).count()  # a cluster that is gone is no fault of the file
        self.damaged += 1
        if self.damaged > self.wanted.most_damaged:
            raise RunError(
                f"{self.damaged} files could not be read, {file.name} last ({reason}). What is "
                "written stays; start again to go on when the reason is gone."
            )
        self.tell(f"{file.name} cannot be read to its end: {reason}")
        try:
            self._write_rows([file], folder, reason)
        except Exception:
            self.spark.range(1).count()
            problems = Visit(self.wanted.limits, 0, {}).refuse_rest(file.name, reason)
            self._append_files([describe_file(file, [p._asdict() for p in problems])], folder)

    def _tell_unread(self, files: Sequence[InputFile], groups: Sequence[dict], folder: str) -> bool:
        """Every file has a row at its end: those without one gave none, or were not asked."""
        read = {group["name"] for group in groups}
        unread = []
        for file in files:
            if file.name in read:
                continue
            visit = Visit(self.wanted.limits, 0, {})
            if file.kind not in KINDS:
                reason = "not read on a cluster, which reads WARC, WET, JSON lines and Parquet"
                problems = visit.refuse("container_unknown", "error", file.name, reason)
            else:
                problems = visit.summarise(file.name)
            unread.append(describe_file(file, [problem._asdict() for problem in problems]))
        if unread:
            self._append_files(unread, folder)
        return bool(unread)

    def _append_files(self, rows: list[dict], folder: str) -> None:
        batch = pa.RecordBatch.from_pylist(rows, FOUND)
        parsed = list(parse_documents([batch], self.reader, 1.0, Place()))
        frame = self.spark.createDataFrame(pa.Table.from_batches(parsed, row_schema()))
        self._save(frame.coalesce(1), folder)

    # What Spark is asked for

    def _write_rows(self, files: Sequence[InputFile], folder: str, damage: str = "") -> None:
        from pyspark import TaskContext

        reader, seconds = self.reader, self.wanted.settings.max_document_seconds

        def parse(batches: Any) -> Any:
            task = TaskContext.get()
            place = Place(task.partitionId(), _name_worker())
            # Whatever took the worker down the first time is not given a second chance.
            is_careful = task.attemptNumber() > 0
            yield from parse_documents(batches, reader, seconds, place, is_careful=is_careful)

        partitions = self.wanted.partitions or _PARTITIONS_PER_CORE * self.cores
        found = self._find(files, damage)
        # Reports stand close together in a crawl, and one stands in many places.
        spread = found.repartition(partitions, "document_id").sortWithinPartitions(
            "document_id", "name", "found_no"
        )
        self._save(spread.mapInArrow(parse, self._spark_schema(row_schema())), folder)

    def _find(self, files: Sequence[InputFile], damage: str) -> DataFrame:
        from pyspark import TaskContext

        by_key = {file.key: file for file in files}
        limits = self.wanted.limits

        work = self.work

        def find(batches: Any) -> Any:
            place = (TaskContext.get().partitionId(), _name_worker())

            def note(name: str, cpu_seconds: float) -> None:
                work.add({name: (*place, cpu_seconds)})

            yield from find_documents(batches, by_key, limits, note, damage)

        frames = [
            self._read(kind, [file for file in files if file.kind == kind], bool(damage))
            for kind in KINDS
            if any(file.kind == kind for file in files)
        ]
        schema = self._spark_schema(FOUND)
        found = [frame.mapInArrow(find, schema) for frame in frames]
        together = found[0]
        for frame in found[1:]:
            together = together.unionByName(frame)
        return together

    def _read(self, kind: str, files: Sequence[InputFile], is_lenient: bool) -> DataFrame:
        """The rows of some files, as `find_documents` takes them."""
        paths = [file.path for file in files]
        options = self.spark.read.option("ignoreCorruptFiles", str(is_lenient).lower())
        if kind in SEPARATORS:
            rows = options.option("lineSep", SEPARATORS[kind]).text(paths)
            return rows.selectExpr("_metadata.file_path as key", "cast(value as binary) as value")
        rows = options.option("mergeSchema", "true").parquet(*paths)
        empty = self.spark.createDataFrame([], rows.schema).toArrow()
        columns = choose_columns(empty.schema, self.wanted.settings.text_column)
        if not columns:
            wanted = self.wanted.settings.text_column or "by any of the usual names"
            raise RunError(f"No column of text ({wanted}) among {', '.join(rows.columns)[:200]}")
        place = ["_metadata.file_path as key", "_metadata.row_index as row_index"]
        return rows.selectExpr(*place, *(f"`{name}`" for name in columns))

    def _save(self, frame: DataFrame, folder: str) -> None:
        writer = frame.write.mode("append").option("maxRecordsPerFile", _DOCUMENTS_PER_PART)
        writer = writer.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        writer.parquet(self.output.path(folder))

    def _rows(self, folder: str) -> DataFrame:
        schema = self._spark_schema(row_schema())
        return self.spark.read.schema(schema).parquet(self.output.path(folder))

    def _spark_schema(self, schema: pa.Schema) -> Any:
        return self.spark.createDataFrame(schema.empty_table()).schema

    # What is told of a batch

    def _measure(self, folder: str) -> list[dict[str, Any]]:
        """Rows, work and time of each partition in each part, and of each file that was read."""
        if not self.output.exists(folder):
            return []
        by = ["key", "name", "is_container", "partition_no", "worker"]
        found = (
            self._rows(folder)
            .selectExpr(
                "_metadata.file_path as key",
                "case when is_container then locations[0].path end as name",
                *_MEASURES,
            )
            .groupBy(*by)
            .agg({"*": "count", "record_count": "sum", "cpu_seconds": "sum", "byte_count": "sum"})
            .collect()
        )
        groups = [
            {name: row[name] for name in by}
            | {
                "rows": row["count(1)"],
                "records": row["sum(record_count)"] or 0,
                "cpu_seconds": row["sum(cpu_seconds)"] or 0.0,
                "bytes": row["sum(byte_count)"] or 0,
            }
            for row in found
        ]
        for group in groups:
            if group["name"] in self.work.value:
                place = self.work.value[group["name"]]
                group |= dict(zip(("partition_no", "worker", "cpu_seconds"), place, strict=True))
        return groups

    def _sign_parts(self, folder: str, groups: Sequence[dict]) -> list[dict[str, Any]]:
        """Path, size, checksum and rows of every part, computed where the parts lie."""
        counts: Counter[str] = Counter()
        for group in groups:
            counts[group["key"]] += group["rows"]
        contents = self.spark.read.format("binaryFile").load(self.output.path(folder))
        signed = contents.selectExpr(
            "_metadata.file_path as key", "path", "length", "sha2(content, 256) as sha256"
        )
        return [
            {
                "path": f"{folder}/{row['path'].rpartition('/')[-1]}",
                "byte_count": row["length"],
                "sha256": row["sha256"],
                "row_count": counts[row["key"]],
            }
            for row in signed.collect()
        ]


def _make_notebook(spark: SparkSession) -> Any:
    """An accumulator that workers note files in; of two notes on a file the later one counts."""
    from pyspark.accumulators import AccumulatorParam

    class Notes(AccumulatorParam):
        def zero(self, value: dict) -> dict:
            return {}

        def addInPlace(self, value1: dict, value2: dict) -> dict:
            value1.update(value2)
            return value1

    return spark.sparkContext.accumulator({}, Notes())


def _name_worker() -> str:
    """One name for all Python processes of an executor: they are children of one daemon."""
    return f"{socket.gethostname()}:{os.getppid()}"


def _first_reason(error: BaseException) -> str:
    """The innermost reason that Spark or Python gives, in one line."""
    text = str(error)
    java = getattr(error, "java_exception", None)
    if java is not None:
        while java.getCause() is not None:
            java = java.getCause()
        text = java.getMessage() or java.toString()
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("at ")]
    if not lines:
        return type(error).__name__
    # Python tells the reason at the end of its traceback.
    return lines[-1 if any(line.startswith("Traceback") for line in lines) else 0][:300]
