"""Who may hear which topic of the websocket, and the keys by which he hears it (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ami_bridge.ports import LiveFloor
from screenpop.identity import Identity
from screenpop.permissions import Permission
from screenpop.scope import Scope
from screenpop.snapshots import QUEUE, exchanges_shown, is_in_queue
from screenpop.teller import DESK, EVERYBODY, FLOOR, INCIDENTS, PARTS, parts_of, queue_key, seat_key

_TOPICS: Final = {
    DESK: Permission.USE_DESK,
    FLOOR: Permission.SEE_FLOOR,
    INCIDENTS: Permission.READ_INCIDENTS,
}
Floors = Mapping[str, LiveFloor]


def may_hear(who: Identity, topic: str, floors: Floors) -> bool:
    """Return whether *who* may hear *topic*: a queue also who is a member of it."""
    if wanted := _TOPICS.get(topic):
        return who.may(wanted)
    if not topic.startswith(QUEUE):
        return False
    if who.may(Permission.SEE_FLOOR) and _is_in(who.scope, topic.removeprefix(QUEUE), floors):
        return True
    return is_in_queue(who, topic.removeprefix(QUEUE), floors)


def keys_of(who: Identity, topics: Sequence[str], floors: Floors) -> frozenset[str]:
    """Return the keys by which *who* hears *topics*.

    Of the floor, who is confined hears the parts; of a queue, what happens at exchanges where it is his.
    """
    keys = {EVERYBODY, *topics}
    for topic in topics if who.scope.within is not None else ():
        if topic.startswith(QUEUE):
            name = topic.removeprefix(QUEUE)
            keys.remove(topic)
            keys |= {queue_key(name, pbx) for pbx in exchanges_shown(who, name, floors)}
    if FLOOR in topics and who.scope.within is not None:
        keys.remove(FLOOR)
        keys |= {PARTS, *parts_of(who.scope.within)}
    if DESK in topics and who.seat:
        keys.add(seat_key(who.seat))
    return frozenset(keys)


def _is_in(scope: Scope, queue: str, floors: Floors) -> bool:
    """Return whether the queue of this name is in *scope*, at each exchange that has one."""
    there = [pbx for pbx, floor in floors.items() if any(one.queue == queue for one in floor.queues())]
    return scope.is_everything or (bool(there) and all(scope.has_queue(pbx, queue) for pbx in there))
