"""The call ledger: what the exchange says, one fact at a time, becomes calls.

A step has two halves. Whoever knows the kind of fact changes what is remembered (legs, bridges, phones
that ring, visits). Then ``retelling`` lays each changed call's segments beside what its legs mean now.

Facts get lost, doubled and disordered: what does not fit becomes an anomaly and changes nothing. A fact that
breaks our own code quarantines its call and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ami_bridge.domain import (
    ami,
    births,
    departures,
    events,
    handing,
    mixing,
    quarantine,
    retelling,
    ringing,
    visits,
)
from ami_bridge.domain.book import Book, ReadNumber
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.keeping import Pair, pair_of
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.merging import follow, relinked
from ami_bridge.domain.story import Story
from crm_core.domain.calls import Call, Match


class Ledger:
    """The live calls of one exchange.

    Args:
        pbx: the exchange's name.
        inside: who belongs to the house.
        read: raw caller or dialled digits to E.164; None for what is no outside number.
        seats: interface to the code of the agent signed in there now (kept by somebody else).
    """

    def __init__(self, pbx: str, *, inside: Inside, read: ReadNumber, seats: Mapping[str, str]) -> None:
        self.book = Book(pbx, inside=inside, read=read, seats=seats)

    # --- what happens

    def step(self, event: ami.AmiEvent, now: datetime) -> list[events.FloorEvent]:
        """Take one fact; return what happened. Never raises."""
        book, take = self.book, _TAKEN.get(type(event))
        if take is None:
            return []
        try:
            take(book, event, now)
            if book.changed:
                self._retell()
        except Exception as error:  # noqa: BLE001 - one call's trouble must not stop the stream
            quarantine.isolate(book, event, error, now)
            book.changed.clear()
        return book.take_told()

    def tick(self, now: datetime) -> list[events.FloorEvent]:
        """Let deadlines pass: phones that never rang, customers between two things, calls that are over."""
        book = self.book
        for story in list(book.by_id.values()):
            if not story.is_quarantined:
                if book.lost_at is None:  # else it may ring, and we do not hear it
                    ringing.stop_silent(book, story, now)
                retelling.settle_when_due(book, story, now)
                departures.close_when_due(book, story, now)
        self._retell()
        return book.take_told()

    def matched(
        self, wanted: str, *, match: Match, contact_id: str | None, customer: str | None, now: datetime
    ) -> list[events.FloorEvent]:
        """Keep who the customer of a live call is."""
        book = self.book
        if story := book.by_id.get(wanted):
            record = story.record
            record.match, record.contact_id = match, contact_id
            if customer and customer.startswith("+"):
                record.customer = customer
            at = story.moment(now)
            book.say(
                story,
                events.CallMatched,
                at,
                match=match,
                contact_id=contact_id,
                customer=record.customer,
            )
        return book.take_told()

    def note_pop(self, wanted: str, interface: str, now: datetime) -> None:
        """Keep when the card went out to the agent at *interface*."""
        story = self.book.by_id.get(wanted)
        offer = story.offers.get(interface) if story else None
        if offer and offer.attempt.pop_at is None:
            offer.attempt.pop_at = now

    def wonder_everywhere(self, kind: str, detail: str, now: datetime) -> list[events.FloorEvent]:
        """Note an anomaly with every live call."""
        book = self.book
        for story in book.by_id.values():
            book.wonder(story, kind, detail, story.moment(now))
        return book.take_told()

    # --- how it is

    def calls(self) -> list[Call]:
        """Return the live calls as they are now."""
        return [story.record for story in self.book.by_id.values()]

    def call(self, wanted: str) -> Call | None:
        """Return the live call with that id."""
        story = self.book.by_id.get(wanted)
        return story.record if story else None

    def pair(self, wanted: str, interface: str) -> Pair | None:
        """Return whom the one at *interface* could put on hold in that live call, or holds by our doing."""
        story = self.book.by_id.get(wanted)
        return pair_of(story, interface, self.book.legs) if story else None

    def call_of_leg(self, uniqueid: str) -> str | None:
        """Return the id of the live call that a leg or linkedid belongs to."""
        leg = self.book.legs.by_id.get(uniqueid)
        story = leg.story if leg else self.book.stories.get(uniqueid)
        return story.record.id if story and not story.is_closed else None

    def ringing_at(self, interface: str) -> list[Call]:
        """Return the calls that ring at *interface* now."""
        return [
            story.record
            for story in self.book.by_id.values()
            if (offer := story.offers.get(interface)) and offer.is_pop and not offer.is_answered
        ]

    def _retell(self) -> None:
        book = self.book
        for story in book.changed:
            retelling.retell(book, story, story.last_at)
        book.changed.clear()


Take = Callable[[Book, Any, datetime], None]


def _of_leg(take: Callable[[Book, Leg, Any, datetime], None]) -> Take:
    """Let *take* have facts about one leg that is known and not over."""

    def taken(book: Book, event: ami.ChannelEvent, now: datetime) -> None:
        leg = _leg(book, event, now)
        if leg is not None:
            take(book, leg, event, leg.story.moment(now))

    return taken


def _of_call(take: Callable[[Book, Story, Any, datetime], None]) -> Take:
    """Let *take* have facts about a live call, which is found by the caller's leg or by the linkedid."""

    def taken(book: Book, event: ami.ChannelEvent, now: datetime) -> None:
        story = book.story_of(event)
        if story is None or story.is_quarantined:
            book.strays += 1
        else:
            take(book, story, event, story.moment(now))

    return taken


def _leg(book: Book, event: ami.ChannelEvent, now: datetime) -> Leg | None:
    """Return the leg that a fact is about, its name and call brought up to date; None when it is over."""
    leg = book.legs.by_id.get(event.uniqueid)
    if leg is None:
        book.strays += 1
        return None
    if event.channel and event.channel != leg.channel:
        book.legs.rename(leg, event.channel)
    if event.linkedid and book.stories.get(event.linkedid) is not leg.story:
        follow(book, leg, event.linkedid, now)
    story = leg.story
    if story.is_closed or story.is_quarantined:
        departures.after_the_end(book, leg, event)
        if story.is_quarantined and not story.is_closed and not story.legs:
            quarantine.give_up(book, story, now)
        return None
    return leg


_TAKEN: dict[type, Take] = {
    ami.Newchannel: births.newchannel,
    ami.Newstate: _of_leg(ringing.newstate),
    ami.NewCallerid: _of_leg(births.new_callerid),
    ami.Relinked: _of_leg(relinked),
    ami.DialBegin: ringing.dial_begin,
    ami.DialState: ringing.dial_state,
    ami.DialEnd: ringing.dial_end,
    ami.BridgeEnter: _of_leg(mixing.bridge_enter),
    ami.BridgeLeave: _of_leg(mixing.bridge_leave),
    ami.LocalBridge: mixing.local_bridge,
    ami.Hold: _of_leg(mixing.hold),
    ami.Unhold: _of_leg(mixing.unhold),
    ami.MusicOnHoldStart: _of_leg(mixing.music_start),
    ami.MusicOnHoldStop: _of_leg(mixing.music_stop),
    ami.ParkedCall: _of_leg(mixing.parked),
    ami.UnParkedCall: _of_leg(mixing.unparked),
    ami.ParkedCallTimeOut: _of_leg(mixing.unparked),
    ami.ParkedCallGiveUp: _of_leg(mixing.unparked),
    ami.BlindTransfer: _of_leg(handing.blind_transfer),
    ami.AttendedTransfer: _of_leg(handing.attended_transfer),
    ami.HangupRequest: _of_leg(departures.hangup_request),
    ami.Hangup: _of_leg(departures.hangup),
    ami.QueueCallerJoin: _of_call(visits.caller_join),
    ami.QueueCallerLeave: _of_call(visits.caller_leave),
    ami.QueueCallerAbandon: _of_call(visits.caller_abandon),
    ami.AgentCalled: _of_call(visits.agent_called),
    ami.AgentRingNoAnswer: _of_call(ringing.ring_no_answer),
    ami.AgentConnect: _of_call(visits.agent_connect),
    ami.UserEvent: _of_call(visits.user_event),
    ami.OriginateAsked: births.originate_asked,
    ami.OriginateResponse: births.originate_response,
}
"""Who takes which kind of fact; the others say nothing about calls."""
