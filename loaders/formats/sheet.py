"""XLSX and CSV: the statistics table as an attachment, sheet by sheet, row by row.

A sheet says by itself how large it is and which cells are merged, and may claim anything: it is
read as a stream, and no further than a report can go.
"""

import csv
import io
import re
from collections.abc import Iterator

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from loaders.formats.grid import rows_to_text

_MOST_ROWS = 20_000
_MOST_COLUMNS = 256
_MOST_MERGED = 1_000_000
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]{0,200}?ref=\"([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})\""
)


def read_xlsx(data: bytes) -> str:
    """The cells of every sheet; formulas give the value that was saved with them.

    Raises:
        ValueError: more places are merged than a table of a report has.
    """
    book = load_workbook(io.BytesIO(data), data_only=True, read_only=True)
    parts = []
    for sheet in book.worksheets:
        covered = set(_covered(book._archive.read(sheet._worksheet_path)))
        # Else every row is as wide as the sheet says that it is.
        sheet.reset_dimensions()
        rows = (
            _trim(
                [
                    None if (number, column) in covered else _shown(value)
                    for column, value in enumerate(row, start=1)
                ]
            )
            for number, row in enumerate(
                sheet.iter_rows(max_row=_MOST_ROWS, max_col=_MOST_COLUMNS, values_only=True),
                start=1,
            )
        )
        parts.append(rows_to_text(rows))
    return "\n".join(part for part in parts if part)


def _covered(sheet: bytes) -> Iterator[tuple[int, int]]:
    """Row and column of every place that a merged cell takes up beside its first."""
    count = 0
    for found in _MERGED.finditer(sheet):
        first_column, first_row, last_column, last_row = range_boundaries(found[1].decode())
        last_row, last_column = min(last_row, _MOST_ROWS), min(last_column, _MOST_COLUMNS)
        count += max(0, last_row - first_row + 1) * max(0, last_column - first_column + 1)
        if count > _MOST_MERGED:
            raise ValueError(f"more than {_MOST_MERGED:,} places in merged cells")
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                if (row, column) != (first_row, first_column):
                    yield row, column


def read_csv(text: str) -> str:
    """The cells of a CSV file."""
    rows = csv.reader(io.StringIO(text))
    return rows_to_text(_trim(list(row)) for row in rows)


def _trim(row: list[str | None]) -> list[str | None]:
    while row and not row[-1]:
        row.pop()
    return row


def _shown(value: object) -> str:
    """A cell as a person sees it: 12.0 is 12."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
