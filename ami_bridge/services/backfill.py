"""History made whole: what ended while we were away is told from the exchange's own records.

After each (re)start and reconnect the calls that ended since the watermark are rebuilt by the ledger that
tells them live. What the history lacks, or knows less surely, goes the way of every call: over the bus, into
the recorder. The watermark moves on while everything is heard and kept, and stops while it is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog

from ami_bridge.bus import Numbered
from ami_bridge.domain.afterwards import WHOLE_S, tell
from ami_bridge.domain.ami import PhoneRegistered, SeatTaken
from ami_bridge.domain.cel import LONGEST_CALL, CelRow, QueueLine
from ami_bridge.domain.errors import NothingWrittenError, RecordsError
from ami_bridge.domain.events import (
    CallCorrected,
    CallEnded,
    PbxConnected,
    PbxDisconnected,
    PbxResynced,
)
from ami_bridge.domain.floor import Floor
from ami_bridge.ports import CallRecords, EventSink, LiveFloor
from ami_bridge.services.recorder_health import LeftOut
from crm_core.domain.calls import Call, birth_of
from crm_core.domain.errors import DatabaseAwayError

log = structlog.get_logger(__name__)
FROM_RECORDS = "records"
BORN_WITHIN = timedelta(seconds=2)
"""How far a leg's Uniqueid, a whole second, may be from its first row."""
SLICE = timedelta(minutes=15)
"""So much of a gap is told at once: a busy exchange writes some 100,000 rows in that time."""
SETTLE_S = 1.0
"""Until what ended just before the link was back is written down."""
MARK_EACH_S = 10.0
KEPT_WITHIN = timedelta(seconds=5)
"""A call that ended so long ago was told and is kept, when nothing waits."""
GROUP = 25
"""Calls told at once: boards get each whole, and take some hundred kilobytes at a time."""
STORED_EACH_S = 0.05


class History(Protocol):
    """What is asked of the history of one exchange."""

    async def watermark(self) -> datetime | None:
        """Return up to when it is whole; None when that was never said."""

    async def move_watermark(self, at: datetime) -> None:
        """Say that it is whole up to *at*."""

    async def missing(self, calls: Sequence[Call]) -> list[Call]:
        """Return those that it lacks or knows less surely, ready to be stored."""

    async def seated(self, since: datetime) -> Mapping[str, str]:
        """Return who has sat where since then: agents' codes by interface."""

    def is_kept(self, call_id: str) -> bool:
        """Return whether a call that was told waits no more to be stored."""

    def kept_until(self, now: datetime) -> datetime | None:
        """Return until when every call that ended is kept; None while some wait for the database."""

    def left_out(self) -> LeftOut | None:
        """Return which calls had no room and were left to the records."""

    def nothing_left_out(self) -> None:
        """Say that those calls are kept now."""


class BackfillHealth(msgspec.Struct, kw_only=True):
    """How it goes: ``filled`` calls came from records; ``why`` tells what cannot be read.

    ``whole_until`` is the watermark: up to when the history is whole. ``is_new``: nothing was written yet.
    """

    filled: int = 0
    whole_until: datetime | None = None
    why: str | None = None
    is_new: bool = False


class Backfill:
    """Fills the gaps in the history of one exchange; ``new_floor`` makes a floor without calls."""

    def __init__(
        self,
        live: LiveFloor,
        *,
        records: CallRecords,
        history: History,
        new_floor: Callable[[], Floor],
        bus: EventSink,
        now: Callable[[], datetime],
        settle_s: float = SETTLE_S,
        mark_each_s: float = MARK_EACH_S,
    ) -> None:
        self._settle_s, self._mark_each_s = settle_s, mark_each_s
        self.health = BackfillHealth()
        self._live, self._records, self._history = live, records, history
        self._new_floor, self._bus, self._now = new_floor, bus, now
        self._pbx = live.pbx
        self._in_step_at: datetime | None = None
        self._gap_since: datetime | None = None
        self._is_gap = False
        self._wanted = asyncio.Event()

    def on_events(self, batch: Iterable[Numbered]) -> None:
        """Take what happened; returns at once."""
        for _, event in batch:
            if getattr(event, "pbx", None) != self._pbx:
                continue
            if isinstance(event, PbxConnected | PbxDisconnected):
                self._in_step_at = None
            elif isinstance(event, PbxResynced) and self._in_step_at is None:
                self._in_step_at = event.at
                self._want(None)
            elif isinstance(event, CallEnded) and event.record.precision_s >= WHOLE_S:
                self._want(event.record.ended_at)

    def _want(self, since: datetime | None) -> None:
        if since is not None:
            self._gap_since = min(since, self._gap_since or since)
        self._is_gap = True
        self._wanted.set()

    async def run(self) -> None:
        """Fill what is lacking and move the watermark, until cancelled."""
        self._is_gap = self._in_step_at is not None
        while True:
            try:
                async with asyncio.timeout(self._mark_each_s):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            if self._in_step_at is None:
                continue
            if (left_out := self._history.left_out()) and self._history.kept_until(self._now()):
                self._want(left_out.since)
            if self._is_gap:
                await self._begin(self._in_step_at)
                await asyncio.sleep(self._settle_s)
                await self._try_to_fill()
            try:
                if not self._is_gap:
                    await self._move_watermark()
            except DatabaseAwayError:  # the recorder says so
                continue

    async def _begin(self, at: datetime) -> None:
        """Keep since when a new exchange is ours: who is killed before the first filling goes on there."""
        with suppress(DatabaseAwayError):  # the recorder says so, and filling is tried again
            if await self._history.watermark() is None:
                await self._mark(at)

    async def _try_to_fill(self) -> None:
        since, self._is_gap, self._gap_since = self._gap_since, False, None
        left_out = self._history.left_out()
        try:
            await self.fill(since)
        except (RecordsError, DatabaseAwayError) as error:
            if self.health.why is None:
                log.warning("no history from the exchange's records", pbx=self._pbx, why=str(error))
            self.health.why, self.health.is_new = str(error), isinstance(error, NothingWrittenError)
            self._is_gap = True
            self._gap_since = min(filter(None, (since, self._gap_since)), default=None)
            return
        self.health.why, self.health.is_new = None, False
        if left_out is not None and left_out == self._history.left_out():  # none more meanwhile
            self._history.nothing_left_out()

    async def fill(self, since: datetime | None) -> int:
        """Bring in what ended since the watermark, or *since* when that is before; return how many calls.

        Raises:
            RecordsError: the records cannot be read.
        """
        in_step_at = self._in_step_at  # also should the link be lost meanwhile: what was gone then stays so
        mark = await self._history.watermark()
        if mark is None:
            mark = self._now()  # a new exchange: what was before us is not our history
            await self._mark(mark)
        elif mark > self._now():  # said while our clock was ahead: nobody knows since when
            mark = self._now() - LONGEST_CALL
        self.health.whole_until = mark
        since, now = min(mark, since or mark) - KEPT_WITHIN, self._now()
        found, unended = 0, dict[str, Call]()
        for begin, end in slices(since, now):
            for call in (told := await self._told(begin, end)):
                unended[call.linkedid] = call
            over = [call for call in told if call.ended_at is not None]
            for call in over:
                del unended[call.linkedid]
            found += await self._store([call for call in over if call.ended_at and call.ended_at >= begin])
            if end < now - KEPT_WITHIN and not self._gone(unended.values(), in_step_at):
                await self._mark(end)
        if in_step_at is not None and (gone := self._gone(unended.values(), in_step_at)):
            found += await self._store(await self._cut(gone, now, gone_at=in_step_at))
        self.health.filled += found
        if found:
            log.info("calls from the exchange's records", pbx=self._pbx, calls=found, since=str(mark))
        return found

    async def _told(self, since: datetime, until: datetime) -> list[Call]:
        """Return the calls that were written about in that time; those that were not over then are live."""
        rows, lines = await asyncio.to_thread(written, self._records, since, until)
        return await self._tell(rows, lines, since=since, gone_at=None)

    async def _cut(self, gone: Sequence[Call], now: datetime, *, gone_at: datetime) -> list[Call]:
        """Return calls that were not written to their ends as the exchange left them when it stopped."""
        names = {name for call in gone for name in (call.linkedid, *call.merged_ids)}
        begin = min(call.started_at for call in gone)
        rows: list[CelRow] = []
        for since, until in slices(begin - BORN_WITHIN, now):
            found = await asyncio.to_thread(self._records.rows, since, until)
            rows += [row for row in found if row.linkedid in names]
        lines = await asyncio.to_thread(self._records.lines, begin, now)
        return await self._tell(rows, lines, since=begin, gone_at=gone_at)

    def _gone(self, unended: Iterable[Call], in_step_at: datetime | None) -> list[Call]:
        """Return which of *unended* the exchange had no more when it was looked at."""
        return [
            call
            for call in unended
            if in_step_at is not None
            and max((segment.at for segment in call.segments), default=call.started_at) < in_step_at
            and self._live.call(call.id) is None
        ]

    async def _tell(
        self, rows: Sequence[CelRow], lines: Sequence[QueueLine], *, since: datetime, gone_at: datetime | None
    ) -> list[Call]:
        """Return the calls of *rows*, told in a thread; who sat where is taken from the history."""
        floor, now = self._new_floor(), self._now()
        for phone in self._live.phones():
            floor.step(PhoneRegistered(interface=phone), now)
        for interface, agent in (await self._history.seated(since)).items():
            floor.step(SeatTaken(interface=interface, agent=agent), now)
        return await asyncio.to_thread(lambda: list(tell(floor, rows, lines, gone_at=gone_at)))

    async def _store(self, calls: Sequence[Call]) -> int:
        """Tell those of *calls* that are missing and not live; return how many, when they are kept."""
        found, past = 0, [call for call in calls if self._live.call(call.id) is None]
        for n in range(0, len(past), GROUP):
            if missing := await self._history.missing(past[n : n + GROUP]):
                self._bus.publish([self._corrected(call) for call in missing])
            while not all(self._history.is_kept(call.id) for call in missing):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(STORED_EACH_S)
            found += len(missing)
        return found

    def _corrected(self, call: Call) -> CallCorrected:
        return CallCorrected(
            pbx=self._pbx,
            at=self._now(),
            call=call.id,
            linkedid=call.linkedid,
            version=call.version,
            why=FROM_RECORDS,
            record=call,
        )

    async def _move_watermark(self) -> None:
        kept_until = self._history.kept_until(self._now())
        if self._in_step_at is None or kept_until is None or self._history.left_out():
            return
        ends = [call.ended_at for call in self._live.calls() if call.ended_at is not None]
        await self._mark(min([self._now() - KEPT_WITHIN, kept_until, *ends]))

    async def _mark(self, at: datetime) -> None:
        await self._history.move_watermark(at)
        before = self.health.whole_until
        self.health.whole_until = at if before is None or before > self._now() else max(at, before)


def written(records: CallRecords, since: datetime, until: datetime) -> tuple[list[CelRow], list[QueueLine]]:
    """Return the rows of that time, and what was written before of the calls that they are about.

    Raises:
        RecordsError: the records cannot be read.
    """
    rows = records.rows(since, until)
    names = {name for row in rows for name in (row.linkedid, row.uniqueid)}
    births = [born for name in names if (born := birth_of(name)) is not None and born < since]
    begin = max(min(births, default=since) - BORN_WITHIN, since - LONGEST_CALL)
    if births:
        earlier = records.rows(begin, since - timedelta.resolution)
        rows = [row for row in earlier if row.linkedid in names or row.uniqueid in names] + rows
    return rows, records.lines(begin, until)


def slices(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the time from *since* to *until* in slices, each beginning where the one before ends."""
    while since < until:
        end = min(since + SLICE, until)
        yield since, end
        since = end
