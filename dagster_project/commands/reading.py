"""Files named on the command line, parsed. A file that cannot be read is told, not raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_project.landing import LandedFile, read_file
from dagster_project.settings import read_settings
from loaders.rows import Parsed


@dataclass(frozen=True)
class ReadFile:
    """One file of the command line: its rows, or the reason why there are none."""

    path: Path
    landed: LandedFile
    parsed: Parsed
    reason: str
    """Empty where the document was read."""


def read_named(files: Sequence[Path]) -> list[ReadFile]:
    """Parse the files in their order."""
    from dagster_project.parsing import load_dictionary, read_document

    dictionary = load_dictionary()
    limit = read_settings().max_file_bytes
    found = []
    for path in files:
        landed = read_file(path.parent, path, limit)
        parsed = read_document(landed, dictionary).parsed
        reasons = [text for _, _, text in landed.problems]
        if parsed.document.status == "unusable":
            reasons += [issue.text or issue.issue_code for issue in parsed.issues]
        unread = parsed.document.status == "unusable"
        found.append(ReadFile(path, landed, parsed, " ".join(reasons) if unread else ""))
    return found
