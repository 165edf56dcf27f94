"""Single defects of printed tables, and whether anybody would notice.

A specimen is the text of a report together with the cells that are known to be right. Each defect changes
its text in one way; each cell must then still be right, be marked, or be caught by an error rule that now
fails. A figure that vanishes without a word counts as missed, like a wrong one.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from random import Random

from loaders.form import Form
from loaders.parse import parse
from loaders.read import decode
from loaders.rows import Cell, Parsed
from loaders.rules import FAIL, evaluate
from tests.layouts import Values

_HAN = re.compile("[㐀-鿿]")
_RUN = re.compile(r"[^\n|\t]*[㐀-鿿][^\n|\t]*")
_COLUMNS = ("商业企业", "科研机构", "社会公益组织", "法律服务机构")
_PROSE = ("注:本表数据由各单位上报后汇总形成。", "本年度有关情况详见附件说明,数据以年报为准。")


@dataclass(frozen=True)
class Row:
    """A printed row: its label's span and its cells."""

    label_start: int
    label_end: int
    cells: tuple[Cell, ...]

    @property
    def end(self) -> int:
        return self.cells[-1].span_end


@dataclass(frozen=True)
class Specimen:
    """A report whose cells are known."""

    name: str
    text: str
    cells: tuple[Cell, ...]
    failed: frozenset[tuple[str, str]]
    """Rules that the report breaks by itself."""
    keys: frozenset[tuple[str, str]]
    """All that is read of it: a figure under any other key is made up."""

    @cached_property
    def tables(self) -> dict[str, Values]:
        found: dict[str, Values] = {}
        for cell in self.cells:
            table = found.setdefault(cell.table_code, {})
            table[(cell.indicator_code, cell.column_code)] = cell.value
        return found

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        """The rows of each table: cells between which no word stands."""
        found: dict[str, list[Row]] = {}
        for code in self.tables:
            cells = sorted(
                (c for c in self.cells if c.table_code == code), key=lambda c: c.span_start
            )
            groups = [[cells[0]]]
            for cell, following in pairwise(cells):
                if _HAN.search(self.text, cell.span_end, following.span_start):
                    groups.append([])
                groups[-1].append(following)
            end = max(cells[0].span_start - 60, 0)
            for group in groups:
                start = group[0].span_start
                runs = [
                    m for m in _RUN.finditer(self.text, end, start) if len(m.group().strip()) > 2
                ]
                if runs:
                    left, right = runs[-1].span()
                    if right - left > 60:
                        # A report on one line: the label is what stands between the last blanks.
                        words = list(re.finditer(r"\S+", self.text[left:right]))[-2:]
                        left += words[0].start()
                    found.setdefault(code, []).append(Row(left, right, tuple(group)))
                end = group[-1].span_end
        return found


def specimen_of(name: str, text: str, form: Form, gold: Values | None = None) -> Specimen:
    """Read a report that is known to be read well; only cells that ``gold`` confirms count."""
    parsed = parse(text.encode(), "text/plain", form)
    cells = tuple(
        cell
        for cell in parsed.cells
        if cell.value_status == "reported"
        and (gold is None or gold.get((cell.indicator_code, cell.column_code)) == cell.value)
    )
    keys = frozenset((cell.indicator_code, cell.column_code) for cell in parsed.cells)
    return Specimen(name, text, cells, frozenset(_failed(form, parsed)), keys)


def gold_specimens(shared: Path, form: Form) -> Iterator[Specimen]:
    """The reports of ``../shared`` whose cells were labelled by hand."""
    gold: dict[tuple[str, int], Values] = {}
    for name in ("seed_cells", "case_cells"):
        with (shared / "eval" / "gold" / f"{name}.csv").open(encoding="utf-8") as source:
            for row in csv.DictReader(source):
                key = (row.get("seed") or row["name"], int(row["report_year"]))
                column = row.get("applicant_code") or row.get("column_code") or ""
                gold.setdefault(key, {})[(row["indicator_code"], column)] = row["value"]
    for (name, year), printed in gold.items():
        path = next(
            p for p in sorted(shared.glob("*/*")) if p.name in (name, f"{name}.txt", f"{name}.pdf")
        )
        data = path.read_bytes()
        text = decode(data).text or ""
        parsed = parse(data, "text/plain", form)
        report = next(r for r in parsed.reports if r.report_year == year)
        values = {
            (c.indicator_code, c.column_code): c.value
            for c in parsed.cells
            if c.report_no == report.report_no
            and c.value is not None
            and float(printed.get((c.indicator_code, c.column_code)) or "nan") == float(c.value)
        }
        stretch = text[report.span_start : report.span_end]
        yield specimen_of(f"{name} {year}", stretch, form, values)


# --- defects: each gives a changed text, or None where the specimen has no place for it -----------------

Defect = Callable[[Random, Specimen], str | None]


def _cut(text: str, start: int, end: int, instead: str = "") -> str:
    return text[:start] + instead + text[end:]


def _pick_row(random: Random, specimen: Specimen, least: int = 1) -> Row | None:
    tables = [
        rows
        for found in specimen.rows.values()
        if (rows := [row for row in found if len(row.cells) >= least])
    ]
    return random.choice(random.choice(tables)) if tables else None


def _pick_pair(random: Random, specimen: Specimen) -> tuple[Cell, Cell] | None:
    row = _pick_row(random, specimen, 2)
    return random.choice(list(pairwise(row.cells))) if row else None


def drop_cell(random: Random, specimen: Specimen) -> str | None:
    pair = _pick_pair(random, specimen)
    return pair and _cut(specimen.text, pair[0].span_start, pair[1].span_start)


def empty_cell(random: Random, specimen: Specimen) -> str | None:
    row = _pick_row(random, specimen)
    cell = random.choice(row.cells)
    return _cut(specimen.text, cell.span_start, cell.span_end)


def drop_separator(random: Random, specimen: Specimen) -> str | None:
    pair = _pick_pair(random, specimen)
    return pair and _cut(specimen.text, pair[0].span_end, pair[1].span_start)


def merge_cells(random: Random, specimen: Specimen) -> str | None:
    """Both figures in one cell, the other one empty."""
    pair = _pick_pair(random, specimen)
    if pair is None:
        return None
    a, b = pair
    between = specimen.text[a.span_end : b.span_start]
    text = _cut(specimen.text, b.span_start, b.span_end)
    return _cut(text, a.span_end, b.span_start, f" {b.cell_text}{between}")


def drop_row(random: Random, specimen: Specimen) -> str | None:
    row = _pick_row(random, specimen)
    return _cut(specimen.text, row.label_start, row.end)


def blank_label(random: Random, specimen: Specimen) -> str | None:
    row = _pick_row(random, specimen)
    return _cut(specimen.text, row.label_start, row.label_end, " ")


def misprint(random: Random, specimen: Specimen) -> str | None:
    row = _pick_row(random, specimen)
    places = [m.start() for m in _HAN.finditer(specimen.text, row.label_start, row.label_end)]
    at = random.choice(places)
    return _cut(specimen.text, at, at + 1, random.choice("某口人的申"))


def drop_digit(random: Random, specimen: Specimen) -> str | None:
    cells = [c for c in specimen.cells if len(re.findall(r"\d", c.cell_text)) > 1]
    if not cells:
        return None
    cell = random.choice(cells)
    places = [n for n in range(cell.span_start, cell.span_end) if specimen.text[n].isdigit()]
    at = random.choice(places)
    return _cut(specimen.text, at, at + 1)


def swap_figures(random: Random, specimen: Specimen) -> str | None:
    """Two figures of a row change places, their headers do not."""
    rows = [
        row
        for found in specimen.rows.values()
        for row in found
        if len({c.cell_text for c in row.cells}) > 1
    ]
    if not rows:
        return None
    cells = random.choice(rows).cells
    a = random.choice(cells)
    b = random.choice([c for c in cells if c.cell_text != a.cell_text])
    return _swap(specimen.text, [(a, b) if a.span_start < b.span_start else (b, a)])


def swap_columns(random: Random, specimen: Specimen) -> str | None:
    """Two kinds of legal persons change places, header and all."""
    rows = [row for row in specimen.rows.get("requests", ()) if len(row.cells) == 7]
    if not rows:
        return None
    i, j = sorted(random.sample(range(4), 2))
    text = _swap(specimen.text, [(row.cells[i + 1], row.cells[j + 1]) for row in rows])
    start = text.rfind("自然人", 0, rows[0].label_start)
    a, b = (text.find(_COLUMNS[n], start, rows[0].label_start) for n in (i, j))
    if start < 0 or a < 0 or b < 0:
        return None
    text = _cut(text, b, b + len(_COLUMNS[j]), _COLUMNS[i])
    return _cut(text, a, a + len(_COLUMNS[i]), _COLUMNS[j])


def _swap(text: str, pairs: list[tuple[Cell, Cell]]) -> str:
    for a, b in sorted(pairs, key=lambda pair: -pair[0].span_start):
        text = _cut(text, b.span_start, b.span_end, a.cell_text)
        text = _cut(text, a.span_start, a.span_end, b.cell_text)
    return text


def duplicate_table(random: Random, specimen: Specimen) -> str | None:
    rows = random.choice(list(specimen.rows.values()))
    start = max(specimen.text.rfind("、", 0, rows[0].label_start) - 1, 0)
    if rows[0].label_start - start > 400:
        return None
    copy = specimen.text[start : rows[-1].end]
    return _cut(specimen.text, rows[-1].end, rows[-1].end, f"\n{copy}")


def duplicate_with_another_figure(random: Random, specimen: Specimen) -> str | None:
    """The table twice, one figure differing: an old draft beside the final one."""
    rows = random.choice(list(specimen.rows.values()))
    start = max(specimen.text.rfind("、", 0, rows[0].label_start) - 1, 0)
    if rows[0].label_start - start > 400:
        return None
    cell = random.choice(random.choice(rows).cells)
    copy = _cut(specimen.text, cell.span_start, cell.span_end, f"{cell.cell_text}7")
    copy = copy[start : rows[-1].end + 1]
    return _cut(specimen.text, rows[-1].end, rows[-1].end, f"\n{copy}")


def add_column(random: Random, specimen: Specimen) -> str | None:
    """One more figure in each row, that no header announces. Glued to others it would be a digit of theirs."""
    tables = [
        rows
        for rows in specimen.rows.values()
        if all(len(row.cells) > 1 and row.cells[0].method != "solved" for row in rows)
    ]
    if not tables:
        return None
    rows = random.choice(tables)
    at = random.randrange(min(len(row.cells) for row in rows) - 1)
    text = specimen.text
    for row in reversed(rows):
        a, b = row.cells[at : at + 2]
        between = text[a.span_end : b.span_start]
        text = _cut(text, b.span_start, b.span_start, f"{random.randrange(9)}{between}")
    return text


def shuffle_rows(random: Random, specimen: Specimen) -> str | None:
    tables = [rows for rows in specimen.rows.values() if len(rows) > 1]
    if not tables:
        return None
    rows = random.choice(tables)
    i, j = sorted(random.sample(range(len(rows)), 2))
    a, b = rows[i], rows[j]
    first, second = (specimen.text[row.label_start : row.end] for row in (a, b))
    text = _cut(specimen.text, b.label_start, b.end, first)
    return _cut(text, a.label_start, a.end, second)


def cut_short(random: Random, specimen: Specimen) -> str | None:
    rows = random.choice(list(specimen.rows.values()))
    return _cut(specimen.text, random.choice(rows).label_start, rows[-1].end)


def insert_prose(random: Random, specimen: Specimen) -> str | None:
    row = _pick_row(random, specimen)
    return _cut(specimen.text, row.label_start, row.label_start, f"\n{random.choice(_PROSE)}\n")


DEFECTS: tuple[Defect, ...] = (
    drop_cell,
    empty_cell,
    drop_separator,
    merge_cells,
    drop_row,
    blank_label,
    misprint,
    drop_digit,
    swap_figures,
    swap_columns,
    duplicate_table,
    duplicate_with_another_figure,
    add_column,
    shuffle_rows,
    cut_short,
    insert_prose,
)


# --- what becomes of them -------------------------------------------------------------------------------


def _failed(form: Form, parsed: Parsed) -> set[tuple[str, str]]:
    return {
        (result.rule_id, result.scope_code)
        for result in evaluate(form, [parsed])
        if result.result == FAIL and form.rule(result.rule_id).severity == "error"
    }


def judge_mutant(form: Form, specimen: Specimen, text: str) -> Counter[str]:
    """What became of the cells: ``right``, ``marked``, ``caught``, ``wrong``, ``silent``."""
    parsed = parse(text.encode(), "text/plain", form)
    broken = {
        form.rule(rule_id).table_code
        for rule_id, scope in _failed(form, parsed)
        if (rule_id, scope) not in specimen.failed
    }
    told = {
        issue.table_code
        for issue in parsed.issues
        if issue.severity != "info" or issue.issue_code == "rows_missing"
    }
    is_told = any(
        issue.issue_code in ("figures_not_read", "no_report_found") for issue in parsed.issues
    )
    values = {key: value for table in specimen.tables.values() for key, value in table.items()}
    counts: Counter[str] = Counter()
    found = {}
    for cell in parsed.cells:
        key = (cell.indicator_code, cell.column_code)
        found[key] = cell
        is_other = key not in specimen.keys or values.get(key, cell.value) != cell.value
        if cell.value_status == "reported" and is_other:
            counts["caught" if cell.table_code in broken else "wrong"] += 1
    for code, table in specimen.tables.items():
        for key, value in table.items():
            cell = found.get(key)
            if cell is not None and cell.value_status == "reported":
                counts["right"] += cell.value == value
            elif cell is not None or code in told or is_told:
                counts["marked"] += 1
            else:
                counts["caught" if code in broken else "silent"] += 1
    return counts


def outcome_of(counts: Counter[str]) -> str:
    """A changed document in one word: ``missed`` where a cell is wrong or gone and nobody says so."""
    if counts["wrong"] or counts["silent"]:
        return "missed"
    if counts["caught"]:
        return "caught"
    return "marked" if counts["marked"] else "right"
