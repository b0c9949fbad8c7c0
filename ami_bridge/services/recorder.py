"""History in: ended calls and what happened go into the database, in groups, beside the stream.

The bus hands events over without waiting; one coroutine writes what has gathered in the last 50 ms as
one transaction. While the database is away everything waits here, in order, and is asked again; what it
refuses is left out, and said.
Past the bound the event log is thinned first (what it loses a reader recovers from the calls), never the
calls themselves: a call is a few kilobytes and comes at most some dozen times a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ami_bridge.bus import Numbered
from ami_bridge.domain.events import CallCorrected, CallEnded, FloorEvent, QueueChanged
from crm_core.domain.calls import Call
from crm_core.domain.errors import DatabaseAwayError

log = structlog.get_logger(__name__)
GROUP_S, GROUP_CALLS, GROUP_EVENTS, EVENT_BOUND = 0.05, 200, 2_000, 50_000
FIRST_PAUSE_S, LAST_PAUSE_S = 0.25, 10.0


class Write(Protocol):
    """One transaction that stores a group; asked again with the same group when it failed."""

    def __call__(self, *, calls: Sequence[Call], events: Sequence[FloorEvent]) -> Awaitable[None]:
        """Store *calls* and *events*, all or nothing."""


@dataclass(slots=True)
class RecorderHealth:
    """How the recorder is doing; ``why`` is None while the database is there. ``refused`` counts calls."""

    stored: int = 0
    waiting: int = 0
    thinned: int = 0
    refused: int = 0
    why: str | None = None


@dataclass(slots=True)
class Recorder:
    """Stores what the bus tells; ``is_on`` False keeps nothing (to measure its share)."""

    write: Write
    is_on: bool = True
    health: RecorderHealth = field(default_factory=RecorderHealth)
    _calls: deque[Call] = field(default_factory=deque)
    _events: deque[FloorEvent] = field(default_factory=lambda: deque(maxlen=EVENT_BOUND))
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Take what happened; returns at once."""
        if not self.is_on:
            return
        for _, event in batch:
            if not isinstance(event, FloorEvent) or type(event) is QueueChanged:
                continue  # a picture of now, kilobytes four times a second: calls and agents tell it, too
            if isinstance(event, CallEnded | CallCorrected) and event.record is not None:
                self._calls.append(event.record)
            if len(self._events) == EVENT_BOUND:
                self.health.thinned += 1
            self._events.append(event)
        self._wanted.set()

    def unstored(self, call_id: str) -> Call | None:
        """Return a call that ended and is not in the records yet."""
        return next((call for call in reversed(self._calls) if call.id == call_id), None)

    async def run(self) -> None:
        """Write group after group until cancelled, then what is left."""
        try:
            while True:
                await self._wanted.wait()
                await asyncio.sleep(GROUP_S)
                self._wanted.clear()
                await self._drain()
        except asyncio.CancelledError:
            await self._drain_once()
            raise

    async def _drain(self) -> None:
        pause = FIRST_PAUSE_S
        while self._calls or self._events:
            if not await self._store_group():
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_PAUSE_S)
                continue
            pause = FIRST_PAUSE_S
            if self._wanted.is_set() and not self._is_behind():
                return  # what came meanwhile gathers again: a transaction costs more than what is in it

    def _is_behind(self) -> bool:
        return len(self._calls) >= GROUP_CALLS or len(self._events) >= GROUP_EVENTS

    async def _drain_once(self) -> None:
        while (self._calls or self._events) and await self._store_group():
            pass
        if self._calls:
            log.error("calls could not be stored before the stop", calls=len(self._calls))

    async def _store_group(self) -> bool:
        calls = [self._calls[i] for i in range(min(GROUP_CALLS, len(self._calls)))]
        events = [self._events[i] for i in range(min(GROUP_EVENTS, len(self._events)))]
        try:
            await self._store(calls, events)
        except DatabaseAwayError as error:  # the group is kept and asked again
            if self.health.why is None:
                log.exception("history is not being stored; it waits in memory")
            self.health.why, self.health.waiting = str(error), len(self._calls)
            return False
        for _ in calls:
            self._calls.popleft()
        for _ in range(min(len(events), len(self._events))):
            self._events.popleft()
        self.health.why, self.health.waiting = None, len(self._calls)
        return True

    async def _store(self, calls: Sequence[Call], events: Sequence[FloorEvent]) -> None:
        """Store a group; when the database refuses it, all of it that it does not refuse.

        One call that cannot be kept, by a fault of ours, must not hold up the history of all others.

        Raises:
            DatabaseAwayError: nobody is there to refuse anything.
        """
        if await self._is_taken(calls, events):
            return
        for call in calls:
            if not await self._is_taken([call], ()):
                self.health.refused += 1
                log.error("a call was refused and is not in the history", call=call.id)
        if events and not await self._is_taken((), events):
            self.health.thinned += len(events)

    async def _is_taken(self, calls: Sequence[Call], events: Sequence[FloorEvent]) -> bool:
        try:
            await self.write(calls=calls, events=events)
        except DatabaseAwayError:
            raise
        except Exception:
            log.exception("a group was refused", calls=len(calls), events=len(events))
            return False
        self.health.stored += len(calls)
        return True
