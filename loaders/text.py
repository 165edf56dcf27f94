"""The text of one document, as it came and as it is read."""

from bisect import bisect_right
from functools import cached_property

from loaders.normalise import find_line_starts, simplify, widen


class Text:
    """The text of a document in both spellings: as decoded, and normalised; offsets are the same in both."""

    def __init__(self, source: str) -> None:
        widened = widen(source)
        self.source = source
        self.normal = simplify(widened)
        self.is_converted = self.normal is not widened

    @cached_property
    def line_starts(self) -> list[int]:
        """Where its lines begin."""
        return find_line_starts(self.source)

    def line_of(self, offset: int) -> int:
        """The line in which an offset lies, from 1."""
        return bisect_right(self.line_starts, offset)
