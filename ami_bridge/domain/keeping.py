"""Hold by us: where the rendered dialplan keeps two who talk, apart, until they are joined again.

One is sent to ``HELD`` and hears music, who holds him to ``HOLDING`` and hears nothing; each goes on at once
to another extension, so that who leaves a bridge for one of the two is put on hold in this moment. Nobody is
in a bridge meanwhile.
"""

from __future__ import annotations

from typing import NamedTuple

from ami_bridge.domain.legs import Leg, Legs
from ami_bridge.domain.story import Story

CONTEXT = "centralita-hold"
HELD, HOLDING = "centralita-held", "centralita-holding"
RESTS = {"centralita-held-music": HELD, "centralita-holding-silence": HOLDING}
"""Where who was sent there stays: this is what the exchange's lists say of him."""
WHERE = frozenset((HELD, HOLDING))
TWO = 2


def kept_at(exten: str) -> str:
    """Return at which of the two places somebody is, who is in no bridge, by his extension; "" at none."""
    return RESTS.get(exten, exten if exten in WHERE else "")


def kept_with(leg: Leg, story: Story) -> list[Leg]:
    """Return who else of the call is kept."""
    return [other for other in story.legs.values() if other.kept and other is not leg]


class Pair(NamedTuple):
    """The channels of two who talk to each other and nobody else, or whom we parted (``is_kept``)."""

    holder: str
    other: str
    is_kept: bool


def pair_of(story: Story, interface: str, legs: Legs) -> Pair | None:
    """Return who the one at *interface* could put on hold, or holds by our doing; None: nobody.

    There is nobody for who talks to several, through a Local channel, or has them on hold by his phone.
    """
    for leg in story.legs.values():
        if leg.interface != interface or leg.is_nobody:
            continue
        others = kept_with(leg, story) if leg.kept == HOLDING else _talks_with(leg, legs)
        if len(others) == 1:
            return Pair(leg.channel, others[0].channel, is_kept=leg.kept == HOLDING)
    return None


def _talks_with(leg: Leg, legs: Legs) -> list[Leg]:
    there = legs.mixed_in(leg.bridge)
    if len(there) > TWO or leg.bridge_type != "basic" or any(one.is_held or one.hears_music for one in there):
        return []
    return [other for other in there if other is not leg and not other.is_nobody]
