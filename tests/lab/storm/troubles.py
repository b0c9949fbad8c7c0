"""What goes wrong in a storm, one kind after the other, each for a while of its own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from lab.storm.site import Site, filled

HOUR_S = 3600.0
CALLS_ARE_OVER_S = 6.0
"""Most calls are shorter: what was on in another trouble is over before the exchange's records tell another
hour."""
Trouble = Callable[[Site], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of each: how often the service and the exchange are killed, for how long a thing lasts.

    *is_piled_up*: one on top of the other, and nothing else.
    """

    name: str
    service_kills: int
    exchange_kills: int
    rounds: int
    lasts_s: float
    silent_s: float
    longest_s: float
    is_piled_up: bool = False


LONG = Scale(
    name="long",
    service_kills=20,
    exchange_kills=5,
    rounds=2,
    lasts_s=20.0,
    silent_s=16.0,
    longest_s=840.0,
)
SHORT = Scale(
    name="short",
    service_kills=3,
    exchange_kills=1,
    rounds=1,
    lasts_s=6.0,
    silent_s=12.0,
    longest_s=240.0,
)
PILED_UP = Scale(
    name="piled up",
    service_kills=0,
    exchange_kills=0,
    rounds=0,
    lasts_s=4.0,
    silent_s=0.0,
    longest_s=120.0,
    is_piled_up=True,
)


def troubles(scale: Scale) -> list[Trouble]:
    """Return everything that goes wrong, in no order yet."""
    if scale.is_piled_up:
        return _piled_up(scale)
    return [
        *_service_killed(scale),
        *[_exchange_killed] * scale.exchange_kills,
        *[_link_reset, _link_refused, _link_late, _stalled(scale), _half_open(scale)] * scale.rounds,
        _database_locked(scale),
        _disk_full(scale),
        *[_our_clock(scale, by_s) for by_s in _steps(scale)],
        *[_their_clock(scale, by_s) for by_s in _steps(scale)],
    ]


def _piled_up(scale: Scale) -> list[Trouble]:
    """Return troubles that come on top of each other."""
    return [_exchange_killed_as_the_service_starts, _gap_and_disk_full(scale), _killed_and_disk_full(scale)]


def _steps(scale: Scale) -> Iterator[float]:
    yield HOUR_S
    if scale.rounds > 1:
        yield -HOUR_S


def _service_killed(scale: Scale) -> Iterator[Trouble]:
    """Kill it some times in a row, at any instant: while it starts, catches up, or serves."""
    in_a_row = 5
    for first in range(0, scale.service_kills, in_a_row):
        yield _killed_in_a_row(min(in_a_row, scale.service_kills - first))


def _killed_in_a_row(many: int) -> Trouble:
    async def trouble(site: Site) -> None:
        for _ in range(many):
            await site.for_a_while(0.2, 9.0)
            site.say("kill -9 of the service")
            await _restarted(site, (0.0, 2.0))

    return trouble


async def _restarted(site: Site, away_s: tuple[float, float] | None = None) -> None:
    """Kill the service, and start it again at once, or when it was away for so long (least and most)."""
    site.service.kill()
    await site.service.gone()
    if away_s is not None:
        await site.for_a_while(*away_s)
    await site.service.begin()


async def _exchange_killed(site: Site) -> None:
    await site.for_a_while(3.0, 8.0)
    async with site.link_lost():
        site.say("kill -9 of the exchange")
        await site.kill_exchange()


async def _link_reset(site: Site) -> None:
    async with site.link_lost():
        site.say("link reset")
        site.cable.reset()


async def _link_refused(site: Site) -> None:
    async with site.link_lost():
        site.say("link reset, and refused for a while")
        site.cable.is_refused = True
        site.cable.reset()
        await site.for_a_while(3.0, 6.0)
        site.cable.is_refused = False


async def _link_late(site: Site) -> None:
    site.say("link stalled, shorter than is noticed")
    site.cable.stall()
    await site.for_a_while(2.0, 4.0)
    site.cable.flow()


def _stalled(scale: Scale) -> Trouble:
    async def trouble(site: Site) -> None:
        async with site.link_lost():
            site.say("link stalled")
            site.cable.stall()
            await site.for_a_while(scale.silent_s, scale.silent_s + 2)
            site.cable.flow()

    return trouble


def _half_open(scale: Scale) -> Trouble:
    async def trouble(site: Site) -> None:
        async with site.link_lost():
            site.say("link half open")
            site.cable.is_cut = True
            await site.for_a_while(scale.silent_s, scale.silent_s + 2)
            site.cable.is_cut = False

    return trouble


def _database_locked(scale: Scale) -> Trouble:
    async def trouble(site: Site) -> None:
        other = sqlite3.connect(
            site.disk / "centralita.sqlite3", isolation_level=None, timeout=10, check_same_thread=False
        )
        try:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            site.say(f"database locked for {scale.lasts_s:g} s")
            await asyncio.sleep(scale.lasts_s)
            other.execute("ROLLBACK")
        finally:
            other.close()

    return trouble


def _disk_full(scale: Scale) -> Trouble:
    async def trouble(site: Site) -> None:
        with filled(site.disk):
            site.say(f"disk full for {scale.lasts_s:g} s")
            await asyncio.sleep(scale.lasts_s)

    return trouble


def _our_clock(scale: Scale, by_s: float) -> Trouble:
    async def trouble(site: Site) -> None:
        site.say(f"the service's clock set by {by_s:+.0f} s")
        site.our_clock.set(by_s)
        await asyncio.sleep(scale.lasts_s / 2)
        await site.set_our_clock_right()

    return trouble


def _their_clock(scale: Scale, by_s: float) -> Trouble:
    async def trouble(site: Site) -> None:
        await asyncio.sleep(CALLS_ARE_OVER_S)
        site.say(f"the exchange's clock set by {by_s:+.0f} s")
        site.their_clock.set(by_s)
        await asyncio.sleep(scale.lasts_s / 2)
        site.their_clock.set(0.0)
        await asyncio.sleep(CALLS_ARE_OVER_S)

    return trouble


# --- one on top of the other


async def _exchange_killed_as_the_service_starts(site: Site) -> None:
    site.say("kill -9 of the service, and of the exchange while the service starts again")
    await _restarted(site, (0.5, 1.5))
    await site.for_a_while(0.0, 2.0)
    await site.kill_exchange()


def _gap_and_disk_full(scale: Scale) -> Trouble:
    """The gap is to be filled while nothing can be written."""

    async def trouble(site: Site) -> None:
        async with site.link_lost():
            site.say(f"link refused, and the disk full before it is there again, for {scale.lasts_s:g} s")
            site.cable.is_refused = True
            site.cable.reset()
            await site.for_a_while(2.0, 3.0)
            with filled(site.disk):
                site.cable.is_refused = False
                await asyncio.sleep(scale.lasts_s)

    return trouble


def _killed_and_disk_full(scale: Scale) -> Trouble:
    """What it held is gone with it, and the next one starts on a full disk."""

    async def trouble(site: Site) -> None:
        with filled(site.disk):
            await site.for_a_while(1.0, 2.0)
            site.say(f"kill -9 of the service, to start on a disk that stays full for {scale.lasts_s:g} s")
            await _restarted(site)
            await asyncio.sleep(scale.lasts_s)

    return trouble
