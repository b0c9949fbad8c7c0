"""A call that is made for somebody: his phone rings first, then the dialplan goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

from pbxsim.world import phone
from pbxsim.world.channel import Channel
from pbxsim.world.devices import Device
from pbxsim.world.dialplan import finish, run
from pbxsim.world.endings import PRESENTED, STATUS_OF_CAUSE, DialStatus, Ending
from pbxsim.world.exchange import AGENTS, TRUNK, Answered, Exchange, Gone, Refused, lane
from pbxsim.world.kernel import Lane
from pbxsim.world.talk import begin
from pbxsim.world.wire import UP, headers

_CALLER_ID = re.compile(r'\s*(?:"?([^"<]*?)"?\s*<([^>]*)>|(\S*))\s*')


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What Originate asks for. ``told`` are the headers that come back in OriginateResponse."""

    dial: str
    context: str = ""
    exten: str = ""
    priority: int = 1
    application: str = ""
    arguments: str = ""
    caller_id: str = ""
    timeout: float = 30.0
    variables: tuple[tuple[str, str], ...] = ()
    action_id: str = ""


def caller_id(text: str) -> tuple[str, str]:
    """Return number and name of ``"Name" <number>`` or of a bare number."""
    found = _CALLER_ID.fullmatch(text)
    if found is None:
        return "", ""
    name, number, bare = found.groups()
    return (number or bare or "", name or "")


def originate(world: Exchange, order: Order, done: Callable[[bool], None] | None = None) -> Channel | None:
    """Carry out an order and return its first leg, None when the phone cannot be called.

    The exchange answers with OriginateResponse, or (not async) by calling *done*.
    """
    tech_and_number = order.dial.partition("/")[2]
    number, at, trunk = tech_and_number.partition("@")
    device = world.devices.get(f"PJSIP/{trunk}" if at else order.dial)
    if device is None or not device.reachable:
        world.after(0.001, _respond, world, order, None, 0, done)
        return None
    leg = _first_leg(world, order, device, number if at else "")
    begin(world, leg, _ring(world, order, leg, done))
    return leg


def _first_leg(world: Exchange, order: Order, device: Device, number: str) -> Channel:
    context = TRUNK if number else AGENTS
    leg = world.birth(device, exten="s", context=context, num=device.extension, title=device.title)
    leg.application = ("AppDial2", "(Outgoing Line)")
    leg.variables.update(order.variables)
    num, title = caller_id(order.caller_id)
    if num:
        leg.num, leg.title = num, title or leg.title
        world.on("NewCallerid", leg, PRESENTED)
        leg.connected_num, leg.connected_title = num, title
        world.on("NewConnectedLine", leg)
    return leg


def _ring(
    world: Exchange, order: Order, leg: Channel, done: Callable[[bool], None] | None
) -> Generator[float | None, Any, None]:
    number = order.dial.partition("/")[2]
    world.tell("DialBegin", "", leg.cached + headers(DialString=number))
    route = next((each for each in world.config.routes if number.startswith(each.prefix)), None)
    manner = phone.manner_of(world, route.manners if route and "@" in number else leg.device.manners)
    if phone.rings(manner):
        world.together(*phone.ringing(world, leg, from_queue=False), [partial(_dial, world, leg, "RINGING")])
    phone.expect(world, leg, manner)
    deadline = world.now + order.timeout
    while True:
        letter = yield max(0.0, deadline - world.now)
        match letter:
            case Answered():
                yield from _picked_up(world, order, leg, done)
                return
            case Refused(_, cause, code):
                world.on("HangupRequest", leg, headers(Cause=cause, TechCause=code))
                _dial(world, leg, STATUS_OF_CAUSE.get(cause, "NOANSWER"))
                _respond(world, order, None, 0, done)
                world.together([world.death(leg, cause, code)])
                return
            case Gone():
                world.on("HangupRequest", leg)
                _respond(world, order, None, 0, done)
                world.together([world.death(leg, 16)])
                return
            case None if world.now >= deadline:
                _respond(world, order, None, 3, done)
                world.together([world.death(leg, 19, 480)])
                return


def _dial(world: Exchange, leg: Channel, status: DialStatus) -> None:
    world.tell("DialState" if status == "RINGING" else "DialEnd", "", leg.dest + headers(DialStatus=status))


def _picked_up(
    world: Exchange, order: Order, leg: Channel, done: Callable[[bool], None] | None
) -> Generator[float | None, Any, None]:
    def up() -> list[Lane]:
        world.into(leg, UP)()
        return [lane(partial(_dial, world, leg, "ANSWER")), *world.changed(leg.device)]

    world.together([up], [partial(_respond, world, order, leg, 4, done)])
    leg.goto(order.context, order.exten, order.priority)
    if not order.application:
        yield from run(world, leg)
        return
    world.newexten(leg, order.application, order.arguments)
    while True:
        letter = yield None
        if isinstance(letter, Gone):
            world.on("HangupRequest", leg)
            finish(world, leg, Ending(advance=0))
            return


def _respond(
    world: Exchange, order: Order, leg: Channel | None, reason: int, done: Callable[[bool], None] | None
) -> None:
    if done is not None:
        done(leg is not None)
        return
    num, title = caller_id(order.caller_id)
    where = (
        headers(Application=order.application, Data=order.arguments)
        if order.application
        else headers(Context=order.context, Exten=order.exten)
    )
    told = (
        (headers(ActionID=order.action_id) if order.action_id else "")
        + headers(Response="Success" if leg else "Failure", Channel=leg.name if leg else order.dial)
        + where
        + headers(
            Reason=reason,
            Uniqueid=leg.uniqueid if leg else "<unknown>",
            CallerIDNum=num or "<unknown>",
            CallerIDName=title or "<unknown>",
        )
    )
    world.tell("OriginateResponse", told)
