"""Which legs belong together, where the exchange does not say so: sets of legs, joined pair by pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from ami_bridge.domain import ami
from ami_bridge.domain.story import birth_order

HELD_AT_MOST = 200
Timed = tuple[ami.AmiEvent, datetime]


@dataclass(slots=True, eq=False)
class Family:
    """The legs of one call; ``name`` is its oldest uniqueid, of those known when it was told.

    Until something shows that it is a call of its own (``is_told``), what is said of its legs is held:
    a phone that rings may turn out to ring for a call that is known.
    """

    name: str
    is_told: bool
    legs: set[str] = field(default_factory=set)
    held: list[Timed] = field(default_factory=list)

    def hold(self, fact: ami.AmiEvent, at: datetime) -> None:
        """Keep a fact for later; of too many the last are lost."""
        if len(self.held) < HELD_AT_MOST:
            self.held.append((fact, at))

    def take_held(self) -> list[Timed]:
        """Return what was held, as the family is told from now on."""
        self.is_told = True
        held, self.held = self.held, []
        return held


class Families:
    """All families, found by each of their live legs."""

    def __init__(self) -> None:
        self._of: dict[str, Family] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def __contains__(self, leg: str) -> bool:
        return leg in self._of

    def name_of(self, leg: str) -> str:
        """Return the linkedid of a leg's call; its own uniqueid when it is in no family."""
        family = self._of.get(leg)
        return family.name if family else leg

    def is_told(self, leg: str) -> bool:
        """Return whether it is known whose call *leg* belongs to."""
        family = self._of.get(leg)
        return family is None or family.is_told

    def found(self, leg: str, *, is_told: bool) -> None:
        """Begin a family with *leg*, unless it is in one."""
        if leg not in self._of:
            self._of[leg] = Family(leg, is_told, {leg})

    def join(self, leg: str, other: str, at: datetime) -> Iterator[Timed]:
        """Take that two legs belong to one call; yield what was held of either."""
        one, two = self._of.get(leg), self._of.get(other)
        if one is None or two is None or one is two:
            return
        older, younger = sorted((one, two), key=lambda each: (not each.is_told, birth_order(each.name)))
        for each in younger.legs:
            self._of[each] = older
        older.legs |= younger.legs
        if one.is_told and two.is_told:
            yield ami.Relinked(uniqueid=leg if one is younger else other, linkedid=older.name), at
        elif not (one.is_told or two.is_told):
            older.held += younger.held
        else:
            held = older.take_held() + younger.take_held()
            yield from ((_of_family(older, fact), when) for fact, when in held)

    def tell(self, leg: str) -> Iterator[Timed]:
        """Take that the call of *leg* is one of its own; yield what was held of it."""
        family = self._of.get(leg)
        if family is not None and not family.is_told:
            yield from ((_of_family(family, fact), when) for fact, when in family.take_held())

    def say(self, leg: str, fact: ami.AmiEvent, at: datetime) -> Iterator[Timed]:
        """Yield a fact about *leg*, with its call's linkedid; hold it while it is open whose call that is."""
        family = self._of.get(leg)
        if family is None:
            yield fact, at
        elif family.is_told:
            yield _of_family(family, fact), at
        else:
            family.hold(fact, at)

    def drop(self, leg: str) -> None:
        """Forget a leg that is gone."""
        family = self._of.pop(leg, None)
        if family is not None:
            family.legs.discard(leg)


def _of_family(family: Family, fact: ami.AmiEvent) -> ami.AmiEvent:
    if isinstance(fact, ami.ChannelEvent):
        return msgspec.structs.replace(fact, linkedid=family.name)
    return fact
