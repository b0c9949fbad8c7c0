"""The websocket server: handshake, hello, and messages out without a wait.

Commands go by REST, never by websocket: all a client may say is hello, and again hello for other topics.
Library: https://websockets.readthedocs.io/ (asyncio server). Its own send waits for the socket; here a
message is written at once while the socket takes it, and waits in a bounded outbox otherwise.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from crm_core.domain.errors import DatabaseAwayError
from screenpop.context import WebSettings
from screenpop.hub import Hub, NotAllowedError, SeatInUseError
from screenpop.identity import Identity
from screenpop.origins import may_speak
from screenpop.schema import (
    IN_USE,
    LARGEST_HELLO,
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    SEAT_TAKEN,
    SUBPROTOCOL,
    TOO_SLOW,
    Hello,
)
from screenpop.session import OUTBOX_BYTES, Outbox

log = structlog.get_logger(__name__)
PING_S, LOOK_S, HELLO_WITHIN_S, CLOSE_WITHIN_S, BETWEEN_HELLOS_S = 20.0, 1.0, 10.0, 2.0, 0.2
WRITE_LIMIT, LOOK_AT_ONCE = 1 << 15, 50
MALFORMED, NOT_UNDERSTOOD, FAILED, TRY_LATER = 1007, 1002, 1011, 1013
_hello = msgspec.json.Decoder(Hello)
_silent = logging.Logger("screenpop.websockets")  # noqa: LOG001 - hostile bytes must not fill the log
_silent.addHandler(logging.NullHandler())

WhoIs = Callable[[str | None, str | None], Awaitable[Identity | None]]


class DeskConnection(ServerConnection):
    """A client's connection. ``push`` and ``cut`` return at once."""

    identity: Identity
    hub: Hub

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outbox = Outbox()
        self._of_this_turn: list[bytes] = []
        self.pinged_at = self.loop.time()
        self.is_alive = True

    @property
    def socket(self) -> str:
        """Return the address at the other end."""
        host, port = (self.transport.get_extra_info("peername") or ("", 0))[:2]
        return f"{host}:{port}"

    def push(self, frame: bytes, *, is_urgent: bool = False) -> None:
        """Write *frame*, or let it wait for the socket; past the bound cut the client.

        An urgent one goes out at once, others with what else this turn of the loop brings: a write costs
        more than what is written.
        """
        if self.protocol.state is not State.OPEN:
            return
        if not (self.paused or self.outbox):
            self._of_this_turn.append(text_frame(frame))
            if is_urgent:
                self._write()
            elif len(self._of_this_turn) == 1:
                self.loop.call_soon(self._write)
        elif not self.outbox.put(frame, buffered=self.transport.get_write_buffer_size()):
            self.hub.counted.too_slow += 1
            log.info("a desktop was too slow", user=self.identity.name)
            self.cut(TOO_SLOW, "too slow")

    def cut(self, code: int, reason: str) -> None:
        """Close with *code*; who does not even read that is cut off."""
        if self.protocol.state is not State.OPEN:
            return
        self._write()
        self.outbox.clear()
        self.protocol.send_close(code, _short(reason))
        self.send_data()
        self.loop.call_later(CLOSE_WITHIN_S, self.transport.abort)

    def look(self, now: float) -> None:
        """Ping when it is time; cut off who was not heard since the last ping."""
        if self.protocol.state is not State.OPEN or now - self.pinged_at < PING_S:
            return
        if not self.is_alive:
            self.transport.abort()
            return
        self.pinged_at, self.is_alive = now, False
        self.protocol.send_ping(b"")
        self.send_data()

    def resume_writing(self) -> None:
        """Write what waited."""
        super().resume_writing()
        self._write()
        while not self.paused and (frame := self.outbox.take()) is not None:
            self.transport.write(text_frame(frame))

    def data_received(self, data: bytes) -> None:
        """Take bytes; who floods us with pings and reads no pong is cut off."""
        self.is_alive = True
        if self.transport.get_write_buffer_size() > OUTBOX_BYTES:
            self.transport.abort()
            return
        super().data_received(data)

    def _write(self) -> None:
        """Write what is there past the library, whose way takes ten times as long for the same bytes."""
        frames, self._of_this_turn = self._of_this_turn, []
        if frames and self.protocol.state is State.OPEN:
            self.transport.write(b"".join(frames))


class WsServer:
    """Serves one hub. *who_is* takes the values of Cookie and Authorization."""

    def __init__(self, hub: Hub, *, who_is: WhoIs, settings: WebSettings) -> None:
        self._hub, self._who_is, self._settings = hub, who_is, settings

    async def run(self, listener: socket.socket) -> None:
        """Serve on a bound socket until cancelled; the socket stays the caller's."""
        server = await serve(
            self._client,
            sock=listener.dup(),
            create_connection=DeskConnection,
            process_request=self._check_origin,
            select_subprotocol=_select_subprotocol,
            compression=None,
            ping_interval=None,
            max_size=LARGEST_HELLO,
            max_queue=2,
            write_limit=WRITE_LIMIT,
            open_timeout=HELLO_WITHIN_S,
            close_timeout=CLOSE_WITHIN_S,
            server_header=None,
            logger=_silent,
        )
        try:
            await self._look_after(server)
        finally:
            self._hub.stop()
            server.close()
            await server.wait_closed()

    async def _look_after(self, server: Server) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(LOOK_S)
            for n, connection in enumerate(server.connections, start=1):
                if isinstance(connection, DeskConnection):
                    connection.look(clock())
                if n % LOOK_AT_ONCE == 0:  # a thousand pings in one turn would keep a pop waiting
                    await asyncio.sleep(0)

    def _check_origin(self, connection: ServerConnection, request: Request) -> Response | None:
        origin, authorization = request.headers.get("Origin"), request.headers.get("Authorization")
        if origin is None and authorization is not None:
            return None
        settings = self._settings
        if may_speak(origin, public_url=settings.public_url, http_port=settings.http_port):
            return None
        return connection.respond(HTTPStatus.FORBIDDEN, "this page may not connect here\n")

    async def _client(self, connection: ServerConnection) -> None:
        if not isinstance(connection, DeskConnection) or connection.request is None:  # pragma: no cover
            return
        try:
            await self._converse(connection, connection.request)
        except ConnectionClosed:
            pass
        except Exception:  # a bug of ours ends one connection, and is told
            log.exception("a desktop's connection failed")
            await connection.close(FAILED, "the server failed")
        finally:
            self._hub.leave(connection)

    async def _converse(self, connection: DeskConnection, request: Request) -> None:
        identity = await self._identify(connection, request)
        if identity is None:
            return
        connection.identity, connection.hub = identity, self._hub
        if request.headers.get_all("Sec-WebSocket-Protocol") and connection.subprotocol is None:
            await connection.close(NOT_UNDERSTOOD, f"we speak {SUBPROTOCOL}")
            return
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                message = await connection.recv()
        except TimeoutError:
            await connection.close(NOT_UNDERSTOOD, "no hello")
            return
        while self._greet(connection, message):
            await asyncio.sleep(BETWEEN_HELLOS_S)
            message = await connection.recv()
        await connection.wait_closed()

    async def _identify(self, connection: DeskConnection, request: Request) -> Identity | None:
        cookies = "; ".join(request.headers.get_all("Cookie")) or None
        try:
            identity = await self._who_is(cookies, request.headers.get("Authorization"))
        except DatabaseAwayError as error:
            log.warning("who connects could not be looked up", why=str(error))
            await connection.close(TRY_LATER, "try again later")
            return None
        if identity is None:
            await connection.close(NOT_SIGNED_IN, "not signed in")
        return identity

    def _greet(self, connection: DeskConnection, message: str | bytes) -> bool:
        """Take a hello; False when the connection was closed for it."""
        try:
            if isinstance(message, bytes):
                raise msgspec.DecodeError("text, not binary")  # noqa: TRY301
            self._hub.join(connection, _hello.decode(message))
        except msgspec.DecodeError:
            connection.cut(MALFORMED, "not a hello")
        except NotAllowedError as error:
            connection.cut(NOT_ALLOWED, str(error))
        except SeatInUseError as error:
            connection.cut(SEAT_TAKEN, f"{IN_USE}: {error.by}")
        return connection.protocol.state is State.OPEN


def _select_subprotocol(_connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Return ours when it is offered; who offers others only is refused after the handshake, with a code."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None


def text_frame(text: bytes) -> bytes:
    """Return *text* as a server sends it: one frame, unmasked, no extension (RFC 6455 §5.2)."""
    size = len(text)
    if size < 126:  # noqa: PLR2004 - as the RFC has it
        return bytes((0x81, size)) + text
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + text
    return b"\x81\x7f" + size.to_bytes(8, "big") + text


def _short(text: str) -> str:
    """Return *text* within the 123 bytes that a close frame has for a reason (RFC 6455 §5.5.1)."""
    return text.encode()[:123].decode(errors="ignore")
