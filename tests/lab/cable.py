"""A cable to the exchange's manager interface that fails as cables and what lies between do."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lab.pbx import Asterisk

AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing is a reset


class Cable:
    """A TCP relay.

    ``is_cut``: what is sent goes nowhere and nobody is told, and who connects anew is let go at once.
    ``is_refused``: who connects is let go, who is connected stays.
    """

    def __init__(self, host: str, port: int) -> None:
        self.is_cut = self.is_refused = False
        self.port = 0
        self._peer = (host, port)
        self._flows = asyncio.Event()
        self._flows.set()
        self._joined: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()

    def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._relay(reader, writer))
        self._joined.add(task)
        task.add_done_callback(self._joined.discard)

    def stall(self) -> None:
        """Keep what is sent, on both ways, until ``flow``."""
        self._flows.clear()

    def flow(self) -> None:
        """Let through what was kept."""
        self._flows.set()

    def reset(self) -> None:
        """Reset every connection, on both ends."""
        for writer in self._ends:
            end: socket.socket = writer.get_extra_info("socket")
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            writer.transport.abort()

    async def pull(self) -> None:
        """Let go of everything that hangs on it."""
        for task in self._joined:
            task.cancel()
        await asyncio.gather(*self._joined, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut or self.is_refused:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._peer)
        except OSError:  # the exchange is not there
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
        finally:
            self._ends -= ends
            far_writer.close()
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flows.wait()
                if not self.is_cut:
                    writer.write(data)
                    await writer.drain()
        except ConnectionError:
            pass
        if not self.is_cut:
            writer.close()


@asynccontextmanager
async def cable(asterisk: Asterisk) -> AsyncIterator[Cable]:
    """Lay one to the manager interface of *asterisk* for the time of the block."""
    laid = Cable(asterisk.host, asterisk.ami_port)
    server = await asyncio.start_server(laid.join, "127.0.0.1", 0)
    laid.port = server.sockets[0].getsockname()[1]
    try:
        yield laid
    finally:
        server.close()
        await laid.pull()
