"""The text of one document, as it came and as it is read."""

from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property, partial

from loaders.normalise import find_line_starts, simplify, widen

_FIGURES_ALONE = bytes(byte if byte in b"-.0123456789" else 0x20 for byte in range(256))


class Text:
    """The text of a document in both spellings: as decoded, and normalised; offsets are the same in both."""

    def __init__(self, source: str) -> None:
        widened = widen(source)
        self.source = source
        self.normal = simplify(widened)
        self.is_converted = self.normal is not widened
        self._counted, self._line = 0, 1

    def is_same(self, start: int, end: int) -> bool:
        """Whether a stretch is written as it came."""
        source, normal = self.source, self.normal
        return source is normal or source[start:end] == normal[start:end]

    @cached_property
    def has_same_figures(self) -> bool:
        """Whether all digits, points and signs of figures are written as they came."""
        return _figures_alone(self.source) == _figures_alone(self.normal)

    @cached_property
    def line_of(self) -> Callable[[int], int]:
        """Gives the line in which an offset lies, from 1."""
        return partial(bisect_right, find_line_starts(self.source))

    def line_ahead(self, offset: int) -> int:
        """The same for offsets that are asked for in their order: without a list of all lines."""
        if "line_of" in self.__dict__ or offset < self._counted:
            return self.line_of(offset)
        self._line += self.source.count("\n", self._counted, offset)
        self._counted = offset
        return self._line


def _figures_alone(text: str) -> bytes:
    """A byte for each character: blank where it can be no part of a figure."""
    return text.encode("ascii", "replace").translate(_FIGURES_ALONE)
