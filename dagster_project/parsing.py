"""Many documents through the pure parser, in one process or several.

Decides how the work is spread and what happens when the parser itself fails; what a document means
is decided in ``loaders``.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

from dagster_project.landing import LandedFile
from dagster_project.masking import find_suspects, mask_personal
from loaders.bodies.region import Regions, load_regions
from loaders.cells import Cells
from loaders.form import Form, load_form
from loaders.parse import PARSER_VERSION, parse
from loaders.read import decode, needs_library
from loaders.rows import Document, Issue, Parsed

LONGEST_PASSAGE = 4_000
"""Characters of a source line that are kept; most reports have no longer line."""
_MARGIN = 100
_line_and_place = attrgetter("line_no", "span_start")
SECONDS = 120.0
"""Of computing, for one document; a large report takes one."""
_WORKER_BYTES = 4 * 1024**3
_LARGEST_HERE = 8 * 1024 * 1024
"""A larger text may take some hundred times its size to read: it goes where memory is limited."""
_CHUNK = 64
"""Documents that go to a worker at once."""


class Dictionary(NamedTuple):
    """What the parser needs to know beside the bytes."""

    form: Form
    regions: Regions


Shaped = TypeVar("Shaped")
"""What is made of some readings before they leave their process."""

_worker_dictionary: Dictionary | None = None
_worker_seconds = SECONDS
_is_settled = False
"""Whether this process does nothing but parse."""


def load_dictionary() -> Dictionary:
    """Read the forms and the register of regions from the seeds."""
    return Dictionary(load_form(), load_regions())


class Passage(NamedTuple):
    """A stretch of a document's text, personal details masked at their own length."""

    start: int
    """Offset of its first character in the text: spans less this are places in the passage."""
    text: str


_as_passage = partial(tuple.__new__, Passage)


@dataclass(frozen=True, slots=True)
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
    shape: Callable[[list[Reading]], Shaped],
    seconds: float = SECONDS,
) -> Iterator[Shaped]:
    """Parse documents, in their order; above the threshold with one process per core.

    Below it plain text is read here, by Python alone, which a clock can stop. What needs a library,
    or is large, goes to a process of its own, which may crash.

    Args:
        files: what to read, with bytes.
        file_count: how many are expected.
        dictionary: what the parser knows.
        pool_threshold: more files than this are parsed by several processes.
        shape: what to make of some readings, where they were made: rows travel between processes
            cheaper as columns than one by one.
        seconds: of computing that one document may take.
    """
    if file_count > pool_threshold:
        with work(seconds, None, shape) as workers:
            yield from workers.read(files)
        return
    with work(seconds, 1, list) as workers:
        for chunk in _cut(files):
            readings: list[Reading] = []
            for file in chunk:
                if file.data is not None and _needs_bounds(file.data):
                    readings += workers.read_alone(file)
                else:
                    readings.append(read_document(file, dictionary, seconds))
            yield shape(readings)


@contextmanager
def parse_apart(seconds: float) -> Iterator[Callable[[list[LandedFile]], Iterator[Reading]]]:
    """A reader of documents, in their order, in one other process that they may take down."""
    with work(seconds, 1, list) as workers:
        yield lambda files: chain.from_iterable(workers.read(files))


@contextmanager
def work(
    seconds: float, count: int | None, shape: Callable[[list[Reading]], Shaped]
) -> Iterator[Workers[Shaped]]:
    """Processes to parse in: so many, or one per core."""
    workers = Workers(seconds, count, shape)
    try:
        yield workers
    finally:
        workers.stop()


def _needs_bounds(data: bytes) -> bool:
    """Whether a document could take down, or swell, the process that reads it."""
    return len(data) > _LARGEST_HERE or needs_library(data)


def _cut(files: Iterable[LandedFile]) -> Iterator[list[LandedFile]]:
    files = iter(files)
    while chunk := list(islice(files, _CHUNK)):
        yield chunk


class Workers(Generic[Shaped]):
    """Processes that parse. One that a document takes down is replaced, and the document told."""

    def __init__(
        self, seconds: float, count: int | None, shape: Callable[[list[Reading]], Shaped]
    ) -> None:
        self._seconds, self._count, self._shape = seconds, count, shape
        self._pool: ProcessPoolExecutor | None = None

    def read(self, files: Iterable[LandedFile]) -> Iterator[Shaped]:
        """What became of the documents, in their order, some at a time."""
        # So much at a time keeps the bytes of a large collection out of memory.
        ahead = 2 * (self._count or os.cpu_count() or 1) + 1
        chunks = _cut(files)
        waiting = deque((chunk, self._submit(chunk)) for chunk in islice(chunks, ahead))
        while waiting:
            chunk, future = waiting.popleft()
            try:
                shaped = [future.result()]
            except BrokenProcessPool:
                # All that was under way is lost with it; one at a time shows which one did it.
                shaped = list(map(self.read_alone, chunk))
            waiting.extend((chunk, self._submit(chunk)) for chunk in islice(chunks, 1))
            yield from shaped

    def read_alone(self, file: LandedFile) -> Shaped:
        """What became of one document, whatever it does to the process that reads it."""
        for _ in range(2):
            try:
                return self._submit([file]).result()
            except BrokenProcessPool:
                self.stop()
        failed = _as_failed(file, "parser_crashed", "Reading this document ended the process")
        return self._shape([failed])

    def stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool = None

    def _submit(self, files: list[LandedFile]) -> Future[Shaped]:
        try:
            return self._start().submit(_read_in_worker, files, self._shape)
        except BrokenProcessPool:
            self.stop()
            return self._start().submit(_read_in_worker, files, self._shape)

    def _start(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._count,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_prepare_worker,
                initargs=(self._seconds,),
            )
        return self._pool


def _prepare_worker(seconds: float) -> None:
    global _worker_dictionary, _worker_seconds
    _worker_dictionary, _worker_seconds = load_dictionary(), seconds
    limit_memory()
    settle_process()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def settle_process() -> None:
    """Make this process one that only parses: what every document would pay is paid once.

    The handler of the clock stays: Python takes longer to set it than the clock. Cycles are
    looked for seldom: rows are none, and looking every 700 objects costs a tenth of the reading.
    """
    global _is_settled
    signal.signal(signal.SIGPROF, _stop)
    _is_settled = True
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def limit_memory() -> None:
    """Bound what this process may take: a document that swells fails by itself."""
    resource.setrlimit(resource.RLIMIT_DATA, (_WORKER_BYTES, _WORKER_BYTES))


def _end_with_parent() -> None:
    """A run that is killed tells its workers nothing: they would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _read_in_worker(files: list[LandedFile], shape: Callable[[list[Reading]], Shaped]) -> Shaped:
    return shape([_read_or_die(file) for file in files])


def _read_or_die(file: LandedFile) -> Reading:
    """Read a document; one that computes on in a library, deaf to the clock, ends the process."""
    limit_computing(2 * _worker_seconds)
    return read_document(file, _worker_dictionary, _worker_seconds)


def limit_computing(seconds: float | None) -> None:
    """End this process after so many more seconds of computing; ``None`` lifts the limit."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    deadline = most if seconds is None else int(time.process_time() + seconds) + 1
    if most == resource.RLIM_INFINITY or deadline <= most:
        resource.setrlimit(resource.RLIMIT_CPU, (deadline, most))


class _TookTooLongError(BaseException):
    """Not an ``Exception``: what a library does with those must not swallow it."""


@contextmanager
def _limit_time(seconds: float) -> Iterator[None]:
    """Raise after so many seconds of computing. Only the main thread can be told."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = None if _is_settled else signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        if not _is_settled:
            signal.signal(signal.SIGPROF, before)


def _stop(number: int, frame: object) -> None:
    raise _TookTooLongError


def read_document(file: LandedFile, dictionary: Dictionary, seconds: float = SECONDS) -> Reading:
    """Parse one file. A fault of the parser makes the document unusable, never the run."""
    if file.data is None:
        # Its problems are stored with its location, at every run.
        return Reading(file.as_unusable(PARSER_VERSION)._replace(issues=()), {}, False)
    try:
        with _limit_time(seconds):
            parsed = parse(file.data, file.media_type, *dictionary, file.document_id)
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
    starts: dict[int, int] = {}
    for cells in Cells.of(parsed.cells):
        for run in cells.runs:
            starts.update(run.places())
    starts.update(map(_line_and_place, parsed.claims))
    if not starts:
        return {}
    text = decode(data, parsed.document.media_type).text or ""
    suspects = find_suspects(text)[::-1]
    passages = {}
    for line_no in sorted(starts):
        offset = starts[line_no]
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        end = end if end >= 0 else len(text)
        if end - start > LONGEST_PASSAGE:
            passages[line_no] = passage_around(text, offset)
            continue
        line = text[start:end]
        # The lines come in their order: what lies before this one touches no later one.
        while suspects and suspects[-1][1] <= start:
            suspects.pop()
        if suspects and suspects[-1][0] < end:
            line = mask_personal(line)
        passages[line_no] = _as_passage((start, line.rstrip("\r")))
    return passages


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
