"""What is asked of a list is kept under a name: shared, changed, taken away, brought back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
from contract.crm_core.kit import NOW, House, a_contact, at
from contract.crm_core.test_erasure import erase

from crm_core.domain.audit import Wanted
from crm_core.domain.errors import InvalidError, NotAllowedError, NotFoundError, VersionConflictError
from crm_core.domain.people import User
from crm_core.domain.saved_views import FORGOTTEN, MOST_OWN, ListPage, Reader, SavedView
from crm_core.domain.teams import Member
from crm_core.services import audit, saved_views, service_levels, users

ALL = frozenset(get_args(ListPage))
ANA, BEA = Reader(user="ana", pages=ALL), Reader(user="bea", pages=ALL)
EVA = Reader(user="eva", pages=ALL, may_share=True)


async def keep(house: House, key: str, who: Reader = ANA, **more: Any) -> SavedView:
    facts = {"page": "incidents", "name": key, "owner": who.user, "created_at": NOW, "updated_at": NOW}
    view = SavedView(id=key, **(facts | more))
    kept: SavedView = await house.db.run(saved_views.keep, view=view, who=who, now=NOW)
    return kept


async def put(house: House, key: str, version: int, who: Reader = ANA, **changes: Any) -> SavedView:
    after: SavedView = await house.db.run(
        saved_views.change, view_id=key, version=version, changes=changes, who=who, now=at(version)
    )
    return after


async def seen(house: House, who: Reader, page: str = "incidents") -> list[str]:
    return [one.view.id for one in await house.db.read(saved_views.of_page, page=page, who=who)]


async def team(house: House, *members: str) -> str:
    named = {"kind": "team", "name_es": "Taller", "name_en": "Workshop"}
    made = await house.db.run(service_levels.add_choice, fields=named, by="eva", now=NOW)
    for one in members:
        user = User(id=one, name=one, full_name=one, role="agent")
        await house.db.run(users.add_user, user=user)
    joined = [Member(made.id, one, is_lead=False) for one in members]
    await house.db.run(lambda uow: uow.teams.keep(made.id, joined))
    return str(made.id)


async def test_a_view_of_one_s_own_is_nobody_else_s(house: House) -> None:
    one = await keep(house, "late", query={"state": "pending"})
    assert await house.db.read(saved_views.get, view_id="late", who=ANA) == one
    assert (await seen(house, ANA), await seen(house, BEA), await seen(house, EVA)) == (["late"], [], [])
    for deed in (saved_views.remove, saved_views.change):
        more = {"changes": {"name": "x"}} if deed is saved_views.change else {}
        with pytest.raises(NotFoundError):
            await house.db.run(deed, view_id="late", version=1, who=EVA, now=NOW, **more)
    assert await seen(house, Reader(user="ana", pages=frozenset(("calls",)))) == []


async def test_it_is_changed_by_who_is_up_to_date(house: House) -> None:
    await keep(house, "late", query={"state": "pending"})
    after = await put(house, "late", 1, query={"state": "new"}, name="New ones")
    assert (after.name, after.query, after.version, after.updated_at) == (
        "New ones",
        {"state": "new"},
        2,
        at(1),
    )
    with pytest.raises(VersionConflictError):
        await put(house, "late", 1, name="x")
    assert await put(house, "late", 2, name="New ones") == after


async def test_it_is_shared_by_who_may(house: House) -> None:
    workshop = await team(house, "ana")
    with pytest.raises(NotAllowedError):
        await keep(house, "mine", audience="everybody")
    await keep(house, "all", EVA, audience="everybody")
    await keep(house, "ours", EVA, audience="team", team_id=workshop)
    assert (await seen(house, ANA), await seen(house, BEA)) == (["all", "ours"], ["all"])
    with pytest.raises(NotAllowedError):
        await put(house, "all", 1, name="x")
    with pytest.raises(InvalidError):
        await keep(house, "none", EVA, audience="team", team_id="nowhere")
    after = await put(house, "ours", 1, EVA, audience="everybody")
    assert (after.team_id, await seen(house, BEA)) == (None, ["all", "ours"])
    told = await house.db.read(audit.find, wanted=Wanted(kind="view"), limit=9)
    assert [(one.entry.what, one.entry.record_id) for one in told] == [
        ("view changed", "ours"),
        ("view shared", "ours"),
        ("view shared", "all"),
    ]


async def test_what_is_shared_stays_when_who_shared_it_is_gone(house: House) -> None:
    await team(house, "ana")
    await keep(house, "all", Reader(user="gone", pages=ALL, may_share=True), audience="everybody")
    assert await seen(house, ANA) == ["all"]
    assert (await put(house, "all", 1, EVA, name="Everybody's")).owner == "gone"
    with pytest.raises(NotAllowedError):
        await put(house, "all", 2, EVA, audience="me")


async def test_what_is_taken_away_is_brought_back_within_a_day(house: House) -> None:
    await keep(house, "a")
    await keep(house, "b")
    await house.db.run(saved_views.begin_with, page="incidents", view_id="a", who=ANA)
    await house.db.run(saved_views.remove, view_id="a", version=1, who=ANA, now=at(1))
    assert await seen(house, ANA) == ["b"]
    with pytest.raises(NotFoundError):
        await house.db.run(saved_views.bring_back, view_id="a", who=BEA, now=at(2))
    back = await house.db.run(saved_views.bring_back, view_id="a", who=ANA, now=at(2))
    assert (back.version, back.removed_at) == (3, None)
    (first, second) = await house.db.read(saved_views.of_page, page="incidents", who=ANA)
    assert (first.is_start, second.is_start) == (True, False)
    await house.db.run(saved_views.remove, view_id="a", version=3, who=ANA, now=at(3))
    later = at(4) + timedelta(days=1)
    await house.db.run(saved_views.remove, view_id="b", version=1, who=ANA, now=later)
    with pytest.raises(NotFoundError):
        await house.db.run(saved_views.bring_back, view_id="a", who=ANA, now=later)


async def test_what_was_taken_away_a_day_ago_is_not_brought_back(house: House) -> None:
    await keep(house, "a")
    await house.db.run(saved_views.remove, view_id="a", version=1, who=ANA, now=at(0))
    in_a_day = at(0) + timedelta(days=1)
    late = in_a_day + timedelta(seconds=1)
    with pytest.raises(NotFoundError):
        await house.db.run(saved_views.bring_back, view_id="a", who=ANA, now=late)
    back = await house.db.run(saved_views.bring_back, view_id="a", who=ANA, now=in_a_day)
    assert back.removed_at is None


async def test_a_list_asks_for_the_views_of_who_reads_it_and_for_those_shared(house: House) -> None:
    await keep(house, "taken away")
    await house.db.run(saved_views.remove, view_id="taken away", version=1, who=ANA, now=NOW)
    await keep(house, "mine")
    await keep(house, "hers", BEA)
    await keep(house, "ours", EVA, audience="everybody")
    await keep(house, "of another list", page="tasks")
    read = await house.db.read(lambda uow: uow.saved_views.of_page("incidents", "ana"))
    assert [one.id for one in read] == ["mine", "ours"]


async def test_a_list_begins_with_a_view_that_one_sees(house: House) -> None:
    await keep(house, "a")
    await keep(house, "calls", page="calls")
    for key, who in (("calls", ANA), ("a", BEA), ("none", ANA)):
        with pytest.raises(InvalidError):
            await house.db.run(saved_views.begin_with, page="incidents", view_id=key, who=who)
    await house.db.run(saved_views.begin_with, page="incidents", view_id="a", who=ANA)
    await house.db.run(saved_views.begin_with, page="incidents", view_id=None, who=ANA)
    (one,) = await house.db.read(saved_views.of_page, page="incidents", who=ANA)
    assert one.is_start is False


async def test_names_are_there_once_and_views_are_few(house: House) -> None:
    for n in range(MOST_OWN):
        await keep(house, f"v{n}")
    with pytest.raises(InvalidError) as told:
        await keep(house, "one more")
    assert told.value.fault == "too_many_views"
    with pytest.raises(InvalidError) as told:
        await put(house, "v1", 1, name="V0")
    assert told.value.fault == "already_exists"
    await keep(house, "of another list", name="v0", page="tasks")
    await keep(house, "of somebody else", BEA, name="v0")


async def test_what_names_something_that_is_gone_is_left_out(house: House) -> None:
    workshop = await team(house, "ana")
    await house.add(a_contact("c1"))
    there = {"team_id": workshop, "assignee": "ana", "contact_id": "c1", "state": "new"}
    view = await keep(house, "a", query=there)
    assert await house.db.read(saved_views.usable, view=view) == there
    gone = {"team_id": "t", "category_id": "c", "assignee": "x", "contact_id": "c2", "account_id": "a"}
    view = await keep(house, "b", query=gone | {"state": "new"})
    assert await house.db.read(saved_views.usable, view=view) == {"state": "new"}
    view = await keep(house, "c", query={"assignee": "nobody"})
    assert await house.db.read(saved_views.usable, view=view) == {"assignee": "nobody"}


async def test_who_is_erased_is_in_no_view(house: House) -> None:
    await house.add(a_contact("c1", "Zoraida", "Quintanilla", numbers=["957212000"]))
    await keep(house, "Zoraida Quintanilla", query={"contact_id": "c1", "state": "new"})
    await keep(house, "calls", page="calls", query={"who": "+34957212000", "missed": "true"})
    await erase(house, "c1")
    (one,) = await house.db.read(saved_views.of_page, page="incidents", who=ANA)
    assert (one.view.name, one.view.query) == (FORGOTTEN, {"state": "new"})
    (one,) = await house.db.read(saved_views.of_page, page="calls", who=ANA)
    assert (one.view.name, one.view.query) == ("calls", {"missed": "true"})
