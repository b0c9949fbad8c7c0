"""Figures of queues, each against a count made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_core.domain import figures
from crm_core.domain.calls import Call, Segment, Visit, VisitOutcome
from crm_core.domain.figures import QueueTally, Tally, busy_s, day_start, figures_of, tallies_of, tally_of
from crm_core.domain.sla import FIGURES, Figure, Target, Targets, is_behind

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
TARGET = Target(within=timedelta(seconds=20), short_abandon=timedelta(seconds=5))
# One morning at one queue: outcome, wait, seconds that the agent was busy.
MORNING: tuple[tuple[VisitOutcome | None, float | None, float | None], ...] = (
    ("answered", 4.0, 100.0),
    ("answered", 20.0, 200.0),  # the bound is in time
    ("answered", 20.001, 60.0),
    ("answered", 41.999, None),  # they talk still
    ("abandoned", 5.0, None),  # the bound is short
    ("abandoned", 5.001, None),
    ("abandoned", 90.0, None),
    ("abandoned", None, None),  # nobody knows for how long
    ("timeout", 300.0, None),
    ("exit_key", 30.0, None),
    ("refused", 0.0, None),
    (None, None, None),  # waits since a minute
)


def visit(outcome: VisitOutcome | None, wait_s: float | None = 1.0, *, at: float = -60, **more: Any) -> Visit:
    entered = NOW + timedelta(seconds=at)
    left = entered + timedelta(seconds=wait_s or 0) if outcome else None
    return Visit(queue="sales", entered_at=entered, left_at=left, wait_s=wait_s, outcome=outcome, **more)


def morning() -> Tally:
    return tally_of([(visit(outcome, wait), busy) for outcome, wait, busy in MORNING], TARGET, now=NOW)


def test_a_morning_counted_by_hand() -> None:
    assert morning() == Tally(
        answered=4,
        in_time=2,
        abandoned=3,
        short_abandoned=1,
        left=2,
        refused=1,
        wait_s=pytest.approx(4 + 20 + 20.001 + 41.999),
        longest_s=300.0,
        handled=3,
        handled_s=360.0,
    )


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        pytest.param(figures.offered, 4 + 3 + 1 + 2, id="offered"),
        pytest.param(figures.service_level, 2 / (4 + 3), id="service level"),
        pytest.param(figures.abandonment, 3 / (4 + 3), id="abandonment"),
        pytest.param(figures.asa_s, 86 / 4, id="mean wait of the answered"),
        pytest.param(figures.aht_s, 360 / 3, id="mean handling of what is over"),
    ],
)
def test_a_figure(figure: Any, told: float) -> None:
    assert figure(morning()) == pytest.approx(told)


@pytest.mark.parametrize(
    ("tally", "figure"),
    [
        pytest.param(Tally(), "service_level", id="an empty interval is not perfect"),
        pytest.param(Tally(short_abandoned=3, left=1), "service_level", id="nobody counts"),
        pytest.param(Tally(refused=1), "abandonment", id="refused is beside"),
        pytest.param(Tally(abandoned=2), "asa_s", id="nobody was answered"),
        pytest.param(Tally(answered=1), "aht_s", id="nobody is done"),
        pytest.param(Tally(refused=2), "longest_wait_s", id="nobody waited"),
    ],
)
def test_where_there_is_nothing_to_divide_by(tally: Tally, figure: str) -> None:
    assert getattr(figures_of(tally), figure) is None


def test_who_waits_now_counts_for_the_longest_wait_only() -> None:
    assert tally_of([(visit(None, at=-75), None)], TARGET, now=NOW) == Tally(longest_s=75.0)
    assert tally_of([(visit(None, at=3), None)], TARGET, now=NOW) == Tally(longest_s=0.0)


def test_a_day_is_the_sum_of_its_hours() -> None:
    halves = [
        tally_of([(visit(*one[:2]), one[2]) for one in part], TARGET, now=NOW)
        for part in (MORNING[:5], MORNING[5:])
    ]
    assert figures.total(halves) == morning()


@pytest.mark.parametrize(
    ("figure", "count"),
    [
        ("offered", 10),
        ("waited", 11),
        ("answered", 4),
        ("in_time", 2),
        ("abandoned", 3),
        ("short_abandoned", 1),
        ("left", 2),
        ("refused", 1),
        ("counted", 7),
    ],
)
def test_as_many_visits_are_behind_a_figure_as_it_says(figure: Figure, count: int) -> None:
    visits = [visit(outcome, wait) for outcome, wait, _ in MORNING]
    assert sum(is_behind(figure, one, TARGET) for one in visits) == count


def test_every_figure_is_counted_above() -> None:
    assert len(FIGURES) == 9


@pytest.mark.parametrize(
    ("within", "short"),
    [pytest.param(0, 5, id="an answer takes time"), pytest.param(20, -1, id="nobody is gone before he came")],
)
def test_a_target_that_cannot_be(within: int, short: int) -> None:
    with pytest.raises(ValueError, match="takes time"):
        Target(within=timedelta(seconds=within), short_abandon=timedelta(seconds=short))


def call(*visits: Visit, segments: tuple[Segment, ...] = (), pbx: str = "main", ended: bool = True) -> Call:
    return Call(
        id=f"c{id(visits)}",
        pbx=pbx,
        linkedid="1.0",
        started_at=NOW,
        ended_at=NOW + timedelta(seconds=900) if ended else None,
        visits=list(visits),
        segments=list(segments),
    )


def of_agent(kind: Any, at: float, until: float | None, *, party: str = "PJSIP/101") -> Segment:
    return Segment(
        kind=kind,
        party=party,
        at=NOW + timedelta(seconds=at),
        until=None if until is None else NOW + timedelta(seconds=until),
    )


ANSWERED = visit("answered", 10.0, at=0, interface="PJSIP/101")
NEXT = visit("abandoned", 9.0, at=300)
SPANS = (
    of_agent("ring", 5, 10),
    of_agent("talk", 10, 70),
    of_agent("hold", 70, 90),
    of_agent("talk", 90, 100),
    of_agent("wrap_up", 100, 130),
    of_agent("talk", 400, 420),  # he meets the customer again, after the next queue
    of_agent("talk", 10, 70, party="customer"),
)


@pytest.mark.parametrize(
    ("one", "seconds"),
    [
        pytest.param(call(ANSWERED, segments=SPANS), 60 + 20 + 10 + 30 + 20, id="to the end"),
        pytest.param(call(ANSWERED, NEXT, segments=SPANS), 60 + 20 + 10 + 30, id="until the next queue"),
        pytest.param(call(ANSWERED, segments=SPANS, ended=False), None, id="goes on"),
        pytest.param(call(NEXT, segments=SPANS), None, id="not answered"),
    ],
)
def test_how_long_an_agent_was_busy(one: Call, seconds: float | None) -> None:
    assert busy_s(one, 0) == seconds


def test_a_tally_for_each_queue_of_each_exchange() -> None:
    early = visit("answered", at=-3601)
    told = tallies_of(
        [call(visit("answered"), early), call(visit("abandoned", 9.0)), call(visit("timeout"), pbx="spare")],
        Targets(of_all=TARGET),
        since=NOW - timedelta(hours=1),
        now=NOW,
    )
    one = Tally(answered=1, in_time=1, wait_s=1.0, longest_s=1.0, handled=1)
    assert told == [
        QueueTally(pbx="main", queue="sales", tally=one + Tally(abandoned=1, longest_s=9.0)),
        QueueTally(pbx="spare", queue="sales", tally=Tally(left=1, longest_s=1.0)),
    ]


@pytest.mark.parametrize(
    ("now", "zone", "start"),
    [
        pytest.param("2026-11-26T22:59:00+00:00", "Europe/Madrid", "2026-11-25T23:00:00+00:00", id="winter"),
        pytest.param(
            "2026-11-26T23:00:00+00:00", "Europe/Madrid", "2026-11-26T23:00:00+00:00", id="midnight"
        ),
        pytest.param("2026-07-01T12:00:00+00:00", "Europe/Madrid", "2026-06-30T22:00:00+00:00", id="summer"),
        pytest.param(
            "2026-10-25T12:00:00+00:00", "Europe/Madrid", "2026-10-24T22:00:00+00:00", id="25 hours"
        ),
        pytest.param("2026-11-26T03:00:00+00:00", "America/Bogota", "2026-11-25T05:00:00+00:00", id="west"),
    ],
)
def test_when_the_day_began(now: str, zone: str, start: str) -> None:
    assert day_start(datetime.fromisoformat(now), ZoneInfo(zone)) == datetime.fromisoformat(start)
