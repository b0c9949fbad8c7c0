"""Our bridge on an exchange: client, ledger and bus, with everything that happened kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from ami_bridge.bus import Bus, Numbered
from ami_bridge.domain.events import FloorEvent
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.services.audit import AUDIT_EACH_S
from ami_bridge.services.live import LivePbx
from ami_bridge.wire.client import AmiClient, AmiSettings
from ami_bridge.wire.control import AmiControl
from centralita.replay import reader_of

WITHIN_S = 20.0
Happened = TypeVar("Happened", bound=FloorEvent)


@dataclass(slots=True)
class Bridge:
    """A bridge that runs; ``happened`` grows."""

    client: AmiClient
    control: AmiControl
    live: LivePbx
    bus: Bus
    happened: list[FloorEvent] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, batch: Sequence[Numbered]) -> None:
        self.happened += [event for _, event in batch if isinstance(event, FloorEvent)]
        self._news.set()

    async def until(
        self, kind: type[Happened], wanted: Callable[[Happened], bool] = lambda _: True
    ) -> Happened:
        """Return the first event of *kind* that is *wanted*, past ones included."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                self._news.clear()
                for event in self.happened:
                    if isinstance(event, kind) and wanted(event):
                        return event
                await self._news.wait()


@asynccontextmanager
async def bridge(
    settings: AmiSettings, *, is_observed: bool = False, audit_each_s: float = AUDIT_EACH_S
) -> AsyncIterator[Bridge]:
    """Run a bridge on the exchange of *settings*, connected and in step with it."""
    bus, now = Bus(epoch="test"), lambda: datetime.now(UTC)
    floor = Floor("main", inside=Inside(), read=reader_of("ES"))
    live = LivePbx(
        floor,
        bus=bus,
        clock=PbxClock(),
        now=now,
        told_by_ivr=lambda _call, _headers: None,
        audit_each_s=audit_each_s,
    )
    client = AmiClient(settings, sink=live, now=now)
    control = AmiControl(client, context="from-agents", is_observed=is_observed, told=live.asked_to_originate)
    running = Bridge(client, control, live, bus)
    bus.subscribe(running.hear)
    tasks = [
        asyncio.create_task(part)
        for part in (client.run(), live.tick(lambda _queue: True), live.resync(control))
    ]
    try:
        yield running
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
