"""The figures of all queues as they are now: what is kept, and the visits of calls that go on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
from aiohttp import web

from crm_core.domain.calls import Call
from crm_core.domain.figures import (
    Figures,
    QueueTally,
    Tally,
    day_start,
    figures_of,
    summed,
    tallies_of,
    total,
)
from crm_core.domain.lost import LostCaller
from crm_core.domain.sla import Targets
from crm_core.services import reports
from screenpop.context import Context
from screenpop.scope import EVERYTHING, Scope

RECENT: Final = timedelta(minutes=30)
Key = tuple[str, str]
"""A queue: its exchange, and its name there."""
FRESH_FOR: Final = timedelta(seconds=0.4)  # less than pages wait after a call's end


class QueueFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One queue's figures: of today, and of the last 30 minutes. ``name`` is what people call it.

    They are measured by ``within_s`` and ``short_abandon_s``, its own or what all queues promise.
    """

    pbx: str
    queue: str
    name: str
    within_s: float
    short_abandon_s: float
    today: Figures
    recent: Figures


class FloorFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of all queues, and of each.

    ``today_since`` and ``recent_since`` are when the two intervals began: a visit belongs to the one in which
    the queue was entered. The service level is answered within ``within_s`` / (answered + abandoned after
    ``short_abandon_s``), each queue by its own where it has them. ``lost`` counts the customers
    of today who waited in vain and have not got through.
    """

    at: datetime
    today_since: datetime
    recent_since: datetime
    within_s: float
    short_abandon_s: float
    lost: int
    today: Figures
    recent: Figures
    queues: tuple[QueueFigures, ...]


class SharedFigures:
    """The figures for everybody who looks at the floor: counted once for all who ask at the same time."""

    def __init__(self, context: Context) -> None:
        self._context, self._lock = context, asyncio.Lock()
        self._last: Counted | None = None

    async def now(self, scope: Scope) -> FloorFigures:
        """Return figures that are no older than ``FRESH_FOR``, of the queues that are in *scope*."""
        async with self._lock:
            last = self._last
            if last is None or abs(self._context.now() - last.at) > FRESH_FOR:
                self._last = last = await counted_now(self._context)
            return _told(last, self._context, scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted of every queue; ``today`` and ``recent`` by exchange and name."""

    at: datetime
    since: tuple[datetime, datetime]
    targets: Targets
    lost: Sequence[LostCaller]
    today: Mapping[Key, Tally]
    recent: Mapping[Key, Tally]
    queues: Sequence[Key]


async def counted_now(context: Context) -> Counted:
    """Return what is to be counted of every queue that was entered today or is on the floor now."""
    now, target = context.now(), context.settings.target
    targets = context.lines.targets(target)
    since = (day_start(now, context.settings.zone), now - RECENT)
    kept = await context.db.read(reports.tallies, since=since, target=target)
    lost = await lost_now(context, EVERYTHING)
    going_on = live_calls(context)
    today, recent = (
        _by_queue([*stored, *tallies_of(going_on, targets, since=begin, now=now)])
        for stored, begin in zip(kept, since, strict=True)
    )
    return Counted(
        at=now,
        since=since,
        targets=targets,
        lost=lost,
        today=today,
        recent=recent,
        queues=sorted({*today, *recent, *_queues(context)}),
    )


def _told(counted: Counted, context: Context, scope: Scope) -> FloorFigures:
    target, queues = context.settings.target, [key for key in counted.queues if scope.has_queue(*key)]
    return FloorFigures(
        at=counted.at,
        today_since=counted.since[0],
        recent_since=counted.since[1],
        within_s=target.within.total_seconds(),
        short_abandon_s=target.short_abandon.total_seconds(),
        lost=sum(scope.has_queue(one.pbx, one.queue) for one in counted.lost),
        today=figures_of(total(counted.today.get(key, Tally()) for key in queues)),
        recent=figures_of(total(counted.recent.get(key, Tally()) for key in queues)),
        queues=tuple(_queue_told(counted, key, context) for key in queues),
    )


def _queue_told(counted: Counted, key: Key, context: Context) -> QueueFigures:
    promised = counted.targets.of(*key)
    return QueueFigures(
        pbx=key[0],
        queue=key[1],
        name=context.lines.queue_name(*key) or key[1],
        within_s=promised.within.total_seconds(),
        short_abandon_s=promised.short_abandon.total_seconds(),
        today=figures_of(counted.today.get(key, Tally())),
        recent=figures_of(counted.recent.get(key, Tally())),
    )


async def lost_now(context: Context, scope: Scope) -> list[LostCaller]:
    """Return who waited in vain today and has not got through, who has been waiting for longest first.

    Of these, whose last queue is in *scope*.
    """
    talking = [one.customer for one in live_calls(context) if one.customer and one.answered_at]
    since = day_start(context.now(), context.settings.zone)
    found = await context.db.read(reports.lost, since=since, but=talking)
    return [one for one in found if scope.has_queue(one.pbx, one.queue)]


def live_calls(context: Context) -> list[Call]:
    """Return the calls that go on, of all exchanges (to be read at once, not kept)."""
    return [call for floor in context.floors.values() for call in floor.calls()]


def _by_queue(told: list[QueueTally]) -> dict[Key, Tally]:
    return {(one.pbx, one.queue): one.tally for one in summed(told)}


def _queues(context: Context) -> set[Key]:
    return {(one.pbx, one.queue) for floor in context.floors.values() for one in floor.queues()}


FIGURES = web.AppKey("figures", SharedFigures)
