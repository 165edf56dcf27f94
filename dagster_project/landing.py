"""What lies in the landing folder: files, their identity, and what is known about their origin.

Reads bytes and sidecars; never looks inside a document. A file that cannot be read is a row with a
reason, like any other trouble: nothing here raises because of what somebody dropped into a folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from loaders.rows import Document, Issue, Parsed

SIDECAR_SUFFIX = ".meta.json"
PARSED_SUFFIX = ".parsed"
"""Of a folder with documents that were parsed elsewhere, see ``parsed_parts``."""
SIDECAR_FIELDS = ("source_url", "retrieved_at", "published_date")
ISSUE_PREFIX = "landing_"
"""Issues found here are renewed at every run; the parser's stay until a document is read again."""

MEDIA_TYPES = {
    "": "text/plain",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/plain",
    ".htm": "text/html",
    ".html": "text/html",
    ".csv": "text/csv",
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class LandedFile:
    """One file of the collection as it was found in this run.

    ``data`` is ``None`` where the bytes were not kept: already known, too large, or unreadable.
    ``problems`` are ``(issue_code, severity, text)``.
    """

    document_id: str
    path: str
    byte_count: int
    data: bytes | None = None
    media_type: str = ""
    origin: dict[str, str] = field(default_factory=dict)
    problems: tuple[tuple[str, str, str], ...] = ()
    is_container: bool = False
    """It stands for the problems of a container; its documents are files of their own."""

    def without_data(self) -> LandedFile:
        """The same file, its bytes no longer held in memory."""
        return replace(self, data=None)

    @property
    def location(self) -> tuple[str, ...]:
        """The row of ``document_locations``."""
        collection = self.path.split("/", 1)[0] if "/" in self.path else ""
        container, _, name = self.path.rpartition("/")
        if name.isdigit() and container.endswith("!"):
            # The number of a row alone would name no document.
            name = f"{container.rpartition('/')[-1]}/{name}"
        origin = (self.origin.get(field, "") for field in SIDECAR_FIELDS)
        return (self.document_id, name, collection, self.path, *origin)

    def as_unusable(self, parser_version: str) -> Parsed:
        """The rows of a file that no parser saw: the document and its problems, unnumbered."""
        document = Document(
            self.document_id, self.media_type, "", self.byte_count, 0, "unusable", parser_version
        )
        issues = tuple(
            Issue(self.document_id, 0, 0, code, severity, "", "", 0, 0, 0, text)
            for code, severity, text in self.problems
        )
        return Parsed(document, issues=issues)


def list_files(landing: Path) -> list[Path]:
    """Every document below the folder, in a fixed order.

    Hidden files, sidecars and a ``README.md`` are none. A folder of documents that were parsed
    elsewhere stands for all that is in it.
    """
    found = []
    for folder, folders, names in os.walk(landing):
        found += [Path(folder, name) for name in folders if name.endswith(PARSED_SUFFIX)]
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not name.endswith(PARSED_SUFFIX)
        )
        for name in names:
            if not (name.startswith(".") or name.endswith(SIDECAR_SUFFIX) or name == "README.md"):
                found.append(Path(folder, name))
    return sorted(found)


def sign_folder(landing: Path) -> str:
    """Name the state of the folder by names, sizes and times, without reading any file."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(landing):
        folders.sort()
        for name in sorted(names):
            try:
                status = os.stat(os.path.join(folder, name))
            except OSError:
                continue
            state = f"{folder}/{name}\0{status.st_size}\0{status.st_mtime_ns}\0"
            digest.update(os.fsencode(state))
    return digest.hexdigest()


def state_of(path: Path) -> tuple[int, int]:
    """Size and time of a file: another one of either, and it was changed."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def name_file(landing: Path, path: Path) -> str:
    """The path of a file within the collection, as text.

    A name in another encoding must not stop the run: undecodable bytes become U+FFFD.
    """
    return os.fsencode(path.relative_to(landing)).decode("utf-8", "replace")


def read_file(
    landing: Path, path: Path, max_bytes: int, known: frozenset[str] = frozenset()
) -> LandedFile:
    """Read one file and what its sidecar says. Never raises on what the folder holds."""
    relative = name_file(landing, path)
    media_type = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
    origin, problems = read_sidecar(path)
    try:
        state = state_of(path)
        byte_count, _ = state
        if byte_count > max_bytes:
            with path.open("rb") as handle:
                document_id = hashlib.file_digest(handle, "sha256").hexdigest()
            reason = f"{relative}: {byte_count:,} bytes, more than the limit of {max_bytes:,}."
            problems += ((f"{ISSUE_PREFIX}file_too_large", "error", reason),)
            return LandedFile(document_id, relative, byte_count, None, media_type, origin, problems)
        data = path.read_bytes()
        if state != state_of(path) or len(data) != byte_count:
            # Half of a report would pass for a report.
            reason = f"{relative}: changed while it was read; the next run reads it."
            problems += ((f"{ISSUE_PREFIX}file_changed", "error", reason),)
            document_id = hashlib.sha256(data).hexdigest()
            return LandedFile(document_id, relative, len(data), None, media_type, origin, problems)
    except OSError as error:
        # There are no bytes to name the document by; its path has to do.
        document_id = hashlib.sha256(f"path:{relative}".encode()).hexdigest()
        vanished = isinstance(error, FileNotFoundError)
        code = ISSUE_PREFIX + ("file_vanished" if vanished else "file_unreadable")
        reason = f"{relative}: {'gone before it was read' if vanished else error.strerror}."
        problems += ((code, "error", reason),)
        return LandedFile(document_id, relative, 0, None, "", origin, problems)
    document_id = hashlib.sha256(data).hexdigest()
    kept = None if document_id in known else data
    return LandedFile(document_id, relative, len(data), kept, media_type, origin, problems)


def read_sidecar(path: Path) -> tuple[dict[str, str], tuple[tuple[str, str, str], ...]]:
    """What ``<file>.meta.json`` says about a file's origin, and what is wrong with it."""
    sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
    try:
        stated = json.loads(sidecar.read_bytes())
        return {name: str(stated[name]) for name in SIDECAR_FIELDS if stated.get(name)}, ()
    except FileNotFoundError:
        return {}, ()
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        text = f"{sidecar.name}: not a JSON object with {', '.join(SIDECAR_FIELDS)} ({error})."
        return {}, ((f"{ISSUE_PREFIX}sidecar_unreadable", "warning", text),)
