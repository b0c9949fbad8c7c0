"""A storm from its begin to its verdict."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import aiohttp
from websockets.exceptions import WebSocketException

from lab.records import records_of
from lab.service import House
from lab.storm import aftermath, troubles
from lab.storm.load import Load, load
from lab.storm.office import RATE, SALES
from lab.storm.site import Site, site
from lab.storm.troubles import Scale
from lab.storm.verdict import Verdict, judge

AGENTS = {"ana": SALES.extensions[0], "luis": SALES.extensions[1]}
BEFORE_S = AFTER_S = 5.0
"""So long nothing goes wrong: before the first trouble, and after the last."""


async def storm(scale: Scale, seed: int, *, keep: Path) -> tuple[Verdict, list[tuple[float, str]]]:
    """Play a storm; return what it did to the history, and what was done. Logs are kept in *keep*."""
    async with site(Random(seed)) as place:
        try:
            verdict = await _on(place, scale)
        finally:
            _keep(place, keep)
        return verdict, place.said


def _keep(place: Site, folder: Path) -> None:
    """Keep what each side wrote down."""
    (folder / "service.log").write_text(place.service.log())
    (folder / "asterisk.log").write_text(place.pbx.log())
    records = records_of(place.pbx)
    for path in filter(None, (records.cel, records.queue_log)):
        shutil.copy(path, folder / path.name)


async def _on(place: Site, scale: Scale) -> Verdict:
    await place.house.add_agent("eva", None, role="administrator")
    async with load(place.pbx, for_s=scale.longest_s) as running, _desks(place):
        place.say(f"{RATE:g} calls/s")
        await asyncio.sleep(BEFORE_S)
        await _all_troubles(place, scale)
        await asyncio.sleep(AFTER_S)
        place.say("nobody calls any more")
        await running.end()
        place.say("the last call is over")
        return await _judged(place, running)


async def _all_troubles(place: Site, scale: Scale) -> None:
    ahead = troubles.troubles(scale)
    place.chance.shuffle(ahead)
    for trouble in ahead:
        await trouble(place)
        await place.well()


async def _judged(place: Site, running: Load) -> Verdict:
    await place.well()
    async with place.house.signed_in("eva", "floor") as eva:
        await aftermath.caught_up(place, eva)
        verdict = judge(running, await aftermath.history(place), place.outages)
        verdict.left_over = [f"somebody who calls: {name}" for name in running.stuck]
        verdict.left_over += await aftermath.left_over(place, eva)
    place.say("caught up")
    return verdict


@asynccontextmanager
async def _desks(place: Site) -> AsyncIterator[None]:
    """Let agents sit at their desks, who come again whenever they are cut off."""
    async with AsyncExitStack() as stack:
        for name, extension in AGENTS.items():
            await place.house.add_agent(name, place.pbx.settings.phone(extension))
            sitting = asyncio.create_task(_comes_again(place.house, name))
            stack.push_async_callback(_end, [sitting])
        yield


async def _comes_again(house: House, name: str) -> None:
    while True:
        try:
            async with house.signed_in(name) as desk:
                await desk.closed.wait()
        except (aiohttp.ClientError, WebSocketException, OSError, TimeoutError, AssertionError):
            await asyncio.sleep(0.5)  # as a page does


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def seed_of_now() -> int:
    """Return a seed that nobody has chosen."""
    return int(time.time()) % 1_000_000
