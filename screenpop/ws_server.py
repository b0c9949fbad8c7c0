"""The websocket server: the handshake, one hello a client, and frames out.

Commands go by REST, never by websocket: after its hello a client may only say hello again.
Library: https://websockets.readthedocs.io/ (asyncio server).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus


import msgspec
import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from screenpop.hub import Client, Hub

log = structlog.get_logger(__name__)
SUBPROTOCOL = "centralita.v1"
OUTBOX_BYTES, READ_LIMIT, HELLO_WITHIN_S, PING_S = 1 << 20, 4096, 10, 20


class Hello(msgspec.Struct, tag="hello", tag_field="op", forbid_unknown_fields=True):
    """The only thing a client says: what it wants to hear, and where it stopped."""

    topics: list[str]
    resume: str | None = None


WhoIs = Callable[[Request], Awaitable[Client | None]]
MayHear = Callable[[Client, str], bool]
OriginOk = Callable[[Request], bool]


class WsWire:
    """A client's connection: frames are written at once; who does not read is cut."""

    __slots__ = ("_connection", "_hub")

    def __init__(self, connection: ServerConnection, hub: Hub) -> None:
        self._connection, self._hub = connection, hub

    def push(self, text: str) -> None:
        """Write a frame; cut the client when a mebibyte waits for it already (4008)."""
        connection = self._connection
        if connection.transport.get_write_buffer_size() > OUTBOX_BYTES:
            self._hub.cut_off += 1
            self.cut(4008, "too slow")
            return
        try:
            connection.protocol.send_text(text.encode())
            connection.send_data()
        except (ConnectionClosed, RuntimeError, OSError, msgspec.MsgspecError):
            connection.transport.abort()
        except Exception as error:  # a closing connection refuses frames in several ways
            log.debug("a frame was not sent", why=str(error))

    def cut(self, code: int, reason: str) -> None:
        """Close with *code*; what still waits in the buffer is thrown away when the client does not read."""
        connection = self._connection
        try:
            connection.protocol.send_close(code, reason)
            connection.send_data()
        except Exception as error:  # already closing
            log.debug("a close was not sent", why=str(error))
        if connection.transport.get_write_buffer_size() > OUTBOX_BYTES:
            connection.transport.abort()


class WsServer:
    """Serves one hub on a port of its own."""

    def __init__(self, hub: Hub, *, who_is: WhoIs, may_hear: MayHear, origin_ok: OriginOk) -> None:
        self._hub, self._who_is, self._may_hear, self._origin_ok = hub, who_is, may_hear, origin_ok
        self._server: Server | None = None
        self.port = 0

    async def run(self, host: str, port: int, *, ready: Callable[[], None] | None = None) -> None:
        """Serve until cancelled; then close every client with 4010."""
        async with serve(
            self._client,
            host,
            port,
            process_request=self._check_origin,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            compression=None,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            max_size=READ_LIMIT,
            max_queue=2,
            write_limit=OUTBOX_BYTES,
            close_timeout=2,
            server_header=None,
        ) as server:
            self.port = server.sockets[0].getsockname()[1]
            if ready:
                ready()
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self._hub.close()

    def _check_origin(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._origin_ok(request):
            return None
        return connection.respond(HTTPStatus.FORBIDDEN, "this page may not connect here\n")

    async def _client(self, connection: ServerConnection) -> None:
        if connection.request is None:
            return
        client = await self._who_is(connection.request)
        if client is None:
            await connection.close(4001, "not signed in")
            return
        client.wire = WsWire(connection, self._hub)
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                hello = await connection.recv()
            while self._greet(client, hello):
                hello = await connection.recv()
            await connection.close(4003, "not allowed")
        except (ConnectionClosed, TimeoutError):
            pass
        finally:
            self._hub.leave(client)

    def _greet(self, client: Client, text: str | bytes) -> bool:
        """Take a hello; False when it is none or asks for what the client may not hear."""
        try:
            hello = msgspec.json.decode(text, type=Hello)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return False
        if len(hello.topics) > 50 or not all(self._may_hear(client, topic) for topic in hello.topics):  # noqa: PLR2004
            return False
        self._hub.leave(client)
        self._hub.join(client, topics=hello.topics, resume=hello.resume)
        return True
