"""Pause, ready, join and leave on a real Asterisk: confirmed by its events, failed within 2 s without."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from lab.desk import Message
from lab.floor import SECRETS, Desk, Floor
from lab.live import Bridge, bridge
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.service import on_exchange

from ami_bridge.bus import Bus
from ami_bridge.domain.ami import QueueMember
from ami_bridge.domain.errors import ActionRejectedError, NotConfirmedError, ObserveOnlyError
from ami_bridge.domain.events import AgentStateChanged, PbxResynced
from ami_bridge.services.commands import Presence
from ami_bridge.wire.client import AmiSettings

pytestmark = pytest.mark.asterisk


@dataclass
class Seat:
    """A phone of the lab, with the commands of who sits there."""

    running: Bridge
    presence: Presence
    phone: str

    def member(self, queue: str) -> QueueMember | None:
        mine = self.running.live.memberships(self.phone)
        return next((one for one in mine if one.queue == queue), None)


def settings_of(asterisk: Asterisk, user: str = "bridge") -> AmiSettings:
    return AmiSettings(host=asterisk.host, port=asterisk.ami_port, user=user, secret=SECRETS[user])


async def seated(running: Bridge, place: Desk) -> Seat:
    """Take the place's first phone, in step with the exchange."""
    await running.until(PbxResynced)
    phone = place.phones[0]
    presence = Presence(running.live, running.control, bus=Bus(epoch="p"), now=lambda: datetime.now(UTC))
    running.bus.subscribe(presence.on_events)
    running.live.take_seat(interface=phone.interface, agent=phone.extension)
    return Seat(running, presence, phone.interface)


async def test_a_pause_and_its_end_are_confirmed(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as place:
        async with bridge(settings_of(asterisk)) as running:
            seat = await seated(running, place)
            await seat.presence.pause(seat.phone, "lunch")
            told = seat.member(place.queue.name)
            assert told is not None
            assert (told.paused, told.paused_reason) == (True, "lunch")
            shown = await asyncio.to_thread(asterisk.cli, f"queue show {place.queue.name}")
            assert "paused:lunch" in shown
            await seat.presence.ready(seat.phone)
    states = [event for event in running.happened if isinstance(event, AgentStateChanged)]
    assert [(one.state, one.reason) for one in states if one.interface == seat.phone][-2:] == [
        ("paused", "lunch"),
        ("unreachable", None),  # no phone is registered there
    ]


async def test_another_queue_is_joined_and_left(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as place, lab_floor.desk() as other:
        async with bridge(settings_of(asterisk)) as running:
            seat, queue = await seated(running, place), other.queue.name
            await seat.presence.pause(seat.phone, "training")
            await seat.presence.join(queue, seat.phone, name="Ana Ruiz")
            told = seat.member(queue)
            assert told is not None
            assert (told.member, told.dynamic) == ("Ana Ruiz", True)
            assert (told.paused, told.paused_reason) == (True, "training")
            await seat.presence.leave(queue, seat.phone)
            assert seat.member(queue) is None
            await seat.presence.ready(seat.phone)


async def test_a_member_of_the_configuration_cannot_leave(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as place:
        async with bridge(settings_of(asterisk)) as running:
            seat = await seated(running, place)
            with pytest.raises(ActionRejectedError):
                await seat.presence.leave(place.queue.name, seat.phone)


async def test_a_pause_outlives_us(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as place:
        async with bridge(settings_of(asterisk)) as running:
            seat = await seated(running, place)
            await seat.presence.pause(seat.phone, "lunch")
        async with bridge(settings_of(asterisk)) as again:
            seat = await seated(again, place)
            (agent,) = again.live.agents()
            assert (agent.state, agent.reason) == ("paused", "lunch")
            await seat.presence.ready(seat.phone)


async def test_a_shift_of_pauses_and_a_supervisor_over_rest(asterisk: Asterisk, lab_floor: Floor) -> None:
    """Paused, nobody rings; made ready, the call comes; a pause during it follows it; signed out."""
    loop = asyncio.get_running_loop()
    with lab_floor.desk() as place:
        phone_of_ana = place.phones[0]
        whom = {"pbx": "main", "interface": phone_of_ana.interface, "agent": phone_of_ana.extension}
        async with (
            on_exchange(asterisk) as house,
            house.desk("ana", phone_of_ana) as ana,
            house.desk("eva", None, "floor", role="supervisor") as eva,
            phone(asterisk, phone_of_ana, Answers(after=0.3)),
        ):
            since = loop.time()
            now = await ana.put("/presence", {"state": "paused", "reason": "break"})
            assert loop.time() - since < 1.0
            assert (now["state"], now["reason"]) == ("paused", "break")
            async with caller(asterisk, place.did, number="957212000", hang_up_after=3) as line:
                await eva.until(lambda m: told(m, "call.queued", queue=place.queue.name))
                await asyncio.sleep(1.5)  # longer than the queue needs to ring somebody
                assert not any(one.message["op"] == "screen_pop" for one in ana.heard)
                await eva.post("/interventions", whom | {"act": "unpause"}, status=200)
                await ana.until(lambda m: told(m, "agent.intervened", by="Eva", act="unpaused"))
                pop = await ana.pop("+34957212000")
                await ana.until(lambda m: told(m, "agent.state_changed", state="talking"))
                now = await ana.put("/presence", {"state": "paused", "reason": "lunch"})
                assert (now["state"], now["wished"]) == ("talking", "lunch")
                await line.ended()
            await ana.until(lambda m: told(m, "agent.state_changed", state="paused", reason="lunch"))
            assert (await ana.get(f"/calls/{pop.message['call']['id']}"))["outcome"] == "answered"
            await eva.post("/interventions", whom | {"act": "log_out"}, status=200)
            async with asyncio.timeout(5):
                await ana.closed.wait()
            assert ana.close_code == 4009
            shown = await asyncio.to_thread(asterisk.cli, f"queue show {place.queue.name}")
            assert "paused:logged_out" in shown
            await asyncio.to_thread(asterisk.cli, f"queue unpause member {phone_of_ana.interface}")


def told(message: Message, event: str, **facts: object) -> bool:
    """Return whether *message* tells an *event* with these facts."""
    said = message.get("event") or {}
    return said.get("type") == event and all(said.get(key) == value for key, value in facts.items())


Act = Callable[[Seat, str], Awaitable[None]]


@pytest.mark.parametrize(
    ("do", "undo"),
    [
        pytest.param(
            lambda seat, _other: seat.presence.pause(seat.phone, "lunch"),
            lambda seat, _other: seat.running.control.pause(seat.phone, is_paused=False),
            id="pause",
        ),
        pytest.param(
            lambda seat, other: seat.presence.join(other, seat.phone, name="Ana"),
            lambda seat, other: seat.running.control.leave_queue(other, seat.phone),
            id="join",
        ),
    ],
)
async def test_a_success_without_an_event_fails_within_2_s(
    asterisk: Asterisk, lab_floor: Floor, do: Act, undo: Act
) -> None:
    with lab_floor.desk() as place, lab_floor.desk() as other:
        async with bridge(settings_of(asterisk)) as running:
            seat, loop = await seated(running, place), asyncio.get_running_loop()
            await running.client.ask("Events", {"EventMask": "off"})
            since = loop.time()
            with pytest.raises(NotConfirmedError):
                await do(seat, other.queue.name)
            assert loop.time() - since < 2.2
            await undo(seat, other.queue.name)


async def test_who_only_observes_sends_nothing(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as place:
        async with bridge(settings_of(asterisk, "observer"), is_observed=True) as running:
            seat = await seated(running, place)
            with pytest.raises(ObserveOnlyError):
                await seat.presence.pause(seat.phone, "lunch")
