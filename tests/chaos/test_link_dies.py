"""The link to the exchange goes silent without being closed, as when a cable is pulled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.service import on_exchange

pytestmark = pytest.mark.asterisk
NOTICED_S = 15.0
NUMBER = "957212000"


class Cable:
    """A TCP relay that can be cut: what is sent then goes nowhere, and nobody is told."""

    def __init__(self, host: str, port: int) -> None:
        self.is_cut = False
        self.port = 0
        self._peer = (host, port)
        self._joined: set[asyncio.Task[None]] = set()

    def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._joined.add(asyncio.create_task(self._relay(reader, writer)))

    async def pull(self) -> None:
        """Let go of everything that hangs on it."""
        for task in self._joined:
            task.cancel()
        await asyncio.gather(*self._joined, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._peer)
        try:
            await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
        finally:
            far_writer.close()
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if not self.is_cut:
                    writer.write(data)
                    await writer.drain()
        except ConnectionError:
            pass
        if not self.is_cut:
            writer.close()


@asynccontextmanager
async def cable(asterisk: Asterisk) -> AsyncIterator[Cable]:
    laid = Cable(asterisk.host, asterisk.ami_port)
    server = await asyncio.start_server(laid.join, "127.0.0.1", 0)
    laid.port = server.sockets[0].getsockname()[1]
    yield laid
    server.close()
    await laid.pull()


async def test_a_silent_link_is_noticed_and_the_call_is_found_again(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with (
            cable(asterisk) as wire,
            on_exchange(asterisk, host="127.0.0.1", port=wire.port) as house,
            house.desk("ana", seat) as ana,
            phone(asterisk, seat, Answers(after=0.2)),
        ):
            maria = await house.add_contact("María", NUMBER)
            async with caller(asterisk, place.did, number=NUMBER, hang_up_after=4) as line:
                pop = await ana.pop(f"+34{NUMBER}", of=maria)
                await ana.pop_end(pop.message["call"]["id"])
                await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "call.answered")
                wire.is_cut = True
                cut_at = asyncio.get_running_loop().time()
                await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "pbx.disconnected")
                assert asyncio.get_running_loop().time() - cut_at < NOTICED_S
                await line.ended()  # and nobody was told
                wire.is_cut = False
            (call,) = await ana.calls_of(maria)
    assert call["outcome"] == "answered"
