"""Two hundred callers at once, most of them waiting: each is told as he was on the wire, none is lost."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, ExitStack

import pytest
from lab import chroot, floor
from lab.floor import SECRETS, Desk, Floor
from lab.live import bridge
from lab.matrix.expected import Expected, differences
from lab.matrix.play import talked
from lab.pbx import Asterisk, Instance
from lab.phones import Answers, callers, phones
from lab.wire import Wire

from ami_bridge.domain import events
from ami_bridge.wire.client import AmiSettings
from crm_core.domain.calls import Call

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]
PATIENT, IMPATIENT = 160, 40
RATE = 40.0
DESKS = 7


def numbers(first: int, many: int) -> list[str]:
    return [f"6{first + place:08}" for place in range(many)]


def expected(customer: Wire, leg: Wire | None, desk: Desk) -> Expected:
    """Return what must be told of one caller; *leg* is the phone that took him."""
    by_agent = leg is not None and leg.bye_by == "us"
    interface = f"PJSIP/{leg.number}" if leg else ""
    return Expected(
        started_at=customer.invite_at or 0,
        ended_at=customer.ended_at or 0,
        outcome="answered" if leg else "abandoned",
        hung_up_by="agent" if by_agent else "customer",
        credited={interface: {"talk": talked(leg)}} if leg else {},
        visits=((desk.queue.name, "answered" if leg else "abandoned"),),
    )


async def test_two_hundred_at_once(asterisk: Asterisk, lab_floor: Floor) -> None:
    await a_crowd_is_told(asterisk, lab_floor)


async def test_two_hundred_at_once_on_the_elder() -> None:
    instance = Instance(chroot.ready(chroot.OLD))
    with Asterisk(floor.settings(instance), instance) as pbx:
        await a_crowd_is_told(pbx, Floor(pbx.settings))


async def a_crowd_is_told(pbx: Asterisk, lab_floor: Floor) -> None:
    settings = AmiSettings(host=pbx.host, port=pbx.ami_port, user="bridge", secret=SECRETS["bridge"])
    async with AsyncExitStack() as later, bridge(settings) as ours:
        await ours.until(events.PbxResynced)
        with ExitStack() as stack:
            desks = [stack.enter_context(lab_floor.desk()) for _ in range(DESKS)]
            seats = [seat for desk in desks for seat in desk.phones]
            rung = await later.enter_async_context(phones(pbx, seats, Answers(after=0.3, hang_up_after=1.0)))
            patient, impatient = numbers(0, PATIENT), numbers(PATIENT, IMPATIENT)
            of_desk = {number: desks[place % DESKS] for place, number in enumerate(patient + impatient)}
            rows = {
                group[0]: [(of_desk[number].did, number) for number in group]
                for group in (patient, impatient)
            }
            async with (
                callers(pbx, rows[patient[0]], rate=RATE) as waiting,
                callers(pbx, rows[impatient[0]], rate=RATE / 4, hang_up_after=2.0) as leaving,
            ):
                people = [*await waiting.ended(within=60), *await leaving.ended(within=60)]
            await _all_told(ours.happened, set(of_desk))
        legs = {leg.shown: leg for leg in rung.calls() if leg.answered_at}
        told = _told(ours.happened, set(of_desk))
    assert len(people) == len(told) == PATIENT + IMPATIENT
    faults = {
        wire.shown: found
        for wire in people
        if (found := differences(told[wire.shown], expected(wire, legs.get(wire.shown), of_desk[wire.shown])))
    }
    assert faults == {}


def _told(happened: list[events.FloorEvent], callers_: set[str]) -> dict[str, Call]:
    """Return the calls that ended, by the caller's number."""
    records = [event.record for event in happened if isinstance(event, events.CallEnded)]
    mine = [record for record in records if record.ani_raw in callers_]
    told = {record.ani_raw or "": record for record in mine}
    assert len(told) == len(mine), "a caller is told twice"
    return told


async def _all_told(happened: list[events.FloorEvent], callers_: set[str]) -> None:
    async with asyncio.timeout(10):
        while True:
            if len(_told(happened, callers_)) == len(callers_):
                return
            await asyncio.sleep(0.05)
