"""Gaps in the history filled from the exchange's records: which calls, when, and what stops the watermark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from unit.ami_bridge.domain.cel_tables import (
    ANA,
    BEA,
    CALLER,
    ONE,
    START,
    THREE,
    TWO,
    hangup,
    queue_call,
    row,
)

from ami_bridge.domain import events
from ami_bridge.domain.cel import LONGEST_CALL, CelRow, QueueLine
from ami_bridge.domain.errors import NothingWrittenError, RecordsError
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.services.backfill import KEPT_WITHIN, Backfill
from ami_bridge.services.recorder_health import LeftOut
from crm_core.domain.calls import Call, call_id
from crm_core.domain.errors import DatabaseAwayError

THE_CALL = call_id("main", ONE)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class World:
    """The exchange's records, its live calls, the history and the bus, all in memory."""

    pbx, is_connected = "main", True

    def __init__(self, rows: Sequence[CelRow] = (), *, settle_s: float = 0) -> None:
        self.written = list(rows)
        self.kept: dict[str, Call] = {}
        self.published: list[events.FloorEvent] = []
        self.alive: dict[str, Call] = {}
        self.mark: datetime | None = None
        self.no_room: LeftOut | None = None
        self.heard_meanwhile: LeftOut | None = None
        self.trouble: Exception | None = None
        self.asked: list[datetime] = []
        self.read: list[tuple[datetime, datetime]] = []
        self.marked: Callable[[datetime], None] = lambda _: None
        self.on_read: Callable[[], object] = lambda: None
        self.seats: dict[str, str] = {}
        self.polls, self.is_away = 0, False
        self.oldest_waiting: datetime | None = None
        self.time = after(60)
        self.backfill = Backfill(
            self,  # type: ignore[arg-type]  # the rest of a live floor is not asked for
            records=self,
            history=self,
            new_floor=lambda: Floor(
                "main", inside=Inside(), read=lambda raw: f"+34{raw}" if len(raw) == 9 else None
            ),
            bus=self,
            now=lambda: self.time,
            settle_s=settle_s,
            mark_each_s=0,
        )

    # --- records

    def rows(self, since: datetime, until: datetime) -> list[CelRow]:
        self.asked.append(since)
        self.read.append((since, until))
        self.on_read()
        if self.heard_meanwhile:
            self.no_room, self.heard_meanwhile = self.heard_meanwhile, None
        if self.trouble:
            raise self.trouble
        return [one for one in self.written if since <= one.at <= until]

    def lines(self, _since: datetime, _until: datetime) -> list[QueueLine]:
        return []

    # --- live

    def phones(self) -> Sequence[str]:
        return ["PJSIP/101", "PJSIP/102"]

    def calls(self) -> Sequence[Call]:
        return list(self.alive.values())

    def call(self, wanted: str) -> Call | None:
        return self.alive.get(wanted)

    # --- history

    async def watermark(self) -> datetime | None:
        return self.mark

    async def move_watermark(self, at: datetime) -> None:
        self.mark = at if self.mark is None or self.mark > self.time else max(at, self.mark)
        self.marked(at)

    async def missing(self, calls: Sequence[Call]) -> list[Call]:
        return [call for call in calls if call.id not in self.kept]

    async def seated(self, _since: datetime) -> Mapping[str, str]:
        return self.seats

    def is_kept(self, call_id: str) -> bool:
        self.polls -= 1
        return self.polls < 0 and call_id in self.kept

    def kept_until(self, now: datetime) -> datetime | None:
        return None if self.is_away else min(now, self.oldest_waiting or now)

    def left_out(self) -> LeftOut | None:
        return self.no_room

    def nothing_left_out(self) -> None:
        self.no_room = None

    # --- bus

    def publish(self, batch: Sequence[events.FloorEvent]) -> None:
        assert batch, "an empty batch wakes everybody for nothing"
        self.published += batch
        for event in batch:
            assert isinstance(event, events.CallCorrected)
            assert event.record is not None
            self.kept[event.call] = event.record

    def hears(self, *happened: events.FloorEvent) -> None:
        self.backfill.on_events([(n, event) for n, event in enumerate(happened)])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.backfill.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def resynced(at: float = 50, pbx: str = "main") -> events.PbxResynced:
    return events.PbxResynced(pbx=pbx, at=after(at))


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not fact():  # noqa: ASYNC110 - what is waited for is plain memory
            await asyncio.sleep(0)


async def turns() -> None:
    """Let the loop turn often enough for anything that is about to begin."""
    for _ in range(100):
        await asyncio.sleep(0)


async def test_what_ended_since_the_watermark_is_told_and_kept() -> None:
    world = World(queue_call())
    world.mark, world.seats = after(5), {"PJSIP/101": "101"}
    world.polls = 3  # the recorder takes a moment
    assert await world.backfill.fill(None) == 1
    call = world.kept[THE_CALL]
    assert (call.outcome, call.source, call.precision_s) == ("answered", "backfill", 0.1)
    assert call.visits[0].agent == "101"  # who has sat there since then
    (told,) = world.published
    assert isinstance(told, events.CallCorrected)
    assert (told.why, told.linkedid) == ("records", ONE)
    assert await world.backfill.fill(None) == 0  # and never twice
    health = world.backfill.health
    assert (health.filled, health.whole_until) == (1, after(5))


@pytest.mark.parametrize(
    ("mark", "found"),
    [
        pytest.param(after(20), 1, id="within the seconds in which a call may still be written"),
        pytest.param(after(25), 0, id="before the watermark"),
    ],
)
async def test_what_ended_before_the_watermark_is_in_the_history(mark: datetime, found: int) -> None:
    world = World(queue_call())
    world.mark = mark
    assert await world.backfill.fill(None) == found


async def test_what_was_before_us_is_not_our_history() -> None:
    world = World(queue_call())
    assert await world.backfill.fill(None) == 0
    assert world.mark == after(60)


async def test_a_mark_of_a_clock_that_was_ahead_is_none() -> None:
    world = World(queue_call())
    world.mark = after(3_600)
    assert await world.backfill.fill(None) == 1
    assert world.read[0][0] == after(60) - LONGEST_CALL - KEPT_WITHIN
    assert world.backfill.health.whole_until is not None
    assert world.backfill.health.whole_until < after(60)


async def test_a_live_call_is_left_to_the_stream() -> None:
    world = World(queue_call())
    world.mark = after(0)
    world.alive = {THE_CALL: Call(id=THE_CALL, pbx="main", linkedid=ONE, started_at=START)}
    assert await world.backfill.fill(None) == 0


async def test_a_call_that_the_exchange_took_with_it_is_told_as_far_as_it_is_written() -> None:
    rows = queue_call()[:7]
    world = World([*rows, row(9, "ANSWER", CALLER)])
    world.mark = after(0)
    world.hears(resynced())
    await world.backfill.fill(None)
    call = world.kept[THE_CALL]
    assert (call.outcome, call.hung_up_by, call.precision_s) == ("answered", "system", 41.0)


async def test_a_link_lost_while_the_records_are_read_leaves_no_call_without_its_end() -> None:
    world = World(queue_call()[:7])
    world.mark = after(0)
    world.hears(resynced())
    loop = asyncio.get_running_loop()
    lost = events.PbxDisconnected(pbx="main", at=after(60), why="reset")
    # The second time it reads what there is of who was cut.
    world.on_read = lambda: len(world.read) == 2 and loop.call_soon_threadsafe(world.hears, lost)
    assert await world.backfill.fill(None) == 1
    call = world.kept[THE_CALL]
    assert (call.outcome, call.hung_up_by) == ("answered", "system")
    assert call.ended_at is not None
    assert world.mark == after(0)  # not before all is told


def hours_later(hours: int) -> list[CelRow]:
    """Return the same call, that many hours later."""
    seconds = hours * 3600
    born = {name: f"{int(float(name)) + seconds}.{name[-1]}" for name in (ONE, TWO)}
    return [
        replace(one, at=one.at + timedelta(seconds=seconds), uniqueid=born[one.uniqueid], linkedid=born[ONE])
        for one in queue_call()
    ]


async def test_a_long_gap_is_told_in_slices_and_each_is_marked() -> None:
    world = World([*queue_call(), *hours_later(1), *hours_later(2)])
    world.mark, world.time = after(0), after(3 * 3600)
    marks: list[datetime] = []
    world.marked = marks.append
    assert await world.backfill.fill(None) == 3
    assert marks == [after(n * 900 - 5) for n in range(1, 12)]  # the last is the watermark's own
    assert max(until - since for since, until in world.read) <= timedelta(minutes=15)


async def test_a_call_over_many_slices_is_told_whole() -> None:
    """It talks for an hour; what was written before the gap is read for the calls that end in it."""
    rows = queue_call()
    rows[7:] = [replace(one, at=one.at + timedelta(hours=1)) for one in rows[7:]]
    world = World(rows)
    world.mark, world.time = after(1800), after(2 * 3600)
    assert await world.backfill.fill(None) == 1
    call = world.kept[THE_CALL]
    assert (call.started_at, call.talk_s, call.precision_s) == (START, 3610.001, 0.1)


async def test_a_leg_that_joined_the_call_before_the_gap_is_read_from_its_birth() -> None:
    """Bea picked the call up: until then her leg was a call of its own."""
    bea = {"uniqueid": THREE, "num": "102"}
    rows = [
        *queue_call()[:4],
        row(4, "CHAN_START", BEA, linkedid=THREE, exten="*8101", **bea),
        row(5, "BRIDGE_ENTER", BEA, linkedid=THREE, extra={"bridge_id": "b"}, **bea),
        row(5, "BRIDGE_ENTER", CALLER, extra={"bridge_id": "b"}),
        row(1500, "BRIDGE_EXIT", BEA, extra={"bridge_id": "b"}, **bea),
        row(1500, "CHAN_END", BEA, **bea),
        *(one for leg in (ANA, CALLER) for one in hangup(1500, leg)),
    ]
    world = World(rows)
    world.mark, world.time = after(1400), after(1600)
    await world.backfill.fill(None)
    (call,) = world.kept.values()
    assert (call.outcome, call.merged_ids) == ("answered", [THREE])


async def test_a_call_that_the_exchange_took_with_it_long_ago_is_told_at_the_end() -> None:
    world = World(queue_call()[:7])
    world.mark, world.time = after(0), after(2 * 3600)
    world.hears(resynced(7000))
    assert await world.backfill.fill(None) == 1
    call = world.kept[THE_CALL]
    assert (call.outcome, call.hung_up_by, call.precision_s) == ("answered", "system", 6994.0)
    assert world.mark == after(0)  # not before all is told


async def test_a_call_that_began_after_the_lists_were_taken_is_left_to_the_stream() -> None:
    rows = [replace(one, at=one.at + timedelta(seconds=55)) for one in queue_call()[:4]]
    world = World(rows)
    world.mark = after(0)
    world.hears(resynced())
    assert await world.backfill.fill(None) == 0


async def test_a_new_exchange_is_ours_from_the_first_lists_on() -> None:
    """Also when we are killed before the first gap was filled."""
    world = World(queue_call(), settle_s=3600)
    async with world.running():
        world.hears(resynced())
        await until(lambda: world.mark is not None)
    assert (world.mark, world.read) == (after(50), [])


async def test_after_a_reconnect_the_gap_is_filled_and_the_watermark_goes_on() -> None:
    world = World(queue_call())
    world.mark = after(0)
    async with world.running():
        world.hears(events.PbxConnected(pbx="main", at=after(49)), resynced(pbx="other"))
        await turns()
        assert (world.asked, world.mark) == ([], after(0))  # not before the lists were compared
        world.hears(resynced())
        await until(lambda: world.mark == after(55))  # what ended 5 s ago is kept
        assert world.backfill.health.whole_until == after(55)
        assert set(world.kept) == {THE_CALL}
        world.hears(resynced(51))  # an audit is no gap
        await turns()
    assert len(world.asked) == 1


async def test_the_watermark_stands_while_the_link_is_down_or_something_is_not_kept() -> None:
    world = World()
    world.mark = after(0)
    async with world.running():
        world.hears(resynced())
        await until(lambda: world.mark == after(55))
        world.is_away, world.time = True, after(100)
        await turns()
        assert world.mark == after(55)
        world.is_away, world.oldest_waiting = False, after(80)
        await until(lambda: world.mark == after(80))
        world.oldest_waiting = None
        await until(lambda: world.mark == after(95))
        world.hears(events.PbxDisconnected(pbx="main", at=after(100), why="EOF"))
        world.time = after(200)
        await turns()
    assert world.mark == after(95)


async def test_the_watermark_waits_for_a_call_whose_book_is_still_open() -> None:
    world = World()
    world.mark = after(0)
    ended = Call(id="c", pbx="main", linkedid="1.0", started_at=START, ended_at=after(30))
    world.alive = {"c": ended}
    async with world.running():
        world.hears(resynced())
        await until(lambda: world.mark == after(30))


async def test_records_that_cannot_be_read_are_asked_again_and_the_watermark_stands() -> None:
    world = World(queue_call())
    world.mark, world.trouble = after(0), RecordsError("/var/log/cel.csv", "Permission denied")
    async with world.running():
        world.hears(resynced())
        await until(lambda: len(world.asked) > 1)
        assert (world.mark, world.backfill.health.why) == (after(0), "/var/log/cel.csv: Permission denied")
        world.trouble = DatabaseAwayError("locked")
        asked = len(world.asked)
        await until(lambda: len(world.asked) > asked + 1)
        world.trouble = None
        await until(lambda: world.mark == after(55))
    assert (world.backfill.health.why, world.backfill.health.filled) == (None, 1)


async def test_an_exchange_that_wrote_nothing_yet_is_new_until_it_has() -> None:
    world = World(queue_call())
    world.mark, world.trouble = after(0), NothingWrittenError("/cel.csv", "No such file or directory")
    async with world.running():
        world.hears(resynced())
        await until(lambda: world.backfill.health.is_new)
        assert world.mark == after(0)
        world.trouble = None
        await until(lambda: world.mark == after(55))
    assert (world.backfill.health.why, world.backfill.health.is_new) == (None, False)


async def test_a_call_that_was_adopted_is_told_better_when_it_has_ended() -> None:
    world = World()
    world.mark = after(0)
    async with world.running():
        world.hears(resynced(10))
        await until(lambda: world.mark == after(55))
        world.written = queue_call()
        told = {"pbx": "main", "linkedid": ONE}
        adopted = Call(id=THE_CALL, started_at=START, ended_at=after(16), precision_s=1.0, **told)
        ended = events.CallEnded(
            at=after(16),
            call=THE_CALL,
            version=4,
            outcome="answered",
            hung_up_by=None,
            record=adopted,
            **told,
        )
        world.hears(replace(ended, record=replace(adopted, precision_s=0.0)))
        await turns()
        assert len(world.asked) == 1  # a call that was heard whole needs nothing
        world.hears(ended)
        await until(lambda: THE_CALL in world.kept)


async def test_what_had_no_room_comes_from_the_records_once_there_is_room() -> None:
    world = World(queue_call())
    world.mark, world.no_room = after(55), LeftOut(calls=1, since=after(0))
    async with world.running():
        world.hears(resynced())
        await until(lambda: world.no_room is None)
    assert set(world.kept) == {THE_CALL}


async def test_what_had_no_room_while_the_records_were_read_is_read_again() -> None:
    """He began later than the first, and is lost all the same if the first being told is enough."""
    world = World(queue_call())
    world.mark, world.no_room = after(55), LeftOut(calls=1, since=after(0))
    world.heard_meanwhile = LeftOut(calls=2, since=after(0))
    async with world.running():
        world.hears(resynced())
        await until(lambda: world.no_room is None)
    assert world.asked.count(after(-5)) == 2
