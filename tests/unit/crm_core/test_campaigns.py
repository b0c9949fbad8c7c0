"""What follows from how a try ended, and figures that add up; by hand from the table of outcomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from crm_core.domain.calls import Attempt, AttemptResult, Call
from crm_core.domain.campaigns import (
    OUTCOMES,
    TOLD,
    Campaign,
    DialAttempt,
    Lead,
    Outcome,
    Result,
    checked,
    claimed,
    closed,
    dialled,
    outcome_of,
    promised,
    put_back,
    result_of,
    settled,
)
from crm_core.domain.dial_gate import Rules
from crm_core.domain.errors import InvalidError
from crm_core.domain.funnel import LeadCount, TryCount, funnel

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
FIRST, SECOND = "+34957212001", "+34600123456"


def a_lead(**facts: Any) -> Lead:
    return Lead(
        id="l", campaign_id="c", place=1, name="Ana", due_at=NOW, **({"numbers": (FIRST, SECOND)} | facts)
    )


def on_the_line(**facts: Any) -> Lead:
    return dialled(claimed(a_lead(**facts), agent="101", now=NOW), attempt_id="t", now=NOW)


def a_try(number: str = FIRST) -> DialAttempt:
    return DialAttempt(
        id="t",
        campaign_id="c",
        lead_id="l",
        number=number,
        agent="101",
        at=NOW,
        verdict="allowed",
        source="own rule",
    )


def test_every_outcome_has_its_consequence() -> None:
    assert set(OUTCOMES) == set(get_args(Outcome)) >= set(TOLD)
    assert all(outcome_of(result) in {*OUTCOMES, None} for result in get_args(Result))


@pytest.mark.parametrize(
    ("outcome", "state", "again_min", "is_reached"),
    [
        ("success", "done", None, True),
        ("no_interest", "done", None, True),
        ("refused", "done", None, True),
        ("busy", "waiting", 20, False),
        ("no_answer", "waiting", 180, False),
        ("voicemail", "waiting", 180, False),
        ("rejected", "waiting", 180, False),
        ("unreachable", "waiting", 180, False),
        ("cancelled", "waiting", 180, False),
        ("wrong_number", "waiting", 0, False),  # he has another number
    ],
)
def test_what_follows(outcome: Outcome, state: str, again_min: int | None, is_reached: bool) -> None:
    after = settled(on_the_line(), a_try(), outcome, rules=Rules(), now=NOW)
    assert (after.state, after.outcome, after.is_reached, after.claimed_by) == (
        state,
        outcome,
        is_reached,
        None,
    )
    if again_min is not None:
        assert after.due_at == after.not_before == NOW + timedelta(minutes=again_min)


def test_wrong_numbers_are_dropped_one_by_one() -> None:
    one_left = settled(on_the_line(), a_try(), "wrong_number", rules=Rules(), now=NOW)
    assert one_left.numbers == (SECOND,)
    none_left = settled(one_left, a_try(SECOND), "wrong_number", rules=Rules(), now=NOW)
    assert (none_left.state, none_left.numbers) == ("done", (SECOND,))


def test_the_last_try_closes() -> None:
    lead = on_the_line(attempts=1)
    assert settled(lead, a_try(), "busy", rules=Rules(at_all=3), now=NOW).state == "waiting"
    last = settled(lead, a_try(), "busy", rules=Rules(at_all=2), now=NOW)
    assert (last.state, last.blocked) == ("done", "attempts_used_up")


def test_who_was_not_dialled_stays_with_the_agent_and_counts_nothing() -> None:
    again = settled(on_the_line(), a_try(), "not_dialled", rules=Rules(), now=NOW)
    assert (again.claimed_by, again.attempts, again.attempt_id, again.outcome) == ("101", 0, None, None)
    adrift = settled(put_back(on_the_line(), until=NOW), a_try(), "not_dialled", rules=Rules(), now=NOW)
    assert (adrift.claimed_by, adrift.attempts, adrift.due_at) == (None, 0, NOW)


def test_who_was_reached_once_was_reached() -> None:
    lead = promised(on_the_line(), at=NOW + timedelta(hours=1), agent="101", now=NOW)
    assert (lead.state, lead.reserved_for, lead.due_at) == ("promised", "101", NOW + timedelta(hours=1))
    after = settled(lead, a_try(), "no_answer", rules=Rules(), now=NOW)
    assert (after.is_reached, after.reserved_for, after.state) == (True, None, "waiting")


@pytest.mark.parametrize("hours", [-0.1, 24 * 181])
def test_a_time_that_cannot_be_promised(hours: float) -> None:
    with pytest.raises(InvalidError):
        promised(on_the_line(), at=NOW + timedelta(hours=hours), agent=None, now=NOW)


def test_a_version_for_each_change() -> None:
    steps = [a_lead(), on_the_line(), put_back(on_the_line(), until=NOW), closed(on_the_line())]
    assert [lead.version for lead in steps] == [1, 3, 4, 4]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_campaign_has_a_name(name: str) -> None:
    with pytest.raises(InvalidError):
        checked(Campaign(id="c", name=name, region="ES", created_at=NOW))
    assert checked(Campaign(id="c", name="x", region="ES", created_at=NOW)).name == "x"


def line(*results: AttemptResult | None, answered: bool = False, by: str = "customer") -> Call:
    rung = [Attempt(interface="PJSIP/x", started_at=NOW, result=result) for result in results]
    at = NOW if answered else None
    return Call(
        id="c", pbx="main", linkedid="1.1", started_at=NOW, attempts=rung, answered_at=at, hung_up_by=by
    )


@pytest.mark.parametrize(
    ("call", "result"),
    [
        pytest.param(line("answered", "answered", answered=True), "answered", id="answered"),
        pytest.param(line("no_answer"), "not_dialled", id="the agent's phone alone"),
        pytest.param(line(), "not_dialled", id="nothing at all"),
        pytest.param(line("answered", "busy"), "busy", id="busy"),
        pytest.param(line("answered", "no_answer", by="agent"), "cancelled", id="given up by the agent"),
        pytest.param(line("answered", "busy", by="agent"), "busy", id="busy counts more"),
        pytest.param(line("answered", None, by="system"), "no_answer", id="nobody told"),
    ],
)
def test_what_became_of_a_line(call: Call, result: str) -> None:
    assert result_of(call) == result


def test_figures_add_up() -> None:
    def some(count: int, **facts: Any) -> LeadCount:
        known = {
            "state": "waiting",
            "outcome": None,
            "is_reached": False,
            "blocked": None,
            "is_called": False,
        }
        return LeadCount(**(known | facts), count=count)

    told = funnel(
        [
            some(10),
            some(3, blocked="hours"),
            some(2, state="done", blocked="do_not_call"),
            some(4, is_called=True, outcome="busy"),
            some(1, is_called=True),
            some(5, is_called=True, outcome="success", is_reached=True, state="done"),
        ],
        [
            TryCount(verdict="allowed", result="busy", count=6),
            TryCount(verdict="allowed", result=None, count=1),
            TryCount(verdict="hours", result=None, count=2),
        ],
    )
    assert (told.loaded, told.waiting, told.called, told.reached, told.done) == (25, 10, 10, 5, 7)
    assert told.blocked == {"hours": 3, "do_not_call": 2}
    assert told.outcomes == {"busy": 4, "untold": 1, "success": 5}
    assert (told.dials, told.refused) == ({"busy": 6, "under_way": 1}, {"hours": 2})
    assert told.loaded == told.waiting + sum(told.blocked.values()) + told.called
