"""Audits: what two looks agree on is drift, is told and counted; what one look finds is nothing yet."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from scenes import START, TRUNK, read
from structlog.testing import capture_logs

from ami_bridge.domain import ami, events
from ami_bridge.domain.errors import ActionTimeoutError, LinkDownError
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.services import audit
from ami_bridge.services.live import LivePbx

FIRST = "1795536000.0"
ROW = ami.ChannelRow(uniqueid=FIRST, linkedid=FIRST, channel=f"{TRUNK}-00000000", state=4)
EMPTY = ami.Snapshot()
ONE = ami.Snapshot(channels=(ROW,))
Answer = ami.Snapshot | Exception | Callable[[], ami.Snapshot]


class Place:
    """A floor that is audited, by a control that gives *answers* in turn and then is asked no more."""

    def __init__(self, *answers: Answer) -> None:
        self.floor = Floor("main", inside=Inside(), read=read)
        self.happened: list[events.FloorEvent] = []
        self.answers = list(answers)
        self.is_done = asyncio.Event()
        self.live = LivePbx(
            self.floor,
            bus=self,
            clock=PbxClock(),
            now=lambda: START + timedelta(seconds=60),
            told_by_ivr=lambda _call, _headers: None,
            audit_each_s=0.0,
        )
        self.truth = self.live.truth

    def publish(self, batch: Sequence[events.FloorEvent]) -> None:
        assert batch
        self.happened += batch

    async def snapshot(self) -> ami.Snapshot:
        await asyncio.sleep(0)
        if not self.answers:
            self.is_done.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    def hear(self, fact: ami.AmiEvent) -> None:
        self.live.heard([fact], arrival=START.timestamp())

    async def play(self) -> None:
        """Connect, and let the audit ask for everything there is."""
        self.live.connected()
        control: Any = self
        task = asyncio.create_task(self.live.resync(control))
        try:
            async with asyncio.timeout(2):
                await self.is_done.wait()
        finally:
            task.cancel()
            await asyncio.wait([task])

    def calls(self) -> list[type[events.CallEvent]]:
        return [type(event) for event in self.happened if isinstance(event, events.CallEvent)]

    def reports(self) -> list[tuple[bool, dict[str, int]]]:
        return [(one.is_audit, one.by) for one in self.happened if isinstance(one, events.PbxResynced)]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_AUDIT_S", "AUDIT_RETRY_S", "SECOND_LOOK_S"):
        monkeypatch.setattr(audit, name, 0.0)


async def test_an_audit_that_finds_nothing_is_counted_and_no_news() -> None:
    place = Place(ONE, ONE)
    await place.play()
    assert place.reports() == [(False, {"adopted": 1})]
    truth = place.truth
    assert (truth.resyncs, truth.audits, truth.drift, truth.corrected) == (1, 1, 0, {"adopted": 1})
    assert truth.checked_at == START + timedelta(seconds=60)


async def test_what_two_looks_find_is_drift_and_told() -> None:
    place = Place(ONE, EMPTY, EMPTY)
    with capture_logs() as logs:
        await place.play()
    assert place.reports() == [(False, {"adopted": 1}), (True, {"closed": 1})]
    assert (place.truth.drift, place.floor.calls()) == (1, [])
    assert [one["by"] for one in logs if one["event"] == "an audit found drift"] == [{"closed": 1}]


async def test_what_one_look_finds_and_the_next_does_not_is_none() -> None:
    place = Place(ONE, EMPTY, ONE)
    await place.play()
    assert place.reports() == [(False, {"adopted": 1})]
    assert place.truth.drift == 0


async def test_what_the_stream_tells_between_two_looks_counts_more() -> None:
    """Its end was under way when the first list was taken."""
    place = Place(ONE, EMPTY)

    def ends() -> ami.Snapshot:
        place.hear(ami.Hangup(uniqueid=FIRST, linkedid=FIRST, cause=16))
        return EMPTY

    place.answers.append(ends)
    await place.play()
    (ended,) = [event.record for event in place.happened if isinstance(event, events.CallEnded)]
    assert (ended.hangup_cause, place.truth.drift) == (16, 0)


async def test_drift_is_what_the_last_audit_found() -> None:
    place = Place(ONE, EMPTY, EMPTY, EMPTY)
    await place.play()
    assert (place.truth.drift, place.truth.corrected["closed"]) == (0, 1)


async def test_who_may_not_list_channels_ends_no_call_by_an_audit() -> None:
    place = Place(ONE, ami.Snapshot(untold=frozenset({"channels"})))
    await place.play()
    assert len(place.floor.calls()) == 1
    assert place.truth.audits == 0


async def test_a_link_lost_between_two_looks_ends_the_audit() -> None:
    place = Place(ONE, EMPTY)

    def lost_and_back() -> ami.Snapshot:
        place.live.disconnected("cut")
        place.live.connected()
        return EMPTY

    place.answers += [lost_and_back, ONE]
    await place.play()
    assert [is_audit for is_audit, _ in place.reports()] == [False, False]
    assert len(place.floor.calls()) == 1


async def test_what_waits_for_the_lists_waits_on_when_an_older_look_fails() -> None:
    """The link came back in the middle of an audit; the lists of its own are still to come."""
    caller = ami.ChannelRow(
        uniqueid="1795536001.5", channel=f"{TRUNK}-00000005", state=4, num="957212000", exten="5551001"
    )
    rung = ami.Newchannel(uniqueid="1795536001.6", linkedid=caller.uniqueid, channel="PJSIP/300-00000006")
    place = Place(ONE)

    def lost_and_back() -> ami.Snapshot:
        place.live.disconnected("cut")
        place.live.connected()
        place.hear(rung)
        return EMPTY

    place.answers += [lost_and_back, ami.Snapshot(channels=(ROW, caller))]
    await place.play()
    started = [event.ani for event in place.happened if isinstance(event, events.CallStarted)]
    assert started == [None, "+34957212000"]


async def test_what_waited_for_lists_that_do_not_come_is_told_without() -> None:
    """A phone rings for a caller whom nobody knows, and the exchange does not answer."""
    leg = {"uniqueid": "1795536000.1", "linkedid": FIRST, "channel": "PJSIP/300-00000001"}
    place = Place()

    def rung() -> ami.Snapshot:
        place.hear(ami.Newchannel(**leg))
        assert place.calls() == []
        raise ActionTimeoutError("CoreShowChannels", 5.0)

    place.answers += [rung, LinkDownError("cut")]
    await place.play()
    assert place.calls() == [events.CallStarted]
    assert place.truth.checked_at is None
