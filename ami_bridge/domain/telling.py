"""What a call's legs mean: in which segment the customer and each agent are now.

The order of the rules is that of the contract: hold, park, conference, talk; in a queue ring while a
phone rings, else wait; outside a queue ring while a phone is dialled; setup before the customer of an
outbound call is on the line; else ivr.
"""

from __future__ import annotations

from typing import NamedTuple

from ami_bridge.domain.legs import PARKING, Leg, Legs
from ami_bridge.domain.story import Story
from crm_core.domain.calls import SegmentKind

CONFERENCE_PARTIES = 2


class Told(NamedTuple):
    """A party's place: the kind of segment, with whom, in which queue."""

    kind: SegmentKind
    with_: tuple[str, ...] = ()
    queue: str | None = None


def customer_now(story: Story, legs: Legs) -> Told | None:
    """Return where the customer is; None while he is between two things (alone in a bridge)."""
    customer, visit = story.customer, story.visit
    if customer is None:
        return Told("setup")
    if customer.is_parked or customer.bridge_type == PARKING:
        return Told("park")
    if customer.bridge:
        others = legs.heard_by(customer)
        if customer.hears_music or any(other.is_held for other in others):
            return Told("hold", _names(others))
        if len(others) >= CONFERENCE_PARTIES:
            return Told("conference", _names(others))
        if others:
            return Told("talk", _names(others))
        if visit is None and not story.offers:
            return None
    if story.record.direction == "outbound" and story.record.answered_at is None:
        return Told("ring" if customer.interface in story.offers else "setup")
    if visit is not None:
        return Told("ring" if story.rings() else "wait", queue=visit.queue)
    if story.rings():
        return Told("ring")
    return Told("ivr")


def inside_now(leg: Leg, story: Story, legs: Legs) -> Told | None:
    """Return where the agent behind *leg* is; None when in nothing that counts."""
    if not leg.bridge:
        offer = story.offers.get(leg.interface)
        return Told("ring") if offer and not offer.is_answered and offer.attempt.result is None else None
    customer = story.customer
    others = legs.heard_by(leg)
    if customer is not None and customer in others:
        if customer.hears_music or leg.is_held:
            return Told("hold", _names(others))
        return Told("conference" if len(others) >= CONFERENCE_PARTIES else "talk", _names(others))
    return Told("consult", _names(others)) if others else None


def party_name(leg: Leg) -> str:
    """Return how *leg* is named as somebody's partner: the device inside, ``tel:`` and the number outside."""
    if leg.is_inside:
        return leg.interface
    if leg.story.customer is leg:
        return "customer"
    return f"tel:{leg.number or leg.interface}"


def _names(others: list[Leg]) -> tuple[str, ...]:
    if len(others) == 1:
        return (party_name(others[0]),)
    return tuple(sorted({party_name(other) for other in others}))
