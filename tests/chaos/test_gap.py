"""The service is away while calls come and go: when it is back, each is in the history, once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lab.cable import cable
from lab.desk import WITHIN_S
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.records import record_settings
from lab.service import House, Process, on_exchange

from crm_core.domain.calls import Call
from crm_core.services import backfill, calls

pytestmark = pytest.mark.asterisk
NEAR_S = 0.15
LIVE = "957212091"
WHILE_AWAY = [f"95721208{n}" for n in range(4)]
OURS = {LIVE, *WHILE_AWAY}


async def test_every_call_of_the_wire_is_in_the_history_once(
    asterisk: Asterisk, lab_floor: Floor, tmp_path: Path
) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        service = Process(asterisk, tmp_path, records=record_settings(asterisk))
        async with service.running() as house, phone(asterisk, seat, Answers(after=0.3)) as answering:
            await house.add_agent("ana", seat)
            async with caller(asterisk, place.did, number=LIVE, hang_up_after=2) as line:
                async with house.signed_in("ana") as ana:
                    await answering.until(lambda call: call.answered_at)
                    service.kill()
                    await service.gone()
                    await ana.closed.wait()
                wires = {LIVE: (await line.ended())[0]}
            for number in WHILE_AWAY:
                async with caller(asterisk, place.did, number=number, hang_up_after=1) as line:
                    wires[number] = (await line.ended())[0]
            await service.start()
            kept = await filled(house)
            service.kill()
            await service.gone()
            await service.start()  # and nothing is told twice
            again = await filled(house)
    assert sorted(kept) == sorted(again) == sorted(wires)
    for number, wire in wires.items():
        (call,) = kept[number]
        assert again[number] == [call]
        assert (call.source, call.outcome, call.hung_up_by) == ("backfill", "answered", "customer")
        assert 0 < call.precision_s < 1
        assert call.started_at.timestamp() == pytest.approx(wire.invite_at, abs=NEAR_S)
        assert call.ended_at is not None
        assert call.ended_at.timestamp() == pytest.approx(wire.bye_at, abs=NEAR_S)
        assert call.visits[0].interface == seat.interface


async def test_calls_that_ended_while_the_link_was_silent_get_their_ends(
    asterisk: Asterisk, lab_floor: Floor, tmp_path: Path
) -> None:
    """What was heard of them is kept: who sat there."""
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with (
            cable(asterisk) as wire,
            on_exchange(
                asterisk, folder=tmp_path, host="127.0.0.1", port=wire.port, records=record_settings(asterisk)
            ) as house,
            house.desk("ana", seat) as ana,
            phone(asterisk, seat, Answers(after=0.2)),
        ):
            async with caller(asterisk, place.did, number=LIVE, hang_up_after=2) as line:
                await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "call.answered")
                wire.is_cut = True
                wires = {LIVE: (await line.ended())[0]}
            async with caller(asterisk, place.did, number=WHILE_AWAY[0], hang_up_after=1) as line:
                wires[WHILE_AWAY[0]] = (await line.ended())[0]
            await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "pbx.disconnected")
            wire.is_cut = False
            kept = await filled(house)
    assert sorted(kept) == sorted(wires)
    for number, seen in wires.items():
        (call,) = kept[number]
        assert (call.source, call.outcome, call.hung_up_by) == ("backfill", "answered", "customer")
        assert call.ended_at is not None
        assert call.ended_at.timestamp() == pytest.approx(seen.bye_at, abs=NEAR_S)
    (heard,) = kept[LIVE]
    assert heard.visits[0].agent == seat.extension


async def filled(house: House) -> dict[str, list[Call]]:
    """Return the history by who called when it was filled once more: the watermark goes on behind that."""
    before = await house.db.read(backfill.watermark, pbx="main")
    async with asyncio.timeout(WITHIN_S):
        while before == await house.db.read(backfill.watermark, pbx="main"):  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.1)
    return await _history(house)


async def _history(house: House) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    kept: Any = await house.db.read(calls.history, limit=50)
    for call in kept:
        if call.ani_raw in OURS:  # as we began a call of another test may have ended
            found.setdefault(call.ani_raw, []).append(call)
    return found
