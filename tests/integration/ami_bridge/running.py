"""The client at the scripted exchange, what it hears, and its commands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from ami_bridge.domain import ami
from ami_bridge.wire.client import AmiClient, AmiSettings
from ami_bridge.wire.control import AmiControl

from .scripted import SECRET, Exchange

LIST_WITHIN_S = 5.0


class Ear:
    """An ``AmiSink`` that keeps what it hears, in order."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.fails = False
        self._news = asyncio.Event()

    def heard(self, events: Sequence[ami.AmiEvent], *, arrival: float) -> None:
        assert abs(arrival - time.time()) < LIST_WITHIN_S
        self._keep(*events)
        if self.fails:
            raise RuntimeError

    def connected(self) -> None:
        self._keep("connected")

    def disconnected(self, why: str) -> None:
        self._keep(f"disconnected: {why}")

    def _keep(self, *what: Any) -> None:
        self.log += what
        self._news.set()

    def uniqueids(self) -> list[str]:
        return [one.uniqueid for one in self.log if isinstance(one, ami.ChannelEvent)]

    async def until(self, wanted: Any, times: int = 1) -> None:
        """Wait until *wanted* (a word, or the uniqueid of an event) was heard."""
        async with asyncio.timeout(5):
            while [*self.uniqueids(), *self.log].count(wanted) < times:
                self._news.clear()
                await self._news.wait()

    async def until_down(self) -> str:
        async with asyncio.timeout(5):
            while True:
                for one in self.log:
                    if isinstance(one, str) and one.startswith("disconnected: "):
                        return one.removeprefix("disconnected: ")
                self._news.clear()
                await self._news.wait()


def settings(pbx: Exchange, **how: Any) -> AmiSettings:
    quick = {"ping_each_s": 60.0, "first_pause_s": 0.02, "longest_pause_s": 0.08}
    return AmiSettings(host="127.0.0.1", port=pbx.port, user="bridge", secret=SECRET, **{**quick, **how})


@asynccontextmanager
async def running(pbx: Exchange, *, is_up: bool = True, **how: Any) -> AsyncIterator[tuple[AmiClient, Ear]]:
    ear = Ear()
    client = AmiClient(settings(pbx, **how), sink=ear, now=lambda: datetime.now(UTC), chance=lambda: 1.0)
    task = asyncio.create_task(client.run())
    try:
        if is_up:
            await ear.until("connected")
        yield client, ear
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(what: Any) -> None:
    async with asyncio.timeout(5):
        while not what():  # noqa: ASYNC110 - a counter has no event
            await asyncio.sleep(0.005)


class Told(list):
    def __call__(self, fact: Any) -> None:
        self.append(fact)


def control(client: AmiClient, told: Told, *, is_observed: bool = False) -> AmiControl:
    return AmiControl(client, context="from-agents", is_observed=is_observed, told=told)
