"""The real reports against hand-checked gold labels, scored by the script that comes with them."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from loaders.form import load_form
from loaders.frames import to_frames
from loaders.parse import parse
from loaders.rows import Parsed

MULTI = "000_b1c07f7896153f82.txt"
LIUPANSHUI = "001_564ee96d51f4a710.txt"
WORK_PLAN = "002_2f24b5e408f72804.txt"
LIANDU = "003_ea2c160e833d0aa1.txt"


@pytest.fixture(scope="module")
def parsed(shared: Path) -> dict[str, Parsed]:
    """Every real text file, by its name."""
    form = load_form()
    paths = sorted([*shared.glob("seeds/*.txt"), *shared.glob("cases/*.txt")])
    return {path.name: parse(path.read_bytes(), "text/plain", form) for path in paths}


@pytest.fixture(scope="module")
def written(parsed: dict[str, Parsed], tmp_path_factory) -> Path:
    """Frames as `gongkai parse --format csv` writes them: the document's name and the report in front."""
    folder = tmp_path_factory.mktemp("parsed")
    frames = to_frames(parsed.values())
    names = pl.DataFrame(
        [(one.document.document_id, name) for name, one in parsed.items()],
        schema={"document_id": pl.String, "document": pl.String},
        orient="row",
    )
    keys = ["document_id", "report_no"]
    reports = frames["reports"].select(*keys, "report_year", "form_id")
    for what in ("reports", "cells", "claims"):
        rows = frames[what].join(names, on="document_id", how="left", maintain_order="left")
        if what != "reports":
            rows = rows.join(reports, on=keys, how="left", maintain_order="left")
        rows.write_csv(folder / f"{what}.csv")
    return folder


def score(shared: Path, what: str, gold: Path, written: Path) -> tuple[dict[str, int], str]:
    """Run the scorer; the counts of its last line, and all that it printed."""
    command = [sys.executable, shared / "eval" / "score.py", what, gold, written / f"{what}.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1]
    right, total = re.search(r"(\d+)/(\d+)", last).groups()
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (\w+)", last)}
    return counts | {"right": int(right), "total": int(total)}, done.stdout


def gold_of(shared: Path, name: str) -> Path:
    return shared / "eval" / "gold" / f"{name}.csv"


def test_every_report_is_recognised(shared: Path, written: Path) -> None:
    _, printed = score(shared, "reports", gold_of(shared, "seed_reports"), written)
    assert all(a == b for a, b in re.findall(r"\w+: (\d+)/(\d+)", printed)), printed
    assert "invented reports: 0" in printed


def test_every_cell_of_the_seeds_is_right(shared: Path, written: Path) -> None:
    counts, printed = score(shared, "cells", gold_of(shared, "seed_cells"), written)
    assert counts["right"] == counts["total"] == 498, printed
    assert counts["invented"] == 0, printed


def test_cells_of_the_cases_are_right_or_ambiguous(
    shared: Path, written: Path, parsed: dict[str, Parsed], tmp_path: Path
) -> None:
    gold = gold_of(shared, "case_cells")
    here = {name.removesuffix(".txt") for name in parsed}
    beside = tmp_path / gold.name
    (tmp_path / "case_ambiguity.csv").write_bytes(gold_of(shared, "case_ambiguity").read_bytes())
    with gold.open(encoding="utf-8", newline="") as source, beside.open("w", newline="") as out:
        rows = csv.DictReader(source)
        writer = csv.DictWriter(out, rows.fieldnames)
        writer.writeheader()
        writer.writerows(row for row in rows if row["name"] in here)
    counts, printed = score(shared, "cells", beside, written)
    assert (counts["wrong"], counts["invented"], counts["missed"]) == (0, 0, 0), printed
    assert counts["right"] + counts["ambiguous"] == counts["total"] > 200


def test_claims_of_the_seeds_are_right(shared: Path, written: Path) -> None:
    counts, printed = score(shared, "claims", gold_of(shared, "seed_claims"), written)
    assert counts["right"] >= 118, printed
    assert counts["wrong"] == 0, printed
    assert counts["extra"] <= 0.05 * counts["total"]


# --- what single reports must show ----------------------------------------------------------------


def test_the_work_plan_gives_all_its_tasks(parsed: dict[str, Parsed]) -> None:
    plan = parsed[WORK_PLAN]
    (report,) = plan.reports
    assert report.doc_type == "work_plan"
    assert [task.task_no for task in plan.tasks] == list(range(1, 42))
    assert all(task.lead_units and task.responsible_units for task in plan.tasks)
    assert {9, 24, 35, 39} <= {task.task_no for task in plan.tasks if task.deadline}
    assert plan.cells == ()


def test_lost_tables_are_told_and_give_no_cells(parsed: dict[str, Parsed]) -> None:
    liandu = parsed[LIANDU]
    assert liandu.cells == ()
    missing = [issue.table_code for issue in liandu.issues if issue.issue_code == "table_missing"]
    assert missing == ["proactive", "requests", "appeals"]


def test_snippets_between_reports_are_noise(parsed: dict[str, Parsed]) -> None:
    several = parsed[MULTI]
    assert [report.report_no for report in several.reports] == [1, 2, 3, 4]
    noise = [section for section in several.sections if section.report_no == 0]
    assert noise
    assert {section.section_code for section in noise} == {"noise"}
    first, second = several.reports[:2]
    assert all(first.span_end <= s.span_start < s.span_end <= second.span_start for s in noise)


def test_a_name_overwritten_by_spam_is_repaired(parsed: dict[str, Parsed]) -> None:
    bureau = parsed[LIUPANSHUI]
    (report,) = bureau.reports
    assert report.publisher_name == "六盘水市水库和生态移民局"
    assert report.publisher_as_written != report.publisher_name
    assert "publisher_repaired" in {issue.issue_code for issue in bureau.issues}


def test_every_real_figure_can_be_walked_back(parsed: dict[str, Parsed], shared: Path) -> None:
    for name, one in parsed.items():
        path = next(shared.glob(f"*/{name}"))
        source = path.read_bytes().decode(one.document.encoding)
        for cell in one.cells:
            assert source[cell.span_start : cell.span_end] == cell.cell_text
        for claim in one.claims:
            assert source[claim.span_start : claim.span_end] == claim.claim_text


def test_real_reports_have_no_other_issues(parsed: dict[str, Parsed]) -> None:
    codes = {issue.issue_code for one in parsed.values() for issue in one.issues}
    assert codes <= {
        "ambiguous_row",
        "label_repaired",
        "publisher_repaired",
        "region_unknown",
        # As information: no copy of a local form has all rows that others have.
        "rows_missing",
        "table_missing",
    }, codes
