"""A copy of the records each night, put back for a trial; the newest few are kept.

What was missed, because nobody ran at that time, is made up for at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from centralita.copying import Copies, FileCopies, ServerCopies, copies_of
from centralita.settings import Database
from crm_core.db.copies import CopyError, Trial, UntriedError
from crm_core.domain.errors import CrmError, DatabaseAwayError
from crm_core.services import audit
from screenpop.context import Records

log = structlog.get_logger(__name__)
BACKED_UP, TRIED_OUT = "database backup", "database restore test"
"""How the audit's entries begin: of backups, and of copies that were put back for a trial."""
READ_ONLY = f"{TRIED_OUT}, read only"
"""And of copies that were read to their end: the database's user may make no other one to put them in."""
LOOK_S, AGAIN = 60.0, timedelta(hours=1)
BEGIN, STAMP = "centralita-", "%Y%m%dT%H%M%SZ"
ENDINGS = (FileCopies.ENDING, ServerCopies.ENDING)


class Nightly:
    """Makes a copy in *folder* each day *at* that time of *zone*, and lets all but *keep* copies go.

    While copies cannot be tried out, the last one that was stays besides.
    """

    def __init__(
        self,
        db: Records,
        *,
        copying: Copies,
        folder: Path,
        at: time,
        zone: ZoneInfo,
        keep: int,
        now: Callable[[], datetime],
    ) -> None:
        self._db, self._copying, self._folder, self._now = db, copying, folder, now
        self._at, self._zone, self._keep = at, zone, keep
        self._not_before = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Copy whenever it is time, until cancelled."""
        try:
            while True:
                if self.is_due():
                    await self._try()
                await asyncio.sleep(LOOK_S)
        finally:
            self._copying.stop()

    def is_due(self) -> bool:
        """Return whether there is no copy since it was last time for one."""
        now = self._now()
        made = (_stamp(one) for one in self.copies() if one.suffix == self._copying.ENDING)
        newest = max(made, default=None)
        return now >= self._not_before and (
            newest is None or newest < last_time(now, at=self._at, zone=self._zone)
        )

    def copies(self) -> list[Path]:
        """Return the copies that are there, in no order; also those of before the database was moved."""
        return [file for file in self._folder.glob(f"{BEGIN}*") if file.suffix in ENDINGS and _is_ours(file)]

    async def back_up(self) -> Path:
        """Make a copy, try it out, let the oldest go; return it.

        Raises:
            CopyError, CrmError: there is no good copy; those that are there stay.
        """
        now = self._now()
        target = self._folder / f"{BEGIN}{now.astimezone(UTC):{STAMP}}{self._copying.ENDING}"
        trial = await asyncio.to_thread(self._copy, target)
        for what in (BACKED_UP, *_told(trial)):
            await self._db.run(audit.note, who="service", what=f"{what}: {target}", address=None, now=now)
        tried = await self._db.read(audit.last_of, begin=TRIED_OUT)
        await asyncio.to_thread(self._let_go, but=tried.at if tried else None)
        return target

    def _copy(self, target: Path) -> Trial | None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CopyError(f"{self._folder}: {error.strerror}") from error
        self._copying.back_up(target)
        trial = None
        try:
            trial = self._copying.try_out(target)
        except UntriedError as error:
            log.error("a copy was counted, and could not be put back for a trial", why=str(error))  # noqa: TRY400 - told, not traced
        except Exception:
            target.unlink()  # it would be taken for one
            raise
        return trial

    def _let_go(self, *, but: datetime | None) -> None:
        """Let the oldest go, but for the one of the instant *but*."""
        stays = but and but.replace(microsecond=0)  # a name tells no parts of a second
        for old in sorted(self.copies(), key=_stamp)[: -self._keep]:
            if _stamp(old) != stays:
                old.unlink()

    async def _try(self) -> None:
        try:
            log.info("the records were copied and tried out", file=str(await self.back_up()))
        except DatabaseAwayError as error:
            log.warning("a copy of the records is there, and not in the audit", why=str(error))
        except (CopyError, CrmError, OSError) as error:
            log.error("the records were not copied", why=str(error))  # noqa: TRY400 - told, not traced
            self._not_before = self._now() + AGAIN


def nightly_of(
    asked: Database, db: Records, *, zone: ZoneInfo, now: Callable[[], datetime]
) -> Nightly | None:
    """Return what copies the records each night, where the settings ask for it."""
    if asked.backups is None:
        return None
    return Nightly(
        db,
        copying=copies_of(asked.url),
        folder=asked.backups,
        at=time.fromisoformat(asked.backup_at),
        zone=zone,
        keep=asked.keep_backups,
        now=now,
    )


def last_time(now: datetime, *, at: time, zone: ZoneInfo) -> datetime:
    """Return when it was *at* last, in the time of *zone*; what a clock leaves out is an hour later.

    Left out at the end of a day, that is on the next one: then the time before it is the last.
    """
    today = now.astimezone(zone).date()
    times = (datetime.combine(today - timedelta(days=back), at, zone).astimezone(UTC) for back in range(3))
    return next(one for one in times if one <= now)


def _told(trial: Trial | None) -> list[str]:
    """Return how the audit's entry of a trial begins, when there was one."""
    match trial:
        case "put back":
            return [TRIED_OUT]
        case "read":
            return [READ_ONLY]
        case None:
            return []


def _is_ours(file: Path) -> bool:
    try:
        _stamp(file)
    except ValueError:
        return False
    return True


def _stamp(file: Path) -> datetime:
    text = file.name.removeprefix(BEGIN).removesuffix(file.suffix)
    return datetime.strptime(text, STAMP).replace(tzinfo=UTC)
