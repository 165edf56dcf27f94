"""Many documents through the pure parser, in one process or several.

Decides how the work is spread and what happens when the parser itself fails; what a document means
is decided in ``loaders``.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
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
SECONDS = 120.0
"""Of computing, for one document; a large report takes one."""
_WORKER_BYTES = 4 * 1024**3
_WINDOW, _CHUNK = 512, 16


class Dictionary(NamedTuple):
    """What the parser needs to know beside the bytes."""

    form: Form
    regions: Regions


_worker_dictionary: Dictionary | None = None
_worker_seconds = SECONDS


def load_dictionary() -> Dictionary:
    """Read the forms and the register of regions from the seeds."""
    return Dictionary(load_form(), load_regions())


class Passage(NamedTuple):
    """A stretch of a document's text, personal details masked at their own length."""

    start: int
    """Offset of its first character in the text: spans less this are places in the passage."""
    text: str


@dataclass(frozen=True)
class Reading:
    """One parsed document, and the masked line behind each of its figures, by line number."""

    parsed: Parsed
    passages: dict[int, Passage]
    was_parsed: bool = True
    """False where the file could not be read at all."""


def read_documents(
    files: Iterable[LandedFile],
    file_count: int,
    dictionary: Dictionary,
    pool_threshold: int,
    seconds: float = SECONDS,
) -> Iterator[Reading]:
    """Parse documents, in their order; above the threshold with one process per core."""
    if file_count <= pool_threshold:
        yield from map(partial(read_document, dictionary=dictionary, seconds=seconds), files)
        return
    workers = _Workers(seconds)
    try:
        # One window of input at a time keeps the bytes of a large collection out of memory.
        files = iter(files)
        while window := list(islice(files, _WINDOW)):
            yield from workers.read(window)
    finally:
        workers.stop()


class _Workers:
    """Processes that parse. One that a document takes down is replaced, and the document told."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pool = self._start()

    def read(self, window: list[LandedFile]) -> Iterator[Reading]:
        """The readings of some documents, in their order."""
        chunks = [window[at : at + _CHUNK] for at in range(0, len(window), _CHUNK)]
        waiting = [self._pool.submit(_read_in_worker, chunk) for chunk in chunks]
        for chunk, future in zip(chunks, waiting, strict=True):
            try:
                yield from future.result()
            except BrokenProcessPool:
                # All that was under way is lost with it; one at a time shows which one did it.
                yield from map(self._read_alone, chunk)

    def _read_alone(self, file: LandedFile) -> Reading:
        for _ in range(2):
            try:
                (reading,) = self._pool.submit(_read_in_worker, [file]).result()
                return reading
            except BrokenProcessPool:
                self.stop()
                self._pool = self._start()
        return _as_failed(file, "parser_crashed", "Reading this document ended the process")

    def stop(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
            initargs=(self._seconds,),
        )


def _prepare_worker(seconds: float) -> None:
    global _worker_dictionary, _worker_seconds
    _worker_dictionary, _worker_seconds = load_dictionary(), seconds
    resource.setrlimit(resource.RLIMIT_DATA, (_WORKER_BYTES, _WORKER_BYTES))


def _read_in_worker(files: list[LandedFile]) -> list[Reading]:
    return [read_document(file, _worker_dictionary, _worker_seconds) for file in files]


class _TookTooLongError(BaseException):
    """Not an ``Exception``: what a library does with those must not swallow it."""


@contextmanager
def _limit_time(seconds: float) -> Iterator[None]:
    """Raise after so many seconds of computing. Only the main thread can be told."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise _TookTooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def read_document(file: LandedFile, dictionary: Dictionary, seconds: float = SECONDS) -> Reading:
    """Parse one file. A fault of the parser makes the document unusable, never the run."""
    if file.data is None:
        # Its problems are stored with its location, at every run.
        return Reading(file.as_unusable(PARSER_VERSION)._replace(issues=()), {}, False)
    try:
        with _limit_time(seconds):
            parsed = parse(file.data, file.media_type, *dictionary)
            return Reading(parsed, collect_passages(file.data, parsed))
    except _TookTooLongError:
        reason = f"Reading this document took more than {seconds:g} seconds of computing"
        return _as_failed(file, "parser_timed_out", reason)
    except Exception as error:
        reason = f"The parser failed on this document ({type(error).__name__}: {error})"
        return _as_failed(file, "parser_failed", reason)


def _as_failed(file: LandedFile, issue_code: str, reason: str) -> Reading:
    document = Document(
        file.document_id, file.media_type, "", file.byte_count, 0, "unusable", PARSER_VERSION
    )
    text = f"{reason}; report it."
    issue = Issue(file.document_id, 0, 1, issue_code, "error", "", "", 0, 0, 0, text)
    return Reading(Parsed(document, issues=(issue,)), {})


def collect_passages(data: bytes, parsed: Parsed) -> dict[int, Passage]:
    """The masked source line behind every cell and claim, by line number."""
    figures = (*parsed.cells, *parsed.claims)
    if not figures:
        return {}
    text = decode(data, parsed.document.media_type).text or ""
    starts = {figure.line_no: figure.span_start for figure in figures}
    return {line_no: passage_around(text, at) for line_no, at in sorted(starts.items())}


def passage_around(text: str, offset: int) -> Passage:
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
    return Passage(start, masked[start - first : end - first].rstrip("\r"))
