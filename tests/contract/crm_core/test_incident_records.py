"""Incidents in full: what is chosen, entries, merging and undoing, lists, and the most frequent problems."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_contact, at

from crm_core.domain.cards import CardProblem
from crm_core.domain.choices import Choice
from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import IncidentMerged, IncidentNoted, IncidentUpdated
from crm_core.domain.incident_entries import Entry
from crm_core.domain.incident_lists import Listed, Wanted
from crm_core.domain.incidents import Incident
from crm_core.domain.people import User
from crm_core.services import audit, incident_lists, incident_notes, incidents, service_levels, users

LUIS = User(id="u1", name="luis", full_name="Luis Gil", role="agent", agent="101")
GONE = User(id="u2", name="gone", full_name="Gone", role="agent", is_active=False)


async def choice(house: House, kind: str, name: str, parent: Choice | None = None) -> Choice:
    fields = {"kind": kind, "name_es": name, "name_en": name, "parent_id": parent.id if parent else None}
    made: Choice = await house.db.run(service_levels.add_choice, fields=fields, by="eva", now=NOW)
    return made


async def change(house: House, one: Incident, *, seconds: int = 5, **changes: Any) -> Incident:
    after: Incident = await house.db.run(
        incidents.change,
        incident_id=one.id,
        version=one.version,
        changes=changes,
        by="u1",
        now=at(seconds),
    )
    return after


async def undo(house: House, one: Incident, *, seconds: int = 9) -> Incident:
    back: Incident = await house.db.run(
        incidents.undo, incident_id=one.id, version=one.version, by="u1", now=at(seconds)
    )
    return back


async def merge(house: House, one: Incident, into: str) -> Incident:
    part: Incident = await house.db.run(
        incidents.merge, incident_id=one.id, version=one.version, into=into, by="u1", now=at(6)
    )
    return part


async def write(house: House, one: Incident, text: str, *, seconds: int, is_public: bool = False) -> Entry:
    entry: Entry = await house.db.run(
        incident_notes.write,
        incident_id=one.id,
        text=text,
        is_public=is_public,
        by="u1",
        now=at(seconds),
    )
    return entry


async def entries(house: House, one: Incident, **more: Any) -> list[Entry]:
    found: list[Entry] = await house.db.read(
        incident_lists.entries, incident_id=one.id, **({"limit": 50} | more)
    )
    return found


async def listed(house: House, **asked: Any) -> list[Listed]:
    order = asked.pop("order", "newest")
    found: list[Listed] = await house.db.read(
        incident_lists.find, wanted=Wanted(**asked), order=order, limit=50
    )
    return found


async def numbers(house: House, **asked: Any) -> list[str]:
    return [one.incident.number for one in await listed(house, **asked)]


async def test_an_incident_is_opened_with_all_that_is_known(house: House) -> None:
    await house.db.run(users.add_user, user=LUIS)
    cold, line, team = [await choice(house, k, k) for k in ("category", "product_line", "team")]
    problem = await house.incident("p", kind="problem")
    opened = await house.incident(
        "k",
        kind="complaint",
        priority=None,
        impact=1,
        urgency=2,
        category_id=cold.id,
        product_line_id=line.id,
        team_id=team.id,
        assignee="u1",
        parent_id=problem.id,
    )

    assert await house.db.read(incidents.get, incident_id=opened.id) == opened
    assert (opened.kind, opened.priority, opened.state, opened.parent_id) == (
        "complaint",
        2,
        "assigned",
        problem.id,
    )
    assert await numbers(house, parent_id=problem.id) == [opened.number]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("category_id", "nobody"),
        ("team_id", "category"),
        ("product_line_id", "switched off"),
        ("parent_id", "incident"),
        ("assignee", "nobody"),
        ("assignee", "u2"),
    ],
)
async def test_what_cannot_be_chosen_is_not(house: House, field: str, wanted: str) -> None:
    await house.db.run(users.add_user, user=GONE)
    off = await choice(house, "product_line", "off")
    await house.db.run(
        service_levels.change_choice,
        choice_id=off.id,
        version=1,
        changes={"is_active": False},
        by="eva",
        now=NOW,
    )
    ids = {
        "category": (await choice(house, "category", "cold")).id,
        "switched off": off.id,
        "incident": (await house.incident("plain")).id,
    }
    opened = await house.incident("k")

    with pytest.raises(InvalidError) as told:
        await change(house, opened, **{field: ids.get(wanted, wanted)})
    assert (told.value.field, told.value.fault) == (field, "unknown")


async def test_what_was_chosen_stays_when_it_is_switched_off(house: House) -> None:
    line = await choice(house, "product_line", "line")
    opened = await house.incident("k", product_line_id=line.id)
    await house.db.run(
        service_levels.change_choice,
        choice_id=line.id,
        version=1,
        changes={"is_active": False},
        by="eva",
        now=NOW,
    )

    assert (await change(house, opened, subject="Other")).product_line_id == line.id


# --- entries


async def test_what_was_written_and_done_is_told_newest_first(house: House) -> None:
    await house.db.run(users.add_user, user=LUIS)
    opened = await house.incident()
    note = await write(house, opened, " Checked the valve. ", seconds=1)
    changed = await change(house, opened, seconds=2, state="in_progress")

    assert house.heard[-2] == IncidentNoted(at=at(1), by="u1", incident_id=opened.id, entry_id=note.id)
    told = await entries(house, opened)
    assert [(one.kind, one.text, one.author) for one in told] == [
        ("change", None, "Luis Gil"),
        ("note", "Checked the valve.", "Luis Gil"),
    ]
    assert told[0].changes == {"state": ["new", "in_progress"]}
    assert await entries(house, changed, place=(told[0].at, told[0].id)) == told[1:]
    assert await entries(house, changed, limit=1) == told[:1]


async def test_the_first_words_to_the_customer_are_the_response(house: House) -> None:
    opened = await house.incident()
    await write(house, opened, "Only for us", seconds=1)
    await write(house, opened, "We are on it", seconds=2, is_public=True)
    await write(house, opened, "Still on it", seconds=3, is_public=True)

    after = await house.db.read(incidents.get, incident_id=opened.id)
    assert (after.first_responded_at, after.version, after.state) == (at(2), 2, "new")
    assert [one.kind for one in await entries(house, opened)] == ["reply", "reply", "note"]


async def test_nothing_is_written_about_what_is_not_there(house: House) -> None:
    opened = await house.incident()
    with pytest.raises(InvalidError):
        await write(house, opened, "  ", seconds=1)
    with pytest.raises(NotFoundError):
        await house.db.read(incident_lists.entries, incident_id="nobody", limit=1)


# --- undone, joined


async def test_a_change_is_undone(house: House) -> None:
    opened = await house.incident()
    resolved = await change(house, opened, state="resolved", cause="A seal")
    back = await undo(house, resolved)

    assert (back.state, back.cause, back.resolved_at, back.first_responded_at) == ("new", None, None, None)
    assert (back.version, back.reopened, back.holds) == (3, 0, ())
    assert await house.db.read(incidents.get, incident_id=opened.id) == back
    assert [one.is_undone for one in await entries(house, opened)] == [True]
    assert house.heard[-1] == IncidentUpdated(at=at(9), by="u1", incident_id=opened.id, version=3)


async def test_only_the_last_change_is_undone_and_once(house: House) -> None:
    opened = await house.incident()
    first = await change(house, opened, subject="One")
    await change(house, first, subject="Two")

    with pytest.raises(VersionConflictError):
        await undo(house, first)
    with pytest.raises(NotFoundError):
        await undo(house, await undo(house, await house.db.read(incidents.get, incident_id=opened.id)))


async def test_an_incident_becomes_a_part_of_another_and_comes_back(house: House) -> None:
    one, other = await house.incident("1"), await house.incident("2")
    await write(house, one, "of one", seconds=1)
    await write(house, other, "of the other", seconds=2)
    part = await merge(house, one, other.number)

    assert (part.state, part.merged_into) == ("closed", other.id)
    assert house.heard[-1] == IncidentMerged(at=at(6), by="u1", incident_id=one.id, into=other.id)
    told = [(entry.kind, entry.text) for entry in await entries(house, other)]
    assert told == [("merge", other.number), ("note", "of the other"), ("note", "of one")]
    (deed,) = await house.db.read(audit.last, limit=1)
    assert deed.what == "merged INC-10001 into INC-10002"
    assert (deed.kind, deed.record_id) == ("incident", one.id)
    with pytest.raises(InvalidError):
        await change(house, part, subject="x")

    back = await undo(house, part)
    assert (back.state, back.merged_into, back.closed_at) == ("new", None, None)
    assert [entry.text for entry in await entries(house, other)] == ["of the other"]
    (deed,) = await house.db.read(audit.last, limit=1)
    assert (deed.what, deed.record_id) == ("merge undone: INC-10001", one.id)


async def test_what_cannot_be_joined_is_not(house: House) -> None:
    one, other, third = [await house.incident(key) for key in "123"]
    await merge(house, one, other.id)

    for who, into, error in (
        (other, other.id, InvalidError),
        (third, one.id, InvalidError),
        (other, third.id, InvalidError),
        (third, "INC-99999", NotFoundError),
    ):
        with pytest.raises(error):
            await merge(house, who, into)


# --- lists


async def test_lists_name_people_and_companies(house: House) -> None:
    await house.db.run(users.add_user, user=LUIS)
    ana = await house.add(a_contact("ana", company="Acme"))
    first = await house.incident("1", contact_id="ana", assignee="u1", now=at(1))
    second = await house.incident("2", now=at(2))

    told = [(one.incident, one.contact, one.account, one.assignee) for one in await listed(house)]
    assert told == [(second, None, None, None), (first, "Ana Ruiz", "Acme", "Luis Gil")]
    assert await numbers(house, account_id=ana.account_id) == [first.number]
    assert await numbers(house, is_unassigned=True) == [second.number]


async def test_so_many_are_counted_and_of_more_only_that_there_are(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incident_lists, "MOST_COUNTED", 2)
    for n in range(2):
        await house.incident(str(n))
    assert await house.db.read(incident_lists.count, wanted=Wanted(only_open=True)) == 2
    for n in range(2, 5):
        await house.incident(str(n))

    assert await house.db.read(incident_lists.count, wanted=Wanted(only_open=True)) == 3
    assert await house.db.read(incident_lists.counts, wanted=Wanted(), states=["new"]) == {"new": 3}


async def test_a_category_stands_for_its_branches(house: House) -> None:
    cold = await choice(house, "category", "cold")
    rooms = await choice(house, "category", "rooms", cold)
    doors = await choice(house, "category", "doors", rooms)
    team = await choice(house, "team", "team")
    one = await house.incident("1", category_id=doors.id, kind="request", now=at(1))
    two = await house.incident("2", category_id=cold.id, team_id=team.id, priority=1, now=at(2))
    await house.incident("3", now=at(3))

    assert await numbers(house, category_ids=(cold.id,)) == [two.number, one.number]
    assert await numbers(house, category_ids=(rooms.id,)) == [one.number]
    assert await numbers(house, team_id=team.id) == [two.number]
    assert await numbers(house, kind="request") == [one.number]
    assert await numbers(house, priority=1, state="new") == [two.number]
    on_board = ("new", "assigned", "in_progress", "pending", "resolved")
    assert await house.db.read(incident_lists.counts, wanted=Wanted(only_open=True), states=on_board) == {
        "new": 3,
        "assigned": 0,
        "in_progress": 0,
        "pending": 0,
        "resolved": 0,
    }
    assert await house.db.read(incident_lists.count, wanted=Wanted(kind="request", only_open=True)) == 1
    board = await house.db.read(
        incident_lists.board, wanted=Wanted(category_ids=(cold.id,)), states=("new", "pending"), limit=9
    )
    assert {state: [one.incident.number for one in found] for state, found in board.items()} == {
        "new": [one.number, two.number],
        "pending": [],
    }


async def test_the_most_frequent_problems(house: House) -> None:
    cold, warm = await choice(house, "category", "cold"), await choice(house, "category", "warm")
    line = await choice(house, "product_line", "line")
    ana = await house.add(a_contact("ana", company="Acme"))
    await house.incident("old", contact_id="ana", category_id=warm.id, now=NOW - timedelta(days=366))
    for key in "123":
        await house.incident(key, contact_id="ana", category_id=cold.id, product_line_id=line.id)
    closed = await house.incident("4", category_id=warm.id)
    await change(house, closed, state="resolved")

    async def problems(**asked: Any) -> list[tuple[str | None, str | None, int, int]]:
        found = await house.db.read(incident_lists.problems, wanted=Wanted(**asked), now=at(60), limit=10)
        return [(one.category_id, one.product_line_id, one.incidents, one.open) for one in found]

    cold_ones = (cold.id, line.id, 3, 3)
    assert await problems() == [cold_ones, (warm.id, None, 1, 0)]
    for asked in ({"contact_id": "ana"}, {"account_id": ana.account_id}, {"product_line_id": line.id}):
        assert await problems(**asked) == [cold_ones]


async def test_the_card_names_what_comes_again_and_again(house: House) -> None:
    cold, warm = await choice(house, "category", "cold"), await choice(house, "category", "warm")
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.add(a_contact("eva", company="Acme", numbers=["957212001"]))
    for key, category, contact in (
        ("1", cold, "ana"),
        ("2", cold, "ana"),
        ("3", warm, "ana"),
        ("4", warm, "eva"),
    ):
        await house.incident(key, contact_id=contact, category_id=category.id)
    await house.incident("5", contact_id="eva", category_id=warm.id)

    problem = CardProblem(name_es="cold", name_en="cold", incidents=2)
    assert (await house.card("957212000")).problems == (problem,)
    assert [one.name_en for one in (await house.card("957212001")).problems] == ["warm"]
    assert (await house.card("957999999")).problems == ()
