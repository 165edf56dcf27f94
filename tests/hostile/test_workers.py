"""A document that crashes, hangs or swells a worker costs nobody but itself."""

import hashlib
import resource
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

from dagster_project import parsing
from dagster_project.landing import LandedFile
from dagster_project.parsing import Reading, load_dictionary, read_document, read_documents
from dagster_project.settings import PROJECT
from tests.hostile import workers

TEXT = "青溪县人民政府{}年政府信息公开工作年度报告\n一、总体情况\n收到申请12件。\n"


def landed(data: bytes, number: int) -> LandedFile:
    return LandedFile(
        hashlib.sha256(data).hexdigest(), f"{number}.txt", len(data), data, "text/plain"
    )


def read(files: list[LandedFile], pool_threshold: int, seconds: float) -> list[Reading]:
    batches = read_documents(files, len(files), load_dictionary(), pool_threshold, list, seconds)
    return list(chain.from_iterable(batches))


def prepare_worker(seconds: float) -> None:
    parsing.parse = workers.parse
    parsing._worker_dictionary, parsing._worker_seconds = load_dictionary(), seconds
    resource.setrlimit(resource.RLIMIT_DATA, (parsing._WORKER_BYTES, parsing._WORKER_BYTES))


def test_workers_are_replaced_and_the_others_are_read(monkeypatch):
    monkeypatch.setattr(parsing, "_prepare_worker", prepare_worker)
    documents = [TEXT.format(2000 + n).encode() for n in range(40)]
    documents[5], documents[20], documents[33] = b"crash", b"hang", b"swell"
    files = [landed(data, number) for number, data in enumerate(documents)]
    readings = read(files, 0, seconds=2)
    assert [r.parsed.document.document_id for r in readings] == [f.document_id for f in files]
    told = {n: r.parsed.issues[0].issue_code for n, r in enumerate(readings) if n in (5, 20, 33)}
    assert told == {5: "parser_crashed", 20: "parser_timed_out", 33: "parser_failed"}
    assert all(r.parsed.reports for n, r in enumerate(readings) if n not in told)


def test_in_a_small_run_too_a_library_may_crash_or_hang(monkeypatch):
    """Plain text is read in this process, whatever else, or is large, in one that is replaced."""
    monkeypatch.setattr(parsing, "_prepare_worker", prepare_worker)
    text, page = TEXT.format(2021).encode(), b"<html><body>%s</body></html>"
    large = b"swell".ljust(9 * 1024 * 1024)
    documents = [page % b"1", b"%PDF-crash", text, b"%PDF-deaf", page % b"2", large]
    files = [landed(data, number) for number, data in enumerate(documents)]
    readings = read(files, 200, seconds=0.5)
    assert [r.parsed.document.document_id for r in readings] == [f.document_id for f in files]
    told = [[issue.issue_code for issue in r.parsed.issues] for r in readings]
    assert told[1] == told[3] == ["parser_crashed"]
    assert readings[2].parsed.reports and "parser_crashed" not in told[0] + told[4]
    # Text too, where it is large.
    assert told[5] == ["parser_failed"]


def test_workers_end_with_the_run_that_started_them():
    """A killed run has no chance to stop them, and they would wait for work for ever."""
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.workers"], stdout=subprocess.PIPE, cwd=PROJECT
    )
    worker = int(run.stdout.readline())
    run.kill()
    run.wait()
    deadline = time.monotonic() + 30
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(worker)


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_document_that_hangs_ends_in_this_process_too(monkeypatch):
    monkeypatch.setattr(parsing, "parse", workers.parse)
    reading = read_document(landed(b"hang", 1), load_dictionary(), seconds=0.3)
    (issue,) = reading.parsed.issues
    assert (issue.issue_code, issue.severity) == ("parser_timed_out", "error")
    assert reading.parsed.document.status == "unusable" and reading.was_parsed


def test_the_limit_leaves_no_alarm_behind():
    before = signal.getsignal(signal.SIGPROF)
    read_document(landed(TEXT.format(2021).encode(), 1), load_dictionary())
    assert signal.getsignal(signal.SIGPROF) == before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
