"""Who is to be erased is erased: everywhere, a little at a time, when he is not on the line.

Until the end the contact himself is there, by whom the rest is found; whatever stops it on the way, it
begins anew. What of him is in memory (desks, cards of the last calls) goes as calls go on, at the latest at a
restart.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from ami_bridge.ports import LiveFloor
from ami_bridge.services.recorder import Recorder
from centralita.scrubbing import scrub
from crm_core.db import remnants
from crm_core.domain.erasure import Erasure, LegalHoldError
from crm_core.domain.errors import DatabaseAwayError, NotFoundError, SpoolError
from crm_core.services import erasure
from crm_core.services.erasure import Person
from screenpop.context import Records

log = structlog.get_logger(__name__)
EACH_S, PAUSE_S = 5.0, 0.01
AGAIN = timedelta(minutes=10)
"""After this it is tried again when a file or the spool did not let it: all of it is done anew then."""
EVENTS_AT_ONCE, CALLS_AT_ONCE = 500, 50
LOGS = (erasure.clean_events, erasure.clean_traces)


class Erasing:
    """Does what is due in *db*, at *url*; *files* are captures and logs, or folders of them."""

    def __init__(
        self,
        db: Records,
        *,
        url: str,
        floors: Mapping[str, LiveFloor],
        recorder: Recorder,
        files: Sequence[Path],
        now: Callable[[], datetime],
        each_s: float = EACH_S,
    ) -> None:
        self._db, self._url, self._now = db, url, now
        self._floors, self._recorder, self._files = floors, recorder, files
        self._each_s = each_s
        self._not_before: dict[str, datetime] = {}

    async def run(self) -> None:
        """Do what is due until cancelled."""
        while True:
            try:
                await self.work()
            except DatabaseAwayError as error:
                log.warning("nobody can be erased now", why=str(error))
            await asyncio.sleep(self._each_s)

    async def work(self) -> int:
        """Do what is due; return how many were erased. Who is on the line waits for the next time.

        Raises:
            DatabaseAwayError: the rest waits, too.
        """
        due = await self._db.read(erasure.due, now=self._now())
        self._not_before = {one.contact_id: at for one in due if (at := self._not_before.get(one.contact_id))}
        waiting = {key for key, at in self._not_before.items() if self._now() < at}
        return sum([await self._erased(one) for one in due if one.contact_id not in waiting])

    async def _erased(self, one: Erasure) -> bool:
        try:
            who = await self._db.read(erasure.person, contact_id=one.contact_id)
            if self._is_heard_of(who):
                return False
            await self._clean(who)
            if self._is_heard_of(who):  # he called meanwhile
                return False
            await self._db.run(erasure.finish, who=who, now=self._now())
        except LegalHoldError as error:
            log.warning("somebody is not erased", contact=one.contact_id, why=str(error))
            return False
        except NotFoundError:  # somebody else deleted him; he is found by nothing any more
            await self._db.run(erasure.gone, contact_id=one.contact_id, now=self._now())
        except (OSError, SpoolError):
            log.exception("somebody is not erased", contact=one.contact_id)
            self._not_before[one.contact_id] = self._now() + AGAIN
            return False
        if not await asyncio.to_thread(remnants.clear, self._url):
            log.warning("the database's log is not emptied yet: somebody reads")
        log.info("somebody was erased", contact=one.contact_id)
        return True

    def _is_heard_of(self, who: Person) -> bool:
        """Return whether he is on the line, or what was told is not in the records yet."""
        return not self._recorder.is_settled or any(
            call.contact_id == who.contact_id or call.customer in who.numbers
            for floor in self._floors.values()
            for call in floor.calls()
        )

    async def _clean(self, who: Person) -> None:
        """Take him out of everything; of what is told meanwhile, which may take minutes, too."""
        ends = {part: await self._clean_behind(0, part, who) for part in LOGS}
        await self._recorder.wipe_spool()
        pattern = re.compile(who.marks.pattern().pattern.encode(), re.IGNORECASE)
        await asyncio.to_thread(scrub, self._files, pattern)
        for part, end in ends.items():  # as long as the calls are his, for by these it finds what is his
            await self._clean_behind(end, part, who)
        before, is_over = None, False
        while not is_over:
            before = await self._db.run(erasure.clean_calls, who=who, before=before, limit=CALLS_AT_ONCE)
            is_over = before is None
            await asyncio.sleep(PAUSE_S)

    async def _clean_behind(self, place: int, part: Callable[..., int | None], who: Person) -> int:
        """Take him out of a log behind *place*; return behind which there was no more than a group."""
        while (last := await self._db.run(part, who=who, after=place, limit=EVENTS_AT_ONCE)) is not None:
            place = last
            await asyncio.sleep(PAUSE_S)  # others write in between
        return place
