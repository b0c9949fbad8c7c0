"""How a contact is reached: changed, taken away, and what follows in look-ups, searches and choices."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at
from msgspec.structs import replace

from crm_core.domain.contacts import CallHours, Contact, ContactLimit, Email, Phone, PostalAddress
from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import CallsRelabelled, ContactUpdated
from crm_core.services import calls, contacts, lookup

NUMBER = "+34957212000"


async def put(house: House, version: int, *, key: str = "ana", **changes: Any) -> Contact:
    after: Contact = await house.db.run(
        contacts.change,
        contact_id=key,
        version=version,
        changes=changes,
        region=REGION,
        by="eva",
        now=at(version),
    )
    return after


async def way(house: House, which: str, way_id: str, version: int, changes: dict[str, Any] | None) -> Contact:
    after: Contact = await house.db.run(
        contacts.change_way,
        contact_id="ana",
        way=which,
        way_id=way_id,
        version=version,
        changes=changes,
        region=REGION,
        by="eva",
        now=at(version),
    )
    return after


async def who(house: House, number: str) -> str | None:
    found = await house.db.read(lookup.who, number=number, region=REGION)
    return found.contact_id


async def test_a_contact_is_kept_in_full(house: House) -> None:
    whole = replace(
        a_contact("ana", "Ana", "Ruiz", company="Acme", numbers=["957212000"], emails=["a@example.org"]),
        prefix="Dra.",
        additional="Isabel",
        second_family="Peña",
        suffix="PhD",
        title="Jefa de compras",
        role="Decide",
        time_zone="Atlantic/Canary",
        birthday=date(1980, 2, 29),
        lifecycle="prospect",
        preferred_channel="email",
        call_hours=(CallHours(days=("mon", "fri"), begin="09:00", end="14:00"),),
        contact_limit=ContactLimit(times=2, days=30),
        subjects=("ofertas",),
        source="feria",
        addresses=(PostalAddress(street="Gran Vía 1", postal_code="14001", city="Córdoba", country="ES"),),
    )
    kept = await house.add(whole)

    assert await house.db.read(contacts.get, contact_id="ana") == kept
    assert replace(kept, phones=whole.phones, account_id=None) == whole
    assert kept.name == "Ana Isabel Ruiz Peña"
    assert await house.found("pena isab") == ["ana"]
    assert (await house.card("957212000")).contact.name == "Ana Isabel Ruiz Peña"  # type: ignore[union-attr]


async def test_a_deleted_number_leaves_look_up_search_and_choices(house: House) -> None:
    ana = await house.add(a_contact("ana", numbers=[NUMBER, "612345678"]))
    await house.add(a_contact("bea", "Bea", numbers=[NUMBER]))
    await house.record(a_call(0))
    call = (await house.db.read(calls.history, agent="101", limit=1))[0]
    await house.db.run(calls.choose_contact, call_id=call.id, contact_id="ana", number=NUMBER, now=NOW)
    assert await who(house, NUMBER) == "ana"

    gone = next(one for one in ana.phones if one.e164 == NUMBER)
    after = await way(house, "phones", gone.id, 1, None)

    assert [one.e164 for one in after.phones] == ["+34612345678"]
    assert await who(house, NUMBER) == "bea"
    assert await house.found("957212000") == ["bea"]
    assert house.heard[-1] == ContactUpdated(at=at(1), by="eva", contact_id="ana", version=2)


async def test_a_number_written_otherwise_is_another_one(house: House) -> None:
    ana = await house.add(a_contact("ana", numbers=["957313000"]))
    await house.record(a_call(0, customer=NUMBER))

    after = await way(house, "phones", ana.phones[0].id, 1, {"raw": "957 21 20 00", "label": "home"})

    assert [(one.id, one.e164, one.label) for one in after.phones] == [(ana.phones[0].id, NUMBER, "home")]
    assert await who(house, "957313000") is None
    assert await who(house, NUMBER) == "ana"
    assert isinstance(house.heard[-1], CallsRelabelled)


async def test_one_number_is_primary(house: House) -> None:
    ana = await house.add(a_contact("ana", numbers=["957212000", "612345678", "957313000"]))
    one, other, third = ana.phones

    first = await way(house, "phones", one.id, 1, {"is_primary": True})
    then = await way(house, "phones", other.id, 2, {"is_primary": True})
    assert next((p.id, p.is_primary) for p in first.phones) == (one.id, True)
    assert [(p.id, p.is_primary) for p in then.phones] == [
        (other.id, True),
        (one.id, False),
        (third.id, False),
    ]
    nobody = await way(house, "phones", other.id, 3, {"is_primary": False})
    assert not any(p.is_primary for p in nobody.phones)


async def test_marks_of_a_number_and_an_address_are_kept(house: House) -> None:
    ana = await house.add(a_contact("ana", numbers=["957212000"], emails=["a@example.org"]))

    await way(house, "phones", ana.phones[0].id, 1, {"is_valid": False, "do_not_call": True})
    marks = {"is_valid": False, "do_not_write": True, "label": "home", "is_primary": True}
    after = await way(house, "emails", ana.emails[0].id, 2, marks)

    assert (after.phones[0].is_valid, after.phones[0].do_not_call) == (False, True)
    assert after.emails == (replace(ana.emails[0], **marks),)


async def test_a_form_keeps_all_ways_at_once(house: House) -> None:
    ana = await house.add(a_contact("ana", numbers=["957212000", "612345678"], emails=["a@example.org"]))
    kept, gone = ana.phones

    after = await put(
        house,
        1,
        family="Gil",
        phones=(replace(kept, label="home"), Phone(id="", raw="957 31 30 00", is_primary=True)),
        emails=(Email(id="", address="b@example.org"), Email(id="", address="B@Example.org")),
    )

    assert [(one.e164, one.label, one.is_primary) for one in after.phones] == [
        ("+34957313000", "work", True),
        ("+34957212000", "home", False),
    ]
    assert after.phones[1].id == kept.id != gone.id
    assert [one.address for one in after.emails] == ["b@example.org"]
    assert (after.family, after.version) == ("Gil", 2)
    assert await house.found("612345678") == []
    assert sum(isinstance(one, ContactUpdated) for one in house.heard) == 1


async def test_a_form_that_changes_nothing_is_no_change(house: House) -> None:
    ana = await house.add(a_contact("ana", numbers=["957212000"], emails=["a@example.org"]))

    assert await put(house, 1, phones=ana.phones, emails=ana.emails, family="Ruiz") == ana


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"phones": (Phone(id="x", raw="957212000"),)}, "phones.0.id", id="another one's number"),
        pytest.param({"phones": (Phone(id="", raw="oculto"),)}, "phones.0.raw", id="no number"),
        pytest.param(
            {"phones": tuple(Phone(id="", raw=f"9572120{n:02}") for n in range(21))}, "phones", id="too many"
        ),
        pytest.param({"emails": (Email(id="x", address="a@b"),)}, "emails.0.id", id="another one's address"),
        pytest.param(
            {"emails": tuple(Email(id="", address=f"a{n}@b") for n in range(21))},
            "emails",
            id="too many mails",
        ),
    ],
)
async def test_ways_that_cannot_be_change_nothing(house: House, changes: dict[str, Any], field: str) -> None:
    ana = await house.add(a_contact("ana", numbers=["957212000"]))

    with pytest.raises(InvalidError) as told:
        await put(house, 1, family="Gil", **changes)
    assert told.value.field == field
    assert await house.db.read(contacts.get, contact_id="ana") == ana


async def test_an_address_is_added_once(house: House) -> None:
    await house.add(a_contact("ana"))
    new = {"contact_id": "ana", "email": Email(id="", address="Ana@Example.org"), "by": None}

    after = await house.db.run(contacts.add_email, **new, now=at(1))
    again = await house.db.run(contacts.add_email, **new, now=at(2))

    assert ([one.address for one in after.emails], after.version) == (["Ana@Example.org"], 2)
    assert again == after
    assert await house.found("ana@ex") == ["ana"]


async def test_what_is_not_there_or_was_changed_meanwhile(house: House) -> None:
    ana = await house.add(a_contact("ana", numbers=["957212000"]))

    with pytest.raises(NotFoundError):
        await way(house, "phones", "x", 1, None)
    with pytest.raises(NotFoundError):
        await way(house, "emails", ana.phones[0].id, 1, None)
    with pytest.raises(VersionConflictError):
        await way(house, "phones", ana.phones[0].id, 7, None)


async def test_a_name_longer_than_an_index_bears_is_listed(house: House) -> None:
    long = replace(
        a_contact("ana", "Ana " * 25, "Ruiz " * 20), second_family="Peña " * 20, additional="B " * 50
    )
    kept = await house.add(long)

    assert len(kept.listed_as) == 300
    assert await house.found("", after=("an", "")) == ["ana"]
    assert await house.found("", after=(kept.listed_as, "ana")) == []
