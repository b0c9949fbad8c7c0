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
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar, cast

import structlog
from panoramisk import Manager

from ami_bridge.domain.ami import AmiEvent
from ami_bridge.domain.errors import (
    ActionRejectedError,
    ActionTimeoutError,
    AmiBridgeError,
    LinkDownError,
    LoginRefusedError,
    NotLeadingError,
    ObserveOnlyError,
)
from ami_bridge.domain.rights import READING
from ami_bridge.ports import AmiSink
from ami_bridge.wire.actions import Reply, Value
from ami_bridge.wire.link import AmiLink, Stats
from ami_bridge.wire.pending import SafeAction

log = structlog.get_logger(__name__)
LinkState = Literal["down", "connecting", "up", "refused"]
T = TypeVar("T")
EARLY_READS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiSettings:
    """Where and as whom to log in; times in seconds. ``only_reads``: nothing is sent but ``READING``."""

    host: str
    port: int = 5038
    user: str
    secret: str = field(repr=False)
    tls: bool = False
    ca_file: Path | None = None
    server_name: str | None = None
    only_reads: bool = False
    connect_s: float = 5.0
    action_s: float = 5.0
    ping_each_s: float = 5.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    refused_pause_s: float = 60.0


def _always() -> bool:
    return True


class AmiClient(Manager):  # type: ignore[misc]
    """Keeps one exchange connected; hands its stream to *sink* in order. ``run`` is owned by a supervisor.

    Before each action *may_send* is asked: another process may lead this exchange by now.
    """

    def __init__(
        self,
        settings: AmiSettings,
        *,
        sink: AmiSink,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        may_send: Callable[[], bool] = _always,
    ) -> None:
        super().__init__(host=settings.host, port=settings.port, protocol_factory=self._new_link)
        self.state: LinkState = "down"
        self.why: str | None = None
        self.since = now()
        self.stats = Stats()
        self.version: str | None = None
        self._settings, self._sink, self._now, self._chance = settings, sink, now, chance
        self._may_send = may_send
        self._link: AmiLink | None = None
        self._lost: asyncio.Future[str] | None = None
        self._early: deque[tuple[list[AmiEvent], float]] | None = None
        self._ids = itertools.count(1)
        self._prefix = f"c{int(now().timestamp() * 1000):x}"

    async def run(self) -> None:
        """Stay connected until cancelled; then log off."""
        pause = _Pause(self._settings.first_pause_s, self._settings.longest_pause_s)
        try:
            while True:
                wait = await self._attempt(pause)
                await asyncio.sleep(wait * (0.5 + self._chance() / 2))
        finally:
            self._say("down", "stopped")

    async def _attempt(self, pause: _Pause) -> float:
        """Hold one session, or fail to; return the seconds to wait before the next."""
        try:
            lost, lasted = await self._session()
            self._say("down", lost)
            pause.begin_anew_after(lasted)
        except LoginRefusedError as error:
            self._say("refused", str(error))
            log.error("log-in refused; asked again only now and then", why=str(error))  # noqa: TRY400
            return self._settings.refused_pause_s
        except (OSError, ValueError, AmiBridgeError) as error:  # ValueError: a host that is no name
            self._say("down", str(error) or type(error).__name__)
            log.warning("no link to the exchange", host=self._settings.host, why=self.why)
        return pause.next()

    async def ask(
        self, name: str, values: Mapping[str, Value] | None = None, *, action_id: str | None = None
    ) -> Reply:
        """Send an action and return its answer, a list with all its items.

        Raises:
            ActionRejectedError: the exchange answered ``Response: Error``.
            ActionTimeoutError: no answer in time; it is not asked again.
            LinkDownError: not connected, or the link was lost before the answer.
            ObserveOnlyError: it may change something, where we only read.
            UnsafeValueError: a value holds a line break, or does not fit into a line.
        """
        if self.state != "up":
            raise LinkDownError(self.why or self.state)
        return await self._ask(name, values or {}, action_id=action_id)

    def now(self) -> datetime:
        """Return this instant by the clock that arrivals are told by: while a link is up nobody sets it."""
        return self._now() if self._link is None else datetime.fromtimestamp(self._link.now(), UTC)

    def new_action_id(self) -> str:
        """Return an id that no other action of this process has."""
        return f"{self._prefix}-{next(self._ids)}"

    # --- one connection

    async def _session(self) -> tuple[str, float]:
        """Connect, log in, and return why the link was lost and for how many seconds it was up."""
        self._say("connecting", None)
        self._lost, self._early = asyncio.get_running_loop().create_future(), deque(maxlen=EARLY_READS)
        self._link = link = await self._connect()
        try:
            self.version = await self._in_time(link.greeted, "the greeting")
            await self._log_in()
            return await self._while_up(self._lost)
        except asyncio.CancelledError:
            if self._may_send():
                link.log_off()
            raise
        finally:
            self._link = None
            link.drop("the session ended")

    async def _connect(self) -> AmiLink:
        connecting = asyncio.get_running_loop().create_connection(
            self.config["protocol_factory"],
            self._settings.host,
            self._settings.port,
            ssl=self._tls(),
            server_hostname=self._server_name(),
        )
        _, link = await self._in_time(connecting, "the connection")
        return cast("AmiLink", link)

    async def _in_time(self, wanted: Awaitable[T], what: str) -> T:
        try:
            async with asyncio.timeout(self._settings.connect_s):
                return await wanted
        except TimeoutError as error:
            raise LinkDownError(f"{what} took longer than {self._settings.connect_s:g} s") from error

    async def _while_up(self, lost: asyncio.Future[str]) -> tuple[str, float]:
        """Hand the stream on until the link is lost."""
        since = asyncio.get_running_loop().time()
        self.stats.connects += 1
        self._say("up", None)
        log.info("connected", host=self._settings.host, version=self.version)
        self._sink.connected()
        early, self._early = self._early, None
        for events, arrival in early or ():
            self._sink.heard(events, arrival=arrival)
        try:
            why = await self._keep_alive(lost)
        finally:
            self._say("down", lost.result() if lost.done() else "the session ended")
            self._sink.disconnected(self.why or "")
        return why, asyncio.get_running_loop().time() - since

    async def _keep_alive(self, lost: asyncio.Future[str]) -> str:
        """Ping until the link is lost: an answer that does not come in time is a lost link.

        While it is not sure that we lead no ping is sent and the link stays: most often we were merely late.
        """
        while True:
            done, _ = await asyncio.wait([lost], timeout=self._settings.ping_each_s)
            if done:
                return lost.result()
            try:
                await self._ask("Ping", {})
            except ActionRejectedError:
                continue  # an answer, too
            except NotLeadingError:
                continue
            except ActionTimeoutError:
                self._drop("the exchange no longer answers")
            except LinkDownError as error:
                self._drop(error.why)

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

    async def _ask(self, name: str, values: Mapping[str, Value], *, action_id: str | None = None) -> Reply:
        link = self._link
        if link is None:
            raise LinkDownError(self.why or "not connected")
        if self._settings.only_reads and name not in READING:  # whoever asks, by whatever way
            raise ObserveOnlyError(name)
        if not self._may_send():
            raise NotLeadingError
        action = SafeAction(name, values, action_id=action_id or self.new_action_id())
        try:
            async with asyncio.timeout(self._settings.action_s):
                reply: Reply = await link.send(action)
                return reply
        except TimeoutError:
            raise ActionTimeoutError(name, self._settings.action_s) from None
        finally:
            link.forget(action)

    def _drop(self, why: str) -> None:
        if self._link is not None:
            self._link.drop(why)

    # --- callbacks

    def _new_link(self) -> AmiLink:
        return AmiLink(heard=self._heard, lost=self._on_lost, stats=self.stats)

    def _heard(self, events: list[AmiEvent], arrival: float) -> None:
        if self._early is None:
            self._sink.heard(events, arrival=arrival)
        else:  # said between the log-in and ``connected``
            self._early.append((events, arrival))

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


class _Pause:
    """How long to wait before the next attempt: twice as long each time, up to a bound."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._next = first

    def next(self) -> float:
        """Return the seconds to wait now."""
        now, self._next = self._next, min(self._next * 2, self._longest)
        return now

    def begin_anew_after(self, up_s: float) -> None:
        """Begin with the shortest pause again after a link that lasted; one that was cut at once did not."""
        if up_s >= self._next:
            self._next = self._first
