"""Customers from tables."""

from __future__ import annotations

import pytest
from contract.crm_core.kit import REGION, House, a_call, a_contact, at

from crm_core.domain.contact_columns import columns_of
from crm_core.domain.contact_rows import ContactRow, read_row
from crm_core.domain.contacts import Contact
from crm_core.domain.events import CallsRelabelled, ContactCreated, ContactUpdated
from crm_core.domain.imports import Policy
from crm_core.domain.rows import MOST
from crm_core.services import contacts, imports

COLUMNS = columns_of(["nombre", "apellidos", "empresa", "teléfono", "correo"])
ANA = "Ana;Ruiz;Talleres Ruiz;957 21 20 00;ana@example.org"


def rows(*lines: str) -> list[ContactRow]:
    read = [read_row(COLUMNS, line.split(";"), region=REGION) for line in lines]
    return [row for row in read if row]


async def bring_in(house: House, *lines: str, policy: Policy = "complete", seconds: float = 0) -> list[str]:
    brought = await house.db.run(
        imports.bring_in, rows=rows(*lines), policy=policy, by="cli", now=at(seconds)
    )
    return list(brought.verdicts)


async def everybody(house: House) -> list[Contact]:
    listed: list[Contact] = await house.db.read(contacts.find, q="", limit=50, region=REGION)
    return listed


async def test_who_is_new_is_kept_and_told(house: House) -> None:
    assert await bring_in(house, ANA, "Luis;Peña;;600123456;") == ["added", "added"]
    ana, luis = await everybody(house)
    assert (ana.name, ana.company, ana.phones[0].e164, ana.emails[0].address) == (
        "Ana Ruiz",
        "Talleres Ruiz",
        "+34957212000",
        "ana@example.org",
    )
    assert [type(event) for event in house.heard] == [ContactCreated, ContactCreated]
    assert await house.found("talleres") == [ana.id]
    assert await house.found("600 12 34 56") == [luis.id]


async def test_the_same_table_again_changes_nothing(house: House) -> None:
    await bring_in(house, ANA)
    before = await everybody(house)
    assert await bring_in(house, ANA, ANA, seconds=60) == ["known", "known"]
    assert await everybody(house) == before
    assert len(house.heard) == 1


async def test_the_same_person_twice_in_a_table_is_kept_once(house: House) -> None:
    assert await bring_in(house, "ANA;ruíz;;957212000;", "Ana;Ruiz;;957212000;b@example.org") == [
        "added",
        "completed",
    ]
    (ana,) = await everybody(house)
    assert (ana.name, ana.version, [one.address for one in ana.emails]) == ("ANA ruíz", 1, ["b@example.org"])


async def test_who_is_known_gets_what_he_lacks_and_keeps_what_he_has(house: House) -> None:
    await house.add(
        a_contact("c", "Ana", "Ruiz", numbers=["957212000"], emails=["ANA@example.org"], note="Deaf")
    )
    assert await bring_in(house, "Ana;Ruiz;Talleres;600123456;ana@example.org", seconds=60) == ["completed"]
    (ana,) = await everybody(house)
    assert (ana.id, ana.version, ana.updated_at) == ("c", 2, at(60))
    assert (ana.company, ana.note) == ("Talleres", "Deaf")
    assert {phone.e164 for phone in ana.phones} == {"+34957212000", "+34600123456"}
    assert [email.address for email in ana.emails] == ["ANA@example.org"]
    assert house.heard[-1] == ContactUpdated(at=at(60), by="cli", contact_id="c", version=2)
    assert await house.found("talleres") == ["c"]
    assert await bring_in(house, "Ana;Ruiz;Other;957212000;", seconds=90) == ["known"]


async def test_a_company_is_one_however_it_is_written(house: House) -> None:
    kept = await house.company("a", "Talleres Muñoz")
    await bring_in(
        house, "Ana;;TALLERES  MUNOZ;957212000;", "Luis;;Talleres Muñoz;600123456;", "Eva;;New;600123457;"
    )
    await bring_in(house, "Tom;;new;600123458;")
    found = {one.given: (one.account_id, one.company) for one in await everybody(house)}
    assert found["Ana"] == found["Luis"] == (kept.id, "Talleres Muñoz")
    assert found["Eva"] == found["Tom"]
    assert found["Eva"][1] == "New"


async def test_people_who_share_a_number_or_an_address_stay_two(house: House) -> None:
    assert await bring_in(house, ANA, "Eva;Gil;;957212000;ana@example.org") == ["added", "added"]
    assert [one.name for one in await everybody(house)] == ["Ana Ruiz", "Eva Gil"]


async def test_namesakes_with_nothing_in_common_stay_two(house: House) -> None:
    assert await bring_in(house, ANA, "Ana;Ruiz;;600123456;") == ["added", "added"]


async def test_who_has_too_much_already_is_left_as_he_is(house: House) -> None:
    numbers = [f"6001234{n:02}" for n in range(MOST)]
    await house.add(a_contact("c", "Ana", "Ruiz", numbers=numbers))
    (before,) = await everybody(house)
    assert await bring_in(house, "Ana;Ruiz;;600123400|957212000;") == ["full"]
    assert await everybody(house) == [before]


async def test_past_calls_find_who_is_new(house: House) -> None:
    call = a_call(0)
    await house.record(call)
    await bring_in(house, ANA, "Luis;Peña;;600123456;", seconds=60)
    (ana, _) = await everybody(house)
    labelled = await house.call(call.id)
    assert (labelled.contact_id, labelled.match.kind) == (ana.id, "exact")
    told = [event for event in house.heard if isinstance(event, CallsRelabelled)]
    assert [(one.contact_id, one.calls) for one in told] == [(ana.id, (call.id,))]


async def test_a_call_of_a_number_that_two_share_is_possibly_of_both(house: House) -> None:
    call = a_call(0)
    await house.record(call)
    await bring_in(house, ANA, "Eva;Gil;;957212000;", seconds=60)
    labelled = await house.call(call.id)
    assert labelled.contact_id is None
    assert len(labelled.match.candidates) == 2


@pytest.mark.parametrize(
    ("policy", "verdict", "there"),
    [
        ("complete", "completed", [("Talleres Ruiz", "Old", 2)]),
        ("update", "completed", [("Other", "New", 2)]),
        ("skip", "known", [("Talleres Ruiz", "Old", 1)]),
        ("add", "added", [("Other", "New", 2), ("Talleres Ruiz", "Old", 1)]),
    ],
)
async def test_what_becomes_of_who_is_known_is_as_asked(
    house: House, policy: Policy, verdict: str, there: list[tuple[str, str, int]]
) -> None:
    await bring_in(house, ANA)
    (ana,) = await everybody(house)
    changes = {"title": "Old"}
    await house.db.run(contacts.change, contact_id=ana.id, version=1, changes=changes, by=None, now=at(30))
    row = read_row(
        (*COLUMNS, "title"), [*["Ana", "Ruiz", "Other", "957212000|600123456", "", "New"]], region=REGION
    )
    assert row is not None
    brought = await house.db.run(imports.bring_in, rows=[row], policy=policy, by="cli", now=at(60))
    assert brought.verdicts == [verdict]
    found = [(one.company, one.title, len(one.phones)) for one in await everybody(house)]
    assert sorted(found) == sorted(there)
