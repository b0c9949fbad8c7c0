"""When our own code fails on a call: that call is set apart and followed to its end, all others go on.

A snapshot of the exchange (``resync``) tells it anew while it lives. If none comes, its record is closed with
what was known: never a ghost, never a call that is not told.
"""

from __future__ import annotations

from datetime import datetime

from ami_bridge.domain import ami, events
from ami_bridge.domain.book import Book
from ami_bridge.domain.story import Story
from crm_core.domain.calls import CUSTOMER, Call, Segment, seconds, with_sums

LEDGER_ERROR = "ledger_error"


def isolate(book: Book, event: ami.AmiEvent, error: Exception, now: datetime) -> None:
    """Set the call that *event* is about apart, and say so."""
    story = _story_behind(book, event)
    if story is None or story.is_closed:
        book.strays += 1
        return
    if not story.is_quarantined:
        story.is_quarantined = True
        book.wonder(story, LEDGER_ERROR, f"{type(event).__name__}: {error!r}", story.moment(now))
    if not story.legs:
        give_up(book, story, now)


def _story_behind(book: Book, event: ami.AmiEvent) -> Story | None:
    for name in ("uniqueid", "dest_uniqueid", "one", "two"):
        if leg := book.legs.by_id.get(getattr(event, name, "")):
            return leg.story
    linkedid = getattr(event, "linkedid", "") or getattr(event, "uniqueid", "")
    return book.stories.get(linkedid)


def give_up(book: Book, story: Story, now: datetime) -> None:
    """Close a call that was set apart, with what was known of it."""
    at, record = story.moment(now), story.record
    record.ended_at = at
    record.segments[:] = _mended(record, at)
    if story.visit is not None:
        story.leave_queue("cut", at)
    settle_attempts(record, at)
    record.outcome = "answered" if record.answered_at else "cut"
    record.hung_up_by = "system"
    with_sums(record)
    story.shut()
    book.forget(story)
    book.say(story, events.CallEnded, at, outcome=record.outcome, hung_up_by=record.hung_up_by, record=record)


def settle_attempts(record: Call, at: datetime) -> None:
    """End the attempts whose end was never said."""
    for attempts in (record.attempts, *(visit.attempts for visit in record.visits)):
        for attempt in attempts:
            if attempt.result is None:
                attempt.result = "cancelled"
                attempt.ring_s = seconds(attempt.started_at, max(at, attempt.started_at))


def _mended(record: Call, at: datetime) -> list[Segment]:
    """Return the segments with the customer's as far as they tile, and one stretch for what is not known."""
    mended, until = [], record.started_at
    for segment in record.segments:
        if segment.party != CUSTOMER:
            segment.until = segment.until or at
            mended += [segment] if segment.at < segment.until else []
        elif segment.at == until and segment.until is not None:
            mended.append(segment)
            until = segment.until
    if until < at:
        mended.append(Segment(kind="ivr", party=CUSTOMER, at=until, until=at))
    return mended
