"""What a cluster does, done in this process: for tests of what runs on its workers, without Spark."""

import gzip
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.containers import ContainerSettings
from dagster_project.containers.corpora import choose_columns
from dagster_project.load import current_reader
from dagster_project.parsed_parts import row_schema, write_manifest
from dagster_project.parsing import SECONDS
from dagster_project.store import Reader
from distributed.finding import FOUND, SEPARATORS, InputFile, find_documents
from distributed.reading import Place, parse_documents


def list_inputs(folder: Path) -> dict[str, InputFile]:
    """The files of a collection, by the key that Spark would give."""
    return {
        path.as_uri(): InputFile(
            str(path), path.as_uri(), f"{folder.name}/{path.name}", path.stat().st_size
        )
        for path in sorted(folder.iterdir())
    }


def read_rows(file: InputFile, rows_per_batch: int = 3) -> Iterator[pa.RecordBatch]:
    """The rows of a file, as Spark gives them to a worker."""
    path = Path(file.path)
    if file.kind == "parquet":
        table = pq.read_table(path)
        table = table.select(choose_columns(table.schema, ""))
        table = table.append_column("row_index", pa.array(range(len(table)), pa.int64()))
        table = table.append_column("key", pa.array([file.key] * len(table)))
        yield from table.to_batches(rows_per_batch)
        return
    data = path.read_bytes()
    data = gzip.decompress(data) if file.is_compressed else data
    values = data.split(SEPARATORS[file.kind].encode())
    values = values[:-1] if file.kind == "jsonl" and not values[-1] else values
    for at in range(0, len(values), rows_per_batch):
        some = values[at : at + rows_per_batch]
        yield pa.RecordBatch.from_pydict({"key": [file.key] * len(some), "value": some})


def find(files: Iterable[InputFile], damage: str = "") -> list[dict]:
    """The rows that the workers find, each file on a worker of its own."""
    found = []
    for file in files:
        noted: dict[str, float] = {}
        batches = find_documents(
            read_rows(file), {file.key: file}, ContainerSettings(), noted.__setitem__, damage
        )
        for batch in batches:
            assert batch.schema == FOUND
            found += batch.to_pylist()
        assert list(noted) == [file.name] and noted[file.name] >= 0
    return found


def parse(rows: Sequence[dict], **options) -> pa.Table:
    """The rows of a part."""
    ordered = sorted(rows, key=lambda row: (row["document_id"], row["name"], row["found_no"]))
    batches = pa.Table.from_pylist(ordered, FOUND).to_batches(7)
    parsed = parse_documents(batches, current_reader(), SECONDS, Place(0, "a"), **options)
    return pa.Table.from_batches(parsed, row_schema())


def write_folder(folder: Path, tables: Sequence[pa.Table], reader: Reader | None = None) -> None:
    """A folder as a finished run leaves it."""
    parts = []
    for number, table in enumerate(tables):
        path = folder / f"rows/batch={number:05}/part-00000.parquet"
        path.parent.mkdir(parents=True)
        pq.write_table(table, path)
        parts.append(
            {
                "path": path.relative_to(folder).as_posix(),
                "byte_count": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "row_count": len(table),
            }
        )
    (folder / "manifest.json").write_text(write_manifest(reader or current_reader(), parts))
