"""History in groups: what the database refuses holds up nothing, and while it is away nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from lab.desk import until

from ami_bridge.domain.events import CallEnded, FloorEvent, PbxConnected, QueueChanged
from ami_bridge.services.recorder import GROUP_EVENTS, GROUP_S, Recorder
from crm_core.domain.calls import Call, call_id
from crm_core.domain.errors import DatabaseAwayError

AT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


class Records:
    """A database that refuses the calls it is told to, and may be away."""

    def __init__(self, *, refused: Sequence[int] = (), refuses_events: bool = False) -> None:
        self.calls: list[str] = []
        self.events = self.groups = 0
        self.is_away = False
        self._refused = {ended(n).record.id for n in refused}
        self._refuses_events = refuses_events

    async def write(self, *, calls: Sequence[Call], events: Sequence[FloorEvent]) -> None:
        if self.is_away:
            raise DatabaseAwayError
        if self._refused & {call.id for call in calls} or (events and self._refuses_events):
            raise ValueError("a constraint")
        self.groups += 1
        self.calls += [call.id for call in calls]
        self.events += len(events)


def ended(n: int) -> CallEnded:
    linkedid = f"1795311086.{n}"
    call = Call(id=call_id("main", linkedid), pbx="main", linkedid=linkedid, started_at=AT)
    return CallEnded(
        pbx="main",
        at=AT,
        call=call.id,
        linkedid=linkedid,
        version=1,
        outcome="answered",
        hung_up_by=None,
        record=call,
    )


async def told(records: Records, events: Sequence[FloorEvent]) -> Recorder:
    """Return a recorder that has written what it could of *events*, and was stopped."""
    recorder = Recorder(write=records.write)
    running = asyncio.create_task(recorder.run())
    recorder.on_events(list(enumerate(events, start=1)))
    await until(lambda: not recorder._calls and not recorder._events)
    running.cancel()
    await asyncio.wait([running])
    return recorder


@pytest.mark.parametrize(
    ("records", "kept", "events", "refused", "thinned"),
    [
        pytest.param(Records(), [0, 1, 2], 4, 0, 0, id="all but pictures of queues"),
        pytest.param(Records(refused=[1]), [0, 2], 4, 1, 0, id="a call that cannot be kept"),
        pytest.param(Records(refuses_events=True), [0, 1, 2], 0, 0, 4, id="events that cannot be kept"),
    ],
)
async def test_what_is_refused_holds_up_nothing(
    records: Records, kept: list[int], events: int, refused: int, thinned: int
) -> None:
    picture = QueueChanged(pbx="main", at=AT, queue="sales")
    recorder = await told(records, [PbxConnected(pbx="main", at=AT), picture, *map(ended, range(3))])
    assert records.calls == [ended(n).record.id for n in kept]
    assert (records.events, recorder.health.refused, recorder.health.thinned) == (events, refused, thinned)
    assert recorder.health.stored == len(kept)


async def test_while_the_database_is_away_everything_waits_in_order() -> None:
    records = Records()
    records.is_away = True
    recorder = Recorder(write=records.write)
    running = asyncio.create_task(recorder.run())
    recorder.on_events([(1, ended(0)), (2, ended(1))])
    await until(lambda: recorder.health.why)
    recorder.on_events([(3, ended(2))])
    records.is_away = False
    await until(lambda: recorder.health.why is None)
    running.cancel()
    await asyncio.wait([running])
    assert records.calls == [ended(n).record.id for n in range(3)]


async def test_what_comes_while_a_group_is_written_gathers_for_the_next() -> None:
    records, more = Records(), iter(range(1, 40))
    recorder = Recorder(write=records.write)

    async def slowly(*, calls: Sequence[Call], events: Sequence[FloorEvent]) -> None:
        await records.write(calls=calls, events=events)
        if (n := next(more, None)) is not None:
            recorder.on_events([(n, ended(n))])

    recorder.write = slowly
    running = asyncio.create_task(recorder.run())
    began = asyncio.get_running_loop().time()
    recorder.on_events([(0, ended(0))])
    await until(lambda: records.groups == 4)
    took = asyncio.get_running_loop().time() - began
    running.cancel()
    await asyncio.wait([running])
    assert took > 3 * GROUP_S


async def test_a_backlog_is_written_without_a_pause_and_to_its_end() -> None:
    records = Records()
    events = [PbxConnected(pbx="main", at=AT)] * (GROUP_EVENTS + 1)
    assert (await told(records, events)).health.thinned == 0
    assert (records.events, records.groups) == (GROUP_EVENTS + 1, 2)
