"""What the programs about pops share: a filled database, a relay that takes times, desks that take times.

The relay stands between the exchange and the service. The clock of a pop starts when the relay hands the
service the last byte of the first event that says that a phone is rung (AgentCalled, DialBegin or Newstate
Ringing), and stops when a desk has the first ``screen_pop`` for that call and phone. Both are taken in one
process by CLOCK_MONOTONIC: the way through the loopback and this process's own delays are in the figure.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from centralita.clock import utc_now
from centralita.store import open_database
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.ids import new_id
from crm_core.domain.people import Session, User
from crm_core.domain.tokens import hash_of, token_of
from crm_core.ports import UnitOfWork
from crm_core.services import users

AT_A_TIME = 2_000
OFFERS = re.compile(rb"Event: (AgentCalled|DialBegin|Newstate)\r\n")
POP = b'"op":"screen_pop"'
Key = tuple[str, str]
"""A call's linkedid, and the phone."""


async def fill(url: str, numbers: Sequence[str]) -> None:
    """Make a database with a customer for each of *numbers*, which are E.164 and kept as they are."""
    db, now = await open_database(url), utc_now()
    try:
        for start in range(0, len(numbers), AT_A_TIME):
            made = [_contact(number, now) for number in numbers[start : start + AT_A_TIME]]
            await db.run(_keep, made=made)
    finally:
        await db.close()


def _keep(uow: UnitOfWork, *, made: Sequence[Contact]) -> None:
    uow.contacts.add(made)


def _contact(number: str, now: datetime) -> Contact:
    return Contact(
        id=new_id(now, secrets.token_bytes(10)),
        given="María del Carmen",
        family=f"Fernández {number[-5:]}",
        note="Prefiere que se le llame antes de las once.",
        created_at=now,
        updated_at=now,
        phones=(Phone(id=new_id(now, secrets.token_bytes(10)), raw=number, e164=number),),
    )


async def sign_in(url: str, agents: Sequence[tuple[str, str]]) -> list[str]:
    """Return a cookie for each of *agents*, (code, interface), made and signed in without a password."""
    db, now, cookies = await open_database(url), utc_now(), []
    try:
        for agent, interface in agents:
            user = User(
                id=new_id(now, secrets.token_bytes(10)),
                name=f"agent{agent}",
                full_name=f"Agent {agent}",
                role="agent",
                agent=agent,
                seat=f"main:{interface}",
            )
            secret = token_of(secrets.token_bytes(32))
            session = Session(id=hash_of(secret), user_id=user.id, created_at=now, seen_at=now)
            await db.run(users.add_user, user=user)
            await db.run(users.open_session, session=session)
            cookies.append(f"centralita={secret}")
    finally:
        await db.close()
    return cookies


class Offers:
    """Reads a manager stream for when each phone was first said to be rung."""

    def __init__(self) -> None:
        self._passed: list[tuple[float, bytes]] = []

    def passed(self, data: bytes, now: float) -> None:
        """Take bytes that were handed on at *now*; they are read later, so as to hold nobody up."""
        self._passed.append((now, data))

    def clear(self) -> None:
        """Forget what was passed so far."""
        self._passed.clear()

    def at(self) -> dict[Key, float]:
        """Return when each phone was first said to be rung for each call."""
        found: dict[Key, float] = {}
        rest = b""
        for now, data in self._passed:
            *whole, rest = (rest + data).split(b"\r\n\r\n")
            for block in whole:
                if OFFERS.match(block) and (key := _offer_of(block)):
                    found.setdefault(key, now)
        return found


def _offer_of(block: bytes) -> Key | None:
    headers = dict(line.split(b": ", 1) for line in block.split(b"\r\n") if b": " in line)
    name = headers[b"Event"]
    if name == b"Newstate":
        if headers.get(b"ChannelStateDesc") != b"Ringing":
            return None
        channel, linkedid = headers[b"Channel"], headers[b"Linkedid"]
    else:
        channel, linkedid = headers.get(b"DestChannel", b""), headers.get(b"DestLinkedid", b"")
    return linkedid.decode(), channel.rpartition(b"-")[0].decode()


class Relay(asyncio.Protocol):
    """The service's link to the exchange, with a clock on the way to the service."""

    def __init__(self, exchange: tuple[str, int], offers: Offers) -> None:
        self._exchange, self._offers = exchange, offers
        self._service: asyncio.Transport | None = None
        self._far: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._service = transport
        self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        self._far, _ = await loop.create_connection(lambda: _Far(self), *self._exchange)

    def data_received(self, data: bytes) -> None:
        if self._far:
            self._far.write(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._far:
            self._far.close()

    def from_exchange(self, data: bytes) -> None:
        if self._service:
            now = time.monotonic()
            self._service.write(data)
            self._offers.passed(data, now)

    def far_lost(self) -> None:
        if self._service:
            self._service.close()


class _Far(asyncio.Protocol):
    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def data_received(self, data: bytes) -> None:
        self._relay.from_exchange(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._relay.far_lost()


class Desk(asyncio.Protocol):
    """Just enough of a websocket client: says hello for its desk, answers pings, notes the first pops."""

    def __init__(self, port: int, http_port: int, cookie: str, pops: dict[Key, tuple[float, bool]]) -> None:
        self._head = (
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: centralita.v1\r\nOrigin: http://127.0.0.1:{http_port}\r\n"
            f"Cookie: {cookie}\r\n\r\n"
        ).encode()
        self._pops, self._buffer, self._is_open = pops, b"", False
        self.is_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._buffer += data
        if not self._is_open:
            head, blank, rest = self._buffer.partition(b"\r\n\r\n")
            if not blank:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._is_open, self._buffer = True, rest
            self._send(0x81, b'{"op":"hello","topics":["desk"]}')
        for opcode, text in self._frames():
            if opcode == 0x8:
                self._fail(f"closed: {text!r}")
            elif opcode == 0x9:
                self._send(0x8A, text)
            elif not self.is_in.done():
                assert b'"op":"snapshot"' in text, text
                self.is_in.set_result(None)
            elif text.startswith(POP, 1):
                self._note(text, now)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"lost: {exc}")

    def _fail(self, why: str) -> None:
        if not self.is_in.done():
            self.is_in.set_exception(ConnectionError(why))

    def _note(self, text: bytes, now: float) -> None:
        linkedid, interface = _value(text, b"linkedid"), _value(text, b"interface")
        self._pops.setdefault((linkedid, interface), (now, b'"card":null' not in text))

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield the whole frames, unmasked as servers send them (RFC 6455 §5.2)."""
        while len(self._buffer) >= 2:
            size, start = self._buffer[1], 2
            if size == 126:
                size, start = int.from_bytes(self._buffer[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(self._buffer[2:10], "big"), 10
            if len(self._buffer) < start + size:
                return
            opcode, text = self._buffer[0] & 0xF, self._buffer[start : start + size]
            self._buffer = self._buffer[start + size :]
            yield opcode, text

    def _send(self, first: int, text: bytes) -> None:
        self._transport.write(bytes([first, 0x80 | len(text)]) + b"\0\0\0\0" + text)


def _value(text: bytes, name: bytes) -> str:
    start = text.index(b'"%s":"' % name) + len(name) + 4
    return text[start : text.index(b'"', start)].decode()


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def free_port() -> int:
    """Return a port that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
