"""One exchange, live: its stream goes through the ledger onto the bus, in order, without a wait.

Bytes arrive, the wire turns them into facts, and ``heard`` runs the ledger and publishes before it
returns: from the socket to the hub no task and no queue stands between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from ami_bridge.domain.ami import (
    AmiEvent,
    OriginateAsked,
    OriginateResponse,
    QueueMember,
    SeatLeft,
    SeatTaken,
    Shutdown,
    UserEvent,
)
from ami_bridge.domain.elder import Elder
from ami_bridge.domain.events import AgentView, PbxConnected, PbxDisconnected, QueueChanged
from ami_bridge.domain.floor import Floor, IsHeard
from ami_bridge.domain.keeping import Pair
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.ports import CallControl, EventSink
from ami_bridge.services.audit import AUDIT_EACH_S, Audit, Truth
from crm_core.domain.calls import Call

log = structlog.get_logger(__name__)

OUR_EVENT = "Centralita"
TICK_S = 0.25

ToldByIvr = Callable[[str, dict[str, str]], None]


Note = Callable[[AmiEvent, datetime], None]


def _unnoted(_fact: AmiEvent, _at: datetime) -> None:
    return None


class LivePbx:
    """The live floor of one exchange: an ``AmiSink`` for the wire, a ``LiveFloor`` for the readers.

    *note* takes each fact before the ledger does.
    """

    def __init__(
        self,
        floor: Floor,
        *,
        bus: EventSink,
        clock: PbxClock,
        now: Callable[[], datetime],
        told_by_ivr: ToldByIvr,
        audit_each_s: float = AUDIT_EACH_S,
        note: Note = _unnoted,
    ) -> None:
        self.pbx = floor.pbx
        self._note = note
        self.is_connected = False
        self._floor, self._bus, self._clock, self._now = floor, bus, clock, now
        self._told_by_ivr = told_by_ivr
        self._elder = Elder()
        self._audit = Audit(floor, elder=self._elder, bus=bus, now=now, each_s=audit_each_s)

    # --- the wire speaks

    def heard(self, events: Sequence[AmiEvent], *, arrival: float) -> None:
        """Run the ledger over the facts of one read; publish what follows from each before the next."""
        steps = self._clock.steps
        for event in events:
            at = self._clock.instant(event.stamp, arrival=arrival)
            for fact, when in self._elder.retold(event, at):
                if self._audit.seen and self._audit.seen.note(fact, when):
                    continue
                self._note(fact, when)
                if happened := self._floor.step(fact, when):
                    self._bus.publish(happened)
                if type(fact) is UserEvent and fact.name == OUR_EVENT:
                    self._pass_on(fact)
                elif type(fact) is Shutdown:
                    log.info("the exchange is stopping", pbx=self.pbx)
        if self._clock.steps != steps:
            log.warning("the exchange's clock was set", pbx=self.pbx, offset_s=round(self._clock.offset, 3))
            self._bus.publish(self._floor.clock_stepped(self._now()))

    def connected(self) -> None:
        """Ask for a resync; what was held before is checked against the exchange's own lists."""
        self.is_connected = True
        self._floor.connected()
        self._bus.publish([PbxConnected(pbx=self.pbx, at=self._now())])
        self._audit.connected()

    def disconnected(self, why: str) -> None:
        """Keep what is known, as old, until the next resync."""
        if not self.is_connected:
            return
        self.is_connected = False
        self._audit.disconnected()
        self._elder.link_lost()
        now = self._now()
        self._floor.link_lost(now)
        self._bus.publish([PbxDisconnected(pbx=self.pbx, at=now, why=why)])

    # --- readers ask (ports.LiveFloor)

    def calls(self) -> Sequence[Call]:
        """Return the live calls as they are now."""
        return self._floor.calls()

    def call(self, call_id: str) -> Call | None:
        """Return one live call."""
        return self._floor.call(call_id)

    def pair(self, call_id: str, interface: str) -> Pair | None:
        """Return whom the one at *interface* could put on hold in that live call, or holds by our doing."""
        return self._floor.pair(call_id, interface)

    def ringing_at(self, interface: str) -> Sequence[Call]:
        """Return the calls that ring at *interface* now."""
        return self._floor.ringing_at(interface)

    def agents(self) -> Sequence[AgentView]:
        """Return everybody who has a seat."""
        return self._floor.agents()

    def queues(self) -> Sequence[QueueChanged]:
        """Return every queue as it is now."""
        return self._floor.queues()

    def phones(self) -> Sequence[str]:
        """Return the phones of the house, as far as they have shown themselves."""
        return self._floor.phones()

    def memberships(self, interface: str) -> Sequence[QueueMember]:
        """Return a phone as a member of its queues, each as it was last told."""
        return self._floor.memberships(interface)

    def queues_of(self, interface: str) -> Sequence[str]:
        """Return the names of the queues that *interface* serves."""
        return self._floor.queues_of(interface)

    def note_pop(self, call_id: str, interface: str) -> None:
        """Say that the card of a call went out to the agent at *interface*, now."""
        self._floor.note_pop(call_id, interface, self._now())

    def take_seat(self, *, interface: str, agent: str) -> None:
        """Say that *agent* signed in at *interface*."""
        self.step(SeatTaken(interface=interface, agent=agent))

    def leave_seat(self, *, interface: str, agent: str) -> None:
        """Say that *agent* signed out of *interface*."""
        self.step(SeatLeft(interface=interface, agent=agent))

    def asked_to_originate(self, fact: OriginateAsked | OriginateResponse) -> None:
        """Say that we asked for a call, so that the ledger knows whose it is, or that it was refused."""
        self.step(fact)

    def step(self, event: AmiEvent) -> None:
        """Take a fact that does not come from the exchange."""
        for fact, when in self._elder.retold(event, self._now()):
            if happened := self._floor.step(fact, when):
                self._bus.publish(happened)

    # --- the parts that run beside the stream

    async def tick(self, is_heard: IsHeard) -> None:
        """Let deadlines pass and tell the queues that changed, of those that are heard; until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            if happened := self._floor.tick(self._now(), is_heard=is_heard):
                self._bus.publish(happened)

    async def resync(self, control: CallControl) -> None:
        """After each (re)connect, and every so often, lay the floor beside the exchange's lists."""
        await self._audit.run(control)

    @property
    def truth(self) -> Truth:
        """How true this picture is, by the exchange's own lists."""
        return self._audit.truth

    def _pass_on(self, event: UserEvent) -> None:
        if call := self._floor.call_of_leg(event.linkedid or event.uniqueid):
            self._told_by_ivr(call, event.headers)
