"""When it happened: the exchange's clock laid on ours. Seconds of both clocks, as differences from NOON."""

from datetime import UTC, datetime, timedelta

import pytest

from ami_bridge.domain.pbx_clock import LATE_S, PbxClock

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BASE = NOON.timestamp()
AHEAD = 3600.0
"""The exchange's clock is an hour ahead of ours, which must not show."""


def told(script: list[tuple[float | None, float]], clock: PbxClock | None = None) -> list[float]:
    """Return the instants of (stamp, arrival) pairs, as seconds since NOON."""
    clock = clock or PbxClock()
    instants = [
        clock.instant(None if stamp is None else BASE + stamp, arrival=BASE + arrival)
        for stamp, arrival in script
    ]
    return [round((at - NOON).total_seconds(), 3) for at in instants]


@pytest.mark.parametrize(
    ("script", "instants"),
    [
        pytest.param([(0, 0), (1, 1)], [0, 1], id="two clocks that agree"),
        pytest.param([(AHEAD, 0), (AHEAD + 5, 5)], [0, 5], id="an offset is taken off"),
        pytest.param([(-AHEAD, 0), (5 - AHEAD, 5)], [0, 5], id="whichever way"),
        pytest.param([(None, 0), (None, 1)], [0, 1], id="no Timestamp: arrival"),
        pytest.param([(0, 0), (1, 1), (0.97, 1.001)], [0, 1, 1], id="a stamp that goes back (seen: 31 ms)"),
        pytest.param([(0, 0), (0.5, 0.9)], [0, 0.5], id="a read that comes late keeps the stamp's time"),
        pytest.param([(0, 0), (1.5, 1.0)], [0, 1.0], id="nothing happens after it arrived"),
    ],
)
def test_instants(script: list[tuple[float | None, float]], instants: list[float]) -> None:
    assert told(script) == instants


@pytest.mark.parametrize("on_time", [3.0, 3.4])
def test_the_offset_is_that_of_what_came_with_the_least_delay(on_time: float) -> None:
    """We are slow: all but one of many facts come half a second late, whenever that one does."""
    clock = PbxClock()
    script = [(turn + AHEAD - 0.5, turn) for turn in range(10)]
    script = sorted([*script, (on_time + AHEAD, on_time)], key=lambda one: one[1])
    assert told(script, clock)[-3:] == [6.5, 7.5, 8.5]
    assert clock.offset == pytest.approx(AHEAD)
    assert clock.steps == 0


def test_a_clock_that_drifts_is_followed_within_a_minute() -> None:
    clock = PbxClock()
    told([(turn + AHEAD - turn / 1000, turn) for turn in range(200)], clock)
    assert clock.offset == pytest.approx(AHEAD - 0.140)


def test_facts_that_come_late_in_a_heap_keep_their_times() -> None:
    """We stood still for four seconds, then read all of it at once: nobody's clock was set."""
    clock = PbxClock()
    script = [(0, 0), (1, 1), *((second, 6.0) for second in (2, 3, 4, 5)), (6.5, 6.5)]
    assert told(script, clock) == [0, 1, 2, 3, 4, 5, 6.5]
    assert clock.steps == 0


@pytest.mark.parametrize("step", [-3600.0, -LATE_S - 1, 2.0, 3600.0])
def test_a_clock_that_was_set_is_counted_and_time_flows_on(step: float) -> None:
    clock = PbxClock()
    told([(turn, turn) for turn in range(5)], clock)
    assert told([(turn + step, turn) for turn in range(5, 8)], clock) == [5, 6, 7]
    assert clock.steps == 1


def test_a_clock_that_was_set_back_a_little_is_noticed_when_no_line_would_be_late_for_so_long() -> None:
    clock = PbxClock()
    told([(0, 0)], clock)
    later = [(turn - 3, turn) for turn in range(1, 20)]
    instants = told(later, clock)
    assert instants == sorted(instants)
    assert clock.steps == 1
    assert instants[-1] == 19


def test_our_own_clock_set_back_does_not_stop_time() -> None:
    assert told([(None, 0), (None, 3600), (None, 1), (None, 2)]) == [0, 3600, 1, 2]


def test_an_instant_is_aware_and_in_utc() -> None:
    assert PbxClock().instant(None, arrival=BASE).utcoffset() == timedelta(0)
