"""The manager interface over TCP: banner, log-in, actions, and the stream of events."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from hmac import compare_digest
from typing import cast

from pbxsim.config import Config, User
from pbxsim.manager import elder
from pbxsim.manager.action import Action, parse
from pbxsim.manager.elder import ElderTongue
from pbxsim.manager.perform import perform
from pbxsim.manager.session import Session
from pbxsim.world.exchange import Exchange
from pbxsim.world.wire import BIT, Event, rights

END = b"\r\n\r\n"
LONGEST_ACTION = 64 * 1024
LOG_IN_WITHIN_S = 30.0
WRONG_SECRET_S = 1.0


class Connection(asyncio.Protocol):
    """One client of the manager interface."""

    def __init__(self, server: AmiServer) -> None:
        self.server = server
        self.session = Session(later=self._later)
        self.transport: asyncio.Transport | None = None
        self._rest = b""
        self._timer: asyncio.TimerHandle | None = None
        self._wrong = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, and give him some time to log in."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self.server.connections.add(self)
        self.transport.write(self.server.banner)
        self._timer = asyncio.get_running_loop().call_later(LOG_IN_WITHIN_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget him."""
        del exc
        self.server.connections.discard(self)
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Do every action that is whole."""
        self._rest += data
        while self._may_go_on():
            block, end, rest = self._rest.partition(END)
            if not end:
                break
            self._rest = rest
            self._act(parse(block.lstrip(b"\r\n")))
        if len(self._rest) > LONGEST_ACTION and self.transport:
            self.transport.abort()

    def _may_go_on(self) -> bool:
        """Return whether the next action's turn has come: each waits for the one before, as in Asterisk."""
        busy = self._wrong or self.session.waits
        return not busy and self.transport is not None and not self.transport.is_closing()

    def _act(self, action: Action) -> None:
        if not action.name:
            self.write(action.refused("Missing action in request"))
        elif action.name == "logoff":
            self.write(action.reply("Goodbye", "Message: Thanks for all the fish.\r\n"))
            self._close()
        elif self.session.user:
            name = action.name
            text = perform(self.server.world, self.session, self.server.asked(action))
            self.write(self.server.said(name, text))
            self.server.pump()
        elif action.name == "login":
            self._log_in(action)
        elif action.name == "challenge":
            self._challenge(action)
        else:
            self.write(action.refused("Permission denied"))

    def _challenge(self, action: Action) -> None:
        if action.get("authtype").upper() != "MD5":
            self.write(action.refused("Must specify AuthType"))
            return
        self.session.challenge = str(secrets.randbelow(2**31))
        self.write(action.reply("Success", f"Challenge: {self.session.challenge}\r\n"))

    def _log_in(self, action: Action) -> None:
        user = self.server.users.get(action.get("username"))
        if user is None or not self._knows(user, action):
            self._wrong = True
            asyncio.get_running_loop().call_later(WRONG_SECRET_S, self._send_away, action)
            return
        if self._timer:
            self._timer.cancel()
        session = self.session
        session.user, session.read, session.write = user.name, rights(user.read), rights(user.write)
        text = action.done("Authentication accepted")
        if action.get("events").lower() == "off":
            session.wanted = 0
        if session.read & BIT["system"]:
            text += self.server.fully_booted()
        self.write(text)

    def _knows(self, user: User, action: Action) -> bool:
        if action.get("authtype").upper() != "MD5":
            return compare_digest(user.secret.encode(), action.get("secret").encode())
        if not self.session.challenge:
            return False
        word = (self.session.challenge + user.secret).encode()
        right = hashlib.md5(word, usedforsecurity=False).hexdigest()
        return compare_digest(right.encode(), action.get("key").lower().encode())

    def _send_away(self, action: Action) -> None:
        self.write(action.refused("Authentication failed"))
        self._close()

    def _later(self, text: str) -> None:
        self.session.waits = False
        self.write(self.server.said("", text))
        asyncio.get_running_loop().call_soon(self.data_received, b"")

    def write(self, text: str) -> None:
        """Send what is not empty."""
        if text and self.transport and not self.transport.is_closing():
            self.transport.write(text.encode())

    def _close(self) -> None:
        if self.transport:
            self.transport.close()


class AmiServer:
    """All clients of the manager interface of one exchange; *pump* lets the exchange react to an action."""

    def __init__(self, world: Exchange, config: Config, pump: Callable[[], None]) -> None:
        self.world, self.pump = world, pump
        self.users = {user.name: user for user in config.users}
        self.most_unsent = config.most_unsent
        self.banner = f"Asterisk Call Manager/{config.manager}\r\n".encode()
        self._elder = ElderTongue() if config.manager == elder.VERSION else None
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    def asked(self, action: Action) -> Action:
        """Return an action as the exchange knows it, whatever its dialect."""
        return self._elder.asked(action) if self._elder else action

    def said(self, action: str, text: str) -> str:
        """Return the answer to *action* in the dialect that this exchange speaks."""
        return self._elder.reply(action, text) if self._elder and text else text

    def fully_booted(self) -> str:
        """Return the event that follows a log-in; it has no Timestamp."""
        uptime = int(self.world.now - self.world.started_at)
        return (
            "Event: FullyBooted\r\nPrivilege: system,all\r\n"
            f"Uptime: {uptime}\r\nLastReload: {uptime}\r\nStatus: Fully Booted\r\n\r\n"
        )

    def publish(self, events: list[Event]) -> None:
        """Send each client the events of its classes; those with equal rights share one block of bytes."""
        if self._elder:
            events = self._elder.events(events)
        blocks: dict[int, bytes] = {}
        for each in list(self.connections):
            mask, transport = each.session.mask, each.transport
            if not mask or transport is None or transport.is_closing():
                continue
            if each.session.only or each.session.never:
                hears = each.session.hears
                block = "".join(e.text for e in events if e.mask & mask and hears(e.text)).encode()
            else:
                known = blocks.get(mask)
                if known is None:
                    known = blocks[mask] = "".join(e.text for e in events if e.mask & mask).encode()
                block = known
            if block:
                transport.write(block)
                if transport.get_write_buffer_size() > self.most_unsent:
                    transport.abort()

    def cut(self) -> None:
        """Drop every client at once, as a dying process does."""
        for each in list(self.connections):
            if each.transport:
                each.transport.abort()

    async def stop(self, *, at_once: bool = False) -> None:
        """Listen no more and end every connection; *at_once*: what is unsent stays unsent."""
        if self._server:
            self._server.close()
        for each in list(self.connections):
            if each.transport:
                (each.transport.abort if at_once else each.transport.close)()
        if self._server:
            await self._server.wait_closed()
