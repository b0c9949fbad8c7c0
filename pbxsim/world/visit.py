"""One caller in a queue, and the ways in which he leaves it unanswered."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from pbxsim.world.channel import Channel
from pbxsim.world.endings import Ending, dial_state
from pbxsim.world.exchange import Exchange, Gone, Moved, lane
from pbxsim.world.kernel import Lane, Step
from pbxsim.world.queues import Entry, Line, Member
from pbxsim.world.wire import headers


@dataclass(slots=True, eq=False)
class Visit:
    """One visit of a caller to a queue; ``last`` was rung for him last."""

    world: Exchange
    channel: Channel
    line: Line
    entry: Entry
    deadline: float
    legs: dict[Channel, Member] = field(default_factory=dict)
    tried: list[Member] = field(default_factory=list)
    rung_at: float = 0.0
    rings_until: float = 0.0
    last: Member | None = None

    def told(self, member: Member, leg: Channel, more: str = "", *, fresh: bool = True) -> str:
        """Return the headers of an event about one ringing, behind the caller's."""
        dest = leg.dest if fresh else ""
        who = headers(Queue=self.line.name, Interface=member.device.name, MemberName=member.title)
        return dest + who + more

    @property
    def waited(self) -> int:
        """Whole seconds since the caller came."""
        return int(self.world.now) - int(self.entry.joined_at)


def tell_line(world: Exchange, line: Line, state: Literal["RINGING", "NOT_INUSE"]) -> None:
    """Tell that callers wait in a queue, or that none does."""
    world.tell("DeviceStateChange", headers(Device=f"Queue:{line.name}", State=state))


def say_left(world: Exchange, channel: Channel, line: Line, status: str) -> None:
    """The dialplan behind Queue() says why the caller left it, for no event of Asterisk's does."""
    channel.priority += 1
    told = headers(UserEvent="Centralita", Kind="queue_left", Queue=line.name, Status=status)
    world.on("UserEvent", channel, told)


def leave_line(visit: Visit) -> None:
    """The caller is in the line no more: QueueCallerLeave."""
    line, place = visit.line, visit.line.position(visit.entry)
    line.entries.remove(visit.entry)
    visit.channel.dialled = False
    if not line.entries:
        tell_line(visit.world, line, "NOT_INUSE")
    told = headers(Queue=line.name, Position=place, Count=len(line.entries))
    visit.world.on("QueueCallerLeave", visit.channel, told)


def _give_up(visit: Visit) -> None:
    line = visit.line
    line.abandoned += 1
    told = headers(
        Queue=line.name,
        Position=line.position(visit.entry),
        OriginalPosition=visit.entry.original_position,
        HoldTime=visit.waited,
    )
    visit.world.on("QueueCallerAbandon", visit.channel, told)


def abandoned(visit: Visit, gone: Gone) -> Ending:
    """The caller hung up while he waited."""
    world, channel = visit.world, visit.channel
    world.on("HangupRequest", channel, gone.headers)
    own = lane(world.step("MusicOnHoldStop", channel), *_cancel(visit))
    own += [partial(_give_up, visit), partial(leave_line, visit)]
    return Ending(own=own, cause=0, advance=0)


def _cancel(visit: Visit) -> list[Step]:
    """Return how the ringing of all phones ends because the caller is no longer there."""
    world, channel, legs = visit.world, visit.channel, list(visit.legs)
    steps: list[Step] = [partial(dial_state, world, channel, leg, "CANCEL") for leg in legs]
    for leg in legs:
        steps.append(partial(dial_state, world, channel, leg, "CANCEL"))
        steps.append(partial(let_die, world, leg, 0))
    visit.legs = {}
    return steps


def let_die(world: Exchange, leg: Channel, cause: int) -> list[Lane]:
    """A phone rings no more; its end is told beside what goes on."""
    return [[world.death(leg, cause)]]


def withdrawn(visit: Visit, moved: Moved) -> Ending:
    """The caller was sent elsewhere while he waited."""
    own = lane(
        visit.world.step("MusicOnHoldStop", visit.channel), *_cancel(visit), partial(leave_line, visit)
    )
    return Ending(own=own, moved=moved)


def timed_out(visit: Visit) -> Ending:
    """The caller waited as long as the queue lets him: told as an abandon, by a leg that nobody hung up."""
    world, channel = visit.world, visit.channel
    own = lane(partial(_give_up, visit), world.step("MusicOnHoldStop", channel), partial(leave_line, visit))
    return Ending(own=[*own, partial(say_left, world, channel, visit.line, "TIMEOUT")])
