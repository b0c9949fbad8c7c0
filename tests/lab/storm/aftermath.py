"""When the storm is over: until everything is caught up, and what is left over that should not be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from crm_core.domain.calls import Call
from crm_core.services import backfill, calls
from lab.desk import Desk, Message
from lab.storm.site import AUDIT_S, Site

CAUGHT_UP_WITHIN_S, EACH_S = 60.0, 0.25
ALL = 1_000_000
READY = {"ready"}


async def caught_up(site: Site, eva: Desk) -> None:
    """Return when the history is whole up to now, and an audit was after that.

    Raises:
        TimeoutError: that takes too long.
    """
    over_at = datetime.now(UTC)

    async def is_whole() -> bool:
        mark = await site.house.db.read(backfill.watermark, pbx="main")
        return mark is not None and mark > over_at

    await _until(is_whole, within=CAUGHT_UP_WITHIN_S)
    checked_from = time.time()

    async def is_checked() -> bool:
        return (await _figures(eva))["centralita_truth_checked_timestamp_seconds"] > checked_from

    await _until(is_checked, within=2 * AUDIT_S + CAUGHT_UP_WITHIN_S)


async def _until(condition: Callable[[], Awaitable[bool]], *, within: float) -> None:
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - polled
            await asyncio.sleep(EACH_S)


async def history(site: Site) -> list[Call]:
    """Return every call in the history."""
    found: list[Call] = await site.house.db.read(calls.history, limit=ALL)
    return found


async def left_over(site: Site, eva: Desk) -> list[str]:
    """Return what is there still, in words."""
    figures, floor = await _figures(eva), (await eva.get("/floor"))["floor"]
    channels = await asyncio.to_thread(site.pbx.cli, "core show channels count")
    members = await asyncio.to_thread(site.pbx.cli, "queue show")
    return [
        *(f"{name} is {figures[name]:g}" for name in ZERO if figures[name]),
        *_of_floor(floor),
        *([] if channels.startswith("0 active channels") else [f"channels: {channels.splitlines()[0]}"]),
        *(line.strip() for line in members.splitlines() if "paused" in line or "in call" in line.lower()),
    ]


ZERO = (
    "centralita_live_calls",
    "centralita_truth_drift",
    "centralita_history_waiting_calls",
    "centralita_history_refused_calls_total",
    "centralita_history_left_out_calls_total",
)


def _of_floor(floor: Message) -> Iterator[str]:
    for call in floor["calls"]:
        yield f"a live call: {call}"
    for agent in floor["agents"]:
        if agent["state"] not in READY:
            yield f"an agent: {agent}"
    for queue in floor["queues"]:
        for waiting in queue["waiting"]:
            yield f"a caller in {queue['queue']}: {waiting}"


async def _figures(eva: Desk) -> dict[str, float]:
    async with eva.http.get(f"{eva.origin}/metrics") as answer:
        assert answer.status == 200, await answer.text()
        text = await answer.text()
    samples = (one for family in text_string_to_metric_families(text) for one in family.samples)
    return {one.name: one.value for one in samples}
