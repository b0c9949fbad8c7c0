"""Actions upon queues and their members."""

from __future__ import annotations

from pbxsim.manager import items
from pbxsim.manager.action import Action, Asked, Perform
from pbxsim.world.exchange import Exchange
from pbxsim.world.queues import Member
from pbxsim.world.ringing import pause
from pbxsim.world.wire import clean, headers


def _members(world: Exchange, action: Action) -> list[Member]:
    interface, queue = action.get("interface"), action.get("queue")
    return [
        member
        for line in world.lines.values()
        if not queue or line.name == queue
        for member in line.members
        if member.device.name == interface
    ]


def _queue_add(asked: Asked) -> str:
    for needed in ("Queue", "Interface"):
        if not asked.get(needed):
            return asked.refused(f"'{needed}' not specified.")
    line, device = (
        asked.world.lines.get(asked.get("queue")),
        asked.world.devices.get(asked.get("interface")),
    )
    if line is None or device is None:
        return asked.refused("Unable to add interface to queue: No such queue")
    if any(member.device is device for member in line.members):
        return asked.refused("Unable to add interface: Already there")
    penalty = asked.get("penalty", "0")
    member = asked.world.enlist(
        line,
        device,
        title=clean(asked.get("membername")) or device.name,
        penalty=int(penalty) if penalty.isdigit() else 0,
        dynamic=True,
    )
    member.paused = asked.get("paused").lower() in {"true", "yes", "1"}
    state = headers(
        Device=f"Queue:{line.name}_pause_{device.name}", State="INUSE" if member.paused else "NOT_INUSE"
    )
    asked.world.tell("DeviceStateChange", state)
    asked.world.tell("QueueMemberAdded", member.told)
    asked.world.tell_free(line)
    return asked.done("Added interface to queue")


def _queue_remove(asked: Asked) -> str:
    for needed in ("Queue", "Interface"):
        if not asked.get(needed):
            return asked.refused("Need 'Queue' and 'Interface' parameters.")
    if asked.get("queue") not in asked.world.lines:
        return asked.refused("Unable to remove interface from queue: No such queue")
    members = _members(asked.world, asked)
    if not members:
        return asked.refused("Unable to remove interface: Not there")
    (member,) = members
    if not member.dynamic:
        return asked.refused("Member not dynamic")
    member.queue.members.remove(member)
    member.device.members.remove(member)
    asked.world.tell("QueueMemberRemoved", member.told)
    asked.world.tell_free(member.queue)
    return asked.done("Removed interface from queue")


def _queue_pause(asked: Asked) -> str:
    if not asked.get("interface") or not asked.get("paused"):
        return asked.refused("Need 'Interface' and 'Paused' parameters.")
    members = _members(asked.world, asked)
    if not members:
        return asked.refused("Interface not found")
    paused = asked.get("paused").lower() in {"true", "yes", "1"}
    for member in members:
        pause(asked.world, member, paused=paused, reason=clean(asked.get("reason")) if paused else "")
    return asked.done(f"Interface {'paused' if paused else 'unpaused'} successfully")


def _queue_penalty(asked: Asked) -> str:
    penalty, members = asked.get("penalty"), _members(asked.world, asked)
    if not asked.get("interface") or not penalty:
        return asked.refused("Need 'Interface' and 'Penalty' parameters.")
    if not members or not penalty.isdigit():
        return asked.refused("Invalid interface, queuename or penalty")
    for member in members:
        member.penalty = int(penalty)
        asked.world.tell("QueueMemberPenalty", member.told)
    return asked.done("Interface penalty set successfully")


def _queue_status(asked: Asked) -> str:
    found = items.queue_status(asked.world, asked.get("queue"), asked.get("member"))
    return asked.listing("Queue status will follow", found, last="QueueStatusComplete")


def _queue_summary(asked: Asked) -> str:
    found = items.queue_summary(asked.world, asked.get("queue"))
    return asked.listing("Queue summary will follow", found, last="QueueSummaryComplete")


ACTIONS: dict[str, Perform] = {
    "queueadd": _queue_add,
    "queueremove": _queue_remove,
    "queuepause": _queue_pause,
    "queuepenalty": _queue_penalty,
    "queuestatus": _queue_status,
    "queuesummary": _queue_summary,
}
