"""History in: ended calls and what happened go into the database, in groups, beside the stream.

The bus hands events over without waiting; one coroutine writes what has gathered in the last 50 ms as
one transaction. While the database is away everything goes into the spool, in order, and from there into the
database when it is back; what the database refuses is left out, and said.
When the spool is full, or there is none, calls wait in memory up to a bound. Past it they are left to the
own records of their exchange: counted, and told. The event log is thinned first: what it loses a reader
recovers from the calls.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog

from ami_bridge.bus import Numbered
from ami_bridge.domain.events import CallCorrected, CallEnded, FloorEvent, QueueChanged
from ami_bridge.services.recorder_health import RecorderHealth
from crm_core.domain.batches import Batch, SpoolPlace
from crm_core.domain.calls import Call
from crm_core.domain.errors import DatabaseAwayError, LeaseLostError, SpoolError
from crm_core.domain.events import stored
from crm_core.domain.traces import Steps, packed

log = structlog.get_logger(__name__)
GROUP_S, GROUP_CALLS, GROUP_EVENTS = 0.05, 200, 2_000
CALL_BOUND, EVENT_BOUND = 5_000, 50_000
FIRST_PAUSE_S, LAST_PAUSE_S = 0.25, 5.0


class Write(Protocol):
    """One transaction that stores a group; asked again with the same group when it failed."""

    def __call__(
        self, *, calls: Sequence[Call], events: Sequence[Any], spooled: SpoolPlace | None = None
    ) -> Awaitable[None]:
        """Store *calls*, *events* and what was traced, all or nothing; what was *spooled* there once."""


class Spool(Protocol):
    """Where groups wait on the disk; each method blocks for a moment and may raise ``SpoolError``."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""

    @property
    def waiting(self) -> int:
        """How many calls wait."""

    def append(self, batch: Batch) -> None:
        """Keep *batch* behind all others."""

    def head(self) -> tuple[SpoolPlace, Batch] | None:
        """Return what waits longest, and where."""

    def drop(self) -> None:
        """Let go of what waits longest."""

    def find(self, call_id: str) -> Call | None:
        """Return a call that waits."""

    def wipe(self) -> None:
        """Overwrite what waited here once, when nothing does."""


@dataclass(slots=True)
class Recorder:
    """Stores what the bus tells; ``is_on`` False keeps nothing (to measure its share).

    ``trace`` gives what was seen and concluded of a call that is over; it is stored beside it.
    """

    write: Write
    spool: Spool | None = None
    trace: Callable[[Call], Steps] | None = None
    is_on: bool = True
    health: RecorderHealth = field(default_factory=RecorderHealth)
    _calls: deque[Call] = field(default_factory=deque)
    _events: deque[FloorEvent | Steps] = field(default_factory=lambda: deque(maxlen=EVENT_BOUND))
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _is_stopping: bool = False

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Take what happened; returns at once."""
        if not self.is_on:
            return
        for _, event in batch:
            if not isinstance(event, FloorEvent) or type(event) is QueueChanged:
                continue  # a picture of now, kilobytes four times a second: calls and agents tell it, too
            if isinstance(event, CallEnded | CallCorrected) and event.record is not None:
                self._take(event.record)
                if self.trace is not None:
                    self._keep(self.trace(event.record))
            self._keep(event)
        self._wanted.set()

    def unstored(self, call_id: str) -> Call | None:
        """Return a call that ended and is not in the records yet."""
        waiting = next((call for call in reversed(self._calls) if call.id == call_id), None)
        return waiting or (self.spool.find(call_id) if self.spool else None)

    @property
    def is_settled(self) -> bool:
        """Whether everything that was told so far is in the records."""
        return not (self._calls or self._events or self._is_spooled())

    async def wipe_spool(self) -> None:
        """Leave nothing on the disk of what is in the records.

        Raises:
            SpoolError: the disk does not take it.
        """
        if self.spool is not None:
            await asyncio.to_thread(self.spool.wipe)

    def kept_until(self, now: datetime, *, pbx: str) -> datetime | None:
        """Return until when each call of *pbx* that ended is in the records; None while those are away."""
        if self.health.why or self._is_spooled():
            return None
        waiting = (call.ended_at for call in self._calls if call.pbx == pbx)
        return min(filter(None, waiting), default=now)

    async def run(self) -> None:
        """Write group after group until cancelled, then what is left: into the database, else the spool."""
        self._is_stopping = False
        work = asyncio.create_task(self._work())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._is_stopping = True
            self._wanted.set()
            await work  # a group under way is known to be stored, or not, before it is asked again
            raise

    async def _work(self) -> None:
        if self.spool is not None and not self.spool.is_empty:
            log.info("calls of an earlier run wait in the spool", calls=self.spool.waiting)
            self._wanted.set()
        while not self._is_stopping:
            await self._wanted.wait()
            await asyncio.sleep(GROUP_S)
            self._wanted.clear()
            await self._drain()
        if self._calls:
            log.error("calls could not be stored before the stop", calls=len(self._calls))

    async def _drain(self) -> None:
        pause = FIRST_PAUSE_S
        while self._calls or self._events or self._is_spooled():
            if await self._store_group():
                pause = FIRST_PAUSE_S
                if self._wanted.is_set() and not self._is_behind() and not self._is_stopping:
                    return  # what came meanwhile gathers again: a transaction costs more than what is in it
                continue
            await self._set_aside()
            if self._is_stopping:
                return
            await self._wait_out(pause)
            pause = min(pause * 2, LAST_PAUSE_S)

    def _is_behind(self) -> bool:
        is_much = len(self._calls) >= GROUP_CALLS or len(self._events) >= GROUP_EVENTS
        return is_much or self._is_spooled()

    def _is_spooled(self) -> bool:
        return self.spool is not None and not self.spool.is_empty

    async def _wait_out(self, pause: float) -> None:
        """Wait for *pause* seconds; what happens meanwhile goes into the spool."""
        until = asyncio.get_running_loop().time() + pause
        while not self._is_stopping:
            try:
                async with asyncio.timeout_at(until):
                    await self._wanted.wait()
                    await asyncio.sleep(GROUP_S)
            except TimeoutError:
                return
            self._wanted.clear()
            await self._set_aside()

    # --- groups

    def _keep(self, told: FloorEvent | Steps) -> None:
        if len(self._events) == EVENT_BOUND:
            self.health.thinned += 1
        self._events.append(told)

    def _take(self, call: Call) -> None:
        if len(self._calls) < CALL_BOUND:
            self._calls.append(call)
            return
        if call.pbx not in self.health.left_out:
            told = {"pbx": call.pbx, "calls": CALL_BOUND}
            log.error("no room for more calls: they are left to the exchange's records", **told)
        self.health.leave_out(call)

    async def _store_group(self) -> bool:
        """Store what waits longest; False when the database is away."""
        try:
            if self._is_spooled() and await self._store_spooled():
                return True
            calls, events = self._group()
            await self._store(calls, events)
        except LeaseLostError as error:
            self._leave_to_who_leads(error)
            return True
        except DatabaseAwayError as error:  # the group is kept and asked again
            if self.health.why is None:
                log.error("history is not being stored; it waits", why=str(error))  # noqa: TRY400
            self.health.why = str(error)
            self._count_waiting()
            return False
        self._forget(calls, events)
        self.health.why = None
        self._count_waiting()
        return True

    def _leave_to_who_leads(self, error: LeaseLostError) -> None:
        """Forget what is not stored: who leads adopted these calls, or reads of them in its records."""
        log.warning("what is not stored is another's to tell", why=str(error), calls=len(self._calls))
        self.is_on = False
        self._calls.clear()
        self._events.clear()
        self.spool = None

    async def _store_spooled(self) -> bool:
        """Store the spool's oldest group; False when there is none, or the disk does not give it back."""
        assert self.spool is not None  # noqa: S101 - there is something in it
        try:
            found = await asyncio.to_thread(self.spool.head)
            if found is None:
                return False
            place, batch = found
            await self._store(batch.calls, [*batch.events, *batch.traces], place)
            await asyncio.to_thread(self.spool.drop)
        except SpoolError as error:
            self._cannot_spool(error)
            self.spool = None  # what is in it waits for the next start
            return False
        self.health.why = None
        if self.spool.is_empty:
            self.health.spool_why = None
        self._count_waiting()
        return True

    async def _set_aside(self) -> None:
        """Put what is in memory into the spool, as far as it takes it."""
        while self.spool is not None and (self._calls or self._events):
            calls, events = self._group()
            try:
                await asyncio.to_thread(_append, self.spool, calls, events)
            except SpoolError as error:
                self._cannot_spool(error)
                break
            self._forget(calls, events)
            self.health.spool_why = None
        self._count_waiting()

    def _cannot_spool(self, error: SpoolError) -> None:
        if self.health.spool_why is None:
            log.error("the spool cannot be used; calls wait in memory", why=str(error))
        self.health.spool_why = str(error)

    def _group(self) -> tuple[Sequence[Call], Sequence[FloorEvent | Steps]]:
        calls = [self._calls[i] for i in range(min(GROUP_CALLS, len(self._calls)))]
        events = [self._events[i] for i in range(min(GROUP_EVENTS, len(self._events)))]
        return calls, events

    def _forget(self, calls: Sequence[Call], events: Sequence[FloorEvent | Steps]) -> None:
        for _ in calls:
            self._calls.popleft()
        for _ in range(min(len(events), len(self._events))):
            self._events.popleft()

    def _count_waiting(self) -> None:
        self.health.spooled = self.spool.waiting if self.spool else 0
        self.health.waiting = len(self._calls) + self.health.spooled

    async def _store(
        self, calls: Sequence[Call], events: Sequence[Any], spooled: SpoolPlace | None = None
    ) -> None:
        """Store a group; when the database refuses it, all of it that it does not refuse.

        One call that cannot be kept, by a fault of ours, must not hold up the history of all others.

        Raises:
            DatabaseAwayError: nobody is there to refuse anything.
        """
        if await self._is_taken(calls, events, spooled):
            return
        for call in calls:
            if not await self._is_taken([call], ()):
                self.health.refused += 1
                log.error("a call was refused and is not in the history", call=call.id)
        if events and not await self._is_taken((), events, spooled):
            self.health.thinned += len(events)

    async def _is_taken(
        self, calls: Sequence[Call], events: Sequence[Any], spooled: SpoolPlace | None = None
    ) -> bool:
        try:
            await self.write(calls=calls, events=events, spooled=spooled)
        except DatabaseAwayError:
            raise
        except Exception:
            log.exception("a group was refused", calls=len(calls), events=len(events))
            return False
        self.health.stored += len(calls)
        return True


def _append(spool: Spool, calls: Sequence[Call], events: Sequence[FloorEvent | Steps]) -> None:
    """Put a group into *spool*; in a thread, as it is written and compressed here."""
    batch = Batch(calls=list(calls))
    for event in events:
        if isinstance(event, Steps):
            batch.traces.append(packed(event))
        else:
            batch.events.append(stored(event))
    spool.append(batch)
