"""Incidents: opened once, found, changed by who is up to date."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_call, a_contact, at

from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import IncidentOpened, IncidentUpdated
from crm_core.domain.incident_lists import Order, Wanted
from crm_core.domain.incidents import Incident
from crm_core.domain.people import User
from crm_core.services import incident_lists, incidents, users

LUIS = User(id="u1", name="luis", full_name="Luis Gil", role="agent", agent="101")


async def change(
    house: House, opened: Incident, *, version: int | None = None, now: Any = NOW, **changes: Any
) -> Incident:
    after: Incident = await house.db.run(
        incidents.change,
        incident_id=opened.id,
        version=version or opened.version,
        changes=changes,
        by="ana",
        now=now,
    )
    return after


async def found(house: House, *, order: Order = "newest", place: Any = None, **asked: Any) -> list[str]:
    limit = asked.pop("limit", 50)
    listed = await house.db.read(
        incident_lists.find, wanted=Wanted(**asked), order=order, place=place, limit=limit
    )
    return [one.incident.number for one in listed]


async def test_an_incident_is_opened_from_a_live_call(house: House) -> None:
    account = await house.add(a_contact("ana", company="Acme"))
    opened = await house.incident(contact_id="ana", call_id="live", subject=" No sound ", priority=2)

    assert (opened.number, opened.subject, opened.state, opened.priority) == (
        "INC-10001",
        "No sound",
        "new",
        2,
    )
    assert (opened.contact_id, opened.account_id, opened.call_id) == ("ana", account.account_id, "live")
    assert await house.db.read(incidents.get, incident_id=opened.id) == opened
    assert house.heard[-1] == IncidentOpened(
        at=NOW, by="ana", incident_id=opened.id, call="live", contact_id="ana"
    )


async def test_asked_twice_it_is_opened_once(house: House) -> None:
    first = await house.incident("key")

    assert await house.incident("key", subject="Other") == first
    assert len(house.heard) == 1
    assert (await house.incident("other")).number == "INC-10002"


async def test_without_a_contact_it_is_the_call_s(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.record(a_call(0))

    opened = await house.incident(call_id=a_call(0).id)

    assert opened.contact_id == "ana"
    assert (await house.call(a_call(0).id)).incident_ids == [opened.id]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"contact_id": "nobody"}, NotFoundError),
        ({"subject": "  "}, InvalidError),
        ({"subject": "x" * 201}, InvalidError),
        ({"priority": 6}, InvalidError),
    ],
)
async def test_what_cannot_be_opened_is_not(
    house: House, wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await house.incident(**wrong)
    assert await found(house) == []


async def test_incidents_are_found(house: House) -> None:
    await house.db.run(users.add_user, user=LUIS)
    await house.add(a_contact("ana"))
    first = await house.incident("1", contact_id="ana", now=at(1))
    second = await house.incident("2", now=at(2))
    third = await house.incident("3", contact_id="ana", now=at(3))
    await change(house, second, assignee="u1")
    await change(house, third, state="resolved", assignee="u1")

    assert await found(house) == [third.number, second.number, first.number]
    assert await found(house, contact_id="ana") == [third.number, first.number]
    assert await found(house, assignee="u1") == [third.number, second.number]
    assert await found(house, only_open=True) == [second.number, first.number]
    assert await found(house, contact_id="ana", only_open=True) == [first.number]
    assert await found(house, assignee="u1", only_open=True) == [second.number]
    assert await found(house, limit=1) == [third.number]
    assert await found(house, place=(at(3), third.id)) == [second.number, first.number]
    assert await found(house, contact_id="ana", place=(at(3), third.id)) == [first.number]


async def test_an_incident_is_changed(house: House) -> None:
    await house.db.run(users.add_user, user=LUIS)
    opened = await house.incident()

    after = await change(house, opened, now=at(5), assignee="u1", impact=1, urgency=1, description="x")

    assert (after.state, after.priority, after.description, after.version) == ("assigned", 1, "x", 2)
    assert (after.updated_at, after.opened_at) == (at(5), NOW)
    assert await house.db.read(incidents.get, incident_id=opened.id) == after
    assert house.heard[-1] == IncidentUpdated(at=at(5), by="ana", incident_id=opened.id, version=2)


async def test_a_change_of_nothing_is_none(house: House) -> None:
    opened = await house.incident()

    assert await change(house, opened, now=at(5), priority=3) == opened
    assert len(house.heard) == 1


async def test_who_was_slower_gets_the_newer_incident(house: House) -> None:
    opened = await house.incident()
    newer = await change(house, opened, impact=1)

    with pytest.raises(VersionConflictError) as told:
        await change(house, opened, impact=3)
    assert told.value.newer == newer


async def test_an_incident_that_is_not_there(house: House) -> None:
    opened = await house.incident()

    with pytest.raises(NotFoundError):
        await house.db.read(incidents.get, incident_id="x")
    with pytest.raises(InvalidError):
        await change(house, opened, number="INC-1")
