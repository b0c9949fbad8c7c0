"""Keeps a live floor in line with the exchange's own lists: after each (re)connect, and every so often.

After a connect what the lists say is taken at once: something was missed. While the link is up nothing should
be otherwise, and lists and stream overtake each other by a little; so what an audit finds counts only when a
second look, a little later, finds the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec
import structlog

from ami_bridge.domain.ami import Snapshot
from ami_bridge.domain.elder import Elder
from ami_bridge.domain.errors import AmiBridgeError, LinkDownError
from ami_bridge.domain.events import FloorEvent, PbxResynced
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.meanwhile import Meanwhile
from ami_bridge.ports import CallControl, EventSink

log = structlog.get_logger(__name__)
AUDIT_EACH_S, FIRST_AUDIT_S, AUDIT_RETRY_S, SECOND_LOOK_S = 60.0, 10.0, 5.0, 2.0


class Truth(msgspec.Struct, kw_only=True):
    """How true our picture of one exchange is.

    ``drift``: how many things the last audit found otherwise. ``corrected`` counts what was ever found, by
    kind. ``checked_at``: when the lists were last laid beside; ``took_s`` from asking for them.
    """

    checked_at: datetime | None = None
    took_s: float = 0.0
    resyncs: int = 0
    audits: int = 0
    drift: int = 0
    corrected: dict[str, int] = msgspec.field(default_factory=dict)


class Audit:
    """Lays one floor beside its exchange's lists; ``seen`` hears the stream while they are on their way."""

    def __init__(
        self,
        floor: Floor,
        *,
        elder: Elder,
        bus: EventSink,
        now: Callable[[], datetime],
        each_s: float = AUDIT_EACH_S,
    ) -> None:
        self.truth = Truth()
        self.seen: Meanwhile | None = None
        self._floor, self._elder, self._bus, self._now, self._each_s = floor, elder, bus, now, each_s
        self._is_stale = False
        self._wanted = asyncio.Event()

    def connected(self) -> None:
        """Ask for a resync: something may have been missed."""
        self._is_stale, self.seen = True, self._floor.meanwhile(is_new=True)
        self._wanted.set()

    def disconnected(self) -> None:
        """Look no more until the next connect."""
        self._is_stale, self.seen = True, None
        self._wanted.clear()

    async def run(self, control: CallControl) -> None:
        """Resync after each connect, audit every so often; runs until cancelled."""
        pause = self._each_s
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wanted.wait()
            self._wanted.clear()
            pause = self._each_s
            try:
                pause = await self._look(control)
            except AmiBridgeError as error:
                log.warning("no snapshot of the exchange; asked again", pbx=self._floor.pbx, why=str(error))
                pause = AUDIT_RETRY_S

    async def _look(self, control: CallControl) -> float:
        """Resync or audit, as is due; return the seconds until the next look."""
        if self._is_stale:
            await self._resync(control)
            return min(FIRST_AUDIT_S, self._each_s)
        try:
            await self._audit(control)
        finally:
            self.seen = self.seen if self._is_stale else None
        return self._each_s

    async def _resync(self, control: CallControl) -> None:
        started = asyncio.get_running_loop().time()
        if self.seen is None:  # not connected
            return
        seen = self.seen
        try:
            snapshot = await self._snapshot(control, seen)
        except AmiBridgeError:
            if self.seen is seen:
                self._begin_anew(seen)
            raise
        self._is_stale = False
        self.seen = None
        happened = self._floor.resync(snapshot, self._now(), meanwhile=seen)
        self.truth.resyncs += 1
        self._tell(happened, started, is_audit=False)

    async def _audit(self, control: CallControl) -> None:
        started = asyncio.get_running_loop().time()
        self.seen = seen = self._floor.meanwhile()
        snapshot = await self._snapshot(control, seen)
        if "channels" in snapshot.untold:
            return  # who may not list them has been told so; an empty list would end every call
        suspects = self._floor.differences(snapshot, seen)
        happened: list[FloorEvent] = []
        if suspects:
            await asyncio.sleep(SECOND_LOOK_S)
            snapshot = await self._snapshot(control, seen)
            happened = self._floor.resync(snapshot, self._now(), meanwhile=seen, only=suspects)
        else:
            self._floor.agrees(self._now())
        self.truth.audits += 1
        self._tell(happened, started, is_audit=True)

    def _begin_anew(self, seen: Meanwhile) -> None:
        """The lists did not come: what waited for them is told without."""
        self.seen = self._floor.meanwhile(is_new=True)
        if happened := self._floor.without_lists(seen):
            self._bus.publish(happened)

    async def _snapshot(self, control: CallControl, seen: Meanwhile) -> Snapshot:
        """Return the exchange's lists, while *seen* hears the stream.

        Raises:
            AmiBridgeError: they cannot be had, or the link was lost since *seen* began to hear it.
        """
        if self.seen is seen:
            snapshot = await control.snapshot()
            if self.seen is seen:
                return self._elder.listed(snapshot, self._now())
        raise LinkDownError("lost while the lists were on their way")

    def _tell(self, happened: list[FloorEvent], started: float, *, is_audit: bool) -> None:
        """Count what was found, and tell it; an audit that found nothing is no news."""
        truth, took_s = self.truth, asyncio.get_running_loop().time() - started
        truth.checked_at, truth.took_s = self._now(), round(took_s, 3)
        report = next((event for event in reversed(happened) if isinstance(event, PbxResynced)), None)
        by = report.by if report else {}
        for kind, count in by.items():
            truth.corrected[kind] = truth.corrected.get(kind, 0) + count
        if is_audit:
            truth.drift = sum(by.values())
        if report is None or (is_audit and not by):
            if happened := happened[:-1]:
                self._bus.publish(happened)
            return
        happened[-1] = msgspec.structs.replace(report, took_s=truth.took_s, is_audit=is_audit)
        self._bus.publish(happened)
        say = log.warning if is_audit else log.info
        what = "an audit found drift" if is_audit else "in step with the exchange"
        calls = {"adopted": report.adopted, "closed": report.closed, "corrected": report.corrected}
        say(what, pbx=self._floor.pbx, **calls, by=by, took_s=truth.took_s)
