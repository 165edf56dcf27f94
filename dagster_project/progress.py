"""How far a run has come, for whoever watches it. A run without a watcher reports to nobody."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a step tells while it works."""

    def begin(self, title: str, total: int) -> None:
        """A stage starts; ``total`` units of work are known to be ahead."""

    def advance(self, count: int = 1) -> None:
        """So many units of the stage are done."""

    def expect_more(self, count: int) -> None:
        """The stage has so many units more than was said; fewer where it is negative."""

    def tell(self, text: str) -> None:
        """Something out of the ordinary that does not end the run, as a sentence."""


class Silent:
    """Nobody watches: runs from Dagster's UI, tests."""

    def begin(self, title: str, total: int) -> None:
        pass

    def advance(self, count: int = 1) -> None:
        pass

    def expect_more(self, count: int) -> None:
        pass

    def tell(self, text: str) -> None:
        pass
