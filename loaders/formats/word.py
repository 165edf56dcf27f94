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
    """Cells of a table; a merged cell stands at its first place only.

    Read off the elements: the library spreads a cell over as many columns as it claims to span, and
    seeks a cell merged downwards anew in every row.
    """
    return [
        [
            None if cell.vMerge == "continue" else _cell_text(_Cell(cell, table))
            for cell in row.tc_lst
        ]
        for row in table._tbl.tr_lst
    ]


def _cell_text(cell: _Cell) -> str:
    return " ".join(_text_of(cell).split())
