"""How long until our picture of a busy exchange is whole after a connect, and what an audit of it costs.

Twice: on a simulated exchange with more than 500 live channels in a process of its own, from the first list
asked for to ``pbx.resynced``; and by the lists of it alone, as they were recorded there: what the event loop
is kept from its other work.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import load
from figures import figure

from ami_bridge.bus import Bus, Numbered
from ami_bridge.domain.ami import Snapshot
from ami_bridge.domain.events import PbxResynced
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.services.live import LivePbx
from ami_bridge.wire.client import AmiClient, AmiSettings
from ami_bridge.wire.control import AmiControl
from centralita.clock import utc_now

CHANNELS, A_SECOND, TALK_S = 500, 50.0, 60.0
TARGET_S, AUDIT_TARGET_MS = 1.0, 20.0
WITHIN_S, TURNS = 60.0, 5


def measure() -> list[dict[str, Any]]:
    """Return the seconds of a resync of at least 500 channels, and its parts on the loop."""
    config = load.floor(a_second=A_SECOND)
    config["load"]["talk"] = {"low": TALK_S, "high": TALK_S}
    with load.running(config) as pbx:
        snapshot, took_s = asyncio.run(_resynced(pbx.port))
    adopt, audit = _on_the_loop(snapshot)
    return [
        figure("resync_channels", len(snapshot.channels), "channels"),
        figure("resync", took_s, "s", TARGET_S),
        figure("resync_on_the_loop", 1e3 * adopt, "ms"),
        figure("audit_on_the_loop", 1e3 * audit, "ms", AUDIT_TARGET_MS),
    ]


async def _resynced(port: int) -> tuple[Snapshot, float]:
    """Connect anew until there are channels enough; return the lists, and how long the resync took."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            snapshot, took_s = await _once(port)
            if len(snapshot.channels) >= CHANNELS:
                return snapshot, took_s


async def _once(port: int) -> tuple[Snapshot, float]:
    bus, resynced = Bus(epoch="bench"), asyncio.get_running_loop().create_future()

    def hear(batch: Sequence[Numbered]) -> None:
        for _, event in batch:
            if isinstance(event, PbxResynced) and not resynced.done():
                resynced.set_result(event.took_s)

    bus.subscribe(hear)
    live = LivePbx(_floor(), bus=bus, clock=PbxClock(), now=utc_now, told_by_ivr=lambda _call, _headers: None)
    settings = AmiSettings(host="127.0.0.1", port=port, user=load.USER, secret=load.SECRET)
    client = AmiClient(settings, sink=live, now=utc_now)
    control = AmiControl(client, context="from-agents", is_observed=True, told=live.asked_to_originate)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part) for part in (client.run(), live.resync(control))]
        took_s = await resynced
        snapshot = await control.snapshot()
        for task in tasks:
            task.cancel()
    return snapshot, took_s


def _floor() -> Floor:
    return Floor("main", inside=Inside(), read=lambda raw: f"+34{raw}" if len(raw) == 9 else None)


def _on_the_loop(snapshot: Snapshot) -> tuple[float, float]:
    """Return the seconds to adopt everything, and to find that all is so: the best of some turns."""
    adopts, audits = [], []
    for _ in range(TURNS):
        floor, began = _floor(), time.perf_counter()
        floor.resync(snapshot, utc_now())
        adopted = time.perf_counter()
        assert not floor.differences(snapshot, floor.meanwhile())
        adopts.append(adopted - began)
        audits.append(time.perf_counter() - adopted)
    return min(adopts), min(audits)


if __name__ == "__main__":
    for figure in measure():
        print(figure)
