"""The service erases who asked for it: database, log, spool, captures and logs hold nothing of her."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_call, at
from contract.crm_core.planted import NUMBER, found_in, house_with_zoraida
from lab.desk import until

from ami_bridge.domain.events import CallEnded
from ami_bridge.services.recorder import Recorder
from ami_bridge.spool.file import SpoolFile
from centralita.erasing import AGAIN, Erasing
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.domain.batches import Batch
from crm_core.domain.calls import Call
from crm_core.domain.errors import DatabaseAwayError, NotFoundError
from crm_core.domain.events import ContactErased
from crm_core.domain.traces import Steps
from crm_core.services import calls, contacts, erasure

WHO = {"by": "u-eva", "address": None}


@dataclass
class Floor:
    """Who is on the line."""

    live: list[Call] = field(default_factory=list)

    def calls(self) -> list[Call]:
        return self.live


@dataclass
class Site:
    """A database with her in it, a spool that was filled with her, captures and logs that name her."""

    house: House
    folder: Path
    floor: Floor
    recorder: Recorder
    erasing: Erasing
    spool: SpoolFile

    async def ask(self, now: datetime = NOW) -> None:
        await self.house.db.run(erasure.ask, contact_id="zq", grace=timedelta(), now=now, **WHO)

    async def is_there(self) -> bool:
        try:
            await self.house.db.read(contacts.get, contact_id="zq")
        except NotFoundError:
            return False
        return True


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    url = f"sqlite:///{tmp_path / 'records.sqlite3'}"
    upgrade(url)
    heard: list[Any] = []
    db = Database(url, publish=heard.extend)
    await db.start()
    spool = SpoolFile(tmp_path / "records.sqlite3.spool", size=1 << 20)
    recorder = Recorder(write=partial(db.run, calls.record), spool=spool)
    floor: Any = Floor()
    erasing = Erasing(
        db,
        url=url,
        floors={"main": floor},
        recorder=recorder,
        files=[tmp_path / "captures", tmp_path / "service.log"],
        now=lambda: at(60),
    )
    one = Site(House(db, heard), tmp_path, floor, recorder, erasing, spool)
    await house_with_zoraida(one.house)
    fill(one)
    yield one
    spool.close()
    await db.close()


def fill(site: Site) -> None:
    site.spool.append(Batch(calls=[a_call(300, customer=NUMBER, ani_name="ZQ CALLERID")]))
    site.spool.head()
    site.spool.drop()
    (site.folder / "captures").mkdir()
    heard = b"Event: Newchannel\r\nCallerIDNum: 957212345\r\nCallerIDName: ZQ CALLERID\r\n\r\n"
    (site.folder / "captures" / "monday").write_bytes(heard)
    (site.folder / "captures" / "empty").write_bytes(b"")
    (site.folder / "captures" / "tuesday.gz").write_bytes(gzip.compress(heard))
    (site.folder / "captures" / "other.gz").write_bytes(gzip.compress(b"nobody"))
    (site.folder / "service.log").write_text("asked +34957212345\nzoraida@example.org\n1795721234.5 stays\n")


async def test_nothing_of_her_is_left_in_any_file(site: Site) -> None:
    there = {name.partition("@")[0] for name, _ in found_in(site.folder)}
    assert there >= {"records.sqlite3.spool", "monday", "tuesday.gz", "service.log"}
    sizes = {name: (site.folder / "captures" / name).stat().st_size for name in ("monday", "empty")}

    await site.ask()
    assert await site.erasing.work() == 1
    assert found_in(site.folder) == []
    assert sizes == {name: (site.folder / "captures" / name).stat().st_size for name in sizes}
    assert (site.folder / "service.log").read_text().endswith("\n1795721234.5 stays\n")
    assert gzip.decompress((site.folder / "captures" / "other.gz").read_bytes()) == b"nobody"
    assert await site.erasing.work() == 0


@pytest.mark.parametrize("live", [{"customer": NUMBER}, {"customer": None, "contact_id": "zq"}])
async def test_who_is_on_the_line_is_erased_afterwards(site: Site, live: dict[str, Any]) -> None:
    site.floor.live.append(a_call(59, **live))
    await site.ask()
    assert await site.erasing.work() == 0
    assert await site.is_there()

    site.floor.live.clear()
    assert await site.erasing.work() == 1
    assert not await site.is_there()


async def test_history_that_waits_is_waited_for(site: Site) -> None:
    ended = a_call(300, customer=NUMBER, ani_name="ZQ CALLERID")
    event = CallEnded(
        pbx="main",
        call=ended.id,
        linkedid=ended.linkedid,
        version=9,
        at=at(325),
        outcome="answered",
        hung_up_by="customer",
        record=ended,
    )
    site.recorder.on_events([(1, event)])
    await site.ask()
    assert await site.erasing.work() == 0

    work = asyncio.create_task(site.recorder.run())
    await until(lambda: site.recorder.is_settled)
    work.cancel()
    await asyncio.wait([work])
    assert await site.erasing.work() == 1
    assert found_in(site.folder) == []


@dataclass
class Meanwhile:
    """The records, in which something happens while she is erased: once, after the logs were cleaned."""

    db: Database
    happens: Callable[[], Awaitable[Any]]
    is_over: bool = False

    async def read(self, fn: Any, /, **kw: object) -> Any:
        return await self.db.read(fn, **kw)

    async def run(self, fn: Any, /, **kw: object) -> Any:
        result = await self.db.run(fn, **kw)
        if fn is erasure.clean_traces and not self.is_over:
            self.is_over = True
            await self.happens()
        return result


def erasing_in(site: Site, db: Any, *, now: Callable[[], datetime] = lambda: at(600)) -> Erasing:
    floor: Any = site.floor
    return Erasing(
        db,
        url=f"sqlite:///{site.folder / 'records.sqlite3'}",
        floors={"main": floor},
        recorder=site.recorder,
        files=[site.folder / "captures", site.folder / "service.log"],
        now=now,
    )


async def test_a_call_of_hers_in_between_is_cleaned_too(site: Site) -> None:
    ended = a_call(300, customer=NUMBER, ani_name="ZQ CALLERID")
    steps = Steps(call_id=ended.id, at=NOW, steps=[(NOW, "Newchannel", {"name": "ZQ CALLERID"})])
    event = CallEnded(
        pbx="main",
        call=ended.id,
        linkedid=ended.linkedid,
        version=9,
        at=at(325),
        outcome="answered",
        hung_up_by="customer",
        record=ended,
    )
    await site.ask()
    db = Meanwhile(site.house.db, lambda: site.house.record(ended, events=[event, steps]))
    assert await erasing_in(site, db).work() == 1
    assert db.is_over
    assert found_in(site.folder) == []


async def test_who_calls_in_between_is_erased_afterwards(site: Site) -> None:
    async def she_calls() -> None:
        site.floor.live.append(a_call(59, customer=NUMBER))

    await site.ask()
    erasing = erasing_in(site, Meanwhile(site.house.db, she_calls))
    assert await erasing.work() == 0
    assert await site.is_there()
    site.floor.live.clear()
    assert await erasing.work() == 1


async def test_a_hold_that_comes_in_between_is_heeded(site: Site) -> None:
    await site.ask()
    await site.house.db.run(erasure.hold, contact_id="zq", reason="lawsuit", now=NOW, **WHO)
    assert await site.house.db.read(erasure.due, now=at(60)) == []
    assert await site.erasing.work() == 0
    await site.house.db.run(erasure.lift_hold, contact_id="zq", now=NOW, **WHO)
    assert await site.erasing.work() == 1


async def test_an_erasure_that_broke_off_begins_anew(site: Site) -> None:
    await site.ask()
    (site.folder / "service.log").chmod(0o600)
    missing = site.folder / "not there"
    broken = Erasing(
        site.house.db,
        url=f"sqlite:///{site.folder / 'records.sqlite3'}",
        floors={},
        recorder=site.recorder,
        files=[missing],
        now=lambda: at(60),
    )
    missing.symlink_to(site.folder / "captures" / "monday")
    (site.folder / "captures" / "tuesday.gz").write_bytes(b"no gzip at all")
    assert await site.erasing.work() == 0
    assert await site.is_there()
    assert await broken.work() == 1
    assert not await site.is_there()


async def test_what_a_file_hindered_is_not_tried_again_at_once(site: Site) -> None:
    now = at(60)
    erasing = erasing_in(site, site.house.db, now=lambda: now)
    damaged = site.folder / "captures" / "tuesday.gz"
    damaged.write_bytes(b"no gzip at all")
    await site.ask()
    assert await erasing.work() == 0
    damaged.unlink()
    assert await erasing.work() == 0
    assert await site.is_there()
    now = at(60) + AGAIN
    assert await erasing.work() == 1


async def test_who_was_deleted_meanwhile_is_done_with(site: Site) -> None:
    await site.ask()
    await site.house.db.run(lambda uow: uow.privacy.forget("zq", [NUMBER]))
    assert await site.erasing.work() == 1
    done = await site.house.db.read(erasure.asked, contact_id="zq")
    assert done.state == "done"


async def test_it_goes_on_when_the_database_was_away(site: Site) -> None:
    class Away:
        asked = 0

        async def read(self, fn: Any, /, **kw: object) -> Any:
            Away.asked += 1
            if Away.asked == 1:
                raise DatabaseAwayError
            return await site.house.db.read(fn, **kw)

        run = site.house.db.run

    await site.ask()
    away: Any = Away()
    erasing = Erasing(
        away, url="sqlite:///x", floors={}, recorder=site.recorder, files=(), now=lambda: at(60), each_s=0.01
    )
    work = asyncio.create_task(erasing.run())
    await until(lambda: any(isinstance(one, ContactErased) for one in site.house.heard))
    work.cancel()
    await asyncio.wait([work])
