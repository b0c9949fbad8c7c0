"""A long run: the whole service on a simulated exchange at 100 queue calls a second. Does it keep its shape?

    python benchmarks/soak.py --minutes 30 --rate 100 [--traces]

Memory must be flat once everything that is bounded is full (slope at most 1 MiB per 10 minutes; no call that
is over may leave a block of Python's behind), the audits must find nothing that is otherwise (drift 0), and
the event loop must be on time (p99 of its lateness at most 20 ms). Prints the figures, writes them to
``build/soak.json``; 1 when a target is missed.

The warm-up is a third of the time, and at least ``FILLED`` calls: by then the longest memory of calls that
are over (20,000 names) and the pages that SQLite keeps (64 MiB) are as large as they get. What is resident
beyond what is in use (``blocks``, ``malloc``) is the allocators': pages of theirs not touched before.
``--traces`` tells at the end which lines hold more memory than after the warm-up; it slows everything down.

The service runs as ``centralita serve`` runs it, with every agent signed in, an audit every 60 s and a file
of its own; the exchange in a process beside it. Calls longer than the warm-up are not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import json
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import load

from ami_bridge.services.audit import Truth
from centralita import logs
from centralita.app import Service, running
from centralita.process import run, settle
from centralita.settings import Settings

OUT = Path(__file__).parents[1] / "build" / "soak.json"
TARGET_SLOPE, TARGET_LAG_MS, TARGET_BLOCKS = 1.0, 20.0, 0.1
BEAT_S, SAMPLE_S, CONNECTS_WITHIN_S = 0.01, 5.0, 15.0
WARM_UP, FILLED = 1 / 3, 25_000
AGENTS_A_CALL = 6.0  # ring, talk and rest of one agent for each call a second
LINES_SHOWN = 15


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--rate", type=float, default=100.0, help="queue calls a second")
    asked.add_argument("--traces", action="store_true", help="tell which lines hold more memory at the end")
    words = asked.parse_args()
    told: dict[str, Any] = {}
    agents = round(words.rate * AGENTS_A_CALL)
    with (
        tempfile.TemporaryDirectory(prefix="centralita-soak-") as folder,
        load.running(load.floor(a_second=words.rate, agents=agents)) as pbx,
    ):
        settings = Settings.model_validate(
            {
                "http": {"port": 0, "ws_port": 0},
                "agi": {"enabled": False},
                "database": {"url": f"sqlite:///{folder}/soak.sqlite3"},
                "log_level": "warning",
                "pbx": {"main": {"port": pbx.port, "user": load.USER, "secret": load.SECRET}},
            }
        )
        logs.set_up(settings.log_level)
        run(_soak(settings, told, seconds=words.minutes * 60, traces=words.traces))
        told["generator_cpu"] = 100 * pbx.cpu_s() / (words.minutes * 60)
    return _tell(told, words.minutes, words.rate)


async def _soak(settings: Settings, told: dict[str, Any], *, seconds: float, traces: bool) -> None:
    async with running(settings) as service:
        settle()
        live = service.exchanges["main"].live
        await _in_step(live.truth)
        for phone in live.phones():
            live.take_seat(interface=phone, agent=phone.rpartition("agent")[2])
        started, used = time.monotonic(), time.process_time()
        async with beating() as late:
            kept = await _watched(service, seconds, traces=traces)
        took = time.monotonic() - started
        told |= kept | {
            "took_s": took,
            "late": late,
            "cpu": 100 * (time.process_time() - used) / took,
            "calls": service.recorder.health.stored,
            "truth": live.truth,
        }


async def _in_step(truth: Truth) -> None:
    async with asyncio.timeout(CONNECTS_WITHIN_S):
        while truth.checked_at is None:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(BEAT_S)


async def _watched(service: Service, seconds: float, *, traces: bool) -> dict[str, Any]:
    """Sample the memory until the time is over; return the samples after the warm-up, and the worst drift."""
    started = time.monotonic()
    samples: list[Held] = []
    truth, drift, before = service.exchanges["main"].live.truth, 0, None
    while (now := time.monotonic() - started) < seconds:
        await asyncio.sleep(SAMPLE_S)
        drift = max(drift, truth.drift)
        stored = service.recorder.health.stored
        if now >= seconds * WARM_UP and stored >= FILLED:
            samples.append(Held(now, stored, resident(), sys.getallocatedblocks(), given_out()))
            if traces and before is None:
                before = _snapshot()
    if before is not None:
        _tell_traces(before)
    return {"samples": samples, "drift": drift}


@dataclass(frozen=True, slots=True)
class Held:
    """What this process held at one moment: MiB resident, Python's blocks, and MiB that malloc() gave out."""

    at_s: float
    calls: int
    resident: float
    blocks: int
    malloc: float


@asynccontextmanager
async def beating() -> AsyncIterator[tuple[Counter[int], Counter[int]]]:
    """Give how late a beat each 10 ms was: counts by tenths of a millisecond.

    The second counts of each beat only as much as this process used of a processor in it: on a machine that
    others use, too, the rest is theirs.
    """
    late: Counter[int] = Counter()
    own: Counter[int] = Counter()
    loop = asyncio.get_running_loop()

    async def beat() -> None:
        while True:
            due, used = loop.time() + BEAT_S, time.process_time()
            await asyncio.sleep(BEAT_S)
            by = max(0.0, loop.time() - due)
            late[round(1e4 * by)] += 1
            own[round(1e4 * min(by, time.process_time() - used))] += 1

    task = asyncio.create_task(beat())
    try:
        yield late, own
    finally:
        task.cancel()


def resident() -> float:
    """Return what this process holds itself, in MiB; of the database's file, which is mapped, nothing."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024


_MALLINFO2 = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _Mallinfo2(ctypes.Structure):
    """As malloc.h of the GNU C library has it."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _MALLINFO2)


def given_out() -> float:
    """Return the MiB that malloc() gave out, to SQLite above all; 0 where the C library does not tell."""
    asked = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if asked is None:
        return 0.0
    asked.restype = _Mallinfo2
    told = asked()
    return float(told.uordblks + told.hblkhd) / 2**20


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line through *points*; 0 when there are not two."""
    count = len(points)
    if count < 2:
        return 0.0
    mean_x, mean_y = (sum(values) / count for values in zip(*points, strict=True))
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return float(above / sum((x - mean_x) ** 2 for x, _ in points))


def in_ten_minutes(samples: Sequence[Held], of: Callable[[Held], float]) -> float:
    """Return by how much *of* each sample grows in 10 minutes."""
    return 600 * slope([(one.at_s, of(one)) for one in samples])


def share(late: Counter[int], share: float) -> float:
    """Return the milliseconds that this share of the beats was not later than."""
    left = share * late.total()
    for tenths, count in sorted(late.items()):
        left -= count
        if left <= 0:
            return tenths / 10
    return 0.0


# --- what is told


def _tell(told: dict[str, Any], minutes: float, rate: float) -> int:
    (late, own), truth, took = told["late"], told["truth"], told["took_s"]
    samples: list[Held] = told["samples"]
    if not samples:
        print(
            f"too short: {told['calls']} calls; {FILLED} fill what is bounded, the slope is that after them"
        )
        return 1
    later = samples[len(samples) // 2 :]
    figures = {
        "minutes": (minutes, "min", None),
        "rate": (rate, "calls/s asked for", None),
        "calls": (told["calls"] / took, "calls/s stored", None),
        "memory": (samples[-1].resident, "MiB", None),
        "memory_slope": (in_ten_minutes(samples, _resident), "MiB per 10 min", TARGET_SLOPE),
        "memory_slope_late": (in_ten_minutes(later, _resident), "of it the later half", None),
        "blocks": (samples[-1].blocks, "blocks of Python's in use", None),
        "blocks_left": (slope([(one.calls, one.blocks) for one in samples]), "blocks a call", TARGET_BLOCKS),
        "malloc": (samples[-1].malloc, "MiB in use of malloc's", None),
        "malloc_slope": (in_ten_minutes(samples, _malloc), "MiB per 10 min", None),
        "drift": (told["drift"], "things found otherwise by an audit", 0),
        "resyncs": (truth.resyncs, "resyncs: 1 when the link held", 1),
        "audits": (truth.audits, "audits", None),
        "lag_p50": (share(late, 0.5), "ms", None),
        "lag_p99": (share(late, 0.99), "ms", TARGET_LAG_MS),
        "lag_most": (max(late) / 10, "ms", None),
        "lag_own_p99": (share(own, 0.99), "ms, by this process alone", None),
        "lag_own_most": (max(own) / 10, "ms, by this process alone", None),
        "service_cpu": (told["cpu"], "% of a core", None),
        "generator_cpu": (told["generator_cpu"], "% of a core", None),
    }
    out = {
        name: {
            "value": round(value, 3),
            "unit": unit,
            "target": None if target is None else f"<= {target:g}",
            "ok": None if target is None else value <= target,
        }
        for name, (value, unit, target) in figures.items()
    }
    for name, one in out.items():
        met = {None: "", True: "met", False: "missed"}[one["ok"]]
        print(f"{name:17} {one['value']:>10} {one['unit']:36} {one['target'] or '':8} {met}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    return 0 if all(one["ok"] in (True, None) for one in out.values()) else 1


def _resident(one: Held) -> float:
    return one.resident


def _malloc(one: Held) -> float:
    return one.malloc


def _snapshot() -> tracemalloc.Snapshot:
    if not tracemalloc.is_tracing():
        tracemalloc.start(8)
    gc.collect()
    return tracemalloc.take_snapshot()


def _tell_traces(before: tracemalloc.Snapshot) -> None:
    for line in _snapshot().compare_to(before, "lineno")[:LINES_SHOWN]:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
