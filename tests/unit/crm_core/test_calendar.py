"""Opening hours in Madrid, several a day, over both changes of the clocks, and on holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from crm_core.domain.calendar import (
    Calendar,
    Interval,
    interval,
    is_holiday,
    is_open,
    knows_holidays,
    next_opening,
)

MADRID = ZoneInfo("Europe/Madrid")
SHOP = (interval("09:00-14:00"), interval("16:00-19:30"))
WEEK = Calendar(zone=MADRID, hours=dict.fromkeys(range(5), SHOP), closed=frozenset((date(2026, 11, 25),)))
ANDALUSIA = Calendar(zone=MADRID, hours=dict.fromkeys(range(5), SHOP), country="ES", subdivision="AN")
NIGHT = Calendar(zone=MADRID, hours={5: (interval("22:00-24:00"),), 6: (interval("00:00-06:00"),)})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "at", "opens"),
    [
        # In November Madrid is UTC+1; 24 November 2026 is a Tuesday.
        pytest.param(WEEK, "2026-11-24T08:00", None, id="the first moment"),
        pytest.param(WEEK, "2026-11-24T07:59:59", "2026-11-24T08:00", id="a second before"),
        pytest.param(WEEK, "2026-11-24T12:59:59", None, id="the last moment before lunch"),
        pytest.param(WEEK, "2026-11-24T13:00", "2026-11-24T15:00", id="lunch"),
        pytest.param(WEEK, "2026-11-24T18:29", None, id="the evening"),
        pytest.param(WEEK, "2026-11-24T18:30", "2026-11-26T08:00", id="over a day of our own that is closed"),
        pytest.param(WEEK, "2026-11-28T10:00", "2026-11-30T08:00", id="Saturday"),
        # 29 March 2026, 02:00 becomes 03:00; on Monday UTC+2.
        pytest.param(WEEK, "2026-03-27T18:30", "2026-03-30T07:00", id="summer time begins"),
        # 25 October 2026, 03:00 becomes 02:00; on Monday UTC+1.
        pytest.param(WEEK, "2026-10-23T17:30", "2026-10-26T08:00", id="summer time ends"),
        # Boletín Oficial de la Junta de Andalucía: in 2026 Monday 2 November stands for Sunday the 1st.
        pytest.param(ANDALUSIA, "2026-01-06T10:00", "2026-01-07T08:00", id="Epiphany"),
        pytest.param(ANDALUSIA, "2026-11-02T10:00", "2026-11-03T08:00", id="a Sunday's holiday, moved"),
        pytest.param(WEEK, "2026-01-06T10:00", None, id="without a country there are no holidays"),
        pytest.param(NIGHT, "2026-11-28T22:59:59", None, id="until midnight"),
        pytest.param(NIGHT, "2026-11-28T23:00", None, id="and past it"),
        pytest.param(NIGHT, "2026-11-29T05:00", "2026-12-05T21:00", id="until six"),
        # The hour that comes twice: 00:30 and 01:30 UTC are both 02:30.
        pytest.param(NIGHT, "2026-10-25T00:30", None, id="the hour that comes twice, first"),
        pytest.param(NIGHT, "2026-10-25T01:30", None, id="the hour that comes twice, again"),
    ],
)
def test_it_is_open_or_opens(calendar: Calendar, at: str, opens: str | None) -> None:
    assert is_open(calendar, utc(at)) == (opens is None)
    assert next_opening(calendar, utc(at)) == utc(opens or at)


def test_without_hours_it_is_always_open() -> None:
    always = Calendar(zone=MADRID, hours={}, country="ES")
    assert is_open(always, utc("2026-12-25T03:00"))


def test_what_never_opens_has_no_opening() -> None:
    assert next_opening(Calendar(zone=MADRID, hours={0: ()}), utc("2026-11-24T10:00")) is None


def test_hours_are_read() -> None:
    assert interval("09:00-14:30") == Interval(time(9), time(14, 30))
    assert interval("22:00-24:00") == Interval(time(22), None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9-14",
        "09:00-09:00",
        "14:00-09:00",
        "22:00-25:00",
        "24:00-24:00",
        "09:00-14:00 ",
        "09:60-10:00",
    ],
)
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        interval(text)


@pytest.mark.parametrize(
    ("country", "subdivision", "are_known"),
    [(None, None, True), ("ES", None, True), ("ES", "AN", True), ("ES", "XX", False), ("XX", None, False)],
)
def test_a_country_whose_holidays_nobody_knows_has_none(
    country: str | None, subdivision: str | None, *, are_known: bool
) -> None:
    assert knows_holidays(country, subdivision) is are_known
    assert is_holiday(date(2026, 1, 1), country=country, subdivision=subdivision) is bool(
        country and are_known
    )
