"""What a call's legs mean: in which segment the customer and each agent are now.

The order of the rules is that of the contract: hold, park, conference, talk; in a queue ring while a
phone rings, else wait; outside a queue ring while a phone is dialled; setup before the customer of an
outbound call is on the line; else ivr.
"""

from __future__ import annotations

from typing import NamedTuple

from ami_bridge.domain.keeping import kept_with
from ami_bridge.domain.legs import PARKING, Leg, Legs
from ami_bridge.domain.story import Story
from crm_core.domain.calls import CUSTOMER, SegmentKind

OTHERS_IN_CONFERENCE = 2


class Told(NamedTuple):
    """A party's place: the kind of segment, with whom, in which queue."""

    kind: SegmentKind
    with_: tuple[str, ...] = ()
    queue: str | None = None


def customer_now(story: Story, legs: Legs) -> Told:
    """Return where the customer is."""
    customer, visit = story.customer, story.visit
    if customer is None:
        return _SETUP
    if told := _in_bridge(customer, story, legs) if customer.bridge else _kept(customer, story):
        return told
    if customer.is_parked:
        return _PARK
    if visit is not None:
        return Told("ring" if story.rings() else "wait", queue=visit.queue)
    if story.record.direction == "outbound" and story.record.answered_at is None:
        return _RING if customer.interface in story.offers else _SETUP
    on_his_own = _VOICEMAIL if story.is_in_voicemail else _IVR
    return _RING if story.rings() else on_his_own


def _kept(leg: Leg, story: Story) -> Told | None:
    """Return that who is in no bridge is on hold by our doing; None when he is not."""
    return Told("hold", names(kept_with(leg, story), story)) if leg.kept else None


def _in_bridge(customer: Leg, story: Story, legs: Legs) -> Told | None:
    """Return where a customer in a bridge is; None when he is alone there without music."""
    others = legs.heard_by(customer)
    if others:
        return Told(_mixed(customer, others), names(others, story))
    if customer.bridge_type == PARKING:
        return _PARK
    return _HOLD if customer.hears_music and customer.bridge_type in _TWO_PARTY else None


def _mixed(customer: Leg, others: list[Leg]) -> SegmentKind:
    if customer.hears_music or any(other.is_held for other in others):
        return "hold"
    return "conference" if len(others) >= OTHERS_IN_CONFERENCE else "talk"


def inside_now(leg: Leg, story: Story, legs: Legs) -> Told | None:
    """Return where the party behind *leg*, who is not the customer, is; None when in nothing that counts."""
    if told := _kept(leg, story):
        return told
    if not leg.bridge:
        offer = story.offers.get(leg.interface)
        return _RING if offer is not None and not offer.is_answered else None
    others = legs.heard_by(leg)
    customer = story.customer
    if customer is not None and customer in others:
        if customer.hears_music or leg.is_held:
            return Told("hold", names(others, story))
        return Told("conference" if len(others) >= OTHERS_IN_CONFERENCE else "talk", names(others, story))
    if others:
        return Told("consult", names(others, story))
    asks = (
        customer is not None
        and customer.bridge
        and customer.hears_music
        and any(half.is_local for half in legs.mixed_in(leg.bridge))
    )
    return _CONSULT if asks else None


def party_of(leg: Leg, story: Story) -> str:
    """Return how *leg* is named in *story*: "customer", the device inside, or ``tel:`` and the number."""
    if leg.is_inside:
        return leg.interface
    if leg is story.customer:
        return CUSTOMER
    return f"tel:{leg.number or leg.interface}"


def names(others: list[Leg], story: Story) -> tuple[str, ...]:
    """Return how *others* are named as partners, each once."""
    if len(others) == 1:
        return (party_of(others[0], story),)
    return tuple(sorted({party_of(other, story) for other in others}))


_SETUP, _PARK, _RING, _IVR, _HOLD = Told("setup"), Told("park"), Told("ring"), Told("ivr"), Told("hold")
_CONSULT, _VOICEMAIL = Told("consult"), Told("voicemail")
_TWO_PARTY = ("", "basic")
