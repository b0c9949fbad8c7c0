"""The exchange is stopped in mid-call by an administrator, and comes back: nobody on the call ended it."""

from __future__ import annotations

import asyncio

import pytest
from lab import chroot, floor
from lab.floor import SECRETS, Floor
from lab.live import bridge
from lab.matrix.expected import Expected, differences
from lab.matrix.play import over, talked
from lab.pbx import Asterisk, Instance
from lab.phones import Answers, caller, phone

from ami_bridge.domain import events
from ami_bridge.wire.client import AmiSettings

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]


@pytest.mark.parametrize("release", [chroot.NEW, chroot.OLD], ids=["22", "16"])
async def test_a_call_that_the_exchange_takes_with_it(release: chroot.Release) -> None:
    instance = Instance(chroot.ready(release))
    with Asterisk(floor.settings(instance), instance) as pbx:
        settings = AmiSettings(
            host=pbx.host,
            port=pbx.ami_port,
            user="bridge",
            secret=SECRETS["bridge"],
            first_pause_s=0.2,
        )
        async with bridge(settings) as ours:
            await ours.until(events.PbxResynced)
            with Floor(pbx.settings).desk() as desk:
                seat = desk.phones[0]
                async with phone(pbx, seat, Answers(after=0.3)) as rung, caller(pbx, desk.did) as line:
                    await ours.until(events.CallAnswered)
                    await asyncio.sleep(1.0)
                    await asyncio.to_thread(pbx.stop)
                    (customer,) = await line.ended()
                    (leg,) = await over(rung)
                    await ours.until(events.PbxDisconnected)
                    await asyncio.to_thread(pbx.start)
                    ended = await ours.until(events.CallEnded)
            assert ours.live.calls() == []
    wanted = Expected(
        started_at=customer.invite_at or 0,
        ended_at=customer.ended_at or 0,
        outcome="answered",
        hung_up_by="system",
        credited={seat.interface: {"talk": talked(leg)}},
        visits=((desk.queue.name, "answered"),),
    )
    assert differences(ended.record, wanted) == []
    assert len([event for event in ours.happened if isinstance(event, events.CallEnded)]) == 1
