"""Two records become one, and two again: all goes along, nothing is allowed that one of them refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_call, a_contact, at
from sqlalchemy import ForeignKeyConstraint

from crm_core.db.owners import OWNERS, PARTS
from crm_core.db.schema import metadata
from crm_core.domain.accounts import Relation, WholeAccount
from crm_core.domain.consents import Consent
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import CrmError, InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import AccountMerged, ContactMerged, ContactSplit
from crm_core.domain.merges import ChangedSinceError, Merge, MergedError, Sides, ToBeErasedError
from crm_core.services import (
    accounts,
    audit,
    callbacks,
    calls,
    consents,
    contacts,
    duplicates,
    erasure,
    incidents,
    merging,
    merging_accounts,
    unmerging,
)

MOBILE, SHARED = "600000123", "957212000"
WHO = {"by": "u-eva", "address": "192.0.2.1"}


async def twins(house: House, **more: Any) -> None:
    """Ana is there twice: as a customer of Acme's, and as who called from her mobile."""
    await house.company("acme", "Acme")
    first = {"company": "Acme", "tags": ("gold",), "note": "Pays late"} | more
    await house.add(a_contact("ana", "Ana", "Ruiz", numbers=[SHARED], emails=["ana@a.es"], **first))
    await house.add(
        a_contact("ann", "Anna", "Ruiz Soto", numbers=[SHARED, MOBILE], title="Buyer", note="Likes tea"),
        now=at(1),
    )


async def merge(house: House, stays: str = "ana", goes: str = "ann", **more: Any) -> Merge:
    of: Any = merging_accounts.merge_accounts if more.pop("account", False) else merging.merge_contacts
    asked = {"stays_version": 1, "goes_version": 1} | more
    sides = Sides(stays=stays, goes=goes, **{k: asked.pop(k) for k in ("stays_version", "goes_version")})
    done: Merge = await house.db.run(of, **{"sides": sides, "choices": {}, "now": at(100), **WHO, **asked})
    return done


async def undo(house: House, one: Merge) -> Merge:
    done: Merge = await house.db.run(unmerging.undo, merge_id=one.id, now=at(200), **WHO)
    return done


async def get(house: House, key: str) -> Contact:
    found: Contact = await house.db.read(contacts.get, contact_id=key)
    return found


async def say(house: House, key: str, contact: str, status: str, second: int) -> None:
    one = Consent(
        id=key,
        contact_id=contact,
        purpose="marketing",
        channel="call",
        basis="consent",
        status=status,  # type: ignore[arg-type]
        source="x",
        at=at(second),
        noted_at=at(second),
    )
    await house.db.run(consents.note, consent=one, now=at(second))


async def test_fields_are_chosen_and_ways_are_kept_of_both(house: House) -> None:
    await twins(house)
    await merge(house, choices={"name": "goes"})
    one = await get(house, "ana")
    assert (one.name, one.company, one.title, one.tags) == ("Anna Ruiz Soto", "Acme", "Buyer", ("gold",))
    assert [phone.e164 for phone in one.phones] == ["+34957212000", "+34600000123"]
    assert (one.note, one.version) == ("Pays late\n\nLikes tea", 2)
    assert await house.found("soto") == ["ana"]
    assert await house.found(MOBILE) == ["ana"]


async def test_everything_goes_along(house: House) -> None:
    await twins(house)
    his, either = a_call(2, customer="+34600000123"), a_call(3, customer="+34957212000")
    await house.record(his, either)
    assert (await house.call(either.id)).contact_id is None
    incident = await house.incident("k1", contact_id="ann")
    await house.db.run(
        callbacks.ask, number="+34600000123", due_at=at(900), call_id=None, did=None, now=at(4)
    )
    await merge(house)
    assert {(await house.call(one.id)).contact_id for one in (his, either)} == {"ana"}
    moved = await house.db.read(incidents.get, incident_id=incident.id)
    assert (moved.contact_id, moved.version) == ("ana", incident.version + 1)
    (waiting,) = await house.db.read(lambda uow: uow.callbacks.open_to(["+34600000123"]))
    assert waiting.contact_id == "ana"
    assert (await house.card(SHARED)).contact.id == "ana"
    assert [one for one in house.heard if isinstance(one, ContactMerged)] == [
        ContactMerged(at=at(100), by="u-eva", contact_id="ann", into="ana")
    ]
    (deed, *_) = await house.db.read(audit.last, limit=1)
    assert (deed.what, deed.record_id, deed.changes) == ("record merged", "ana", {"part": (None, "ann")})


async def test_who_is_asked_for_is_led_on(house: House) -> None:
    await twins(house)
    await house.add(a_contact("eva", "Eva"))
    await merge(house)
    await merge(house, "eva", "ana", goes_version=2)
    for asked in (
        house.db.read(contacts.get, contact_id="ann"),
        house.db.read(consents.said, contact_id="ann"),
        house.db.run(erasure.hold, contact_id="ann", reason="x", now=NOW, **WHO),
    ):
        with pytest.raises(MergedError) as led:
            await asked
        assert (led.value.key, led.value.into) == ("ann", "eva")
    assert (await house.incident("k2", contact_id="ann")).contact_id == "eva"
    live = a_call(150, customer="+34600000123", contact_id="ann")
    await house.record(live)
    assert (await house.call(live.id)).contact_id == "eva"
    assert (await house.card(None, contact_id="ann")).contact.id == "eva"
    chosen = await house.db.run(
        calls.choose_contact, call_id=live.id, contact_id="ann", number=None, now=at(160)
    )
    assert chosen.candidates[0].contact_id == "eva"


@pytest.mark.parametrize(
    ("hers", "others", "stands"),
    [
        ("given", "withdrawn", "withdrawn"),
        ("withdrawn", "given", "withdrawn"),
        ("given", "refused", "refused"),
        ("given", None, "given"),
        (None, "given", "given"),
    ],
)
async def test_the_strictest_consent_wins(
    house: House, hers: str | None, others: str | None, stands: str
) -> None:
    await twins(house)
    if others:
        await say(house, "c1", "ann", others, 1)
    if hers:
        await say(house, "c2", "ana", hers, 2)  # the later one
    one = await merge(house)
    (now,) = await house.db.read(consents.stands, contact_id="ana", now=at(101))
    assert now.standing == stands
    await undo(house, one)
    left = [await house.db.read(consents.said, contact_id=key) for key in ("ana", "ann")]
    assert [[each.status for each in said] for said in left] == [
        [hers] if hers else [],
        [others] if others else [],
    ]


async def test_do_not_call_and_legal_hold_stay(house: House) -> None:
    await twins(house)
    mobile = (await get(house, "ann")).phones[1]
    changes = {"do_not_call": True}
    for phone in (await get(house, "ann")).phones:
        await house.db.run(
            contacts.change_way,
            contact_id="ann",
            way="phones",
            way_id=phone.id,
            version=1 if phone != mobile else 2,
            changes=changes,
            region="ES",
            by=None,
            now=at(5),
        )
    await house.db.run(erasure.hold, contact_id="ann", reason="lawsuit", now=at(5), **WHO)
    await house.db.run(erasure.hold, contact_id="ana", reason="audit", now=at(5), **WHO)
    one = await merge(house, goes_version=3)
    assert all(phone.do_not_call for phone in (await get(house, "ana")).phones)
    assert (await house.db.read(erasure.held, contact_id="ana")).reason == "audit / lawsuit"
    await undo(house, one)
    assert [(await house.db.read(erasure.held, contact_id=key)).reason for key in ("ana", "ann")] == [
        "audit",
        "lawsuit",
    ]


async def state(house: House, *keys: str) -> Any:
    """What can be asked about contacts, without what counts every change."""
    told = []
    for key in keys:
        one = await get(house, key)
        timeline = await house.db.read(contacts.timeline, contact_id=key, limit=50)
        told.append(
            (
                {
                    name: getattr(one, name)
                    for name in one.__struct_fields__
                    if name not in ("version", "updated_at")
                },
                [(item.kind, item.call, item.incident and item.incident.id) for item in timeline],
                await house.db.read(consents.said, contact_id=key),
                await house.db.read(lambda uow, key=key: uow.merges.spoken_at(key)),
                await house.db.read(duplicates.of_contact, contact_id=key),
                (await house.card(SHARED, contact_id=key)).match,
            )
        )
    return told, await house.found("ruiz"), await house.found(SHARED)


async def test_undone_all_is_as_before(house: House) -> None:
    await twins(house)
    await house.record(a_call(2, customer="+34600000123"), a_call(3, customer="+34957212000"))
    await house.incident("k1", contact_id="ann")
    await say(house, "c1", "ann", "refused", 1)
    before = await state(house, "ana", "ann")
    one = await merge(house)
    assert await state(house, "ana") != before
    done = await undo(house, one)
    assert (done.undone_at, done.undone_by) == (at(200), "u-eva")
    assert await undo(house, one) == done
    assert await state(house, "ana", "ann") == before
    assert {(await get(house, key)).version for key in ("ana", "ann")} == {3}
    assert any(isinstance(event, ContactSplit) for event in house.heard)
    (kept,) = await house.db.read(unmerging.listed, limit=9)
    assert kept == done


async def test_what_was_changed_since_is_named(house: House) -> None:
    await twins(house)
    his = a_call(2, customer="+34600000123")
    await house.record(his)
    await house.add(a_contact("eva", "Eva"))
    one = await merge(house)
    await house.db.run(
        contacts.change, contact_id="ana", version=2, changes={"title": "x"}, by=None, now=at(110)
    )
    await house.db.run(calls.choose_contact, call_id=his.id, contact_id="eva", number=None, now=at(110))
    await say(house, "c9", "ana", "refused", 110)
    with pytest.raises(ChangedSinceError) as refused:
        await undo(house, one)
    assert refused.value.what == (("contact", "ana"), ("consent", "c9"), ("call", his.id))
    assert (await house.db.read(unmerging.get, merge_id=one.id)).undone_at is None


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        pytest.param({"goes_version": 7}, VersionConflictError, id="a version that is not"),
        pytest.param({"stays_version": 7}, VersionConflictError, id="another version stays"),
        pytest.param({"goes": "ana"}, InvalidError, id="himself"),
        pytest.param({"goes": "nobody"}, NotFoundError, id="nobody"),
        pytest.param({"choices": {"shoes": "goes"}}, InvalidError, id="no field"),
    ],
)
async def test_what_is_refused(house: House, asked: dict[str, Any], why: type[CrmError]) -> None:
    await twins(house)
    with pytest.raises(why):
        await merge(house, **asked)
    assert (await get(house, "ann")).version == 1


async def test_who_is_to_be_erased_stays_himself(house: House) -> None:
    await twins(house)
    await house.db.run(erasure.ask, contact_id="ann", grace=timedelta(minutes=9), now=at(5), **WHO)
    with pytest.raises(ToBeErasedError):
        await merge(house)


async def test_companies_become_one_and_two_again(house: House) -> None:
    await house.company("top", "Top", lines=["957000001"])
    await house.company(
        "acme", "Acme", tax_id="B1", lines=["957000002"], ranges=[("+34957400000", "+34957400009")]
    )
    more = {
        "website": "https://acme.es",
        "parent_id": "top",
        "relations": (Relation(kind="payer", account_id="acme"),),
    }
    await house.company("acm2", "ACME SL", lines=["957000003", "957000002"], **more)
    await house.company(
        "kid", "Kid", parent_id="acm2", relations=(Relation(kind="payer", account_id="acm2"),)
    )
    await house.add(a_contact("bob", "Bob", company="ACME SL"))
    await house.incident("k1", contact_id="bob")
    keys = ("acme", "acm2", "kid", "top")
    before = [await whole(house, key) for key in keys]
    one = await merge(house, "acme", "acm2", account=True)
    acme = await whole(house, "acme")
    assert (acme["parent_id"], acme["website"], acme["tax_id"]) == ("top", "https://acme.es", "B1")
    assert {line.e164 for line in acme["phones"]} == {"+34957000002", "+34957000003"}
    assert (await get(house, "bob")).company == "Acme"
    assert (await whole(house, "kid"))["parent_id"] == "acme"
    with pytest.raises(MergedError):
        await house.db.read(accounts.get, account_id="acm2")
    assert [event.into for event in house.heard if isinstance(event, AccountMerged)] == ["acme"]
    await undo(house, one)
    assert [await whole(house, key) for key in keys] == before
    assert (await get(house, "bob")).company == "ACME SL"


async def test_a_company_is_not_above_itself_after_a_merge(house: House) -> None:
    await house.company("a", "A")
    await house.company("b", "B", parent_id="a")
    await house.company("c", "C", parent_id="b")
    with pytest.raises(InvalidError, match="above itself"):
        await merge(house, "c", "a", account=True)


async def whole(house: House, key: str) -> dict[str, Any]:
    one: WholeAccount = await house.db.read(accounts.get, account_id=key)
    return {name: getattr(one, name) for name in one.__struct_fields__ if name != "version"}


async def test_erased_he_is_in_no_journal(house: House) -> None:
    await twins(house)
    one = await merge(house)
    await house.db.run(erasure.ask, contact_id="ana", grace=timedelta(), now=at(110), **WHO)
    who = await house.db.read(erasure.person, contact_id="ana")
    assert "Anna Ruiz Soto" in who.marks.texts
    await house.db.run(erasure.finish, who=who, now=at(111))
    with pytest.raises(NotFoundError):
        await undo(house, one)
    assert (await house.db.read(unmerging.get, merge_id=one.id)).names == ("", "")


@pytest.mark.parametrize("kind", ["contact", "account"])
def test_every_table_that_names_a_record_says_what_becomes_of_it(kind: Any) -> None:
    naming = {
        table.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table.name == kind
    }
    assert naming == {one.table.name for one in OWNERS[kind]} | {table.name for table in PARTS[kind]}
