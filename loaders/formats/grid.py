"""Rows of cells as lines of text, the one way in which every format hands on a table."""

from collections.abc import Iterable, Sequence


def rows_to_text(rows: Iterable[Sequence[str | None]]) -> str:
    """Write rows as ``| a | b |``, one line each.

    ``None`` stands for a place that a merged cell takes up: it is no cell and leaves no trace. ``''``
    is an empty cell and stays one. Line breaks within a cell become blanks.
    """
    lines = []
    for row in rows:
        cells = [" ".join(cell.replace("|", " ").split()) for cell in row if cell is not None]
        if any(cells):
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
