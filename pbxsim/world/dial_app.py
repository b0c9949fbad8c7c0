"""The application Dial: ring one device, join it, talk."""

from __future__ import annotations

from functools import partial

from pbxsim.config import Route
from pbxsim.world import phone
from pbxsim.world.channel import Channel
from pbxsim.world.devices import Device
from pbxsim.world.endings import PRESENTED, STATUS_OF_CAUSE, App, Ending, dial_state
from pbxsim.world.exchange import AGENTS, TRUNK, Answered, Exchange, Gone, Moved, Refused, lane
from pbxsim.world.kernel import Lane
from pbxsim.world.talk import conversation, join
from pbxsim.world.wire import UP, headers


def dial(
    world: Exchange, channel: Channel, device: Device, *, limit: float, route: Route | None = None
) -> App:
    """Dial(): ring one device for at most *limit* seconds and join the two."""
    number = f"{channel.exten}@{device.endpoint}" if route else device.endpoint
    world.newexten(channel, "Dial", f"PJSIP/{number},{limit:.0f},t")
    if not device.reachable:
        return Ending(cause=3, code=404)
    leg = _call(world, channel, device, route)
    manner = phone.manner_of(world, route.manners if route else device.manners)
    world.tell("DialBegin", channel.told, leg.cached + headers(DialString=number))
    caller = lane(None if route else world.connected(channel, leg))
    if phone.rings(manner):
        caller.append(partial(dial_state, world, channel, leg, "RINGING"))
        world.together(caller, *phone.ringing(world, leg, from_queue=False), *world.changed(channel.device))
    else:
        world.together(caller)
    phone.expect(world, leg, manner)
    return (yield from _ring(world, channel, leg, deadline=world.now + limit))


def _call(world: Exchange, channel: Channel, device: Device, route: Route | None) -> Channel:
    """The called leg is born, and learns who calls."""
    place = {"context": TRUNK} if route else {"context": AGENTS}
    who = {} if route else {"num": device.extension, "title": device.title}
    leg = world.birth(device, parent=channel, exten="s", **place, **who)
    leg.thread = channel.thread
    leg.exten = channel.exten
    leg.application = ("AppDial", "(Outgoing Line)")
    if route:
        leg.num, leg.connected_num, leg.connected_title = channel.exten, channel.num, channel.title
        world.on("NewCallerid", leg, PRESENTED)
    world.connected(leg, channel)()
    return leg


def _ring(world: Exchange, channel: Channel, leg: Channel, *, deadline: float) -> App:
    while True:
        letter = yield max(0.0, deadline - world.now)
        match letter:
            case Answered(who) if who is leg:
                return (yield from _joined(world, channel, leg))
            case Refused(who, cause, code) if who is leg:
                return _refused(world, channel, leg, cause, code)
            case Gone(who) if who is leg:
                return _refused(world, channel, leg, 21, 603)
            case Gone(who) if who is channel:
                return _cancelled(world, channel, leg, letter)
            case Moved(who) if who is channel:
                dial_state(world, channel, leg, "CANCEL")
                return Ending(others=[[world.death(leg, 0)]], moved=letter)
            case None if world.now >= deadline:
                dial_state(world, channel, leg, "NOANSWER")
                return Ending(others=[[world.death(leg, 0)]])


def _refused(world: Exchange, channel: Channel, leg: Channel, cause: int, code: int) -> Ending:
    world.on("HangupRequest", leg, headers(Cause=cause, TechCause=code))
    dial_state(world, channel, leg, STATUS_OF_CAUSE.get(cause, "NOANSWER"))
    back = {603: 403}.get(code, code)
    return Ending(others=[[world.death(leg, cause, code)]], cause=cause, code=back)


def _cancelled(world: Exchange, channel: Channel, leg: Channel, gone: Gone) -> Ending:
    world.on("HangupRequest", channel, gone.headers)
    dial_state(world, channel, leg, "CANCEL")
    if gone.cause is None:
        return Ending(others=[[world.death(leg, 0)]], advance=0)
    return Ending(
        others=[[world.death(leg, gone.cause, 500)]], cause=gone.cause, code=487, soft_code=487, advance=0
    )


def _joined(world: Exchange, channel: Channel, leg: Channel) -> App:
    """The called side picked up: both enter a bridge and talk."""

    def up() -> list[Lane]:
        world.into(leg, UP)()
        leg.exten = ""
        caller = lane(
            partial(dial_state, world, channel, leg, "ANSWER"),
            world.into(channel, UP) if channel.state != UP else None,
            partial(join, world, leg, channel),
        )
        return [caller, *world.changed(leg.device)]

    world.together([up])
    parting = yield from conversation(world, channel, leg, asked=headers(Cause=16))
    return Ending(parting.own, parting.others, advance=0, moved=parting.moved, alone=parting.alone)
