"""The application Queue: wait, have agents rung, talk, leave."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

from pbxsim.world import chatter
from pbxsim.world.channel import Channel
from pbxsim.world.endings import App, Ending
from pbxsim.world.exchange import Answered, Exchange, Gone, Moved, Refused
from pbxsim.world.queue_talk import answered
from pbxsim.world.queues import Line
from pbxsim.world.ringing import rang_out, refused, ring
from pbxsim.world.visit import Visit, abandoned, say_left, tell_line, timed_out, withdrawn
from pbxsim.world.wire import headers

TURN_S = 1.0  # how often a caller who is not first looks whether somebody is free


def queue(world: Exchange, channel: Channel, line: Line) -> App:
    """Wait in *line* until answered, hung up, refused or out of time."""
    world.newexten(channel, "Queue", f"{line.name},t,,,{line.settings.max_wait:.0f}")
    chatter.reset(world, channel)
    if refusal := line.refusal:
        return Ending(own=[partial(say_left, world, channel, line, refusal)])
    priority = channel.variables.get("QUEUE_PRIO") or channel.variables.get("CENTRALITA_PRIORITY") or "0"
    entry = line.admit(channel, now=world.now, priority=int(priority) if priority.isdigit() else 0)
    if len(line.entries) == 1:
        tell_line(world, line, "RINGING")
    place = headers(Queue=line.name, Position=line.position(entry), Count=len(line.entries))
    world.on("QueueCallerJoin", channel, place)
    world.on("MusicOnHoldStart", channel, headers(Class="default"))
    visit = Visit(world, channel, line, entry, world.now + line.settings.max_wait)
    return (yield from _wait(visit))


def _wait(visit: Visit) -> App:
    world, line = visit.world, visit.line
    while True:
        if world.now >= visit.deadline:
            return timed_out(visit)
        pause = TURN_S
        if line.is_turn(visit.entry, world.now):
            ending = yield from _try(visit)
            if ending is not None:
                return ending
            pause = line.settings.retry
        until = min(world.now + pause, visit.deadline)
        while world.now < until:
            letter = yield until - world.now
            match letter:
                case Gone(who) if who is visit.channel:
                    return abandoned(visit, letter)
                case Moved(who) if who is visit.channel:
                    return withdrawn(visit, letter)


def _try(visit: Visit) -> Generator[float | None, Any, Ending | None]:
    """Ring agents, one after another or all at once; None when nobody took the visit."""
    world, line = visit.world, visit.line
    visit.tried, visit.legs = [], {}
    visit.rung_at = world.now
    visit.rings_until = min(world.now + line.settings.timeout, visit.deadline)
    ring(visit)
    while visit.legs:
        letter = yield max(0.0, visit.rings_until - world.now)
        match letter:
            case Answered(who) if who in visit.legs:
                return (yield from answered(visit, who))
            case Refused(who, cause, code) if who in visit.legs:
                refused(visit, who, cause, code)
            case Gone(who) if who in visit.legs:
                refused(visit, who, 21, 603)
            case Gone(who) if who is visit.channel:
                return abandoned(visit, letter)
            case Moved(who) if who is visit.channel:
                return withdrawn(visit, letter)
            case None if world.now >= visit.rings_until:
                rang_out(visit)
    visit.channel.dialled = False
    return None
