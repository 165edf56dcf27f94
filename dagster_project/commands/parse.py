"""``gongkai parse``: the parser's frames for some files, with the document's name in front."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dagster_project.commands.reading import read_named
from dagster_project.commands.writing import write_rows
from dagster_project.terminal import err, safe

_FIRST = ("document", "report_no", "report_year", "form_id")


def run_parse(files: Sequence[Path], what: str, file_format: str, output: Path | None) -> None:
    """Write one frame. Unreadable files are told and leave their rows in documents and issues."""
    import polars as pl

    from loaders.frames import to_frames

    found = read_named(files)
    for file in found:
        if file.reason:
            err.print(f"[red]{safe(file.path)}: {safe(file.reason)}")
    # A document given under two names is parsed into the same rows: once, under both names.
    frames = to_frames({file.landed.document_id: file.parsed for file in found}.values())
    names = pl.DataFrame(
        [(file.landed.document_id, file.landed.location[1]) for file in found],
        schema={"document_id": pl.String, "document": pl.String},
        orient="row",
    )
    rows = frames[what].join(names, on="document_id", how="left", maintain_order="left")
    if what in ("cells", "claims", "tasks", "issues"):
        keys = ["document_id", "report_no"]
        reports = frames["reports"].select(*keys, "report_year", "form_id")
        rows = rows.join(reports, on=keys, how="left", maintain_order="left")
    first = [name for name in _FIRST if name in rows.columns]
    write_rows(rows.select(*first, pl.exclude(first)), file_format, output)
    if any(file.reason for file in found):
        raise SystemExit(2)
