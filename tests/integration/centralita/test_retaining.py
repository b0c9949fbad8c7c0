"""Each night what is too old goes, a missed night is made up for; the command line does it at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from contract.crm_core.kit import NOW, House, a_call
from contract.crm_core.test_import_batches import begun, run
from typer.testing import CliRunner

from centralita.cli import app
from centralita.retaining import Retaining
from crm_core.db import retention_more
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.domain.errors import DatabaseAwayError
from crm_core.services import audit, calls, import_batches, retention

MADRID = ZoneInfo("Europe/Madrid")
EVENING = datetime(2028, 3, 1, 20, 0, tzinfo=UTC)
CALLS = 60


class Clock:
    """What time it is."""

    def __init__(self) -> None:
        self.now = EVENING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'centralita.sqlite3'}"
    upgrade(url)
    return url


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    heard: list[Any] = []
    db = Database(url, publish=heard.extend)
    await db.start()
    house = House(db, heard)
    await house.record(*(a_call(n * 60) for n in range(CALLS)))
    yield house
    await db.close()


async def rule(
    house: House, *, kind: str = "calls", days: int | None = 90, version: int = 0, now: datetime = NOW
) -> None:
    who = {"by": "u-eva", "address": None, "now": now}
    await house.db.run(retention.set_rule, kind=kind, days=days, version=version, **who)


async def personal(house: House) -> int:
    return sum(one.customer is not None for one in await house.db.read(calls.history, limit=CALLS))


async def test_it_is_done_once_a_night_and_made_up_for(house: House) -> None:
    clock = Clock()
    retaining = Retaining(house.db, zone=MADRID, now=clock)
    assert await retaining.work() == []
    assert await personal(house) == CALLS

    await rule(house)
    (done,) = await retaining.work()  # nobody did it last night
    assert (done.gone, await personal(house), retaining.gone) == (CALLS, 0, {"calls": CALLS})
    (deed,) = await house.db.read(audit.last, limit=1)
    assert (deed.who, deed.what) == ("service", "records let go: 60, kept by legal holds: 0")

    clock.now += timedelta(hours=6)  # 03:00 in Madrid
    assert await retaining.work() == []
    clock.now += timedelta(hours=1)
    (done,) = await retaining.work()
    assert (done.gone, retaining.gone) == (0, {"calls": CALLS})


async def test_a_new_rule_waits_for_the_night(house: House) -> None:
    clock = Clock()
    retaining = Retaining(house.db, zone=MADRID, now=clock)
    await rule(house, now=EVENING)
    assert await retaining.work() == []
    clock.now += timedelta(hours=7)
    (before,) = [one for one in await house.db.read(retention.rules) if one.days]
    await rule(house, days=None, version=1, now=clock.now)
    assert await retaining.let_go(before) == before
    assert await personal(house) == CALLS


class Slow:
    """Records in which looking for old ones of a kind takes the database too long."""

    def __init__(self, db: Database, kind: str) -> None:
        self._db, self._kind = db, kind

    async def read(self, fn: Any, **kw: Any) -> Any:
        if fn is retention.older and kw["kind"] == self._kind:
            raise DatabaseAwayError
        return await self._db.read(fn, **kw)

    async def run(self, fn: Any, **kw: Any) -> Any:
        return await self._db.run(fn, **kw)


async def test_a_kind_that_fails_keeps_none_behind_it_waiting_and_is_told(house: House) -> None:
    await rule(house)
    await rule(house, kind="tasks")
    with pytest.raises(DatabaseAwayError):
        await Retaining(Slow(house.db, "calls"), zone=MADRID, now=Clock()).work()
    ran = {one.kind: one.ran_at for one in await house.db.read(retention.rules) if one.days}
    assert ran == {"calls": None, "tasks": EVENING}
    (done,) = await Retaining(house.db, zone=MADRID, now=Clock()).work()  # in the next minute
    assert (done.kind, done.gone) == ("calls", CALLS)


async def test_a_large_import_is_gone_on_with_in_the_same_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_more, "PART", 2)
    await begun(house, *(f"Ana{n};Ruiz;;95721200{n};" for n in range(5)))
    await run(house, import_batches.finish, now=NOW)
    await rule(house, kind="imports")
    (done,) = await Retaining(house.db, zone=MADRID, now=Clock()).work()
    assert done.gone == 1
    assert await house.db.read(lambda uow: uow.imports.noted("b", 9)) == []


async def test_nobody_waits_long_for_it(house: House) -> None:
    await rule(house)
    longest = 0.0

    async def write() -> None:
        nonlocal longest
        while True:
            begin = perf_counter()
            await house.db.run(lambda uow: uow.watermarks.put("main", NOW))
            longest = max(longest, perf_counter() - begin)
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    await Retaining(house.db, zone=MADRID, now=Clock()).work()
    writing.cancel()
    assert 0 < longest < 0.5, f"{longest:.3f} s"


def typed(monkeypatch: pytest.MonkeyPatch, url: str, *words: str) -> str:
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", url)
    monkeypatch.setenv("LANGUAGE", "en")
    result = CliRunner().invoke(app, ["retention", *words])
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_the_command_line_tells_and_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    async def prepare() -> None:
        db = Database(url)
        await db.start()
        house = House(db, [])
        old = datetime.now(UTC) - timedelta(days=200)
        one = a_call(0)
        one.started_at = old
        await house.record(one)
        await rule(house)
        await db.close()

    monkeypatch.chdir(tmp_path)
    assert typed(monkeypatch, url, "--dry-run") == "Nothing goes: all records are kept for good."
    asyncio.run(prepare())
    for _ in range(2):
        assert " 90 1 0 " in typed(monkeypatch, url, "--dry-run")
    assert "90 1 0" in typed(monkeypatch, url)
    assert "90 0 0" in typed(monkeypatch, url)
