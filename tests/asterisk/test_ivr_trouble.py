"""A caller who serves himself gets a person when something of ours is in trouble."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

import pytest
from lab.ami_tap import tap
from lab.floor import Desk, Floor
from lab.menu import NUMBER, joined, said, saying, side_by_side
from lab.pbx import Asterisk
from lab.phones import caller

from agi_scripts.ivr.route import Route
from agi_scripts.ivr.self_service import SelfService
from agi_scripts.menus import Caller
from agi_scripts.ports import RouteFacts, Status
from agi_scripts.server import FastAgiServer
from centralita.clock import utc_now

pytestmark = pytest.mark.asterisk


class Faulty:
    """A ``Reception`` that can tell who calls, and nothing else."""

    def now(self) -> datetime:
        return utc_now()

    def caller(self, number: str) -> Caller:
        return Caller(
            number=f"+34{NUMBER}", region="ES", is_open=True, until=utc_now() + timedelta(minutes=5)
        )

    async def incidents(self, number: str, *, typed: str | None) -> Status:
        raise ConnectionError("the database is away")

    async def keep_callback(self, number: str, *, linkedid: str, did: str) -> None:
        raise ConnectionError("the database is away")


async def nobody(*_: object, **__: object) -> RouteFacts:
    return RouteFacts(match="none")


async def away(*_: object, **__: object) -> RouteFacts:
    raise ConnectionError("the database is away")


@asynccontextmanager
async def our_service(asterisk: Asterisk, route: Route) -> AsyncIterator[FastAgiServer]:
    flows = {"route": route, "menu": SelfService(Faulty(), default="es")}
    server = FastAgiServer(flows, stays={"menu": 300.0})
    await server.start(asterisk.host, asterisk.agi_port)
    try:
        yield server
    finally:
        await server.stop()


async def test_a_database_that_goes_away_inside_sends_him_to_a_person(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    async with our_service(asterisk, Route(nobody)), tap(asterisk, role="recorder") as ear:

        async def play(desk: Desk, number: str, keys: str) -> None:
            async with caller(asterisk, desk.menu, number=number, keys=keys, hang_up_after=9) as line:
                queued = await ear.until(partial(joined, number=number), within=20)
                await line.ended()
            assert queued["Queue"] == desk.queue.name
            assert said(ear, number)[-1] == "to-a-person"

        status, callback = ("1 1",), ("1 2 1",)
        await side_by_side(lab_floor, play, status, callback)


async def test_a_database_that_is_away_asks_him_nothing(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        async with (
            our_service(asterisk, Route(away)),
            tap(asterisk, role="recorder") as ear,
            caller(asterisk, desk.menu, hang_up_after=4) as line,
        ):
            await ear.until(joined)
            await line.ended()
    assert said(ear) == []


async def test_without_the_service_he_gets_a_person_at_once(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        async with (
            tap(asterisk, role="recorder") as ear,
            caller(asterisk, desk.menu, hang_up_after=4) as line,
        ):
            await ear.until(joined)
            (wire,) = await line.ended()
    assert wire.status == 200


async def test_a_service_that_stops_while_it_talks_leaves_him_to_a_person(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as desk:
        async with (
            our_service(asterisk, Route(nobody)) as server,
            tap(asterisk, role="recorder") as ear,
            caller(asterisk, desk.menu, hang_up_after=9) as line,
        ):
            await ear.until(saying("for-spanish"))
            await server.stop()
            await ear.until(joined)
            await line.ended()
