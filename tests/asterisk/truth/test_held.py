"""Hold by us that nobody heard, or only half of it: from the exchange's records, and after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest
from lab import chroot
from lab.ami_tap import tap
from lab.floor import SECRETS
from lab.live import bridge
from lab.matrix import held, office
from lab.matrix.expected import spent_by
from lab.matrix.play import Play, over
from lab.pbx import Asterisk, Instance
from lab.phones import Answers
from lab.records import records_of

from ami_bridge.domain import events
from ami_bridge.domain.afterwards import tell
from ami_bridge.domain.ami import PhoneRegistered
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.services import holding
from ami_bridge.wire.client import AmiSettings
from centralita.replay import reader_of
from crm_core.domain.calls import untiled

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]
AWAY_S = 0.5
NEAR_S = 0.15  # what the stream's own delay adds
RELEASES = pytest.mark.parametrize("release", [chroot.NEW, chroot.OLD], ids=["22", "16"])


@asynccontextmanager
async def an_office(release: chroot.Release) -> AsyncIterator[tuple[Asterisk, office.Office, AmiSettings]]:
    """Run an exchange with one office of the matrix."""
    (one,), wishes = office.offices([office.Wishes()]), office.Wishes()
    instance = Instance(chroot.ready(release))
    with Asterisk(office.settings(instance, [(one, wishes)]), instance) as pbx:
        settings = AmiSettings(host=pbx.host, port=pbx.ami_port, user="bridge", secret=SECRETS["bridge"])
        yield pbx, one, settings


@RELEASES
async def test_the_exchange_s_records_tell_a_hold_as_it_was_heard(release: chroot.Release) -> None:
    began = datetime.now(UTC)
    async with an_office(release) as (pbx, one, settings):
        async with bridge(settings) as ours, tap(pbx) as ear:
            await ours.until(events.PbxResynced)
            await held.held_by_us_and_resumed(Play(pbx, ear, one, ours))
            heard = (await ours.until(events.CallEnded)).record
        floor = Floor("main", inside=Inside(), read=reader_of("ES"))
        for phone in one.phones:
            floor.step(PhoneRegistered(interface=phone.interface), began)
        records = records_of(pbx)
        (told,) = tell(floor, records.rows(began), records.lines(began))
    assert (told.outcome, told.hung_up_by, told.transfers) == (heard.outcome, heard.hung_up_by, [])
    assert [(each.queue, each.outcome) for each in told.visits] == [(one.queue, "answered")]
    assert untiled(told) == []
    live, from_records = spent_by(heard), spent_by(told)
    for party in ("customer", one.phones[0].interface):
        for kind in ("talk", "hold"):
            assert from_records[party][kind] == pytest.approx(live[party][kind], abs=NEAR_S), (party, kind)
    assert live["customer"]["hold"] > 1.0


@RELEASES
async def test_a_service_that_dies_in_mid_hold_finds_it_when_it_is_back(release: chroot.Release) -> None:
    """The next one has never heard of the call, and takes the customer back."""
    manner = Answers(after=0.6, hang_up_after=6.0)
    async with an_office(release) as (pbx, one, settings), tap(pbx) as ear, AsyncExitStack() as parties:
        phone = one.phones[0].interface
        async with bridge(settings) as ours:
            await ours.until(events.PbxResynced)
            play = Play(pbx, ear, one, ours)
            phones = await parties.enter_async_context(play.phones(manner))
            line = await parties.enter_async_context(play.calls())
            await phones[0].until(lambda wire: wire.answered_at)
            await held.holds(play)
            await ours.until(events.CallHeld)
        async with bridge(settings) as ours:
            await ours.until(events.PbxResynced)
            (call,) = ours.live.calls()
            assert [each.kind for each in call.segments if each.until is None] == ["hold", "hold"]
            await asyncio.sleep(AWAY_S)
            await holding.resume(ours.live, ours.control, call_id=call.id, interface=phone)
            await ours.until(events.CallResumed)
            (customer,) = await line.ended()
            await over(*phones)
            ended = (await ours.until(events.CallEnded)).record
    assert (ended.source, ended.outcome, ended.hung_up_by) == ("adopted", "answered", "agent")
    assert (ended.transfers, untiled(ended), ended.anomalies) == ([], [], [])
    assert ended.ended_at is not None
    assert ended.ended_at.timestamp() == pytest.approx(customer.ended_at or 0, abs=NEAR_S)
    assert {each.kind for each in ended.segments if each.party == phone} == {"talk", "hold"}
