"""What happens to a call: the extensions and what they run.

The contexts are those of Centralita's own dialplan: ``from-trunk`` for our numbers, ``centralita-queue``
for the waiting lines, ``from-agents`` for what agents dial.
"""

from __future__ import annotations

from pbxsim.config import Did, Route
from pbxsim.world import chatter
from pbxsim.world.agi import ask_service
from pbxsim.world.channel import Channel
from pbxsim.world.dial_app import dial
from pbxsim.world.endings import PRESENTED, App, Ending
from pbxsim.world.exchange import AGENTS, QUEUES, TRUNK, Exchange, Gone, Moved, lane
from pbxsim.world.kernel import Flow
from pbxsim.world.queue_app import queue
from pbxsim.world.talk import begin
from pbxsim.world.wire import UP, headers

ANSWER_S = 0.5  # Answer() waits so long for media


def run(world: Exchange, channel: Channel) -> Flow:
    """Run a leg through the dialplan from where it is to its end; this is the leg's thread."""
    while True:
        ending: Ending = yield from _extension(world, channel)
        if ending.moved is None:
            break
        world.together(ending.own, *ending.others)
        channel.goto(ending.moved.context, ending.moved.exten, ending.moved.priority)
    finish(world, channel, ending)
    if ending.alone is not None:
        begin(world, ending.alone.channel, run(world, ending.alone.channel))


def finish(world: Exchange, channel: Channel, ending: Ending) -> None:
    """End a leg after its last application."""

    def advance() -> None:
        channel.priority += ending.advance
        if ending.advance:
            world.newexten(channel, "Hangup")

    soft = headers(Cause=16) + (headers(TechCause=ending.soft_code) if ending.soft_code else "")
    world.together(
        lane(
            *ending.own,
            advance,
            world.step("SoftHangupRequest", channel, soft),
            world.death(channel, ending.cause, ending.code),
        ),
        *ending.others,
    )


def _extension(world: Exchange, channel: Channel) -> App:
    config, exten = world.config, channel.exten
    if channel.context == TRUNK:
        did = next((each for each in config.dids if each.number == exten), None)
        if did is not None:
            return (yield from _number(world, channel, did))
    if channel.context in {TRUNK, QUEUES} and exten in world.lines:
        return (yield from _into_queue(world, channel, exten))
    if channel.context == AGENTS and exten in world.phones:
        return (yield from dial(world, channel, world.phones[exten], limit=30.0))
    route = next((each for each in config.routes if exten.startswith(each.prefix)), None)
    if channel.context == AGENTS and route is not None:
        return (yield from _outside(world, channel, route))
    return Ending(advance=0)


def _number(world: Exchange, channel: Channel, did: Did) -> App:
    """One of our numbers is called."""
    chatter.route(world, channel, did.number)
    kind, _, name = did.to.partition(":")
    taken = yield from ask_service(world, channel, did.number)
    if taken is not None:
        return _taken_away(world, channel, taken)
    channel.priority = 3
    if kind == "phone":
        return (yield from dial(world, channel, world.phones[name], limit=did.ring_for))
    wanted = channel.variables.get("CENTRALITA_QUEUE", "")
    name = wanted if wanted in world.lines else name
    world.newexten(channel, "Goto", f"{QUEUES},{name},1")
    channel.goto(QUEUES, name)
    return (yield from _into_queue(world, channel, name))


def _taken_away(world: Exchange, channel: Channel, letter: Gone | Moved) -> Ending:
    """Return how it goes on with a caller who hung up, or was sent elsewhere, while nothing was going on."""
    if isinstance(letter, Moved):
        return Ending(moved=letter)
    world.on("HangupRequest", channel, letter.headers)
    up = channel.state == UP
    return Ending(advance=0, cause=0 if up else 127, code=None if up else 487)


def _into_queue(world: Exchange, channel: Channel, name: str) -> App:
    if channel.state != UP:
        world.newexten(channel, "Answer")
        world.together(lane(world.into(channel, UP)), *world.changed(channel.device))
        deadline = world.now + ANSWER_S
        while world.now < deadline:
            letter = yield deadline - world.now
            if isinstance(letter, Gone | Moved):
                return _taken_away(world, channel, letter)
    channel.priority += 1
    return (yield from queue(world, channel, world.lines[name]))


def _outside(world: Exchange, channel: Channel, route: Route) -> App:
    """An agent's leg dials a number outside."""
    if route.caller_id:
        world.newexten(channel, "Set", f"CALLERID(all)={route.caller_id}")
        channel.num, channel.title = route.caller_id, ""
        world.on("NewCallerid", channel, PRESENTED)
    channel.priority = 2
    trunk = world.devices[f"PJSIP/{route.trunk}"]
    return (yield from dial(world, channel, trunk, limit=route.ring_for, route=route))
