"""Asterisk's side of FastAGI, played by a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from agi_scripts.ports import Flow
from agi_scripts.server import FastAgiServer, Limits

HEAD = {
    "network": "yes",
    "request": "agi://127.0.0.1/{script}",
    "channel": "PJSIP/provider-00000001",
    "language": "es",
    "uniqueid": "1795311086.0",
    "callerid": "957212000",
    "calleridname": "Zoë",
    "dnid": "5551001",
    "arg_1": "1795311086.0",
    "arg_2": "5551001",
}


class Exchange:
    """One call that asks: sends the request, reads commands, answers them as told."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.heard: list[str] = []

    async def say(self, text: bytes) -> None:
        self.writer.write(text)
        await self.writer.drain()

    async def ask(self, script: str = "route", **headers: str) -> None:
        given = {**HEAD, "network_script": script, **headers}
        lines = "".join(f"agi_{name}: {text}\n" for name, text in given.items())
        await self.say(lines.replace("{script}", script).encode() + b"\n")

    async def command(self) -> str:
        """Return the next command, "" once the service has closed the link."""
        async with asyncio.timeout(10):
            line = (await self.reader.readline()).decode().removesuffix("\n")
        if line:
            self.heard.append(line)
        return line

    async def converse(self, *answers: bytes, then: bytes = b"200 result=1\n") -> list[str]:
        """Answer every command, first with *answers*, then with *then*; return what was heard."""
        left = list(answers)
        while await self.command():
            await self.say(left.pop(0) if left else then)
        return self.heard

    async def closed(self) -> bytes:
        """Return what comes until the service closes the link, reset or not."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


class House:
    """A running server and the way to it."""

    def __init__(self, server: FastAgiServer, port: int) -> None:
        self.server, self.port = server, port

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Exchange]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Exchange(reader, writer)
        finally:
            writer.close()

    async def asked(self, script: str = "route", *answers: bytes, **headers: str) -> list[str]:
        """Ask and answer every command; return the commands."""
        async with self.call() as exchange:
            await exchange.ask(script, **headers)
            return await exchange.converse(*answers)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that the server will do by itself."""
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 - the server has no event for it, and no need of one
                await asyncio.sleep(0.005)


Open = Callable[..., Awaitable[House]]


@pytest.fixture
async def house() -> AsyncIterator[Open]:
    """Servers to be started with their flows and ``Limits``; they are stopped afterwards."""
    running: list[FastAgiServer] = []

    async def start(
        flows: Mapping[str, Flow],
        *,
        allowed: tuple = (),  # type: ignore[type-arg]
        stays: Mapping[str, float] | None = None,
        **limits: float,
    ) -> House:
        held = Limits(**{"stop_s": 0.2, **limits})  # type: ignore[arg-type]
        server = FastAgiServer(flows, limits=held, allowed=allowed, stays=stays)
        running.append(server)
        return House(server, await server.start("127.0.0.1", 0))

    yield start
    for server in running:
        await server.stop()
