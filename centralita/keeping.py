"""The event log and the traces of calls, kept for so many days: what is older goes, a little at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from crm_core.domain.errors import DatabaseAwayError
from crm_core.services import events
from screenpop.context import Records

log = structlog.get_logger(__name__)
EACH_S, PAUSE_S, AT_ONCE = 3_600.0, 0.2, 500


class Keeping:
    """Thins the log of *db* once an hour; a batch is a few milliseconds, and others write in between."""

    def __init__(self, db: Records, *, keep: timedelta, now: Callable[[], datetime]) -> None:
        self._db, self._keep, self._now = db, keep, now

    async def run(self) -> None:
        """Thin until cancelled."""
        while True:
            try:
                if gone := await self.thin():
                    log.info("old events were let go", rows=gone)
            except DatabaseAwayError as error:
                log.warning("the event log was not thinned", why=str(error))
            await asyncio.sleep(EACH_S)

    async def thin(self) -> int:
        """Let everything go that is too old; return how many rows it was.

        Raises:
            DatabaseAwayError: the rest waits for the next time.
        """
        before, gone = self._now() - self._keep, 0
        while batch := await self._db.run(events.thin, before=before, limit=AT_ONCE):
            gone += batch
            await asyncio.sleep(PAUSE_S)
        return gone
