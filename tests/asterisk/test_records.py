"""The exchange's own records on a real Asterisk: the calls they tell are those that were heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from lab.ami_tap import tap
from lab.floor import SECRETS, Floor
from lab.live import Bridge, bridge
from lab.pbx import Asterisk
from lab.records import records_of
from lab.scenarios import ALL, Stage

from ami_bridge.domain import events
from ami_bridge.domain.afterwards import FINE_S, tell
from ami_bridge.domain.ami import PhoneRegistered
from ami_bridge.domain.floor import Floor as EmptyFloor
from ami_bridge.domain.inside import Inside
from ami_bridge.wire.client import AmiSettings
from centralita.replay import reader_of
from crm_core.domain.calls import Call, untiled

pytestmark = pytest.mark.asterisk
NEAR_S = 0.15  # what the stream's own delay adds
SCENES = (
    "answered_caller_hangs_up",
    "answered_name_with_apostrophe",
    "answered_hostile_name",
    "abandoned_while_ringing",
    "busy_then_second_agent",
    "ringall_two_lose",
    "queue_timeout",
    "queue_timeout_nobody_there",
    "direct_no_answer",
    "internal_answered",
    "click_answered",
    "click_customer_busy",
    "held_and_taken_back",
    "blind_transfer",
)
NOT_TOLD = frozenset(("version", "source", "precision_s", "anomalies", "segments", "customer"))
"""What the sources may say otherwise: how they know, the order of parties' stretches, and the customer of a
call that the exchange began: CEL has the number that was dialled."""


async def test_calls_told_from_cel_and_queue_log_are_the_calls_that_were_heard(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    began = datetime.now(UTC)
    settings = AmiSettings(
        host=asterisk.host, port=asterisk.ami_port, user="bridge", secret=SECRETS["bridge"]
    )
    async with bridge(settings) as ours, tap(asterisk) as ear, asyncio.timeout(60):
        await ours.until(events.PbxResynced)
        stage = Stage(pbx=asterisk, floor=lab_floor, tap=ear)
        await asyncio.gather(*(ALL[name](stage) for name in SCENES))
        heard = await all_ended(ours)
        phones = ours.live.phones()
    floor = EmptyFloor("main", inside=Inside(), read=reader_of("ES"))
    for phone in phones:
        floor.step(PhoneRegistered(interface=phone), began)
    records = records_of(asterisk)
    told = {call.linkedid: call for call in tell(floor, records.rows(began), records.lines(began))}
    assert records.told.bad == 0
    assert len(heard) >= len(SCENES)
    assert {name: differences(call, told[name]) for name, call in heard.items()} == {
        name: [] for name in heard
    }
    assert told.keys() == heard.keys()
    for call in told.values():
        assert (call.source, call.precision_s, untiled(call)) == ("backfill", FINE_S, [])


async def all_ended(ours: Bridge) -> dict[str, Call]:
    """Return the calls that were heard, by linkedid, when none is live any more."""
    while ours.live.calls():
        ended = len([one for one in ours.happened if isinstance(one, events.CallEnded)])
        await ours.until(events.CallEnded, lambda _, seen=ended: count(ours) > seen)
    return {one.linkedid: one.record for one in ours.happened if isinstance(one, events.CallEnded)}


def count(ours: Bridge) -> int:
    return sum(isinstance(one, events.CallEnded) for one in ours.happened)


def differences(heard: Call, told: Call) -> list[tuple[str, Any, Any]]:
    """Return where two tellings of a call differ: any fact, and instants by more than the delay."""
    return list(_differences("", _plain(heard), _plain(told)))


def _plain(call: Call) -> dict[str, Any]:
    return {name: getattr(call, name) for name in call.__struct_fields__ if name not in NOT_TOLD}


def _differences(place: str, heard: Any, told: Any) -> Iterator[tuple[str, Any, Any]]:
    if hasattr(heard, "__struct_fields__"):
        heard, told = ({n: getattr(one, n) for n in one.__struct_fields__} for one in (heard, told))
    if isinstance(heard, dict):
        for name in heard:
            yield from _differences(f"{place}.{name}", heard[name], told[name])
    elif isinstance(heard, list) and len(heard) == len(told):
        for n, (one, other) in enumerate(zip(heard, told, strict=True)):
            yield from _differences(f"{place}[{n}]", one, other)
    elif not _is_same(heard, told):
        yield place, heard, told


def _is_same(heard: Any, told: Any) -> bool:
    if isinstance(heard, datetime) and isinstance(told, datetime):
        return abs((heard - told).total_seconds()) <= NEAR_S
    if isinstance(heard, float) and isinstance(told, float):
        return abs(heard - told) <= NEAR_S
    return bool(heard == told)
