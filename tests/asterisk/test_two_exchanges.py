"""A service on two real exchanges, Asterisk 22 and 16: one floor, one history, and each has its own gap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lab import chroot, floor
from lab.cable import Cable, cable
from lab.desk import until
from lab.floor import SECRETS, Desk, Floor
from lab.pbx import Asterisk, Instance
from lab.phones import Answers, caller, phone
from lab.records import record_settings

from centralita.app import Service, running
from centralita.settings import Settings
from crm_core.domain.calls import Call
from crm_core.services import calls

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]
NORTH, SOUTH, IN_THE_GAP, MEANWHILE = (f"95721207{n}" for n in range(4))
OURS = {NORTH, SOUTH, IN_THE_GAP, MEANWHILE}


@pytest.fixture
def elder() -> Iterator[Asterisk]:
    instance = Instance(chroot.ready(chroot.OLD))
    with Asterisk(floor.settings(instance), instance) as running_one:
        yield running_one


@asynccontextmanager
async def service_on(folder: Path, **exchanges: tuple[Asterisk, Cable]) -> AsyncIterator[Service]:
    pbx: dict[str, Any] = {
        name: {
            "port": wire.port,
            "user": "bridge",
            "secret": SECRETS["bridge"],
            "records": record_settings(one),
        }
        for name, (one, wire) in exchanges.items()
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
        await until(lambda: all(one.health.whole_until for one in service.backfills.values()))
        yield service


@asynccontextmanager
async def talking(pbx: Asterisk, place: Desk, number: str) -> AsyncIterator[None]:
    """Let *number* be on the phone with the first of *place*; he hangs up at the end."""
    async with (
        phone(pbx, place.phones[0], Answers(after=0.2)) as answering,
        caller(pbx, place.did, number=number, hang_up_after=2) as line,
    ):
        await answering.until(lambda call: call.answered_at)
        yield
        await line.ended()


async def history(service: Service) -> dict[str | None, list[tuple[str, str]]]:
    kept: list[Call] = await service.db.read(calls.history, limit=50)
    found: dict[str | None, list[tuple[str, str]]] = {}
    for call in kept:
        if call.ani_raw in OURS:  # as we began a call of another test may have ended
            found.setdefault(call.ani_raw, []).append((call.pbx, call.source))
    return found


async def test_both_are_one_floor_and_each_has_its_own_gap(
    asterisk: Asterisk, elder: Asterisk, lab_floor: Floor, tmp_path: Path
) -> None:
    with lab_floor.desk() as north, Floor(elder.settings, elder).desk() as south:
        async with (
            cable(asterisk) as sound,
            cable(elder) as weak,
            service_on(tmp_path, north=(asterisk, sound), south=(elder, weak)) as service,
        ):
            floor_now = service.hub.floor_now
            async with talking(asterisk, north, NORTH), talking(elder, south, SOUTH):
                await until(lambda: {one.call.ani_raw for one in floor_now().floor.calls} >= {NORTH, SOUTH})
            fills = {name: filler.health for name, filler in service.backfills.items()}
            await until(lambda: all(fill.whole_until or fill.is_new for fill in fills.values()))
            before = {name: fill.filled for name, fill in fills.items()}  # calls of another test as we began
            weak.is_refused = True
            weak.reset()
            await until(lambda: floor_now().pbx == {"north": True, "south": False})
            async with talking(elder, south, IN_THE_GAP), talking(asterisk, north, MEANWHILE):
                pass
            weak.is_refused = False
            await until(lambda: floor_now().pbx == {"north": True, "south": True})
            truths = {name: exchange.live.truth for name, exchange in service.exchanges.items()}
            await until(lambda: truths["south"].resyncs == 2 and not floor_now().floor.calls)
            await until(lambda: fills["south"].filled == before["south"] + 1)
            kept = await history(service)
            assert truths["north"].resyncs == 1
            assert fills["north"].filled == before["north"]
    assert kept == {
        NORTH: [("north", "live")],
        SOUTH: [("south", "live")],
        IN_THE_GAP: [("south", "backfill")],
        MEANWHILE: [("north", "live")],
    }
