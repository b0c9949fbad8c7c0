"""Queues: a customer enters, is connected to a member, or leaves for one of many reasons.

The queue says that he left before it says why (QueueCallerLeave precedes AgentConnect, and QueueCallerAbandon
is said of a timeout, too), so a visit ends when the reason is known: he talks, he hung up, he is
elsewhere in the dialplan, or our own dialplan told QUEUESTATUS.
"""

from __future__ import annotations

from datetime import datetime

from ami_bridge.domain import ami, endings, events
from ami_bridge.domain.book import Book
from ami_bridge.domain.inside import is_local
from ami_bridge.domain.ringing import answered, is_member, rings_member
from ami_bridge.domain.story import Story
from crm_core.domain.calls import VisitOutcome

OUR_EVENT, QUEUE_LEFT = "Centralita", "queue_left"
VOICEMAIL_ENTERED, VOICEMAIL_LEFT = "voicemail_entered", "voicemail_left"
IS_UNSERVED = {"menu_entered": True, "menu_served": False}


def caller_join(book: Book, story: Story, event: ami.QueueCallerJoin, at: datetime) -> None:
    """Begin a visit; a visit that is still open ends here."""
    if story.visit is not None:
        if story.visit.queue == event.queue and not story.has_left_queue:
            book.wonder(story, "doubled", f"QueueCallerJoin {event.queue}", at)
            return
        leave_queue(book, story, story.idle_since or at)
    if story.record.ended_at is not None:
        return
    story.asked_by = story.idle_since = None
    if story.customer is not None:
        story.customer.kept = ""
    story.enter_queue(event.queue, book.change(story, at))
    story.queued_at = event.exten
    book.touched_queues.add(event.queue)
    book.say(story, events.CallQueued, at, queue=event.queue, position=event.position)


def agent_called(book: Book, story: Story, event: ami.AgentCalled, at: datetime) -> None:
    """Take that a queue rings a member; of an entry that was not heard this is the first word."""
    customer = story.customer
    if story.visit is None and customer is not None and not customer.bridge:
        join = ami.QueueCallerJoin(uniqueid=event.uniqueid, linkedid=event.linkedid, queue=event.queue)
        caller_join(book, story, join, at)
    rings_member(book, story, event, at)


def caller_leave(book: Book, story: Story, event: ami.QueueCallerLeave, at: datetime) -> None:
    """The customer is no longer an entry of the queue; why, comes with other facts."""
    if story.visit is None or story.visit.queue != event.queue:
        return
    story.has_left_queue = True
    book.change(story, at)
    book.touched_queues.add(event.queue)
    if story.was_given_up and (story.was_sent_away or story.has_customer_left() or not story.was_silenced):
        leave_queue(book, story, at)
    elif not story.is_taken():
        story.idle_since = story.idle_since or at


def caller_abandon(book: Book, story: Story, event: ami.QueueCallerAbandon, at: datetime) -> None:
    """The queue gave the customer up: he hung up, waited too long, or was sent to another extension."""
    if story.visit is not None and story.visit.queue == event.queue:
        story.was_given_up = True
        if story.customer is not None and book.legs.heard_by(story.customer):
            leave_queue(book, story, at, "abandoned")  # his agent asked there, and has gone back to him
            return
        story.was_sent_away = _is_elsewhere(story, event.exten) or _still_rings(story)
        story.was_silenced = _was_silenced(book, story, event)


def _is_elsewhere(story: Story, exten: str) -> bool:
    return bool(exten and story.queued_at) and exten != story.queued_at


def _was_silenced(book: Book, story: Story, event: ami.QueueCallerAbandon) -> bool:
    """A queue that waited too long gives up while its music plays; a hang-up, a redirect stop that first."""
    leg = book.legs.by_id.get(event.uniqueid)
    return leg is not None and story.has_music and not leg.hears_music and not story.is_taken()


def _still_rings(story: Story) -> bool:
    """A queue that waited too long first says of each phone that it rang in vain."""
    return any(
        offer.queue and offer.was_dialled and offer.said in (None, "cancelled") and not offer.is_answered
        for offer in story.offers.values()
    )


def agent_connect(book: Book, story: Story, event: ami.AgentConnect, at: datetime) -> None:
    """A member picked up; the visit ends when the customer is bridged to him."""
    if not is_local(event.interface):
        book.inside.learn(event.interface)
    if story.visit is None:
        return
    story.is_connected, story.idle_since = True, None
    book.change(story, at)
    leg = book.legs.by_id.get(event.dest_uniqueid)
    if leg is not None and not leg.is_nobody:
        if leg.story is story:
            is_member(book, leg, event.interface, at)
        answered(book, leg, at)
    phone = event.interface if not is_local(event.interface) else story.taken_by
    story.visit.interface, story.visit.agent = phone, book.agent_at(phone)


def user_event(book: Book, story: Story, event: ami.UserEvent, at: datetime) -> None:
    """Take the word of our menu for how it went, of our dialplan for what it does with the caller."""
    if event.name != OUR_EVENT:
        return
    kind = event.headers.get("kind", "")
    story.is_unserved = IS_UNSERVED.get(kind, story.is_unserved)
    if kind == QUEUE_LEFT:
        _left_by_dialplan(book, story, event, at)
    elif kind == VOICEMAIL_ENTERED:
        story.is_in_voicemail = True
        book.change(story, at)
    elif kind == VOICEMAIL_LEFT:
        story.has_left_message = event.headers.get("status") == "SUCCESS"


def _left_by_dialplan(book: Book, story: Story, event: ami.UserEvent, at: datetime) -> None:
    """Take why a caller left a queue, or was not let in."""
    outcome = endings.BY_QUEUE_STATUS.get(event.headers.get("status", ""))
    if outcome is None or story.record.ended_at is not None:
        return
    queue = event.headers.get("queue", "")
    book.change(story, at)
    last = story.record.visits[-1] if story.record.visits else None
    if story.visit is not None:
        leave_queue(book, story, story.idle_since or at, outcome)
    elif last is not None and last.queue == queue and last.outcome != "answered":
        last.outcome = outcome
    else:
        story.enter_queue(queue, at)
        leave_queue(book, story, at, outcome)


def leave_queue(book: Book, story: Story, at: datetime, outcome: VisitOutcome | None = None) -> None:
    """End the open visit, when there is one, and tell it."""
    outcome = outcome or endings.visit_outcome(story)
    visit = story.leave_queue(outcome, at)
    if visit is None:
        return
    if outcome != "answered":
        visit.interface = visit.agent = None
    story.is_connected = False
    book.touched_queues.add(visit.queue)
    book.say(story, events.CallLeftQueue, at, queue=visit.queue, outcome=outcome, wait_s=visit.wait_s)
