"""Agents: who sits where, and in which state, derived from the legs at the seat and the queues' pauses.

States tile the time from log-in to log-out: each change tells the state before and how long it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ami_bridge.domain.events import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentStateChanged,
    AgentStateName,
    AgentView,
    FloorEvent,
)
from ami_bridge.domain.keeping import HOLDING
from ami_bridge.domain.legs import Leg, Legs
from ami_bridge.domain.queues import Queues
from crm_core.domain.calls import seconds

WRAP_UP = "wrap_up"
"""The reason by which we pause a member after a call; he is neither ready nor paused then."""


class Why(NamedTuple):
    """A state, the reason of a pause, and the call behind it; whether it is on hold by our doing."""

    state: AgentStateName
    reason: str | None = None
    call: str | None = None
    is_kept: bool = False


@dataclass(slots=True)
class Seat:
    """An agent at an interface, in ``now`` since ``since``."""

    agent: str
    interface: str
    now: Why
    since: datetime


class Agents:
    """The seats of one exchange. ``seats`` maps an interface to its agent's code."""

    def __init__(self, pbx: str, *, legs: Legs, queues: Queues, seats: dict[str, str]) -> None:
        self.pbx, self.seats = pbx, seats
        self._legs, self._queues = legs, queues
        self._at: dict[str, Seat] = {}

    def take(self, interface: str, agent: str, now: datetime) -> list[FloorEvent]:
        """Let *agent* sit at *interface*; who sat there before is logged out."""
        seat = self._at.get(interface)
        if seat and seat.agent == agent:
            return []
        told = self.leave(interface, seat.agent, now) if seat else []
        self.seats[interface] = agent
        why = self._why(interface)
        self._at[interface] = Seat(agent, interface, why, now)
        told += [
            AgentLoggedIn(pbx=self.pbx, at=now, agent=agent, interface=interface),
            self._changed(self._at[interface], Why("logged_out"), 0.0, now),
        ]
        return told

    def leave(self, interface: str, agent: str, now: datetime) -> list[FloorEvent]:
        """Let *agent* leave *interface*; nothing happens when somebody else sits there."""
        seat = self._at.get(interface)
        if seat is None or seat.agent != agent:
            return []
        del self._at[interface], self.seats[interface]
        before, at = seat.now, max(now, seat.since)
        seat.now = Why("logged_out")
        return [
            self._changed(seat, before, seconds(seat.since, at), at),
            AgentLoggedOut(pbx=self.pbx, at=at, agent=agent, interface=interface),
        ]

    def look_again(self, interfaces: Iterable[str], now: datetime) -> list[FloorEvent]:
        """Tell whose state at *interfaces* is another than before."""
        told: list[FloorEvent] = []
        for interface in interfaces:
            seat = self._at.get(interface)
            if seat is None:
                continue
            why = self._why(interface)
            if why != seat.now:
                before, since = seat.now, seat.since
                seat.now, seat.since = why, max(now, since)
                told.append(self._changed(seat, before, seconds(since, seat.since), seat.since))
        return told

    def views(self) -> list[AgentView]:
        """Return everybody who has a seat."""
        return [
            AgentView(
                agent=seat.agent,
                interface=seat.interface,
                state=seat.now.state,
                since=seat.since,
                reason=seat.now.reason,
                call=seat.now.call,
                is_kept=seat.now.is_kept,
            )
            for seat in self._at.values()
        ]

    def _changed(self, seat: Seat, before: Why, before_s: float, at: datetime) -> AgentStateChanged:
        return AgentStateChanged(
            pbx=self.pbx,
            at=at,
            agent=seat.agent,
            interface=seat.interface,
            state=seat.now.state,
            reason=seat.now.reason,
            call=seat.now.call,
            is_kept=seat.now.is_kept,
            before=before.state,
            before_s=before_s,
        )

    def _why(self, interface: str) -> Why:
        whys = [why for leg in self._legs.at(interface) if (why := self._of_leg(leg)) is not None]
        if whys:
            return min(whys, key=lambda why: _RANK[why.state])
        return self._without_call(interface)

    def _of_leg(self, leg: Leg) -> Why | None:
        story = leg.story
        call = story.record.id
        offer = story.offers.get(leg.interface)
        if offer and not offer.is_answered and offer.is_pop:
            return Why("reserved", call=call)
        if leg.bridge:
            others = self._legs.heard_by(leg)
            customer = story.customer
            if customer is not None and customer is not leg and customer in others:
                held = leg.is_held or customer.hears_music
                return Why("holding" if held else "talking", call=call)
            if customer is not None and customer is not leg and customer.hears_music and others:
                return Why("consulting", call=call)
        if leg.was_bridged:
            is_kept = leg.kept == HOLDING
            return Why("holding" if is_kept else "talking", call=call, is_kept=is_kept)
        if leg.is_caller or leg.is_ours:
            return Why("dialling", call=call)
        return Why("talking", call=call) if leg.is_up else None

    def _without_call(self, interface: str) -> Why:
        paused = self._queues.pause_of(interface)
        if paused == WRAP_UP:
            return Why("wrap_up")
        if paused is not None:
            return Why("paused", reason=paused or None)
        if self._queues.is_dead(interface):
            return Why("unreachable")
        return Why("ready")


_RANK: dict[AgentStateName, int] = {
    "consulting": 0,
    "talking": 1,
    "holding": 2,
    "dialling": 3,
    "reserved": 4,
}
