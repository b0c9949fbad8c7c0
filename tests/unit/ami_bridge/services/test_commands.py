"""Pause, ready, join and leave: believed when the exchange tells it, failed when it does not in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ami_bridge.bus import Bus
from ami_bridge.domain import ami
from ami_bridge.domain.errors import ActionRejectedError, AmiBridgeError, NoMemberError, NotConfirmedError
from ami_bridge.domain.events import AgentIntervened, AgentStateChanged, FloorEvent
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.services.commands import Presence

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
PHONE, LOCAL = "PJSIP/agent101", "Local/101@from-queue/n"
Do = Callable[[Presence], Awaitable[None]]


def member(
    queue: str = "sales", *, interface: str = PHONE, reason: str = "", **facts: object
) -> ami.QueueMember:
    return ami.QueueMember(
        queue=queue,
        interface=interface,
        state_interface=PHONE,
        dynamic=True,
        paused_reason=reason,
        paused=bool(reason),
        **facts,
    )


class Exchange:
    """An exchange whose events come when told: ``does`` after an action was taken, or never."""

    is_observed = False

    def __init__(self, *members: ami.QueueMember) -> None:
        self.bus, self.floor, self.heard = Bus(epoch="e"), Floor("main", inside=Inside(), read=str), []
        self.asked: list[str] = []
        self.is_mute = self.is_late = False
        self.fails: AmiBridgeError | None = None
        for one in members:
            self.floor.step(one, NOW)
        self.floor.step(ami.SeatTaken(interface=PHONE, agent="101"), NOW)
        self.presence = Presence(self.floor, self, bus=self.bus, now=lambda: NOW, within_s=0.05)
        self.bus.subscribe(self.presence.on_events)
        self.bus.subscribe(lambda batch: self.heard.extend(event for _, event in batch))

    def tells(self, *facts: ami.AmiEvent) -> None:
        if self.is_mute:
            return
        if self.is_late:
            asyncio.get_running_loop().call_soon(self.told, facts)
        else:
            self.told(facts)

    def told(self, facts: Sequence[ami.AmiEvent]) -> None:
        for fact in facts:
            self.bus.publish(self.floor.step(fact, NOW))
        self.bus.publish(self.floor.tick(NOW, is_heard=lambda _queue: self.presence.is_waiting))

    def takes(self, asked: str) -> None:
        self.asked.append(asked)
        if self.fails:
            raise self.fails

    async def pause(self, interface: str, *, is_paused: bool, reason: str = "") -> None:
        self.takes(f"pause {interface} {is_paused} {reason}")
        mine = [one for one in self.floor.memberships(PHONE) if one.interface == interface]
        self.tells(*(member(one.queue, interface=interface, reason=reason) for one in mine))

    async def join_queue(
        self, queue: str, interface: str, *, name: str, penalty: int, is_paused: bool
    ) -> None:
        self.takes(f"join {queue} {interface} {name} {penalty} {is_paused}")
        told = member(queue, interface=interface, penalty=penalty, reason="?" if is_paused else "")
        self.tells(told)

    async def leave_queue(self, queue: str, interface: str) -> None:
        self.takes(f"leave {queue} {interface}")
        self.tells(ami.QueueMemberRemoved(queue=queue, interface=interface))

    def states(self) -> list[tuple[str, str | None]]:
        changes = (event for event in self.heard if isinstance(event, AgentStateChanged))
        return [(event.state, event.reason) for event in changes]


def pause(reason: str = "lunch") -> Do:
    return lambda presence: presence.pause(PHONE, reason)


def ready(presence: Presence) -> Awaitable[None]:
    return presence.ready(PHONE)


def join(queue: str) -> Do:
    return lambda presence: presence.join(queue, PHONE, name="Ana")


def leave(queue: str) -> Do:
    return lambda presence: presence.leave(queue, PHONE)


@pytest.mark.parametrize(
    ("members", "does", "asked"),
    [
        pytest.param([member()], [pause()], [f"pause {PHONE} True lunch"], id="pause"),
        pytest.param(
            [member(), member("support")], [pause()], [f"pause {PHONE} True lunch"], id="one for all queues"
        ),
        pytest.param(
            [member(interface=LOCAL)], [pause()], [f"pause {LOCAL} True lunch"], id="behind a Local"
        ),
        pytest.param([member(reason="lunch")], [ready], [f"pause {PHONE} False "], id="ready"),
        pytest.param([], [join("sales")], [f"join sales {PHONE} Ana 0 False"], id="join"),
        pytest.param([member()], [join("sales")], [], id="a member already"),
        pytest.param(
            [member(reason="lunch")],
            [join("support")],
            [f"join support {PHONE} Ana 0 True", f"pause {PHONE} True lunch"],
            id="who is paused joins paused",
        ),
        pytest.param([member()], [leave("sales")], [f"leave sales {PHONE}"], id="leave"),
        pytest.param([], [leave("sales")], [], id="no member anyway"),
        pytest.param(
            [member(penalty=3)],
            [leave("sales"), join("sales")],
            [f"leave sales {PHONE}", f"join sales {PHONE} Ana 3 False"],
            id="the penalty is kept",
        ),
    ],
)
async def test_what_is_asked_and_confirmed(
    members: Iterable[ami.QueueMember], does: list[Do], asked: list[str]
) -> None:
    exchange = Exchange(*members)
    for do in does:
        await do(exchange.presence)
    assert exchange.asked == asked


async def test_the_state_follows_what_the_exchange_tells() -> None:
    exchange = Exchange(member())
    await exchange.presence.pause(PHONE, "lunch")
    await exchange.presence.ready(PHONE)
    assert exchange.states() == [("paused", "lunch"), ("ready", None)]


@pytest.mark.parametrize("do", [pause(), ready, join("support"), leave("sales")])
async def test_what_is_not_told_in_time_failed(do: Do) -> None:
    exchange = Exchange(member())
    exchange.is_mute = True
    with pytest.raises(NotConfirmedError, match=r"did not confirm within 0\.05 s: PJSIP/agent101 "):
        await do(exchange.presence)
    assert exchange.states() == []


@pytest.mark.parametrize("do", [pause(), ready, join("support"), leave("sales")])
async def test_what_is_told_after_the_answer_is_waited_for(do: Do) -> None:
    exchange = Exchange(member())
    exchange.is_late = True
    await do(exchange.presence)
    assert exchange.asked
    assert not exchange.presence.is_waiting


async def test_what_was_told_before_confirms_nothing() -> None:
    exchange = Exchange(member(reason="lunch"))
    exchange.is_mute = True
    with pytest.raises(NotConfirmedError):
        await exchange.presence.pause(PHONE, "lunch")


@pytest.mark.parametrize(
    ("members", "fails", "do"),
    [
        pytest.param([], None, pause(), id="in no queue"),
        pytest.param(
            [member()], ActionRejectedError("QueueRemove", "Not dynamic"), leave("sales"), id="refused"
        ),
    ],
)
async def test_what_cannot_be_raises(
    members: list[ami.QueueMember], fails: AmiBridgeError | None, do: Do
) -> None:
    exchange = Exchange(*members)
    exchange.fails = fails
    with pytest.raises(type(fails) if fails else NoMemberError):
        await do(exchange.presence)


async def test_another_exchange_confirms_nothing() -> None:
    exchange = Exchange(member())
    exchange.is_mute = True
    other = Floor("far", inside=Inside(), read=str)
    other.step(member(reason="lunch"), NOW)
    exchange.bus.publish(other.tick(NOW + timedelta(seconds=1)))
    with pytest.raises(NotConfirmedError):
        await exchange.presence.pause(PHONE, "lunch")


def test_who_steps_in_is_told() -> None:
    exchange = Exchange(member())
    exchange.presence.tell(agent="101", phone=PHONE, by="Eva", act="paused", reason="lunch")
    told: list[FloorEvent] = [event for event in exchange.heard if isinstance(event, AgentIntervened)]
    assert told == [
        AgentIntervened(
            pbx="main", at=NOW, agent="101", interface=PHONE, by="Eva", act="paused", reason="lunch"
        )
    ]
