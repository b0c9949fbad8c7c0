"""Two services on one file: one leads, the other stands by and takes over; who slept stores nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from integration.centralita.service_kit import CONFIG, asked, call, ended, later, rows, said, service
from lab.desk import Desk, signed_in, until
from lab.service import PASSWORD, agent_of
from websockets.asyncio.client import connect
from yarl import URL

from asterisk_conf.model import Phone as Seat
from centralita.store import open_database
from crm_core.services import users
from pbxsim.server import Simulator

TAKEN_OVER_WITHIN_S = 10.0


@dataclass
class Relay:
    """A way to the exchange that keeps what went along it."""

    to: int
    port: int = 0
    sent: bytearray = field(default_factory=bytearray)
    links: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Relay]:
        async with asyncio.TaskGroup() as group:

            def link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                group.create_task(self._link(reader, writer))

            server = await asyncio.start_server(link, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            try:
                yield self
            finally:
                server.close()

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links += 1
        from_exchange, to_exchange = await asyncio.open_connection("127.0.0.1", self.to)
        await asyncio.gather(
            _pass_on(reader, to_exchange, self.sent), _pass_on(from_exchange, writer, bytearray())
        )


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
    with suppress(ConnectionError):
        while text := await reader.read(65536):
            kept += text
            writer.write(text)
            await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def come_back(desk: Desk, *, http_port: int, ws_port: int) -> dict[str, Any]:
    """Return what *desk* hears where another leads, signed in as before, when it asks for what it missed."""
    cookie = "; ".join(f"{one.key}={one.value}" for one in desk.http.cookie_jar)
    async with connect(
        str(URL(desk.ws_url).with_port(ws_port)),
        origin=f"http://127.0.0.1:{http_port}",
        subprotocols=["centralita.v1"],
        additional_headers={"Cookie": cookie},
    ) as link:
        last = desk.heard[-1].message["seq"]
        await link.send(json.dumps({"op": "hello", "topics": ["desk"], "resume": last}))
        async with asyncio.timeout(TAKEN_OVER_WITHIN_S):
            return dict(json.loads(await link.recv()))


@pytest.mark.timeout(180)
async def test_who_stands_by_takes_over_and_who_slept_stores_and_sends_nothing(tmp_path: Path) -> None:
    seat = Seat(extension="101", name="Ana", secret="long enough a secret")
    db = await open_database(f"sqlite:///{tmp_path}/centralita.sqlite3")
    await db.run(users.add_user, user=agent_of("ana", seat))
    await db.close()
    async with (
        Simulator(CONFIG) as exchange,
        Relay(exchange.port).running() as relay,
        service(tmp_path, relay.port) as first,
        later(said(first, "serving")) as leading,
        service(tmp_path, exchange.port) as second,
    ):
        standing = await said(second, "standing by")
        port = standing["http_port"]
        status, health, _ = await asked(port, "/health")
        assert (status, health["parts"]["lease"]["state"]) == (200, "standby")
        for path in ("/", "/api/v1/floor", "/metrics"):
            status, problem, retry = await asked(port, path)
            assert (status, problem["code"], retry) == (503, "standby", "2")

        async with signed_in(leading["http_port"], "ana", PASSWORD) as ana:
            await until(lambda: relay.links)
            await call(exchange, "957212001")
            await until(lambda: len(ended(tmp_path)) == 1)
            first.process.send_signal(signal.SIGSTOP)
            stopped_at = time.monotonic()
            missed = asyncio.create_task(call(exchange, "957212002"))
            serving = await said(second, "serving")
            took_s = time.monotonic() - stopped_at
            await missed
            async with signed_in(serving["http_port"], "ana", PASSWORD):
                await call(exchange, "957212003")
                await until(lambda: len(ended(tmp_path)) == 2)
                relay.sent.clear()
                first.process.send_signal(signal.SIGCONT)
                await ana.closed.wait()
                assert ana.close_code == 4010
                await said(first, "standing by: another process leads")
            again = await come_back(ana, http_port=serving["http_port"], ws_port=serving["ws_port"])
            assert (again["op"], again["pbx"]) == ("snapshot", {"main": True})
        assert relay.sent == b""
        assert set(ended(tmp_path).values()) == {1}
        assert rows(tmp_path, "SELECT name, term FROM lease ORDER BY name") == [
            ("pbx main", 2),
            ("service", 2),
        ]
        assert took_s < TAKEN_OVER_WITHIN_S
        print(f"taken over after {took_s:.1f} s")  # noqa: T201 - a figure to be seen

        assert await second.interrupt() == 0
        stopped_at = time.monotonic()
        await said(first, "serving")  # given back, it is taken at once
        assert time.monotonic() - stopped_at < TAKEN_OVER_WITHIN_S
        await call(exchange, "957212004")
        await until(lambda: len(ended(tmp_path)) == 3)
        assert await first.interrupt() == 0
    assert rows(tmp_path, "SELECT DISTINCT holder, term FROM lease") == [("", 3)]


async def test_after_a_kill_the_next_one_does_not_wait(tmp_path: Path) -> None:
    async with Simulator(CONFIG) as exchange:
        async with service(tmp_path, exchange.port) as first:
            await said(first, "serving")
            first.process.kill()
        async with service(tmp_path, exchange.port) as second:
            assert (await said(second, "leading"))["terms"] == {"service": 2, "pbx main": 2}
            assert await second.interrupt() == 0
