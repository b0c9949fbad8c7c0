"""Stand-ins that keep the promises of the ports: a floor, its cards, a client that remembers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from ami_bridge.bus import Numbered
from ami_bridge.domain import ami, events
from ami_bridge.domain.keeping import Pair
from ami_bridge.services.commands import Presence
from crm_core.domain.calls import Call, Match, call_id
from crm_core.domain.cards import Card, CardContact
from screenpop.exchanges import ExchangeAsked, ExchangeKept, Step
from screenpop.hub import Hub, Render
from screenpop.identity import Identity, Seat
from screenpop.schema import Hello

START = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
ANA_SEAT, LUIS_SEAT = Seat("main", "PJSIP/agent101"), Seat("main", "PJSIP/agent102")


def who(
    name: str = "ana",
    *,
    role: str = "agent",
    agent: str | None = "101",
    seat: Seat | None = ANA_SEAT,
    language: str = "es",
    session: str | None = None,
) -> Identity:
    return Identity(
        user=f"u-{name}",
        name=name,
        full_name=name.title(),
        role=role,
        language=language,
        agent=agent,
        seat=seat,
        session=session or f"s-{name}",
    )


ANA = who()
LUIS = who("luis", agent="102", seat=LUIS_SEAT)
EVA = who("eva", role="supervisor", agent=None, seat=None)


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeFloor:
    """One exchange's floor: what is put in is what is there."""

    def __init__(self, pbx: str = "main") -> None:
        self.pbx, self.is_connected = pbx, True
        self.live: dict[str, Call] = {}
        self.pairs: dict[tuple[str, str], Pair] = {}
        self.ringing: dict[str, set[str]] = {}
        self.seats: dict[str, str] = {}
        self.members: dict[str, tuple[str, ...]] = {}
        self.popped: list[tuple[str, str]] = []
        self.busy: dict[str, str] = {}
        self.agents_now: list[events.AgentView] | None = None
        self.queues_now: list[events.QueueChanged] | None = None
        self.seen: list[str] = []
        self.paused: dict[str, str] = {}
        self.told: dict[str, list[ami.QueueMember]] = {}
        self.dynamic: dict[tuple[str, str], ami.QueueMember] = {}

    def calls(self) -> list[Call]:
        return list(self.live.values())

    def call(self, call_id: str) -> Call | None:
        return self.live.get(call_id)

    def pair(self, call_id: str, interface: str) -> Pair | None:
        return self.pairs.get((call_id, interface))

    def ringing_at(self, interface: str) -> list[Call]:
        return [self.live[one] for one in sorted(self.ringing.get(interface, ())) if one in self.live]

    def agents(self) -> list[events.AgentView]:
        if self.agents_now is not None:
            return self.agents_now
        return [
            events.AgentView(
                agent=agent,
                interface=interface,
                state=self.state_of(interface),
                since=START,
                reason=None if interface in self.busy else self.paused.get(interface),
                call=self.busy.get(interface),
            )
            for interface, agent in self.seats.items()
        ]

    def state_of(self, interface: str) -> events.AgentStateName:
        if interface in self.busy:
            return "talking"
        return "paused" if interface in self.paused else "ready"

    def phones(self) -> list[str]:
        return self.seen

    def memberships(self, interface: str) -> list[ami.QueueMember]:
        fixed = [queue for queue, members in self.members.items() if interface in members]
        told = [self.dynamic.get((queue, interface), _member(queue, interface)) for queue in fixed]
        reason = self.paused.get(interface)
        now = [replace(one, paused=reason is not None, paused_reason=reason or "") for one in told]
        if self.told.get(interface) != now:
            self.told[interface] = now
        return self.told[interface]

    def queues_of(self, interface: str) -> list[str]:
        return [
            queue.queue
            for queue in self.queues()
            if any(member.interface == interface for member in queue.members)
        ]

    def queues(self) -> list[events.QueueChanged]:
        if self.queues_now is not None:
            return self.queues_now
        return [
            events.QueueChanged(
                pbx=self.pbx,
                at=START,
                queue=queue,
                members=tuple(
                    events.MemberView(
                        interface=one,
                        agent=self.seats.get(one),
                        name=one,
                        paused=one in self.paused,
                        paused_reason=self.paused.get(one),
                        status=1,
                    )
                    for one in members
                ),
            )
            for queue, members in self.members.items()
        ]

    def note_pop(self, call_id: str, interface: str) -> None:
        self.popped.append((call_id, interface))

    def take_seat(self, *, interface: str, agent: str) -> None:
        self.seats[interface] = agent

    def leave_seat(self, *, interface: str, agent: str) -> None:
        if self.seats.get(interface) == agent:
            del self.seats[interface]


def _member(queue: str, interface: str) -> ami.QueueMember:
    return ami.QueueMember(queue=queue, interface=interface, state_interface=interface)


class FakeQueues:
    """The queues of an exchange: does what it is asked, and tells it unless ``is_mute``."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.is_observed, self.is_mute = stage, False, False
        self.asked: list[str] = []

    async def pause(self, interface: str, *, is_paused: bool, reason: str = "") -> None:
        self.asked.append(f"pause {interface} {is_paused} {reason}")
        if self.is_mute:
            return
        if is_paused:
            self.stage.floor.paused[interface] = reason
        else:
            self.stage.floor.paused.pop(interface, None)
        self._tell(interface)

    async def join_queue(
        self, queue: str, interface: str, *, name: str, penalty: int, is_paused: bool
    ) -> None:
        self.asked.append(f"join {queue} {interface} {name} {penalty} {is_paused}")
        if self.is_mute:
            return
        floor = self.stage.floor
        floor.members[queue] = (*floor.members[queue], interface)
        floor.dynamic[queue, interface] = replace(_member(queue, interface), dynamic=True, member=name)
        self._tell(interface)

    async def leave_queue(self, queue: str, interface: str) -> None:
        self.asked.append(f"leave {queue} {interface}")
        if self.is_mute:
            return
        floor = self.stage.floor
        floor.members[queue] = tuple(one for one in floor.members[queue] if one != interface)
        self._tell(interface)

    def _tell(self, interface: str) -> None:
        floor = self.stage.floor
        floor.told.pop(interface, None)
        changed = [
            replace(agent_is(one.state, seat=Seat("main", interface), agent=one.agent), reason=one.reason)
            for one in floor.agents()
            if one.interface == interface and one.call is None
        ]
        self.stage.happens(*changed, *floor.queues())


class FakeCards:
    """Cards by call."""

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}
        self.chosen: list[tuple[str, str]] = []

    def card(self, call_id: str) -> Card | None:
        return self.cards.get(call_id)

    def choose(self, call_id: str, *, contact_id: str, match: Match) -> None:
        self.chosen.append((call_id, contact_id))


@dataclass(eq=False)
class Tab:
    """A client that keeps what it was sent; closed, it takes no more."""

    identity: Identity
    heard: list[dict[str, Any]] = field(default_factory=list)
    closed: int | None = None
    urgent: list[str] = field(default_factory=list)
    socket: str = "127.0.0.1:50000"

    def push(self, frame: bytes, *, is_urgent: bool = False) -> None:
        if self.closed is None:
            self.heard.append(json.loads(frame))
            if is_urgent:
                self.urgent.append(self.ops[-1])

    def cut(self, code: int, reason: str) -> None:
        self.closed = self.closed or code

    @property
    def ops(self) -> list[str]:
        return [one["op"] for one in self.heard]

    @property
    def last_seq(self) -> str:
        return self.heard[-1]["seq"]


def render(call: Call, card: Card | None, *, language: str, role: str) -> str:
    return f"<b>{language} {role} {card.title if card else call.ani}</b>"


class Stage:
    """A hub with one floor, and a bus that numbers."""

    def __init__(self, *, ring: int = 10_000, render: Render = render) -> None:
        self.floor, self.cards, self.clock = FakeFloor(), FakeCards(), Clock()
        self.n = 0
        self.readers: list[Callable[[Sequence[Numbered]], None]] = []
        self.hub = Hub(
            epoch="e1",
            floors={"main": self.floor},
            cards=self.cards,
            render=render,
            now=self.clock,
            ring=ring,
        )

    def tab(self, identity: Identity = ANA, *topics: str, resume: str | None = None) -> Tab:
        tab = Tab(identity)
        self.hub.join(tab, Hello(topics=topics or ("desk",), resume=resume))
        return tab

    def happens(self, *happened: events.FloorEvent) -> None:
        numbered = [(self.n + i, event) for i, event in enumerate(happened, start=1)]
        self.n += len(happened)
        self.hub.on_events(numbered)
        for reader in self.readers:
            reader(numbered)

    def publish(self, happened: Sequence[events.FloorEvent]) -> None:
        """Let things happen that the service itself tells, as its bus would."""
        self.happens(*happened)

    def presence(self, queues: FakeQueues, *, within_s: float = 2.0) -> Presence:
        """Return the commands of this floor's queues."""
        made = Presence(self.floor, queues, bus=self, now=self.clock, within_s=within_s)
        self.readers.append(made.on_events)
        return made

    def call(self, linkedid: str = "1795311086.0", **facts: Any) -> Call:
        """Put a live call on the floor."""
        call = Call(
            id=call_id("main", linkedid),
            pbx="main",
            linkedid=linkedid,
            started_at=START,
            ani="+34957212000",
            **facts,
        )
        self.floor.live[call.id] = call
        return call

    def offers(self, call: Call, seat: Seat = ANA_SEAT, *, queue: str | None = "sales") -> None:
        self.floor.ringing.setdefault(seat.interface, set()).add(call.id)
        self.happens(about(events.CallOffered, call, interface=seat.interface, queue=queue))

    def offer_ends(self, call: Call, reason: events.OfferEnd, seat: Seat = ANA_SEAT) -> None:
        self.floor.ringing.get(seat.interface, set()).discard(call.id)
        self.happens(about(events.OfferEnded, call, interface=seat.interface, reason=reason))


def about(told: type[events.CallEvent], call: Call, /, **facts: Any) -> events.CallEvent:
    call.version += 1
    return told(pbx=call.pbx, at=START, call=call.id, linkedid=call.linkedid, version=call.version, **facts)


def agent_is(
    state: events.AgentStateName,
    *,
    call: Call | None = None,
    seat: Seat = ANA_SEAT,
    agent: str = "101",
    is_kept: bool = False,
) -> events.AgentStateChanged:
    return events.AgentStateChanged(
        pbx=seat.pbx,
        at=START,
        agent=agent,
        interface=seat.interface,
        state=state,
        call=call.id if call else None,
        is_kept=is_kept,
        before="ready",
        before_s=1.0,
    )


def card_of(name: str) -> Card:
    return Card(contact=CardContact(id=f"c-{name}", name=name))


def numbers(tabs: Iterable[dict[str, Any]]) -> list[int]:
    return [int(one["seq"].rpartition("-")[2]) for one in tabs]


class FakeExchanges:
    """An exchange that answers a test as it is told to; what was asked and kept is in ``asked``."""

    def __init__(self) -> None:
        self.asked: list[ExchangeAsked] = []
        self.steps = [Step(level="ok", what="It answers.")]
        self.is_fixed = False

    def kept(self) -> ExchangeKept:
        return ExchangeKept(
            host="192.0.2.10",
            port=5038,
            user="centralita",
            tls=False,
            mode="observe",
            has_secret=True,
            is_fixed=self.is_fixed,
        )

    async def try_out(self, asked: ExchangeAsked, *, language: str) -> list[Step]:
        self.asked.append(asked)
        return self.steps

    async def keep(self, asked: ExchangeAsked) -> None:
        self.asked.append(asked)
