"""A plain client of the manager interface: what it is sent, block by block."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pbxsim.config import Config, Did, Manner, Phone, Queue, Route, User, exactly

Block = dict[str, str]
WITHIN_S = 10.0
USER = User(name="bridge", secret="sesame-sesame")
CONFIG = Config(
    users=(
        USER,
        User(name="phones", secret="sesame-sesame", read="call", write=""),
        User(name="all", secret="sesame-sesame", read="all", write="all"),
    ),
    phones=tuple(
        Phone(extension=each, manners=((1.0, Manner(after=exactly(0.1), hang_up_after=exactly(0.2))),))
        for each in ("101", "102")
    ),
    queues=(Queue(name="sales", members=("101",)),),
    dids=(Did(number="5551", to="queue:sales"), Did(number="5552", to="phone:101")),
    routes=(Route(prefix="6", trunk="line", manners=((1.0, Manner(after=exactly(0.1))),)),),
)


class Client:
    """One connection; ``blocks`` is all that came."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.blocks: list[Block] = []

    async def banner(self) -> bytes:
        async with asyncio.timeout(WITHIN_S):
            return await self.reader.readline()

    async def block(self) -> Block:
        """Return the next message, empty at the end of the connection."""
        async with asyncio.timeout(WITHIN_S):
            try:
                raw = await self.reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return {}
        lines = raw.decode().split("\r\n")
        self.blocks.append(dict(line.partition(": ")[::2] for line in lines if line))
        return self.blocks[-1]

    async def until(self, holds: Callable[[Block], object]) -> Block:
        """Return the next message of which *holds* is true."""
        async with asyncio.timeout(WITHIN_S):
            while not holds(block := await self.block()):
                assert block, "the connection ended"
        return block

    async def event(self, kind: str) -> Block:
        return await self.until(lambda block: block.get("Event") == kind)

    def send(self, action: str, **headers: str) -> None:
        lines = [f"Action: {action}", *(f"{name}: {text}" for name, text in headers.items())]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def ask(self, action: str, **headers: str) -> Block:
        """Return the response to an action."""
        self.send(action, **headers)
        return await self.until(lambda block: "Response" in block and block.get("Event") is None)

    async def listed(self, action: str, **headers: str) -> list[Block]:
        """Return the items of a list."""
        start = await self.ask(action, ActionID="list", **headers)
        assert start["EventList"] == "start", start
        items: list[Block] = []
        while (block := await self.until(lambda block: block.get("ActionID") == "list")).get(
            "EventList"
        ) != "Complete":
            items.append(block)
        assert block["ListItems"] == str(len(items))
        return items

    async def log_in(self, user: User = USER, **headers: str) -> Block:
        return await self.ask("Login", Username=user.name, Secret=user.secret, **headers)

    async def log_in_by_md5(self, user: User, *, secret: str) -> Block:
        challenge = (await self.ask("Challenge", AuthType="MD5"))["Challenge"]
        key = hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
        return await self.ask("Login", AuthType="MD5", Username=user.name, Key=key)

    async def ended(self) -> None:
        """Wait for the end of the connection."""
        while await self.block():
            pass


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """Connect and read the banner."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    client = Client(reader, writer)
    try:
        assert await client.banner() == b"Asterisk Call Manager/11.0.0\r\n"
        yield client
    finally:
        writer.transport.abort()


@asynccontextmanager
async def logged_in(port: int, user: User = USER) -> AsyncIterator[Client]:
    """Connect and log in."""
    async with connected(port) as client:
        assert (await client.log_in(user))["Response"] == "Success"
        yield client
