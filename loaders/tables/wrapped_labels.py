"""Labels that a narrow column wrapped, in text that lost the columns: pieces above, beside and below the figures.

The text of a PDF has one line per line of a page, so a label of three lines has its figures in the middle one. Which
pieces make which label is settled for the whole table at once: every row of figures must have a label of the form, in
the order of the form, and no piece may be left over. More than one way, or none, and nothing is read here.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from loaders.form import Form, Line
from loaders.tables.filled_table import PRINT_NOTHING
from loaders.tables.labels import NOT_LETTER, Entry, split_ordinal
from loaders.tables.tokens import LABEL, UNIT, UNITS, VALUE, Token

_VALUE = r"(?:-?\d{1,3}(?:,\d{3})+|-?\d+(?:\.\d+)?|[-/〇○Oo])"
_NOTE = re.compile(r"\([^()]*\)?$")
_CELL = re.compile(r"\S+")
# The ordinal 1. alone in its line is none: it is the same in every table of its layout.
_FIGURE = re.compile(r"(?<!\S)-?\d+(?:\.\d+)?(?!\S)")
_DIGIT_LAST = re.compile(r"(?<!\S)-?[\d.]+\s*\Z")
_PAGE = re.compile(r"-*\s*\d{1,3}\s*-*|第\s*\d+\s*页.*|\d+\s*/\s*\d+")
_LONGEST_LINE = 80
_MOST_LINES = 400
_MOST_TAIL = 4
_MOST_HEAD = 8
_LONGEST_VERTICAL = 5
_MOST_HEADER_LINES = 8
_LONGEST_FIGURE = 16


class _Piece(NamedTuple):
    """A stretch of text without figures: the letters that it adds to a label."""

    start: int
    end: int
    letters: str


class _Figures(NamedTuple):
    """A line of figures, with the piece of the label that stands before them."""

    before: _Piece | None
    code: tuple[int, int] | None
    unit: tuple[int, int] | None
    values: tuple[tuple[int, int], ...]
    gap: int
    """How many pieces of text stand before it."""


class _Labels(NamedTuple):
    """What a row may be called, and what may stand above it: letters with and without ordinals."""

    lines: dict[str, tuple[Line, ...]]
    headings: frozenset[str]
    vertical: tuple[str, ...]
    """Headings that stand in a column of their own, one or two letters to a line."""


class Joined(NamedTuple):
    """Tokens with their wrapped labels put together, and what of the text had a say in that."""

    tokens: list[Token]
    reach: int
    """How far the text was read; 0 where it was not."""
    is_judged: bool
    """Other digits in the place of these might have led to other labels."""
    fixed: tuple[tuple[int, int], ...]
    """Figures that count only as long as they are these: running numbers of rows."""


class _Cut(NamedTuple):
    """The pieces of text of a table and its lines of figures; the rest as in what is `Joined` of them."""

    pieces: list[_Piece]
    rows: list[_Figures]
    reach: int
    is_judged: bool


class _Row(NamedTuple):
    line: Line
    figures: _Figures
    start: int
    end: int


def put_together(
    text: str,
    tokens: list[Token],
    start: int,
    end: int,
    table_code: str,
    form_id: str,
    form: Form,
) -> Joined:
    """The tokens of a table with its wrapped labels put together, where that is certain."""
    if table_code == "requests":
        width = sum(1 for applicant in form.applicants if applicant.column_order)
    elif table_code == "statistics":
        width = len(form.value_columns(form_id))
    else:
        return Joined(tokens, 0, False, ())
    cut = _cut(text, start, end, width, has_units=table_code == "statistics")
    rows = _unwrap(text, cut, table_code, form_id, form)
    fixed = tuple(row.code for row in cut.rows if row.code)
    if rows is not None and len(rows) >= sum(token.kind == VALUE for token in tokens):
        tokens = [*(token for token in tokens if token.end <= rows[0].start), *rows]
    return Joined(tokens, cut.reach, cut.is_judged, fixed)


def _unwrap(text: str, cut: _Cut, table_code: str, form_id: str, form: Form) -> list[Token] | None:
    """Read the rows of a table whose labels are wrapped around their figures.

    Returns:
        Labels, units and values of all rows; ``None`` where that is not certain.
    """
    pieces, rows = cut.pieces, cut.rows
    if len(rows) < 2:
        return None
    labels = _labels(form, form_id, table_code)
    for vertical in ((), labels.vertical[:1], labels.vertical):
        kept, kept_rows = _without_vertical(pieces, rows, vertical)
        found = _settle(kept, kept_rows, labels)
        if found is not None:
            return [token for row in found for token in _tokens(text, row)]
    return None


@lru_cache(maxsize=32)
def _line_of_figures(width: int, has_units: bool) -> re.Pattern[str]:
    # A coded table has the number of the row before its unit.
    units = rf"(?:(?P<code>\d{{1,3}})\s+)?(?P<unit>[(]?(?:{UNITS})[)]?)\s+"
    units = units if has_units else "(?P<code>)(?P<unit>)"
    return re.compile(
        rf"(?P<label>.*?)(?:(?<=\s)|^){units}(?P<values>{_VALUE}(?:\s+{_VALUE}){{{width - 1}}})\s*"
    )


def _cut(text: str, start: int, end: int, width: int, *, has_units: bool) -> _Cut:
    """The pieces of text of a table and its lines of figures, up to the first sentence.

    Args:
        width: how many figures a row has.
    """
    line_of_figures = _line_of_figures(width, has_units)
    longest = _LONGEST_LINE + 20 * width
    pieces: list[_Piece] = []
    rows: list[_Figures] = []
    reach = end
    is_judged = False
    has_figures_elsewhere = False
    for number, (left, right) in enumerate(_lines(text, start, end)):
        line = text[left:right]
        if number > _MOST_LINES or "。" in line or "|" in line or "\t" in line:
            reach = right
            break
        found = line_of_figures.fullmatch(line) if len(line) <= longest else None
        if found is None:
            figures = [len(figure) for figure in _FIGURE.findall(line)]
            has_figures_elsewhere |= bool(figures)
            shortest = len(line) - sum(figures) + len(figures)
            is_judged |= shortest <= longest < shortest + _LONGEST_FIGURE * len(figures)
            if _PAGE.fullmatch(line.strip()):
                continue
            if len(line) > _LONGEST_LINE and rows:
                reach = right
                break
            pieces.append(_piece(text, left, right))
            continue
        is_judged |= len(line) + _LONGEST_FIGURE * width > longest
        label = _piece(text, left, left + found.end("label"))
        is_judged |= _DIGIT_LAST.search(line, 0, found.end("label")) is not None
        code, unit = (
            (left + found.start(part), left + found.end(part)) if found[part] else None
            for part in ("code", "unit")
        )
        values = tuple(
            (left + cell.start(), left + cell.end())
            for cell in _CELL.finditer(line, found.start("values"))
        )
        rows.append(_Figures(label if label.letters else None, code, unit, values, len(pieces)))
    # Digits among the letters of a label might complete it; but where there are no rows, nothing is joined.
    is_judged |= len(rows) > 1 and has_figures_elsewhere
    return _Cut(pieces, rows, reach, is_judged)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        line = text[start:stop]
        if line.strip():
            left = start + len(line) - len(line.lstrip())
            yield left, left + len(line.strip())
        start = stop + 1


def _piece(text: str, start: int, end: int) -> _Piece:
    return _Piece(start, end, NOT_LETTER.sub("", text[start:end]))


@lru_cache(maxsize=32)
def _labels(form: Form, form_id: str, table_code: str) -> _Labels:
    lines: dict[str, list[Line]] = {}
    headings: set[str] = set()
    vertical: list[str] = []
    for line in form.lines(form_id):
        if line.table_code != table_code:
            continue
        is_heading = line.node_type in PRINT_NOTHING
        full = NOT_LETTER.sub("", line.label_zh)
        ordinal = full.removesuffix(NOT_LETTER.sub("", split_ordinal(line.label_zh)[1]))
        for label in (line.label_zh, *form.variants(form_id, line.indicator_code)):
            plain = split_ordinal(label)[1]
            for spelling in (plain, _NOTE.sub("", plain)):
                letters = NOT_LETTER.sub("", spelling)
                for called in {letters, ordinal + letters} - {""}:
                    if line not in lines.setdefault(called, []):
                        lines[called].append(line)
                    if is_heading:
                        headings.add(called)
        if is_heading:
            vertical.append(full)
    return _Labels({k: tuple(v) for k, v in lines.items()}, frozenset(headings), tuple(vertical))


def _without_vertical(
    pieces: Sequence[_Piece], rows: Sequence[_Figures], headings: Sequence[str]
) -> tuple[list[_Piece], list[_Figures]]:
    """Leave out the pieces that spell, one after the other, a heading set in a column of its own."""
    dropped: set[int] = set()
    for heading in headings:
        spelled: list[int] = []
        rest = heading
        for number, piece in enumerate(pieces):
            is_short = 0 < len(piece.letters) <= _LONGEST_VERTICAL
            if rest and is_short and number not in dropped and rest.startswith(piece.letters):
                spelled.append(number)
                rest = rest[len(piece.letters) :]
        if not rest and len(spelled) > 1:
            dropped.update(spelled)
    kept = [piece for number, piece in enumerate(pieces) if number not in dropped]
    moved = [row._replace(gap=row.gap - sum(n < row.gap for n in dropped)) for row in rows]
    return kept, moved


def _settle(
    pieces: Sequence[_Piece], rows: Sequence[_Figures], labels: _Labels
) -> list[_Row] | None:
    """The one way to give every piece between the rows to a label; what stands above and below is free."""
    ways: list[list[_Row]] = []
    chosen: list[_Row] = []
    dead: set[tuple[int, int, int]] = set()

    def place(number: int, taken: int, order: int) -> None:
        """Give row ``number`` its label; ``taken`` pieces belong to the rows before it."""
        if len(ways) > 1 or (number, taken, order) in dead:
            return
        if number == len(rows):
            ways.append(list(chosen))
            return
        found_before = len(ways)
        row = rows[number]
        following = rows[number + 1].gap if number + 1 < len(rows) else len(pieces)
        firsts = range(max(row.gap - _MOST_HEAD, taken), row.gap + 1) if number == 0 else (taken,)
        for first in firsts:
            head = "".join(piece.letters for piece in pieces[first : row.gap])
            head += row.before.letters if row.before else ""
            for last in range(row.gap, min(row.gap + _MOST_TAIL, following) + 1):
                letters = head + "".join(piece.letters for piece in pieces[row.gap : last])
                for line in _lines_called(letters, labels):
                    if line.line_order <= order:
                        continue
                    inside = [*pieces[first:last], *([row.before] if row.before else [])]
                    chosen.append(
                        _Row(line, row, min(p.start for p in inside), max(p.end for p in inside))
                    )
                    place(number + 1, last, line.line_order)
                    chosen.pop()
        if len(ways) == found_before:
            dead.add((number, taken, order))

    place(0, 0, -1)
    distinct = {tuple(row.line.indicator_code for row in way): way for way in ways}
    return next(iter(distinct.values())) if len(distinct) == 1 else None


def _lines_called(letters: str, labels: _Labels, depth: int = 0) -> Iterator[Line]:
    """The lines of the form that letters may stand for, headings in front of them left out."""
    yield from labels.lines.get(letters, ())
    if depth < 3:
        for length in range(2, len(letters)):
            if letters[:length] in labels.headings:
                yield from _lines_called(letters[length:], labels, depth + 1)


def _tokens(text: str, row: _Row) -> Iterator[Token]:
    entry = Entry("line", row.line.indicator_code)
    ordinal = split_ordinal(row.line.label_zh)[0]
    yield Token(LABEL, row.start, row.end, (entry,), ordinal)
    if row.figures.code:
        yield Token(VALUE, *row.figures.code, is_cell=True)
    if row.figures.unit:
        yield Token(UNIT, *row.figures.unit)
    for start, end in row.figures.values:
        yield Token(VALUE, start, end, is_cell=True)


def spells(text: str, start: int, end: int, columns: Sequence[Sequence[str]]) -> bool:
    """Whether the lines of a header, read side by side, print the columns of the form in its order.

    Args:
        columns: for each column the ways to print its label.
    """
    letters = {NOT_LETTER.sub("", label) for labels in columns for label in labels}
    lines = []
    for left, right in _lines(text, start, end):
        pieces = [NOT_LETTER.sub("", found) for found in text[left:right].split()]
        kept = [piece for piece in pieces if piece and any(piece in label for label in letters)]
        if kept:
            lines.append(kept)
    if not 1 < len(lines) <= _MOST_HEADER_LINES:
        return False
    wanted = [[NOT_LETTER.sub("", label) for label in labels] for labels in columns]
    dead: set[tuple[int, ...]] = set()

    def spell(column: int, taken: tuple[int, ...]) -> bool:
        if column == len(wanted):
            return all(count == len(line) for count, line in zip(taken, lines, strict=True))
        if taken in dead:
            return False
        if any(
            spell(column + 1, after)
            for label in wanted[column]
            for after in _taking(label, lines, taken, 0)
        ):
            return True
        dead.add(taken)
        return False

    return spell(0, (0,) * len(lines))


def _taking(
    label: str, lines: Sequence[Sequence[str]], taken: tuple[int, ...], first: int
) -> Iterator[tuple[int, ...]]:
    """How many pieces of each line are used up once a label took its pieces from one line after the other."""
    if not label:
        yield taken
        return
    for number in range(first, len(lines)):
        at = taken[number]
        if at < len(lines[number]) and label.startswith(lines[number][at]):
            after = (*taken[:number], at + 1, *taken[number + 1 :])
            yield from _taking(label[len(lines[number][at]) :], lines, after, number + 1)
