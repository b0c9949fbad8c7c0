"""Two legs in a bridge, and the ways in which they part."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from pbxsim.world import chatter, phone
from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Exchange, Gone, Moved
from pbxsim.world.kernel import Lane

By = Literal["caller", "agent", "transfer", "redirect"]


@dataclass(slots=True)
class Parting:
    """How two parted: by whom, what the caller's leg still does, what others do beside it.

    ``moved``: the caller's leg goes on there; ``alone``: the agent's.
    """

    by: By
    own: Lane = field(default_factory=list)
    others: list[Lane] = field(default_factory=list)
    moved: Moved | None = None
    alone: Moved | None = None


def join(world: Exchange, *channels: Channel) -> None:
    """Put legs into a new bridge, in this order."""
    bridge = world.bridge()
    for each in channels:
        world.enter(bridge, each)
    chatter.joined(world, channels)


def conversation(
    world: Exchange,
    channel: Channel,
    leg: Channel,
    *,
    asked: str = "",
    soon: Callable[[By], object] = str,
) -> Generator[float | None, Any, Parting]:
    """Wait until one of two has gone or was sent elsewhere.

    *asked* are the headers of a HangupRequest; *soon* is told by whom they part before anybody leaves.
    """
    if channel.talk is not None:
        channel.talk(channel, leg)
    while True:
        letter = yield None
        match letter:
            case Gone(who) if who is channel:
                world.on("HangupRequest", channel, letter.headers or asked)
                chatter.parted(world, channel, leg)
                soon("caller")
                return Parting("caller", own=[partial(_leave_first, world, channel, leg)])
            case Gone(who) if who is leg:
                world.on("HangupRequest", leg, letter.headers or asked)
                chatter.parted(world, channel, leg)
                soon("agent")
                phone.released(world, channel)
                world.leave(leg)
                return Parting("agent", [partial(world.leave, channel)], [[world.death(leg)]])
            case Moved(who) if who is channel:
                return _sent_on(world, channel, leg, letter)
            case Moved(who) if who is leg:
                soon("transfer")
                return _left_behind(world, channel, leg, letter)


def _leave_first(world: Exchange, first: Channel, second: Channel) -> list[Lane]:
    phone.released(world, first)
    world.leave(first)
    return [[partial(world.leave, second), world.death(second)]]


def _sent_on(world: Exchange, channel: Channel, leg: Channel, moved: Moved) -> Parting:
    """The caller's leg goes on elsewhere; the agent's ends."""
    phone.released(world, channel)
    if moved.by is None:
        world.leave(channel)
        others: list[Lane] = [[partial(world.leave, leg), world.death(leg)]]
        return Parting("redirect", [], others, moved)
    world.leave(leg)
    channel.goto(moved.context, moved.exten, moved.priority)
    return Parting("transfer", [partial(world.leave, channel)], [[world.death(leg)]], moved)


def _left_behind(world: Exchange, channel: Channel, leg: Channel, moved: Moved) -> Parting:
    """The agent's leg goes on elsewhere; the caller's ends."""
    leg.goto(moved.context, moved.exten, moved.priority)
    world.leave(channel)
    return Parting("transfer", [], [[partial(world.leave, leg)]], alone=moved)


def begin(world: Exchange, channel: Channel, flow: Generator[float | None, Any, None]) -> None:
    """Start the thread of a leg: what happens to the leg is told to it."""
    channel.thread = world.thread(flow)
