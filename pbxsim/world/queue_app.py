"""The application Queue: wait, have agents rung, talk, leave."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from pbxsim.world import chatter, phone
from pbxsim.world.channel import Channel
from pbxsim.world.endings import App, Ending, dial_state
from pbxsim.world.exchange import AGENTS, Answered, Exchange, Gone, Moved, Refused, lane
from pbxsim.world.kernel import Lane, Step
from pbxsim.world.queues import Entry, Line, Member
from pbxsim.world.talk import By, conversation, join
from pbxsim.world.wire import RINGING, UP, headers

TURN_S = 1.0  # how often a caller who is not first looks whether somebody is free
COMPLETE_FIRST = 0.9  # the share of AgentComplete that comes before anybody has left the bridge


@dataclass(slots=True, eq=False)
class Call:
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


def queue(world: Exchange, channel: Channel, line: Line) -> App:
    """Wait in *line* until answered, hung up, refused or out of time."""
    world.newexten(channel, "Queue", f"{line.name},t,,,{line.settings.max_wait:.0f}")
    chatter.reset(world, channel)
    if refusal := line.refusal:
        return Ending(own=[partial(_say_left, world, channel, line, refusal)])
    priority = channel.variables.get("QUEUE_PRIO") or channel.variables.get("CENTRALITA_PRIORITY") or "0"
    entry = line.admit(channel, now=world.now, priority=int(priority) if priority.isdigit() else 0)
    if len(line.entries) == 1:
        tell_line(world, line, "RINGING")
    place = headers(Queue=line.name, Position=line.position(entry), Count=len(line.entries))
    world.on("QueueCallerJoin", channel, place)
    world.on("MusicOnHoldStart", channel, headers(Class="default"))
    call = Call(world, channel, line, entry, world.now + line.settings.max_wait)
    return (yield from _wait(call))


def tell_line(world: Exchange, line: Line, state: Literal["RINGING", "NOT_INUSE"]) -> None:
    """Tell that callers wait in a queue, or that none does."""
    world.tell("DeviceStateChange", headers(Device=f"Queue:{line.name}", State=state))


def _say_left(world: Exchange, channel: Channel, line: Line, status: str) -> None:
    """The dialplan behind Queue() says why the caller left it, for no event of Asterisk's does."""
    channel.priority += 1
    told = headers(UserEvent="Centralita", Kind="queue_left", Queue=line.name, Status=status)
    world.on("UserEvent", channel, told)


def _wait(call: Call) -> App:
    world, line = call.world, call.line
    while True:
        if world.now >= call.deadline:
            return _timed_out(call)
        pause = TURN_S
        if line.is_turn(call.entry, world.now):
            ending = yield from _try(call)
            if ending is not None:
                return ending
            pause = line.settings.retry
        until = min(world.now + pause, call.deadline)
        while world.now < until:
            letter = yield until - world.now
            match letter:
                case Gone(who) if who is call.channel:
                    return _abandoned(call, letter)
                case Moved(who) if who is call.channel:
                    return _withdrawn(call, letter)


def _try(call: Call) -> Generator[float | None, Any, Ending | None]:
    """Ring agents, one after another or all at once; None when nobody took the call."""
    world, line = call.world, call.line
    call.tried, call.legs = [], {}
    call.rung_at = world.now
    call.rings_until = min(world.now + line.settings.timeout, call.deadline)
    _ring(call)
    while call.legs:
        letter = yield max(0.0, call.rings_until - world.now)
        match letter:
            case Answered(who) if who in call.legs:
                return (yield from _answered(call, who))
            case Refused(who, cause, code) if who in call.legs:
                _refused(call, who, cause, code)
            case Gone(who) if who in call.legs:
                _refused(call, who, 21, 603)
            case Gone(who) if who is call.channel:
                return _abandoned(call, letter)
            case Moved(who) if who is call.channel:
                return _withdrawn(call, letter)
            case None if world.now >= call.rings_until:
                _rang_out(call)
    call.channel.dialled = False
    return None


def _ring(call: Call) -> None:
    """Ring whoever is next by the strategy."""
    world, line = call.world, call.line
    members = line.choose(world.now, tried=call.tried, last=call.last, chance=world.chance)
    if not members:
        return
    call.last = members[0]
    call.channel.dialled = True
    call.rung_at = world.now
    legs: list[tuple[Member, Channel, bool]] = []
    steps: Lane = []
    for member in members:
        call.tried.append(member)
        steps += [
            partial(_call_member, call, member, legs),
            partial(_called, call, legs),
            partial(_begin_dial, call, legs),
        ]
    if line.settings.strategy != "ringall":
        steps.append(partial(_connect_caller, call, legs))
    steps.append(
        lambda: [
            [partial(dial_state, world, call.channel, leg, "RINGING") for _, leg, rings in legs if rings]
        ]
    )
    world.together(steps)


def _call_member(call: Call, member: Member, legs: list[tuple[Member, Channel, bool]]) -> list[Lane]:
    world, channel, device = call.world, call.channel, member.device
    leg = world.birth(
        device, parent=channel, context=AGENTS, exten="s", num=device.extension, title=device.title
    )
    world.told_variables(leg, {"DIALEDPEERNUMBER": device.endpoint})
    call.legs[leg] = member
    leg.thread = channel.thread
    before = leg.dest
    leg.exten, leg.connected_num, leg.connected_title = channel.exten, channel.num, channel.title
    leg.cached = before
    leg.application = ("AppQueue", "(Outgoing Line)")
    manner = phone.manner_of(world, device.manners)
    rings = phone.rings(manner)
    legs.append((member, leg, rings))
    phone.expect(world, leg, manner)
    return phone.ringing(world, leg, from_queue=True) if rings else []


def _called(call: Call, legs: list[tuple[Member, Channel, bool]]) -> None:
    member, leg, _ = legs[-1]
    call.world.tell("AgentCalled", call.channel.told, call.told(member, leg))


def _begin_dial(call: Call, legs: list[tuple[Member, Channel, bool]]) -> None:
    member, leg, _ = legs[-1]
    call.world.tell("DialBegin", call.channel.told, leg.cached + headers(DialString=member.device.name))


def _connect_caller(call: Call, legs: list[tuple[Member, Channel, bool]]) -> None:
    call.world.connected(call.channel, legs[0][1])()


def _refused(call: Call, leg: Channel, cause: int, code: int) -> None:
    """A phone said no: the next one is rung at once."""
    world, member = call.world, call.legs.pop(leg)
    world.on("HangupRequest", leg, headers(Cause=cause, TechCause=code))
    late: Lane = [] if leg.state == RINGING else [world.step("NewConnectedLine", leg)]
    dial_state(world, call.channel, leg, "NOANSWER")
    rang = int(world.now - call.rung_at) * 1000
    world.tell("AgentRingNoAnswer", call.channel.told, call.told(member, leg, headers(RingTime=rang)))
    world.together([world.death(leg, cause, code)], late)
    if call.line.settings.strategy != "ringall" and world.now < call.rings_until:
        _ring(call)


def _rang_out(call: Call) -> None:
    """Nobody picked up in time."""
    world, legs = call.world, call.legs
    call.legs = {}
    rang = round((world.now - call.rung_at) * 1000)
    for leg, member in legs.items():
        world.tell("AgentRingNoAnswer", call.channel.told, call.told(member, leg, headers(RingTime=rang)))
        dial_state(world, call.channel, leg, "NOANSWER")
    for leg in legs:
        dial_state(world, call.channel, leg, "CANCEL")
    world.together(*([world.death(leg, 0)] for leg in legs))
    if call.line.settings.autopause:
        for member in legs.values():
            pause(world, member, paused=True, reason="Auto-Pause")


def pause(world: Exchange, member: Member, *, paused: bool, reason: str) -> None:
    """Pause a member of a queue, or lift it: QueueMemberPause, changed or not."""
    device = headers(
        Device=f"Queue:{member.queue.name}_pause_{member.device.name}",
        State="INUSE" if paused else "NOT_INUSE",
    )
    world.tell("DeviceStateChange", device)
    member.paused, member.reason = paused, reason
    if paused:
        member.last_pause = int(world.now)
    world.tell("QueueMemberPause", member.told)
    world.tell_free(member.queue)


def _leave_line(call: Call) -> None:
    """The caller is in the line no more: QueueCallerLeave."""
    line, place = call.line, call.line.position(call.entry)
    line.entries.remove(call.entry)
    call.channel.dialled = False
    if not line.entries:
        tell_line(call.world, line, "NOT_INUSE")
    told = headers(Queue=line.name, Position=place, Count=len(line.entries))
    call.world.on("QueueCallerLeave", call.channel, told)


def _given_up(call: Call) -> None:
    line = call.line
    line.abandoned += 1
    told = headers(
        Queue=line.name,
        Position=line.position(call.entry),
        OriginalPosition=call.entry.original_position,
        HoldTime=call.waited,
    )
    call.world.on("QueueCallerAbandon", call.channel, told)


def _abandoned(call: Call, gone: Gone) -> Ending:
    world, channel = call.world, call.channel
    world.on("HangupRequest", channel, gone.headers)
    own = lane(world.step("MusicOnHoldStop", channel), *_cancel(call))
    own += [partial(_given_up, call), partial(_leave_line, call)]
    return Ending(own=own, cause=0, advance=0)


def _cancel(call: Call) -> list[Step]:
    """Return how the ringing of all phones ends because the caller is no longer there."""
    world, channel, legs = call.world, call.channel, list(call.legs)
    steps: list[Step] = [partial(dial_state, world, channel, leg, "CANCEL") for leg in legs]
    for leg in legs:
        steps.append(partial(dial_state, world, channel, leg, "CANCEL"))
        steps.append(partial(_let_die, world, leg, 0))
    call.legs = {}
    return steps


def _let_die(world: Exchange, leg: Channel, cause: int) -> list[Lane]:
    return [[world.death(leg, cause)]]


def _withdrawn(call: Call, moved: Moved) -> Ending:
    """The caller was sent elsewhere while he waited."""
    own = lane(call.world.step("MusicOnHoldStop", call.channel), *_cancel(call), partial(_leave_line, call))
    return Ending(own=own, moved=moved)


def _timed_out(call: Call) -> Ending:
    world, channel = call.world, call.channel
    own = lane(partial(_given_up, call), world.step("MusicOnHoldStop", channel), partial(_leave_line, call))
    return Ending(own=[*own, partial(_say_left, world, channel, call.line, "TIMEOUT")])


def _answered(call: Call, leg: Channel) -> App:
    world, member = call.world, call.legs.pop(leg)
    waited, rang = call.waited, int(world.now - call.rung_at)

    def up() -> list[Lane]:
        world.into(leg, UP)()
        return [_connect_lane(call, leg, member, waited=waited, rang=rang), *world.changed(leg.device)]

    world.together([up])
    answered_at = world.now
    return (yield from _talk(call, leg, member, waited=waited, answered_at=answered_at))


def _connect_lane(call: Call, leg: Channel, member: Member, *, waited: int, rang: int) -> Lane:
    world, channel = call.world, call.channel
    losers = list(call.legs)
    steps: Lane = [partial(dial_state, world, channel, leg, "ANSWER")]
    steps += [partial(dial_state, world, channel, each, "CANCEL") for each in losers]
    if call.line.settings.strategy == "ringall":
        steps.append(world.connected(channel, leg))
    for each in losers:
        steps.append(partial(dial_state, world, channel, each, "CANCEL"))
        steps.append(partial(_let_die, world, each, 26))
    call.legs = {}

    def connect() -> None:
        call.line.answered(waited)
        member.in_call = True
        world.told_variables(
            channel, {"QUEUEPOSITION": "1", "QUEUEWAIT": str(waited), "QUEUEWAIT_MS": str(waited * 1000)}
        )
        told = call.told(member, leg, headers(HoldTime=waited, RingTime=rang))
        world.tell("AgentConnect", channel.told, told)

    steps += [
        world.step("MusicOnHoldStop", channel),
        partial(_leave_line, call),
        connect,
        partial(join, world, leg, channel),
    ]
    return steps


def _talk(call: Call, leg: Channel, member: Member, *, waited: int, answered_at: float) -> App:
    world, channel = call.world, call.channel
    told = False

    def complete(by: By) -> None:
        nonlocal told
        if told:
            return
        told = True
        talked = int(world.now) - int(answered_at)
        words = headers(HoldTime=waited, TalkTime=talked, Reason="caller" if by == "redirect" else by)
        # It comes from a thread of its own, which finds no snapshot of a leg that is gone.
        told_of = "" if channel.gone else channel.told
        there = not leg.gone and by != "redirect"
        world.tell("AgentComplete", told_of, call.told(member, leg, words, fresh=there))

    def end(by: By) -> None:
        """The figures are new with the agent's leg gone; AgentComplete comes about now, as chance has it."""
        member.calls += 1
        member.last_call = int(world.now)
        member.in_call = False
        call.line.talked(int(world.now) - int(answered_at))
        if world.chance.random() < COMPLETE_FIRST:
            complete(by)

    channel.completes = complete
    parting = yield from conversation(world, channel, leg, soon=end)
    by = parting.by
    ending = Ending(parting.own, parting.others, advance=0, moved=parting.moved, alone=parting.alone)
    if parting.moved is not None:
        member.calls, member.last_call, member.in_call = member.calls + 1, int(world.now), False
        call.line.talked(int(world.now) - int(answered_at))
    if by == "redirect":
        channel.at_end.append(partial(complete, by))
    elif by == "transfer" and parting.moved is not None:
        ending.own.append(partial(complete, by))
    else:
        ending.others.append([partial(complete, by)])
    return ending
