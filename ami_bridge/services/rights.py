"""Finds out what our manager user may do and hear, and says once what it lacks."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from ami_bridge.domain.ami import AmiEvent, Snapshot
from ami_bridge.domain.errors import ActionRejectedError, AmiBridgeError
from ami_bridge.domain.rights import HELPFUL, Heard, Rights, may_use
from ami_bridge.ports import AmiSink

log = structlog.get_logger(__name__)
OUR_EVENT = "CentralitaRights"
ANSWER_WITHIN_S, LOOK_EACH_S = 2.0, 30.0


class Asks(Protocol):
    """What is asked of an exchange here; see ``CallControl`` for the errors."""

    async def may_use(self) -> Sequence[str]:
        """Return the names of the actions that our user may use."""

    async def say(self, name: str, headers: Mapping[str, str]) -> None:
        """Let the exchange make an event of ours."""

    async def snapshot(self) -> Snapshot:
        """Return what the exchange says is so."""


class RightsWatch:
    """An ``AmiSink`` before another one: passes everything on and looks at what comes."""

    def __init__(self, pbx: str, behind: AmiSink, *, is_observed: bool) -> None:
        self.rights: Rights | None = None
        self._pbx, self._behind, self._is_observed = pbx, behind, is_observed
        self._heard = Heard(nonce="")
        self._is_watching = False
        self._connected, self._answered = asyncio.Event(), asyncio.Event()
        self._since = 0.0

    # --- the wire speaks

    def heard(self, events: Sequence[AmiEvent], *, arrival: float) -> None:
        """Pass the events of one read on; look at them while something is not known yet."""
        if self._is_watching:
            self._heard.note(events)
            if self._heard.was_answered:
                self._answered.set()
        self._behind.heard(events, arrival=arrival)

    def connected(self) -> None:
        """Begin anew: the rights may have been changed."""
        self._heard, self._is_watching = Heard(nonce=secrets.token_hex(8)), True
        self._answered.clear()
        self._since = asyncio.get_running_loop().time()
        self._connected.set()
        self._behind.connected()

    def disconnected(self, why: str) -> None:
        """Stop looking."""
        self._is_watching = False
        self._behind.disconnected(why)

    # --- what runs beside

    async def run(self, exchange: Asks) -> None:
        """After each connect find out what we may, and say what we lack; runs until cancelled."""
        while True:
            await self._connected.wait()
            self._connected.clear()
            try:
                await self._until_known(exchange)
            except AmiBridgeError as error:
                log.info("rights were not found out", pbx=self._pbx, why=str(error))

    async def find_out(self, exchange: Asks) -> Rights:
        """Ask, let our own event come back, and return what we may.

        Raises:
            LinkDownError, ActionTimeoutError: the exchange cannot be asked.
        """
        write = may_use(await self._listed(exchange), is_observed=self._is_observed)
        has_asked = bool(write.get("UserEvent")) and await self._hear_ourselves(exchange)
        listens_for_s = asyncio.get_running_loop().time() - self._since
        self._heard.compare(await exchange.snapshot(), listens_for_s=listens_for_s)
        return Rights(write=write, read=self._heard.read(has_asked=has_asked))

    async def _until_known(self, exchange: Asks) -> None:
        """Look again now and then, for what shows only once somebody calls; until the next connect."""
        while self._is_watching:
            self._say(await self.find_out(exchange))
            if self.rights and not self.rights.unknown:
                self._is_watching = False
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EACH_S):
                    await self._connected.wait()
                    return

    async def _listed(self, exchange: Asks) -> Sequence[str] | None:
        try:
            return await exchange.may_use()
        except ActionRejectedError:
            return None

    async def _hear_ourselves(self, exchange: Asks) -> bool:
        """Return whether our own event came back, or had time to."""
        try:
            await exchange.say(OUR_EVENT, {"Nonce": self._heard.nonce})
        except ActionRejectedError:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._answered.wait()
        return True

    def _say(self, rights: Rights) -> None:
        """Log what we lack when it is not what was said before."""
        before, self.rights = self.rights, rights
        missing = [right for right in rights.missing if right not in HELPFUL]
        if missing and (before is None or before.missing != rights.missing):
            log.warning("the manager user lacks rights", pbx=self._pbx, missing=missing)
        if rights.unknown and before is None:
            log.info("rights that show only in calls", pbx=self._pbx, unknown=list(rights.unknown))
