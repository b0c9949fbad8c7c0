"""What we say to the exchange, byte for byte: a relay between our client and the manager interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from lab.pbx import Asterisk


class Overheard:
    """A relay at ``port``; ``said`` grows by every byte that our side sends."""

    def __init__(self, asterisk: Asterisk) -> None:
        self.port = 0
        self.said = bytearray()
        self.idle = asyncio.Event()
        self._asterisk, self._open = asterisk, 0

    def actions(self) -> list[str]:
        """Return the names of the actions that were sent, in their order; whatever else was said as well."""
        blocks = self.said.decode().split("\r\n\r\n")
        return [block.split("\r\n")[0].removeprefix("Action: ") for block in blocks if block]

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side closes it."""
        self._open += 1
        self.idle.clear()
        far_reader, far_writer = await asyncio.open_connection(self._asterisk.host, self._asterisk.ami_port)
        try:
            await asyncio.gather(self._listen(reader, far_writer), _carry(far_reader, writer))
        finally:
            far_writer.close()
            writer.close()
            self._open -= 1
            if not self._open:
                self.idle.set()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                self.said += data
                writer.write(data)
        writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


@asynccontextmanager
async def overheard(asterisk: Asterisk) -> AsyncIterator[Overheard]:
    """Lay the relay for the time of the block, and until who used it is gone."""
    relay = Overheard(asterisk)
    server = await asyncio.start_server(relay.join, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
        async with asyncio.timeout(10):
            await relay.idle.wait()
    finally:
        server.close()
