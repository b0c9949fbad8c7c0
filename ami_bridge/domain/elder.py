"""Exchanges before Asterisk 12, retold as later ones would say it; so nobody else knows a version.

Three things are told otherwise by them:

- No event says to which call a leg belongs. Legs that dial, are linked, or are halves of one Local channel
  are one family, named after its oldest leg (``families``).
- Two legs are linked, where later there is a bridge: each pair gets a bridge of its own.
- A *masquerade* moves the phone of one leg into the body of another: the uniqueid of the second goes on,
  under the first one's name, and the first one's uniqueid ends as a zombie. Here a leg is who is behind it:
  from the renames on the two uniqueids stand for one another, so whoever was called C stays C.

Per event it is decided who speaks: a leg that is born without a Linkedid is an elder's. Where an exchange has
none of them nothing is touched.

Source: https://github.com/asterisk/asterisk/blob/11/main/channel.c (ast_do_masquerade)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ami_bridge.domain import ami, ami_elder
from ami_bridge.domain.births import DOWN, NO_DIGITS, RING, UP
from ami_bridge.domain.elder_legs import ElderLegs, bridge_of, other_half
from ami_bridge.domain.families import Timed
from ami_bridge.domain.inside import interface_of, is_local, is_nobody

MASKED = "<MASQ>"
BORN_WITHIN = timedelta(seconds=30)
OF_CALLERS = (ami.QueueCallerJoin, ami.ParkedCall, ami.BlindTransfer, ami.AttendedTransfer)
"""What is said only of a leg that calls, or goes on in the dialplan by itself."""


class Elder(ElderLegs):
    """What one exchange says, retold."""

    def __init__(self) -> None:
        super().__init__()
        self._named: dict[str, str] = {}
        self._members: dict[tuple[str, str], ami.QueueMember] = {}
        self._asked: dict[str, datetime] = {}
        self._tells_requests = False
        self._take: dict[type, Callable[[Any, datetime], Iterable[Timed]]] = {
            ami_elder.Linked: self._linked,
            ami_elder.Unlinked: self._unlinked,
            ami_elder.Renamed: self._renamed,
            ami_elder.DialOver: self._dial_over,
            ami_elder.Transferred: self._transferred,
            ami_elder.MemberPaused: self._member_paused,
            ami_elder.CallNamed: self._call_named,
            ami.QueueMember: self._member,
            ami.OriginateAsked: self._asked_for,
        }
        self._take_of_leg: dict[type, Callable[[Any, datetime], Iterable[Timed]]] = {
            ami.DialBegin: self._dial_begin,
            ami.LocalBridge: self._local_bridge,
            ami.AgentCalled: self._of_agent,
            ami.AgentConnect: self._of_agent,
            ami.AgentRingNoAnswer: self._of_agent,
            ami.BridgeEnter: self._bridge_enter,
            ami.HangupRequest: self._hangup_request,
            ami.Hangup: self._hangup,
        }

    def retold(self, event: ami.AmiEvent, at: datetime) -> Iterable[Timed]:
        """Return what *event* means in the words of later exchanges, each fact with its instant."""
        kind = type(event)
        if (take := self._take.get(kind)) is not None:
            return take(event, at)
        if kind is ami.Newchannel and not event.linkedid:  # type: ignore[attr-defined]
            return self._newchannel(event, at)  # type: ignore[arg-type]
        if not self._families:
            return ((event, at),)
        if (take := self._take_of_leg.get(kind)) is not None:
            return take(event, at)
        return self._of_leg(event, at) if isinstance(event, ami.ChannelEvent) else ((event, at),)

    # --- legs

    def _newchannel(self, event: ami.Newchannel, at: datetime) -> Iterator[Timed]:
        leg = event.uniqueid
        self._names[event.channel] = leg
        self._families.found(leg, is_told=self._is_own_call(event, at))
        yield from self._families.say(leg, event, at)
        if other_half(event.channel) in self._names:
            yield from self._halves(event.channel, at)
        if linkedid := self._named.pop(event.channel, ""):
            yield from self._belongs(leg, linkedid, at)

    def _halves(self, channel: str, at: datetime) -> Iterator[Timed]:
        """Take two halves of a Local channel for one, by their names; before Asterisk 11 no event says so."""
        one, two = sorted((channel, other_half(channel)))
        pair = ami.LocalBridge(one=self._names[one], one_channel=one, two=self._names[two], two_channel=two)
        yield from self._local_bridge(pair, at)

    def _is_own_call(self, event: ami.Newchannel, at: datetime) -> bool:
        """Return whether a leg calls, or was asked for by us: others may turn out to ring for a call."""
        if is_nobody(event.channel):
            return False
        asked = self._asked.pop(interface_of(event.channel), None)
        if asked is not None and at - asked < BORN_WITHIN:
            return True
        return event.state in (RING, UP) or (event.state == DOWN and event.exten not in NO_DIGITS)

    def _asked_for(self, event: ami.OriginateAsked, at: datetime) -> Iterator[Timed]:
        self._asked[event.interface] = at
        yield event, at

    def _of_leg(self, event: ami.ChannelEvent, at: datetime) -> Iterator[Timed]:
        """Say a fact about one leg; held while it is open whose call the leg belongs to."""
        leg = self._behind(event.uniqueid or self._names.get(event.channel, ""))
        calls = isinstance(event, OF_CALLERS) or (isinstance(event, ami.Newstate) and event.state == RING)
        if calls and not is_local(event.channel):
            yield from self._families.tell(leg)
        yield from self._families.say(leg, msgspec.structs.replace(event, uniqueid=leg), at)

    def _hangup_request(self, event: ami.HangupRequest, at: datetime) -> Iterator[Timed]:
        """From Asterisk 10 on it is told who asks for an end; before, silence means nothing."""
        self._tells_requests = True
        yield from self._of_leg(event, at)

    def _hangup(self, event: ami.Hangup, at: datetime) -> Iterator[Timed]:
        event = msgspec.structs.replace(event, tells_requests=self._tells_requests)
        yield from self._of_leg(event, at)
        self._forget(event.uniqueid)

    def _renamed(self, event: ami_elder.Renamed, at: datetime) -> Iterator[Timed]:
        """Follow names; the second of a masquerade's three renames is where a phone moves."""
        wire, was, now = event.uniqueid, event.channel, event.newname
        if self._names.get(was) == wire:
            del self._names[was]
        if now.endswith(MASKED):
            self._masked[was] = wire
            return
        self._names[now] = wire
        if was.endswith(MASKED):
            self._masked.pop(was.removesuffix(MASKED), None)
        elif now in self._masked:
            yield from self._masquerade(self._masked[now], wire, at)

    def _masquerade(self, clone: str, original: str, at: datetime) -> Iterator[Timed]:
        """Let the phone behind *clone* be behind *original* from now on, and in its talk."""
        moved, gone = self._behind(clone), self._behind(original)
        yield from self._families.join(moved, gone, at)
        self._who[original], self._who[clone] = moved, gone
        left, entered = self._bridge.pop(clone, ""), self._bridge.get(original, "")
        if entered:
            yield from self._enters(moved, entered, at, swap=gone)
            yield from self._leaves(gone, entered, at)
        elif left:
            yield from self._leaves(moved, left, at)

    # --- who talks to whom

    def _linked(self, event: ami_elder.Linked, at: datetime) -> Iterator[Timed]:
        self._doubtful -= {event.one, event.two}
        yield from self._families.join(self._behind(event.one), self._behind(event.two), at)
        bridge = bridge_of(event.one, event.two)
        for wire in (event.one, event.two):
            if self._bridge.get(wire) != bridge:
                self._bridge[wire] = bridge
                yield from self._enters(self._behind(wire), bridge, at)

    def _unlinked(self, event: ami_elder.Unlinked, at: datetime) -> Iterator[Timed]:
        self._doubtful -= {event.one, event.two}
        bridge = bridge_of(event.one, event.two)
        for wire in (event.one, event.two):
            if self._bridge.get(wire) == bridge:
                del self._bridge[wire]
                yield from self._leaves(self._behind(wire), bridge, at)

    def _enters(self, leg: str, bridge: str, at: datetime, *, swap: str = "") -> Iterator[Timed]:
        fact = ami.BridgeEnter(uniqueid=leg, bridge=bridge, bridge_type="basic", swap=swap)
        yield from self._families.say(leg, fact, at)

    def _leaves(self, leg: str, bridge: str, at: datetime) -> Iterator[Timed]:
        yield from self._families.say(leg, ami.BridgeLeave(uniqueid=leg, bridge=bridge), at)

    def _partner(self, wire: str) -> str:
        """Return the leg that is linked with that of *wire*."""
        bridge = self._bridge.get(wire)
        others = (other for other, there in self._bridge.items() if there == bridge and other != wire)
        return self._behind(next(others, "")) if bridge else ""

    def _bridge_enter(self, event: ami.BridgeEnter, at: datetime) -> Iterator[Timed]:
        """Before Asterisk 13.5 bridges join no linkedids: a pair belongs together, a room does not."""
        yield from self._of_leg(event, at)
        if event.bridge_type != "basic" or event.uniqueid not in self._families:
            return
        for other in [other for other, there in self._bridge.items() if there == event.bridge]:
            yield from self._families.join(event.uniqueid, other, at)
        self._bridge[event.uniqueid] = event.bridge

    # --- dialling

    def _dial_begin(self, event: ami.DialBegin, at: datetime) -> Iterator[Timed]:
        leg, dest = self._behind(event.uniqueid), self._behind(event.dest_uniqueid)
        if event.uniqueid:
            self._dialled.setdefault(event.uniqueid, []).append(event.dest_uniqueid)
            if not event.channel.endswith((";2", ",2")):  # whose far half may still turn out to be another's
                yield from self._families.tell(leg)
            yield from self._families.join(leg, dest, at)
        fact = msgspec.structs.replace(event, uniqueid=leg, dest_uniqueid=dest)
        yield from self._families.say(dest, fact, at)

    def _dial_over(self, event: ami_elder.DialOver, at: datetime) -> Iterator[Timed]:
        """Say it of each leg that was dialled and is still there; an answer was seen when it came."""
        leg = self._behind(event.uniqueid)
        for wire in self._dialled.pop(event.uniqueid, ()):
            dest = self._behind(wire)
            if dest in self._families and event.status != "ANSWER":
                fact = ami.DialEnd(uniqueid=leg, dest_uniqueid=dest, status=event.status)
                yield from self._families.say(dest, fact, at)

    def _local_bridge(self, event: ami.LocalBridge, at: datetime) -> Iterator[Timed]:
        one, two = self._behind(event.one), self._behind(event.two)
        yield from self._families.join(one, two, at)
        yield from self._families.say(one, msgspec.structs.replace(event, one=one, two=two), at)

    def _of_agent(self, event: ami.AgentEvent, at: datetime) -> Iterator[Timed]:
        """Fill in the legs that are told by their names only; the member's belongs to the caller's call."""
        leg = self._behind(event.uniqueid or self._names.get(event.channel, ""))
        dest = self._behind(event.dest_uniqueid or self._names.get(event.dest_channel, ""))
        yield from self._families.join(leg, dest, at)
        yield from self._families.say(
            leg, msgspec.structs.replace(event, uniqueid=leg, dest_uniqueid=dest), at
        )

    def _transferred(self, event: ami_elder.Transferred, at: datetime) -> Iterator[Timed]:
        leg, second = self._behind(event.uniqueid), self._behind(event.target)
        fact: ami.ChannelEvent
        if event.kind == "blind":
            fact = ami.BlindTransfer(
                uniqueid=leg, transferee=self._partner(event.uniqueid), exten=event.exten
            )
        else:
            fact = ami.AttendedTransfer(
                uniqueid=leg,
                second=second,
                transferee=self._partner(event.uniqueid),
                target=self._partner(event.target),
            )
        yield from self._families.say(leg, fact, at)
        if second:
            yield from self._families.join(leg, second, at)

    # --- members

    def _member(self, event: ami.QueueMember, at: datetime) -> Iterator[Timed]:
        self._members[event.queue, event.interface] = event
        yield event, at

    def _member_paused(self, event: ami_elder.MemberPaused, at: datetime) -> Iterator[Timed]:
        known = self._members.get((event.queue, event.interface))
        known = known or ami.QueueMember(queue=event.queue, interface=event.interface, member=event.member)
        yield from self._member(
            msgspec.structs.replace(known, paused=event.paused, paused_reason=event.reason), at
        )

    # --- families

    def _call_named(self, event: ami_elder.CallNamed, at: datetime) -> Iterator[Timed]:
        if (wire := self._names.get(event.channel)) is not None:
            yield from self._belongs(self._behind(wire), event.linkedid, at)
        else:
            self._named[event.channel] = event.linkedid

    def _belongs(self, leg: str, linkedid: str, at: datetime) -> Iterator[Timed]:
        """Take that *leg* belongs to the call that *linkedid* began, which may be its own."""
        if linkedid == leg:
            yield from self._families.tell(leg)
        else:
            yield from self._families.join(leg, linkedid, at)
