"""One exchange between wire and bus: what is published, and what lists that were asked for may spoil."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from scenes import ANA, START, TRUNK, read

from ami_bridge.domain import ami, events
from ami_bridge.domain.errors import LinkDownError
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.services import audit, live
from ami_bridge.services.live import LivePbx

NOON = START.timestamp()
FIRST = "1795536000.0"


class Control:
    """Answers with *snapshots*, one after the other; raises an error. ``meanwhile`` runs before."""

    def __init__(self, *snapshots: ami.Snapshot | Exception) -> None:
        self.left = list(snapshots)
        self.meanwhile: Any = lambda: None

    async def snapshot(self) -> ami.Snapshot:
        await asyncio.sleep(0)
        self.meanwhile()
        answer = self.left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Stage:
    """A live floor, what it published, and what the dialplan told of which call."""

    def __init__(self) -> None:
        self.happened: list[events.FloorEvent] = []
        self.ivr: list[tuple[str, dict[str, str]]] = []
        self.seconds = 0.0
        floor = Floor("main", inside=Inside(patterns=(r"PJSIP/agent\d+",)), read=read)
        self.live = LivePbx(
            floor,
            bus=self,
            clock=PbxClock(),
            now=lambda: START + timedelta(seconds=self.seconds),
            told_by_ivr=lambda call, headers: self.ivr.append((call, headers)),
        )

    def publish(self, batch: Sequence[events.FloorEvent]) -> None:
        assert batch, "an empty batch wakes everybody for nothing"
        self.happened += batch

    def hear(self, *facts: ami.AmiEvent, at: float = 0.0) -> None:
        self.seconds = max(self.seconds, at)
        self.live.heard(facts, arrival=NOON + at)

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.happened]


def newchannel(uniqueid: str = FIRST, **how: Any) -> ami.Newchannel:
    return ami.Newchannel(
        uniqueid=uniqueid,
        linkedid=uniqueid,
        channel=f"{TRUNK}-{uniqueid[-1] * 8}",
        state=4,
        num="957212000",
        exten="5551001",
        **how,
    )


def row(uniqueid: str) -> ami.ChannelRow:
    return ami.ChannelRow(
        uniqueid=uniqueid, linkedid=uniqueid, channel=f"{TRUNK}-{uniqueid[-1] * 8}", state=6, duration=5
    )


@asynccontextmanager
async def resyncing(stage: Stage, control: Control) -> AsyncIterator[None]:
    task = asyncio.create_task(stage.live.resync(control))
    try:
        yield
        async with asyncio.timeout(2):
            while "PbxResynced" not in stage.names():  # noqa: ASYNC110 - the fake answers within a turn or two
                await asyncio.sleep(0)
    finally:
        task.cancel()
        await asyncio.wait([task])


def test_the_facts_of_one_read_are_published_as_one() -> None:
    stage = Stage()
    stage.hear(newchannel(), ami.QueueCallerJoin(uniqueid=FIRST, queue="sales"))
    stage.hear(ami.MusicOnHoldStart(uniqueid=FIRST))
    assert stage.names() == ["CallStarted", "CallQueued"]
    (call,) = stage.live.calls()
    assert stage.live.call(call.id) is call
    assert [queue.queue for queue in stage.live.queues()] == []


def test_our_dialplans_words_are_passed_on_with_the_call() -> None:
    stage = Stage()
    stage.hear(newchannel())
    headers = {"kind": "route", "contact": "c-1"}
    stage.hear(
        ami.UserEvent(uniqueid=FIRST, linkedid=FIRST, name="Centralita", headers=headers),
        ami.UserEvent(uniqueid=FIRST, linkedid=FIRST, name="Another", headers={}),
        ami.UserEvent(uniqueid="1.1", linkedid="1.1", name="Centralita", headers={}),
        ami.Shutdown(),
    )
    assert stage.ivr == [(stage.live.calls()[0].id, headers)]


def test_seats_and_requests_come_from_us() -> None:
    stage = Stage()
    stage.live.take_seat(interface=ANA, agent="101")
    assert [(agent.agent, agent.state) for agent in stage.live.agents()] == [("101", "ready")]
    stage.live.asked_to_originate(ami.OriginateAsked(action_id="a", interface=ANA, number="600123456"))
    stage.hear(ami.Newchannel(uniqueid="1.1", linkedid="1.1", channel=f"{ANA}-00000001", exten="s"), at=1.0)
    (call,) = stage.live.calls()
    assert call.origin.kind == "click"
    assert list(stage.live.ringing_at(ANA)) == []
    stage.live.note_pop(call.id, ANA)
    stage.live.leave_seat(interface=ANA, agent="101")
    assert stage.names() == [
        "AgentLoggedIn",
        "AgentStateChanged",
        "CallStarted",
        "AgentStateChanged",
        "AgentStateChanged",
        "AgentLoggedOut",
    ]


def test_a_clock_that_was_set_is_said_of_live_calls() -> None:
    stage = Stage()
    stage.hear(newchannel(stamp=NOON))
    stage.hear(ami.NewCallerid(uniqueid=FIRST, stamp=NOON + 3600), at=1.0)
    (anomaly,) = [event for event in stage.happened if isinstance(event, events.CallAnomaly)]
    assert (anomaly.kind, anomaly.call) == ("clock_step", stage.live.calls()[0].id)


async def test_after_each_connect_the_lists_are_asked_for() -> None:
    stage = Stage()
    stage.live.connected()
    assert stage.live.is_connected
    async with resyncing(stage, Control(ami.Snapshot(channels=(row(FIRST),)))):
        pass
    assert stage.names() == ["PbxConnected", "CallStarted", "PbxResynced"]
    assert [call.source for call in stage.live.calls()] == ["adopted"]


async def test_a_call_that_went_with_the_link_ended_when_it_was_lost() -> None:
    stage = Stage()
    stage.live.connected()
    stage.hear(newchannel())
    stage.seconds = 60.0
    stage.live.disconnected("cut")
    stage.live.disconnected("cut")  # said once
    assert (stage.live.is_connected, stage.names().count("PbxDisconnected")) == (False, 1)
    stage.seconds = 90.0
    stage.live.connected()
    async with resyncing(stage, Control(ami.Snapshot())):
        pass
    (ended,) = [event.record for event in stage.happened if isinstance(event, events.CallEnded)]
    assert ended.ended_at == START + timedelta(seconds=60)


async def test_lists_that_cannot_be_had_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "AUDIT_RETRY_S", 0.0)
    stage = Stage()
    stage.live.connected()
    async with resyncing(stage, Control(LinkDownError("cut"), ami.Snapshot())):
        pass
    assert stage.names() == ["PbxConnected", "PbxResynced"]


@pytest.mark.parametrize(
    ("facts", "rows", "left"),
    [
        pytest.param([newchannel()], (), 1, id="born after the list was made: it stays"),
        pytest.param(
            [newchannel(), ami.Hangup(uniqueid=FIRST)], (row(FIRST),), 0, id="gone since: it is not adopted"
        ),
        pytest.param([], (row(FIRST),), 1, id="nothing happened: the list is right"),
    ],
)
async def test_what_happens_while_the_lists_are_made_counts_more(
    facts: list[ami.AmiEvent], rows: tuple[ami.ChannelRow, ...], left: int
) -> None:
    stage, control = Stage(), Control(ami.Snapshot(channels=rows))
    control.meanwhile = lambda: stage.hear(*facts, at=1.0)
    stage.live.connected()
    async with resyncing(stage, control):
        pass
    assert len(stage.live.calls()) == left


async def test_deadlines_pass_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TICK_S", 0.0)
    stage = Stage()
    stage.hear(newchannel(), ami.QueueCallerJoin(uniqueid=FIRST, queue="sales"))
    ticking = asyncio.create_task(stage.live.tick(lambda _queue: True))
    async with asyncio.timeout(2):
        while "QueueChanged" not in stage.names():  # noqa: ASYNC110 - a tick has no event
            await asyncio.sleep(0)
    ticking.cancel()
    await asyncio.wait([ticking])
    (changed,) = [event for event in stage.happened if isinstance(event, events.QueueChanged)]
    assert [waiter.position for waiter in changed.waiting] == [1]
