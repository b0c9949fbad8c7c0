"""Working time: promises over nights, lunch, holidays, pauses and both changes of the clocks.

Expected instants are counted by hand on a calendar; Madrid is UTC+1 in winter, UTC+2 in summer.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.domain.calendar import Calendar, interval, is_open
from crm_core.domain.working_time import Pause, due, worked

MADRID = ZoneInfo("Europe/Madrid")
SHOP = (interval("16:00-19:30"), interval("09:00-14:00"))  # 8 h 30; the order does not matter
WEEK = Calendar(zone=MADRID, hours=dict.fromkeys(range(5), SHOP), closed=frozenset((date(2026, 11, 25),)))
SEVILLE = Calendar(zone=MADRID, hours=dict.fromkeys(range(5), SHOP), country="ES", subdivision="AN")
NIGHTS = Calendar(zone=MADRID, hours=dict.fromkeys(range(7), (interval("00:00-06:00"),)))
HALVES = Calendar(zone=MADRID, hours=dict.fromkeys(range(7), (interval("02:30-04:00"),)))
ALWAYS = Calendar(zone=MADRID, hours={})
SAMOA = Calendar(zone=ZoneInfo("Pacific/Apia"), hours=dict.fromkeys(range(7), (interval("08:00-16:00"),)))
LORD_HOWE = Calendar(
    zone=ZoneInfo("Australia/Lord_Howe"), hours=dict.fromkeys(range(7), (interval("01:00-03:00"),))
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def pause(begin: str, end: str | None = None) -> Pause:
    return utc(begin), utc(end) if end else None


@pytest.mark.parametrize(
    ("calendar", "begin", "hours", "at"),
    [
        # 24 November 2026 is a Tuesday; open 08:00-13:00 and 15:00-18:30 UTC.
        pytest.param(WEEK, "2026-11-24T08:00", 1, "2026-11-24T09:00", id="within a stretch"),
        pytest.param(WEEK, "2026-11-24T08:00", 5, "2026-11-24T13:00", id="due as lunch begins"),
        pytest.param(WEEK, "2026-11-24T12:00", 2, "2026-11-24T16:00", id="over lunch"),
        pytest.param(WEEK, "2026-11-24T13:30", 0.5, "2026-11-24T15:30", id="told at lunch"),
        pytest.param(WEEK, "2026-11-24T18:00", 1, "2026-11-26T08:30", id="over night and our closed day"),
        pytest.param(WEEK, "2026-11-27T18:00", 1, "2026-11-30T08:30", id="over the weekend"),
        pytest.param(WEEK, "2026-11-26T08:00", 17, "2026-11-27T18:30", id="two whole days"),
        pytest.param(SEVILLE, "2026-11-30T18:00", 1, "2026-12-01T08:30", id="no holiday"),
        # Monday 7 December stands for Sunday the 6th in Andalusia, Tuesday the 8th is a holiday in all Spain.
        pytest.param(SEVILLE, "2026-12-04T18:00", 1, "2026-12-09T08:30", id="two holidays behind a weekend"),
        # 29 March 2026, 02:00 becomes 03:00: the Friday closes at 18:30 UTC, the Monday opens at 07:00 UTC.
        pytest.param(WEEK, "2026-03-27T18:00", 1, "2026-03-30T07:30", id="over the begin of summer time"),
        pytest.param(WEEK, "2026-10-23T17:00", 1, "2026-10-26T08:30", id="over its end"),
        # That night 00:00-06:00 is five hours: 23:00-04:00 UTC; in October seven: 22:00-05:00 UTC.
        pytest.param(NIGHTS, "2026-03-28T22:00", 5, "2026-03-29T04:00", id="a night of five hours"),
        pytest.param(NIGHTS, "2026-03-28T22:00", 5.5, "2026-03-29T22:30", id="and the next one"),
        pytest.param(NIGHTS, "2026-10-24T21:00", 7, "2026-10-25T05:00", id="a night of seven hours"),
        # 02:30-04:00: in March 03:00-04:00 (01:00-02:00 UTC); in October 02:30-03:00 twice, and an hour.
        pytest.param(HALVES, "2026-03-28T12:00", 1, "2026-03-29T02:00", id="a begin that is left out"),
        pytest.param(HALVES, "2026-10-24T12:00", 2, "2026-10-25T03:00", id="a begin that comes twice"),
        # Lord Howe moves by half an hour: on 4 October 2026, 02:00 (UTC+10:30) becomes 02:30.
        pytest.param(LORD_HOWE, "2026-10-03T00:00", 1.5, "2026-10-03T16:00", id="half an hour left out"),
        # Samoa had no 30 December 2011: behind the 29th (UTC-10) comes the 31st (UTC+14).
        pytest.param(SAMOA, "2011-12-29T18:00", 9, "2011-12-30T19:00", id="a day that never was"),
        pytest.param(ALWAYS, "2026-12-25T03:00", 48, "2026-12-27T03:00", id="always open"),
    ],
)
def test_a_promise_is_due(calendar: Calendar, begin: str, hours: float, at: str) -> None:
    span = timedelta(hours=hours)

    assert due(calendar, utc(begin), span) == utc(at)
    assert worked(calendar, utc(begin), utc(at)) == span


@pytest.mark.parametrize(
    ("pauses", "at"),
    [
        pytest.param([], "2026-11-24T17:00", id="none"),
        pytest.param([pause("2026-11-24T09:00", "2026-11-24T10:00")], "2026-11-24T18:00", id="an hour"),
        pytest.param([pause("2026-11-24T13:00", "2026-11-24T15:00")], "2026-11-24T17:00", id="lunch"),
        pytest.param([pause("2026-11-24T12:00", "2026-11-24T16:00")], "2026-11-26T08:30", id="around lunch"),
        pytest.param([pause("2026-11-23T09:00", "2026-11-24T08:30")], "2026-11-24T17:30", id="before"),
        pytest.param([pause("2026-11-24T18:30", "2026-11-26T08:00")], "2026-11-24T17:00", id="after"),
        pytest.param(
            [pause("2026-11-24T10:00", "2026-11-24T11:00"), pause("2026-11-24T08:00", "2026-11-24T08:30")],
            "2026-11-24T18:30",
            id="two, in no order",
        ),
        pytest.param(
            [pause("2026-11-24T09:00", "2026-11-24T10:00"), pause("2026-11-24T09:30", "2026-11-24T10:00")],
            "2026-11-24T18:00",
            id="one in the other",
        ),
        pytest.param([pause("2026-11-24T12:00")], None, id="it goes on"),
        pytest.param([pause("2026-11-24T17:00")], "2026-11-24T17:00", id="it goes on since it was due"),
    ],
)
def test_pauses_are_cut_to_working_time(pauses: list[Pause], at: str | None) -> None:
    """Seven hours from 08:00 UTC."""
    found = due(WEEK, utc("2026-11-24T08:00"), timedelta(hours=7), pauses=pauses)

    assert found == (utc(at) if at else None)


def test_what_never_opens_is_never_due() -> None:
    never = Calendar(zone=MADRID, hours={0: ()})

    assert due(never, utc("2026-11-24T08:00"), timedelta(hours=1)) is None


# --- minute by minute

ZONES = st.sampled_from(
    ["Europe/Madrid", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe", "UTC"]
)
# Days on which some of these zones change their clocks, and a winter's week.
BEGINS = st.sampled_from(["2026-03-27", "2026-03-07", "2026-10-23", "2026-10-31", "2026-04-03", "2026-12-07"])
MINUTES = st.integers(min_value=0, max_value=3 * 24 * 60)
BOUNDS = st.lists(st.integers(min_value=0, max_value=48), min_size=2, max_size=4, unique=True).map(sorted)


def hours_of(bounds: list[int]) -> tuple[str, ...]:
    told = [f"{half // 2:02}:{half % 2 * 30:02}" for half in bounds]
    return tuple(f"{begin}-{end}" for begin, end in zip(told[::2], told[1::2], strict=False))


@settings(max_examples=60, deadline=None)
@given(
    ZONES,
    BEGINS,
    MINUTES,
    st.integers(1, 900),
    st.lists(BOUNDS, min_size=1, max_size=3),
    st.tuples(MINUTES, MINUTES),
)
def test_it_agrees_with_a_clock_that_looks_every_minute(
    zone: str, day: str, minute: int, span: int, bounds: list[list[int]], held: tuple[int, int]
) -> None:
    weekly = {n: tuple(map(interval, hours_of(bounds[n % len(bounds)]))) for n in range(7)}
    calendar = Calendar(zone=ZoneInfo(zone), hours=weekly, country="ES", subdivision="MD")
    start = utc(day)
    begin = start + timedelta(minutes=minute)
    since, until = (start + timedelta(minutes=one) for one in sorted(held))

    looked = (begin + timedelta(minutes=n) for n in range(20 * 24 * 60))
    counted = (at for at in looked if is_open(calendar, at) and not since <= at < until)
    last = next((at for n, at in enumerate(counted, start=1) if n == span), None)

    found = due(calendar, begin, timedelta(minutes=span), pauses=[(since, until)])
    if last is not None:
        assert found == last + timedelta(minutes=1)
        assert worked(calendar, begin, found, pauses=[(since, until)]) == timedelta(minutes=span)
    else:
        assert found is None or found > begin + timedelta(days=20)
