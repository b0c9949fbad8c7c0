"""The floor of one exchange: calls, queues and agents, told one fact at a time.

Pure: facts and instants in, events out. The wire, the bus and the clock are somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ami_bridge.domain import ami, events
from ami_bridge.domain.agents import Agents
from ami_bridge.domain.book import ReadNumber
from ami_bridge.domain.differences import Difference, Listed, compare
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.keeping import Pair
from ami_bridge.domain.ledger import Ledger
from ami_bridge.domain.meanwhile import Meanwhile
from ami_bridge.domain.queues import Queues
from ami_bridge.domain.resync import Resync
from crm_core.domain.calls import Call, Match

IsHeard = Callable[[str], bool]


class Floor:
    """What happens at one exchange. ``read`` turns raw digits into E.164, or None."""

    def __init__(self, pbx: str, *, inside: Inside, read: ReadNumber) -> None:
        self.pbx = pbx
        self._queues = Queues()
        seats: dict[str, str] = {}
        self._ledger = Ledger(pbx, inside=inside, read=read, seats=seats)
        self._book = self._ledger.book
        self._agents = Agents(pbx, legs=self._book.legs, queues=self._queues, seats=seats)
        self._inside = inside
        self._checked_at: datetime | None = None
        self._about_house: dict[type, Callable[[Any, datetime], list[events.FloorEvent]]] = {
            ami.QueueMember: self._member,
            ami.QueueMemberRemoved: self._member_removed,
            ami.SeatTaken: self._seat_taken,
            ami.SeatLeft: self._seat_left,
            ami.PhoneRegistered: self._registered,
        }

    # --- what happens

    def step(self, event: ami.AmiEvent, now: datetime) -> list[events.FloorEvent]:
        """Take one fact; return what happened. Never raises for anything the exchange says."""
        about_house = self._about_house.get(type(event))
        if about_house is not None:
            return about_house(event, now)
        happened = self._ledger.step(event, now)
        if self._book.touched:
            self._look_again(happened, now)
        return happened

    def tick(self, now: datetime, *, is_heard: IsHeard = lambda _queue: True) -> list[events.FloorEvent]:
        """Let deadlines pass and tell the queues that changed; asked a few times a second.

        A queue that nobody hears of (*is_heard*) is told at the first tick at which somebody does: whoever
        comes back to what he heard before misses no change of it.
        """
        happened = self._ledger.tick(now)
        self._look_again(happened, now)
        told = sorted(filter(is_heard, self._book.touched_queues))
        happened += [self._queue(queue, now) for queue in told]
        self._book.touched_queues.difference_update(told)
        return happened

    def meanwhile(self, *, is_new: bool = False) -> Meanwhile:
        """Return what takes note of the facts that come while the exchange's lists are on their way.

        When the link *is_new*, what is said of calls that are not known yet waits for the lists.
        """
        book = self._book
        return Meanwhile(book.legs.by_id.__contains__, book.has_known if is_new else None)

    def without_lists(self, meanwhile: Meanwhile) -> list[events.FloorEvent]:
        """Tell what waited for lists that cannot be had."""
        return [event for at, fact in meanwhile.said_of(set()) for event in self.step(fact, at)]

    def differences(self, snapshot: ami.Snapshot, meanwhile: Meanwhile) -> set[Difference]:
        """Return where the exchange's own lists say otherwise than we do."""
        return set(compare(self._book, self._queues, Listed(snapshot, meanwhile), meanwhile))

    def resync(
        self,
        snapshot: ami.Snapshot,
        now: datetime,
        *,
        meanwhile: Meanwhile | None = None,
        only: Collection[Difference] | None = None,
    ) -> list[events.FloorEvent]:
        """Lay what we hold beside the exchange's own lists: adopt, close, correct; the report comes last.

        *meanwhile* was heard while the lists were on their way; *only* those differences count, when given.
        """
        for phone in (*snapshot.phones, *(member.interface for member in snapshot.members)):
            self._inside.learn(phone)
        for member in snapshot.members:
            self._inside.learn(member.state_interface)
        if "queues" not in snapshot.untold:
            self._queues.keep_only(params.queue for params in snapshot.queues)
        meanwhile = meanwhile or self.meanwhile()
        listed = Listed(snapshot, meanwhile)
        found = dict.fromkeys(compare(self._book, self._queues, listed, meanwhile))
        differences = [
            one for one in found if (one in only if only is not None else not self._goes(one, listed))
        ]
        self._inside.is_told = True
        happened = self._take_members(differences, now)
        sure_until = self._book.lost_at or self._checked_at
        resync = Resync(self._ledger, listed, meanwhile, now=now, sure_until=sure_until)
        told, report = resync.run(differences)
        happened += told
        happened += self._agents.look_again(list(self._agents.seats), now)
        self._book.touched.clear()
        self._book.touched_queues |= set(self._queues.members)
        self._book.lost_at = None
        self.agrees(now)
        return [*happened, report]

    def _goes(self, one: Difference, listed: Listed) -> bool:
        """Return whether it is a leg of a call that is over here: if it stays, an audit finds it again."""
        return one.kind == "adopted" and listed.rows[one.about].linkedid in self._book.ended

    def connected(self) -> None:
        """Take that the exchange is heard; until the first lists come nobody has told who is of the house."""
        self._inside.is_told = self._checked_at is not None

    def agrees(self, now: datetime) -> None:
        """Remember that what we hold is what the exchange lists."""
        self._checked_at = now

    def _take_members(self, differences: Iterable[Difference], now: datetime) -> list[events.FloorEvent]:
        happened: list[events.FloorEvent] = []
        for one in differences:
            if one.kind in {"member", "member_removed"}:
                for fact in one.facts:
                    happened += self._about_house[type(fact)](fact, now)
        return happened

    def link_lost(self, now: datetime) -> None:
        """Remember when the exchange was last heard: what the next snapshot does not list ended then."""
        self._book.lost_at = self._book.lost_at or now

    def clock_stepped(self, now: datetime) -> list[events.FloorEvent]:
        """Note with each live call that the exchange's clock was set: its times may be off a little."""
        return self._ledger.wonder_everywhere("clock_step", "the exchange's clock was set", now)

    def matched(
        self, call_id: str, *, match: Match, contact_id: str | None, customer: str | None, now: datetime
    ) -> list[events.FloorEvent]:
        """Keep who the customer of a live call is; return ``call.matched``, nothing when it is not live."""
        return self._ledger.matched(call_id, match=match, contact_id=contact_id, customer=customer, now=now)

    def note_pop(self, call_id: str, interface: str, now: datetime) -> None:
        """Keep when the card of a call went out to the agent at *interface*."""
        self._ledger.note_pop(call_id, interface, now)

    # --- how it is

    def calls(self) -> Sequence[Call]:
        """Return the live calls as they are now (to be read at once, not kept)."""
        return self._ledger.calls()

    def call(self, call_id: str) -> Call | None:
        """Return one live call."""
        return self._ledger.call(call_id)

    def pair(self, call_id: str, interface: str) -> Pair | None:
        """Return whom the one at *interface* could put on hold in that live call, or holds by our doing."""
        return self._ledger.pair(call_id, interface)

    def call_of_leg(self, uniqueid: str) -> str | None:
        """Return the id of the live call that a leg belongs to."""
        return self._ledger.call_of_leg(uniqueid)

    def ringing_at(self, interface: str) -> Sequence[Call]:
        """Return the calls that ring at *interface* now."""
        return self._ledger.ringing_at(interface)

    def agents(self) -> Sequence[events.AgentView]:
        """Return everybody who has a seat."""
        return self._agents.views()

    def queues(self) -> Sequence[events.QueueChanged]:
        """Return every queue as it is; ``at`` is the birth of time, as nothing happened now."""
        return [self._queue(queue, _NEVER) for queue in sorted(self._queues.members)]

    def phones(self) -> Sequence[str]:
        """Return the phones of the house, as far as they have shown themselves."""
        return self._inside.known

    def memberships(self, interface: str) -> Sequence[ami.QueueMember]:
        """Return a phone as a member of its queues, each as it was last told."""
        return self._queues.of(interface)

    def queues_of(self, interface: str) -> Sequence[str]:
        """Return the names of the queues that *interface* serves."""
        return [member.queue for member in self._queues.of(interface)]

    @property
    def seats(self) -> Mapping[str, str]:
        """Who sits where: interface to agent's code."""
        return self._agents.seats

    @property
    def strays(self) -> int:
        """How many facts were about nothing that we know."""
        return self._book.strays

    @property
    def legs_held(self) -> int:
        """How many legs are live, or were left over from calls that ended."""
        return len(self._book.legs.by_id)

    def _queue(self, queue: str, now: datetime) -> events.QueueChanged:
        waiting = sorted(
            (
                (story.visit.entered_at, story.record.id, story.rings())
                for story in self._book.by_id.values()
                if story.visit is not None and story.visit.queue == queue
            ),
        )
        return events.QueueChanged(
            pbx=self.pbx,
            at=now,
            queue=queue,
            waiting=tuple(
                events.WaitingView(call=call, position=index, since=since, ringing=ringing)
                for index, (since, call, ringing) in enumerate(waiting, start=1)
            ),
            members=self._queues.views(queue, self._agents.seats),
        )

    def _look_again(self, happened: list[events.FloorEvent], now: datetime) -> None:
        happened += self._agents.look_again(self._book.touched, now)
        self._book.touched.clear()

    def _member(self, event: ami.QueueMember, now: datetime) -> list[events.FloorEvent]:
        self._queues.put(event)
        self._inside.learn(event.interface)
        self._inside.learn(event.state_interface)
        self._book.touched_queues.add(event.queue)
        return self._agents.look_again({event.interface, event.state_interface}, now)

    def _member_removed(self, event: ami.QueueMemberRemoved, now: datetime) -> list[events.FloorEvent]:
        devices = self._queues.remove(event)
        self._book.touched_queues.add(event.queue)
        return self._agents.look_again(devices, now)

    def _seat_taken(self, event: ami.SeatTaken, now: datetime) -> list[events.FloorEvent]:
        self._inside.learn(event.interface)
        return self._agents.take(event.interface, event.agent, now)

    def _seat_left(self, event: ami.SeatLeft, now: datetime) -> list[events.FloorEvent]:
        return self._agents.leave(event.interface, event.agent, now)

    def _registered(self, event: ami.PhoneRegistered, _now: datetime) -> list[events.FloorEvent]:
        if event.registered:
            self._inside.learn(event.interface)
        return []


_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
