"""Frames have the contract's columns and types, with rows or without."""

import re
from pathlib import Path

import polars as pl
import pytest

from loaders import rows
from loaders.form import Form
from loaders.frames import SCHEMAS, to_frames
from loaders.parse import parse
from tests.layouts import draw_appeals, pipe_rows, write_report

CONTRACT = Path(__file__).resolve().parents[2] / "docs" / "contracts.md"


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_empty_frame_keeps_its_schema(name: str) -> None:
    frame = to_frames([])[name]
    assert frame.height == 0
    assert frame.schema == pl.Schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_columns_are_those_of_the_rows_and_of_the_contract(name: str) -> None:
    kind = getattr(rows, name.removesuffix("s").capitalize())
    assert tuple(SCHEMAS[name]) == kind._fields
    line = next(li for li in CONTRACT.read_text().splitlines() if li.startswith(f"| `{name}` |"))
    columns = re.sub(r"\([^()]*\)", "", line.split("|", 2)[2])
    named = [column.split()[0] for column in columns.strip(" |").split(",")]
    assert named == list(SCHEMAS[name])


def test_rows_of_several_documents_are_gathered_in_order(form: Form) -> None:
    first = parse(
        write_report({"appeals": pipe_rows(draw_appeals(form, [1] * 12).grid)}).encode(),
        "text/plain",
        form,
    )
    second = parse(b"", "text/plain", form)
    frames = to_frames([first, second])
    assert frames["documents"]["document_id"].to_list() == [
        first.document.document_id,
        second.document.document_id,
    ]
    assert frames["documents"]["status"].to_list() == ["parsed", "unusable"]
    assert frames["cells"].height == len(first.cells) == 15
    assert frames["cells"]["value"].to_list() == [cell.value for cell in first.cells]
    assert frames["issues"].filter(pl.col("issue_code") == "empty_document").height == 1
