"""Loaded by every Python that has this folder on its path: some documents take the parser down.

One document tells which executor parses it and waits to be killed with it, once.
"""

import os
import time
from pathlib import Path

if "GONGKAI_TEST_VICTIM" in os.environ:
    from loaders import parse as real
    from tests.hostile import workers

    _told = Path(os.environ["GONGKAI_TEST_VICTIM"])

    def _parent_of(pid: int) -> int:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

    def _parse(data: bytes, *arguments: object) -> object:
        if b"victim" in data[:20] and not _told.exists():
            draft = _told.with_suffix(".draft")
            # The process forks from a daemon, which is a child of the executor.
            draft.write_text(str(_parent_of(os.getppid())))
            draft.rename(_told)
            time.sleep(60)
        return workers.parse(data, *arguments)

    real.parse = _parse
