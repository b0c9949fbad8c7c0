"""The ledger: CPU of a step, and of wire + ledger + bus against panoramisk's bare wire on the same bytes.

The bytes are a recording of sixty queue calls of a real Asterisk (tests/fixtures/ami/floor), once as it is
(read=all) and once with what a bridge's rights let through (system, call, agent, user). The exchange's own
clock serves as arrival, so that time passes as it did. In CPU seconds of this process, ours and
panoramisk's in turns, best of several, for what other work on the machine adds is never negative.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import logging
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol

from ami_bridge.bus import Bus, Numbered
from ami_bridge.domain.ami import AmiEvent
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.wire.link import AmiLink, Stats
from ami_bridge.wire.parse import Framer, read_event
from crm_core.domain.phone import read_number

RECORDING = Path(__file__).parents[1] / "tests" / "fixtures" / "ami" / "floor.ami.gz"
CALLS, RUNS, READ_BYTES = 60, 25, 4096
ALL_RATIO, BRIDGE_RATIO = 3.0, 1.5
RIGHTS = re.compile(rb"\r\nPrivilege: [a-z,]*\b(?:system|call|agent|user)\b")


def measure() -> list[dict[str, Any]]:
    """Return the CPU of a ledger step, and how often faster than panoramisk's bare wire the whole is."""
    logging.disable(logging.CRITICAL)
    everything = gzip.decompress(RECORDING.read_bytes())
    bridge = _with_rights(everything)
    return asyncio.run(_measure(everything, bridge))


async def _measure(everything: bytes, bridge: bytes) -> list[dict[str, Any]]:
    facts = _facts(everything)
    step = _best(lambda: _steps(facts)) / len(facts)
    figures = [_figure("ledger_step", step * 1e6, "us")]
    for name, stream, target in (("read_all", everything, ALL_RATIO), ("bridge", bridge, BRIDGE_RATIO)):
        turns = [(_ours(stream), _panoramisk(stream)) for _ in range(RUNS)]
        ours, theirs = (min(times) for times in zip(*turns, strict=True))
        figures += [
            _figure(f"pipeline_{name}_per_call", ours / CALLS * 1e6, "us"),
            _figure(
                f"pipeline_{name}_ratio",
                theirs / ours,
                "x",
                f">= {target:g}",
                ok=theirs / ours >= target,
                ratio_to="panoramisk's bare wire",
            ),
        ]
    return figures


def _figure(
    name: str, value: float, unit: str, target: str | None = None, *, ok: bool | None = None, **more: str
) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "ratio_to": more.get("ratio_to"),
        "target": target,
        "ok": ok,
    }


def _best(run: Callable[[], float]) -> float:
    return min(run() for _ in range(RUNS))


def _cpu(run: Callable[[], None]) -> float:
    gc.collect()
    started = time.process_time()
    run()
    return time.process_time() - started


# --- what is run


def _with_rights(stream: bytes) -> bytes:
    head, *blocks = stream.split(b"\r\n\r\n")
    return b"\r\n\r\n".join([head, *(block for block in blocks if RIGHTS.search(block)), b""])


def _facts(stream: bytes) -> list[tuple[AmiEvent, datetime]]:
    clock = PbxClock()
    events = (read_event(block.lstrip()) for block in Framer().feed(stream))
    return [(event, clock.instant(event.stamp, arrival=event.stamp or 0.0)) for event in events if event]


def _floor() -> Floor:
    return Floor("main", inside=Inside(patterns=(r"PJSIP/agent\d+",)), read=_read)


def _read(raw: str) -> str | None:
    return read_number(raw, region="ES").e164


def _steps(facts: list[tuple[AmiEvent, datetime]]) -> float:
    floor, ended = _floor(), []

    def run() -> None:
        for event, at in facts:
            ended.extend(floor.step(event, at))

    took = _cpu(run)
    assert sum(type(event).__name__ == "CallEnded" for event in ended) == CALLS
    return took


def _ours(stream: bytes) -> float:
    floor, bus, clock, ended = _floor(), Bus(epoch="bench"), PbxClock(), []

    def reader(batch: list[Numbered]) -> None:
        ended.extend(event for _, event in batch if type(event).__name__ == "CallEnded")

    def heard(events: list[AmiEvent], _arrival: float) -> None:
        happened: list[msgspec.Struct] = []
        for event in events:
            happened += floor.step(event, clock.instant(event.stamp, arrival=event.stamp or 0.0))
        if happened:
            bus.publish(happened)

    bus.subscribe(reader)
    link = AmiLink(heard=heard, lost=print, stats=Stats())
    took = _cpu(lambda: _feed(link.data_received, stream))
    assert len(ended) == CALLS
    return took


def _panoramisk(stream: bytes) -> float:
    seen = []
    manager = Manager(encoding="utf8")
    manager.register_event("*", lambda _manager, event: seen.append(event.event))
    protocol = AMIProtocol()
    protocol.connection_made(None)
    protocol.factory, protocol.encoding = manager, "utf8"
    took = _cpu(lambda: _feed(protocol.data_received, stream))
    assert len(seen) > CALLS
    return took


def _feed(receive: Callable[[bytes], None], stream: bytes) -> None:
    for start in range(0, len(stream), READ_BYTES):
        receive(stream[start : start + READ_BYTES])


if __name__ == "__main__":
    for figure in measure():
        print(f"{figure['name']:28} {figure['value']:10.3f} {figure['unit']:3} {figure['target'] or ''}")
