"""XLSX and CSV: the statistics table as an attachment, sheet by sheet, row by row."""

import csv
import io

from openpyxl import load_workbook

from loaders.formats.grid import rows_to_text

_MOST_ROWS = 20_000


def read_xlsx(data: bytes) -> str:
    """The cells of every sheet; formulas give the value that was saved with them."""
    book = load_workbook(io.BytesIO(data), data_only=True)
    parts = []
    for sheet in book.worksheets:
        covered = {
            (row, column)
            for block in sheet.merged_cells.ranges
            for row in range(block.min_row, block.max_row + 1)
            for column in range(block.min_col, block.max_col + 1)
            if (row, column) != (block.min_row, block.min_col)
        }
        rows = [
            [None if (cell.row, cell.column) in covered else _shown(cell.value) for cell in row]
            for row in sheet.iter_rows(max_row=min(sheet.max_row or 0, _MOST_ROWS))
        ]
        parts.append(rows_to_text(_trim(row) for row in rows))
    return "\n".join(part for part in parts if part)


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
