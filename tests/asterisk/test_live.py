"""The bridge on a real Asterisk: calls told live, and nothing left over when either side dies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from lab import chroot, floor
from lab.floor import SECRETS, Floor
from lab.live import bridge
from lab.pbx import Asterisk, Instance
from lab.phones import NEVER, Answers, caller, customer, phone

from ami_bridge.domain import events
from ami_bridge.wire.client import AmiSettings
from crm_core.domain.calls import untiled

pytestmark = pytest.mark.asterisk
NEAR_S = 0.1


def as_bridge(asterisk: Asterisk) -> AmiSettings:
    return AmiSettings(
        host=asterisk.host, port=asterisk.ami_port, user="bridge", secret=SECRETS["bridge"], first_pause_s=0.2
    )


async def test_a_call_is_told_as_the_wire_saw_it(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        seat = desk.phones[0]
        async with bridge(as_bridge(asterisk)) as ours, phone(asterisk, seat, Answers(after=0.8)):
            await ours.until(events.PbxResynced)
            async with caller(asterisk, desk.did, number="957212000", hang_up_after=3) as line:
                (wire,) = await line.ended()
            ended = await ours.until(events.CallEnded, lambda e: e.record.did == desk.did)
    call = ended.record
    kinds = [type(event).__name__ for event in ours.happened if isinstance(event, events.CallEvent)]
    assert kinds.index("CallOffered") < kinds.index("CallAnswered") < kinds.index("CallEnded")
    assert (call.ani, call.outcome, call.hung_up_by) == ("+34957212000", "answered", "customer")
    assert call.visits[0].attempts[0].interface == seat.interface
    assert call.started_at.timestamp() == pytest.approx(wire.invite_at, abs=NEAR_S)
    assert call.ended_at is not None
    assert call.ended_at.timestamp() == pytest.approx(wire.bye_at, abs=NEAR_S)
    assert untiled(call) == []


async def test_a_click_rings_the_agent_then_the_customer(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk, lab_floor.line() as line:
        seat = desk.phones[0]
        async with (
            bridge(as_bridge(asterisk)) as ours,
            phone(asterisk, seat, Answers(after=0.3)),
            customer(asterisk, line, Answers(after=0.5, hang_up_after=1)),
        ):
            await ours.until(events.PbxResynced)
            await ours.control.originate(
                interface=seat.interface, number=line.number, caller_id=None, agent="101"
            )
            ended = await ours.until(events.CallEnded, lambda e: e.record.did == line.number)
    call = ended.record
    assert (call.direction, call.origin.kind, call.outcome) == ("outbound", "click", "answered")
    assert call.hung_up_by == "customer"
    assert [segment.kind for segment in call.segments if segment.party == "customer"] == [
        "setup",
        "ring",
        "talk",
    ]


async def test_a_bridge_that_starts_in_mid_call_adopts_it(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        talking, waiting = desk.phones[0], "600123456"
        async with (
            phone(asterisk, talking, Answers(after=0.2)),
            caller(asterisk, desk.did, number="957212000", hang_up_after=6) as first,
        ):
            await first.until(lambda wire: wire.answered_at)
            async with (
                bridge(as_bridge(asterisk)) as before,
                caller(asterisk, desk.did, number=waiting, hang_up_after=4),
            ):
                await before.until(events.CallAnswered)
                # The exchange answers half a second before he waits in the queue.
                newcomer = await before.until(events.CallStarted, lambda event: event.ani_raw == waiting)
                await before.until(events.CallQueued, lambda event: event.call == newcomer.call)
                async with bridge(as_bridge(asterisk)) as ours:
                    report = await ours.until(events.PbxResynced)
                    calls = {call.ani: call for call in ours.live.calls()}
                    assert report.adopted == len(calls) == 2
                    assert {call.source for call in calls.values()} == {"adopted"}
                    assert {call.did for call in calls.values()} == {desk.did}
                    assert calls["+34957212000"].answered_at is not None
                    assert calls["+34600123456"].visits[0].queue == desk.queue.name
                    await ours.until(events.CallEnded, lambda e: e.record.ani == "+34957212000")
                    await ours.until(events.CallEnded, lambda e: e.record.ani == "+34600123456")
                    assert not ours.live.calls()
                    for event in ours.happened:
                        if isinstance(event, events.CallEnded):
                            assert untiled(event.record) == []


@pytest.fixture
def mortal() -> Iterator[Asterisk]:
    """An Asterisk that may be killed."""
    instance = Instance(chroot.ready())
    with Asterisk(floor.settings(instance), instance) as running:
        yield running


async def test_no_ghost_call_after_asterisk_was_killed(mortal: Asterisk) -> None:
    with Floor(mortal.settings).desk() as desk:
        async with bridge(as_bridge(mortal)) as ours:
            async with (
                phone(mortal, desk.phones[0], Answers(after=0.2)),
                phone(mortal, desk.phones[1], NEVER),
                caller(mortal, desk.did, number="957212000"),
            ):
                await ours.until(events.CallAnswered)
                async with caller(mortal, desk.did, number="600123456"):
                    await ours.until(events.CallQueued, lambda _: len(ours.live.calls()) == 2)
                    mortal.kill()
                    await ours.until(events.PbxDisconnected)
                    assert len(ours.live.calls()) == 2
                    await asyncio.to_thread(mortal.start)
                    up_again = asyncio.get_running_loop().time()
                    await ours.until(events.PbxResynced, lambda e: e.closed == 2)
                    took = asyncio.get_running_loop().time() - up_again
            ended = {e.record.ani: e.record for e in ours.happened if isinstance(e, events.CallEnded)}
            assert not ours.live.calls()
    assert took < 5
    talked, waited = ended["+34957212000"], ended["+34600123456"]
    assert (talked.outcome, talked.hung_up_by) == ("answered", "system")
    assert (waited.outcome, waited.hung_up_by) == ("cut", "system")
    assert untiled(talked) == untiled(waited) == []
