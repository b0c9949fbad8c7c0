"""The hub: what happens on the floors becomes messages for desktops and boards, in one turn of the loop.

The bus calls ``on_events``; each event becomes at most one message for a client, encoded once and written
straight to the sockets. Nothing here waits, so a slow client is cut off and slows nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from ami_bridge.bus import Numbered
from ami_bridge.ports import CardSource, LiveFloor
from crm_core.domain.calls import Call
from crm_core.domain.cards import Card
from screenpop.frames import PopFrame, encode
from screenpop.hearing import keys_of, may_hear
from screenpop.identity import Identity, Seat
from screenpop.redaction import redacted
from screenpop.schema import NOT_SIGNED_IN, RESTARTING, SEAT_TAKEN, TAKEN, FloorNow, Hello, Resumed, Seq
from screenpop.scope import EVERYTHING, Scope
from screenpop.session import Frame, Ring, Seats, View
from screenpop.snapshots import Snapshots
from screenpop.teller import DESK, FLOOR, PARTS, Teller, queue_keys

log = structlog.get_logger(__name__)
TICK_S = 1.0
RESUMED_FRAMES, RESUMED_BYTES = 128, 1 << 18  # more than that is quicker said by a snapshot


class Render(Protocol):
    """Who draws a card as the desktop shows it."""

    def __call__(self, call: Call, card: Card | None, *, language: str, role: str) -> str:
        """Return HTML, everything from outside escaped."""


class Listener(Protocol):
    """A client's connection; its calls return at once."""

    identity: Identity

    @property
    def socket(self) -> str:
        """Return the address at the other end."""

    def push(self, frame: bytes, *, is_urgent: bool = False) -> None:
        """Write a message, or cut the connection when it is too slow; an urgent one waits for no other."""

    def cut(self, code: int, reason: str) -> None:
        """Close the connection with a code of the contract."""


_NOBODY: frozenset[Listener] = frozenset()


class Popped(Protocol):
    """Who wants to know whom a card reached."""

    def __call__(self, call_id: str, interface: str, *, at: datetime, user: str, socket: str) -> None:
        """Take that the card of a call was written to somebody's socket."""


def _untold(call_id: str, interface: str, *, at: datetime, user: str, socket: str) -> None:  # noqa: ARG001
    return None


class NotAllowedError(Exception):
    """A client asked for a topic that its role may not hear."""

    def __init__(self, topic: str) -> None:
        super().__init__(topic)
        self.topic = topic

    def __str__(self) -> str:
        return f"not allowed: {self.topic}"


class SeatInUseError(Exception):
    """Somebody else is on a call at the phone where a client wants to sit; ``by`` names who."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by

    def __str__(self) -> str:
        return f"on a call there: {self.by}"


@dataclass(slots=True)
class Counted:
    """What the hub did since its start."""

    events: int = 0
    frames: int = 0
    pops: int = 0
    resumed: int = 0
    snapshots: int = 0
    too_slow: int = 0


class Hub:
    """Everybody who listens, and the messages for them.

    Args:
        epoch: names this run of the service; a client of another one gets a snapshot.
        floors: the exchanges by name.
        cards: who knows the customers of live calls.
        render: draws a card; called once for each view and pop.
        now: the clock.
        ring: how many events can be resumed.
        popped: told of each card that reached a desk.
    """

    def __init__(
        self,
        *,
        epoch: str,
        floors: Mapping[str, LiveFloor],
        cards: CardSource,
        render: Render,
        now: Callable[[], datetime],
        ring: int = 10_000,
        popped: Popped = _untold,
    ) -> None:
        self.counted = Counted()
        self._epoch, self._floors, self._cards, self._now = epoch, floors, cards, now
        self._render, self._popped = render, popped
        self._ring = Ring(ring)
        self._hearing: dict[str, set[Listener]] = {}
        self._keys: dict[Listener, frozenset[str]] = {}
        self._teller = Teller(
            floors=floors, cards=cards, draw=self._draw, is_heard=self._hearing.__contains__
        )
        self.snapshots = Snapshots(floors, cards, self._draw)
        self._seats: Seats[Listener] = Seats(take=self._take_seat, leave=self._leave_seat)

    # --- clients come and go

    def join(self, listener: Listener, hello: Hello) -> None:
        """Let *listener* hear its topics from now on: first what it missed, or a snapshot.

        Raises:
            NotAllowedError: when it may not hear one of them.
            SeatInUseError: when somebody else is on a call at its phone.
        """
        who = listener.identity
        for topic in hello.topics:
            if not may_hear(who, topic, self._floors):
                raise NotAllowedError(topic)
        keys = keys_of(who, hello.topics, self._floors)
        sits = DESK in hello.topics and who.agent is not None
        if sits and who.seat and (by := self.in_use_by_another(who.seat, user=who.user)):
            raise SeatInUseError(by)
        self.leave(listener)
        if sits and who.seat and who.agent:
            for other in self._seats.sit(who.seat, agent=who.agent, user=who.user, desk=listener):
                other.cut(SEAT_TAKEN, f"{TAKEN}: {who.full_name}")
        for frame in self._missed(who, hello, keys) or [self._snapshot(listener, hello)]:
            listener.push(frame)
        self._note_pops(listener, hello)
        self._keys[listener] = keys
        for key in keys:
            self._hearing.setdefault(key, set()).add(listener)

    def leave(self, listener: Listener) -> None:
        """Forget a client that is gone; its seat is kept for a while, in case it only lost the network."""
        self._forget(listener, at_once=False)

    def _forget(self, listener: Listener, *, at_once: bool) -> None:
        keys = self._keys.pop(listener, None)
        if keys is None:
            return
        for key in keys:
            there = self._hearing[key]
            there.discard(listener)
            if not there:
                del self._hearing[key]
        if seat := listener.identity.seat:
            self._seats.close(seat, desk=listener, now=self._now(), at_once=at_once)

    def end_sessions(self, sessions: Iterable[str]) -> None:
        """Close the sockets of *sessions*, which ended by whatever cause, and empty their seats."""
        ended = frozenset(sessions)
        self._cut(lambda who: who.session in ended, NOT_SIGNED_IN, "signed out")

    def end_keys(self, keys: Iterable[str]) -> None:
        """Close the sockets of *keys* of other systems, which hold no more."""
        ended = frozenset(keys)
        self._cut(lambda who: who.key in ended, NOT_SIGNED_IN, "the key holds no more")

    def look_again(self, known: Mapping[str, Identity]) -> None:
        """Let those of *known* sessions and keys come again who are not who they were."""
        self._cut(
            lambda who: known.get(who.session or who.key or "", who) != who,
            RESTARTING,
            "your user was changed",
        )

    def show_anew(self, role: str) -> None:
        """Let everybody of *role* come again, who is shown more or less from now on."""
        self._cut(lambda who: who.role == role, RESTARTING, "what is shown was changed", at_once=False)

    def _cut(
        self, is_meant: Callable[[Identity], bool], code: int, why: str, *, at_once: bool = True
    ) -> None:
        """Close the sockets of those who are meant, and empty their seats, *at_once* or after a while."""
        for listener in self.listeners():
            if is_meant(listener.identity):
                listener.cut(code, why)
                self._forget(listener, at_once=at_once)

    def in_use_by_another(self, seat: Seat, *, user: str) -> str | None:
        """Return who else than *user* sits at *seat* and is on a call; None when *user* may sit there."""
        there = self._seats.who(seat)
        if there is None or there[1] == user or not self.is_on_call(seat):
            return None
        agent, _, desks = there
        return next((desk.identity.full_name for desk in desks), agent)

    def is_on_call(self, seat: Seat) -> bool:
        """Return whether the agent at *seat* is with a call, or is rung."""
        floor = self._floors.get(seat.pbx)
        return floor is not None and any(
            one.call for one in floor.agents() if one.interface == seat.interface
        )

    def empty_seat(self, seat: Seat, *, why: str, by: str) -> None:
        """Let who sits at *seat* leave it; open desks are closed and told *why* (``TAKEN``, ``LEFT``)."""
        for listener in self._seats.empty(seat):
            listener.cut(SEAT_TAKEN, f"{why}: {by}")
            self._forget(listener, at_once=True)

    def move(self, user: str) -> None:
        """Let the desktops of *user* come again, whose seat is another now; the old one is left."""
        self._cut(lambda who: who.user == user, RESTARTING, "your phone was changed")
        self.signed_out(user)

    def signed_out(self, user: str) -> None:
        """Empty the seats that *user* kept without a desk."""
        self._seats.leave_user(user)

    def listeners(self) -> Sequence[Listener]:
        """Return everybody who listens."""
        return list(self._keys)

    def hears_queue(self, queue: str) -> bool:
        """Return whether somebody is told what happens in *queue*."""
        keys = {key for pbx in self._floors for key in queue_keys(pbx, queue)}
        return not self._hearing.keys().isdisjoint((FLOOR, PARTS, *keys))

    def floor_now(self, scope: Scope = EVERYTHING) -> FloorNow:
        """Return the floor, as far as it is in *scope*."""
        return FloorNow(pbx=self.snapshots.connected(), floor=self.snapshots.floor(scope))

    def sessions_at_work(self) -> set[str]:
        """Return the sessions that do not idle out: a desk is open, its agent in a queue or on a call."""
        busy = {
            Seat(name, agent.interface)
            for name, floor in self._floors.items()
            for agent in floor.agents()
            if agent.call
        } | {
            Seat(name, member.interface)
            for name, floor in self._floors.items()
            for queue in floor.queues()
            for member in queue.members
        }
        seats = ((one.identity.session, one.identity.seat) for one in self._hearing.get(DESK, ()))
        return {session for session, seat in seats if session and seat in busy}

    def pass_time(self) -> None:
        """Empty the seats whose time is over."""
        self._seats.pass_time(self._now())

    async def run(self) -> None:
        """Let seats be left when their time is over; runs until cancelled, then says that we restart."""
        try:
            while True:
                await asyncio.sleep(TICK_S)
                self.pass_time()
        finally:
            self.stop()

    def stop(self) -> None:
        """Close every client with "restarting"."""
        for listener in self.listeners():
            listener.cut(RESTARTING, "the server restarts")

    # --- what happens

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Send what happened; called by the bus, in order, in the event loop."""
        for n, event in batch:
            frames = self._teller.tell(Seq(self._epoch, n), event)
            self._ring.add(n, frames)
            self.counted.events += 1
            self._send(frames)

    def _send(self, frames: tuple[Frame, ...]) -> None:
        told: set[Listener] = set()
        for frame in frames:
            before = len(told)
            pop = frame if isinstance(frame, PopFrame) else None
            for key in frame.keys:
                for listener in self._hearing.get(key, _NOBODY):
                    if listener not in told:
                        told.add(listener)
                        listener.push(frame.drawn_for(listener.identity.view), is_urgent=pop is not None)
                        if pop:
                            self._tell_popped(pop.call_id, pop.interface, listener)
            if pop and len(told) > before:
                self.counted.pops += 1
                self._floors[pop.pbx].note_pop(pop.call_id, pop.interface)
        self.counted.frames += len(told)

    # --- the rest

    def _missed(self, who: Identity, hello: Hello, keys: frozenset[str]) -> list[bytes] | None:
        """Return what a client that resumes is sent; None when it needs a snapshot.

        Who is confined always does: what he was to be told was not noted while nobody heard it.
        """
        seq = Seq.read(hello.resume) if who.scope.is_everything else None
        if seq is None or seq.epoch != self._epoch or not self._ring.holds_all_after(seq.n):
            return None
        missed = list(self._ring.after(seq.n, keys, who.view))
        if len(missed) > RESUMED_FRAMES or sum(map(len, missed)) > RESUMED_BYTES:
            return None
        self.counted.resumed += 1
        return [encode(Resumed(seq=str(seq))), *missed]

    def _snapshot(self, listener: Listener, hello: Hello) -> bytes:
        self.counted.snapshots += 1
        seq = str(Seq(self._epoch, self._ring.last))
        snapshot = self.snapshots.take(seq, listener.identity, hello.topics)
        masks = listener.identity.masks
        return encode(snapshot if masks is None else redacted(snapshot, masks))

    def _tell_popped(self, call_id: str, interface: str, to: Listener) -> None:
        self._popped(call_id, interface, at=self._now(), user=to.identity.name, socket=to.socket)

    def _note_pops(self, listener: Listener, hello: Hello) -> None:
        """Note that the cards of what rings at the phone of *listener* are on a screen now."""
        who = listener.identity
        floor = self._floors.get(who.seat.pbx) if who.seat and DESK in hello.topics else None
        if floor is not None and who.seat is not None:
            for call in floor.ringing_at(who.seat.interface):
                floor.note_pop(call.id, who.seat.interface)
                self._tell_popped(call.id, who.seat.interface, listener)

    def _draw(self, call: Call, card: Card | None, view: View) -> str:
        language, role, masks = view
        if masks is not None:
            shown = redacted({"call": call, "card": card}, masks)
            call, card = shown["call"], shown["card"]
        try:
            return self._render(call, card, language=language, role=role)
        except Exception:  # a card that cannot be drawn costs its picture, never the pop
            log.exception("a card was not drawn", call=call.id)
            return ""

    def _take_seat(self, seat: Seat, agent: str) -> None:
        if floor := self._floors.get(seat.pbx):
            floor.take_seat(interface=seat.interface, agent=agent)

    def _leave_seat(self, seat: Seat, agent: str) -> None:
        if floor := self._floors.get(seat.pbx):
            floor.leave_seat(interface=seat.interface, agent=agent)
