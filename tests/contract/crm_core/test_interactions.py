"""What was said with customers is written down, found by whose it is, changed, removed, goes with them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from contract.crm_core.conftest import plan_of
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at
from contract.crm_core.test_erasure import erase
from contract.crm_core.test_merges import merge, undo

from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import InteractionCreated, InteractionRemoved, InteractionUpdated
from crm_core.domain.incidents import Incident
from crm_core.domain.interactions import Interaction, Listed, Wanted
from crm_core.domain.people import User
from crm_core.domain.retention import Aged
from crm_core.ports import UnitOfWork
from crm_core.services import (
    audit,
    contacts,
    handing_out,
    interactions,
    retention,
    search,
    timelines,
    users,
)

BY: dict[str, Any] = {"by": "eva", "now": NOW}


async def write(house: House, key: str, seconds: float = 0, **more: Any) -> Interaction:
    facts = {"id": key, "channel": "note", "body": f"Text {key}", "at": at(seconds), "created_at": NOW}
    made = Interaction(**facts | {"created_by": "eva", "contact_id": "ana"} | more)
    kept: Interaction = await house.db.run(interactions.add, made=made, **BY)
    return kept


async def incident_of(house: House, contact_id: str | None, *, is_erased: bool = False) -> Incident:
    """Open one; when its contact is erased, it is his company's."""
    one = await house.incident(contact_id=contact_id)
    if is_erased and contact_id:
        await erase(house, contact_id)
    return one


async def found(house: House, **wanted: Any) -> list[str]:
    listed = await house.db.read(interactions.find, wanted=Wanted(**wanted), limit=9)
    return [one.interaction.id for one in listed]


async def sought(house: House, q: str) -> list[str]:
    groups = await house.db.read(search.everywhere, q=q, kinds=["written"], limit=5, region=REGION)
    return [one.id for one in groups[0].items]


@pytest.fixture
async def stocked(house: House) -> House:
    """Ana of Acme and Bea of nobody; Eva works here."""
    await house.company("acme", "Acme", lines=["957 00 00 00"], ranges=[("+34957111100", "+34957111199")])
    await house.add(a_contact("ana", numbers=["957 21 20 00"], company="Acme"))
    await house.add(a_contact("bea", "Bea", "Sanz"))
    await house.db.run(
        users.add_user, user=User(id="eva", name="eva", full_name="Eva Gil", role="supervisor")
    )
    return house


async def test_what_was_said_with_a_contact_is_his_company_s(stocked: House) -> None:
    incident = await stocked.incident(contact_id="ana")
    one = await write(stocked, "i", incident_id=incident.id, contact_id=None)
    assert (one.contact_id, one.account_id) == ("ana", "acme")
    assert await stocked.db.read(interactions.get, interaction_id="i") == one
    assert await stocked.db.read(interactions.find, wanted=Wanted(), limit=9) == [
        Listed(
            interaction=one,
            contact="Ana Ruiz",
            account="Acme",
            incident=incident.number,
            written_by="Eva Gil",
        )
    ]
    told = {"at": NOW, "by": "eva", "interaction_id": "i", "contact_id": "ana", "account_id": "acme"}
    assert InteractionCreated(**told, incident_id=incident.id) in stocked.heard


async def test_they_are_found_by_whose_they_are_newest_first(stocked: House) -> None:
    await write(stocked, "b", 10)
    await write(stocked, "a", 10, contact_id="bea", channel="email", direction="inbound")
    await write(stocked, "c", 5, contact_id=None, account_id="acme", channel="visit", direction="outbound")
    assert await found(stocked) == ["b", "a", "c"]
    assert await found(stocked, contact_id="ana") == ["b"]
    assert await found(stocked, account_id="acme") == ["b", "c"]
    assert await found(stocked, channel="email") == ["a"]
    behind = await stocked.db.read(interactions.find, wanted=Wanted(), place=(at(10), "b"), limit=9)
    assert [one.interaction.id for one in behind] == ["a", "c"]


@pytest.mark.parametrize(
    ("wrong", "field", "fault"),
    [
        ({"contact_id": None}, "contact_id", "missing"),
        ({"contact_id": "x"}, "contact_id", "unknown"),
        ({"account_id": "x"}, "account_id", "unknown"),
        ({"incident_id": "x"}, "incident_id", "unknown"),
        ({"direction": "inbound"}, "direction", "direction"),
        ({"channel": "email"}, "direction", "direction"),
        ({"body": " \n"}, "body", "invalid"),
        ({"body": "x" * 20_001}, "body", "invalid"),
        ({"subject": "x" * 201}, "subject", "invalid"),
        ({"at": NOW + timedelta(minutes=5, seconds=1)}, "at", "in_future"),
    ],
)
async def test_what_cannot_be(stocked: House, wrong: dict[str, Any], field: str, fault: str) -> None:
    with pytest.raises(InvalidError) as told:
        await write(stocked, "i", **wrong)
    assert (told.value.field, told.value.fault) == (field, fault)
    assert await found(stocked) == []


@pytest.mark.parametrize(
    ("is_erased", "named", "field"),
    [
        (False, {"contact_id": "bea"}, "contact_id"),
        (False, {"account_id": "other"}, "account_id"),
        (True, {"contact_id": "bea"}, "contact_id"),
        (True, {"account_id": "other"}, "account_id"),
    ],
)
async def test_about_an_incident_it_is_its_customer_s_alone(
    stocked: House, *, is_erased: bool, named: dict[str, Any], field: str
) -> None:
    await stocked.company("other", "Other")
    incident = await incident_of(stocked, "ana", is_erased=is_erased)
    with pytest.raises(InvalidError) as told:
        await write(stocked, "i", incident_id=incident.id, **{"contact_id": None} | named)
    assert (told.value.field, told.value.fault) == (field, "not_the_incidents")
    assert await found(stocked) == []


@pytest.mark.parametrize(
    ("whose", "named", "kept"),
    [
        (None, {"contact_id": "bea"}, ("bea", None)),
        (None, {"account_id": "acme"}, (None, "acme")),
        ("ana", {"contact_id": "eli"}, ("eli", "acme")),
        ("ana", {"account_id": "acme"}, (None, "acme")),
    ],
)
async def test_about_an_incident_of_no_contact_it_names_one(
    stocked: House, whose: str | None, named: dict[str, Any], kept: tuple[str | None, str | None]
) -> None:
    await stocked.add(a_contact("eli", "Eli", company="Acme"))
    incident = await incident_of(stocked, whose, is_erased=True)
    one = await write(stocked, "i", incident_id=incident.id, **{"contact_id": None} | named)
    assert (one.contact_id, one.account_id) == kept


async def test_what_was_kept_about_another_s_incident_stays_with_whom_it_was_said(stocked: House) -> None:
    def keep(uow: UnitOfWork, one: Interaction) -> None:
        uow.interactions.add(one)

    incident = await stocked.incident(contact_id="ana")
    facts: dict[str, Any] = {"channel": "note", "incident_id": incident.id, "body": "x", "created_at": NOW}
    hers = Interaction(id="bea's", contact_id="bea", at=at(1), **facts)
    nobodys = Interaction(id="the company's", account_id="acme", at=at(2), **facts)
    for one in (hers, nobodys):
        await stocked.db.run(keep, one=one)
    files = [await stocked.db.read(handing_out.gather, contact_id=key, now=at(60)) for key in ("ana", "bea")]
    assert [one.interactions for one in files] == [(nobodys,), (hers,)]
    await erase(stocked, "ana")
    assert await found(stocked) == ["bea's"]


async def test_of_another_day_and_of_a_clock_that_is_fast(stocked: House) -> None:
    await write(stocked, "i", -3600 * 24 * 400)
    await write(stocked, "j", 300)
    assert await found(stocked) == ["j", "i"]


async def test_changed_by_who_is_up_to_date(stocked: House) -> None:
    before = await write(stocked, "i")
    asked: dict[str, Any] = {"interaction_id": "i", **BY}
    changes = {"channel": "email", "direction": "inbound", "body": "Otra Cámara"}
    after = await stocked.db.run(interactions.change, version=1, changes=changes, **asked)
    assert (after.version, after.body, after.contact_id) == (2, "Otra Cámara", before.contact_id)
    assert await stocked.db.run(interactions.change, version=2, changes=changes, **asked) == after
    with pytest.raises(VersionConflictError):
        await stocked.db.run(interactions.change, version=1, changes=changes, **asked)
    with pytest.raises(InvalidError, match="contact_id"):
        await stocked.db.run(interactions.change, version=2, changes={"contact_id": "bea"}, **asked)
    heard = [one for one in stocked.heard if isinstance(one, InteractionUpdated)]
    assert [(one.interaction_id, one.version) for one in heard] == [("i", 2)]
    (deed,) = await stocked.db.read(audit.last, limit=1)
    assert (deed.what, deed.kind, deed.record_id) == ("interaction changed", "interaction", "i")
    assert deed.changes == dict.fromkeys(changes)


async def test_removed_it_is_not_found(stocked: House) -> None:
    await write(stocked, "i", body="Cámara frigorífica")
    assert await sought(stocked, "camara frigo") == ["i"]
    with pytest.raises(VersionConflictError):
        await stocked.db.run(interactions.remove, interaction_id="i", version=2, **BY)
    await stocked.db.run(interactions.remove, interaction_id="i", version=1, **BY)
    assert (await found(stocked), await sought(stocked, "camara frigo")) == ([], [])
    with pytest.raises(NotFoundError):
        await stocked.db.read(interactions.get, interaction_id="i")
    told = InteractionRemoved(at=NOW, by="eva", interaction_id="i", contact_id="ana", account_id="acme")
    assert stocked.heard[-1] == told
    (deed,) = await stocked.db.read(audit.last, limit=1)
    assert (deed.what, deed.record_id) == ("interaction removed", "i")


async def test_the_search_finds_it_as_it_is_now(stocked: House) -> None:
    await write(stocked, "i", subject="Presupuesto", body="Doscientos euros")
    assert await sought(stocked, "presupuesto euros") == ["i"]
    changed = {"subject": None, "body": "Trescientos"}
    await stocked.db.run(interactions.change, interaction_id="i", version=1, changes=changed, **BY)
    assert (await sought(stocked, "presupuesto"), await sought(stocked, "trescientos")) == ([], ["i"])
    (group,) = await stocked.db.read(
        search.everywhere, q="trescientos", kinds=["written"], limit=5, region=REGION
    )
    assert [(one.text, one.who, one.contact_id) for one in group.items] == [
        ("Trescientos", "Ana Ruiz", "ana")
    ]


async def test_the_timeline_has_them_between_calls_and_incidents(stocked: House) -> None:
    await stocked.record(a_call(0))
    await write(stocked, "i", 1)
    await stocked.incident(contact_id="ana", now=at(2))
    await write(stocked, "other's", 3, contact_id="bea")
    kinds = ["incident", "interaction", "call"]
    asked: dict[str, Any] = {"contact_id": "ana", "limit": 9}
    told = await stocked.db.read(contacts.timeline, **asked)
    assert [one.kind for one in told] == kinds
    rest = await stocked.db.read(contacts.timeline, before=told[0].place, **asked)
    assert [one.kind for one in rest] == kinds[1:]
    for shown, kind in (("calls", "call"), ("incidents", "incident"), ("written", "interaction")):
        told = await stocked.db.read(contacts.timeline, shown=frozenset((shown,)), **asked)
        assert [one.kind for one in told] == [kind]


async def test_a_company_s_timeline_has_its_people_s_calls_and_those_of_its_numbers(stocked: House) -> None:
    people, line, within, past = a_call(0), a_call(30), a_call(60), a_call(90)
    line.customer, within.customer, past.customer = "+34957000000", "+34957111150", "+34957111200"
    longer = a_call(120, customer="+349571111501")
    await stocked.record(people, line, within, past, longer)
    await stocked.incident(contact_id="ana", now=at(40))
    await write(stocked, "i", 50)
    await write(stocked, "bea's", 55, contact_id="bea")
    asked: dict[str, Any] = {"account_id": "acme", "limit": 9}
    told = await stocked.db.read(timelines.of_account, **asked)
    assert [one.place[1] if one.call else one.kind for one in told] == [
        within.id,
        "interaction",
        "incident",
        line.id,
        people.id,
    ]
    rest = await stocked.db.read(timelines.of_account, before=told[2].place, **asked)
    assert [one.call and one.call.id for one in rest] == [line.id, people.id]
    assert await stocked.db.read(timelines.of_account, **asked | {"limit": 1}) == told[:1]
    with pytest.raises(NotFoundError):
        await stocked.db.read(timelines.of_account, **asked | {"account_id": "none"})


async def test_a_call_of_a_line_in_two_ranges_is_there_once(house: House) -> None:
    ranges = [("+34957111100", "+34957111199"), ("+34957111140", "+34957111160")]
    await house.company("acme", "Acme", lines=["957 11 11 50"], ranges=ranges)
    calls = [a_call(60.0 * n, customer="+34957111150") for n in range(3)]
    await house.record(*calls)
    newest = [one.id for one in reversed(calls)]
    asked: dict[str, Any] = {"account_id": "acme"}
    for limit in (9, 2):
        told = await house.db.read(timelines.of_account, limit=limit, **asked)
        assert [one.place[1] for one in told] == newest[:limit]
    rest = await house.db.read(timelines.of_account, before=told[-1].place, limit=2, **asked)
    assert [one.place[1] for one in rest] == newest[2:]


async def test_a_range_of_short_numbers_gives_no_calls(house: House) -> None:
    await house.company("acme", "Acme", ranges=[("+3495", "+3499"), ("+3495711", "+3495712")])
    await house.company("least", "Least", ranges=[("+34957110", "+34957119")])
    short, long = a_call(0, customer="+3496"), a_call(60, customer="+34957111")
    await house.record(short, long)
    assert await house.db.read(timelines.of_account, account_id="acme", limit=9) == []
    (told,) = await house.db.read(timelines.of_account, account_id="least", limit=9)
    assert told.place[1] == long.id


async def test_a_company_of_nobody_has_no_calls(house: House) -> None:
    await house.company("empty", "Empty")
    assert await house.db.read(timelines.of_account, account_id="empty", limit=9) == []


async def test_it_goes_with_the_person_and_cannot_be_found(stocked: House) -> None:
    incident = await stocked.incident(contact_id="ana")
    await write(stocked, "hers", body="Cámara")
    await write(stocked, "of her incident", contact_id=None, incident_id=incident.id, body="Cámara")
    await write(stocked, "bea's", contact_id="bea", body="Cámara")
    await erase(stocked, "ana")
    assert await found(stocked) == ["bea's"]
    assert await sought(stocked, "camara") == ["bea's"]
    gone = [one for one in stocked.heard if isinstance(one, InteractionRemoved)]
    assert sorted(one.interaction_id for one in gone) == ["hers", "of her incident"]
    whose = {(one.contact_id, one.account_id) for one in gone}
    assert whose == {("ana", "acme")}  # her company's page hears it, too


async def test_what_is_written_of_an_old_incident_goes_with_its_texts(stocked: House) -> None:
    incident = await stocked.incident(contact_id="ana")
    await write(stocked, "i", incident_id=incident.id, body="Cámara")
    await write(stocked, "j", body="Cámara")
    rule = await stocked.db.run(retention.set_rule, kind="incidents", days=90, version=0, address=None, **BY)
    old = [Aged(id=incident.id, at=NOW)]
    await stocked.db.run(retention.let_go, kind="incidents", version=rule.version, found=old, now=NOW)
    assert (await found(stocked), await sought(stocked, "camara")) == (["j"], ["j"])
    gone = [(one.contact_id, one.account_id) for one in stocked.heard if isinstance(one, InteractionRemoved)]
    assert gone == [("ana", "acme")]  # by which their pages hear it


async def test_who_was_written_with_lately_is_not_old(stocked: House) -> None:
    async def old() -> list[str]:
        asked: dict[str, Any] = {"kind": "contacts", "before": NOW + timedelta(days=400), "behind": None}
        return [one.id for one in await stocked.db.read(retention.older, limit=9, **asked)]

    assert await old() == ["ana", "bea"]
    later: dict[str, Any] = {"by": "eva", "now": NOW + timedelta(days=401)}
    said = Interaction(
        id="i", channel="note", contact_id="ana", body="x", at=later["now"], created_at=later["now"]
    )
    await stocked.db.run(interactions.add, made=said, **later)
    assert await old() == ["bea"]


async def test_it_is_handed_out(stocked: House) -> None:
    mine = await write(stocked, "hers", body="Cámara")
    await write(stocked, "bea's", contact_id="bea")
    file = await stocked.db.read(handing_out.gather, contact_id="ana", now=at(60))
    assert file.interactions == (mine,)


async def test_it_goes_along_when_two_become_one_and_comes_back(stocked: House) -> None:
    await write(stocked, "bea's", contact_id="bea")
    done = await merge(stocked, "ana", "bea")
    assert await found(stocked, contact_id="ana") == ["bea's"]
    assert (await stocked.db.read(interactions.get, interaction_id="bea's")).version == 2
    await undo(stocked, done)
    assert await found(stocked, contact_id="bea") == ["bea's"]


@pytest.mark.usefixtures("plans")
async def test_a_company_s_calls_are_found_by_an_index(
    asked: list[str], sqlite: House, empty_database: Path
) -> None:
    await sqlite.company("acme", "Acme", lines=["957 00 00 00"], ranges=[("+34957111100", "+34957111199")])
    await sqlite.add(a_contact("ana", company="Acme"))
    asked.clear()
    await sqlite.db.read(timelines.of_account, account_id="acme", before=(NOW, "x"), limit=9)
    for whose in ({"contact_id": "c"}, {"account_id": "a"}, {"incident_id": "i"}, {"channel": "sms"}, {}):
        await sqlite.db.read(interactions.find, wanted=Wanted(**whose), place=(NOW, "x"), limit=9)
    steps = [step for statement in asked for step in plan_of(statement, empty_database)]
    assert any("ix_call_contact_id" in step for step in steps)
    assert sum("ix_call_customer" in step for step in steps) == 2
    by = ("contact_id", "account_id", "incident_id", "channel", "at")
    assert all(any(f"ix_interaction_{name} " in step for step in steps) for name in by)
