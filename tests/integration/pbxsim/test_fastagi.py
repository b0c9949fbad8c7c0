"""The simulated exchange asks our FastAGI server, as the dialplan does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from integration.pbxsim.client import CONFIG, logged_in

from agi_scripts.ivr.route import Route
from agi_scripts.ports import Flow, Line, LineLostError, RouteFacts
from agi_scripts.server import FastAgiServer, Limits
from pbxsim.config import Agi, Queue
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in, hang_up

PATIENCE_S, IMPATIENT_S = 10.0, 0.3


@asynccontextmanager
async def house(
    flow: Flow, *, patience: float = PATIENCE_S
) -> AsyncIterator[tuple[Simulator, FastAgiServer]]:
    """A service with the flow ``route`` and an exchange that asks it."""
    server = FastAgiServer({"route": flow}, limits=Limits(stop_s=0.1))
    port = await server.start("127.0.0.1", 0)
    agi = Agi(host="127.0.0.1", port=port, patience=patience)
    queues = (*CONFIG.queues, Queue(name="gold", members=("102",)))
    try:
        async with Simulator(replace(CONFIG, agi=agi, queues=queues)) as pbx:
            yield pbx, server
    finally:
        await server.stop()


async def test_the_route_is_set_and_told() -> None:
    asked: list[tuple[str, str, str]] = []

    async def lookup(number: str, did: str, *, trunk: str, **_: str | None) -> RouteFacts:
        asked.append((number, did, trunk))
        return RouteFacts(match="exact", contact="c-1", priority=5, language="es-MX", queue="gold")

    async with house(Route(lookup)) as (pbx, server), logged_in(pbx.port) as client:
        channel = call_in(pbx.world, to="5551", number="957212000", name="Zoë")
        pbx.pump()
        told = await client.event("UserEvent")
        joined = await client.event("QueueCallerJoin")
    assert asked == [("957212000", "5551", "provider")]
    assert (told["UserEvent"], told["Kind"], told["Contact"]) == ("Centralita", "route", "c-1")
    assert told["Linkedid"] == channel.linkedid
    assert (joined["Queue"], joined["Language"]) == ("gold", "es_MX")
    assert channel.variables["CENTRALITA_STATUS"] == "FOUND"
    assert channel.variables["AGISTATUS"] == "SUCCESS"
    assert server.answered == 1


async def silent(line: Line) -> None:
    await asyncio.get_running_loop().create_future()


async def failing(line: Line) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("flow", "patience", "statuses"),
    [
        # Whether the answer is missed or its failure is seen first is a matter of microseconds.
        pytest.param(silent, IMPATIENT_S, {"", "FAILURE"}, id="silent"),
        pytest.param(failing, PATIENCE_S, {"SUCCESS"}, id="failing"),
    ],
)
async def test_the_call_goes_on_whatever_the_service_does(
    flow: Flow, patience: float, statuses: set[str]
) -> None:
    async with house(flow, patience=patience) as (pbx, _), logged_in(pbx.port) as client:
        channel = call_in(pbx.world, to="5551")
        pbx.pump()
        assert (await client.event("QueueCallerJoin"))["Queue"] == "sales"
        assert channel.variables.get("AGISTATUS", "") in statuses


async def test_the_call_goes_on_when_nobody_listens() -> None:
    async with Simulator(CONFIG) as other:
        port = other.port
    agi = Agi(host="127.0.0.1", port=port, patience=PATIENCE_S)
    async with Simulator(replace(CONFIG, agi=agi)) as pbx, logged_in(pbx.port) as client:
        channel = call_in(pbx.world, to="5551")
        pbx.pump()
        await client.event("QueueCallerJoin")
        assert channel.variables["AGISTATUS"] == "FAILURE"


async def test_a_caller_who_hangs_up_meanwhile_is_told_to_the_flow() -> None:
    """The line HANGUP stands before the next answer; applications cannot be run, variables can be set."""
    asked, go_on = asyncio.Event(), asyncio.Event()
    seen: list[object] = []

    async def flow(line: Line) -> None:
        asked.set()
        await go_on.wait()
        seen.append((await line.command("SET VARIABLE", "LATE", "1")).result)
        seen.append(line.is_hung_up)
        try:
            await line.tell({"Kind": "route"})
        except LineLostError:
            seen.append("lost")

    async with house(flow) as (pbx, _), logged_in(pbx.port) as client:
        channel = call_in(pbx.world, to="5551")
        pbx.pump()
        async with asyncio.timeout(PATIENCE_S):
            await asked.wait()
        hang_up(pbx.world, channel)
        pbx.pump()
        await client.event("Hangup")
        go_on.set()
        async with asyncio.timeout(5):
            while len(seen) < 3:  # noqa: ASYNC110 - the flow has no event for it
                await asyncio.sleep(0.005)
    assert seen == ["1", True, "lost"]
    assert channel.variables["LATE"] == "1"


async def test_it_stops_while_it_asks() -> None:
    async with house(silent) as (pbx, server), logged_in(pbx.port) as client:
        call_in(pbx.world, to="5551")
        pbx.pump()
        async with asyncio.timeout(5):
            while not server.links:  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0.005)
        await pbx.stop()
        await client.event("Shutdown")
