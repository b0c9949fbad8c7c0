"""Companies: kept in full, found, changed; what their names and lines mean for people and calls."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_contact, at
from msgspec.structs import replace

from crm_core.domain.accounts import NumberRange, Relation, WholeAccount
from crm_core.domain.contacts import Phone, PostalAddress
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import AccountCreated, AccountUpdated
from crm_core.services import accounts, contacts, lookup


async def read(house: House, key: str) -> WholeAccount:
    found: WholeAccount = await house.db.read(accounts.get, account_id=key)
    return found


async def put(house: House, key: str, version: int, **changes: Any) -> WholeAccount:
    after: WholeAccount = await house.db.run(
        accounts.change,
        account_id=key,
        version=version,
        changes=changes,
        region=REGION,
        by="eva",
        now=at(version),
    )
    return after


async def listed(
    house: House, q: str = "", after: tuple[str, str] | None = None, limit: int = 50
) -> list[str]:
    found = await house.db.read(accounts.find, q=q, after=after, limit=limit)
    return [one.id for one in found]


async def test_a_company_is_kept_in_full(house: House) -> None:
    await house.company("zeta", "Zeta")
    kept = await house.company(
        "acme",
        "Acmé",
        kind="distributor",
        legal_name="Acmé Distribución, S.L.",
        tax_id="B-14.000.001",
        parent_id="zeta",
        tier="gold",
        preferred_queue="vip",
        preferred_agent="101",
        region="ES",
        website="https://acme.example",
        note="Paga tarde.",
        addresses=(PostalAddress(city="Córdoba", country="ES"),),
        relations=(Relation(kind="supplier", account_id="zeta"),),
        lines=["957 40 00 00"],
        ranges=[("+34957400000", "+34957400099")],
    )

    assert await read(house, "acme") == kept
    assert (kept.parent, kept.phones[0].e164) == ("Zeta", "+34957400000")
    assert kept.relations == (Relation(kind="supplier", account_id="zeta", name="Zeta"),)
    assert (await read(house, "zeta")).relations == (
        Relation(kind="supplier", account_id="acme", name="Acmé", is_theirs=True),
    )
    assert house.heard[-1] == AccountCreated(at=NOW, by=None, account_id="acme")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        pytest.param("", ["acme", "acme2", "beta"], id="all, by folded name"),
        pytest.param("ACMÉ", ["acme", "acme2"], id="how a name begins"),
        pytest.param("acme dos", ["acme2"], id="two words"),
        pytest.param("b14", ["beta"], id="how a tax number begins"),
        pytest.param("B-14 000 001", ["beta"], id="a tax number in any writing"),
        pytest.param("eta", [], id="not the middle"),
        pytest.param("%", [], id="no wildcards"),
    ],
)
async def test_companies_are_found(house: House, q: str, found: list[str]) -> None:
    await house.company("beta", "Beta", tax_id="B14000001")
    await house.company("acme2", "ACME Dos")
    await house.company("acme", "Acmé")

    assert await listed(house, q) == found


async def test_a_list_of_companies_goes_on(house: House) -> None:
    for key in ("a", "b", "c"):
        await house.company(key, "Acme")

    assert await listed(house, limit=2) == ["a", "b"]
    assert await listed(house, "acme", after=("acme", "b")) == ["c"]


async def test_a_company_is_changed_with_all_that_belongs_to_it(house: House) -> None:
    for key in ("zeta", "beta"):
        await house.company(key, key.title())
    acme = await house.company("acme", "Acme", lines=["957400000"], ranges=[("+34957410000", "+34957410099")])
    await put(house, "zeta", 1, relations=(Relation(kind="payer", account_id="acme"),))

    after = await put(
        house,
        "acme",
        1,
        kind="partner",
        phones=(acme.phones[0], Phone(id="", raw="957 42 00 00")),
        ranges=(NumberRange(first="+34957430000", last="+34957430009"),) * 2,
        relations=(Relation(kind="franchise", account_id="beta"),) * 2,
    )

    assert after == await read(house, "acme")
    assert ([one.e164 for one in after.phones], after.version) == (["+34957400000", "+34957420000"], 2)
    assert after.phones[0] == acme.phones[0]
    assert after.ranges == (NumberRange(first="+34957430000", last="+34957430009"),)
    assert [(one.kind, one.name, one.is_theirs) for one in after.relations] == [
        ("franchise", "Beta", False),
        ("payer", "Zeta", True),
    ]
    assert house.heard[-1] == AccountUpdated(at=at(1), by="eva", account_id="acme", version=2)
    for number, match in (("957420000", "exact"), ("957430005", "range"), ("957410005", "none")):
        found = await house.db.read(lookup.who, number=number, region=REGION)
        assert found.match == match, number


async def test_a_change_that_changes_nothing(house: House) -> None:
    acme = await house.company("acme", "Acme", lines=["957400000"])

    assert await put(house, "acme", 1, name="Acme", phones=acme.phones, ranges=(), relations=()) == acme
    assert not any(isinstance(one, AccountUpdated) for one in house.heard)


async def test_people_are_found_by_the_new_name_of_their_company(house: House) -> None:
    for n in range(3):
        await house.add(a_contact(f"c{n}", "" if n else "Ana", "" if n else "Ruiz", company="Acme"))
    account = (await house.db.read(contacts.get, contact_id="c0")).account_id

    await put(house, account, 1, name="Zeta")

    assert await house.found("acme") == []
    assert await house.found("zeta") == ["c0", "c1", "c2"]
    assert await house.found("") == ["c0", "c1", "c2"]
    assert (await house.db.read(contacts.get, contact_id="c2")).name == "Zeta"


async def test_the_people_of_a_company_by_name(house: House) -> None:
    for key, given in (("a", "Cid"), ("b", "Ana"), ("c", "Bea")):
        await house.add(a_contact(key, given, company="Acme"))
    await house.add(a_contact("d", company="Zeta"))
    account = (await house.db.read(contacts.get, contact_id="a")).account_id

    people = await house.db.read(accounts.people, account_id=account, limit=2)
    assert [one.id for one in people] == ["b", "c"]
    after = (people[-1].listed_as, people[-1].id)
    rest = await house.db.read(accounts.people, account_id=account, after=after, limit=2)
    assert [one.id for one in rest] == ["a"]


async def test_callers_of_a_company_are_sent_to_its_queue_and_agent(house: House) -> None:
    await house.company("acme", "Acme", preferred_queue="vip", preferred_agent="101", lines=["957400000"])
    await house.add(a_contact("ana", company="Acme", numbers=["612345678"]))

    for number in ("612345678", "957400000"):
        found = await house.db.read(lookup.who, number=number, region=REGION)
        assert (found.queue, found.agent) == ("vip", "101"), number


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"name": None}, "name", id="null"),
        pytest.param({"parent": "Zeta"}, "parent", id="not to be changed"),
        pytest.param({"parent_id": "nobody"}, "parent_id", id="no such parent"),
        pytest.param({"parent_id": "acme"}, "parent_id", id="its own parent"),
        pytest.param({"parent_id": "child"}, "parent_id", id="its child's child"),
        pytest.param(
            {"relations": (Relation(kind="other", account_id="x"),)}, "relations.0.account_id", id="nobody"
        ),
        pytest.param({"relations": (Relation(kind="other", account_id="acme"),)}, "relations.0", id="itself"),
        pytest.param({"ranges": (NumberRange(first="+342", last="+341"),)}, "ranges.0", id="upside down"),
        pytest.param({"ranges": (NumberRange(first="+34", last="+341"),)}, "ranges.0", id="unequal"),
        pytest.param({"phones": (Phone(id="", raw="oculto"),)}, "phones.0.raw", id="no number"),
    ],
)
async def test_what_cannot_be_changes_nothing(house: House, changes: dict[str, Any], field: str) -> None:
    acme = await house.company("acme", "Acme")
    await house.company("child", "Child", parent_id="acme")

    with pytest.raises(InvalidError) as told:
        await put(house, "acme", 1, **{"tier": "gold"} | changes)
    assert told.value.field == field
    assert await read(house, "acme") == acme


async def test_what_is_not_there_is_there_already_or_was_changed_meanwhile(house: House) -> None:
    acme = await house.company("acme", "Acme")

    with pytest.raises(NotFoundError):
        await read(house, "x")
    with pytest.raises(AlreadyExistsError):
        await house.company("acme", "Acme")
    with pytest.raises(VersionConflictError) as told:
        await put(house, "acme", 7, tier="gold")
    assert told.value.newer == replace(acme)
