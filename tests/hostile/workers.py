"""A parser that some documents take down, for the worker processes of a test."""

import os
import signal
import time
from concurrent.futures import Future
from typing import Any

from loaders import parse as real

_parse = real.parse


def parse(data: bytes, *arguments: Any) -> Any:
    """As the real one, but for four kinds of documents."""
    if b"crash" in data[:20]:
        os.kill(os.getpid(), 9)
    if b"deaf" in data[:20]:
        # As a library in C: no handler of Python's runs before it returns.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
        while True:
            pass
    if data.startswith(b"hang"):
        deadline = time.process_time() + 60
        while time.process_time() < deadline:
            try:
                pass
            except Exception:
                continue
    if data.startswith(b"swell"):
        return [bytes(1024**3) for _ in range(64)]
    return _parse(data, *arguments)


def main() -> None:
    """Start a worker, tell its number, and wait to be killed."""
    # A worker of the cluster takes this module before the parser that it stands in for.
    from dagster_project import parsing

    workers = parsing.Workers(60, 1, list)
    workers._submit([]).result()
    print(*workers._pool._processes, flush=True)
    Future().result()


if __name__ == "__main__":
    main()
