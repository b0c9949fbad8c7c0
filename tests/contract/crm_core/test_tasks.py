"""Tasks are kept, found by whose they are and by when, done and taken back, and go with the person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contract.crm_core.kit import House, a_call, a_contact, at
from contract.crm_core.test_erasure import erase

from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import TaskChanged
from crm_core.domain.people import User
from crm_core.domain.tasks import Listed, Task, Wanted
from crm_core.domain.teams import Member
from crm_core.services import handing_out, service_levels, tasks, users


async def add(house: House, key: str, *, due: float = 0, **more: Any) -> Task:
    facts = {"id": key, "title": f"Task {key}", "due_at": at(due), "created_at": at(0), "created_by": "eva"}
    one: Task = await house.db.run(tasks.add, task=Task(**facts | more), by="eva", now=at(0))
    return one


async def found(house: House, **wanted: Any) -> list[str]:
    listed = await house.db.read(tasks.find, wanted=Wanted(**wanted), limit=9)
    assert await house.db.read(tasks.count, wanted=Wanted(**wanted)) == len(listed)
    return [one.task.id for one in listed]


async def people(house: House) -> None:
    for key, role in (("ana", "agent"), ("eva", "supervisor"), ("off", "agent")):
        one = User(id=key, name=key, full_name=key.title(), role=role, is_active=key != "off")
        await house.db.run(users.add_user, user=one)


async def test_a_task_of_an_incident_is_its_customer_s(house: House) -> None:
    await people(house)
    await house.company("acme", "Acme")
    await house.add(a_contact("c1", company="Acme"))
    incident = await house.incident(contact_id="c1")
    one = await add(house, "t1", incident_id=incident.id, assignee="ana", note="soon")
    assert (one.contact_id, one.account_id) == ("c1", "acme")
    assert await house.db.read(tasks.get, task_id="t1") == one
    assert await house.db.read(tasks.find, wanted=Wanted(), limit=9) == [
        Listed(task=one, contact="Ana Ruiz", account="Acme", incident=incident.number, assignee="Ana")
    ]
    assert [one for one in house.heard if isinstance(one, TaskChanged)] == [
        TaskChanged(at=at(0), by="eva", task_id="t1", version=1)
    ]


async def test_a_task_of_a_call_is_its_customer_s(house: House) -> None:
    await house.add(a_contact("c1", numbers=["957212000"]))
    call = a_call(0)
    await house.record(call)
    live = "00000000-0000-7000-8000-00000000000f"
    assert (await add(house, "t1", call_id=call.id)).contact_id == (await house.call(call.id)).contact_id
    assert (await add(house, "t2", call_id=live)).contact_id is None


async def test_they_are_found_by_whose_they_are_and_by_when(house: House) -> None:
    await people(house)
    await house.add(a_contact("c1"))
    await add(house, "b", due=20, assignee="ana")
    await add(house, "a", due=20, contact_id="c1")
    await add(house, "c", due=10, assignee="eva")
    assert await found(house) == ["c", "a", "b"]
    assert await found(house, assignee="ana") == ["b"]
    assert await found(house, is_unassigned=True) == ["a"]
    assert await found(house, contact_id="c1") == ["a"]
    assert await found(house, due_before=at(20)) == ["c"]
    behind = await house.db.read(tasks.find, wanted=Wanted(), place=(at(20), "a"), limit=9)
    assert [one.task.id for one in behind] == ["b"]


async def test_my_teams_are_all_who_are_in_one_with_me(house: House) -> None:
    await people(house)
    named = {"kind": "team", "name_es": "Taller", "name_en": "Workshop"}
    team = await house.db.run(service_levels.add_choice, fields=named, by="eva", now=at(0))
    both = [Member(team.id, key, is_lead=False) for key in ("ana", "eva")]
    await house.db.run(lambda uow: uow.teams.keep(team.id, both))
    await add(house, "a", assignee="ana")
    await add(house, "b")
    assert await found(house, team_of="eva") == ["a"]
    assert await found(house, team_of="off") == []


async def test_done_and_taken_back(house: House) -> None:
    await add(house, "a")
    await add(house, "b")
    for n, key in enumerate("ab"):
        changes = {"is_done": True}
        await house.db.run(tasks.change, task_id=key, version=1, changes=changes, by="ana", now=at(n))
    assert await found(house) == []
    assert await found(house, is_open=False) == ["b", "a"]
    behind = await house.db.read(tasks.find, wanted=Wanted(is_open=False), place=(at(1), "b"), limit=9)
    assert [one.task.id for one in behind] == ["a"]
    back = {"task_id": "a", "changes": {"is_done": False}, "by": "ana", "now": at(9)}
    with pytest.raises(VersionConflictError):
        await house.db.run(tasks.change, version=1, **back)
    assert (await house.db.run(tasks.change, version=2, **back)).done_at is None
    heard = len(house.heard)
    assert (await house.db.run(tasks.change, version=3, **back)).version == 3
    assert (await found(house), len(house.heard)) == (["a"], heard)


@pytest.mark.parametrize(
    "named",
    [{"contact_id": "x"}, {"account_id": "x"}, {"incident_id": "x"}, {"assignee": "x"}, {"assignee": "off"}],
)
async def test_what_a_task_names_is_there(house: House, named: dict[str, str]) -> None:
    await people(house)
    with pytest.raises(InvalidError) as told:
        await add(house, "a", **named)
    assert (told.value.field, told.value.fault) == (next(iter(named)), "unknown")
    with pytest.raises(NotFoundError):
        await house.db.run(tasks.change, task_id="a", version=1, changes={}, by="ana", now=at(0))


async def test_who_is_erased_leaves_no_task(house: House) -> None:
    await house.add(a_contact("zq", "Zoraida", "Quintanilla", numbers=["957212345"]))
    await house.add(a_contact("ana", numbers=["957212000"]))
    hers = a_call(0, customer="+34957212345")
    await house.record(hers)
    incident = await house.incident(contact_id="zq")
    await add(house, "of her", contact_id="zq")
    await add(house, "of her incident", incident_id=incident.id)
    await house.db.run(
        lambda uow: uow.tasks.add(
            Task(id="of a live call of hers", title="x", due_at=at(0), call_id=hers.id, created_at=at(0))
        )
    )
    await add(house, "of Ana", contact_id="ana")
    handed = await house.db.read(handing_out.gather, contact_id="zq", now=at(50) + timedelta(seconds=1))
    assert {one.id for one in handed.tasks} == {"of her", "of her incident"}
    await erase(house)
    assert await found(house) == ["of Ana"]
