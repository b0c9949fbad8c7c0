"""An ear at the manager interface that writes down the raw bytes and when they came.

``FILE`` holds the bytes as they were read, banner first; ``FILE.idx`` one line a read: the offset of its
first byte in ``FILE`` and its arrival in seconds since the epoch, ``0 1795536041.266219``.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from lab.floor import SECRETS
from lab.pbx import Asterisk

Block = dict[str, str]


class Tap:
    """A logged-in manager connection; everything it hears is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._more = asyncio.Event()
        self.raw = bytearray()
        self.index: list[tuple[int, float]] = []
        self.blocks: list[Block] = []
        self._parsed = 0

    async def listen(self) -> None:
        """Read until the other side closes."""
        with suppress(ConnectionError):
            while chunk := await self._reader.read(65536):
                self.index.append((len(self.raw), time.time()))
                self.raw += chunk
                self._parse()
                self._more.set()

    def _parse(self) -> None:
        *whole, rest = self.raw[self._parsed :].decode("utf-8", errors="replace").split("\r\n\r\n")
        self._parsed = len(self.raw) - len(rest.encode())
        for text in whole:
            lines = (line.partition(":") for line in text.split("\r\n"))
            self.blocks.append({name: value.strip() for name, colon, value in lines if colon})

    async def ask(self, action: str, **headers: str) -> Block:
        """Send an action and return its response.

        Raises:
            TimeoutError: none came within 10 s.
        """
        return await self.reply(self.send(action, **headers))

    def send(self, action: str, **headers: str) -> str:
        """Send an action and return its ActionID."""
        action_id = f"lab-{next(self._numbers)}"
        lines = [
            f"Action: {action}",
            f"ActionID: {action_id}",
            *(f"{name}: {text}" for name, text in headers.items()),
        ]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return action_id

    async def reply(self, action_id: str) -> Block:
        """Return the response to an action that was sent."""
        return await self.until(lambda block: "Response" in block and block.get("ActionID") == action_id)

    async def until(self, wanted: Callable[[Block], object], *, within: float = 10.0) -> Block:
        """Return the first block, from the beginning on, that is *wanted*.

        Raises:
            TimeoutError: none came in time.
        """
        seen = 0
        async with asyncio.timeout(within):
            while True:
                self._more.clear()
                for block in itertools.islice(self.blocks, seen, None):
                    if wanted(block):
                        return block
                seen = len(self.blocks)
                await self._more.wait()


@asynccontextmanager
async def tap(pbx: Asterisk, *, role: str = "bridge") -> AsyncIterator[Tap]:
    """Log in as *role* and listen until the block is left."""
    reader, writer = await asyncio.open_connection(pbx.host, pbx.ami_port)
    ear = Tap(reader, writer)
    listening = asyncio.create_task(ear.listen())
    try:
        answer = await ear.ask("Login", Username=role, Secret=SECRETS[role])
        if answer["Response"] != "Success":
            raise PermissionError(answer["Message"])
        yield ear
    finally:
        writer.close()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
