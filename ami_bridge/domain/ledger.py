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
    mixing,
    quarantine,
    retelling,
    ringing,
    visits,
)
from ami_bridge.domain.book import Book, ReadNumber
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.merging import follow
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
        book = self.book
        try:
            self._take(event, now)
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

    # --- how it is

    def calls(self) -> list[Call]:
        """Return the live calls as they are now."""
        return [story.record for story in self.book.by_id.values()]

    def call(self, wanted: str) -> Call | None:
        """Return the live call with that id."""
        story = self.book.by_id.get(wanted)
        return story.record if story else None

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

    # --- one fact

    def _take(self, event: Any, now: datetime) -> None:
        book, kind = self.book, type(event)
        if about_leg := _OF_LEG.get(kind):
            leg = self._leg(event, now)
            if leg is not None:
                about_leg(book, leg, event, leg.story.moment(now))
        elif about_call := _OF_CALL.get(kind):
            story = book.story_of(event)
            if story is None or story.is_quarantined:
                book.strays += 1
            else:
                about_call(book, story, event, story.moment(now))
        elif about := _OTHERS.get(kind):
            about(book, event, now)

    def _leg(self, event: ami.ChannelEvent, now: datetime) -> Leg | None:
        """Return the leg that a fact is about, its name and call brought up to date; None when it is over."""
        book = self.book
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

    def _retell(self) -> None:
        book = self.book
        for story in book.changed:
            retelling.retell(book, story, story.last_at)
        book.changed.clear()


_OF_LEG: dict[type, Callable[[Book, Leg, Any, datetime], None]] = {
    ami.Newstate: ringing.newstate,
    ami.NewCallerid: births.new_callerid,
    ami.BridgeEnter: mixing.bridge_enter,
    ami.BridgeLeave: mixing.bridge_leave,
    ami.Hold: mixing.hold,
    ami.Unhold: mixing.unhold,
    ami.MusicOnHoldStart: mixing.music_start,
    ami.MusicOnHoldStop: mixing.music_stop,
    ami.ParkedCall: mixing.parked,
    ami.UnParkedCall: mixing.unparked,
    ami.ParkedCallTimeOut: mixing.unparked,
    ami.ParkedCallGiveUp: mixing.unparked,
    ami.BlindTransfer: mixing.blind_transfer,
    ami.AttendedTransfer: mixing.attended_transfer,
    ami.HangupRequest: departures.hangup_request,
    ami.Hangup: departures.hangup,
}
"""Facts about one leg that must be known."""

_OF_CALL: dict[type, Callable[[Book, Story, Any, datetime], None]] = {
    ami.QueueCallerJoin: visits.caller_join,
    ami.QueueCallerLeave: visits.caller_leave,
    ami.QueueCallerAbandon: visits.caller_abandon,
    ami.AgentCalled: ringing.agent_called,
    ami.AgentRingNoAnswer: ringing.ring_no_answer,
    ami.AgentConnect: visits.agent_connect,
    ami.UserEvent: visits.user_event,
}
"""Facts about a call, which is found by the caller's leg or by the linkedid."""

_OTHERS: dict[type, Callable[[Book, Any, datetime], None]] = {
    ami.Newchannel: births.newchannel,
    ami.DialBegin: ringing.dial_begin,
    ami.DialState: ringing.dial_state,
    ami.DialEnd: ringing.dial_end,
    ami.LocalBridge: mixing.local_bridge,
    ami.OriginateAsked: births.originate_asked,
    ami.OriginateResponse: births.originate_response,
}
