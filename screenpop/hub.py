"""The hub: what happens on the floors becomes frames for desktops and boards, in one turn of the loop.

A desktop hears what concerns its agent; the floor topic hears everything. Frames are written straight
to each client's connection; nothing here waits, so a slow client is cut and slows nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
import structlog

from ami_bridge.bus import Numbered
from ami_bridge.domain import events
from ami_bridge.ports import CardSource, LiveFloor
from crm_core.domain.calls import Call
from crm_core.domain.cards import Card
from screenpop.frames import Frame, Log, Reader

log = structlog.get_logger(__name__)
GRACE = timedelta(seconds=30)
FLOOR, EVERYBODY = "floor", "pbx"

Render = Callable[[Call, Card | None, Reader], str]


class Wire(Protocol):
    """A client's connection; both calls return at once."""

    def push(self, text: str) -> None:
        """Write a frame, or cut the connection when it is too slow."""

    def cut(self, code: int, reason: str) -> None:
        """Close the connection with a code of §4.3."""


class SeatAt(msgspec.Struct, frozen=True):
    """Where an agent sits: an exchange's interface."""

    pbx: str
    interface: str


@dataclass(slots=True, eq=False)
class Client:
    """A tab: who looks at it, and what it hears."""

    wire: Wire
    user: str
    session: str
    reader: Reader
    agent: str | None = None
    seat: SeatAt | None = None
    topics: set[str] = field(default_factory=set)


class Hub:
    """Everybody who is connected, and the frames for them.

    Args:
        epoch: names this process; a client of another epoch gets a snapshot.
        floors: the exchanges by name.
        cards: who knows the customers of live calls.
        render: a card as the desktop shows it.
        now: the clock.
    """

    def __init__(
        self,
        *,
        epoch: str,
        floors: Mapping[str, LiveFloor],
        cards: CardSource,
        render: Render,
        now: Callable[[], datetime],
    ) -> None:
        self.log = Log(epoch)
        self.sent = self.cut_off = 0
        self._floors, self._cards, self._render, self._now = floors, cards, render, now
        self._by_topic: dict[str, dict[int, Client]] = {}
        self._tabs: dict[SeatAt, dict[int, Client]] = {}
        self._leaving: dict[SeatAt, tuple[str, datetime]] = {}
        self._involved: dict[str, set[str]] = {}
        self._offered: dict[str, dict[str, str]] = {}

    # --- clients come and go

    def join(self, client: Client, *, topics: Sequence[str], resume: str | None) -> None:
        """Let *client* hear *topics* from now on: what it missed, or a snapshot, first."""
        client.topics = {EVERYBODY}
        client.topics |= {self._desk(client)} if "desk" in topics and client.agent else set()
        client.topics |= {topic for topic in topics if topic == FLOOR or topic.startswith("queue:")}
        if client.seat and client.agent and "desk" in topics:
            self._sit(client, client.seat, client.agent)
        missed = self.log.since(resume) if resume else None
        if missed is None:
            client.wire.push(self._snapshot(client))
        else:
            for frame in missed:
                if frame.topics & client.topics:
                    client.wire.push(frame.text(client.reader))
            client.wire.push(f'{{"op":"resumed","seq":"{self.log.seq}"}}')
        for topic in client.topics:
            self._by_topic.setdefault(topic, {})[id(client)] = client

    def leave(self, client: Client) -> None:
        """Forget a client that is gone; its seat is kept a while, in case it only lost the network."""
        for topic in client.topics:
            there = self._by_topic.get(topic, {})
            there.pop(id(client), None)
            if not there:
                self._by_topic.pop(topic, None)
        if client.seat and client.agent and (tabs := self._tabs.get(client.seat)):
            tabs.pop(id(client), None)
            if not tabs:
                del self._tabs[client.seat]
                self._leaving[client.seat] = (client.agent, self._now() + GRACE)

    def sign_out(self, session: str) -> None:
        """Cut every tab of a session that ended; its agent leaves the seat at once."""
        for client in self.clients():
            if client.session == session:
                client.wire.cut(4001, "signed out")
                self.leave(client)
                if client.seat and client.seat not in self._tabs:
                    self._vacate(client.seat)

    def tick(self) -> None:
        """Let those leave their seats who did not come back."""
        now = self._now()
        for seat, (_, deadline) in list(self._leaving.items()):
            if now >= deadline:
                self._vacate(seat)

    def close(self) -> None:
        """Tell everybody that the server restarts."""
        for client in self.clients():
            client.wire.cut(4010, "the server restarts")

    def clients(self) -> list[Client]:
        """Return everybody who is connected."""
        return list(self._by_topic.get(EVERYBODY, {}).values())

    def _sit(self, client: Client, seat: SeatAt, agent: str) -> None:
        for other in list(self._tabs.get(seat, {}).values()):
            if other.agent != agent:
                other.wire.cut(4009, "somebody else signed in at this phone")
                self.leave(other)
        self._leaving.pop(seat, None)
        self._tabs.setdefault(seat, {})[id(client)] = client
        if floor := self._floors.get(seat.pbx):
            floor.take_seat(interface=seat.interface, agent=agent)

    def _vacate(self, seat: SeatAt) -> None:
        agent, _ = self._leaving.pop(seat, ("", None))
        if agent and (floor := self._floors.get(seat.pbx)):
            floor.leave_seat(interface=seat.interface, agent=agent)

    # --- what happens

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Turn what happened into frames; called by the bus, in order."""
        for _, event in batch:
            if isinstance(event, events.CallOffered):
                self._offer(event)
            elif isinstance(event, events.OfferEnded):
                self._tell(event)
                self._offer_ended(event)
            elif isinstance(event, events.CallMatched):
                self._tell(event)
                self._pop_again(event)
            elif isinstance(event, events.CallEnded):
                self._tell(event)
                self._involved.pop(event.call, None)
                self._offered.pop(event.call, None)
            elif isinstance(event, events.CallEvent | events.FloorEvent):
                self._tell(event)

    def _offer(self, event: events.CallOffered) -> None:
        if event.agent:
            self._involved.setdefault(event.call, set()).add(event.agent)
            self._offered.setdefault(event.call, {})[event.interface] = event.agent
        self._tell(event)
        if event.agent:
            self._pop(event.pbx, event.call, event.interface, event.agent)
            floor = self._floors[event.pbx]
            floor.note_pop(event.call, event.interface)

    def _offer_ended(self, event: events.OfferEnded) -> None:
        if not event.agent:
            return
        if event.reason != "answered":
            self._offered.get(event.call, {}).pop(event.interface, None)
        fields = {"call": event.call, "interface": event.interface, "reason": event.reason}
        if event.answered_by:
            fields["answered_by"] = event.answered_by
        self._send(self.log.add(frozenset((f"desk:{event.agent}",)), "screen_pop_end", fields))

    def _pop_again(self, event: events.CallMatched) -> None:
        for interface, agent in self._offered.get(event.call, {}).items():
            self._pop(event.pbx, event.call, interface, agent)

    def _pop(self, pbx: str, call_id: str, interface: str, agent: str) -> None:
        call = self._floors[pbx].call(call_id)
        if call is None:
            return
        card = self._cards.card(call_id)
        seen = msgspec.convert(msgspec.to_builtins(call), Call)
        frame = self.log.add(
            frozenset((f"desk:{agent}",)),
            "screen_pop",
            {"interface": interface, "call": call, "card": card},
            html=lambda reader: self._render(seen, card, reader),
        )
        self._send(frame)

    def _tell(self, event: msgspec.Struct) -> None:
        topics = {FLOOR}
        if isinstance(event, events.CallEvent):
            if isinstance(event, events.CallAnswered) and event.agent:
                self._involved.setdefault(event.call, set()).add(event.agent)
            topics |= {f"desk:{agent}" for agent in self._involved.get(event.call, ())}
        elif isinstance(event, events.AgentStateChanged | events.AgentLoggedIn | events.AgentLoggedOut):
            topics.add(f"desk:{event.agent}")
            if isinstance(event, events.AgentStateChanged) and event.call:
                self._involved.setdefault(event.call, set()).add(event.agent)
        elif isinstance(event, events.QueueChanged):
            topics.add(f"queue:{event.queue}")
        else:
            topics.add(EVERYBODY)
        self._send(self.log.add(frozenset(topics), "event", {"event": event}))

    def _send(self, frame: Frame) -> None:
        told: set[int] = set()
        for topic in frame.topics:
            for key, client in list(self._by_topic.get(topic, {}).items()):
                if key not in told:
                    told.add(key)
                    self.sent += 1
                    client.wire.push(frame.text(client.reader))

    # --- how it is

    def _snapshot(self, client: Client) -> str:
        whole: dict[str, Any] = {
            "op": "snapshot",
            "seq": self.log.seq,
            "pbx": {name: floor.is_connected for name, floor in self._floors.items()},
        }
        if self._desk(client) in client.topics:
            whole["desk"] = self._desk_now(client)
        if FLOOR in client.topics:
            whole["floor"] = {
                "queues": [queue for floor in self._floors.values() for queue in floor.queues()],
                "agents": [agent for floor in self._floors.values() for agent in floor.agents()],
                "calls": [self._with_name(call) for floor in self._floors.values() for call in floor.calls()],
            }
        return msgspec.json.encode(whole).decode()

    def _desk_now(self, client: Client) -> dict[str, Any]:
        seat = client.seat
        floor = self._floors.get(seat.pbx) if seat else None
        if seat is None or floor is None:
            return {"agent": client.agent, "interface": None, "state": None, "calls": []}
        ringing = {call.id for call in floor.ringing_at(seat.interface)}
        mine = [
            call
            for call in floor.calls()
            if call.id in ringing or any(s.until is None and s.party == seat.interface for s in call.segments)
        ]
        state = next((agent for agent in floor.agents() if agent.interface == seat.interface), None)
        return {
            "agent": client.agent,
            "interface": seat.interface,
            "state": state,
            "calls": [
                {
                    "call": call,
                    "card": (card := self._cards.card(call.id)),
                    "html": self._render(call, card, client.reader),
                    "interface": seat.interface,
                    "is_ringing": call.id in ringing,
                }
                for call in mine
            ],
        }

    def _with_name(self, call: Call) -> dict[str, Any]:
        card = self._cards.card(call.id)
        return {"call": call, "name": card.title if card else None}

    @staticmethod
    def _desk(client: Client) -> str:
        return f"desk:{client.agent}"
