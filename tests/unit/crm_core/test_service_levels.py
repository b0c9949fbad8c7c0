"""Promises: which policy holds, by when, what holds do to it, and what is due.

Counted by hand: 24 November 2026 is a Tuesday; the shop is open 08:00-13:00 and 15:00-18:30 UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError
from crm_core.domain.incidents import Hold, Incident, changed
from crm_core.domain.service_levels import (
    Due,
    Hours,
    KeptDue,
    Policy,
    calendar_of,
    checked_hours,
    checked_policy,
    is_late,
    policy_for,
    promised,
    replanned,
)

SHOP = ("09:00-14:00", "16:00-19:30")
HOURS = Hours(
    id="h",
    name="Taller",
    zone="Europe/Madrid",
    hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), SHOP),
    closed=(date(2026, 11, 25),),
    country="ES",
    subdivision="AN",
)
CALENDAR = calendar_of(HOURS)
POLICY = Policy(id="p", name="All", calendar_id="h", respond_s=3600, resolve_s=8 * 3600, warn_percent=75)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = utc("2026-11-24T09:00")
LEAK = Incident(id="i", number="INC-10001", subject="Leak", opened_at=NOW, updated_at=NOW)


def told(incident: Incident, policy: Policy = POLICY) -> dict[str, str]:
    """Return what is due, such as ``respond warned`` at ``24T09:45``."""
    _, dues = promised(incident, policy, CALENDAR)
    return {f"{one.what} {one.stage}": f"{one.at:%dT%H:%M}" for one in dues}


def test_a_new_incident_is_promised_both() -> None:
    """An hour from 09:00; eight hours are 4 until lunch, 3.5 of the evening, 0.5 behind the closed day."""
    found, _ = promised(LEAK, POLICY, CALENDAR)

    assert (found.respond_by, found.resolve_by) == (utc("2026-11-24T10:00"), utc("2026-11-26T08:30"))
    assert (found.warn_at, found.due_at) == (utc("2026-11-24T09:45"), utc("2026-11-24T10:00"))
    assert told(LEAK) == {
        "respond warned": "24T09:45",
        "respond breached": "24T10:00",
        "resolve warned": "24T17:00",
        "resolve breached": "26T08:30",
    }


def test_without_a_policy_nothing_is_promised() -> None:
    before, _ = promised(LEAK, POLICY, CALENDAR)

    assert promised(before, None, None) == (LEAK, ())


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        pytest.param(
            [("24T09:30", {"state": "in_progress"})],
            {"resolve warned": "24T17:00", "resolve breached": "26T08:30"},
            id="answered",
        ),
        pytest.param([("24T09:30", {"state": "pending"})], {}, id="held"),
        pytest.param(
            [("24T09:30", {"state": "pending"}), ("24T10:30", {"state": "in_progress"})],
            {"resolve warned": "24T18:00", "resolve breached": "26T09:30"},
            id="held for an hour",
        ),
        pytest.param(
            [("24T09:30", {"state": "pending"}), ("26T07:00", {"state": "in_progress"})],
            # Half an hour is spent; from Thursday 08:00 on 5 h until lunch, 2.5 h from 15:00 on.
            {"resolve warned": "26T15:30", "resolve breached": "26T17:30"},
            id="held over the night, which costs nothing",
        ),
        pytest.param([("24T09:30", {"state": "resolved"})], {}, id="over"),
        pytest.param(
            [("24T10:00", {"state": "resolved"}), ("24T12:00", {"state": "in_progress"})],
            {"resolve warned": "26T08:30", "resolve breached": "26T10:30"},
            id="taken for resolved for two hours",
        ),
    ],
)
def test_what_becomes_of_it_moves_what_is_due(
    steps: list[tuple[str, dict[str, Any]]], due: dict[str, str]
) -> None:
    found = LEAK
    for when, changes in steps:
        found = changed(found, changes, utc(f"2026-11-{when}"))

    assert told(found) == due
    assert promised(found, POLICY, CALENDAR)[0].due_at == (
        utc(f"2026-11-{due['resolve breached']}") if due else None
    )


def test_another_priority_counts_from_the_begin_and_keeps_the_holds() -> None:
    """Two hours from 09:00, of which the pause took one: until 12:00."""
    held = replace(
        LEAK,
        state="in_progress",
        first_responded_at=NOW,
        holds=(Hold(at=utc("2026-11-24T09:30"), until=utc("2026-11-24T10:30"), why="customer"),),
    )
    urgent = replace(POLICY, resolve_s=2 * 3600)

    assert promised(held, urgent, CALENDAR)[0].resolve_by == utc("2026-11-24T12:00")


def test_what_is_over_keeps_what_it_is_measured_by() -> None:
    late = changed(LEAK, {"state": "resolved"}, utc("2026-11-26T09:00"))
    found, dues = promised(late, POLICY, CALENDAR)

    assert (found.resolve_by, found.due_at, dues) == (utc("2026-11-26T08:30"), None, [])
    assert (is_late(found, "respond"), is_late(found, "resolve")) == (True, True)


@pytest.mark.parametrize(
    ("facts", "late"),
    [
        ({}, None),
        ({"resolve_by": NOW}, None),
        ({"resolved_at": NOW}, None),
        ({"resolve_by": NOW, "resolved_at": NOW}, False),
        ({"resolve_by": NOW, "resolved_at": NOW + timedelta(seconds=1)}, True),
    ],
)
def test_a_promise_is_kept_or_broken(facts: dict[str, Any], late: bool | None) -> None:
    assert is_late(replace(LEAK, **facts), "resolve") is late


# --- policies


@pytest.mark.parametrize(
    ("incident", "tier", "name"),
    [
        ({}, None, "all"),
        ({"priority": 1}, None, "critical"),
        ({"kind": "request", "priority": 1}, None, "requests"),
        ({"priority": 1}, "gold", "gold"),
        ({"kind": "request"}, "gold", "gold requests"),
        ({}, "silver", "all"),
    ],
)
def test_the_policy_holds_that_says_most(incident: dict[str, Any], tier: str | None, name: str) -> None:
    policies = [
        replace(POLICY, id="1", name="all"),
        replace(POLICY, id="2", name="critical", priority=1),
        replace(POLICY, id="3", name="requests", kind="request"),
        replace(POLICY, id="4", name="gold", tier="gold"),
        replace(POLICY, id="5", name="gold requests", tier="gold", kind="request"),
        replace(POLICY, id="6", name="a gone one", tier="gold", kind="request", is_active=False),
        replace(POLICY, id="7", name="b, of equals the later", kind="request", tier="gold2"),
    ]
    found = policy_for(policies, replace(LEAK, **incident), tier)

    assert found is not None
    assert found.name == name


def test_where_no_policy_holds_there_is_none() -> None:
    assert policy_for([replace(POLICY, tier="gold")], LEAK, None) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"respond_s": None, "resolve_s": None}, "resolve_s"),
        ({"respond_s": 59}, "respond_s"),
        ({"resolve_s": 366 * 86400 + 1}, "resolve_s"),
        ({"priority": 6}, "priority"),
        ({"warn_percent": 100}, "warn_percent"),
        ({"tier": ""}, "tier"),
    ],
)
def test_a_policy_that_cannot_be(wrong: dict[str, Any], field: str) -> None:
    assert checked_policy(POLICY) is POLICY
    with pytest.raises(InvalidError) as error:
        checked_policy(replace(POLICY, **wrong))
    assert error.value.field == field


# --- calendars


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "x" * 81}, "name"),
        ({"zone": ""}, "zone"),
        ({"zone": "Europe"}, "zone"),
        ({"zone": "Europe/Nowhere"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"hours": {"lunes": SHOP}}, "hours"),
        ({"hours": {"mon": ()}}, "hours"),
        ({"hours": {"mon": ("9-14",)}}, "hours.mon"),
        ({"hours": {"mon": ("14:00-09:00",)}}, "hours.mon"),
        ({"hours": {"mon": ("16:00-24:00", "20:00-21:00")}}, "hours.mon"),
        ({"hours": {"mon": ("12:00-15:00", "09:00-12:01")}}, "hours.mon"),
        ({"hours": {"mon": tuple(f"{n:02}:00-{n:02}:30" for n in range(9))}}, "hours.mon"),
        ({"closed": tuple(date(2026, 1, 1) + timedelta(days=n) for n in range(367))}, "closed"),
        ({"country": "XX", "subdivision": None}, "country"),
        ({"country": "ES", "subdivision": "QQ"}, "subdivision"),
    ],
)
def test_a_calendar_that_cannot_be(wrong: dict[str, Any], field: str) -> None:
    assert checked_hours(HOURS) is HOURS
    with pytest.raises(InvalidError) as error:
        checked_hours(replace(HOURS, **wrong))
    assert error.value.field == field


def test_without_hours_a_calendar_is_always_open() -> None:
    always = checked_hours(replace(HOURS, hours={}))

    assert promised(LEAK, POLICY, calendar_of(always))[0].resolve_by == NOW + timedelta(hours=8)


# --- dues


def a_due(hour: int, *, what: Any = "resolve") -> Due:
    return Due(what=what, stage="breached", at=NOW + timedelta(hours=hour))


def kept(hour: int, *, is_told: bool, what: Any = "resolve") -> KeptDue:
    due = a_due(hour, what=what)
    return KeptDue(
        incident_id="i", what=what, stage="breached", at=due.at, told_at=due.at if is_told else None
    )


@pytest.mark.parametrize(
    ("was", "wanted", "changes"),
    [
        pytest.param([], [a_due(1)], "new", id="new"),
        pytest.param([kept(1, is_told=False)], [a_due(1)], "", id="the same"),
        pytest.param([kept(1, is_told=False)], [a_due(2)], "moved", id="later"),
        pytest.param([kept(1, is_told=False)], [], "gone", id="kept in time"),
        pytest.param([kept(-1, is_told=True)], [], "", id="told, and over"),
        pytest.param([kept(-1, is_told=True)], [a_due(-2)], "", id="told, and late anyway"),
        pytest.param([kept(-1, is_told=True)], [a_due(1)], "moved", id="told, and promised again"),
        pytest.param([kept(1, is_told=False)], [a_due(1), a_due(1, what="respond")], "new", id="another"),
    ],
)
def test_dues_are_planned_anew(was: list[KeptDue], wanted: list[Due], changes: str) -> None:
    parts = replanned(was, wanted, NOW)

    found = [name for name, part in zip(("new", "moved", "gone"), parts, strict=True) if part]
    assert " ".join(found) == changes
