"""Who calls: one caller, a script of callers, or random ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pbxsim.config import Load, Manner, weighted
from pbxsim.world.channel import Channel
from pbxsim.world.devices import Device
from pbxsim.world.dialplan import run
from pbxsim.world.exchange import AGENTS, TRUNK, Exchange
from pbxsim.world.originate import Order, originate
from pbxsim.world.talk import begin
from pbxsim.world.wire import RING, clean

CANCELLED = 487


def call_in(
    world: Exchange, *, to: str, number: str = "", name: str = "", hang_up_after: float | None = None
) -> Channel:
    """Somebody outside calls the number *to*; he hangs up after so many seconds from now, or never."""
    channel = world.birth(
        world.devices[f"PJSIP/{world.config.trunk}"],
        state=RING,
        num=clean(number),
        title=clean(name),
        context=TRUNK,
        exten=to,
        dnid=to,
    )
    return _begin(world, channel, hang_up_after)


def call_from(world: Exchange, device: Device, to: str, *, hang_up_after: float | None = None) -> Channel:
    """The person at a phone dials *to*."""
    channel = world.birth(
        device, state=RING, num=device.extension, title=device.title, context=AGENTS, exten=to, dnid=to
    )
    return _begin(world, channel, hang_up_after)


def _begin(world: Exchange, channel: Channel, hang_up_after: float | None) -> Channel:
    begin(world, channel, run(world, channel))
    world.after(0.001, _busy_line, world, channel)
    if hang_up_after is not None:
        world.after(hang_up_after, hang_up, world, channel)
    return channel


def _busy_line(world: Exchange, channel: Channel) -> None:
    world.together(*world.changed(channel.device))


def hang_up(world: Exchange, channel: Channel) -> None:
    """The caller hangs up: BYE, or CANCEL while nobody has answered."""
    if not channel.gone:
        world.post_gone(channel, code=CANCELLED if channel.state == RING else None)


@dataclass(slots=True)
class RandomCallers:
    """Calls at random times, as a Load has them; they go on until ``rate`` is 0."""

    world: Exchange
    load: Load
    rate: float

    def start(self) -> None:
        """Wait for the first call."""
        if self.rate > 0:
            self.world.after(self.world.chance.expovariate(self.rate), self._call)

    def _call(self) -> None:
        if self.rate <= 0:
            return
        self.world.after(self.world.chance.expovariate(self.rate), self._call)
        if len(self.world.channels) >= self.load.most_calls:
            return
        draw = self.world.chance.random()
        if draw < self.load.clicks:
            self._click()
        elif draw < self.load.clicks + self.load.internal:
            self._internal()
        else:
            self._inbound()

    def _who(self) -> tuple[str, str]:
        callers, chance = self.load.callers, self.world.chance
        if callable(callers):
            return callers(chance)
        return callers[int(chance.random() * len(callers))]

    def _inbound(self) -> None:
        world, chance = self.world, self.world.chance
        number, name = self._who()
        channel = call_in(world, to=weighted(self.load.dids, chance.random()), number=number, name=name)
        world.after(self.load.patience.draw(chance), self._lose_patience, channel)
        channel.talk = self._conversation

    def _lose_patience(self, channel: Channel) -> None:
        if channel.bridge is None:
            hang_up(self.world, channel)

    def _conversation(self, channel: Channel, leg: Channel) -> None:
        """Two begin to talk: one of them will end it."""
        chance = self.world.chance
        ends = leg if chance.random() < self.load.agent_ends else channel
        self.world.after(self.load.talk.draw(chance), self.world.post_gone, ends)

    def _free_phone(self) -> Device | None:
        free = [each for each in self.world.phones.values() if each.state == "NOT_INUSE"]
        return free[int(self.world.chance.random() * len(free))] if free else None

    def _internal(self) -> None:
        device, other = self._free_phone(), self._free_phone()
        if device is not None and other is not None and other is not device:
            channel = call_from(self.world, device, other.extension, hang_up_after=60.0)
            channel.talk = self._conversation

    def _click(self) -> None:
        device, (number, _) = self._free_phone(), self._who()
        if device is not None and any(number.startswith(each.prefix) for each in self.world.config.routes):
            order = Order(dial=device.name, context=AGENTS, exten=number, caller_id=number)
            leg = originate(self.world, order)
            if leg is not None:
                leg.talk = self._conversation


Script = list[tuple[float, Callable[[Exchange], object]]]
"""What happens when: seconds from now, and what is done to the exchange then."""


def play(world: Exchange, script: Script) -> None:
    """Let a script happen, from now on."""
    for at, do in script:
        world.after(at, do, world)


def manner(extension: str, how: Manner) -> Callable[[Exchange], None]:
    """Return the step of a script by which a phone takes calls in another manner from now on."""

    def change(world: Exchange) -> None:
        world.phones[extension].manners = ((1.0, how),)

    return change
