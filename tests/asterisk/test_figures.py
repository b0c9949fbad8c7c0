"""Figures and lost callers on a real Asterisk, against what SIPp saw of the same calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from lab.desk import WITHIN_S, Desk
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.service import on_exchange
from lab.wire import Wire

pytestmark = pytest.mark.asterisk
NUMBER, E164 = "957212000", "+34957212000"
NEAR_S = 0.1
# The queue is entered half a second after Answer(), which waits for media that SIPp does not send.
BEFORE_THE_QUEUE_S = 0.5


async def figures(desk: Desk, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return today's figures, once they are as wanted."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            told: dict[str, Any] = (await desk.get("/figures"))["today"]
            if is_wanted(told):
                return told
            await asyncio.sleep(0.1)


async def lost(desk: Desk) -> list[tuple[str, int]]:
    return [(one["customer"], one["tries"]) for one in (await desk.get("/lost-callers"))["items"]]


def waited(line: Wire, until: float) -> float:
    return until - line.answered_at - BEFORE_THE_QUEUE_S


async def test_who_gave_up_is_to_be_rung_back_until_he_gets_through(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with on_exchange(asterisk) as house, house.desk("eva", None, "floor", role="supervisor") as eva:
            async with caller(asterisk, place.did, number=NUMBER, hang_up_after=2) as line:
                (gave_up,) = await line.ended()
            first = await figures(eva, lambda told: told["short_abandoned"] == 1)
            assert first["longest_wait_s"] == pytest.approx(waited(gave_up, gave_up.ended_at), abs=NEAR_S)
            assert (first["service_level"], first["asa_s"]) == (None, None)
            assert await lost(eva) == [(E164, 1)]

            async with (
                phone(asterisk, seat, Answers(after=1.0)) as ringing,
                caller(asterisk, place.did, number=NUMBER, hang_up_after=3) as line,
            ):
                rung = await ringing.until(lambda call: call.answered_at)
                talking = await figures(eva, lambda told: told["answered"] == 1)
                assert (talking["service_level"], talking["aht_s"]) == (1.0, None)
                assert await lost(eva) == []
                (served,) = await line.ended()
            over = await figures(eva, lambda told: told["aht_s"] is not None)
            assert over["asa_s"] == pytest.approx(waited(served, rung.answered_at), abs=NEAR_S)
            assert over["aht_s"] == pytest.approx(served.ended_at - rung.answered_at, abs=NEAR_S)
            assert (over["offered"], over["service_level"], await lost(eva)) == (2, 1.0, [])
