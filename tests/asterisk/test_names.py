"""Names that Asterisk 22 and 16 write in another way for AMI than into CEL: they come to the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lab import chroot, floor
from lab.floor import SECRETS, Floor
from lab.live import bridge
from lab.pbx import Asterisk, Instance
from lab.phones import caller
from lab.records import records_of

from ami_bridge.domain import events
from ami_bridge.domain.afterwards import tell
from ami_bridge.domain.floor import Floor as EmptyFloor
from ami_bridge.domain.inside import Inside
from ami_bridge.wire.client import AmiSettings
from centralita.replay import reader_of

pytestmark = pytest.mark.asterisk
NAMES = {
    "957212071": "Mary O'Brien?",
    "957212072": "Núñez, Zoë; 漢字",
    "957212073": 'José "Pepe" \\ Gil',
}
AS_SIP_HAS_THEM = NAMES | {"957212073": r"José \"Pepe\" \\ Gil"}
"""PJSIP keeps the backslashes that SIP puts before quotes and backslashes, whoever is told."""


@pytest.mark.parametrize("release", [chroot.NEW, chroot.OLD], ids=["22", "16"])
async def test_a_name_is_the_same_live_and_from_records(release: chroot.Release) -> None:
    began, instance = datetime.now(UTC), Instance(chroot.ready(release))
    with Asterisk(floor.settings(instance), instance) as pbx, Floor(pbx.settings, pbx).desk() as place:
        settings = AmiSettings(host=pbx.host, port=pbx.ami_port, user="bridge", secret=SECRETS["bridge"])
        async with bridge(settings) as ours:
            await ours.until(events.PbxResynced)
            for number, name in NAMES.items():
                async with caller(pbx, place.did, number=number, name=name, hang_up_after=0.2) as line:
                    await line.ended()
                await ours.until(events.CallEnded, lambda one, by=number: one.record.ani_raw == by)
            heard = [one.record for one in ours.happened if isinstance(one, events.CallEnded)]
        records = records_of(pbx)
        told = list(tell(EmptyFloor("main", inside=Inside(), read=reader_of("ES")), records.rows(began)))
    assert {call.ani_raw: call.ani_name for call in heard} == AS_SIP_HAS_THEM
    assert {call.ani_raw: call.ani_name for call in told} == AS_SIP_HAS_THEM
