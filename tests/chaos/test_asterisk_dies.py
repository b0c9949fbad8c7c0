"""Asterisk is killed and started again while calls are up: nothing is left over, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import pytest
from lab import chroot, floor
from lab.floor import Floor
from lab.pbx import Asterisk, Instance
from lab.phones import NEVER, Answers, caller, phone
from lab.service import on_exchange

pytestmark = pytest.mark.asterisk
TALKS, WAITS = "957212000", "957212001"
NO_GHOST_S = 5.0


@pytest.fixture
def mortal() -> Iterator[Asterisk]:
    """An Asterisk that may be killed."""
    instance = Instance(chroot.ready())
    with Asterisk(floor.settings(instance), instance) as running:
        yield running


async def test_no_ghost_is_left_and_both_calls_are_in_the_history(mortal: Asterisk) -> None:
    with Floor(mortal.settings).desk() as place:
        talking, ringing = place.phones[:2]
        async with (
            on_exchange(mortal) as house,
            house.desk("ana", talking) as ana,
            house.desk("luis", ringing) as luis,
            phone(mortal, talking, Answers(after=0.2)),
            phone(mortal, ringing, NEVER),
        ):
            talks, waits = await house.add_contact("Talks", TALKS), await house.add_contact("Waits", WAITS)
            async with caller(mortal, place.did, number=TALKS):
                pop = await ana.pop(f"+34{TALKS}")
                await ana.pop_end(pop.message["call"]["id"])
                await ana.until(lambda m: _is(m, "call.answered"))
                async with caller(mortal, place.did, number=WAITS):
                    rung = await luis.pop(f"+34{WAITS}")
                    mortal.kill()
                    await ana.until(lambda m: _is(m, "pbx.disconnected"))
                    await asyncio.to_thread(mortal.start)
                    up_again = asyncio.get_running_loop().time()
                    await ana.until(lambda m: _is(m, "pbx.resynced") and m["event"]["closed"] == 2)
                    assert asyncio.get_running_loop().time() - up_again < NO_GHOST_S
            end = await luis.pop_end(rung.message["call"]["id"])
            assert end.message["reason"] == "cut"
            (talked,) = await ana.calls_of(talks)
            (waited,) = await ana.calls_of(waits)
            async with house.desk("eva", None, "floor", role="supervisor") as eva:
                snapshot = eva.heard[0].message
    assert snapshot["floor"]["calls"] == []
    assert (talked["outcome"], talked["hung_up_by"]) == ("answered", "system")
    assert (waited["outcome"], waited["hung_up_by"]) == ("cut", "system")
    assert datetime.fromisoformat(talked["ended_at"]) >= datetime.fromisoformat(talked["answered_at"])


def _is(message: dict[str, object], kind: str) -> bool:
    event = message.get("event")
    return isinstance(event, dict) and event["type"] == kind
