"""Repairs: every pair of states, and what stays of the steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_core.domain.errors import InvalidError
from crm_core.domain.repairs import (
    REPAIR_STATES,
    Repair,
    RepairState,
    Step,
    begun,
    changed,
    number_of,
    sequence_of,
    taken_back,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALLOWED = {
    "received diagnosed",
    "received refused",
    "diagnosed waiting_parts",
    "diagnosed waiting_customer",
    "diagnosed repaired",
    "diagnosed refused",
    "diagnosed scrapped",
    "waiting_parts waiting_customer",
    "waiting_parts repaired",
    "waiting_parts refused",
    "waiting_parts scrapped",
    "waiting_customer waiting_parts",
    "waiting_customer repaired",
    "waiting_customer refused",
    "waiting_customer scrapped",
    "repaired returned",
    "repaired diagnosed",
    "refused returned",
    "scrapped returned",
}


def a_repair(state: RepairState = "received") -> Repair:
    return Repair(
        id="r", number="RMA-10001", asset_id="a", fault="Does not start", received_at=NOW, state=state
    )


@pytest.mark.parametrize("to", REPAIR_STATES)
@pytest.mark.parametrize("state", REPAIR_STATES)
def test_each_step(state: RepairState, to: RepairState) -> None:
    if state == to:
        assert changed(a_repair(state), {"state": to}, by="eva", now=NOW) == a_repair(state)
    elif f"{state} {to}" in ALLOWED:
        after = changed(a_repair(state), {"state": to}, by="eva", now=NOW)
        assert (after.state, after.steps, after.version) == (to, (Step(state=to, at=NOW, by="eva"),), 2)
    else:
        with pytest.raises(InvalidError, match="does not follow") as told:
            changed(a_repair(state), {"state": to}, by="eva", now=NOW)
        assert (told.value.field, told.value.fault) == ("state", "no_such_step")


def test_its_life_is_told_with_times_and_people() -> None:
    one = begun(a_repair(), by="ana", now=NOW)
    for n, state in enumerate(("diagnosed", "waiting_customer", "repaired", "returned"), start=1):
        assert one.is_open
        one = changed(one, {"state": state}, by="eva", now=NOW + n * HOUR)
    assert not one.is_open
    assert [(step.state, step.at, step.by) for step in one.steps] == [
        ("received", NOW, "ana"),
        ("diagnosed", NOW + HOUR, "eva"),
        ("waiting_customer", NOW + 2 * HOUR, "eva"),
        ("repaired", NOW + 3 * HOUR, "eva"),
        ("returned", NOW + 4 * HOUR, "eva"),
    ]


def test_a_step_is_taken_back_but_not_the_first() -> None:
    one = changed(begun(a_repair(), by="ana", now=NOW), {"state": "diagnosed"}, by="eva", now=NOW)
    back = taken_back(one)
    assert (back.state, len(back.steps), back.version) == ("received", 1, 3)
    with pytest.raises(InvalidError, match="no step"):
        taken_back(back)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"fault": " "}, "fault"), ({"note": "x" * 4001}, "note"), ({"asset_id": "b"}, "asset_id")],
)
def test_what_cannot_be(changes: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidError) as told:
        changed(a_repair(), changes, by="eva", now=NOW)
    assert told.value.field == field


def test_how_it_is_called() -> None:
    assert (number_of(1), sequence_of("RMA-10001")) == ("RMA-10001", 1)
