"""The exchange's calendar turns over in mid-call: midnight, and the hour that comes twice in autumn."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from lab import chroot, floor
from lab.elsewhen import begins_at
from lab.floor import SECRETS, Floor
from lab.live import bridge
from lab.matrix.expected import Expected, differences
from lab.matrix.play import over, talked
from lab.pbx import Asterisk, Instance
from lab.phones import Answers, caller, phone

from ami_bridge.domain import events
from ami_bridge.wire.client import AmiSettings
from crm_core.domain.calls import Call, birth_of

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]
MADRID = ZoneInfo("Europe/Madrid")
BEFORE_S = 8  # so long the start of the exchange and the first half of the call take


MIDNIGHT = datetime(2026, 10, 25, tzinfo=MADRID)
# From 02:59:59 the clocks go back to 02:00:00.
TWICE = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("release", [chroot.NEW, chroot.OLD], ids=["22", "16"])
async def test_a_call_over_the_turn_has_its_seconds(release: chroot.Release) -> None:
    """Two exchanges at once: at one it turns midnight, at the other the clocks go back."""
    async with asyncio.TaskGroup() as both:
        for turn in (MIDNIGHT, TWICE):
            both.create_task(_calls_over(turn, release))


async def _calls_over(turn: datetime, release: chroot.Release) -> None:
    instance = Instance(chroot.ready(release))
    elsewhen = begins_at(instance, turn.astimezone(UTC) - timedelta(seconds=BEFORE_S), str(MADRID))
    pbx = Asterisk(floor.settings(instance), instance, lives_in=elsewhen)
    try:
        await asyncio.to_thread(pbx.__enter__)
        told, wanted = await _calls(pbx)
    finally:
        await asyncio.to_thread(pbx.__exit__)
    born = birth_of(told.linkedid)
    assert born
    assert born < turn < born + timedelta(seconds=BEFORE_S + 2)
    assert differences(told, wanted) == []


async def _calls(pbx: Asterisk) -> tuple[Call, Expected]:
    """Let somebody call over the turn; return what the ledger tells and what it must tell."""
    settings = AmiSettings(host=pbx.host, port=pbx.ami_port, user="bridge", secret=SECRETS["bridge"])
    async with bridge(settings) as ours:
        await ours.until(events.PbxResynced)
        with Floor(pbx.settings).desk() as desk:
            seat = desk.phones[0]
            async with phone(pbx, seat, Answers(after=0.5)) as rung:
                async with caller(pbx, desk.did, hang_up_after=BEFORE_S + 2.0) as line:
                    (customer,) = await line.ended()
                (leg,) = await over(rung)
                ended = await ours.until(events.CallEnded)
    return ended.record, Expected(
        started_at=customer.invite_at or 0,
        ended_at=customer.ended_at or 0,
        outcome="answered",
        hung_up_by="customer",
        credited={seat.interface: {"talk": talked(leg)}},
        visits=((desk.queue.name, "answered"),),
    )
