"""When somebody is there: several intervals a day, public holidays, in the time of one place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOKS_AHEAD = timedelta(days=60)
_INTERVAL = re.compile(r"([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)", re.ASCII)
_MIDNIGHT = "24:00"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A part of a day, from ``begin`` to just before ``end``; None ends with the day."""

    begin: time
    end: time | None

    def holds(self, at: time) -> bool:
        """Return whether *at* is in it."""
        return self.begin <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a house is open.

    ``hours`` is by weekday (Monday is 0); a day without intervals is closed, and a calendar without hours is
    always open. ``closed`` are days of this house's own; with a ``country`` (ISO 3166-1) and its
    ``subdivision`` public holidays are closed as well.
    """

    zone: ZoneInfo
    hours: Mapping[int, Sequence[Interval]]
    closed: frozenset[date] = frozenset()
    country: str | None = None
    subdivision: str | None = None


def interval(text: str) -> Interval:
    """Return the interval that is written as ``09:00-14:00``; ``24:00`` is the end of the day.

    Raises:
        ValueError: it is no interval, or ends before it begins.
    """
    found = _INTERVAL.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no interval, such as 09:00-14:00")
    begin = time(int(found[1]), int(found[2]))
    end = None if text.endswith(_MIDNIGHT) else time(int(found[3]), int(found[4]))
    if end is not None and end <= begin:
        raise ValueError(f"{text!r} ends before it begins; hours past midnight belong to the next day")
    return Interval(begin, end)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Return whether the house is open at *at* (aware)."""
    if not calendar.hours:
        return True
    here = at.astimezone(calendar.zone)
    return any(one.holds(here.time()) for one in intervals_of(calendar, here.date()))


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """Return the instant (UTC) from which the house is open: *at* itself when it is open then.

    None when it does not open within 60 days.
    """
    if is_open(calendar, at):
        return at
    return next((begin for begin in _openings(calendar, at) if begin > at), None)


def _openings(calendar: Calendar, at: datetime) -> Iterator[datetime]:
    first = at.astimezone(calendar.zone).date()
    for days in range(LOOKS_AHEAD.days):
        day = first + timedelta(days=days)
        for one in intervals_of(calendar, day):
            yield datetime.combine(day, one.begin, calendar.zone).astimezone(UTC)


def intervals_of(calendar: Calendar, day: date) -> Sequence[Interval]:
    """Return when the house is open on *day*, in order."""
    if day in calendar.closed or is_holiday(day, country=calendar.country, subdivision=calendar.subdivision):
        return ()
    return sorted(calendar.hours.get(day.weekday(), ()), key=lambda one: one.begin)


def is_holiday(day: date, *, country: str | None, subdivision: str | None) -> bool:
    """Return whether *day* is a public holiday there; never where nobody knows them (``knows_holidays``)."""
    return country is not None and day in _holidays(country, subdivision, day.year)


def knows_holidays(country: str | None, subdivision: str | None) -> bool:
    """Return whether the public holidays are known of *country*, and of this part of it; None has none."""
    return country is None or _is_known(country, subdivision)


@cache
def _is_known(country: str, subdivision: str | None) -> bool:
    try:
        holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        return False
    return True


@cache
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    if not _is_known(country, subdivision):
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
