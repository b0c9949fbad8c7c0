"""History from the exchanges' own records: what is joined for it, and ``centralita backfill``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from ami_bridge.bus import Bus
from ami_bridge.domain.afterwards import tell
from ami_bridge.domain.errors import RecordsError
from ami_bridge.domain.floor import Floor
from ami_bridge.ports import CallRecords
from ami_bridge.services.backfill import Backfill, BackfillHealth, slices, written
from ami_bridge.services.recorder import Recorder
from ami_bridge.services.recorder_health import LeftOut
from ami_bridge.wire.cel_csv import columns_named
from ami_bridge.wire.record_files import RecordFiles
from centralita.clock import utc_now
from centralita.errors import UnusableError
from centralita.exchange import Exchange, floor_of
from centralita.settings import Pbx, Records, Settings
from centralita.store import open_database
from centralita.words import words
from crm_core.db.database import Database
from crm_core.domain.calls import Call
from crm_core.domain.errors import CrmError
from crm_core.services import backfill, calls
from screenpop.context import PartState

if TYPE_CHECKING:
    from ami_bridge.wire.record_tables import RecordTables

FILE = "file:"
GROUP = 200


class HistoryOf:
    """``History`` of one exchange."""

    def __init__(self, db: Database, recorder: Recorder, *, pbx: str) -> None:
        self._db, self._recorder, self._pbx = db, recorder, pbx

    async def watermark(self) -> datetime | None:
        """Return up to when it is whole."""
        return await self._db.read(backfill.watermark, pbx=self._pbx)

    async def move_watermark(self, at: datetime) -> None:
        """Say that it is whole up to *at*."""
        await self._db.run(backfill.move_watermark, pbx=self._pbx, at=at, now=utc_now())

    async def missing(self, calls: Sequence[Call]) -> list[Call]:
        """Return those that it lacks or knows less surely."""
        return await self._db.read(backfill.missing, calls=calls)

    async def seated(self, since: datetime) -> Mapping[str, str]:
        """Return who has sat where since then."""
        return await self._db.read(backfill.seated, pbx=self._pbx, since=since)

    def is_kept(self, call_id: str) -> bool:
        """Return whether a call that was told waits no more to be stored."""
        return self._recorder.unstored(call_id) is None

    def kept_until(self, now: datetime) -> datetime | None:
        """Return until when every call that ended is kept."""
        return self._recorder.kept_until(now, pbx=self._pbx)

    def left_out(self) -> LeftOut | None:
        """Return which calls had no room."""
        return self._recorder.health.left_out.get(self._pbx)

    def nothing_left_out(self) -> None:
        """Say that those calls are kept now."""
        self._recorder.health.left_out.pop(self._pbx, None)


def backfills(
    settings: Settings, exchanges: Mapping[str, Exchange], *, db: Database, recorder: Recorder, bus: Bus
) -> dict[str, Backfill]:
    """Return what fills the gaps, for each exchange whose records can be read."""
    return {
        name: Backfill(
            exchange.live,
            records=records,
            history=HistoryOf(db, recorder, pbx=name),
            new_floor=partial(floor_of, name, settings.pbx[name]),
            bus=bus,
            now=exchange.now,
        )
        for name, exchange in exchanges.items()
        if (records := records_of(settings.pbx[name]))
    }


def filling(health: BackfillHealth) -> PartState:
    """Return how the filling of gaps goes, for ``/health``."""
    if health.why is None:
        return PartState(state="running", is_well=True, backfill=health)
    return PartState(state="waiting", is_well=health.is_new, why=health.why, backfill=health)


def records_of(pbx: Pbx) -> RecordFiles | RecordTables | None:
    """Return the records of an exchange; None when the settings do not say where they are."""
    where = pbx.records
    if where is None:
        return None
    zone = ZoneInfo(pbx.time_zone)
    files = RecordFiles(
        Path(where.cel.removeprefix(FILE)),
        Path(where.queue_log.removeprefix(FILE)) if where.queue_log else None,
        zone=zone,
        columns=columns_named(where.columns) if where.columns else None,
    )
    return files if where.cel.startswith(FILE) else _tables(where, zone, files)


def _tables(where: Records, zone: ZoneInfo, files: RecordFiles) -> RecordTables:
    try:
        from ami_bridge.wire.record_tables import RecordTables
    except ImportError as error:
        raise CannotFillError(f"{where.cel}: PyMySQL is not installed (centralita[mysql])") from error
    return RecordTables(where.cel, secret=where.secret, zone=zone, lines_of=files.lines)


# --- on demand


class CannotFillError(UnusableError):
    """The history cannot be filled from records; the text says why."""


def back_fill(settings: Settings, *, pbx: str, since: datetime, dry_run: bool) -> None:
    """Bring in what the records of an exchange tell of calls that ended since *since*, and say how many.

    Raises:
        CannotFillError: there are no records, or they or the database cannot be used.
    """
    records = records_of(settings.pbx[pbx])
    if records is None:
        raise CannotFillError(f"[pbx.{pbx}.records] is not set")
    try:
        ended = _ended(records, partial(floor_of, pbx, settings.pbx[pbx]), since)
        found, told = asyncio.run(_keep(settings, ended, dry_run=dry_run))
    except (RecordsError, CrmError) as error:
        raise CannotFillError(str(error)) from error
    said = words().ngettext(
        "%(count)d call of %(all)d was not in the history.",
        "%(count)d calls of %(all)d were not in the history.",
        found,
    )
    typer.echo(said % {"count": found, "all": told})


def _ended(records: CallRecords, new_floor: Callable[[], Floor], since: datetime) -> Iterator[list[Call]]:
    """Yield the calls that ended since *since*, a slice of time after the other: a year fits no memory."""
    for begin, end in slices(since, utc_now()):
        told = tell(new_floor(), *written(records, begin, end))
        yield [call for call in told if call.ended_at is not None and call.ended_at >= begin]


async def _keep(settings: Settings, ended: Iterator[list[Call]], *, dry_run: bool) -> tuple[int, int]:
    """Store what is missing; return how many calls that were, and how many were told."""
    db = await open_database(settings.database.url)
    try:
        found = all_ = 0
        for told in ended:
            all_ += len(told)
            for n in range(0, len(told), GROUP):
                missing = await db.read(backfill.missing, calls=told[n : n + GROUP])
                found += len(missing)
                if missing and not dry_run:
                    await db.run(calls.record, calls=missing, events=())
        return found, all_
    finally:
        await db.close()
