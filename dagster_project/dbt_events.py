"""What dbt tells while it works, without what nobody hears.

A node tells some twenty events, and each costs as much as a small statement: half when it is made,
half once it is worded. A build listens to results, warnings and errors. Imports dbt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
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
        with _made_when_asked():
            yield
    finally:
        ctx_set_event_manager(before)


@contextmanager
def _made_when_asked() -> Iterator[None]:
    """Events keep what they were told; their message is made of it when somebody looks at it."""
    make = BaseEvent.__init__

    def keep(self: BaseEvent, *arguments: Any, **named: Any) -> None:
        # An event sets and has the attributes of its message, and none besides.
        vars(self)["told"] = arguments, named

    def make_late(self: BaseEvent) -> Any:
        arguments, named = vars(self)["told"]
        make(self, *arguments, **named)
        return vars(self)["pb_msg"]

    BaseEvent.__init__, BaseEvent.pb_msg = keep, cached_property(make_late)
    BaseEvent.pb_msg.__set_name__(BaseEvent, "pb_msg")
    try:
        yield
    finally:
        BaseEvent.__init__ = make
        del BaseEvent.pb_msg
