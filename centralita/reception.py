"""What the menu asks of the house, asked of the database and the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agi_scripts.menus import Caller, Found, NobodyFound, ReadOut
from agi_scripts.ports import Status
from centralita import settings
from crm_core.db.database import Database
from crm_core.domain.calendar import DAYS, Calendar, interval, is_open, next_opening
from crm_core.domain.callbacks import caller_number
from crm_core.domain.calls import call_id
from crm_core.services import callbacks, reception

LONGEST_STAY = timedelta(minutes=5)


def calendar_of(given: settings.Reception, zone: str) -> Calendar:
    """Return the opening hours of the settings, in the time of *zone*."""
    return Calendar(
        zone=ZoneInfo(zone),
        hours={DAYS.index(day): tuple(map(interval, texts)) for day, texts in given.hours.items()},
        closed=frozenset(given.closed),
        country=given.country,
        subdivision=given.subdivision,
    )


class ReceptionDesk:
    """``Reception`` for the callers of the exchange *pbx* in *region*."""

    def __init__(
        self, db: Database, *, pbx: str, region: str, calendar: Calendar, now: Callable[[], datetime]
    ) -> None:
        self.now = now
        self._db, self._pbx, self._region, self._calendar = db, pbx, region, calendar

    def caller(self, number: str) -> Caller:
        """Return what the menu has to know of who calls from *number*, as the line brought it."""
        now = self.now()
        return Caller(
            number=caller_number(number, region=self._region),
            region=self._region,
            is_open=is_open(self._calendar, now),
            until=now + LONGEST_STAY,
        )

    async def incidents(self, number: str, *, typed: str | None) -> Status:
        """Return the incidents of who calls from *number*, or those that are meant by what he *typed*.

        Raises:
            DatabaseAwayError: when nobody can be asked.
        """
        told = await self._db.read(reception.status, number=number, typed=typed, region=self._region)
        if not told.is_known:
            return Status(heard=NobodyFound())
        read_out = tuple(
            ReadOut(number=one.number, state=one.state, opened_at=one.opened_at) for one in told.incidents
        )
        return Status(heard=Found(read_out), contact=told.contact_id)

    async def keep_callback(self, number: str, *, linkedid: str, did: str) -> None:
        """Keep that *number* (E.164) is to be rung: now, or when the house opens.

        Raises:
            DatabaseAwayError: when it cannot be kept.
        """
        now = self.now()
        await self._db.run(
            callbacks.ask,
            number=number,
            call_id=call_id(self._pbx, linkedid),
            did=did or None,
            due_at=next_opening(self._calendar, now) or now,
            now=now,
        )
