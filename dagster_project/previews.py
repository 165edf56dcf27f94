"""Small pictures of data for the catalogue: markdown tables and inline SVG. Pure text.

Text from documents is masked and escaped: a preview tells no personal details, and must not become
markup.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence

import duckdb

from dagster_project.masking import mask_personal
from dagster_project.terminal import is_plain

_LONGEST_CELL = 60
_MARKUP = str.maketrans({"|": "\\|", "`": "'", "[": "\\[", "]": "\\]", "*": "\\*", "_": "\\_"})


def escape_cell(value: object, longest: int = _LONGEST_CELL) -> str:
    """One value as the text of a markdown table cell."""
    if value is None:
        return ""
    text = _plain(str(value))
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return html.escape(text, quote=False).translate(_MARKUP)


def _plain(text: str) -> str:
    return "".join(c if is_plain(c) else " " for c in mask_personal(text))


def as_markdown(
    columns: Sequence[str], rows: Iterable[Sequence[object]], longest_cell: int = _LONGEST_CELL
) -> str:
    """A markdown table; ``(no rows)`` where there is nothing to show."""
    lines = [
        "| " + " | ".join(escape_cell(value, longest_cell) for value in row) + " |" for row in rows
    ]
    if not lines:
        return "(no rows)"
    header = "| " + " | ".join(map(escape_cell, columns)) + " |"
    return "\n".join([header, "|" + " --- |" * len(columns), *lines])


def query_as_markdown(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The result of a query as a markdown table."""
    result = connection.execute(sql)
    return as_markdown([column[0] for column in result.description], result.fetchall())


def draw_bars(title: str, bars: Sequence[tuple[str, float]]) -> str:
    """A horizontal bar per ``(label, percent)``, as a markdown image that needs no network."""
    height = 18 * len(bars) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{height}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="640" height="{height}" fill="#fff"/>'
        f'<text x="4" y="16" font-weight="bold">{html.escape(title)}</text>'
    ]
    for index, (label, percent) in enumerate(bars):
        y = 26 + 18 * index
        width = 3.2 * max(0.0, min(100.0, percent))
        parts.append(
            f'<text x="4" y="{y + 12}">{html.escape(_plain(label)[:22])}</text>'
            f'<rect x="250" y="{y}" width="320" height="14" fill="#e5e7eb"/>'
            f'<rect x="250" y="{y}" width="{width:.1f}" height="14" fill="#2563eb"/>'
            f'<text x="576" y="{y + 12}">{percent:.1f} %</text>'
        )
    svg = "".join(parts) + "</svg>"
    return f"![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"
