"""Spools of other processes: what waits in them goes into the database as soon as nobody holds them.

A process that led before us and stands still holds its spool until it wakes: then we have a second one, which
may be left in its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from ami_bridge.spool.file import SpoolFile
from crm_core.domain.errors import DatabaseAwayError, SpoolError
from crm_core.services import calls
from screenpop.context import Records

log = structlog.get_logger(__name__)
EACH_S = 10.0


class Leftovers:
    """Empties the spools at *paths* into *db*; each is removed when it is empty."""

    def __init__(self, db: Records, paths: Sequence[Path]) -> None:
        self._db, self._paths = db, paths

    async def run(self) -> None:
        """Look until cancelled; what is held or cannot be read is looked at again."""
        while True:
            for path in self._paths:
                if path.exists():
                    await self._try(path)
            await asyncio.sleep(EACH_S)

    async def _try(self, path: Path) -> None:
        try:
            spool = await asyncio.to_thread(SpoolFile, path)
        except SpoolError:  # it is ours, or the other process is there
            return
        try:
            if count := spool.waiting:
                log.info("calls of another process wait in its spool", path=str(path), calls=count)
            await self._empty(spool)
        except (DatabaseAwayError, SpoolError) as error:
            log.warning("a spool of another process was not emptied", path=str(path), why=str(error))
        finally:
            await asyncio.to_thread(spool.close)

    async def _empty(self, spool: SpoolFile) -> None:
        """Store what is in *spool*, once, the oldest first.

        Raises:
            DatabaseAwayError: the rest stays.
            SpoolError: the disk does not give it back.
        """
        while found := await asyncio.to_thread(spool.head):
            place, batch = found
            events = [*batch.events, *batch.traces]
            await self._db.run(calls.record, calls=batch.calls, events=events, spooled=place)
            await asyncio.to_thread(spool.drop)
