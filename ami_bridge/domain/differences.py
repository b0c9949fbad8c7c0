"""Where what we hold and what the exchange lists differ. Nothing is changed here.

Each difference names what it is about and what the exchange says, so that two looks can be laid side by
side: what both show, while nothing is heard of it, is no matter of events that are still under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ami_bridge.domain import ami
from ami_bridge.domain.births import RINGING, UP
from ami_bridge.domain.book import Book
from ami_bridge.domain.inside import is_local, is_nobody
from ami_bridge.domain.keeping import kept_at
from ami_bridge.domain.legs import PARKING, Leg
from ami_bridge.domain.meanwhile import Meanwhile
from ami_bridge.domain.queues import Queues
from ami_bridge.domain.story import Story

BASIC = "basic"
Kind = Literal[
    "adopted",
    "closed",
    "apart",
    "state",
    "name",
    "pair",
    "bridge",
    "parked",
    "queue",
    "member",
    "member_removed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is otherwise: ``about`` is a uniqueid, queue and interface of a member, or a call's id.

    ``facts`` are what the stream would have brought; without them a leg is gone or unknown, a caller is in no
    queue any more, or a call was set ``apart`` because our own code failed on it.
    """

    kind: Kind
    about: str
    said: str = ""
    facts: tuple[ami.AmiEvent, ...] = field(default=(), compare=False)


class Listed:
    """A snapshot as it is looked up, without the legs that ended meanwhile."""

    def __init__(self, snapshot: ami.Snapshot, meanwhile: Meanwhile) -> None:
        gone = meanwhile.gone
        self.rows = {row.uniqueid: row for row in snapshot.channels if row.uniqueid not in gone}
        self.entries = {entry.uniqueid: entry for entry in snapshot.entries if entry.uniqueid not in gone}
        self.untold = snapshot.untold
        self.queues = tuple(params.queue for params in snapshot.queues)
        self.members = snapshot.members
        self._types = {row.bridge: row.bridge_type for row in snapshot.bridges}
        self._in_bridge = Counter(row.bridge for row in self.rows.values())
        by_name = {row.channel: uniqueid for uniqueid, row in self.rows.items()}
        self.spaces = {fact.uniqueid or by_name.get(fact.channel, ""): fact.space for fact in snapshot.parked}

    @property
    def tells_bridges(self) -> bool:
        """Whether a leg that is listed without a bridge is in none."""
        return "bridges" not in self.untold

    def waits(self, uniqueid: str) -> bool:
        """Return whether a leg waits in a queue; who is in a bridge by now was connected since."""
        row = self.rows.get(uniqueid)
        return uniqueid in self.entries and not (row and row.bridge)

    def enter(self, row: ami.ChannelRow) -> ami.BridgeEnter:
        """Return the fact that a listed leg entered the bridge it is in."""
        return ami.BridgeEnter(
            uniqueid=row.uniqueid,
            linkedid=row.linkedid,
            channel=row.channel,
            bridge=row.bridge,
            bridge_type=self._types.get(row.bridge, ""),
        )

    def is_left_alone(self, row: ami.ChannelRow) -> bool:
        """Return whether who was there with a leg is elsewhere for a while, and it hears music."""
        return self._types.get(row.bridge) == BASIC and self._in_bridge[row.bridge] == 1

    def parked(self, row: ami.ChannelRow) -> ami.ParkedCall | None:
        """Return the fact that a listed leg was parked, when it is."""
        if row.uniqueid not in self.spaces and self._types.get(row.bridge) != PARKING:
            return None
        return ami.ParkedCall(uniqueid=row.uniqueid, space=self.spaces.get(row.uniqueid, ""))

    def pairs(self) -> Iterator[tuple[str, ami.LocalBridge]]:
        """Yield the two halves of each Local channel, by the uniqueid of the first."""
        halves = {row.channel: row for row in self.rows.values() if is_local(row.channel)}
        for name, one in halves.items():
            two = halves.get(f"{name.removesuffix(';1')};2")
            if name.endswith(";1") and two:
                yield (
                    one.uniqueid,
                    ami.LocalBridge(
                        one=one.uniqueid,
                        one_channel=one.channel,
                        one_linkedid=one.linkedid,
                        two=two.uniqueid,
                        two_channel=two.channel,
                        two_linkedid=two.linkedid,
                    ),
                )


def compare(book: Book, queues: Queues, listed: Listed, meanwhile: Meanwhile) -> Iterator[Difference]:
    """Yield where *listed* says otherwise than *book* and *queues*."""
    yield from _gone(book, listed, meanwhile)
    for row in listed.rows.values():
        leg = book.legs.by_id.get(row.uniqueid)
        if leg is not None:
            if not (leg.story.is_closed or leg.story.is_quarantined):
                yield from _of_leg(book, leg, row, listed, meanwhile)
        elif is_local(row.channel) or not is_nobody(row.channel):
            yield Difference(kind="adopted", about=row.uniqueid)
    for uniqueid, pair in listed.pairs():
        one, two = book.legs.by_id.get(pair.one), book.legs.by_id.get(pair.two)
        if one is not None and two is not None and one.other_half != two.uniqueid:
            yield Difference(kind="pair", about=uniqueid, said=two.uniqueid, facts=(pair,))
    for story in book.by_id.values():
        if story.is_quarantined:
            yield Difference(kind="apart", about=story.record.id)
    if "queues" not in listed.untold:
        yield from _of_queues(book, queues, listed, meanwhile)


def _of_queues(book: Book, queues: Queues, listed: Listed, meanwhile: Meanwhile) -> Iterator[Difference]:
    for story in book.by_id.values():
        if not story.is_quarantined and story.record.ended_at is None:
            yield from _of_queue(story, listed, meanwhile)
    yield from _of_members(queues, listed, meanwhile)


def _gone(book: Book, listed: Listed, meanwhile: Meanwhile) -> Iterator[Difference]:
    for uniqueid in book.legs.by_id:
        if uniqueid not in listed.rows and uniqueid not in meanwhile.heard_of:
            yield Difference(kind="closed", about=uniqueid)


# --- a leg


def _of_leg(
    book: Book, leg: Leg, row: ami.ChannelRow, listed: Listed, meanwhile: Meanwhile
) -> Iterator[Difference]:
    about, is_quiet = row.uniqueid, row.uniqueid not in meanwhile.heard_of
    if (row.state == UP and not leg.is_up) or (row.state == RINGING and is_quiet and _rings_unheard(leg)):
        yield Difference(kind="state", about=about, said=str(row.state), facts=(newstate(row),))
    elif is_quiet and _is_otherwise_called(book, leg, row):
        said = f"{row.channel} {row.linkedid}"
        yield Difference(kind="name", about=about, said=said, facts=(newstate(row),))
    if about not in meanwhile.moved:
        yield from _of_bridge(leg, row, listed)
    if is_quiet:
        yield from _of_parking(leg, row, listed)


def _rings_unheard(leg: Leg) -> bool:
    story = leg.story
    if leg.is_up or leg.is_caller or leg.is_nobody or leg.bridge or story.record.ended_at is not None:
        return False
    offer = story.offers.get(leg.interface)
    return offer is None or not offer.has_rung


def _is_otherwise_called(book: Book, leg: Leg, row: ami.ChannelRow) -> bool:
    if row.channel and row.channel != leg.channel:
        return True
    other = book.stories.get(row.linkedid)
    if other is None:
        return bool(row.linkedid) and row.linkedid not in book.ended
    return other is not leg.story and not other.is_quarantined and other.record.ended_at is None


def _of_bridge(leg: Leg, row: ami.ChannelRow, listed: Listed) -> Iterator[Difference]:
    about = row.uniqueid
    if row.bridge and row.bridge != leg.bridge:
        if listed.tells_bridges or not leg.bridge:
            yield Difference(kind="bridge", about=about, said=row.bridge, facts=(listed.enter(row),))
    elif leg.bridge and not row.bridge and listed.tells_bridges:
        left = ami.BridgeLeave(uniqueid=about, bridge=leg.bridge, exten=kept_at(row.exten))
        yield Difference(kind="bridge", about=about, facts=(left,))


def _of_parking(leg: Leg, row: ami.ChannelRow, listed: Listed) -> Iterator[Difference]:
    parked = listed.parked(row)
    if parked and not leg.is_parked:
        yield Difference(kind="parked", about=row.uniqueid, said=parked.space or "yes", facts=(parked,))
    elif leg.is_parked and not parked and listed.tells_bridges:
        back = ami.UnParkedCall(uniqueid=row.uniqueid)
        yield Difference(kind="parked", about=row.uniqueid, facts=(back,))


# --- queues


def _of_queue(story: Story, listed: Listed, meanwhile: Meanwhile) -> Iterator[Difference]:
    legs = story.legs.keys()
    if legs & meanwhile.queued or story.names & meanwhile.queued or legs & meanwhile.moved:
        return
    entries = [listed.entries[leg] for leg in legs if listed.waits(leg)]
    visit = story.visit
    if entries and (visit is None or all(visit.queue != entry.queue for entry in entries)):
        entry = entries[0]
        yield Difference(kind="queue", about=entry.uniqueid, said=entry.queue, facts=(join(entry),))
    elif (
        visit is not None and not entries and not legs & meanwhile.heard_of and not _is_served(story, listed)
    ):
        yield Difference(kind="queue", about=story.record.id)


def _is_served(story: Story, listed: Listed) -> bool:
    """Return whether a member picked up and lives: he may hear an announcement before the customer."""
    legs = (leg for leg in story.legs.values() if leg.uniqueid in listed.rows)
    return story.is_taken() and any(leg.interface == story.taken_by for leg in legs)


def _of_members(queues: Queues, listed: Listed, meanwhile: Meanwhile) -> Iterator[Difference]:
    said = {(member.queue, member.interface): member for member in listed.members}
    known = {(one.queue, one.interface): one for one in queues.all()}
    for key, member in said.items():
        if key not in meanwhile.members and (key not in known or _shown(known[key]) != _shown(member)):
            yield Difference(kind="member", about=" ".join(key), said=str(_shown(member)), facts=(member,))
    for key in known.keys() - said.keys() - meanwhile.members:
        gone = ami.QueueMemberRemoved(queue=key[0], interface=key[1])
        yield Difference(kind="member_removed", about=" ".join(key), facts=(gone,))


def _shown(member: ami.QueueMember) -> tuple[object, ...]:
    return (
        member.state_interface or member.interface,
        member.member,
        member.paused,
        member.paused_reason,
        member.status,
        member.penalty,
        member.dynamic,
    )


# --- facts of rows


def newstate(row: ami.ChannelRow) -> ami.Newstate:
    """Return the fact that a listed leg is in its state."""
    return ami.Newstate(uniqueid=row.uniqueid, linkedid=row.linkedid, channel=row.channel, state=row.state)


def join(entry: ami.QueueEntry) -> ami.QueueCallerJoin:
    """Return the fact that a listed caller entered his queue."""
    return ami.QueueCallerJoin(
        uniqueid=entry.uniqueid,
        linkedid=entry.linkedid,
        queue=entry.queue,
        position=entry.position,
        num=entry.num,
    )
