"""Seed files in general: typed fields and complaints that name their place.

What the fields mean is the business of `loaders.form` and `loaders.bodies.region`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from operator import itemgetter
from pathlib import Path

SEEDS = Path(__file__).resolve().parent.parent / "dbt" / "seeds"


class FormError(ValueError):
    """A seed file that cannot be used; the message names file, row, column and the remedy."""


class Row:
    """One row of a seed file that reads its fields by type and complains with its place."""

    __slots__ = ("_index", "file", "number", "values")

    def __init__(self, file: str, number: int, index: Mapping[str, int], values: Sequence[str]):
        self.file, self.number, self._index, self.values = file, number, index, values

    def text(self, column: str) -> str:
        """The field as it stands, possibly empty."""
        return self.values[self._index[column]]

    def required(self, column: str) -> str:
        """The field, which may not be empty."""
        value = self.text(column)
        if not value:
            raise self.error(column, "is empty; fill it in")
        return value

    def one_of(self, column: str, allowed: Iterable[str]) -> str:
        """The field, which must be one of a few words."""
        value = self.text(column)
        if value not in allowed:
            words = ", ".join(sorted(word or "(empty)" for word in allowed))
            raise self.error(column, f"{value!r} is not allowed; use one of: {words}")
        return value

    def integer(self, column: str) -> int:
        """The field as a whole number."""
        value = self.text(column)
        try:
            return int(value)
        except ValueError:
            raise self.error(column, f"{value!r} is no whole number; write digits") from None

    def decimal(self, column: str) -> Decimal:
        """The field as an exact number that is not negative."""
        value = self.text(column)
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal(-1)
        if not number.is_finite() or number < 0:
            raise self.error(column, f"{value!r} is no number of zero or more; write it as 0.05")
        return number

    def boolean(self, column: str) -> bool:
        """The field as true or false."""
        return self.one_of(column, ("true", "false")) == "true"

    def many(self, column: str) -> tuple[str, ...]:
        """The field as a list, ``a|b``; empty where nothing stands there."""
        value = self.text(column)
        if not value:
            return ()
        parts = tuple(value.split("|"))
        if "" in parts or len(set(parts)) != len(parts):
            raise self.error(column, f"{value!r} repeats or omits an entry; write a|b")
        return parts

    def error(self, column: str, complaint: str) -> FormError:
        """An error at this field."""
        return FormError(f"{self.file}, row {self.number}, column {column}: {complaint}")


def read_rows(path: Path, columns: Sequence[str], key: Sequence[str]) -> Iterator[Row]:
    """Read a seed file whose header must be ``columns``, no two rows sharing their ``key``.

    Raises:
        FormError: the file is missing, has another header, a row of another width, or a key twice.
    """
    try:
        file = path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise FormError(f"{path}: cannot be read ({error.strerror}); restore the file") from None
    name = path.name
    with file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        for column in columns:
            if column not in header:
                raise FormError(f"{name}, row 1, column {column}: is missing; add it")
        for column in header:
            if column not in columns or header.count(column) > 1:
                raise FormError(f"{name}, row 1, column {column}: is not expected; remove it")
        index = {column: place for place, column in enumerate(header)}
        key_of = itemgetter(*(index[column] for column in key))
        width = len(header)
        seen: dict[str | tuple[str, ...], int] = {}
        try:
            for values in reader:
                row = Row(name, reader.line_num, index, values)
                if len(values) != width:
                    complaint = f"has {len(values)} fields instead of {width}; mend the commas"
                    raise row.error(header[0], complaint)
                identity = key_of(values)
                if identity in seen:
                    printed = identity if isinstance(identity, str) else ", ".join(identity)
                    raise row.error(
                        key[0],
                        f"the key {printed} stands in row {seen[identity]} already; "
                        "remove one of them",
                    )
                seen[identity] = row.number
                yield row
        except csv.Error as error:
            raise FormError(f"{name}, row {reader.line_num}: {error}; mend the quotes") from None


_YEARS = {str(year): year for year in range(1949, 2100)}


def read_year(row: Row, column: str) -> int:
    """A four-digit year."""
    year = _YEARS.get(row.text(column))
    if year is None:
        raise row.error(column, f"{row.text(column)!r} is no year; write four digits")
    return year


def read_year_range(row: Row) -> tuple[int, int | None]:
    """The first and the last year of validity; ``None`` where it lasts."""
    first = read_year(row, "valid_from_year")
    last = read_year(row, "valid_to_year") if row.text("valid_to_year") else None
    if last is not None and last < first:
        raise row.error("valid_to_year", f"{last} lies before {first}; exchange or mend them")
    return first, last
