"""PDF with a text layer: running text in paragraphs, ruled tables with their cells, in reading order."""

import io
import re
import zlib
from typing import Any, NamedTuple

import pdfplumber
from pdfminer import cmapdb, pdffont, pdftypes
from pdfplumber.page import Page

from loaders.formats.grid import rows_to_text

_PAGE_NUMBER = re.compile(
    r"\s*[-—–]?\s*\d{1,3}\s*[-—–]?\s*|第\s*\d{1,3}\s*页(?:\s*共\s*\d{1,3}\s*页)?"
)
_OPENS_PARAGRAPH = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.、])"
)
_MOST_PAGES = 400
_MOST_UNPACKED = 64_000_000
"""What the streams of one file may unpack to. Pictures are never unpacked; text is small."""
_MOST_CROSSINGS = 60_000
"""A page ruled finer than that is a drawing; its tables would take hours to find."""

_MOST_STEPS = 100
_MOST_CODES = 4_000_000
"""Characters that the fonts of one file may describe by ranges; a font has 65,536 at most."""


class _Budget:
    """What one file may take. Stands in for zlib in the PDF library, which unpacks streams whole."""

    error = zlib.error

    def __init__(self) -> None:
        self.restore()

    def restore(self) -> None:
        """Another file may take as much again."""
        self.left = _MOST_UNPACKED
        self.codes_left = _MOST_CODES

    def range(self, *bounds: int) -> range:
        """What the library walks through where a font says "from this code to that one"."""
        codes = range(*bounds)
        self.codes_left -= len(codes)
        if self.codes_left < 0:
            raise ValueError(f"its fonts describe more than {_MOST_CODES:,} characters")
        return codes

    def decompress(self, data: bytes) -> bytes:
        unpacker = self.decompressobj()
        unpacked = unpacker.decompress(data)
        if not unpacker.eof:
            raise zlib.error("incomplete or truncated stream")
        return unpacked

    def decompressobj(self) -> Any:
        return _BoundedUnpacker(self)


class _BoundedUnpacker:
    def __init__(self, budget: _Budget) -> None:
        self._budget = budget
        self._unpacker = zlib.decompressobj()

    @property
    def eof(self) -> bool:
        return self._unpacker.eof

    def decompress(self, data: bytes) -> bytes:
        unpacked = self._unpacker.decompress(data, self._budget.left + 1)
        self._budget.left -= len(unpacked)
        if self._budget.left < 0:
            raise ValueError(f"its streams unpack to more than {_MOST_UNPACKED:,} bytes")
        return unpacked


def _resolve(reference: pdftypes.PDFObjRef, default: object = None) -> Any:
    """What a reference leads to; the library follows one that leads back to itself for ever."""
    found, steps = reference, 0
    while isinstance(found, pdftypes.PDFObjRef):
        steps += 1
        if steps > _MOST_STEPS:
            raise ValueError("a reference that leads back to itself")
        found = _resolve_once(found, default)
    return found


_budget = _Budget()
_resolve_once = pdftypes.PDFObjRef.resolve
pdftypes.zlib = _budget
pdffont.range = cmapdb.range = _budget.range
pdftypes.PDFObjRef.resolve = _resolve


class Block(NamedTuple):
    """A line of running text or a row of a table; ``is_full`` where a line reaches the right margin."""

    top: float
    text: str
    is_row: bool
    is_full: bool


def read(data: bytes) -> str:
    """The text of a PDF; ``''`` where no page has a text layer (a scan).

    Lines that only the margin broke are joined again, page numbers left out. A table that goes on
    overleaf comes out as its rows in their order.

    Raises:
        ValueError: its streams unpack to more than a report can be, or its fonts to more than one has.
    """
    _budget.restore()
    blocks: list[Block] = []
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages[:_MOST_PAGES]:
            blocks.extend(_blocks(page))
            page.close()
    return _join(blocks)


def _blocks(page: Page) -> list[Block]:
    """Lines and rows of a page from top to bottom.

    Only rows with several cells are taken from the ruling: a frame around a page is no table.
    """
    blocks, boxes = [], []
    for table in page.find_tables() if _is_ruled_for_tables(page) else ():
        for row, cells in zip(table.rows, table.extract(), strict=True):
            if sum(cell is not None for cell in cells) > 1:
                text = rows_to_text([[_unbroken(cell) for cell in cells]])
                blocks.append(Block(row.bbox[1], text, is_row=True, is_full=False))
                boxes.append(row.bbox)
    rest = page.filter(lambda item: not any(_is_inside(item, box) for box in boxes))
    lines = rest.extract_text_lines(return_chars=False)
    right = max((line["x1"] for line in lines), default=0)
    for line in lines:
        text = line["text"].strip()
        if text and not _PAGE_NUMBER.fullmatch(text):
            width = (line["x1"] - line["x0"]) / len(text)
            is_full = line["x1"] > right - 2 * width
            blocks.append(Block(line["top"], text, is_row=False, is_full=is_full))
    return sorted(blocks, key=lambda block: block.top)


def _is_ruled_for_tables(page: Page) -> bool:
    upright = {round(edge["x0"]) for edge in page.edges if edge["orientation"] == "v"}
    level = {round(edge["top"]) for edge in page.edges if edge["orientation"] == "h"}
    return len(upright) * len(level) <= _MOST_CROSSINGS


def _unbroken(cell: str | None) -> str | None:
    """A cell's text without the line breaks that its width forced; figures keep theirs."""
    if cell is None or re.search(r"\d\s*\n\s*\d", cell):
        return cell
    return cell.replace("\n", "")


def _is_inside(item: dict, box: tuple[float, float, float, float]) -> bool:
    middle = (item["top"] + item["bottom"]) / 2
    return box[1] <= middle <= box[3] and box[0] - 1 <= item["x0"] <= box[2]


def _join(blocks: list[Block]) -> str:
    parts: list[str] = []
    is_open = False
    for block in blocks:
        if not block.text:
            continue
        if is_open and not block.is_row and not _OPENS_PARAGRAPH.match(block.text):
            parts[-1] += block.text
        else:
            parts.append(block.text)
        is_open = block.is_full and not block.is_row
    return "\n".join(parts)
