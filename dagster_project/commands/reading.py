"""Files named on the command line, parsed. A file that cannot be read is told, not raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dagster_project.landing import LandedFile
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
    """Parse the documents of the files in their order; archives and corpora hold several."""
    from dagster_project.collection import read_landed
    from dagster_project.parsing import load_dictionary, read_document

    dictionary = load_dictionary()
    settings = read_settings()
    found = []
    for path in files:
        for landed in read_landed(replace(settings, landing=path.parent), path):
            told = [text for _, severity, text in landed.problems if severity == "error"]
            if landed.is_container and not told:
                continue
            parsed = read_document(landed, dictionary).parsed
            reasons = [text for _, _, text in landed.problems]
            is_unread = parsed.document.status == "unusable"
            if is_unread:
                reasons += [issue.text or issue.issue_code for issue in parsed.issues]
            name = path.with_name(landed.path.rsplit("/", 1)[-1]) if "!/" in landed.path else path
            found.append(ReadFile(name, landed, parsed, " ".join(reasons) if is_unread else ""))
    return found
