"""Users as an administrator keeps them, and teams."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, at
from contract.crm_core.test_reports import TARGET, answered, found, stay, visiting

from crm_core.domain.audit import Wanted as Deeds
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.lines import Line
from crm_core.domain.people import User
from crm_core.domain.teams import Team
from crm_core.services import audit, lines, reports, staff, teams, users

BEA = User(id="bea", name="bea", full_name="Bea Alcántara", role="administrator", password_hash="secret")
ANA = User(id="ana", name="ana", full_name="Ana Ruiz", role="agent", agent="101", seat="main:PJSIP/101")
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
async def people(house: House) -> None:
    for user in (BEA, ANA):
        await house.db.run(users.add_user, user=user)


async def change(
    house: House, who: str, *, version: int = 1, by: str = "bea", **changes: Any
) -> staff.Changed:
    done: staff.Changed = await house.db.run(
        staff.change, user_id=who, version=version, changes=changes, by=by, address="192.0.2.1", now=NOW
    )
    return done


async def a_team(house: House, *members: str, lead: str | None = None, name: str = "Taller") -> Team:
    fields = {"name_es": name, "name_en": "Workshop", "members": members, "lead": lead}
    made: Team = await house.db.run(teams.add, fields=fields, by="bea", now=NOW)
    return made


async def test_users_are_shown_without_their_passwords(house: House) -> None:
    team = await a_team(house, "ana")
    shown = await house.db.read(staff.every)
    assert [(one.id, one.teams) for one in shown] == [("ana", (team.id,)), ("bea", ())]
    assert not any("secret" in str(one) for one in shown)
    with pytest.raises(VersionConflictError) as conflict:
        await change(house, "bea", version=7, full_name="B")
    assert "secret" not in str(conflict.value.newer)


async def test_a_change_is_kept_and_told(house: House) -> None:
    done = await change(house, "ana", full_name="Ana Gil", role="supervisor", agent=None)
    now = done.colleague
    assert (now.full_name, now.role, now.agent, now.seat, now.version) == (
        "Ana Gil",
        "supervisor",
        None,
        None,
        2,
    )
    assert await house.db.read(staff.get, user_id="ana") == now
    (deed,) = await house.db.read(audit.find, wanted=Deeds(what="user changed"), limit=9)
    assert deed.entry.changes == {"full_name": None, "role": ("agent", "supervisor"), "agent": None}
    assert (deed.entry.record_id, deed.entry.address) == ("ana", "192.0.2.1")


@pytest.mark.parametrize(
    ("who", "by", "changes", "fault"),
    [
        pytest.param("bea", "bea", {"is_active": False}, "oneself", id="oneself"),
        pytest.param("bea", "ana", {"is_active": False}, "last_administrator", id="the last one, off"),
        pytest.param("bea", "bea", {"role": "agent"}, "last_administrator", id="the last one, as another"),
        pytest.param("ana", "bea", {"teams": (NOBODY,)}, "unknown", id="no such team"),
        pytest.param("ana", "bea", {"seat": "somewhere"}, "invalid", id="no seat"),
    ],
)
async def test_what_cannot_be(house: House, who: str, by: str, changes: dict[str, Any], fault: str) -> None:
    before = await house.db.read(staff.every)
    with pytest.raises(InvalidError) as refused:
        await change(house, who, by=by, **changes)
    assert refused.value.fault == fault
    assert await house.db.read(staff.every) == before


async def test_another_administrator_may_take_over(house: House) -> None:
    await change(house, "ana", role="administrator")
    done = await change(house, "bea", by="ana", is_active=False)
    assert not done.colleague.is_active


async def test_a_code_and_a_name_are_given_once(house: House) -> None:
    for changes in ({"agent": "101"}, {"name": "ana"}):
        with pytest.raises(AlreadyExistsError):
            await change(house, "bea", **changes)


async def test_nobody_there(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.db.read(staff.get, user_id="no")
    with pytest.raises(NotFoundError):
        await change(house, "no", full_name="N")
    with pytest.raises(NotFoundError):
        await house.db.run(
            teams.change, team_id=NOBODY, version=1, changes={"name_es": "x"}, by="bea", now=NOW
        )


async def test_teams_are_changed_from_both_sides(house: House) -> None:
    team = await a_team(house, "ana", "bea", lead="ana")
    assert (team.members, team.lead) == (("ana", "bea"), "ana")
    await change(house, "bea", teams=())
    (kept,) = await house.db.read(teams.every)
    assert (kept.members, kept.lead) == (("ana",), "ana")
    without = {"members": ("bea",), "is_active": False}
    after = await house.db.run(teams.change, team_id=team.id, version=1, changes=without, by="bea", now=at(1))
    assert (after.members, after.lead, after.is_active, after.version) == (("bea",), None, False, 2)
    assert (await house.db.read(staff.get, user_id="ana")).teams == ()


async def test_a_team_is_of_those_who_are_there(house: House) -> None:
    for members, lead, field in ((("ana", "no"), None, "members.1"), (("ana",), "bea", "lead")):
        with pytest.raises(InvalidError) as refused:
            await a_team(house, *members, lead=lead)
        assert refused.value.field == field
    assert await house.db.read(teams.every) == []


async def test_a_queue_promises_its_own(house: House) -> None:
    """By hand: 20.5 s is late for all, in time where a queue says 30; 9 s is short for one that says 10."""
    team = await a_team(house)
    for call in (answered(0, 20.5), visiting(100, stay(100, "abandoned", 9.0))):
        await house.record(call)
    queue = answered(0).visits[0].queue
    own = Line(
        pbx="main", kind="queue", code=queue, name="Q", within_s=30, short_abandon_s=10, team_id=team.id
    )
    asked: dict[str, Any] = {"since": [NOW - timedelta(days=1)], "target": TARGET}
    ((as_all,),) = await house.db.read(reports.tallies, **asked)
    assert (as_all.tally.in_time, as_all.tally.abandoned, as_all.tally.short_abandoned) == (0, 1, 0)
    assert len(await found(house, figure="in_time")) == 0
    await house.db.run(lines.put, line=own, version=None, by="bea", now=NOW)
    ((as_said,),) = await house.db.read(reports.tallies, **asked)
    assert (as_said.tally.in_time, as_said.tally.abandoned, as_said.tally.short_abandoned) == (1, 0, 1)
    assert len(await found(house, figure="in_time")) == len(await found(house, figure="short_abandoned")) == 1


async def test_only_queues_promise(house: House) -> None:
    number = Line(pbx="main", kind="did", code="957", name="N", within_s=30)
    nobodys = Line(pbx="main", kind="queue", code="q", name="Q", team_id=NOBODY)
    for line, field in ((number, "within_s"), (nobodys, "team_id")):
        with pytest.raises(InvalidError) as refused:
            await house.db.run(lines.put, line=line, version=None, by="bea", now=NOW)
        assert refused.value.field == field
