"""Two exchanges with records of their own: the gap of one is filled from its own, and is no gap of the other.

They stand in different time zones, write whole seconds without an offset, and speak different dialects.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from integration.centralita.service_kit import CONFIG, DID, SECRET
from lab.desk import until

from ami_bridge.services.backfill import Backfill, BackfillHealth
from ami_bridge.wire.record_files import RecordFiles
from centralita.app import Service, running
from centralita.clock import utc_now
from centralita.settings import Settings
from crm_core.domain.calls import Call
from crm_core.services import backfill, calls
from pbxsim.config import Manner, Phone, exactly
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in

TABLE = (Path(__file__).parents[2] / "fixtures" / "cel" / "queue_call.csv").read_text()
BORN, TOOK = 1795721779, timedelta(seconds=4)
ZONES = {"north": "Europe/Madrid", "south": "Atlantic/Canary"}
TALKS = replace(CONFIG, phones=(Phone(extension="101", manners=((1.0, Manner(after=exactly(0.1))),)),))


def written(path: Path, number: str, *, pbx: str, ended: datetime) -> None:
    """Write down a call of *number* as an exchange does in its own time; it took four seconds."""
    later = int((ended - TOOK).timestamp()) - BORN
    rows = re.sub(r"17957217\d\d(?=\.)", lambda found: str(int(found[0]) + later), TABLE)
    rows = re.sub(r'(?<=",")(\d{10})\.\d{6}(?=")', lambda found: local(int(found[1]), pbx), rows)
    with path.open("a") as file:
        file.write(rows.replace("957212000", number))


def local(second: int, pbx: str) -> str:
    return f"{datetime.fromtimestamp(second, ZoneInfo(ZONES[pbx])):%Y-%m-%d %H:%M:%S}"


@dataclass
class Site:
    """The service, its two exchanges, their records, and how often those were read."""

    service: Service
    exchanges: dict[str, Simulator]
    records: dict[str, Path]
    reads: Counter[str]

    async def history(self) -> dict[str | None, Call]:
        found: list[Call] = await self.service.db.read(calls.history, limit=50)
        kept = {call.ani_raw: call for call in found}
        assert len(kept) == len(found)
        return kept

    async def filled(self, pbx: str, count: int) -> None:
        health = self.service.backfills[pbx].health
        await until(lambda: health.filled == count)
        await goes_on(health)


async def goes_on(health: BackfillHealth) -> None:
    """Return when the watermark has moved on."""
    mark = health.whole_until
    await until(lambda: health.whole_until != mark)


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    reads, rows = Counter[str](), RecordFiles.rows

    def counted(self: RecordFiles, since: datetime, until: datetime) -> object:
        reads[self.cel.stem] += 1
        return rows(self, since, until)

    monkeypatch.setattr(RecordFiles, "rows", counted)
    monkeypatch.setattr("ami_bridge.services.backfill.KEPT_WITHIN", timedelta(seconds=1))
    monkeypatch.setattr("centralita.backfill.Backfill", partial(Backfill, mark_each_s=0.1, settle_s=0.1))
    async with two_exchanges(tmp_path, reads) as found:
        yield found


@asynccontextmanager
async def two_exchanges(folder: Path, reads: Counter[str]) -> AsyncIterator[Site]:
    async with Simulator(TALKS) as north, Simulator(replace(TALKS, manager="1.3")) as south:
        exchanges = {"north": north, "south": south}
        records = {name: folder / f"{name}.csv" for name in exchanges}
        for path in records.values():
            path.touch()
        pbx = {
            name: {
                "port": exchange.port,
                "secret": SECRET,
                "time_zone": ZONES[name],
                "records": {"cel": f"file:{records[name]}"},
            }
            for name, exchange in exchanges.items()
        }
        settings = Settings.model_validate(
            {
                "http": {"port": 0, "ws_port": 0},
                "agi": {"enabled": False},
                "database": {"url": f"sqlite:///{folder}/centralita.sqlite3"},
                "pbx": pbx,
            }
        )
        async with running(settings) as service:
            one = Site(service, exchanges, records, reads)
            for filler in service.backfills.values():
                await until(lambda health=filler.health: health.whole_until)
                await goes_on(filler.health)
            reads.clear()
            yield one


async def test_who_was_away_is_read_and_the_other_is_not(site: Site) -> None:
    ended = utc_now().replace(microsecond=0)
    for pbx, path in site.records.items():
        written(path, "957212001", pbx=pbx, ended=ended)
    await site.exchanges["north"].kill()
    await until(lambda: not site.service.exchanges["north"].live.is_connected)
    south = site.service.backfills["south"].health
    await goes_on(south)
    await site.exchanges["north"].start()
    await site.filled("north", 1)
    (call,) = (await site.history()).values()
    assert (call.pbx, call.ani, call.source) == ("north", "+34957212001", "backfill")
    assert (call.ended_at, call.precision_s) == (ended, 1.0)
    assert site.reads["north"] > 0
    assert (site.reads["south"], south.filled) == (0, 0)


async def test_what_had_no_room_is_read_where_it_was_left_and_each_exchange_has_its_own_hour(
    site: Site,
) -> None:
    """20 h in Madrid is 19 h in Tenerife: both ended at once."""
    service, ended = site.service, utc_now().replace(microsecond=0)
    for pbx, path in site.records.items():
        written(path, f"95721200{len(pbx)}{pbx == 'north':d}", pbx=pbx, ended=ended)
    lost = Call(id="lost", pbx="south", linkedid="1.0", started_at=ended - TOOK)
    service.recorder.health.leave_out(lost)
    await site.filled("south", 1)
    assert not service.recorder.health.left_out
    assert site.reads["north"] == 0
    service.recorder.health.leave_out(Call(id="lost", pbx="north", linkedid="1.0", started_at=ended - TOOK))
    await site.filled("north", 1)
    kept = list((await site.history()).values())
    assert {call.pbx for call in kept} == {"north", "south"}
    assert {call.ended_at for call in kept} == {ended}
    marks = [await service.db.read(backfill.watermark, pbx=pbx) for pbx in site.records]
    assert None not in marks


async def test_two_dialects_are_on_one_floor(site: Site) -> None:
    for name, number in (("north", "957212000"), ("south", "600123456")):
        exchange = site.exchanges[name]
        exchange.pump()
        call_in(exchange.world, to=DID, number=number)
        exchange.pump()
    hub = site.service.hub
    await until(lambda: len(hub.floor_now().floor.calls) == len(ZONES))
    shown = {(one.call.pbx, one.call.ani, one.call.did) for one in hub.floor_now().floor.calls}
    assert shown == {("north", "+34957212000", DID), ("south", "+34600123456", DID)}
    versions = {name: exchange.client.version for name, exchange in site.service.exchanges.items()}
    assert versions["south"] == "1.3" != versions["north"]
    assert site.service.leases.terms == {"service": 1, "pbx north": 1, "pbx south": 1}
