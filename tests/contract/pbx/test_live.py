"""The same scenes at the same time: on the real Asterisk with real calls, and on the simulated exchange."""

from __future__ import annotations

from contextlib import suppress

import pytest
from contract.pbx import trace
from contract.pbx.scenes import SCENES, play
from lab.ami_tap import tap
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.scenarios import ALL, Stage

pytestmark = pytest.mark.asterisk
# One of each kind; tests/fixtures/ami has recordings of all.
LIVE = [
    "answered_agent_hangs_up",
    "abandoned_while_ringing",
    "rejected_then_second_agent",
    "ringall_two_lose",
    "queue_refused_full",
    "direct_answered",
    "click_answered",
]


@pytest.mark.parametrize("name", LIVE)
async def test_asterisk_and_the_simulated_exchange_say_the_same(
    asterisk: Asterisk, lab_floor: Floor, name: str
) -> None:
    ours = trace.read(play(SCENES[name], seed=1))
    async with tap(asterisk) as ear:

        def found() -> list[str]:
            return trace.differences(trace.read(bytes(ear.raw)), ours)

        await ALL[name](Stage(pbx=asterisk, floor=lab_floor, tap=ear))
        with suppress(TimeoutError):
            await ear.until(lambda _: not found(), within=5)
        assert "\n".join(found()) == ""
