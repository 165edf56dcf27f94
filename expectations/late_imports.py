"""Importing a library without the parts of it that nobody here asks for.

Great Expectations imports SciPy's statistics and Altair for a single expectation, which compares
distributions and draws them: half of its start, and more than all expectations of a run cost.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


@contextmanager
def importing_late(*names: str) -> Iterator[None]:
    """Modules that, imported meanwhile, are loaded when something is first asked of them.

    What is imported already stays as it is, and so does whatever is imported afterwards.
    """
    stand_ins = {name: _StandIn(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for stand_in in stand_ins.values():
            stand_in.step_aside()


class _StandIn(ModuleType):
    """Knows nothing but its name; whatever is asked of it, the module itself answers."""

    def step_aside(self) -> None:
        """Let the next import find the module itself."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]

    def __getattr__(self, name: str) -> Any:
        self.step_aside()
        return getattr(import_module(self.__name__), name)
