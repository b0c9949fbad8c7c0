"""Incidents: priorities from impact and urgency, the steps they may take, what is remembered of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crm_core.domain import incidents
from crm_core.domain.choices import Choice, in_order, path_of
from crm_core.domain.choices import checked as checked_choice
from crm_core.domain.errors import InvalidError
from crm_core.domain.incident_entries import checked_text, what_changed
from crm_core.domain.incidents import LEVELS, PRIORITY, STATES, Hold, Incident, State

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
LEAK = Incident(id="i", number="INC-10001", subject="Leak", opened_at=NOW, updated_at=NOW)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def after(*steps: dict[str, Any]) -> Incident:
    """Return the incident after changes, one every ten minutes."""
    found = LEAK
    for n, step in enumerate(steps, start=1):
        found = incidents.changed(found, step, at(10 * n))
    return found


# --- priority


@pytest.mark.parametrize(
    ("told", "impact", "urgency", "priority"),
    [
        ({}, 2, 2, 3),
        ({"impact": 1, "urgency": 1}, 1, 1, 1),
        ({"impact": 3, "urgency": 3}, 3, 3, 5),
        ({"impact": 1}, 1, 2, 2),
        ({"urgency": 3}, 2, 3, 4),
        ({"priority": 1}, 1, 1, 1),
        ({"priority": 5}, 3, 3, 5),
        ({"impact": 3, "urgency": 3, "priority": 1, "reason": "the director's own"}, 3, 3, 1),
    ],
)
def test_a_new_incident_is_rated(told: dict[str, Any], impact: int, urgency: int, priority: int) -> None:
    asked = {"impact": None, "urgency": None, "priority": None, "reason": None} | told
    found = incidents.rated(LEAK, **asked)

    assert (found.impact, found.urgency, found.priority) == (impact, urgency, priority)
    assert found.priority_reason == told.get("reason")


def test_each_priority_alone_has_the_levels_that_make_it() -> None:
    assert {PRIORITY[levels]: levels for levels in LEVELS.values()} == dict(LEVELS)


@pytest.mark.parametrize(
    ("steps", "priority", "reason"),
    [
        pytest.param([{"impact": 1}], 2, None, id="a level makes another"),
        pytest.param([{"priority": 1, "priority_reason": "VIP"}], 1, "VIP", id="said, with a reason"),
        pytest.param(
            [{"priority": 1, "priority_reason": "VIP"}, {"subject": "x"}], 1, "VIP", id="and it stays"
        ),
        pytest.param(
            [{"priority": 1, "priority_reason": "VIP"}, {"urgency": 3}], 4, None, id="until a level changes"
        ),
        pytest.param(
            [{"priority": 1, "priority_reason": "VIP"}, {"priority": 3}], 3, None, id="or it is taken back"
        ),
        pytest.param([{"impact": 1, "priority": 2}], 2, None, id="said, and what the levels make"),
    ],
)
def test_a_priority_changes(steps: list[dict[str, Any]], priority: int, reason: str | None) -> None:
    found = after(*steps)

    assert (found.priority, found.priority_reason) == (priority, reason)


# --- steps

ALLOWED: dict[State, str] = {
    "new": "assigned in_progress pending resolved cancelled",
    "assigned": "new in_progress pending resolved cancelled",
    "in_progress": "assigned pending resolved cancelled",
    "pending": "assigned in_progress resolved cancelled",
    "resolved": "in_progress closed",
    "closed": "in_progress",
    "cancelled": "in_progress",
}


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("then", STATES)
def test_an_incident_takes_only_the_steps_there_are(before: State, then: State) -> None:
    there = replace(LEAK, state=before)
    if then == before or then in ALLOWED[before].split():
        assert incidents.changed(there, {"state": then}, at(1)).state == then
        return
    with pytest.raises(InvalidError) as told:
        incidents.changed(there, {"state": then}, at(1))
    assert told.value.field == "state"


@pytest.mark.parametrize("state", STATES)
def test_an_incident_is_open_until_it_is_resolved(state: State) -> None:
    assert replace(LEAK, state=state).is_open is (state not in {"resolved", "closed", "cancelled"})


@pytest.mark.parametrize(
    ("steps", "facts"),
    [
        pytest.param([{"assignee": "u"}], {"state": "assigned"}, id="who gets it has it assigned"),
        pytest.param([{"assignee": "u", "state": "pending"}], {"state": "pending"}, id="unless it is said"),
        pytest.param(
            [{"state": "pending"}, {"assignee": "u"}], {"state": "pending"}, id="nor one that is further on"
        ),
        pytest.param([{"assignee": "u"}], {"first_responded_at": None}, id="assigned is no response"),
        pytest.param([{"state": "in_progress"}], {"first_responded_at": at(10)}, id="work is one"),
        pytest.param([{"state": "resolved"}], {"first_responded_at": at(10)}, id="so is the end"),
        pytest.param([{"state": "cancelled"}], {"first_responded_at": None}, id="unless nobody looked"),
        pytest.param(
            [{"state": "in_progress"}, {"state": "pending"}], {"first_responded_at": at(10)}, id="the first"
        ),
        pytest.param(
            [{"state": "resolved"}, {"state": "closed"}],
            {"resolved_at": at(10), "closed_at": at(20)},
            id="resolved then, closed now",
        ),
        pytest.param(
            [{"state": "cancelled"}], {"resolved_at": at(10), "closed_at": at(10)}, id="cancelled is both"
        ),
        pytest.param(
            [{"state": "resolved", "resolution_id": "r"}, {"state": "in_progress"}],
            {"resolved_at": None, "closed_at": None, "reopened": 1, "resolution_id": None},
            id="opened again",
        ),
        pytest.param(
            [{"state": "resolved"}, {"state": "in_progress"}] * 2, {"reopened": 2}, id="and once more"
        ),
        pytest.param(
            [{"state": "pending"}],
            {"waiting_for": "customer", "holds": (Hold(at=at(10), why="customer"),)},
            id="pending on the customer",
        ),
        pytest.param(
            [{"state": "pending"}, {"waiting_for": "vendor"}, {"state": "in_progress"}],
            {
                "waiting_for": None,
                "holds": (
                    Hold(at=at(10), until=at(20), why="customer"),
                    Hold(at=at(20), until=at(30), why="vendor"),
                ),
            },
            id="then on the vendor, then on nobody",
        ),
        pytest.param(
            [{"state": "pending"}, {"state": "resolved"}, {"state": "in_progress"}],
            {
                "holds": (
                    Hold(at=at(10), until=at(20), why="customer"),
                    Hold(at=at(20), until=at(30), why="resolved"),
                )
            },
            id="while we took it for resolved nobody could do anything",
        ),
        pytest.param(
            [{"state": "pending"}, {"priority": 1, "priority_reason": "VIP"}],
            {"holds": (Hold(at=at(10), why="customer"),)},
            id="another priority keeps the hold",
        ),
    ],
)
def test_what_is_remembered(steps: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    found = after(*steps)

    assert {name: getattr(found, name) for name in facts} == facts
    assert (found.version, found.updated_at) == (1 + len(steps), at(10 * len(steps)))


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([{"number": "x"}], "number"),
        ([{"opened_at": NOW}], "opened_at"),
        ([{"subject": ""}], "subject"),
        ([{"subject": "x" * 201}], "subject"),
        ([{"description": "x" * 10_001}], "description"),
        ([{"cause": "x" * 10_001}], "cause"),
        ([{"kind": "wish"}], "kind"),
        ([{"impact": 0}], "impact"),
        ([{"urgency": 4}], "urgency"),
        ([{"priority": 1}], "priority_reason"),
        ([{"priority": 6, "priority_reason": "x"}], "priority"),
        ([{"priority": 1, "priority_reason": "x"}, {"priority": 2}], "priority_reason"),
        ([{"priority": 1, "priority_reason": "x" * 201}], "priority_reason"),
        ([{"state": "lost"}], "state"),
        ([{"waiting_for": "vendor"}], "waiting_for"),
        ([{"resolution_id": "r"}], "resolution_id"),
        ([{"parent_id": "i"}], "parent_id"),
        ([{"kind": "problem", "parent_id": "p"}], "parent_id"),
    ],
)
def test_an_incident_that_cannot_be(steps: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(InvalidError) as told:
        after(*steps)
    assert told.value.field == field


# --- joined, undone


def test_an_incident_becomes_a_part_of_another() -> None:
    other = replace(LEAK, id="o")
    part = incidents.merged(after({"state": "pending"}), other, at(30))

    assert (part.state, part.merged_into, part.version) == ("closed", "o", 3)
    assert (part.resolved_at, part.closed_at) == (at(30), at(30))
    assert part.holds == (Hold(at=at(10), until=at(30), why="customer"),)
    with pytest.raises(InvalidError):
        incidents.changed(part, {"subject": "x"}, at(40))


@pytest.mark.parametrize(
    ("one", "into"),
    [(LEAK, LEAK), (LEAK, replace(LEAK, id="o", merged_into="x")), (replace(LEAK, merged_into="x"), LEAK)],
)
def test_what_is_joined_already_is_not_joined(one: Incident, into: Incident) -> None:
    with pytest.raises(InvalidError):
        incidents.merged(one, into, at(1))


@given(st.sampled_from([{"state": "resolved"}, {"impact": 1}, {"assignee": "u"}, {"state": "pending"}]))
def test_what_is_undone_never_was(step: dict[str, Any]) -> None:
    changed = incidents.changed(LEAK, step, at(1))
    back = incidents.restored(LEAK, changed, at(2))

    assert replace(back, version=1, updated_at=NOW) == LEAK
    assert (back.version, back.updated_at) == (3, at(2))


def test_what_changed_is_told_field_by_field() -> None:
    assert what_changed(LEAK, after({"state": "pending", "subject": "Gas"})) == {
        "state": ["new", "pending"],
        "subject": ["Leak", "Gas"],
        "waiting_for": [None, "customer"],
    }


def test_a_text_is_kept_without_the_blanks_around_it() -> None:
    assert checked_text(" Rang back.\n") == "Rang back."


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001])
def test_some_texts_are_none(text: str) -> None:
    with pytest.raises(InvalidError):
        checked_text(text)


# --- what is chosen

COLD = Choice(id="c", kind="category", name_es="Frío", name_en="Cold")
ROOMS = Choice(id="r", kind="category", name_es="Cámaras", name_en="Chambers", parent_id="c")
TEAM = Choice(id="t", kind="team", name_es="Taller", name_en="Workshop")
TREE = {one.id: one for one in (COLD, ROOMS, TEAM)}


def test_categories_are_a_tree() -> None:
    doors = Choice(id="d", kind="category", name_es="Puertas", name_en="Doors", parent_id="r")

    assert checked_choice(doors, TREE) is doors
    assert checked_choice(COLD, {}) is COLD
    assert path_of(doors, TREE) == [COLD, ROOMS, doors]
    told = in_order([doors, ROOMS, COLD], "es")
    assert [name for _, name in told] == ["Frío", "Frío › Cámaras", "Frío › Cámaras › Puertas"]
    assert in_order([COLD], "en") == [(COLD, "Cold")]


def test_a_path_that_bites_its_tail_ends() -> None:
    ring = {"a": replace(COLD, id="a", parent_id="b"), "b": replace(COLD, id="b", parent_id="a")}

    assert [one.id for one in path_of(ring["a"], ring)] == ["b", "a"]


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (replace(COLD, name_es=" "), "name_es"),
        (replace(COLD, name_en="x" * 81), "name_en"),
        (replace(TEAM, parent_id="c"), "parent_id"),
        (replace(COLD, parent_id="nobody"), "parent_id"),
        (replace(COLD, parent_id="t"), "parent_id"),
        (replace(COLD, parent_id="r"), "parent_id"),
    ],
)
def test_a_choice_that_cannot_be(choice: Choice, field: str) -> None:
    with pytest.raises(InvalidError) as told:
        checked_choice(choice, TREE)
    assert told.value.field == field


def test_a_tree_grows_five_levels_high() -> None:
    levels = [replace(COLD, id=str(n), parent_id=str(n - 1) if n else None) for n in range(6)]

    assert checked_choice(levels[4], {one.id: one for one in levels[:4]})
    with pytest.raises(InvalidError):
        checked_choice(levels[5], {one.id: one for one in levels[:5]})
