"""The wire layer: CPU an event, and how many times panoramisk's events a second on the same bytes.

The bytes are a recording of sixty queue calls of a real Asterisk at read=all (tests/fixtures/ami/floor), in
reads of 4 KiB. Ours is the whole link as it runs: greeting, bounds, answers, the filter of events that
nobody reads, and facts for the rest. panoramisk has one callback for all events, its cheapest case. Both in
CPU seconds of this process, in turns, best of several; so other work on the machine counts little.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import logging
import time
from pathlib import Path
from typing import Any

from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol

from ami_bridge.domain.ami import AmiEvent
from ami_bridge.wire.link import AmiLink, Stats
from ami_bridge.wire.parse import Framer, event_name

RECORDING = Path(__file__).parents[1] / "tests" / "fixtures" / "ami" / "floor.ami.gz"
RUNS, READ_BYTES = 15, 4096
EVENT_US, RATIO = 2.5, 8.0


def measure() -> list[dict[str, Any]]:
    """Return the CPU of an event in our wire layer, and how many times panoramisk's speed that is."""
    logging.disable(logging.CRITICAL)
    return asyncio.run(_measure(gzip.decompress(RECORDING.read_bytes())))


async def _measure(stream: bytes) -> list[dict[str, Any]]:
    reads = [stream[start : start + READ_BYTES] for start in range(0, len(stream), READ_BYTES)]
    events = sum(event_name(block) is not None for block in Framer().feed(stream))
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(_ours(reads, events))
        theirs.append(_panoramisk(reads, events))
    event_us, ratio = min(ours) / events * 1e6, min(theirs) / min(ours)
    return [
        {
            "name": "wire_event",
            "value": event_us,
            "unit": "us",
            "ratio_to": None,
            "target": f"<= {EVENT_US:g}",
            "ok": event_us <= EVENT_US,
        },
        {
            "name": "wire_ratio",
            "value": ratio,
            "unit": "x",
            "ratio_to": "panoramisk's events a second",
            "target": f">= {RATIO:g}",
            "ok": ratio >= RATIO,
        },
    ]


def _ours(reads: list[bytes], events: int) -> float:
    facts: list[AmiEvent] = []
    stats = Stats()
    link = AmiLink(heard=lambda heard, _arrival: facts.extend(heard), lost=print, stats=stats)
    gc.collect()
    started = time.process_time()
    for read in reads:
        link.data_received(read)
    took = time.process_time() - started
    assert (stats.seen, stats.parsed) == (events, len(facts))
    return took


def _panoramisk(reads: list[bytes], events: int) -> float:
    seen: list[str] = []
    manager = Manager(encoding="utf8")
    manager.register_event("*", lambda _manager, event: seen.append(event.event))
    protocol = AMIProtocol()
    protocol.connection_made(None)
    protocol.factory, protocol.encoding = manager, "utf8"
    gc.collect()
    started = time.process_time()
    for read in reads:
        protocol.data_received(read)
    took = time.process_time() - started
    assert len(seen) == events
    return took


if __name__ == "__main__":
    for figure in measure():
        print(f"{figure['name']:12} {figure['value']:8.3f} {figure['unit']:3} {figure['target']}")
