"""What a scene has at hand: its office, the exchange, an ear and a mouth at the manager interface."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from lab.ami_tap import Block, Tap
from lab.floor import Line
from lab.live import Bridge
from lab.matrix.office import Office
from lab.pbx import Asterisk
from lab.phones import Manner, caller, customer, phone
from lab.sipp import Sipp
from lab.wire import Wire

WITHIN_S = 20.0
# Who dials into the exchange and sends no sound is joined so long after its answer.
LISTENS_S = 0.5


@dataclass(frozen=True, slots=True)
class Play:
    """Where a scene plays, and with whose service (``ours``)."""

    pbx: Asterisk
    tap: Tap
    office: Office
    ours: Bridge

    def interface(self, place: int) -> str:
        """Return the device of a phone, by its place."""
        return self.office.phones[place].interface

    def extension(self, place: int) -> str:
        """Return the extension of a phone, by its place."""
        return self.office.phones[place].extension

    @asynccontextmanager
    async def phones(self, *manners: Manner | None) -> AsyncIterator[list[Sipp]]:
        """Register the phones, each in its manner; None: this one is away."""
        async with AsyncExitStack() as stack:
            seats = zip(self.office.phones, manners, strict=False)
            yield [
                await stack.enter_async_context(phone(self.pbx, seat, manner))
                for seat, manner in seats
                if manner is not None
            ]

    def calls(
        self, to: str | None = None, *, place: int = 0, **manner: Any
    ) -> AbstractAsyncContextManager[Sipp]:
        """Let a customer call *to*, or the queue."""
        return caller(self.pbx, to or self.office.did, number=self.office.caller(place), **manner)

    def dials(self, place: int, to: str, **manner: Any) -> AbstractAsyncContextManager[Sipp]:
        """Let a phone of the office call *to*."""
        return caller(self.pbx, to, seat=self.office.phones[place], **manner)

    def outside(self, manner: Manner) -> AbstractAsyncContextManager[Sipp]:
        """Let somebody be at the end of the office's line."""
        line = Line(trunk=f"line{self.office.no}", port=self.office.line_port, number=self.office.outside)
        return customer(self.pbx, line, manner)

    async def ask(self, action: str, **headers: str) -> Block:
        """Send an action; its response must be Success."""
        answer = await self.tap.ask(action, **headers)
        if answer["Response"] != "Success":
            raise RuntimeError(f"{action} {headers}: {answer}")
        return answer

    async def channel(self, place: int) -> str:
        """Return the name of the live channel of a phone, the newest."""
        return await self._channel(self.interface(place))

    async def customers_channel(self, number: str | None = None) -> str:
        """Return the name of the customer's channel: the one that dialled *number*, or the queue."""
        wanted = number or self.office.did
        born = await self.heard("Newchannel", Exten=wanted, CallerIDNum=self.office.caller())
        return born["Channel"]

    async def _channel(self, interface: str) -> str:
        born = await self.tap.until(
            lambda block: block.get("Event") == "Newchannel" and block["Channel"].startswith(interface + "-"),
            within=WITHIN_S,
        )
        return born["Channel"]

    async def heard(self, event: str, **headers: str) -> Block:
        """Return the first event of this kind with these headers."""
        return await self.tap.until(
            lambda block: (
                block.get("Event") == event and all(block.get(name) == text for name, text in headers.items())
            ),
            within=WITHIN_S,
        )


async def over(*phones: Sipp) -> list[Wire]:
    """Return the one call of each phone, when each has seen the end of it."""
    wires = []
    for running in phones:
        await running.until(lambda wire: wire.ended_at, within=WITHIN_S)
        wires.append(running.calls()[0])
    return wires


async def all_over(running: Sipp, *, calls: int) -> list[Wire]:
    """Return the calls of a phone that had so many, when the last is over."""
    deadline = asyncio.get_running_loop().time() + WITHIN_S
    while True:
        seen = running.calls()
        if len(seen) >= calls and all(wire.ended_at for wire in seen):
            return seen
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"not {calls} calls over: {seen}")
        await asyncio.sleep(0.05)


def talked(wire: Wire, *, until: float | None = None) -> float:
    """Return the seconds from the answer of a leg to *until*, or to its end."""
    return (until or wire.ended_at or 0.0) - (wire.answered_at or 0.0)


def replaces(wire: Wire) -> str:
    """Return what stands in a Refer-To to hand a call to the other side of *wire* (RFC 3891, escaped)."""
    ours, theirs = _tag(wire.ours), _tag(wire.theirs)
    return f"?Replaces={wire.call_id.replace('@', '%40')}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{ours}"


def _tag(party: str) -> str:
    found = re.search(r";tag=([^;>\s]+)", party)
    if found is None:
        raise LookupError(f"no tag in {party!r}")
    return found[1]


def refer(pbx: Asterisk, phone: Sipp, wire: Wire, to: str) -> None:
    """Have *phone*, whose act is ``refer_asked``, hand its call *wire* to *to* now."""
    number, question, replaced = to.partition("?")
    lines = [
        f"MESSAGE sip:phone@{pbx.host}:{phone.port} SIP/2.0",
        f"Via: SIP/2.0/UDP {pbx.host}:{phone.port};branch=z9hG4bK-asked-{wire.call_id}",
        f"From: {wire.theirs}",
        f"To: {wire.ours}",
        f"Call-ID: {wire.call_id}",
        "CSeq: 900 MESSAGE",
        f"X-Refer-To: sip:{number}@{pbx.host}:{pbx.sip_port}{question}{replaced}",
        "Content-Length: 0",
    ]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hand:
        hand.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), (pbx.host, phone.port))
