"""The link to the exchange goes silent without being closed, as when a cable is pulled."""

from __future__ import annotations

import asyncio

import pytest
from lab.cable import cable
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.service import on_exchange

pytestmark = pytest.mark.asterisk
NOTICED_S = 15.0
NUMBER = "957212000"


async def test_a_silent_link_is_noticed_and_the_call_is_found_again(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with (
            cable(asterisk) as wire,
            on_exchange(asterisk, host="127.0.0.1", port=wire.port) as house,
            house.desk("ana", seat) as ana,
            phone(asterisk, seat, Answers(after=0.2)),
        ):
            maria = await house.add_contact("María", NUMBER)
            async with caller(asterisk, place.did, number=NUMBER, hang_up_after=4) as line:
                pop = await ana.pop(f"+34{NUMBER}", of=maria)
                await ana.pop_end(pop.message["call"]["id"])
                await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "call.answered")
                wire.is_cut = True
                cut_at = asyncio.get_running_loop().time()
                await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "pbx.disconnected")
                assert asyncio.get_running_loop().time() - cut_at < NOTICED_S
                await line.ended()  # and nobody was told
                wire.is_cut = False
            (call,) = await ana.calls_of(maria)
    assert call["outcome"] == "answered"
