"""Legs and bridges: who exists, and who hears whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ami_bridge.domain.inside import interface_of, is_local, is_nobody

if TYPE_CHECKING:
    from ami_bridge.domain.story import Story

PARKING = "parking"


@dataclass(slots=True, eq=False)
class Leg:
    """One channel, from its birth to its Hangup.

    ``is_ours``: nobody called and nobody was called, the exchange itself began with this leg (an Originate).
    ``is_nobody``: no person is behind it (half of a Local pair, the announcer of a conference).
    ``asked_to_end``: the far end hung up, at ``asked_at``. ``cause`` is what its end said, or announced.
    ``left`` is the bridge it was in before, ``exten`` where the dialplan had it when it was mixed, ``called``
    what its caller dialled. ``kept``: it is on hold by our doing, and at which place (``keeping``).
    """

    uniqueid: str
    channel: str
    story: Story
    born_at: datetime
    interface: str = ""
    number: str = ""
    is_nobody: bool = False
    is_local: bool = False
    is_inside: bool = False
    is_caller: bool = False
    is_ours: bool = False
    is_up: bool = False
    was_bridged: bool = False
    is_held: bool = False
    hears_music: bool = False
    is_parked: bool = False
    asked_to_end: bool = False
    asked_at: datetime | None = None
    cause: int | None = None
    bridge: str = ""
    bridge_type: str = ""
    left: str = ""
    exten: str = ""
    called: str = ""
    other_half: str = ""
    kept: str = ""

    def __post_init__(self) -> None:
        self.interface = interface_of(self.channel)
        self.is_local = is_local(self.channel)
        self.is_nobody = is_nobody(self.channel)

    @property
    def dials(self) -> str | None:
        """Return what a Local channel was made to dial: ``Local/102@from-agents-00000001;1`` dials 102."""
        return self.channel.partition("/")[2].partition("@")[0] or None if self.is_local else None


class Legs:
    """All live legs of one exchange, by uniqueid, and the bridges they are in."""

    def __init__(self) -> None:
        self.by_id: dict[str, Leg] = {}
        self.bridges: dict[str, dict[str, Leg]] = {}
        self._at: dict[str, dict[str, Leg]] = {}

    def add(self, leg: Leg) -> None:
        """Take a new leg."""
        self.by_id[leg.uniqueid] = leg
        self._at.setdefault(leg.interface, {})[leg.uniqueid] = leg

    def at(self, interface: str) -> list[Leg]:
        """Return the live legs of a device."""
        return list(self._at.get(interface, {}).values())

    def rename(self, leg: Leg, channel: str) -> None:
        """Give *leg* another channel name, and so perhaps another device."""
        leg.channel = channel
        self.move(leg, interface_of(channel))

    def move(self, leg: Leg, interface: str) -> None:
        """Let *leg* count for the device *interface*."""
        self._leave_device(leg)
        leg.interface = interface
        self._at.setdefault(interface, {})[leg.uniqueid] = leg

    def drop(self, leg: Leg) -> None:
        """Forget a leg that hung up."""
        self.leave(leg)
        self._leave_device(leg)
        self.by_id.pop(leg.uniqueid, None)
        if other := self.by_id.get(leg.other_half):
            other.other_half = ""

    def _leave_device(self, leg: Leg) -> None:
        there = self._at.get(leg.interface, {})
        there.pop(leg.uniqueid, None)
        if not there:
            self._at.pop(leg.interface, None)

    def enter(self, leg: Leg, bridge: str, bridge_type: str) -> None:
        """Put *leg* into *bridge*, out of the one it was in."""
        if leg.bridge != bridge:
            self.leave(leg)
        leg.bridge, leg.bridge_type = bridge, bridge_type
        self.bridges.setdefault(bridge, {})[leg.uniqueid] = leg

    def leave(self, leg: Leg, bridge: str = "") -> None:
        """Take *leg* out of its bridge (out of *bridge* only, when that is given)."""
        if not leg.bridge or (bridge and bridge != leg.bridge):
            return
        there = self.bridges[leg.bridge]
        del there[leg.uniqueid]
        if not there:
            del self.bridges[leg.bridge]
        leg.left = leg.bridge
        leg.bridge = leg.bridge_type = ""

    def heard_by(self, leg: Leg) -> list[Leg]:
        """Return the other people that *leg* is mixed with, Local pairs seen through."""
        if not leg.bridge or leg.bridge_type == PARKING:
            return []
        there = self.bridges[leg.bridge]
        if len(there) == 2 and not any(other.is_nobody for other in there.values()):  # noqa: PLR2004 - a pair
            return [other for other in there.values() if other is not leg]
        return [other for other in self._mixed_with(leg) if not other.is_nobody]

    def mixed_in(self, bridge: str) -> list[Leg]:
        """Return the legs in *bridge*."""
        return list(self.bridges.get(bridge, {}).values())

    def stories_around(self, leg: Leg) -> list[Story]:
        """Return the story of *leg* and of everybody it is mixed with, each once."""
        stories = [leg.story]
        if leg.bridge:
            for other in self._mixed_with(leg):
                if other.story not in stories:
                    stories.append(other.story)
        return stories

    def _mixed_with(self, leg: Leg) -> Iterator[Leg]:
        seen, todo = {leg.uniqueid}, [leg]
        while todo:
            one = todo.pop()
            near = list(self.bridges[one.bridge].values()) if one.bridge else []
            if one.is_local and (half := self.by_id.get(one.other_half)):
                near.append(half)
            for other in near:
                if other.uniqueid not in seen:
                    seen.add(other.uniqueid)
                    todo.append(other)
                    yield other
