"""Time counted while a house is open: when a promise is due, and how much of it is spent. Pure.

Open is what the clock on the wall says: an hour that comes twice counts twice, one that is left out does
not count. Pauses are cut out of working time; a pause at night costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_core.domain.calendar import Calendar, intervals_of

Span = tuple[datetime, datetime]
Pause = tuple[datetime, datetime | None]
FARTHEST = timedelta(days=5 * 366)
_DAY, _INSTANT = timedelta(days=1), timedelta(microseconds=1)


def due(
    calendar: Calendar, begin: datetime, work: timedelta, *, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """Return the instant (UTC) at which *work* of open time has passed since *begin*, without the *pauses*.

    None while a pause without an end keeps it from passing, and when it would take more than five years.
    """
    left = work
    for since, until in working(calendar, begin, pauses=pauses):
        if left <= until - since:
            return since + left
        left -= until - since
    return None


def worked(calendar: Calendar, begin: datetime, end: datetime, *, pauses: Sequence[Pause] = ()) -> timedelta:
    """Return how much open time lies between *begin* and *end*, without the *pauses*."""
    total = timedelta()
    for since, until in working(calendar, begin, pauses=pauses):
        if since >= end:
            break
        total += min(until, end) - since
    return total


def working(calendar: Calendar, begin: datetime, *, pauses: Sequence[Pause] = ()) -> Iterator[Span]:
    """Yield when the house is open and there is no pause: five years from *begin* on, in order, in UTC."""
    begin = begin.astimezone(UTC)
    end = min([begin + FARTHEST, *(since for since, until in pauses if until is None)])
    closed = sorted((since, until) for since, until in pauses if until is not None)
    for since, until in _open(calendar, begin):
        if since >= end:
            return
        yield from _without((since, min(until, end)), closed)


def _open(calendar: Calendar, begin: datetime) -> Iterator[Span]:
    if not calendar.hours:
        yield begin, begin + FARTHEST
        return
    first = begin.astimezone(calendar.zone).date()
    for days in range(FARTHEST.days + 1):
        for since, until in open_on(calendar, first + timedelta(days=days)):
            if until > begin:
                yield max(since, begin), until


def open_on(calendar: Calendar, day: date) -> Iterator[Span]:
    """Yield when the house is open on *day* of its place, in order, in UTC."""
    hours = intervals_of(calendar, day)
    if not hours:
        return
    for since, until, offset in _pieces(calendar.zone, day):
        for one in hours:
            begin = max(since, _instant(day, one.begin, offset))
            end = min(until, _instant(day, one.end, offset) if one.end else until)
            if begin < end:
                yield begin, end


def _pieces(zone: ZoneInfo, day: date) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Yield *day* cut where the clocks are changed: from, to, and the offset of the wall's clock."""
    begin, end = _midnight(zone, day), _midnight(zone, day + _DAY)
    first, last = _offset(zone, begin), _offset(zone, end - _INSTANT)
    if first == last:
        yield begin, end, first
        return
    change = _change(zone, begin, end, first)
    yield begin, change, first
    yield change, end, last


def _change(zone: ZoneInfo, begin: datetime, end: datetime, first: timedelta) -> datetime:
    """Return the first instant whose offset is not *first*; clocks change at whole seconds."""
    before, after = 0, int((end - begin).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, begin + timedelta(seconds=middle)) == first:
            before = middle
        else:
            after = middle
    return begin + timedelta(seconds=after)


def _midnight(zone: ZoneInfo, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _instant(day: date, at: time, offset: timedelta) -> datetime:
    return datetime.combine(day, at, tzinfo=UTC) - offset


def _without(span: Span, pauses: Iterable[Span]) -> Iterator[Span]:
    since, until = span
    for begin, end in pauses:
        if end <= since:
            continue
        if begin >= until:
            break
        if since < begin:
            yield since, begin
        since = end
    if since < until:
        yield since, until
