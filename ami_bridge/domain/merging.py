"""Two calls turn out to be one: a leg's linkedid changed when it was joined to an older call."""

from __future__ import annotations

from datetime import datetime

from ami_bridge.domain import ami, events
from ami_bridge.domain.births import is_customer
from ami_bridge.domain.book import Book
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.ringing import move_offers, say_offered
from ami_bridge.domain.story import Story, birth_order
from ami_bridge.domain.visits import leave_queue


def follow(book: Book, leg: Leg, linkedid: str, now: datetime) -> None:
    """Take that *leg* says another linkedid than its call goes by."""
    other = book.stories.get(linkedid)
    if other is None:
        if linkedid not in book.ended and not leg.story.is_closed:
            book.also_called(leg.story, linkedid)
    elif leg.story.is_closed or leg.story.record.ended_at is not None:
        _move(leg, other)
    else:
        merge(book, leg.story, other, now)


def relinked(book: Book, leg: Leg, _event: ami.Relinked, at: datetime) -> None:
    """Have the call told again that *leg* was just moved to, by the linkedid it said."""
    book.change(leg.story, at)


def _is_open(story: Story) -> bool:
    return not (story.is_closed or story.is_quarantined or story.record.ended_at is not None)


def _move(leg: Leg, story: Story) -> None:
    """A leg left over from a call that ended lives on in another one."""
    leg.story.legs.pop(leg.uniqueid, None)
    leg.story = story
    story.legs[leg.uniqueid] = leg


def merge(book: Book, one: Story, other: Story, now: datetime) -> None:
    """Make one call of two: the older survives, under its own id."""
    if not (_is_open(one) and _is_open(other)):
        return
    older, younger = sorted((one, other), key=lambda story: birth_order(story.record.linkedid))
    at = max(older.moment(now), younger.moment(now))
    if older.visit is not None:
        leave_queue(book, younger, at, "redirected")
    moved = move_offers(book, younger, older, at)
    older.swallow(younger)
    book.change(older, at)
    for name in younger.names:
        book.stories[name] = older
    book.by_id.pop(younger.record.id, None)
    book.changed.pop(younger, None)
    younger.is_closed = True
    _take_visit(older, younger)
    _recast(older, younger)
    book.say(older, events.CallMerged, at, gone=younger.record.id)
    for offer in moved:
        say_offered(book, older, offer, at)


def _take_visit(older: Story, younger: Story) -> None:
    """Whoever was between two things is in the younger's queue now, as if he had just entered it."""
    if older.visit is None and younger.visit is not None:
        older.idle_since = None
        older.visit, older.is_connected = younger.visit, younger.is_connected
        older.has_left_queue, older.was_given_up = younger.has_left_queue, younger.was_given_up
        older.queued_at, older.was_sent_away = younger.queued_at, younger.was_sent_away
        older.has_music, older.was_silenced = younger.has_music, younger.was_silenced


def _recast(older: Story, younger: Story) -> None:
    """Let the younger's outside customer be that of an older call that had none but an agent's leg."""
    theirs = younger.customer
    if theirs is None or theirs.is_inside:
        return
    if older.customer is None or (older.customer.is_inside and older.record.answered_at is None):
        is_customer(older, theirs)
        older.record.direction = younger.record.direction
        older.record.ani, older.record.did = younger.record.ani, younger.record.did
        older.record.customer = younger.record.customer
