"""Documents that were parsed elsewhere: the parts a cluster wrote, and what proves them whole.

A folder ``<collection>.parsed`` of the landing folder holds Parquet parts with a row per document
(its bytes, where it was found, all its rows) and a manifest with the checksum of each part and the
reader of all. Knows the shape of these files; who writes them and where the rows go is not known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import polars as pl

from dagster_project.landing import ISSUE_PREFIX, PARSED_SUFFIX, SIDECAR_FIELDS, LandedFile
from dagster_project.store import TABLES, Reader, shape_frames

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
FORMAT = 1
"""Raise it when the columns of a part change: older parts are then refused, with a reason."""

NESTED = tuple(name for name in TABLES if name != "document_locations")
"""The parser's frames: each is a column with a list of rows."""
_PROBLEM = ("issue_code", "severity", "text")
_LOCATION = ("path", *SIDECAR_FIELDS)
_ORIGIN = ("document_id", "is_container", "media_type", "byte_count", "locations", "problems")
_BATCH_DOCUMENTS = 1_000
_BATCH_CONTENTS = 16


class PartsError(ValueError):
    """A manifest that cannot be followed; the message says why."""


@cache
def row_schema() -> pa.Schema:
    """The columns of a part. A row is one document, or one file that documents came from.

    ``record_count`` is a file's; ``cpu_seconds``, ``partition_no`` and ``worker`` measure how a
    document was parsed and are no data.
    """
    import pyarrow as pa

    def texts(names: Sequence[str]) -> pa.DataType:
        return pa.list_(pa.struct([(name, pa.string()) for name in names]))

    return pa.schema(
        [
            ("document_id", pa.string()),
            ("is_container", pa.bool_()),
            ("media_type", pa.string()),
            ("byte_count", pa.int64()),
            ("content", pa.binary()),
            ("locations", texts(_LOCATION)),
            ("problems", texts(_PROBLEM)),
            ("record_count", pa.int64()),
            ("cpu_seconds", pa.float64()),
            ("partition_no", pa.int32()),
            ("worker", pa.string()),
            *((name, pa.list_(pa.struct(list(shape)))) for name, shape in _shapes().items()),
        ]
    )


@cache
def _shapes() -> dict[str, pa.Schema]:
    """The columns of each frame but for the document, in Arrow's plain types."""
    import pyarrow as pa

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_large_list(kind):
            return pa.list_(plain(kind.value_type))
        return pa.string() if pa.types.is_large_string(kind) else kind

    oldest = pl.CompatLevel.oldest()
    shapes = {}
    for name, frame in shape_frames(()).items():
        found = _spell_out(frame).drop("document_id").to_arrow(compat_level=oldest).schema
        shapes[name] = pa.schema([(field.name, plain(field.type)) for field in found])
    return shapes


def _spell_out(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame whose codes are text: a part has no numbers of words."""
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


def nest(frame: pl.DataFrame, name: str, counts: Sequence[int]) -> pa.ListArray:
    """The rows of a frame as one list per document.

    Args:
        frame: rows in the order of the documents.
        name: of the frame.
        counts: how many of the rows belong to each document.
    """
    import pyarrow as pa

    shape = _shapes()[name]
    plain = _spell_out(frame).drop("document_id")
    table = plain.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(shape)
    columns = [column.combine_chunks() for column in table.columns]
    offsets = [0]
    for count in counts:
        offsets.append(offsets[-1] + count)
    rows = pa.StructArray.from_arrays(columns, fields=list(shape))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), rows)


def _unnest(batch: pa.RecordBatch, name: str) -> pl.DataFrame:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = batch.column(name)
    rows = pc.list_flatten(column)
    ids = batch.column("document_id").take(pc.list_parent_indices(column))
    names = [field.name for field in rows.type]
    table = pa.Table.from_arrays([ids, *rows.flatten()], ["document_id", *names])
    return pl.from_arrow(table).cast(shape_frames(())[name].schema)


def write_manifest(reader: Reader, parts: Sequence[dict[str, Any]]) -> str:
    """The text of a manifest.

    Args:
        reader: what all documents were read with.
        parts: path below the folder, byte_count, sha256 and row_count of each.
    """
    manifest = {
        "format": FORMAT,
        "parser_version": reader.parser_version,
        "dictionary_sha256": reader.dictionary_hash,
        "parts": sorted(parts, key=lambda part: part["path"]),
    }
    return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"


def is_parsed_folder(path: Path) -> bool:
    """Whether this is a folder of documents that were parsed elsewhere."""
    return path.name.endswith(PARSED_SUFFIX) and path.is_dir()


@dataclass(frozen=True)
class ParsedFolder:
    """One such folder as its manifest describes it, every part compared with its checksum."""

    name: str
    """Its path below the landing folder."""
    reader: Reader | None
    """What its documents were read with; ``None`` where there is no manifest to tell."""
    parts: tuple[Path, ...]
    """Those that are whole."""
    row_count: int
    problems: tuple[tuple[str, str, str], ...]

    def take(self) -> Iterator[tuple[list[LandedFile], dict[str, pl.DataFrame]]]:
        """The documents with their rows, as they are, some at a time."""
        for batch in self._batches([*_ORIGIN, *NESTED], _BATCH_DOCUMENTS):
            yield (
                [file for row in batch.select(_ORIGIN).to_pylist() for file in _name_row(row)],
                {name: _unnest(batch, name) for name in NESTED},
            )

    def read(self, known: frozenset[str]) -> Iterator[LandedFile]:
        """The documents with their bytes, unless they are known, to be parsed again."""
        for batch in self._batches([*_ORIGIN, "content"], _BATCH_CONTENTS):
            for row in batch.to_pylist():
                data = row["content"]
                if data is not None:
                    row["document_id"] = hashlib.sha256(data).hexdigest()
                yield from _name_row(row, None if row["document_id"] in known else data)

    def tell(self) -> Iterator[LandedFile]:
        """What is wrong with the folder, as a file that is no document."""
        if self.problems:
            folder_id = hashlib.sha256(f"path:{self.name}".encode()).hexdigest()
            yield LandedFile(folder_id, self.name, 0, problems=self.problems, is_container=True)

    def _batches(self, columns: list[str], size: int) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        for part in self.parts:
            with pq.ParquetFile(part) as file:
                yield from file.iter_batches(size, columns=columns, use_threads=False)


def _name_row(row: dict[str, Any], data: bytes | None = None) -> Iterator[LandedFile]:
    """The files that a row stands for: one for each place where the document was found."""
    problems = tuple(tuple(problem[name] for name in _PROBLEM) for problem in row["problems"])
    if row["is_container"] and not problems:
        return
    for location in row["locations"]:
        yield LandedFile(
            row["document_id"],
            location["path"],
            row["byte_count"],
            data,
            row["media_type"],
            {name: location[name] for name in SIDECAR_FIELDS if location[name]},
            problems,
            row["is_container"],
        )


def open_parsed(folder: Path, name: str) -> ParsedFolder:
    """Read the manifest and compare every part with its checksum. Never raises on content.

    Args:
        folder: a folder as `is_parsed_folder` knows it.
        name: its path below the landing folder.
    """
    problems = []
    try:
        manifest = _read_manifest(folder)
    except PartsError as error:
        text = f"{name}: {error}; nothing of it was read."
        return ParsedFolder(name, None, (), 0, ((f"{ISSUE_PREFIX}parts_unusable", "error", text),))
    whole = []
    row_count = 0
    for part in manifest["parts"]:
        path = folder / part["path"]
        if reason := _find_damage(path, part):
            text = f"{name}/{part['path']}: {reason}; copy it again."
            problems.append((f"{ISSUE_PREFIX}part_damaged", "error", text))
        else:
            whole.append(path)
            row_count += part["row_count"]
    reader = Reader(manifest["parser_version"], manifest["dictionary_sha256"])
    return ParsedFolder(name, reader, tuple(whole), row_count, tuple(problems))


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise PartsError(f"it has no {MANIFEST}, so the run that writes it has not ended") from None
    except (OSError, ValueError, RecursionError) as error:
        raise PartsError(f"its {MANIFEST} cannot be read ({error})") from None
    written = manifest.get("format") if isinstance(manifest, dict) else None
    if written != FORMAT:
        raise PartsError(f"its format is {written}; this program reads {FORMAT}")
    try:
        for part in manifest["parts"]:
            path = PurePosixPath(part["path"])
            if path.is_absolute() or ".." in path.parts:
                raise PartsError(f"{path} leaves the folder")
            int(part["row_count"]), str(part["sha256"])
        str(manifest["parser_version"]), str(manifest["dictionary_sha256"])
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, PartsError):
            raise
        raise PartsError(f"its {MANIFEST} lacks {error}") from None
    return manifest


def _find_damage(path: Path, part: dict[str, Any]) -> str:
    """Why a part is not the one that was written; blank if it is."""
    try:
        with path.open("rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    return "" if found == part["sha256"] else "its checksum is not that of the manifest"
