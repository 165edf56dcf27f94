"""What websites do to a report on its way: scripts, widths, blanks, line ends, headers, separators.

Nothing here takes a figure away. `tests/mutations.py` has the defects that do.
"""

import re
from functools import cache

import opencc

from tests.layouts import REQUEST_HEADER, Grid


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@cache
def _traditional(char: str) -> str:
    return _converter().convert(char)[:1]


def in_traditional_script(text: str) -> str:
    return "".join(map(_traditional, text))


def in_full_width(text: str) -> str:
    return re.sub(r"[0-9():,.]", lambda found: chr(ord(found.group()) + 0xFEE0), text)


def with_extra_blanks(text: str) -> str:
    return re.sub(r" ?\| ?", "  \u3000|\t ", text).replace("\n", " \n\n")


def with_windows_lines(text: str) -> str:
    return text.replace("\n", "\r\n")


def with_no_break_spaces(text: str) -> str:
    return text.replace(" ", "\u00a0")


def unchanged(text: str) -> str:
    return text


SPOILED = (
    unchanged,
    in_traditional_script,
    in_full_width,
    with_extra_blanks,
    with_windows_lines,
    with_no_break_spaces,
)


def with_broken_header(grid: Grid) -> Grid:
    """Header labels cut over two lines, as in narrow columns."""
    return [
        [
            cell[:2] + "\n" + cell[2:]
            if cell in ("结果维持", "结果纠正", "其他结果", "尚未审结")
            else cell
            for cell in row
        ]
        for row in grid
    ]


def with_repeated_header(grid: Grid) -> Grid:
    if grid[:3] != [list(row) for row in REQUEST_HEADER]:
        return grid
    middle = len(grid) // 2
    return [*grid[:middle], *grid[:3], *grid[middle:]]


def with_separators_in_thousands(grid: Grid) -> Grid:
    return [
        [f"{int(cell):,}" if cell.isdigit() and len(cell) > 3 else cell for cell in row]
        for row in grid
    ]


def with_zeros_left_blank(grid: Grid) -> Grid:
    return [["" if cell == "0" else cell for cell in row] for row in grid]
