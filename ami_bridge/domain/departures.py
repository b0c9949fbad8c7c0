"""Legs go, and calls end: who hung up, with which outcome, and when the book of a call is closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from ami_bridge.domain import ami, endings, events
from ami_bridge.domain.book import Book
from ami_bridge.domain.handing import is_given_on, settle_transfers
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.quarantine import settle_attempts
from ami_bridge.domain.retelling import FLICKER
from ami_bridge.domain.ringing import leg_gone, stop_all
from ami_bridge.domain.story import Story
from ami_bridge.domain.visits import leave_queue
from crm_core.domain.calls import CUSTOMER, with_sums

LINGER = timedelta(seconds=2)


def hangup_request(_book: Book, leg: Leg, event: ami.HangupRequest, at: datetime) -> None:
    """Take that a far end hung up; the first who spoke or called ended the call."""
    leg.cause = event.cause if event.cause is not None else leg.cause
    if leg.is_nobody:
        return
    leg.asked_to_end, leg.asked_at = True, leg.asked_at or at
    story = leg.story
    if story.asked_by is None and (leg.is_up or leg.is_caller):
        if leg is story.customer:
            story.asked_by = "customer"
        elif leg.is_inside:
            story.asked_by = "agent"


def hangup(book: Book, leg: Leg, event: ami.Hangup, at: datetime) -> None:
    """Take that a leg is gone."""
    story = leg.story
    leg.cause = event.cause or leg.cause
    book.tells_requests = event.tells_requests
    if leg is story.customer or (story.customer is None and leg is story.caller):
        story.last_cause = leg.cause
    gone(book, leg, at)


def gone(book: Book, leg: Leg, at: datetime) -> None:
    """Take *leg* out of everything; the customer's last leg ends his call, the last leg of all its story."""
    story = leg.story
    leg_gone(book, leg, at)
    book.touched.add(leg.interface)
    book.change_around(leg, at)
    book.legs.drop(leg)
    story.legs.pop(leg.uniqueid, None)
    if leg is story.customer:
        _customer_lost(book, story, leg, _really_left(story, leg, at))
    if not story.legs:
        close(book, story, at)


def _really_left(story: Story, leg: Leg, at: datetime) -> datetime:
    """Return when the customer hung up: an application (a script, ChanSpy) may keep his leg for a while."""
    now = story.timeline.open.get(CUSTOMER)
    if leg.asked_at is None or now is None or at - leg.asked_at < FLICKER:
        return at
    return max(leg.asked_at, now.at)


def _customer_lost(book: Book, story: Story, leg: Leg, at: datetime) -> None:
    """He is gone for good when he had called or picked up; a dialled one may be dialled again."""
    caller = story.caller
    if leg.is_caller or leg.is_up or caller is None or caller.uniqueid not in story.legs:
        customer_left(book, story, at)
        return
    others = (other for other in story.legs.values() if not other.is_inside and not other.is_nobody)
    story.customer = next(others, None)
    if story.customer is None:
        story.timeline.close(CUSTOMER, at)
        story.lost_at, story.idle_since = at, None


def customer_left(book: Book, story: Story, at: datetime) -> None:
    """Close the customer's time at *at*, and tell how his call ended."""
    record, timeline = story.record, story.timeline
    since = story.idle_since
    alone_since = since if since is not None and at - since >= FLICKER else None
    if story.visit is not None:
        leave_queue(book, story, alone_since or at)
    stop_all(book, story, at)
    if alone_since is not None:
        timeline.show(CUSTOMER, "ivr", alone_since)
    elif CUSTOMER not in timeline.open and not any(s.party == CUSTOMER for s in record.segments):
        timeline.show(CUSTOMER, "ivr", record.started_at)
    timeline.close(CUSTOMER, at)
    record.ended_at = at
    record.hung_up_by = story.asked_by or ("system" if book.tells_requests or story.is_cut else None)
    record.hangup_cause = story.last_cause
    record.outcome = endings.call_outcome(story)


def close_when_due(book: Book, story: Story, now: datetime) -> None:
    """Close a call whose customer has gone, when nobody talks on in it and its other legs had time to go."""
    ended_at = story.record.ended_at
    if ended_at is None or now - ended_at < LINGER:
        return
    if not is_given_on(story) and not any(book.legs.heard_by(leg) for leg in story.legs.values()):
        close(book, story, now)


def close(book: Book, story: Story, now: datetime) -> None:
    """Close the book of a call, tell it whole and forget it; legs left over are followed to their end."""
    if story.is_closed:
        return
    at, record = story.moment(now), story.record
    if record.ended_at is None:
        customer_left(book, story, story.lost_at or at)
    for party in list(story.timeline.open):
        story.timeline.close(party, at)
    for leg in story.legs.values():
        book.touched.add(leg.interface)
    if book.inside.has_guessed:
        story.note("inferred_inside", "devices with short numbers were taken for inside", at)
    settle_attempts(record, at)
    settle_transfers(record)
    with_sums(record)
    story.shut()
    book.forget(story)
    book.say(story, events.CallEnded, at, outcome=record.outcome, hung_up_by=record.hung_up_by, record=record)


def after_the_end(book: Book, leg: Leg, event: ami.ChannelEvent) -> None:
    """Follow a leg left over from a call that is closed (or given up by us), so that its agent is freed."""
    book.touched.add(leg.interface)
    if isinstance(event, ami.BridgeEnter):
        book.legs.enter(leg, event.bridge, event.bridge_type)
    elif isinstance(event, ami.BridgeLeave):
        book.legs.leave(leg, event.bridge)
    elif isinstance(event, ami.Hangup):
        book.legs.drop(leg)
        leg.story.legs.pop(leg.uniqueid, None)
