"""DOCX: paragraphs and tables in the order of the document."""

import io

from docx import Document
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from loaders.formats.grid import rows_to_text


def read(data: bytes) -> str:
    """The text of a DOCX file."""
    return _text_of(Document(io.BytesIO(data)))


def _text_of(parent) -> str:
    parts = []
    for item in parent.iter_inner_content():
        if isinstance(item, Paragraph):
            parts.append(item.text)
        elif isinstance(item, Table):
            parts.append(rows_to_text(_rows(item)))
    return "\n".join(part for part in parts if part.strip())


def _rows(table: Table) -> list[list[str | None]]:
    """Cells of a table; a merged cell stands at its first place only."""
    seen = set()
    rows: list[list[str | None]] = []
    for row in table.rows:
        cells: list[str | None] = []
        for cell in row.cells:
            is_first = cell._tc not in seen
            seen.add(cell._tc)
            cells.append(_cell_text(cell) if is_first else None)
        rows.append(cells)
    return rows


def _cell_text(cell: _Cell) -> str:
    return " ".join(_text_of(cell).split())
