"""Spools of other processes: what waits in them goes into the database as soon as nobody holds them.

A process that led before us and stands still holds its spool until it wakes: then we have a second one, which
may be left in its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from ami_bridge.services.recorder import Recorder, Write
from ami_bridge.spool.file import SpoolFile
from crm_core.domain.errors import SpoolError

log = structlog.get_logger(__name__)
EACH_S, LOOK_S = 10.0, 0.05


class Leftovers:
    """Empties the spools at *paths*, as our own is emptied; each is removed then."""

    def __init__(self, write: Write, paths: Sequence[Path]) -> None:
        self._write, self._paths = write, paths

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
        log.info("the spool of another process is emptied", path=str(path), calls=spool.waiting)
        recorder = Recorder(write=self._write, spool=spool)
        work = asyncio.create_task(recorder.run())
        try:
            while recorder.spool is not None and not (spool.is_empty or work.done()):  # noqa: ASYNC110 - polled
                await asyncio.sleep(LOOK_S)
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            spool.close()
