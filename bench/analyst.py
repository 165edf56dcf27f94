"""The same cells as an analyst would read them: plain Python, the tables of the national forms by their labels.

    .venv/bin/python -m bench.analyst [FOLDER]

What a competent person writes in an afternoon for a known set of reports: decode, one spelling of every character, cut the
text into words and numbers, look the words up in a dictionary of labels, give the numbers behind a label to its columns, one
dict per cell with value, text, line and offsets. The year and the body come from the title. Patterns are compiled and the labels
prepared once; nothing is slowed on purpose, and the step of normalisation is the parser's own, which is fast.

It reads the editions of 2014, 2019 and 2021 where every cell is printed and separated. It has no issues, no marks, no
prose, no wrapped, repeated, misprinted or glued labels, no check of widths beyond dropping a row that does not fit, no local
forms and no spans of sections: whatever is odd is left out or, where a cell is lost, may be wrong. So it does less than the parser.
Run by itself, it prints how many of the parser's certain cells it reads too, and what both take.
"""

import re
import sys
import time
from bisect import bisect_right
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from loaders.form import load_form
from loaders.normalise import normalise
from loaders.parse import parse

ROOT = Path(__file__).resolve().parents[1]
_WORD = re.compile(r"[^\s|]+")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_ORDINAL = re.compile(
    r"(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)|\d{1,2}[.、]|其中:)+"
)
_PUNCTUATION = re.compile(r"[^\w%]|_")
_YEAR = re.compile(r"(20\d\d)\s*年")
_TITLE = re.compile(r"^[|\s]*(\S{2,40}?)(20\d\d)年?度?政府信息公开工作年度报告", re.M)


def _key(label: str) -> str:
    return _PUNCTUATION.sub("", _ORDINAL.sub("", label, count=1))


class _Labels:
    """The labels of one edition, ready to be looked up."""

    def __init__(self, form_id: str) -> None:
        form = load_form()
        self.rows: dict[str, list[str]] = {}
        self.items: dict[tuple[str, str], str] = {}
        for line in form.lines(form_id):
            if line.dimension_code == "article_20" and line.row_label_zh:
                key = (_key(line.row_label_zh), _key(line.column_label_zh))
                self.items[key] = line.indicator_code
            elif line.table_code in ("requests", "statistics") and line.node_type != "heading":
                for label in (line.label_zh, *form.variants(form_id, line.indicator_code)):
                    self.rows.setdefault(_key(label), []).append(line.indicator_code)
        self.item_rows = {row for row, _ in self.items}
        self.item_columns = {column for _, column in self.items}
        self.applicants = [a.applicant_code for a in form.applicants if a.column_order]
        self.appeals = [column.indicator_code for column in form.appeal_columns]
        self.appeal_heads = {_key(column.result_zh) for column in form.appeal_columns}
        self.has_columns = form_id != "national_2014"


@lru_cache(maxsize=8)
def _labels_of(form_id: str) -> _Labels:
    return _Labels(form_id)


def _edition_of(text: str) -> str:
    if "本年制发件数" in text or "现行有效件数" in text:
        return "national_2021"
    if "本年新制作数量" in text or "自然人" in text:
        return "national_2019"
    return "national_2014"


def read_analyst(data: bytes) -> list[dict]:
    """Read the cells of one report, a dict per cell."""
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        source = data.decode("gb18030", errors="replace")
    text = normalise(source)
    title = _TITLE.search(text)
    year = int(title[2]) if title else int((_YEAR.search(text) or [0, 0])[1])
    publisher = title[1] if title else ""
    form_id = _edition_of(text)
    labels = _labels_of(form_id)
    line_starts = [0, *(found.end() for found in re.finditer("\n", text))]

    cells: list[dict] = []
    numbers: list[tuple[int, int, str]] = []
    """The numbers behind the last label."""
    row, columns, kind = "", [], ""
    taken: set[str] = set()

    def close_row() -> None:
        """Give the numbers to the cells of the row, if they are as many."""
        keys: list[tuple[str, str]] = []
        if kind == "row":
            codes = [code for code in labels.rows[row] if code not in taken]
            places = labels.applicants if labels.has_columns else [""]
            if codes and len(numbers) == len(places):
                taken.add(codes[0])
                keys = [(codes[0], place) for place in places]
        elif kind == "item" and len(numbers) == len(columns):
            keys = [(labels.items.get((row, column), ""), "") for column in columns]
        elif kind == "appeals" and len(numbers) == len(labels.appeals):
            keys = [(code, "") for code in labels.appeals]
        for (code, column), (start, end, printed) in zip(keys, numbers, strict=False):
            if code:
                cells.append(
                    {
                        "publisher": publisher,
                        "report_year": year,
                        "form_id": form_id,
                        "indicator_code": code,
                        "column_code": column,
                        "value": Decimal(printed.replace(",", "")),
                        "cell_text": source[start:end],
                        "line_no": bisect_right(line_starts, start),
                        "span_start": start,
                        "span_end": end,
                    }
                )
        numbers.clear()

    for found in _WORD.finditer(text):
        word = found.group()
        if _NUMBER.fullmatch(word):
            if kind:
                numbers.append((found.start(), found.end(), word))
            continue
        key = _key(word)
        if kind == "appeals" and key in labels.appeal_heads:
            continue
        if key in labels.rows:
            close_row()
            row, kind = key, "row"
        elif key in labels.item_rows:
            close_row()
            row, kind = key, "item"
        elif key in labels.item_columns:
            close_row()
            if kind != "columns":
                columns, kind = [], "columns"
            columns.append(key)
        elif key in labels.appeal_heads:
            close_row()
            kind = "appeals"
        elif len(key) > 4 and not word.startswith("("):
            # A sentence or a heading; units and ordinals alone stand inside rows.
            close_row()
            kind = ""
    close_row()
    return cells


def main(folder: Path) -> None:
    """Compare both readings of every UTF-8 text below a folder."""
    form = load_form()
    documents = [path.read_bytes() for path in sorted(folder.rglob("*.txt"))]
    for data in documents:
        read_analyst(data)
    start = time.process_time()
    by_analyst = [read_analyst(data) for data in documents]
    middle = time.process_time()
    by_parser = [parse(data, "text/plain", form).cells for data in documents]
    end = time.process_time()
    shared = wrong = certain = 0
    for found, cells in zip(by_analyst, by_parser, strict=True):
        read = {(cell["indicator_code"], cell["column_code"]): cell["value"] for cell in found}
        for cell in cells:
            if cell.value_status == "reported":
                certain += 1
                value = read.get((cell.indicator_code, cell.column_code))
                shared += value == cell.value
                wrong += value is not None and value != cell.value
    print(f"{len(documents)} documents, {certain} certain cells: {shared} alike, {wrong} otherwise")
    print(f"analyst {1000 * (middle - start):.1f} ms, parser {1000 * (end - middle):.1f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "warehouse" / "landing")
