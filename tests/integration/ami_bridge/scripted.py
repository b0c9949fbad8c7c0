"""A small exchange on a loopback port that says what a test wants and keeps what it is asked."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

SECRET = "abre-té-sésamo"
GREETING = b"Asterisk Call Manager/11.0.0\r\n"
CHALLENGE = "156329012"
Asked = dict[str, str]
Answer = Callable[[Asked], bytes | None]


def block(*lines: str) -> bytes:
    """Return a message of the manager interface."""
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def success(asked: Asked, *more: str) -> bytes:
    return block("Response: Success", f"ActionID: {asked['ActionID']}", *more)


def refusal(asked: Asked, message: str) -> bytes:
    return block("Response: Error", f"ActionID: {asked['ActionID']}", f"Message: {message}")


def event(name: str, *lines: str) -> bytes:
    return block(f"Event: {name}", *lines)


def lists(name: str, *items: tuple[str, ...]) -> Answer:
    """Return an answer with *items*, each an event's name and its lines, that ends with the event *name*."""

    def answer(asked: Asked) -> bytes:
        tail = f"ActionID: {asked['ActionID']}"
        told = [event(item[0], *item[1:], tail) for item in items]
        return success(asked, "EventList: start") + b"".join(told) + event(name, "EventList: Complete", tail)

    return answer


def newchannel(uniqueid: str, name: str = "Zoë") -> bytes:
    return event(
        "Newchannel", f"Channel: PJSIP/trunk-{uniqueid}", f"CallerIDName: {name}", f"Uniqueid: {uniqueid}"
    )


def _log_in(asked: Asked) -> bytes:
    key = hashlib.md5(f"{CHALLENGE}{SECRET}".encode(), usedforsecurity=False).hexdigest()
    if asked.get("Key") == key or asked.get("Secret") == SECRET:
        return success(asked, "Message: Authentication accepted")
    return refusal(asked, "Authentication failed")


ANSWERS: dict[str, Answer] = {
    "Challenge": lambda asked: success(asked, f"Challenge: {CHALLENGE}"),
    "Login": _log_in,
    "Ping": lambda asked: success(asked, "Ping: Pong"),
}


@dataclass
class Exchange:
    """What it was asked, and what it says; ``answers`` may be changed at any time (None: no answer)."""

    port: int = 0
    greeting: bytes = GREETING
    answers: dict[str, Answer] = field(default_factory=lambda: dict(ANSWERS))
    asked: list[Asked] = field(default_factory=list)
    connected_at: list[float] = field(default_factory=list)
    is_listening: bool = True
    left: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def names(self) -> list[str]:
        return [asked["Action"] for asked in self.asked]

    async def until_asked(self, name: str, times: int = 1) -> Asked:
        """Return the action *name*, when it was asked *times* times."""
        async with asyncio.timeout(5):
            while self.names().count(name) < times:
                self._news.clear()
                await self._news.wait()
        return [asked for asked in self.asked if asked["Action"] == name][times - 1]

    async def until_connected(self, times: int) -> None:
        async with asyncio.timeout(5):
            while len(self.connected_at) < times:
                self._news.clear()
                await self._news.wait()

    async def say(self, *pieces: bytes) -> None:
        """Write *pieces* to the newest connection, each as a read of its own as far as TCP lets us."""
        for piece in pieces:
            self._writers[-1].write(piece)
            await self._writers[-1].drain()
            await asyncio.sleep(0)

    def cut(self) -> None:
        """Close the newest connection."""
        self._writers[-1].close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.connected_at.append(asyncio.get_running_loop().time())
        self._news.set()
        writer.write(self.greeting)
        try:
            while self.is_listening:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                asked = dict(line.split(": ", 1) for line in text.splitlines() if line)
                self.asked.append(asked)
                self._news.set()
                answer = self.answers.get(asked["Action"], success)
                if (said := answer(asked)) is not None:
                    writer.write(said)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left += 1

    def hang_up_all(self) -> None:
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def exchange(*, tls: ssl.SSLContext | None = None, **how: object) -> AsyncIterator[Exchange]:
    """Run an exchange on a port of its own."""
    running = Exchange(**how)
    server = await asyncio.start_server(running.serve, "127.0.0.1", 0, ssl=tls)
    running.port = server.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        running.hang_up_all()
        server.close()
        await server.wait_closed()
