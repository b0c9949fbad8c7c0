"""What the person at a phone does: let it ring, pick up, refuse, hold, transfer, hang up."""

from __future__ import annotations

from pbxsim.config import Manner, Manners, weighted
from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Answered, Exchange, Moved, Refused
from pbxsim.world.kernel import Lane
from pbxsim.world.wire import RINGING, UP, headers

CODES = {"busy": (17, 486), "rejects": (21, 603), "fails": (34, 503)}


def manner_of(world: Exchange, manners: Manners) -> Manner:
    """Return one of the manners by its weight."""
    return weighted(manners, world.chance.random())


def rings(manner: Manner) -> bool:
    """Return whether a phone in this manner rings at all."""
    return manner.takes not in CODES or manner.after.high > 0


def ringing(world: Exchange, channel: Channel, *, from_queue: bool) -> list[Lane]:
    """Return how it is told that a phone rings."""

    def told() -> list[Lane]:
        world.into(channel, RINGING)()
        return world.changed(channel.device)

    again = world.step("NewConnectedLine", channel)
    return [[told, again] if from_queue else [told]]


def expect(world: Exchange, channel: Channel, manner: Manner) -> None:
    """Let the person at the phone react to the ringing, in time."""
    if manner.takes == "ignores":
        return
    do = pick_up if manner.takes == "answers" else _refuse
    world.after(manner.after.draw(world.chance), do, world, channel, manner)


def pick_up(world: Exchange, channel: Channel, manner: Manner) -> None:
    """Answer; then do in the call what the manner says."""
    if channel.gone or channel.state == UP or channel.thread is None:
        return
    world.post(channel.thread, Answered(channel))
    world.after(0.0, _in_call, world, channel, manner)


def _refuse(world: Exchange, channel: Channel, manner: Manner) -> None:
    refuse(world, channel, *CODES[manner.takes])


def refuse(world: Exchange, channel: Channel, cause: int, code: int) -> None:
    """Say no."""
    if not channel.gone and channel.state != UP and channel.thread is not None:
        world.post(channel.thread, Refused(channel, cause, code))


def _in_call(world: Exchange, channel: Channel, manner: Manner) -> None:
    chance, at = world.chance, 0.0
    if manner.hold_after is not None:
        at += manner.hold_after.draw(chance)
        world.after(at, hold, world, channel)
        at += manner.hold_for.draw(chance)
        world.after(at, take_back, world, channel)
    if manner.transfer_after is not None:
        at += manner.transfer_after.draw(chance)
        world.after(at, transfer, world, channel, "from-agents", manner.transfer_to)
    elif manner.hang_up_after is not None:
        at += manner.hang_up_after.draw(chance)
        world.after(at, world.post_gone, channel)


def hold(world: Exchange, channel: Channel) -> None:
    """Put the other side on hold."""
    other = channel.bridge.other(channel) if channel.bridge else None
    if other is None or other.held:
        return
    other.held = True
    world.on("Hold", channel, headers(MusicClass="default"))
    world.together(
        [world.step("MusicOnHoldStart", other, headers(Class="default"))], *world.changed(other.device)
    )


def take_back(world: Exchange, channel: Channel) -> None:
    """Take the other side back from hold."""
    other = channel.bridge.other(channel) if channel.bridge else None
    if other is None or not other.held:
        return
    world.on("Unhold", channel)
    released(world, other)
    world.together(*world.changed(other.device))


def released(world: Exchange, channel: Channel) -> None:
    """Stop the music that a leg on hold hears."""
    if channel.held:
        channel.held = False
        world.on("MusicOnHoldStop", channel)


def transfer(world: Exchange, channel: Channel, context: str, exten: str) -> bool:
    """Send the other side elsewhere without asking (REFER, or BlindTransfer); False when there is none."""
    other = channel.bridge.other(channel) if channel.bridge else None
    if other is None or channel.gone or channel.thread is None or channel.bridge is None:
        return False
    world.on("Unhold", channel)
    told = (
        "Result: Success\r\n"
        + channel.prefixed("Transferer")
        + other.prefixed("Transferee")
        + channel.bridge.told
        + headers(IsExternal="Yes", Context=context, Extension=exten)
    )
    world.tell("BlindTransfer", told)
    channel.bridge.technology = "simple_bridge"
    world.post(channel.thread, Moved(other, context, exten, by=channel))
    return True
