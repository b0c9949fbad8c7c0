"""One AGI session over a socket: the request, then one command after the other."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Protocol, cast

from agi_scripts.ports import CommandRefusedError, CommandTimeoutError, LineLostError
from agi_scripts.protocol import (
    DEAD,
    DONE,
    AgiProtocolError,
    AgiRequest,
    Hangup,
    Reply,
    ReplyReader,
    RequestReader,
    command_line,
    event_argument,
)

OUR_EVENT = "Centralita"
NEVER = math.inf


class Owner(Protocol):
    """Who keeps the sessions of a server."""

    def opened(self, session: Session) -> bool:
        """Take a new session; False cuts it at once."""

    def asked(self, session: Session) -> None:
        """Act on a request; called once, when it is whole."""

    def overdue(self, session: Session) -> None:
        """End what works for a session: its limit is over and its link is being closed."""

    def closed(self, session: Session) -> None:
        """Forget a session: its link is gone."""


class Session(asyncio.Protocol):
    """A ``Line`` over one link. An ``asyncio.Protocol``, since a pair of streams costs far more a session."""

    def __init__(self, owner: Owner, *, head_s: float) -> None:
        self.why_closed = ""
        self.peer = ""
        self._owner, self._head_s = owner, head_s
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._request: AgiRequest | None = None
        self._head: RequestReader | None = RequestReader()
        self._replies = ReplyReader()
        self._waiting: asyncio.Future[Reply] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._armed = self._until = self._limit = NEVER
        self._is_hung_up = False

    # --- what a flow sees

    @property
    def request(self) -> AgiRequest:
        """Who asks for what."""
        if self._request is None:
            raise LineLostError("no request came")
        return self._request

    @property
    def is_hung_up(self) -> bool:
        """Return whether the caller is known to be gone."""
        return self._is_hung_up or self._transport is None

    async def command(self, verb: str, *args: str, timeout_s: float = 5.0) -> Reply:
        """Send a command and return the answer, code 200; errors as in ``Line``."""
        line = command_line(verb, *args)
        if self._transport is None:
            raise LineLostError(self.why_closed)
        if self._waiting is not None:
            raise RuntimeError("one command at a time")
        self._waiting = self._loop.create_future()
        self._wait_at_most(timeout_s)
        self._transport.write(line)
        try:
            reply = await self._waiting
        finally:
            self._waiting, self._until = None, NEVER
        if reply.code == DONE:
            return reply
        if reply.code == DEAD:
            self._is_hung_up = True
            raise LineLostError("the channel is gone")
        raise CommandRefusedError(verb, reply)

    async def set_variable(self, name: str, text: str) -> None:
        """Set a variable of the channel."""
        await self.command("SET VARIABLE", name, text)

    async def tell(self, headers: Mapping[str, str]) -> None:
        """Tell the bridge something of this call, as our own manager event."""
        await self.command("EXEC", "UserEvent", event_argument(OUR_EVENT, headers))

    # --- what the event loop says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the request, not for ever."""
        self._transport = cast(asyncio.Transport, transport)
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        if not self._owner.opened(self):
            self._transport.abort()
            return
        self._wait_at_most(self._head_s)

    def data_received(self, data: bytes) -> None:
        """Read the request, then answers; what is neither ends the session."""
        try:
            if self._head is not None:
                data = self._read_head(self._head, data)
            if data:
                self._read_replies(data)
        except AgiProtocolError as error:
            self.close(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the command that waits; nothing is sent again."""
        self.close(str(exc) if exc else "the peer closed the link")
        self._owner.closed(self)

    def close(self, why: str = "done") -> None:
        """End the session; what was written still goes out, unless the peer does not read."""
        if self._transport is None:
            return
        transport, self._transport, self.why_closed = self._transport, None, why
        self._head, self._replies = (
            None,
            ReplyReader(),
        )  # what came in part: errors keep the session alive a while
        if self._timer:
            self._timer.cancel()
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(LineLostError(why))
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    def _read_head(self, head: RequestReader, data: bytes) -> bytes:
        whole = head.feed(data)
        if whole is None:
            return b""
        self._head, self._until = None, NEVER
        self._request, rest = whole
        self._owner.asked(self)
        return rest

    def _read_replies(self, data: bytes) -> None:
        for found in self._replies.feed(data):
            if isinstance(found, Hangup):
                self._is_hung_up = True
            elif self._waiting is None or self._waiting.done():
                raise AgiProtocolError("an answer that nobody asked for")
            else:
                self._waiting.set_result(found)

    # --- time: one timer, set anew only when it would ring too late, which spares nearly all of them

    def limit(self, seconds: float) -> None:
        """Let the session last so long from now; then it is closed and its owner told."""
        self._limit = self._loop.time() + seconds
        if self._limit < self._armed:
            self._arm(self._limit)

    def _wait_at_most(self, seconds: float) -> None:
        self._until = self._loop.time() + seconds
        if self._until < self._armed:
            self._arm(self._until)

    def _arm(self, at: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._armed = at
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer, self._armed = None, NEVER
        now, following = self._loop.time(), min(self._until, self._limit)
        if now >= self._until:
            self._too_late()
        elif now >= self._limit:
            self._owner.overdue(self)
            self.close("the flow took too long")
        elif following < NEVER:
            self._arm(following)

    def _too_late(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(CommandTimeoutError("no answer in time"))
        self.close("no answer in time" if self._request else "no request in time")
