"""What a person learns of a new crawl: shares, statuses, layouts, labels that nobody knows."""

import csv
import io

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from loaders.fidelity import find_unknown_labels, measure_document
from loaders.form import Form
from loaders.parse import parse
from tests.layouts import cell_per_line, draw_requests, glued_lines, pipe_rows, write_report


@pytest.fixture
def drawn(form: Form):
    return draw_requests(form, "national_2021", {("out_granted", "natural_person"): 41})


@pytest.mark.parametrize(
    ("layout", "name"),
    [(pipe_rows, "pipe rows"), (cell_per_line, "cell per line"), (glued_lines, "glued")],
)
def test_the_layout_of_a_table_is_named(layout, name: str, drawn, form: Form) -> None:
    text = write_report({"requests": layout(drawn.grid)})
    (measured,) = measure_document("a.txt", parse(text.encode(), "text/plain", form), text)
    assert set(measured.layouts) == {name}


def test_a_document_is_counted_as_it_was_read(drawn, form: Form) -> None:
    text = write_report({"requests": pipe_rows(drawn.grid)})
    (measured,) = measure_document("a.txt", parse(text.encode(), "text/plain", form), text)
    assert measured.statuses["reported"] == len(drawn.values)
    assert measured.form_id == "national_2021"
    assert measured.digits >= measured.digits_explained > 0


def test_an_unknown_label_with_figures_becomes_a_row_for_the_dictionary(drawn, form: Form) -> None:
    grid = [*drawn.grid[:-1], ["9.本机关从不掌握相关政府的信息呀", *"3000003"], drawn.grid[-1]]
    text = write_report({"requests": pipe_rows(grid)})
    (label,) = find_unknown_labels([("a.txt", parse(text.encode(), "text/plain", form))], form)
    assert (label.form_id, label.document, label.count) == ("national_2021", "a.txt", 1)
    assert "从不掌握" in label.label_zh


def test_the_command_writes_rows_that_fit_the_dictionary(tmp_path, drawn) -> None:
    grid = [*drawn.grid[:-1], ["9.本机关从不掌握相关政府的信息呀", *"3000003"], drawn.grid[-1]]
    (tmp_path / "a.txt").write_text(write_report({"requests": pipe_rows(grid)}), encoding="utf-8")
    rows = tmp_path / "unknown.csv"
    done = CliRunner().invoke(
        app, ["fidelity", str(tmp_path / "a.txt"), "--unknown-labels", str(rows)]
    )
    assert done.exit_code == 0
    (row,) = csv.DictReader(io.StringIO(rows.read_text(encoding="utf-8")))
    assert row["kind"] == "label"
    assert row["source"] == "a.txt"
