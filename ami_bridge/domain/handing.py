"""Hand-overs: who gave the customer on, to whom, how it was begun and what became of it.

A transfer is told by Asterisk when it is done. A consultation by feature code or manager is not: it is seen
when an agent leaves his waiting customer for a Local channel, and it comes to nothing when he comes back.
That a third party took the customer away (``Redirect``) is never told: he leaves a bridge for another
extension.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from ami_bridge.domain import ami, events
from ami_bridge.domain.book import Book
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.merging import merge
from ami_bridge.domain.story import Story
from ami_bridge.domain.telling import party_of
from crm_core.domain.calls import CUSTOMER, Attempt, AttemptResult, Call, Transfer

THE_EXCHANGE = "system"
SAID_WITHIN = timedelta(seconds=1)
REFUSED: frozenset[AttemptResult | None] = frozenset(("busy", "rejected", "unreachable"))
IN_VAIN = REFUSED | {"no_answer"}
LONG_ENOUGH = timedelta(seconds=14.5)
"""Who did not answer for so long, does not: after 15 s (``atxfernoanswertimeout``) the exchange gives up
and says no more of it than when the agent himself takes it back.
https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/features/"""


def blind_transfer(book: Book, leg: Leg, event: ami.BlindTransfer, at: datetime) -> None:
    """Take that the agent behind *leg* sent the other side to an extension."""
    _take_back_redirect(leg.story, event.exten, at)
    transfer = _begin(book, leg.story, leg.interface, at, kind="blind", to=event.exten or None)
    _go_on(book, leg.story, transfer, at, failed=_failed(event.result))


def attended_transfer(book: Book, leg: Leg, event: ami.AttendedTransfer, at: datetime) -> None:
    """Take that the agent behind *leg* joined the other side with whom he had called."""
    second = book.legs.by_id.get(event.second)
    reached = _reached_by(book, leg, second) if second is not None else None
    dialled = None
    if second is not None and second.story is not leg.story:
        dialled = second.story.record.did
        merge(book, leg.story, second.story, at)
    story = leg.story
    transfer, story.consultation = story.consultation or _came_back(story, at), None
    if transfer is None or transfer.by != leg.interface:
        called = second.called if second is not None else ""
        target = book.legs.by_id.get(event.target)
        to = called or _number_of(target) or dialled or _number_of(reached)
        transfer = _begin(book, story, leg.interface, at, kind="attended", to=to)
    if not _failed(event.result):
        # the exchange says that he is taken back before it hands him on, and nobody talks to him meanwhile
        story.timeline.go_on_holding(CUSTOMER, (leg.interface,), at - SAID_WITHIN)
    _go_on(book, story, transfer, at, failed=_failed(event.result))
    if reached is not None and transfer.result is None and is_by_customer(story, transfer):
        done(book, story, transfer, party_of(reached, story), at)


def _reached_by(book: Book, leg: Leg, second: Leg) -> Leg | None:
    """Return with whom *second* talked: who is in its bridge and did not come over from that of *leg*."""
    first = {leg.bridge, leg.left} - {""}
    there = book.legs.mixed_in(second.bridge or second.left)
    strangers = (one for one in there if one.interface != second.interface and one.left not in first)
    return next((one for one in strangers if not one.is_nobody), None)


def is_by_customer(story: Story, transfer: Transfer) -> bool:
    """Return whether the one who plays the customer between two phones handed the other on himself."""
    customer = story.customer
    return customer is not None and customer.is_inside and customer.interface == transfer.by


def is_given_on(story: Story) -> bool:
    """Return whether he who played the customer is gone, and the other still on the way to somebody."""
    last = story.record.transfers[-1] if story.record.transfers else None
    return last is not None and last.result is None and is_by_customer(story, last)


def done(book: Book, story: Story, transfer: Transfer, answered_by: str, at: datetime) -> None:
    """Take that a hand-over is complete."""
    transfer.result, transfer.completed_at, transfer.answered_by = "completed", at, answered_by
    book.say(
        story,
        events.CallTransferred,
        at,
        by=transfer.by,
        agent=transfer.agent,
        to=transfer.to,
        answered_by=answered_by,
        kind=transfer.kind,
    )


def _came_back(story: Story, at: datetime) -> Transfer | None:
    """Return the consultation that seemed to come to nothing: he came back with whom he had asked."""
    last = story.record.transfers[-1] if story.record.transfers else None
    if last is None or last.kind != "attended" or last.completed_at is None:
        return None
    if last.result == "completed" or at - last.completed_at >= SAID_WITHIN:
        return None
    last.result = last.completed_at = None
    return last


def _take_back_redirect(story: Story, exten: str, at: datetime) -> None:
    """The customer was seen to leave before his agent was said to have sent him: it was no third party."""
    last = story.record.transfers[-1] if story.record.transfers else None
    if last and last.kind == "redirect" and last.to == exten and at - last.started_at < SAID_WITHIN:
        story.record.transfers.pop()


def _number_of(target: Leg | None) -> str | None:
    if target is None:
        return None
    return target.dials if target.is_local else target.number or None


def _failed(result: str) -> bool:
    return result not in ("", "Success")


def _begin(
    book: Book,
    story: Story,
    by: str,
    at: datetime,
    *,
    kind: Literal["blind", "attended", "redirect"],
    to: str | None,
) -> Transfer:
    transfer = Transfer(kind=kind, by=by, agent=book.agent_at(by), to=to, started_at=at)
    story.record.transfers.append(transfer)
    book.say(story, events.TransferStarted, at, by=by, agent=transfer.agent, to=to, kind=kind)
    return transfer


def _go_on(book: Book, story: Story, transfer: Transfer, at: datetime, *, failed: bool = False) -> None:
    """The customer is given on: who gave him on is not who ends the call."""
    if failed:
        transfer.result, transfer.completed_at = "failed", at
        return
    story.asked_by = None
    book.change(story, at)


# --- consultations, which nobody tells


def consults(book: Book, leg: Leg, at: datetime) -> None:
    """See whether *leg*, just mixed with somebody, left his customer to ask somebody, or came back."""
    story, customer = leg.story, leg.story.customer
    if customer is None or leg is customer or leg.is_nobody or not leg.is_inside:
        return
    if story.consultation is not None:
        _comes_back(story, leg, customer, at)
        return
    asked = next((half for half in book.legs.mixed_in(leg.bridge) if half.is_local), None)
    if asked and leg.left and leg.left == customer.bridge and customer.hears_music:
        story.consultation = _begin(book, story, leg.interface, at, kind="attended", to=asked.dials)


def _comes_back(story: Story, leg: Leg, customer: Leg, at: datetime) -> None:
    consultation = story.consultation
    if consultation is None or consultation.by != leg.interface or leg.bridge != customer.bridge:
        return
    consultation.result = "failed" if _was_in_vain(story, consultation, at) else "cancelled"
    consultation.completed_at = at
    story.consultation = None


def _was_in_vain(story: Story, consultation: Transfer, at: datetime) -> bool:
    """Return whether who was asked did not pick up, as far as is said by now."""
    since = consultation.started_at - SAID_WITHIN  # the phone may ring before he is seen to have left
    asked = [each for each in story.record.attempts if each.started_at >= since]
    results = [offer.said for offer in story.offers.values()] + [each.result for each in asked]
    if any(result in IN_VAIN for result in results):
        return True
    rang_for = max((at - each.started_at for each in asked), default=timedelta())
    return rang_for >= LONG_ENOUGH and "answered" not in results


def settle_transfers(record: Call) -> None:
    """Say of each hand-over that is still open, or was told too early, what became of it."""
    for transfer in record.transfers:
        asked = [each.result for each in record.attempts if _was_meanwhile(each, transfer)]
        if transfer.result is None or (transfer.result == "cancelled" and REFUSED.intersection(asked)):
            transfer.result = "failed"


def _was_meanwhile(attempt: Attempt, transfer: Transfer) -> bool:
    since, until = transfer.started_at - SAID_WITHIN, transfer.completed_at
    return until is not None and since <= attempt.started_at <= until


# --- the customer is taken away


def redirected(book: Book, leg: Leg, exten: str, at: datetime) -> None:
    """See whether the customer leaves a bridge because a third party sent him to another extension."""
    story = leg.story
    if leg is not story.customer or leg.is_parked or not exten or not leg.exten or exten == leg.exten:
        return
    last = story.record.transfers[-1] if story.record.transfers else None
    if last is None or (last.result is not None and last.to != exten):
        _go_on(book, story, _begin(book, story, THE_EXCHANGE, at, kind="redirect", to=exten), at)
