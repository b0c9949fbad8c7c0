"""Legs that live and that we do not know: what the stream would have brought of them.

Each fact gets its likely instant (a leg's age, a caller's wait).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from ami_bridge.domain import ami
from ami_bridge.domain.births import DOWN, RING, RINGING, UP
from ami_bridge.domain.differences import BASIC, Listed, join, newstate
from ami_bridge.domain.keeping import kept_at
from ami_bridge.domain.story import Story, birth_order
from crm_core.domain.calls import seconds

WHOLE_SECONDS, RINGS_AT_MOST_S = 1.0, 60.0
"""How far off an adopted call's instants may be: ages come in whole seconds; a call that talks already was
answered some time after its youngest leg was born, and phones seldom ring for longer than a minute."""

Timed = tuple[datetime, ami.AmiEvent]
_ORDER: dict[type, int] = {
    ami.Newchannel: 0,
    ami.LocalBridge: 1,
    ami.Newstate: 2,
    ami.QueueCallerJoin: 3,
    ami.BridgeEnter: 4,
}


def facts_of(listed: Listed, unknown: Collection[str], now: datetime) -> Iterator[Timed]:
    """Yield what the stream would have said of the *unknown* legs, at its likely instants."""
    rows = sorted((listed.rows[one] for one in unknown), key=lambda row: birth_order(row.uniqueid))
    born = _births(rows, now)
    bridged = youngest_in(listed, born, now)
    for row in rows:
        at = born[row.uniqueid]
        yield at, _newchannel(row)
        if row.state in (RINGING, UP):
            yield at, newstate(row)
        if entry := listed.entries.get(row.uniqueid):
            joined = max(at, now - timedelta(seconds=entry.wait))
            # who is in a bridge by now was connected after he was listed
            yield min(joined, bridged[row.bridge]) if row.bridge else joined, join(entry)
        if not row.bridge and (place := kept_at(row.exten)):
            same = (born[one.uniqueid] for one in rows if one.linkedid == row.linkedid)
            yield from _kept(row, place, talked=max(same), now=now)
        if row.bridge:
            yield bridged[row.bridge], listed.enter(row)
            if listed.is_left_alone(row):  # no list tells of music
                yield now, ami.MusicOnHoldStart(uniqueid=row.uniqueid)
        if parked := listed.parked(row):
            yield now, parked
    for uniqueid, pair in listed.pairs():
        if halves := {uniqueid, pair.two} & born.keys():
            yield max(born[one] for one in halves), pair


def _kept(row: ami.ChannelRow, place: str, *, talked: datetime, now: datetime) -> Iterator[Timed]:
    """Yield that who is on hold by our doing talked before, for no list tells since when he is."""
    was_in = f"before the hold of {row.linkedid}"
    yield (
        talked,
        ami.BridgeEnter(
            uniqueid=row.uniqueid,
            linkedid=row.linkedid,
            channel=row.channel,
            bridge=was_in,
            bridge_type=BASIC,
        ),
    )
    yield now, ami.BridgeLeave(uniqueid=row.uniqueid, bridge=was_in, exten=place)


def in_order(facts: Iterator[Timed]) -> list[Timed]:
    """Return *facts* as the stream would have brought them."""
    return sorted(facts, key=lambda fact: (fact[0], _ORDER.get(type(fact[1]), len(_ORDER))))


def youngest_in(listed: Listed, born: dict[str, datetime], now: datetime) -> dict[str, datetime]:
    """Return for each bridge when the youngest of those legs in it that *born* tells of was born."""
    bridged: defaultdict[str, datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=now.tzinfo))
    for uniqueid, at in born.items():
        bridge = listed.rows[uniqueid].bridge
        bridged[bridge] = max(bridged[bridge], at)
    return bridged


def _births(rows: list[ami.ChannelRow], now: datetime) -> dict[str, datetime]:
    """Return when each leg was born; none before the oldest of its call."""
    born: dict[str, datetime] = {}
    oldest: dict[str, datetime] = {}
    for row in rows:
        at = now - timedelta(seconds=row.duration)
        born[row.uniqueid] = max(at, oldest.setdefault(row.linkedid or row.uniqueid, at))
    return born


def mark_adopted(story: Story, now: datetime) -> None:
    """Say in the record of a call that its times were told by the lists, and how exactly."""
    record = story.record
    record.source, record.precision_s = "adopted", WHOLE_SECONDS
    if record.answered_at is not None:
        since = seconds(record.answered_at, now)
        record.precision_s = max(WHOLE_SECONDS, min(RINGS_AT_MOST_S, since))
    story.moment(now)


def _newchannel(row: ami.ChannelRow) -> ami.Newchannel:
    is_first = row.uniqueid == (row.linkedid or row.uniqueid)
    digits = row.dnid or row.exten
    return ami.Newchannel(
        uniqueid=row.uniqueid,
        linkedid=row.linkedid,
        channel=row.channel,
        state=RING if is_first and row.state in (RING, UP) else DOWN,
        num=row.num,
        name=row.name,
        context=row.context,
        exten=digits if is_first and digits.lstrip("+").isdecimal() else "",
    )
