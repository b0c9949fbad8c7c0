"""The FastAGI server: each request to its flow, whatever the peers do and however flows fail."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

import structlog

from agi_scripts.ports import AgiError, Flow, Line
from agi_scripts.session import Session

log = structlog.get_logger(__name__)
REFUSAL_S, QUIET_S = 1.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much at once, and how long: *flows_at_once* running and *links* open; times in seconds.

    A caller over *flows_at_once* is told so (``CENTRALITA_STATUS`` is ``BUSY``); a link over *links* is cut.
    """

    flows_at_once: int = 500
    links: int = 2_000
    head_s: float = 5.0
    flow_s: float = 30.0
    stop_s: float = 2.0


class FastAgiServer:
    """Answers Asterisk's ``AGI(agi://host/FLOW)``. *allowed* networks may ask; everybody when empty.

    *stays* has the seconds for flows in which the caller does something; others have ``Limits.flow_s``.
    """

    def __init__(
        self,
        flows: Mapping[str, Flow],
        *,
        limits: Limits | None = None,
        allowed: Sequence[IPv4Network | IPv6Network] = (),
        stays: Mapping[str, float] | None = None,
    ) -> None:
        self.answered = self.refused = self.failed = self._busy = 0
        self._flows, self._allowed = dict(flows), tuple(allowed)
        self._limits, self._stays = limits or Limits(), dict(stays or {})
        self._sessions: set[Session] = set()
        self._running: dict[Session, asyncio.Task[None]] = {}
        self._said: dict[str, float] = {}
        self._server: asyncio.Server | None = None

    def _session(self) -> Session:
        return Session(self, head_s=self._limits.head_s)

    @property
    def links(self) -> int:
        """How many links are open now."""
        return len(self._sessions)

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port, which the system chooses for 0.

        Raises:
            OSError: the address is not ours or taken.
        """
        self._server = await asyncio.get_running_loop().create_server(
            self._session, host, port, backlog=self._limits.links
        )
        port = int(self._server.sockets[0].getsockname()[1])
        log.info("FastAGI listens", host=host, port=port, flows=sorted(self._flows))
        return port

    async def run(self, listener: socket.socket) -> None:
        """Serve on a bound socket, which stays the caller's, until cancelled; a part for the supervisor."""
        loop = asyncio.get_running_loop()
        with listener.dup() as ours:
            self._server = await loop.create_server(
                self._session, sock=ours, backlog=self._limits.links, start_serving=False
            )
            try:
                await self._server.start_serving()
                await loop.create_future()
            finally:
                await self.stop()

    async def stop(self) -> None:
        """Take no more, let running flows end for ``stop_s``, then cut them; calls go on in the dialplan."""
        if self._server:
            self._server.close()
        running = set(self._running.values())
        if running:
            _, running = await asyncio.wait(running, timeout=self._limits.stop_s)
        for task in running:
            task.cancel()
        for session in list(self._sessions):
            session.close("the service stops")
        await asyncio.gather(*running, return_exceptions=True)
        self._running.clear()
        self._busy = 0

    # --- the sessions' owner

    def opened(self, session: Session) -> bool:
        """Take a new session, unless there are too many or the peer may not ask."""
        if len(self._sessions) >= self._limits.links:
            self._refuse("too many links")
            return False
        if self._allowed and not self._may_ask(session.peer):
            self._refuse("a peer that is not allowed", peer=session.peer)
            return False
        self._sessions.add(session)
        return True

    def asked(self, session: Session) -> None:
        """Run the flow that is asked for; without one, or with too many running, say so: the call goes on."""
        script = session.request.script
        if script not in self._flows:
            self._refuse("no such flow", peer=session.peer, flow=script[:64])
            work = self._answer(session, _refusal("UNKNOWN_FLOW"), REFUSAL_S)
        elif self._busy >= self._limits.flows_at_once:
            self._refuse("too many callers at once")
            work = self._answer(session, _refusal("BUSY"), REFUSAL_S)
        else:
            self._busy += 1
            work = self._run(session, self._flows[script], self._stays.get(script, self._limits.flow_s))
        self._running[session] = asyncio.create_task(work)

    def overdue(self, session: Session) -> None:
        """End a flow that takes too long."""
        self.failed += 1
        log.warning("a flow took too long", flow=session.request.script[:64])
        if task := self._running.get(session):
            task.cancel()

    def closed(self, session: Session) -> None:
        """Forget a session."""
        self._sessions.discard(session)

    async def _run(self, session: Session, flow: Flow, limit_s: float) -> None:
        try:
            await self._answer(session, flow, limit_s)
        finally:
            self._busy -= 1

    async def _answer(self, session: Session, flow: Flow, limit_s: float) -> None:
        """Run *flow* to its end; nothing that happens in it leaves this session."""
        session.limit(limit_s)
        try:
            await flow(session)
            self.answered += 1
        except AgiError as error:
            self.failed += 1
            log.info("a flow ended early", flow=session.request.script[:64], why=str(error))
        except Exception:  # a flow's fault costs its answer, never the server
            self.failed += 1
            log.exception("a flow failed", flow=session.request.script[:64])
        finally:
            session.close()
            self._running.pop(session, None)

    def _refuse(self, why: str, **facts: str) -> None:
        """Count a refusal; say it once for each reason and quiet time, for a flood must not fill the log."""
        self.refused += 1
        now = asyncio.get_running_loop().time()
        if now - self._said.get(why, -QUIET_S) >= QUIET_S:
            self._said[why] = now
            log.warning("FastAGI refused", why=why, refused=self.refused, **facts)

    def _may_ask(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._allowed)


def _refusal(status: str) -> Flow:
    async def refuse(line: Line) -> None:
        await line.set_variable("CENTRALITA_STATUS", status)

    return refuse
