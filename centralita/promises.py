"""Promises about incidents, watched: that one is nearly or already broken is told when it is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from ami_bridge.bus import Numbered
from crm_core.domain.errors import DatabaseAwayError
from crm_core.domain.events import IncidentOpened, IncidentUpdated
from crm_core.services import escalation
from screenpop.context import Records

log = structlog.get_logger(__name__)
LOOKS = timedelta(seconds=60)  # at least so often: the clock may be set, another process may write
TRIES_AGAIN = timedelta(seconds=2)


class PromiseWatch:
    """Tells what is due in *db*: sleeps until the next is, or until an incident changes.

    What was told is kept in the transaction that tells it, so it is told once, over restarts, too.
    """

    def __init__(self, db: Records, *, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now
        self._changed = asyncio.Event()

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Look again when something may be due earlier; called by the bus."""
        if any(isinstance(event, IncidentOpened | IncidentUpdated) for _, event in batch):
            self._changed.set()

    async def run(self) -> None:
        """Tell what is due until cancelled."""
        while True:
            self._changed.clear()
            await self._wait(await self._tell())

    async def _tell(self) -> timedelta:
        """Tell what is due; return how long nothing else is."""
        try:
            following = await self._db.run(escalation.tell, now=self._now())
        except DatabaseAwayError as error:
            log.warning("what is due could not be told", why=str(error))
            return TRIES_AGAIN
        return LOOKS if following is None else min(LOOKS, max(timedelta(), following - self._now()))

    async def _wait(self, within: timedelta) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), within.total_seconds())
        except TimeoutError:
            return
