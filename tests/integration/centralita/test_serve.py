"""The service as a program: what it says at its start, how it is, how it stops."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from integration.centralita.program import Program, program

from centralita.store import open_database
from pbxsim.config import Config, Did, Phone, Queue, User
from pbxsim.server import Simulator

SECRET = "s3cr3t-of-the-exchange"


@pytest.fixture
async def exchange() -> AsyncIterator[Simulator]:
    config = Config(
        users=(User(name="centralita", secret=SECRET),),
        phones=(Phone(extension="101"),),
        queues=(Queue(name="sales", members=("101",)),),
        dids=(Did(number="5551001", to="queue:sales"),),
    )
    async with Simulator(config) as simulator:
        yield simulator


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings whose ports the system chooses."""
    return {
        "CENTRALITA_DATABASE__URL": f"sqlite:///{tmp_path}/centralita.sqlite3",
        "CENTRALITA_HTTP__PORT": "0",
        "CENTRALITA_HTTP__WS_PORT": "0",
        "CENTRALITA_AGI__PORT": "0",
        "CENTRALITA_PBX__MAIN__SECRET": SECRET,
    }


async def said(running: Program, event: str) -> dict[str, Any]:
    """Return the log line of *event*."""
    assert running.process.stderr
    async with asyncio.timeout(15):
        while text := (await running.process.stderr.readline()).decode():
            if json.loads(text)["event"] == event:
                return json.loads(text)
    raise EOFError(event)


async def health(port: int, wanted: int) -> dict[str, Any]:
    """Return how the parts are, once the answer's status is *wanted*."""
    async with asyncio.timeout(10), aiohttp.ClientSession() as http:
        while True:
            async with http.get(f"http://127.0.0.1:{port}/health") as answer:
                if answer.status == wanted:
                    return (await answer.json())["parts"]
            await asyncio.sleep(0.05)


async def test_it_tells_its_ports_and_how_it_is_and_stops_cleanly(
    exchange: Simulator, environment: dict[str, str], tmp_path: Path
) -> None:
    async with program("serve", **environment, CENTRALITA_PBX__MAIN__PORT=str(exchange.port)) as running:
        ports = await said(running, "serving")
        parts = await health(ports["http_port"], 200)
        assert set(parts) == {
            *("lease", "event log", "erasures", "promises", "recorder", "spools", "look-up", "pbx main"),
            *("hub", "sign-in", "http", "websocket", "agi", "imports", "retention", "webhooks", "memory"),
        }
        assert all(part["is_well"] for part in parts.values())
        for name in ("ws_port", "agi_port"):
            _, writer = await asyncio.open_connection("127.0.0.1", ports[name])
            writer.close()
            await writer.wait_closed()
        assert await running.interrupt() == 0
        assert "stopped" in await running.errors()
    assert not (tmp_path / "centralita.sqlite3-wal").exists()  # what was written is in the file itself


async def test_an_exchange_that_is_away_is_told_and_comes_back(
    exchange: Simulator, environment: dict[str, str]
) -> None:
    async with program("serve", **environment, CENTRALITA_PBX__MAIN__PORT=str(exchange.port)) as running:
        ports = await said(running, "serving")
        await health(ports["http_port"], 200)
        await exchange.kill()
        parts = await health(ports["http_port"], 503)
        assert not parts["pbx main"]["is_well"]
        assert parts["http"]["is_well"]
        await exchange.start()
        await health(ports["http_port"], 200)


async def test_a_wrong_secret_is_told_and_the_rest_runs(
    exchange: Simulator, environment: dict[str, str]
) -> None:
    wrong = {"CENTRALITA_PBX__MAIN__PORT": str(exchange.port), "CENTRALITA_PBX__MAIN__SECRET": "wrong"}
    async with program("serve", **(environment | wrong)) as running:
        ports = await said(running, "serving")
        parts = await health(ports["http_port"], 503)
        while parts["pbx main"]["state"] != "refused":
            parts = await health(ports["http_port"], 503)
        assert "refuses the manager user 'centralita'" in parts["pbx main"]["why"]
        assert "wrong" not in json.dumps(parts)


async def test_a_port_that_is_taken_is_told_by_its_key(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with program("serve", **(environment | {"CENTRALITA_AGI__PORT": str(port)})) as running:
            assert await running.ended() == 2
            told = await running.errors()
    assert f"agi.port: 127.0.0.1:{port} is taken by another program" in told


async def test_tables_of_another_version_are_not_touched(environment: dict[str, str], tmp_path: Path) -> None:
    await (await open_database(environment["CENTRALITA_DATABASE__URL"])).close()
    connection = sqlite3.connect(tmp_path / "centralita.sqlite3")
    connection.execute("DELETE FROM alembic_version")
    connection.commit()
    connection.close()
    async with program("serve", **environment) as running:
        assert await running.ended() == 2
        assert "centralita db upgrade" in await running.errors()


async def test_a_second_ctrl_c_ends_it_at_once(exchange: Simulator, environment: dict[str, str]) -> None:
    """A request that never ends holds up the first; who presses again does not wait for it."""
    async with program("serve", **environment, CENTRALITA_PBX__MAIN__PORT=str(exchange.port)) as running:
        ports = await said(running, "serving")
        _, writer = await asyncio.open_connection("127.0.0.1", ports["http_port"])
        writer.write(
            b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        await writer.drain()
        running.process.send_signal(signal.SIGINT)
        await said(running, "stopping")
        running.process.send_signal(signal.SIGINT)
        assert await running.ended() == 130
        writer.close()
