"""One connection to an exchange: bytes in, facts and answers out. A subclass of panoramisk's protocol."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from panoramisk.ami_protocol import AMIProtocol

from ami_bridge.domain.ami import AmiEvent, Newchannel
from ami_bridge.domain.errors import LinkDownError
from ami_bridge.wire.dialect import calls_named, output_of
from ami_bridge.wire.parse import EVENTS, Framer, header_lines, headers_of
from ami_bridge.wire.pending import SafeAction

log = structlog.get_logger(__name__)
GREETING = re.compile(rb"^(?:Asterisk|[\w .-]{1,40}) Call Manager/([\w.-]{1,20})\r?\n")
GREETING_LIMIT, WRITE_LIMIT, PENDING_LIMIT = 200, 1 << 20, 200

Heard = Callable[[list[AmiEvent], float], None]


class Stats:
    """Counters of one client over all its connections."""

    def __init__(self) -> None:
        self.read_bytes = self.seen = self.parsed = self.unreadable = self.connects = 0


class AmiLink(AMIProtocol):  # type: ignore[misc]
    """Reads one stream in order. Nothing that is received raises here, and nothing grows without bound."""

    def __init__(self, *, heard: Heard, lost: Callable[[str], None], stats: Stats) -> None:
        self.greeted = asyncio.get_running_loop().create_future()
        self.version: str | None = None
        self.closed = False
        self._heard, self._on_lost, self.stats = heard, lost, stats
        self._framer = Framer()
        self._greeting = b""
        self._pending: dict[bytes, SafeAction] = {}
        self._why = ""
        # arrivals go on by the monotonic clock: one that is set back would make talks of no length
        self._ahead = time.time() - time.monotonic()

    # --- panoramisk's protocol, hardened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; the exchange greets first."""
        super().connection_made(transport)
        self.version = None
        self.transport.set_write_buffer_limits(high=WRITE_LIMIT)

    def data_received(self, data: bytes) -> None:
        """Cut *data* into blocks, keep what is read of them, hand it on in one piece."""
        arrival = self.now()
        self.stats.read_bytes += len(data)
        if self.version is None:
            data = self._greet(data)
        events: list[AmiEvent] = []
        for block in self._framer.feed(data):
            self._take(block, events)
        self.stats.unreadable += self._framer.take_too_long()
        if events:
            try:
                self._heard(events, arrival)
            except Exception:  # the reader's bug must not cost the link or the rest of the stream
                log.exception("the reader of the stream failed")

    def connection_lost(self, exc: BaseException | None) -> None:
        """Fail what waits for an answer, and tell."""
        if self.closed:
            return
        self.closed = True
        why = self._why or (str(exc) if exc else "the exchange closed the connection")
        if not self.greeted.done():
            self.greeted.set_exception(LinkDownError(why))
        for action in self._pending.values():
            action.lost(why)
        self._pending.clear()
        self._on_lost(why)

    def send(self, data: SafeAction, as_list: bool | None = None) -> asyncio.Future[Any]:  # noqa: ARG002, FBT001
        """Write an action; its future gets the answer. Never written again after a reconnect."""
        if self.closed:
            raise LinkDownError(self._why or "closed")
        if len(self._pending) >= PENDING_LIMIT or self.transport.get_write_buffer_size() > WRITE_LIMIT:
            raise LinkDownError("the exchange does not read what it is asked")
        self._pending[data.id.encode()] = data
        self.transport.write(str(data).encode())
        future: asyncio.Future[Any] = data.future
        return future

    def close(self) -> None:
        """Close the connection for our own reasons."""
        self.drop("closed by us")

    # --- ours

    def now(self) -> float:
        """Return this instant in seconds of our wall clock, as it went when the link was made."""
        return time.monotonic() + self._ahead

    def drop(self, why: str) -> None:
        """Cut the connection at once and say why, when it is still up; what waits for an answer fails."""
        if self.closed:
            return
        self._why = why
        self.transport.abort()
        self.connection_lost(None)

    def log_off(self) -> None:
        """Tell the exchange that we go; nothing is waited for."""
        if not self.closed:
            self.transport.write(b"Action: Logoff\r\n\r\n")

    def forget(self, action: SafeAction) -> None:
        """Wait for *action*'s answer no longer."""
        self._pending.pop(action.id.encode(), None)

    def _greet(self, data: bytes) -> bytes:
        self._greeting += data
        found = GREETING.match(self._greeting)
        if found:
            self.version = found[1].decode("ascii")
            if not self.greeted.done():
                self.greeted.set_result(self.version)
            return self._greeting[found.end() :]
        if b"\n" in self._greeting or len(self._greeting) > GREETING_LIMIT:
            self.drop("what answers there is no Asterisk manager interface")
        return b""

    def _take(self, block: bytes, events: list[AmiEvent]) -> None:
        if block.startswith(b"Event: "):
            self.stats.seen += 1
            end = block.find(b"\r\n", 7)
            reading = EVENTS.get(block[7:end] if end >= 0 else block[7:])
            if self._pending and self._is_item(block):
                return
            if reading is not None:
                self.stats.parsed += 1
                event = reading.of_block(block)
                if type(event) is Newchannel and not event.linkedid:
                    events.extend(calls_named(block))
                events.append(event)
        elif block.startswith(b"Response: "):
            self._answer(block)
        elif block.startswith(b"\r\n"):  # an empty line too many before it
            self._take(block.lstrip(), events)
        elif block:
            self.stats.unreadable += 1

    def _answer(self, block: bytes) -> None:
        if (action := self._pending.get(_action_id(block))) is None:
            return
        output: Sequence[str] = header_lines(block, "Output") if b"\r\nOutput:" in block else ()
        if block.startswith(b"Response: Follows"):
            output = output_of(block)
        if action.answer(headers_of(block), output):
            self.forget(action)

    def _is_item(self, block: bytes) -> bool:
        """Return whether an event is an item of a list we asked for: some bear the name of a live event.

        What bears the ActionID of an action that is no list (OriginateResponse) is an event like any other.
        """
        action = self._pending.get(_action_id(block))
        if action is None or not action.is_listing:
            return False
        if action.add(headers_of(block)):
            self.forget(action)
        return True


def _action_id(block: bytes) -> bytes:
    start = block.find(b"\r\nActionID: ")
    if start < 0:
        return b""
    end = block.find(b"\r\n", start + 12)
    return block[start + 12 : end if end >= 0 else None]
