"""A parser that some documents take down, for the worker processes of a test."""

import os
import time
from typing import Any

from loaders import parse as real

_parse = real.parse


def parse(data: bytes, *arguments: Any) -> Any:
    """As the real one, but for three kinds of documents."""
    if data.startswith(b"crash"):
        os.kill(os.getpid(), 9)
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
