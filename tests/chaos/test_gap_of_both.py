"""The service is away, and Asterisk is killed meanwhile and comes again: what was written down is told.

On Asterisk 22 and 16. Nothing that was on the wire is lost or doubled; of a call that the kill cut short
nobody knows the end, so its precision says up to when it may have lasted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from chaos.test_gap import LIVE, NEAR_S, WHILE_AWAY, filled
from lab import chroot, floor
from lab.desk import until
from lab.floor import Floor
from lab.pbx import Asterisk, Instance
from lab.phones import NEVER, Answers, caller, phone
from lab.records import record_settings
from lab.service import Process
from lab.sipp import Sipp
from lab.wire import Wire

from crm_core.domain.calls import Call

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]
BEFORE, TALKS, RINGS, AFTER = WHILE_AWAY


@pytest.fixture(params=[chroot.NEW, chroot.OLD], ids=["22", "16"])
def mortal(request: pytest.FixtureRequest) -> Iterator[Asterisk]:
    """An Asterisk that may be killed."""
    instance = Instance(chroot.ready(request.param))
    with Asterisk(floor.settings(instance), instance) as running:
        yield running


async def test_what_a_killed_exchange_had_written_is_told(mortal: Asterisk, tmp_path: Path) -> None:
    service = Process(mortal, tmp_path, records=record_settings(mortal))
    wires: dict[str, Wire] = {}
    with Floor(mortal.settings).desk() as place:
        seat, silent = place.phones[:2]

        async def calls(number: str) -> None:
            """Let somebody call, be answered, and hang up after a second."""
            async with caller(mortal, place.did, number=number, hang_up_after=1) as line:
                (wires[number],) = await line.ended()

        async with service.running() as house, AsyncExitStack() as lines:
            async with phone(mortal, seat, Answers(after=0.3)) as answering:
                await calls(LIVE)
                service.kill()
                await service.gone()
                await calls(BEFORE)
                talking = await lines.enter_async_context(caller(mortal, place.did, number=TALKS))
                await until(lambda: len(answered(answering)) == len((LIVE, BEFORE, TALKS)))
                (wires[TALKS],) = talking.calls()
                async with phone(mortal, silent, NEVER) as ringing:
                    waiting = await lines.enter_async_context(caller(mortal, place.did, number=RINGS))
                    await ringing.until(lambda call: call.ringing_at)
                    (wires[RINGS],) = waiting.calls()
                    mortal.kill()
                    killed_at = time.time()
            await lines.aclose()
            await asyncio.to_thread(mortal.start)
            async with phone(mortal, seat, Answers(after=0.3)):
                await calls(AFTER)
            await service.start()
            kept = await filled(house)
    assert {number: len(kept[number]) for number in kept} == dict.fromkeys(wires, 1)
    told = {number: call for number, (call,) in kept.items()}
    assert {number: (call.outcome, call.hung_up_by) for number, call in told.items()} == {
        **dict.fromkeys((LIVE, BEFORE, AFTER), ("answered", "customer")),
        TALKS: ("answered", "system"),
        RINGS: ("cut", "system"),
    }
    for number, wire in wires.items():
        assert told[number].started_at.timestamp() == pytest.approx(wire.invite_at, abs=NEAR_S)
    for number in (BEFORE, AFTER):
        assert is_whole(told[number], wires[number])
    for number in (TALKS, RINGS):
        assert may_have_lasted_until(killed_at, told[number])


def answered(phone: Sipp) -> list[Wire]:
    return [call for call in phone.calls() if call.answered_at]


def is_whole(call: Call, wire: Wire) -> bool:
    """Return whether a call of the gap ended as the wire says, and is marked."""
    assert call.ended_at is not None
    assert call.ended_at.timestamp() == pytest.approx(wire.bye_at, abs=NEAR_S)
    return call.source == "backfill" and 0 < call.precision_s < 1


def may_have_lasted_until(at: float, call: Call) -> bool:
    """Return whether the call's end and its precision hold the instant."""
    assert call.ended_at is not None
    ended_at = call.ended_at.timestamp()
    return call.source == "backfill" and ended_at - NEAR_S <= at <= ended_at + call.precision_s
