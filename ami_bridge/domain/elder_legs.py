"""The legs of an exchange before Asterisk 12: who is behind which uniqueid, and what lists say of them."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TypeVar

import msgspec

from ami_bridge.domain import ami
from ami_bridge.domain.births import DOWN, RINGING
from ami_bridge.domain.families import Families
from ami_bridge.domain.inside import is_local

Item = TypeVar("Item", ami.QueueEntry, ami.ParkedCall)


class ElderLegs:
    """What is remembered of one exchange, by the uniqueids and names of the wire.

    ``_who`` is behind a uniqueid when it is not who was born with it; ``_bridge`` is what it is linked by.
    ``_masked`` are the names of phones that are about to move. ``_doubtful`` are uniqueids that may have
    ended unheard: all that lived when the link was lost, and those that only a list has told of.
    """

    def __init__(self) -> None:
        self._families = Families()
        self._who: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._masked: dict[str, str] = {}
        self._bridge: dict[str, str] = {}
        self._dialled: dict[str, list[str]] = {}
        self._doubtful: set[str] = set()

    def link_lost(self) -> None:
        """Remember that whoever lives now may be gone, or elsewhere, when the exchange is heard again."""
        self._doubtful = set(self._names.values())

    def listed(self, snapshot: ami.Snapshot, now: datetime) -> ami.Snapshot:
        """Return what the exchange's lists mean: each leg by who is behind it, with its call and bridge."""
        rows = snapshot.channels
        if not self._families and all(row.linkedid for row in rows):
            return snapshot
        rows = _by_uniqueid(rows)
        for wire in self._doubtful - {row.uniqueid for row in rows}:
            self._forget(wire)
        for row in rows:
            self._adopt(row, now)
        for row in rows:
            deque(self._families.join(self._behind(row.uniqueid), self._behind(row.talks_with), now), 0)
        legs = tuple(map(self._retold_row, filter(self._is_told, rows)))
        bridges = dict.fromkeys(leg.bridge for leg in legs if leg.talks_with)
        return msgspec.structs.replace(
            snapshot,
            channels=legs,
            bridges=snapshot.bridges
            + tuple(ami.BridgeRow(bridge=one, bridge_type="basic") for one in bridges),
            entries=tuple(map(self._by_leg, snapshot.entries)),
            parked=tuple(map(self._by_leg, snapshot.parked)),
            untold=snapshot.untold - {"bridges"},
        )

    def _adopt(self, row: ami.ChannelRow, now: datetime) -> None:
        """Take a leg from the list; one that rings for we do not know whom is held as if it was born."""
        wire, leg = row.uniqueid, self._behind(row.uniqueid)
        self._names[row.channel] = wire
        if leg not in self._families:
            self._doubtful.add(wire)
            self._families.found(leg, is_told=row.state not in (DOWN, RINGING) and not is_local(row.channel))
            born = ami.Newchannel(uniqueid=leg, channel=row.channel, state=DOWN, num=row.num)
            for fact in (born, ami.Newstate(uniqueid=leg, state=row.state)):
                deque(self._families.say(leg, fact, now), 0)
        if wire in self._doubtful:  # what was heard of the others is newer than the list
            self._bridge.pop(wire, None)
            if row.talks_with:
                self._bridge[wire] = bridge_of(wire, row.talks_with)
        if (other := self._names.get(other_half(row.channel))) is not None:
            deque(self._families.join(leg, self._behind(other), now), 0)

    def _is_told(self, row: ami.ChannelRow) -> bool:
        return self._families.is_told(self._behind(row.uniqueid))

    def _retold_row(self, row: ami.ChannelRow) -> ami.ChannelRow:
        leg = self._behind(row.uniqueid)
        bridge = bridge_of(row.uniqueid, row.talks_with) if row.talks_with else row.bridge
        return msgspec.structs.replace(row, uniqueid=leg, linkedid=self._families.name_of(leg), bridge=bridge)

    def _by_leg(self, item: Item) -> Item:
        """Return an item of another list by the leg it is about, which it may tell by its name only."""
        wire = item.uniqueid or self._names.get(item.channel, "")
        return msgspec.structs.replace(item, uniqueid=self._behind(wire))

    def _behind(self, wire: str) -> str:
        """Return the leg that is behind a uniqueid of the wire now."""
        return self._who.get(wire, wire)

    def _forget(self, wire: str) -> None:
        """Let go of a leg that is over."""
        self._families.drop(self._behind(wire))
        self._doubtful.discard(wire)
        for by_wire in (self._who, self._bridge, self._dialled):
            by_wire.pop(wire, None)
        for by_name in (self._names, self._masked):
            for name in [name for name, one in by_name.items() if one == wire]:
                del by_name[name]


def _by_uniqueid(rows: tuple[ami.ChannelRow, ...]) -> tuple[ami.ChannelRow, ...]:
    """Return *rows* such that each says by its uniqueid whom it talks with; Asterisk 1.4 gives a name."""
    ids = {row.channel: row.uniqueid for row in rows}
    return tuple(
        msgspec.structs.replace(row, talks_with=ids.get(row.talks_with, row.talks_with)) for row in rows
    )


def bridge_of(one: str, two: str) -> str:
    """Return the name of the bridge that a linked pair stands for."""
    return "+".join(sorted((one, two)))


def other_half(channel: str) -> str:
    """Return the name of a Local channel's other half: ``;1`` of ``;2``, in Asterisk 1.4 ``,1`` of ``,2``."""
    if not is_local(channel) or channel[-2:] not in {";1", ";2", ",1", ",2"}:
        return ""
    return channel[:-1] + ("2" if channel.endswith("1") else "1")
