"""Many documents through the pure parser, in one process or several.

Decides how the work is spread and what happens when the parser itself fails; what a document means
is decided in ``loaders``.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from dagster_project.landing import LandedFile
from dagster_project.masking import mask_personal
from loaders.form import Form, load_form
from loaders.parse import PARSER_VERSION, parse
from loaders.read import decode
from loaders.region import Regions, load_regions
from loaders.rows import Document, Issue, Parsed

LONGEST_PASSAGE = 4_000
"""Characters of a source line that are kept; most reports have no longer line."""
_MARGIN = 100


class Dictionary(NamedTuple):
    """What the parser needs to know beside the bytes."""

    form: Form
    regions: Regions


_worker_dictionary: Dictionary | None = None


def load_dictionary() -> Dictionary:
    """Read the forms and the register of regions from the seeds."""
    return Dictionary(load_form(), load_regions())


@dataclass(frozen=True)
class Reading:
    """One parsed document, and the masked line behind each of its figures, by line number."""

    parsed: Parsed
    passages: dict[int, str]
    was_parsed: bool = True
    """False where the file could not be read at all."""


def read_documents(
    files: Iterable[LandedFile], file_count: int, dictionary: Dictionary, pool_threshold: int
) -> Iterator[Reading]:
    """Parse documents, in their order; above the threshold with one process per core."""
    if file_count <= pool_threshold:
        yield from map(partial(read_document, dictionary=dictionary), files)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, initializer=_prepare_worker) as pool:
        # One chunk of input at a time keeps the bytes of a large collection out of memory.
        yield from _map_in_windows(pool, files)


def _map_in_windows(
    pool: ProcessPoolExecutor, files: Iterable[LandedFile], size: int = 512
) -> Iterator[Reading]:
    window: list[LandedFile] = []
    for file in files:
        window.append(file)
        if len(window) == size:
            yield from pool.map(_read_in_worker, window, chunksize=16)
            window = []
    yield from pool.map(_read_in_worker, window, chunksize=16)


def _prepare_worker() -> None:
    global _worker_dictionary
    _worker_dictionary = load_dictionary()


def _read_in_worker(file: LandedFile) -> Reading:
    return read_document(file, _worker_dictionary)


def read_document(file: LandedFile, dictionary: Dictionary) -> Reading:
    """Parse one file. A fault of the parser makes the document unusable, never the run."""
    if file.data is None:
        # Its problems are stored with its location, at every run.
        return Reading(file.as_unusable(PARSER_VERSION)._replace(issues=()), {}, False)
    try:
        parsed = parse(file.data, file.media_type, *dictionary)
        return Reading(parsed, collect_passages(file.data, parsed))
    except Exception as error:
        document = Document(
            file.document_id, file.media_type, "", file.byte_count, 0, "unusable", PARSER_VERSION
        )
        text = f"The parser failed on this document ({type(error).__name__}: {error}); report it."
        issue = Issue(file.document_id, 0, 1, "parser_failed", "error", "", "", 0, 0, 0, text)
        return Reading(Parsed(document, issues=(issue,)), {})


def collect_passages(data: bytes, parsed: Parsed) -> dict[int, str]:
    """The masked source line behind every cell and claim, by line number."""
    figures = (*parsed.cells, *parsed.claims)
    if not figures:
        return {}
    text = decode(data).text or ""
    starts = {figure.line_no: figure.span_start for figure in figures}
    return {line_no: passage_around(text, at) for line_no, at in sorted(starts.items())}


def passage_around(text: str, offset: int) -> str:
    """The masked line in which an offset lies; of a very long one the stretch around it.

    A passage stands beside every figure of its line: whole, a document on one line would fill a
    release with thousands of copies of itself.
    """
    line_start = text.rfind("\n", 0, offset) + 1
    line_end = text.find("\n", offset)
    line_end = line_end if line_end >= 0 else len(text)
    start, end = line_start, line_end
    if end - start > LONGEST_PASSAGE:
        start = max(start, offset - LONGEST_PASSAGE // 10)
        end = min(end, start + LONGEST_PASSAGE)
    # A number or a name must not slip through for being cut in two.
    first, last = max(line_start, start - _MARGIN), min(line_end, end + _MARGIN)
    masked = mask_personal(text[first:last])
    return masked[start - first : end - first].strip("\r")
