"""Files of any filesystem that Spark reads, through Hadoop's own interface to it.

The driver lists input and writes a few small files; everything large is read and written by Spark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dagster_project.landing import SIDECAR_FIELDS, SIDECAR_SUFFIX
from distributed.finding import InputFile

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PATTERN = re.compile(r"[*?\[{]")
_SPECIAL = re.compile(r"([\\*?\[\]{}])")


class Files:
    """Small files below a folder."""

    def __init__(self, spark: SparkSession, folder: str) -> None:
        self._spark = spark
        self._folder = folder

    def path(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def exists(self, name: str) -> bool:
        path, system = _open(self._spark, self.path(name))
        return system.exists(path)

    def read(self, name: str) -> str:
        path, system = _open(self._spark, self.path(name))
        stream = system.open(path)
        try:
            return self._spark._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8")
        finally:
            stream.close()

    def write(self, name: str, text: str) -> None:
        """Write a whole file or none: it appears under its name when it is complete."""
        path, system = _open(self._spark, self.path(name))
        draft, _ = _open(self._spark, self.path(f"{name}.draft"))
        stream = system.create(draft, True)
        try:
            stream.write(text.encode())
        finally:
            stream.close()
        system.rename(draft, path)

    def remove(self, name: str) -> None:
        path, system = _open(self._spark, self.path(name))
        system.delete(path, True)


def _open(spark: SparkSession, uri: str) -> tuple[Any, Any]:
    path = spark._jvm.org.apache.hadoop.fs.Path(uri)
    return path, path.getFileSystem(spark._jsc.hadoopConfiguration())


def find_inputs(spark: SparkSession, inputs: Sequence[str], collection: str) -> list[InputFile]:
    """Every file of the input, by name.

    A file is named by its place below the folder that was given, or below the part of a pattern
    that is none. Hidden files and a ``README.md`` are none; sidecars tell the origin of their file.

    Raises:
        ValueError: two files would have the same name, or a sidecar is no JSON object.
    """
    found: dict[str, InputFile] = {}
    sidecars: list[str] = []
    for pattern in inputs:
        base = _find_base(spark, pattern)
        listed = (
            spark.read.format("binaryFile")
            .option("recursiveFileLookup", "true")
            .load(pattern)
            .selectExpr("path", "length", "_metadata.file_path as key")
        )
        for row in listed.collect():
            name = f"{collection}/{row.path.removeprefix(base).lstrip('/')}"
            own_name = name.rpartition("/")[-1]
            path = _SPECIAL.sub(r"\\\1", row.path)
            if own_name.endswith(SIDECAR_SUFFIX):
                sidecars.append(path)
                continue
            if own_name.startswith(".") or own_name == "README.md":
                continue
            file = InputFile(path, row.key, name, row.length)
            if found.setdefault(name, file).key != file.key:
                raise ValueError(f"Two files would be called {name}: read them in two runs.")
    origins = _read_sidecars(spark, sidecars)
    return [
        replace(found[name], origin=origins.get(f"{found[name].key}{SIDECAR_SUFFIX}", {}))
        for name in sorted(found)
    ]


def _read_sidecars(spark: SparkSession, paths: Sequence[str]) -> dict[str, dict[str, str]]:
    origins = {}
    if paths:
        rows = spark.read.text(list(paths), wholetext=True)
        for row in rows.selectExpr("_metadata.file_path as key", "value").collect():
            try:
                stated = json.loads(row.value)
                origins[row.key] = {n: str(stated[n]) for n in SIDECAR_FIELDS if stated.get(n)}
            except (ValueError, AttributeError, RecursionError) as error:
                raise ValueError(f"{row.key} is no JSON object ({error}).") from None
    return origins


def _find_base(spark: SparkSession, pattern: str) -> str:
    parts = pattern.rstrip("/").split("/")
    plain = next((at for at, part in enumerate(parts) if _PATTERN.search(part)), None)
    base = "/".join(parts[:plain]) or "/"
    path, system = _open(spark, base)
    qualified = path.makeQualified(system.getUri(), system.getWorkingDirectory())
    if plain is None and system.getFileStatus(qualified).isFile():
        qualified = qualified.getParent()
    return qualified.toString()
