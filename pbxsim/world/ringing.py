"""Phones are rung for a caller in a queue: whose turn it is, and what is told when nobody picks up."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from pbxsim.world import phone
from pbxsim.world.channel import Channel
from pbxsim.world.endings import dial_state
from pbxsim.world.exchange import AGENTS, Exchange
from pbxsim.world.kernel import Lane
from pbxsim.world.queues import Member
from pbxsim.world.visit import Visit
from pbxsim.world.wire import RINGING, headers


class Rung(NamedTuple):
    """A phone that is called; one that refuses at once never ``rings``."""

    member: Member
    leg: Channel
    rings: bool


def ring(visit: Visit) -> None:
    """Ring whoever is next by the strategy."""
    world, line = visit.world, visit.line
    members = line.choose(world.now, tried=visit.tried, last=visit.last, chance=world.chance)
    if not members:
        return
    visit.last = members[0]
    visit.channel.dialled = True
    visit.rung_at = world.now
    legs: list[Rung] = []
    steps: Lane = []
    for member in members:
        visit.tried.append(member)
        steps += [
            partial(_call_member, visit, member, legs),
            partial(_called, visit, legs),
            partial(_begin_dial, visit, legs),
        ]
    if line.settings.strategy != "ringall":
        steps.append(partial(_connect_caller, visit, legs))
    steps.append(partial(_say_ringing, visit, legs))
    world.together(steps)


def _call_member(visit: Visit, member: Member, legs: list[Rung]) -> list[Lane]:
    world, channel, device = visit.world, visit.channel, member.device
    leg = world.birth(
        device, parent=channel, context=AGENTS, exten="s", num=device.extension, title=device.title
    )
    world.told_variables(leg, {"DIALEDPEERNUMBER": device.endpoint})
    visit.legs[leg] = member
    leg.thread = channel.thread
    before = leg.dest
    leg.exten, leg.connected_num, leg.connected_title = channel.exten, channel.num, channel.title
    leg.cached = before
    leg.application = ("AppQueue", "(Outgoing Line)")
    manner = phone.manner_of(world, device.manners)
    rings = phone.rings(manner)
    legs.append(Rung(member, leg, rings))
    phone.expect(world, leg, manner)
    return phone.ringing(world, leg, from_queue=True) if rings else []


def _called(visit: Visit, legs: list[Rung]) -> None:
    member, leg, _ = legs[-1]
    visit.world.tell("AgentCalled", visit.channel.told, visit.told(member, leg))


def _begin_dial(visit: Visit, legs: list[Rung]) -> None:
    member, leg, _ = legs[-1]
    visit.world.tell("DialBegin", visit.channel.told, leg.cached + headers(DialString=member.device.name))


def _connect_caller(visit: Visit, legs: list[Rung]) -> None:
    visit.world.connected(visit.channel, legs[0].leg)()


def _say_ringing(visit: Visit, legs: list[Rung]) -> list[Lane]:
    return [
        [partial(dial_state, visit.world, visit.channel, each.leg, "RINGING") for each in legs if each.rings]
    ]


def refused(visit: Visit, leg: Channel, cause: int, code: int) -> None:
    """A phone said no: the next one is rung at once."""
    world, member = visit.world, visit.legs.pop(leg)
    world.on("HangupRequest", leg, headers(Cause=cause, TechCause=code))
    late: Lane = [] if leg.state == RINGING else [world.step("NewConnectedLine", leg)]
    dial_state(world, visit.channel, leg, "NOANSWER")
    rang = int(world.now - visit.rung_at) * 1000
    world.tell("AgentRingNoAnswer", visit.channel.told, visit.told(member, leg, headers(RingTime=rang)))
    world.together([world.death(leg, cause, code)], late)
    if visit.line.settings.strategy != "ringall" and world.now < visit.rings_until:
        ring(visit)


def rang_out(visit: Visit) -> None:
    """Nobody picked up in time."""
    world, legs = visit.world, visit.legs
    visit.legs = {}
    rang = round((world.now - visit.rung_at) * 1000)
    for leg, member in legs.items():
        world.tell("AgentRingNoAnswer", visit.channel.told, visit.told(member, leg, headers(RingTime=rang)))
        dial_state(world, visit.channel, leg, "NOANSWER")
    for leg in legs:
        dial_state(world, visit.channel, leg, "CANCEL")
    world.together(*([world.death(leg, 0)] for leg in legs))
    if visit.line.settings.autopause:
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
