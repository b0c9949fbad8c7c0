"""What who is confined to his teams sees: the database finds what the domain says of each record."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_call, at
from contract.crm_core.test_reports import TARGET, stay

from crm_core.domain.calls import Attempt, Call
from crm_core.domain.confines import Confines
from crm_core.domain.incident_lists import Wanted as WantedIncidents
from crm_core.domain.people import User
from crm_core.domain.search import Wanted
from crm_core.domain.tasks import Task, is_seen
from crm_core.domain.tasks import Wanted as WantedTasks
from crm_core.services import callbacks, incident_lists, reports, search, tasks, teams, users

ALONE = Confines(user="eva", people=frozenset(("eva",)))
SALES = Confines(
    user="eva",
    teams=frozenset(("t",)),
    people=frozenset(("eva", "ana")),
    agents=frozenset(("101", "102")),
    queues=frozenset((("main", "sales"), ("spare", "support"))),
)
WAYS = {"main": "sales", "spare": "support"}


def rung(agent: str, result: Any) -> Attempt:
    return Attempt(interface=f"PJSIP/agent{agent}", agent=agent, started_at=NOW, ring_s=3.0, result=result)


def every_kind() -> list[Call]:
    """Return calls of each exchange through each queue or none, by each agent, taken and missed."""
    told = []
    for n, (pbx, queue, agent, outcome) in enumerate(
        product(WAYS, ("sales", "support", None), ("101", "199"), ("answered", "abandoned"))
    ):
        visits = [stay(n * 60, "abandoned", 3.0, queue)] if queue else []
        result = "answered" if outcome == "answered" else "no_answer"
        told.append(a_call(n * 60, pbx=pbx, agent=agent, visits=visits, attempts=[rung(agent, result)]))
    return told


async def test_calls(house: House) -> None:
    told = every_kind()
    await house.record(*told)
    for within in (SALES, ALONE):
        found = await house.db.read(
            reports.find, wanted=Wanted(within=within), target=TARGET, before=None, limit=99
        )
        assert {one.id for one in found} == {one.id for one in told if within.sees_call(one)}
    # By the queues main:sales and spare:support 8 of 24; of the other 16 those of agent 101.
    assert sum(map(SALES.sees_call, told)) == 8 + 8
    assert sum(map(ALONE.sees_call, told)) == 0


async def test_with_what_else_is_looked_for(house: House) -> None:
    await house.record(*every_kind())
    found = await house.db.read(
        reports.find,
        wanted=Wanted(within=SALES, agent="199", queue="support"),
        target=TARGET,
        before=None,
        limit=99,
    )
    assert {(one.pbx, one.visits[0].queue) for one in found} == {("spare", "support")}


async def test_callbacks(house: House) -> None:
    told = every_kind()
    untouched = a_call(9_000, agent=None, visits=[], segments=[], outcome="abandoned")
    await house.record(*told, untouched)
    seen: dict[str, bool] = {}
    for n, call in enumerate([*told, untouched]):
        asked = {"number": f"+3460000{n:04}", "call_id": call.id, "did": None, "due_at": at(n), "now": NOW}
        made = await house.db.run(callbacks.ask, **asked)
        seen[made.id] = call is untouched or SALES.sees_call(call)
    listed = await house.db.read(callbacks.waiting, limit=99, within=SALES)
    assert {one.id for one in listed} == {key for key, is_his in seen.items() if is_his}
    for key, is_his in seen.items():
        assert await house.db.read(callbacks.sees, callback_id=key, within=SALES) is is_his
    assert await house.db.read(callbacks.sees, callback_id="none", within=SALES)


@pytest.fixture
async def people(house: House) -> list[str]:
    """Add who works here, and return the ids of two teams; the first is that of ``SALES``."""
    for key in ("eva", "ana", "luis"):
        user = User(id=key, name=key, full_name=key.title(), role="agent")
        await house.db.run(users.add_user, user=user)
    made = []
    for name in ("Ventas", "Soporte"):
        fields = {"name_es": name, "name_en": name, "members": (), "lead": None}
        made.append((await house.db.run(teams.add, fields=fields, by="bea", now=NOW)).id)
    return made


def of_team(team_id: str) -> Confines:
    return Confines(
        user="eva", teams=frozenset((team_id,)), people=SALES.people, agents=SALES.agents, queues=SALES.queues
    )


async def test_incidents_and_their_search(house: House, people: list[str]) -> None:
    made = [
        await house.incident(f"k{n}", subject="Gotera", team_id=team_id, assignee=assignee)
        for n, (team_id, assignee) in enumerate(product((*people, None), ("eva", "luis", None)))
    ]
    for within in (of_team(people[0]), ALONE):
        seen = {one.id for one in made if within.sees_incident(one)}
        wanted = WantedIncidents(within=within)
        found = await house.db.read(incident_lists.find, wanted=wanted, limit=99)
        assert {one.incident.id for one in found} == seen
        assert await house.db.read(incident_lists.count, wanted=wanted) == len(seen)
        for q in ("gotera", "goter"):
            (group,) = await house.db.read(
                search.everywhere, q=q, kinds=["incident"], limit=3, region=REGION, within=within
            )
            rest = await house.db.read(
                search.of_kind, q=q, kind="incident", after=group.next, limit=9, region=REGION, within=within
            )
            assert len(group.items) == 3
            assert sorted(one.id for one in (*group.items, *rest.items)) == sorted(seen)
    # Of the first team and of none three each; of the other one eva's own.
    assert sum(of_team(people[0]).sees_incident(one) for one in made) == 3 + 3 + 1
    assert sum(ALONE.sees_incident(one) for one in made) == 3 + 1 + 1


async def test_tasks(house: House, people: list[str]) -> None:
    within, draw = of_team(people[0]), Random(5)
    reported = [await house.incident(f"k{n}", team_id=team_id) for n, team_id in enumerate((*people, None))]
    made = []
    for n, (assignee, by, incident) in enumerate(
        product(("eva", "ana", "luis", None), ("eva", "luis"), (None, *reported))
    ):
        task = Task(
            id=f"t{n}",
            title="x",
            due_at=at(draw.randrange(9)),
            created_at=NOW,
            assignee=assignee,
            created_by=by,
            incident_id=incident.id if incident else None,
        )
        await house.db.run(tasks.add, task=task, by=by, now=NOW)
        made.append((task, incident))
    seen = {task.id for task, incident in made if is_seen(task, incident, within)}
    found = await house.db.read(tasks.find, wanted=WantedTasks(within=within), limit=99)
    assert {one.task.id for one in found} == seen
    assert await house.db.read(tasks.count, wanted=WantedTasks(within=within)) == len(seen)
    for task, _ in made:
        assert await house.db.read(tasks.sees, task_id=task.id, within=within) is (task.id in seen)
    # Theirs 2 x 2 x 4; what eva noted for luis 4; what nobody has and she noted 4; what luis noted, all but
    # that of the other team's incident.
    assert len(seen) == 16 + 4 + 4 + 3
