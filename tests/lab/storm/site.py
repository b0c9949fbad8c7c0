"""What a storm happens to: the exchange, the service on a small disk, the cable between, a clock for each."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from lab import chroot
from lab.cable import Cable, cable
from lab.clock import Clock
from lab.pbx import Asterisk, Instance
from lab.records import record_settings
from lab.service import House, Process
from lab.storm import office

DISK = "256m"
AUDIT_S = 15.0
WELL_WITHIN_S, LOOK_S, A_MINUTE_S = 60.0, 0.1, 60.0


@dataclass(slots=True)
class Outage:
    """The exchange was killed *at* and was there again at *until*; seconds since the epoch."""

    at: float
    until: float = float("inf")


@dataclass(slots=True)
class Site:
    """Where it happens; ``outages`` are those of the exchange, ``said`` what was done, and when."""

    pbx: Asterisk
    service: Process
    house: House
    cable: Cable
    disk: Path
    our_clock: Clock
    their_clock: Clock
    chance: Random
    outages: list[Outage] = field(default_factory=list)
    said: list[tuple[float, str]] = field(default_factory=list)
    began_at: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """Write down, and show, what happens."""
        at = time.monotonic() - self.began_at
        self.said.append((round(at, 1), what))
        print(f"{at:7.1f} s  {what}", flush=True)  # noqa: T201 - who started it reads along

    async def for_a_while(self, shortest_s: float, longest_s: float) -> None:
        """Let some time go by: when something happens is a matter of chance, and no condition to wait for."""
        await asyncio.sleep(self.chance.uniform(shortest_s, longest_s))

    async def well(self) -> None:
        """Return when everything is well again, and the service in step with the exchange."""
        await self.service.well(within=WELL_WITHIN_S)
        await self._in_step_after(0)

    @asynccontextmanager
    async def link_lost(self) -> AsyncIterator[None]:
        """Let the block do away with the link, then wait until there is a new one that is in step."""
        before = await self.service.resyncs()
        yield
        await self._in_step_after(before)

    async def _in_step_after(self, resyncs: int) -> None:
        async with asyncio.timeout(WELL_WITHIN_S):
            while await self.service.resyncs() <= resyncs:  # noqa: ASYNC110 - polled
                await asyncio.sleep(LOOK_S)

    async def set_our_clock_right(self) -> None:
        """Set the service's clock as the machine's is, and wait until the service goes by it."""
        self.our_clock.set(0.0)
        async with asyncio.timeout(WELL_WITHIN_S):
            while abs(await self.service.clock_ahead_s()) > A_MINUTE_S:  # noqa: ASYNC110 - polled
                await asyncio.sleep(LOOK_S)

    async def kill_exchange(self) -> None:
        """Kill the exchange and start it again."""
        outage = Outage(time.time())
        self.outages.append(outage)
        await asyncio.to_thread(self.pbx.kill)
        await asyncio.to_thread(self.pbx.start)
        outage.until = time.time()


@asynccontextmanager
async def site(chance: Random) -> AsyncIterator[Site]:
    """Build everything up, for the time of the block."""
    instance = Instance(chroot.ready())
    their_clock = Clock(instance.outside, instance.inside)
    with (
        Asterisk(office.settings(instance), instance, lives_in=their_clock.words()) as pbx,
        _small_disk() as disk,
        tempfile.TemporaryDirectory(prefix="centralita-storm-") as folder,
    ):
        our_clock = Clock(Path(folder))
        async with cable(pbx) as wire:
            service = Process(
                pbx,
                disk,
                log=Path(folder) / "service.log",
                lives_in=our_clock.environment,
                host="127.0.0.1",
                port=wire.port,
                audit_s=AUDIT_S,
                records=record_settings(pbx),
            )
            async with service.running() as house:
                yield Site(pbx, service, house, wire, disk, our_clock, their_clock, chance)


@contextmanager
def _small_disk() -> Iterator[Path]:
    """Mount a small disk in our mounts, which are nobody else's; it is gone with us in any case."""
    with tempfile.TemporaryDirectory(prefix="centralita-disk-") as name:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "storm", name], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave no byte on *disk* for the time of the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 20))
        except OSError:
            _last_pages(file.fileno())
    try:
        yield
    finally:
        ballast.unlink()


def _last_pages(file: int) -> None:
    try:
        while True:
            os.write(file, bytes(4096))
    except OSError:
        return
