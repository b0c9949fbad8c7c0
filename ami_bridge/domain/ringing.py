"""Phones are rung: offers, which are what pops a card, and the attempts that the record keeps of them.

An offer begins at the first word of it, whichever fact brings it (AgentCalled, DialBegin, Ringing: their
order varies), and is told once. Behind a Local channel the phone is what counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ami_bridge.domain import ami, endings, events
from ami_bridge.domain.births import (
    RING,
    RINGING,
    UP,
    calls_itself,
    dials,
    learn_number,
    turns_inside,
    turns_internal,
)
from ami_bridge.domain.book import Book
from ami_bridge.domain.inside import is_local
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.story import Offer, Story
from crm_core.domain.calls import AttemptResult, seconds

SHORTEST_OUTSIDE = 6
RINGING_WITHIN = timedelta(seconds=1)


def newstate(book: Book, leg: Leg, event: ami.Newstate, at: datetime) -> None:
    """Take that a leg calls, rings or was picked up."""
    if event.state == RINGING:
        _rings(book, leg, at)
    elif event.state == UP:
        leg.is_up = True
        answered(book, leg, at)
    elif event.state == RING and leg.is_ours:
        calls_itself(book, leg, at)


def dial_begin(book: Book, event: ami.DialBegin, now: datetime) -> None:
    """Take that a leg is dialled."""
    dials(book, event)
    if dialler := book.legs.by_id.get(event.uniqueid):
        dialler.kept = ""  # somebody took him off hold for that
    leg = _dialled(book, event.dest_uniqueid)
    if leg is None or (leg is leg.story.caller and not leg.is_ours):
        return
    at = leg.story.moment(now)
    number = (None if leg.is_inside else _number_in(event.dial_string)) or event.dest_num
    if number:
        learn_number(book, leg, number, at)
    _offer(book, leg, at, to=number or event.dial_string or None, is_dialled=True)


def _number_in(dial_string: str) -> str | None:
    """Return the number that is dialled outside: ``600123456@provider`` or ``provider/600123456``."""
    parts = dial_string.replace("/", "@").split("@")
    return next((part for part in parts if _is_number(part)), None) if len(parts) > 1 else None


def _is_number(text: str) -> bool:
    digits = text.removeprefix("+")
    return digits.isascii() and digits.isdecimal() and len(digits) >= SHORTEST_OUTSIDE


def dial_state(book: Book, event: ami.DialState, now: datetime) -> None:
    """Take that a dialled leg rings."""
    leg = _dialled(book, event.dest_uniqueid)
    if leg is not None and event.status == "RINGING":
        _rings(book, leg, leg.story.moment(now))


def dial_end(book: Book, event: ami.DialEnd, now: datetime) -> None:
    """Take what Dial() or Queue() says became of a dialled leg; a refusal counts when the leg hangs up."""
    leg = _dialled(book, event.dest_uniqueid)
    offer = leg.story.offers.get(leg.interface) if leg else None
    if leg is None or offer is None or offer.is_answered:
        return
    at = leg.story.moment(now)
    said = endings.BY_DIAL_STATUS.get(event.status)
    if event.forward:
        offer.attempt.forwarded_to = event.forward
        stop_ringing(book, leg.story, leg.interface, "forwarded", at)
    elif said == "answered":
        answered(book, leg, at)
    elif offer.said is None:
        offer.said = said


def rings_member(book: Book, story: Story, event: ami.AgentCalled, at: datetime) -> None:
    """Take that a queue rings a member; his device is inside, whatever it looked like."""
    if is_local(event.interface):
        return
    book.inside.learn(event.interface)
    leg = book.legs.by_id.get(event.dest_uniqueid)
    if leg is not None and not leg.is_nobody and leg.story is story:
        is_member(book, leg, event.interface, at)
        _offer(book, leg, at, to=None)
    elif event.interface not in story.offers:
        _new_offer(book, story, event.interface, at, leg=None, is_pop=True, to=None)


def is_member(book: Book, leg: Leg, interface: str, at: datetime) -> None:
    """Know *leg* by the member's interface, even when it is an outside line (``PJSIP/600…@trunk``)."""
    if leg.interface != interface:
        _drop_outside_offer(book, leg)
        book.legs.move(leg, interface)
    if not leg.is_inside:
        turns_inside(book, leg, at)


def _drop_outside_offer(book: Book, leg: Leg) -> None:
    """The phone of *leg* was taken for an outside one: its attempt is told again as the member's."""
    story = leg.story
    offer = story.offers.get(leg.interface)
    if offer is not None and not offer.is_pop and offer.legs == {leg.uniqueid}:
        del story.offers[leg.interface]
        story.record.attempts.remove(offer.attempt)
        book.touched.add(leg.interface)


def ring_no_answer(book: Book, story: Story, event: ami.AgentRingNoAnswer, at: datetime) -> None:
    """Take that a member did not pick up; without a leg of his own this is all that is ever said."""
    offer = story.offers.get(event.interface)
    if offer is None or offer.is_answered:
        return
    if offer.said is None:
        offer.said = "no_answer"
    if not any(uniqueid in book.legs.by_id for uniqueid in offer.legs):
        result: AttemptResult = "no_answer" if offer.has_rung else "unreachable"
        stop_ringing(book, story, event.interface, result, at)


def answered(book: Book, leg: Leg, at: datetime) -> None:
    """Take that the phone of *leg* was picked up."""
    story = leg.story
    offer = story.offers.get(leg.interface)
    if offer is None or offer.is_answered or leg.is_caller:
        return
    offer.is_answered = True
    offer.attempt.result = "answered"
    offer.attempt.ring_s = seconds(offer.attempt.started_at, at)
    book.touched.add(leg.interface)
    book.change(story, at)
    if offer.is_pop:
        story.taken_by = leg.interface
        if story.visit is not None:
            story.idle_since = None  # he left the queue for who picked up
        _say_ended(book, story, offer, "answered", at)


def stop_ringing(book: Book, story: Story, interface: str, result: AttemptResult, at: datetime) -> None:
    """End the offer at *interface*, when there is one: told with its reason unless it was picked up."""
    offer = story.offers.pop(interface, None)
    if offer is None:
        return
    book.change(story, at)
    book.touched.add(interface)
    if offer.is_answered:
        return
    offer.attempt.result = result
    offer.attempt.ring_s = seconds(offer.attempt.started_at, at)
    if offer.is_pop:
        _say_ended(book, story, offer, endings.offer_end(story, result), at)


def leg_gone(book: Book, leg: Leg, at: datetime) -> None:
    """End the offer that *leg* rang for, when no other leg rings for it."""
    story = leg.story
    offer = story.offers.get(leg.interface)
    if offer is None or leg.is_caller:
        return
    offer.legs.discard(leg.uniqueid)
    if offer.legs:
        return
    if offer.is_answered:  # picked up, and never bridged to the customer: another was quicker, or he left
        offer.attempt.result = "cancelled" if offer.is_pop else "answered"
        if story.taken_by == leg.interface:
            story.taken_by = None
        del story.offers[leg.interface]
        return
    stop_ringing(book, story, leg.interface, endings.attempt_result(story, offer, leg.cause), at)


def stop_all(book: Book, story: Story, at: datetime) -> None:
    """End every offer of a call whose customer is gone."""
    for interface, offer in list(story.offers.items()):
        stop_ringing(book, story, interface, endings.attempt_result(story, offer, None), at)


def move_offers(book: Book, story: Story, to: Story, at: datetime) -> list[Offer]:
    """End the cards of *story*, which turned out to be the same call as *to*; return those to pop there.

    A phone that rings for *to* already has its card and its attempt there.
    """
    moved = []
    for interface, offer in list(story.offers.items()):
        is_there = interface in to.offers
        if is_there:
            to.offers[interface].legs |= offer.legs
            del story.offers[interface]
        if offer.is_answered:
            continue
        if is_there:
            offer.attempt.result = "cancelled"
            offer.attempt.ring_s = seconds(offer.attempt.started_at, at)
        if offer.is_pop:
            _say_ended(book, story, offer, "merged", at)
            moved += [] if is_there else [offer]
    return moved


def stop_silent(book: Book, story: Story, now: datetime) -> None:
    """End the offers of phones that should have rung by now and did not."""
    for interface, offer in list(story.offers.items()):
        is_silent = offer.is_pop and not offer.has_rung and not offer.is_answered
        if is_silent and now - offer.attempt.started_at >= RINGING_WITHIN:
            stop_ringing(book, story, interface, "unreachable", story.moment(now))


def _dialled(book: Book, uniqueid: str) -> Leg | None:
    leg = book.legs.by_id.get(uniqueid)
    if leg is None or leg.story.is_closed:
        book.strays += 1
        return None
    return None if leg.is_nobody or leg.story.is_quarantined else leg


def _rings(book: Book, leg: Leg, at: datetime) -> None:
    if leg.is_caller or leg.is_nobody:
        return
    _offer(book, leg, at, to=None)
    if offer := leg.story.offers.get(leg.interface):
        offer.has_rung = True


def _offer(book: Book, leg: Leg, at: datetime, *, to: str | None, is_dialled: bool = False) -> None:
    """Begin an offer at the phone of *leg*, or join the one there is."""
    story = leg.story
    if offer := story.offers.get(leg.interface):
        offer.legs.add(leg.uniqueid)
        offer.was_dialled |= is_dialled
        return
    if leg.is_up or leg.bridge or story.record.ended_at is not None:
        return
    is_pop = leg.is_inside and not leg.is_ours
    caller = story.caller
    if is_pop and story.customer is None and caller is not None and caller.is_ours:
        turns_internal(story, caller)
    to = None if is_pop else to or leg.number
    _new_offer(book, story, leg.interface, at, leg=leg, is_pop=is_pop, to=to, is_dialled=is_dialled)


def _new_offer(
    book: Book,
    story: Story,
    interface: str,
    at: datetime,
    *,
    leg: Leg | None,
    is_pop: bool,
    to: str | None,
    is_dialled: bool = False,
) -> None:
    if not story.offers:
        story.taken_by = None
    agent = book.agent_at(interface)
    offer = story.ring(
        interface,
        at,
        leg=leg.uniqueid if leg else "",
        agent=agent,
        is_pop=is_pop,
        to=to or None,
        is_dialled=is_dialled,
    )
    book.touched.add(interface)
    book.change(story, at)
    if is_pop:
        say_offered(book, story, offer, at)


def say_offered(book: Book, story: Story, offer: Offer, at: datetime) -> None:
    """Tell that a phone is rung: its card pops."""
    if offer.queue:
        book.touched_queues.add(offer.queue)
    attempt = offer.attempt
    book.say(
        story,
        events.CallOffered,
        at,
        interface=attempt.interface,
        agent=attempt.agent,
        queue=offer.queue,
    )


def _say_ended(book: Book, story: Story, offer: Offer, reason: events.OfferEnd, at: datetime) -> None:
    if offer.queue:
        book.touched_queues.add(offer.queue)
    book.say(
        story,
        events.OfferEnded,
        at,
        interface=offer.attempt.interface,
        agent=offer.attempt.agent,
        queue=offer.queue,
        reason=reason,
        answered_by=story.taken_by,
    )
