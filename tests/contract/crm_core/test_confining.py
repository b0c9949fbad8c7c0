"""Who is confined to his teams, and what belongs to them."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, at
from msgspec.structs import replace

from crm_core.domain.confines import Confines
from crm_core.domain.errors import InvalidError
from crm_core.domain.lines import Line
from crm_core.domain.people import Role, Session, User
from crm_core.services import confining, lines, staff, teams, users

SARA = User(id="sara", name="sara", full_name="Sara", role="supervisor", agent="120", is_confined=True)
PEOPLE = (
    SARA,
    User(id="ana", name="ana", full_name="Ana", role="agent", agent="101"),
    User(id="luis", name="luis", full_name="Luis", role="agent", agent="102"),
    User(id="bea", name="bea", full_name="Bea", role="administrator"),
)
QUEUES = (("main", "ventas", 0), ("spare", "ventas", 1), ("main", "soporte", 1), ("main", "libre", None))


async def team(house: House, *members: str) -> str:
    fields = {"name_es": "Equipo", "name_en": "Team", "members": members, "lead": None}
    made: str = (await house.db.run(teams.add, fields=fields, by="bea", now=NOW)).id
    return made


@pytest.fixture
async def made(house: House) -> list[str]:
    for one in PEOPLE:
        await house.db.run(users.add_user, user=one)
    ids = [await team(house, "sara", "ana"), await team(house, "luis")]
    for pbx, code, n in QUEUES:
        line = Line(pbx=pbx, kind="queue", code=code, name=code, team_id=None if n is None else ids[n])
        await house.db.run(lines.put, line=line, version=None, by="bea", now=NOW)
    return ids


async def test_what_belongs_to_the_teams_of_somebody(house: House, made: list[str]) -> None:
    for key, user_id in (("s", "sara"), ("l", "luis")):
        session = Session(id=key, user_id=user_id, created_at=NOW, seen_at=NOW)
        await house.db.run(users.open_session, session=session)
    found = {one.session.id: one.within for one in await house.db.read(confining.signed_in, ids=["s", "l"])}
    assert found == {
        "s": Confines(
            user="sara",
            teams=frozenset(made[:1]),
            people=frozenset(("sara", "ana")),
            agents=frozenset(("120", "101")),
            queues=frozenset((("main", "ventas"),)),
        ),
        "l": None,
    }
    assert await house.db.read(confining.signed_in, ids=[]) == []


async def test_who_is_in_two_teams_and_who_is_in_none(house: House, made: list[str]) -> None:
    await change(house, "sara", 1, teams=made)
    both = await house.db.read(confining.confines_of, user=SARA)
    assert both is not None
    assert (both.agents, both.queues) == (
        {"120", "101", "102"},
        {("main", "ventas"), ("spare", "ventas"), ("main", "soporte")},
    )
    await change(house, "sara", 2, teams=())
    alone = await house.db.read(confining.confines_of, user=SARA)
    assert alone == Confines(user="sara", people=frozenset(("sara",)), agents=frozenset(("120",)))


async def change(house: House, who: str, version: int, **changes: Any) -> staff.Changed:
    done: staff.Changed = await house.db.run(
        staff.change,
        user_id=who,
        version=version,
        changes=changes,
        by="bea",
        address="192.0.2.1",
        now=at(1),
    )
    return done


@pytest.mark.parametrize(
    ("role", "may_be"),
    [
        ("agent", True),
        ("supervisor", True),
        ("auditor", True),
        ("administrator", False),
        ("integration", False),
    ],
)
async def test_whom_one_may_confine(house: House, made: list[str], role: Role, *, may_be: bool) -> None:
    assert made
    if may_be:
        done = await change(house, "luis", 1, role=role, is_confined=True)
        assert done.colleague.is_confined
        return
    with pytest.raises(InvalidError) as refused:
        await change(house, "luis", 1, role=role, is_confined=True)
    assert (refused.value.field, refused.value.fault) == ("is_confined", "not_confinable")
    with pytest.raises(InvalidError):
        await change(house, "sara", 1, role=role)
    assert (await change(house, "sara", 1, role=role, is_confined=False)).colleague.role == role


async def test_nobody_new_is_confined_unasked(house: House, made: list[str]) -> None:
    assert made
    await house.db.run(
        staff.add,
        user=replace(SARA, id="n", name="n", agent=None, is_confined=False),
        teams=(),
        by="bea",
        address=None,
        now=NOW,
    )
    assert not (await house.db.read(staff.get, user_id="n")).is_confined


async def test_whom_a_provider_made_an_administrator_is_not_confined_while_he_is_one(
    house: House, made: list[str]
) -> None:
    assert made
    chief = replace(SARA, role="administrator")
    assert await house.db.read(confining.confines_of, user=chief) is None
    assert await house.db.read(confining.confines_of, user=SARA) is not None
