"""Promises watched: told when they are due, woken by what happens, told once over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ami_bridge.bus import Bus
from centralita import promises
from centralita.promises import PromiseWatch
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.domain.errors import DatabaseAwayError
from crm_core.domain.events import IncidentBreached, IncidentWarned
from crm_core.services import incidents, service_levels

BEGIN = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
WITHIN_S = 10


class Heard:
    """What was told, and a way to wait for it."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._more = asyncio.Event()

    def on_events(self, batch: Sequence[tuple[int, Any]]) -> None:
        for _, event in batch:
            if isinstance(event, IncidentWarned | IncidentBreached):
                self.told.append(f"{event.what} {type(event).__name__[8:].lower()}")
        self._more.set()

    async def hears(self, *told: str) -> None:
        async with asyncio.timeout(WITHIN_S):
            while self.told != list(told):
                self._more.clear()
                await self._more.wait()


class House:
    """A service with nothing but the watch, on a clock of its own."""

    def __init__(self, file: Path) -> None:
        self.now, self.heard, self.bus = BEGIN, Heard(), Bus(epoch="e")
        self.db = Database(f"sqlite:///{file}", publish=self.bus.publish)
        self.bus.subscribe(self.heard.on_events)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        watch = PromiseWatch(self.db, now=lambda: self.now)
        self.bus.subscribe(watch.on_events)
        running = asyncio.create_task(watch.run())
        await asyncio.sleep(0)  # it asks first
        await self.db.run(service_levels.policies)  # and was answered: now it sleeps
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def opens(self, key: str) -> None:
        await self.db.run(
            incidents.open_incident,
            call_id=None,
            contact_id=None,
            subject="No line",
            description=None,
            key=key,
            by="ana",
            now=self.now,
        )


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    file = tmp_path / "records.sqlite3"
    upgrade(f"sqlite:///{file}")
    house = House(file)
    await house.db.start()
    always = {"name": "Always", "zone": "UTC", "hours": {}}
    hours = await house.db.run(service_levels.add_calendar, fields=always, by="eva", now=BEGIN)
    fields = {"name": "All", "calendar_id": hours.id, "respond_s": 60, "warn_percent": 50}
    await house.db.run(service_levels.add_policy, fields=fields, by="eva", now=BEGIN)
    yield house
    await house.db.close()


async def test_what_is_due_is_told_once_over_restarts(house: House) -> None:
    async with house.watching():
        await house.opens("1")
        house.now += timedelta(seconds=30)
        await house.opens("2")  # which wakes it
        await house.heard.hears("respond warned")
    house.now += timedelta(seconds=30)
    for _ in range(2):
        async with house.watching():
            await house.heard.hears("respond warned", "respond breached", "respond warned")
    assert len(house.heard.told) == 3


async def test_it_wakes_when_the_next_is_due(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock goes on by itself here: half a second before, the watch sleeps until then."""
    loop = asyncio.get_running_loop()
    await house.opens("1")
    begin, started = house.now + timedelta(seconds=29.5), loop.time()

    class Running(House):
        now = property(lambda _: begin + timedelta(seconds=loop.time() - started), lambda *_: None)

    monkeypatch.setattr(house, "__class__", Running)
    async with house.watching():
        await house.heard.hears("respond warned")
    assert loop.time() - started >= 0.5


async def test_a_database_that_is_away_is_asked_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "TRIES_AGAIN", timedelta(milliseconds=10))
    await house.opens("1")
    house.now += timedelta(seconds=30)
    run, failures = house.db.run, iter([DatabaseAwayError()])

    async def away(fn: Any, /, **kw: object) -> Any:
        if failure := next(failures, None):
            raise failure
        return await run(fn, **kw)

    monkeypatch.setattr(house.db, "run", away)
    async with house.watching():
        await house.heard.hears("respond warned")
