"""After each fact: bring the segments in line with what the legs mean now, and tell what that changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from ami_bridge.domain import events
from ami_bridge.domain.book import Book
from ami_bridge.domain.handing import done, is_by_customer
from ami_bridge.domain.story import Story
from ami_bridge.domain.telling import Told, customer_now, inside_now, party_of
from ami_bridge.domain.visits import leave_queue
from crm_core.domain.calls import CUSTOMER, Segment, SegmentKind

IDLE_AFTER = timedelta(milliseconds=500)
FLICKER = timedelta(milliseconds=100)
_WITH_SOMEBODY = frozenset(("talk", "conference", "hold"))
_MIXED = _WITH_SOMEBODY | {"park"}
_RANK: dict[SegmentKind, int] = {"ring": 0, "hold": 1, "talk": 2, "conference": 3, "consult": 4}


def retell(book: Book, story: Story, at: datetime) -> None:
    """Bring the segments of *story* in line from *at* on."""
    _others(book, story, at)
    if story.record.ended_at is None:
        _customer(book, story, at)


def _others(book: Book, story: Story, at: datetime) -> None:
    """Everybody but the customer: a device that has two legs is where it does the most."""
    told: dict[str, Told] = {}
    for leg in story.legs.values():
        if leg.is_inside:
            book.touched.add(leg.interface)
        if leg is story.customer or leg.is_nobody:
            continue
        now = inside_now(leg, story, book.legs)
        if now is None:
            continue
        party = party_of(leg, story)
        before = told.get(party)
        if before is None or _RANK[now.kind] > _RANK[before.kind]:
            told[party] = now
    timeline = story.timeline
    for party in [party for party in timeline.open if party not in told and party != CUSTOMER]:
        timeline.close(party, at)
    for party, now in told.items():
        timeline.show(party, now.kind, at, with_=now.with_, agent=book.agent_at(party))
    _answered_who_asks(book, story, told, at)
    if story.record.transfers:
        _others_talk_on(book, story, told, at)


def _answered_who_asks(book: Book, story: Story, told: dict[str, Told], at: datetime) -> None:
    """An agent asks in a queue while the customer is on hold: that visit ends when he is answered."""
    visit = story.visit
    member = visit.interface if visit is not None and story.is_connected else None
    now = told.get(member) if member else None
    if member and now is not None and now.kind == "consult" and now.with_:
        _is_answered(book, story, member, at)


def _customer(book: Book, story: Story, at: datetime) -> None:
    if story.customer is None and story.lost_at is not None:
        return
    told, before = customer_now(story, book.legs), story.timeline.open.get(CUSTOMER)
    if before is not None and _is_between(story, told, before):
        story.idle_since = story.idle_since or at
        return
    if story.idle_since is not None:
        if told.kind not in _MIXED:
            _was_on_his_own(book, story, story.idle_since, at)
            told = customer_now(story, book.legs)
        story.idle_since = None
    if told.kind == "hold" and not told.with_ and before is not None:
        told = Told("hold", before.with_)
    was, with_ = (before.kind, before.with_) if before is not None else (None, ())
    story.timeline.show(CUSTOMER, told.kind, at, with_=told.with_, queue=told.queue)
    if was != told.kind or with_ != told.with_:
        _tell_change(book, story, was, told, with_, at)
    if story.record.transfers and told.kind in ("talk", "conference"):
        _hand_over_done(book, story, told.with_, at)


def _is_between(story: Story, told: Told, before: Segment) -> bool:
    """Return whether the customer may be between two things: his partner left, or he left a queue."""
    if told.kind == "ivr":
        return before.kind in _WITH_SOMEBODY
    return story.is_leaving() and told.kind not in _MIXED and not story.rings_outside_the_queue()


def _was_on_his_own(book: Book, story: Story, since: datetime, at: datetime) -> None:
    """What comes at *at* is something new: until then the customer was on his own, if only for a while."""
    settle(book, story)
    if at - since >= FLICKER:
        story.timeline.show(CUSTOMER, "ivr", since)
    if story.asked_by == "agent":
        story.asked_by = None  # who left before is not who ends the call


def settle(book: Book, story: Story) -> None:
    """The customer is really on his own since ``idle_since``: say so from there on."""
    since, story.idle_since = story.idle_since, None
    if since is None or story.record.ended_at is not None:
        return
    if story.visit is not None:
        leave_queue(book, story, since)
    if customer_now(story, book.legs).kind == "ivr":
        story.asked_by = None
        story.timeline.show(CUSTOMER, "ivr", since)


def settle_when_due(book: Book, story: Story, now: datetime) -> None:
    """Settle a customer who has been between two things for long enough."""
    if story.idle_since is not None and now - story.idle_since >= IDLE_AFTER:
        settle(book, story)


# --- what the others hear of it


def _tell_change(
    book: Book, story: Story, was: str | None, told: Told, with_: tuple[str, ...], at: datetime
) -> None:
    if told.kind in ("talk", "conference"):
        if was == "hold" and set(with_) & set(told.with_):
            book.say(story, events.CallResumed, at, **_partner(book, told.with_))
        else:
            _talk_began(book, story, told.with_, at)
    elif told.kind == "hold" and was in ("talk", "conference"):
        book.say(story, events.CallHeld, at, **_partner(book, told.with_))


def _partner(book: Book, with_: tuple[str, ...]) -> dict[str, str | None]:
    interface = with_[0] if with_ else None
    return {"interface": interface, "agent": book.agent_at(interface)}


def _talk_began(book: Book, story: Story, with_: tuple[str, ...], at: datetime) -> None:
    _drop_taken_offers(book, story, with_)
    if story.visit is not None or story.record.answered_at is None:
        _is_answered(book, story, with_[0], at)


def _is_answered(book: Book, story: Story, interface: str, at: datetime) -> None:
    agent, visit = book.agent_at(interface), story.visit
    if visit is not None:
        visit.interface, visit.agent = interface, agent
        leave_queue(book, story, at, "answered")
    story.record.answered_at = story.record.answered_at or at
    book.say(
        story,
        events.CallAnswered,
        at,
        interface=interface,
        agent=agent,
        queue=visit.queue if visit else None,
        wait_s=visit.wait_s if visit else None,
    )


def _drop_taken_offers(book: Book, story: Story, with_: tuple[str, ...]) -> None:
    """Forget the offers of those who talk now, the customer's own phone among them."""
    for interface, offer in list(story.offers.items()):
        legs = filter(None, map(book.legs.by_id.get, offer.legs))
        if interface in with_ or (offer.is_answered and any(leg.bridge for leg in legs)):
            del story.offers[interface]


def _hand_over_done(book: Book, story: Story, with_: tuple[str, ...], at: datetime) -> None:
    """The last hand-over is complete when the customer talks to somebody else than who began it."""
    transfer, customer = story.record.transfers[-1], story.customer
    if transfer.result is not None or customer is None or is_by_customer(story, transfer):
        return
    if any(other.interface == transfer.by for other in book.legs.heard_by(customer)):
        return
    done(book, story, transfer, with_[0], at)


def _others_talk_on(book: Book, story: Story, told: dict[str, Told], at: datetime) -> None:
    """Who handed over plays the customer: it is done when the other talks to somebody new."""
    transfer = story.record.transfers[-1]
    if transfer.result is not None or not is_by_customer(story, transfer):
        return
    since = transfer.started_at
    before = {one.party for one in story.record.segments if one.at < since and one.kind != "ring"}
    for party, now in told.items():
        if now.kind == "consult" and now.with_ and party not in before and transfer.by not in now.with_:
            done(book, story, transfer, party, at)
            return
