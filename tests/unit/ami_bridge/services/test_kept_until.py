"""Until when the recorder has kept what ended: what the watermark of an exchange goes by."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from scenes import START

from ami_bridge.domain.events import CallEnded
from ami_bridge.services.recorder import Recorder
from crm_core.domain.calls import Call
from crm_core.domain.errors import DatabaseAwayError


def ended(second: int, pbx: str = "main") -> CallEnded:
    at = START + timedelta(seconds=second)
    call = Call(id=f"c{second}", pbx=pbx, linkedid=f"{second}.0", started_at=START, ended_at=at)
    return CallEnded(
        pbx=pbx,
        at=at,
        call=call.id,
        linkedid=call.linkedid,
        version=1,
        outcome="answered",
        hung_up_by=None,
        record=call,
    )


class Database:
    """Takes what is written, unless it is away."""

    def __init__(self) -> None:
        self.is_away = False
        self.kept: list[str] = []

    async def write(self, *, calls: Sequence[Call], events: Sequence[Any], spooled: object = None) -> None:
        assert spooled is None
        assert events or calls
        if self.is_away:
            raise DatabaseAwayError("locked")
        self.kept += [call.id for call in calls]


async def until(fact: Any) -> None:
    async with asyncio.timeout(5):
        while not fact():  # noqa: ASYNC110 - what is waited for is plain memory
            await asyncio.sleep(0.01)


async def test_until_the_oldest_call_that_waits_and_not_while_the_database_is_away() -> None:
    database, now = Database(), START + timedelta(seconds=60)
    recorder = Recorder(write=database.write)
    assert recorder.kept_until(now, pbx="main") == now
    recorder.on_events([(1, ended(30)), (2, ended(20)), (3, ended(10, "other"))])
    assert recorder.kept_until(now, pbx="main") == START + timedelta(seconds=20)
    database.is_away = True
    run = asyncio.create_task(recorder.run())
    await until(lambda: recorder.health.why)
    assert recorder.kept_until(now, pbx="main") is None
    database.is_away = False
    await until(lambda: recorder.kept_until(now, pbx="main") == now)
    assert database.kept == ["c30", "c20", "c10"]
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
