"""What dbt tells while it works, without what nobody hears.

A node tells some twenty events, and each costs as much as a small statement once it is worded. A
build listens to results, warnings and errors. Imports dbt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager, get_event_manager

RESULTS = frozenset({"LogSeedResult", "LogModelResult", "LogSnapshotResult", "LogTestResult"})
"""Events that tell what came of a node."""
_TOLD = (EventLevel.WARN, EventLevel.ERROR)


class HeardEvents(EventManager):
    """dbt's own manager of events, which words results, warnings and errors only."""

    def fire_event(
        self, e: BaseEvent, level: EventLevel | None = None, *arguments: Any, **named: Any
    ) -> None:
        if type(e).__name__ in RESULTS or (level or e.level_tag()) in _TOLD:
            super().fire_event(e, level, *arguments, **named)


@contextmanager
def hear_only_results() -> Iterator[None]:
    """For the length of a call of dbt."""
    before = get_event_manager()
    ctx_set_event_manager(HeardEvents())
    try:
        yield
    finally:
        ctx_set_event_manager(before)
