"""What comes out of a container, the limits while it is open, and what is told of the rest.

No format and no file is known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dagster_project.landing import ISSUE_PREFIX

_MEBIBYTE = 1024 * 1024
_GIBIBYTE = 1024 * _MEBIBYTE
_TOLD_ONE_BY_ONE = 20


@dataclass(frozen=True)
class ContainerSettings:
    """How far a container is opened, and which of its records are wanted."""

    max_document_bytes: int = 64 * _MEBIBYTE
    """A larger document is refused, as it is when it lies in the folder by itself."""
    max_row_bytes: int = 16 * _MEBIBYTE
    """A longer line of JSON is refused: parsed, it may take twenty times its length."""
    max_nested_bytes: int = _GIBIBYTE
    """A ZIP or Parquet file inside an archive is put aside up to this size."""
    max_unpacked_bytes: int = 32 * _GIBIBYTE
    """All that one file of the landing folder may unpack to, whatever its ratio."""
    max_ratio: int = 250
    """Unpacked bytes per packed byte, over the whole file. Text packs 5 to 30 times."""
    free_bytes: int = 64 * _MEBIBYTE
    """Up to here no ratio counts: a small file of blanks is no bomb."""
    max_members: int = 100_000
    """Entries of all archives in one file."""
    max_records: int = 100_000_000
    """Rows and crawl records in one file."""
    max_depth: int = 2
    """Containers inside each other. A compressed tar, corpus or crawl counts once."""
    text_column: str = ""
    """The column of a corpus that holds the document; by the usual names if empty."""
    relevant_terms: tuple[str, ...] = ("信息公开", "信息公開", "資訊公開")
    """Records of corpora and crawls without any of these are skipped; none, and all are kept."""


@dataclass(frozen=True)
class ContainedDocument:
    """One document of a container.

    ``path`` is the container's path, ``!/`` and the member's name or the number of the row or
    record, counted from 1. ``data`` are the bytes that the parser gets and that name the document:
    those of the member, or the text of a row or transcoded page in UTF-8. ``origin`` has the fields
    of a sidecar and, where a corpus states them, ``title`` and ``id``.
    """

    path: str
    data: bytes
    media_type: str
    origin: Mapping[str, str] = field(default_factory=dict)


class Problem(NamedTuple):
    """What was refused or skipped, in the shape of ``LandedFile.problems``."""

    issue_code: str
    severity: str
    text: str


Found = Iterator[ContainedDocument | Problem]
"""What every opener gives: documents and problems in the order in which they are met."""


class ExhaustedError(Exception):
    """A limit of the whole container is reached; nothing more of it is read."""


class Visit:
    """One file of the landing folder while it is open: limits spent, problems met, its origin."""

    def __init__(
        self, settings: ContainerSettings, packed_bytes: int, origin: Mapping[str, str]
    ) -> None:
        self.settings = settings
        self.origin = origin
        by_ratio = max(settings.free_bytes, settings.max_ratio * packed_bytes)
        self.allowed_bytes = min(settings.max_unpacked_bytes, by_ratio)
        self.unpacked_bytes = 0
        self.member_count = 0
        self.record_count = 0
        self.document_count = 0
        self._skipped: Counter[str] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()

    def spend(self, byte_count: int) -> None:
        """Count unpacked bytes.

        Raises:
            ExhaustedError: they are more than the file may unpack to.
        """
        self.unpacked_bytes += byte_count
        if self.unpacked_bytes > self.allowed_bytes:
            raise ExhaustedError(f"it unpacks to more than {self.allowed_bytes:,} bytes")

    def count_member(self) -> None:
        """Count an entry of an archive. Raises ExhaustedError beyond the limit."""
        self.member_count += 1
        if self.member_count > self.settings.max_members:
            raise ExhaustedError(f"it has more than {self.settings.max_members:,} members")

    def count_record(self) -> None:
        """Count a row or a crawl record. Raises ExhaustedError beyond the limit."""
        self.record_count += 1
        if self.record_count > self.settings.max_records:
            raise ExhaustedError(f"it has more than {self.settings.max_records:,} records")

    def skip(self, reason: str) -> None:
        """Count what is no document, or not one that is wanted."""
        self._skipped[reason] += 1

    def refuse(self, code: str, severity: str, where: str, reason: str) -> Iterator[Problem]:
        """Tell that something could not be had; after the first of a kind only their number."""
        self._refused[code, severity] += 1
        if self._refused[code, severity] <= _TOLD_ONE_BY_ONE:
            yield Problem(ISSUE_PREFIX + code, severity, f"{where}: {reason}.")

    def refuse_rest(self, where: str, reason: str) -> Iterator[Problem]:
        """Tell that a container broke off, and that nothing behind the place was read."""
        reason = f"damaged or cut off, the rest was not read ({reason})"
        yield from self.refuse("container_damaged", "error", where, reason)

    def summarise(self, name: str) -> Iterator[Problem]:
        """Tell how many more were refused than were named, and how many were skipped and why."""
        for (code, severity), count in self._refused.items():
            if count > _TOLD_ONE_BY_ONE:
                more = (
                    f"{name}: {count - _TOLD_ONE_BY_ONE:,} more like the {_TOLD_ONE_BY_ONE} named."
                )
                yield Problem(ISSUE_PREFIX + code, severity, more)
        if not (self._refused or self._skipped or self.document_count):
            text = f"{name}: there is no document in it."
            yield Problem(f"{ISSUE_PREFIX}container_empty", "warning", text)
        if self._skipped:
            reasons = "; ".join(f"{count:,} {reason}" for reason, count in self._skipped.items())
            text = f"{name}: {self._skipped.total():,} skipped ({reasons})."
            yield Problem(f"{ISSUE_PREFIX}records_skipped", "info", text)


def describe_error(error: Exception) -> str:
    """What a library says of a broken file, in one short line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
