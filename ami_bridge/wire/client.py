"""The AMI client: one exchange, one ordered stream, panoramisk inside.

panoramisk gives the vocabulary (Manager, AMIProtocol, Action); what its versions up to 1.4 get wrong on
the paths used here is overridden: reconnects with back-off, checked keepalive, time-outs, no replay of
actions, no login storm, UTF-8 whole, bounded buffers.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import structlog
from panoramisk import Manager

from ami_bridge.domain.ami import AmiEvent
from ami_bridge.domain.errors import (
    ActionRejectedError,
    ActionTimeoutError,
    AmiBridgeError,
    LinkDownError,
    LoginRefusedError,
)
from ami_bridge.ports import AmiSink
from ami_bridge.wire.actions import Reply, SafeAction, Value
from ami_bridge.wire.link import AmiLink, Stats

log = structlog.get_logger(__name__)
LinkState = Literal["down", "connecting", "up", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiSettings:
    """Where and as whom to log in; times in seconds."""

    host: str
    port: int = 5038
    user: str
    secret: str = field(repr=False)
    tls: bool = False
    ca_file: Path | None = None
    server_name: str | None = None
    connect_s: float = 5.0
    action_s: float = 5.0
    ping_each_s: float = 5.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    refused_pause_s: float = 60.0


class AmiClient(Manager):  # type: ignore[misc]
    """Keeps one exchange connected; hands its stream to *sink* in order. ``run`` is owned by a supervisor."""

    def __init__(
        self,
        settings: AmiSettings,
        *,
        sink: AmiSink,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(host=settings.host, port=settings.port, protocol_factory=self._new_link)
        self.state: LinkState = "down"
        self.why: str | None = None
        self.since = now()
        self.stats = Stats()
        self.version: str | None = None
        self._settings, self._sink, self._now, self._chance = settings, sink, now, chance
        self._link: AmiLink | None = None
        self._lost: asyncio.Future[str] | None = None
        self._ids = itertools.count(1)
        self._prefix = f"c{int(now().timestamp() * 1000):x}"

    async def run(self) -> None:
        """Stay connected until cancelled; then log off."""
        pause = self._settings.first_pause_s
        try:
            while True:
                try:
                    lost = await self._session()
                    self._say("down", lost)
                    pause = self._settings.first_pause_s
                except LoginRefusedError as error:
                    self._say("refused", str(error))
                    log.error("log-in refused; asked again only now and then", why=str(error))  # noqa: TRY400
                    pause = self._settings.refused_pause_s
                except (OSError, TimeoutError, AmiBridgeError) as error:
                    self._say("down", str(error) or type(error).__name__)
                    log.warning("no link to the exchange", host=self._settings.host, why=self.why)
                await asyncio.sleep(pause * (0.5 + self._chance() / 2))
                pause = min(pause * 2, self._settings.longest_pause_s)
        finally:
            await self._log_off()

    async def ask(self, name: str, values: Mapping[str, Value] | None = None) -> Reply:
        """Send an action and return its answer, a list with all its items.

        Raises:
            ActionRejectedError: the exchange answered ``Response: Error``.
            ActionTimeoutError: no answer in time; it is not asked again.
            LinkDownError: not connected, or the link was lost before the answer.
            UnsafeValueError: a value holds a line break.
        """
        if self.state != "up":
            raise LinkDownError(self.why or self.state)
        return await self._ask(name, values or {})

    # --- one connection

    async def _session(self) -> str:
        """Connect, log in, and return why the link was lost."""
        self._say("connecting", None)
        self._lost = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(self._settings.connect_s):
            _, self._link = await asyncio.get_running_loop().create_connection(
                self.config["protocol_factory"],
                self._settings.host,
                self._settings.port,
                ssl=self._tls(),
                server_hostname=self._server_name(),
            )
            self.version = await self._link.greeted
        try:
            await self._log_in()
            self.stats.connects += 1
            self._say("up", None)
            log.info("connected", host=self._settings.host, version=self.version)
            self._sink.connected()
            return await self._keep_alive(self._lost)
        finally:
            if not self._link.closed:
                self._link.drop("the session ended")
            self._sink.disconnected(self._lost.result() if self._lost.done() else "the session ended")

    async def _keep_alive(self, lost: asyncio.Future[str]) -> str:
        """Ping until the link is lost: an answer that does not come in time is a lost link."""
        while True:
            done, _ = await asyncio.wait([lost], timeout=self._settings.ping_each_s)
            if done:
                return lost.result()
            try:
                await self._ask("Ping", {})
            except ActionTimeoutError:
                if self._link:
                    self._link.drop("the exchange no longer answers")
            except AmiBridgeError:
                continue

    async def _log_in(self) -> None:
        values: dict[str, Value] = {"Username": self._settings.user, "Events": "on"}
        try:
            challenge = (await self._ask("Challenge", {"AuthType": "MD5"})).headers.get("challenge", "")
            digest = hashlib.md5(f"{challenge}{self._settings.secret}".encode(), usedforsecurity=False)
            values |= {"AuthType": "MD5", "Key": digest.hexdigest()}
        except ActionRejectedError:
            values |= {"Secret": self._settings.secret}
        try:
            await self._ask("Login", values)
        except ActionRejectedError as error:
            raise LoginRefusedError(self._settings.user, error.reason) from error
        self.authenticated = True

    async def _ask(self, name: str, values: Mapping[str, Value]) -> Reply:
        link = self._link
        if link is None:
            raise LinkDownError(self.why or "not connected")
        action = SafeAction(name, values, action_id=f"{self._prefix}-{next(self._ids)}")
        try:
            async with asyncio.timeout(self._settings.action_s):
                reply: Reply = await link.send(action)
                return reply
        except TimeoutError:
            raise ActionTimeoutError(name, self._settings.action_s) from None
        finally:
            link.forget(action)

    async def _log_off(self) -> None:
        link, self._link = self._link, None
        if link is not None and not link.closed:
            link.transport.write(b"Action: Logoff\r\n\r\n")
            link.drop("logged off")
        self._say("down", "stopped")

    # --- callbacks

    def _new_link(self) -> AmiLink:
        return AmiLink(heard=self._heard, lost=self._on_lost, stats=self.stats)

    def _heard(self, events: list[AmiEvent], arrival: float) -> None:
        self._sink.heard(events, arrival=arrival)

    def _on_lost(self, why: str) -> None:
        self.authenticated = False
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(why)

    def _say(self, state: LinkState, why: str | None) -> None:
        if (state, why) != (self.state, self.why):
            self.state, self.why, self.since = state, why, self._now()

    def _tls(self) -> ssl.SSLContext | None:
        if not self._settings.tls:
            return None
        return ssl.create_default_context(
            cafile=str(self._settings.ca_file) if self._settings.ca_file else None
        )

    def _server_name(self) -> str | None:
        return (self._settings.server_name or self._settings.host) if self._settings.tls else None
