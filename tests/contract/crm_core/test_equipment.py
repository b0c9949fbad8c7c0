"""Products, what customers have of them, contracts and repairs, on every database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_contact, at
from contract.crm_core.test_erasure import erase
from contract.crm_core.test_merges import merge, undo

from crm_core.domain.entitlement import Entitlement
from crm_core.domain.equipment import Asset, Contract, Product
from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import AssetChanged, RepairChanged
from crm_core.domain.incident_lists import Wanted
from crm_core.domain.repairs import Repair
from crm_core.domain.repairs import Wanted as WantedRepairs
from crm_core.services import audit, equipment, handing_out, incident_lists, incidents, repairs, search

TODAY = date(2026, 11, 24)
LAST = date(2026, 11, 30)
BY: dict[str, Any] = {"by": "eva", "now": NOW}


async def product(house: House, key: str = "p", **more: Any) -> Product:
    made = Product(id=key, **{"name_es": "Cámara", "name_en": "Chamber"} | more)
    return await house.db.run(equipment.add_product, made=made, **BY)


async def asset(house: House, key: str = "a", serial: str = "CF4-0017731", **more: Any) -> Asset:
    made = Asset(id=key, serial=serial, **{"product_id": "p", "contact_id": "ana"} | more)
    return await house.db.run(equipment.add_asset, made=made, **BY)


async def contract(house: House, key: str = "c", **more: Any) -> Contract:
    facts = {"name": "Gold", "kind": "maintenance", "begins_on": date(2026, 1, 1), "contact_id": "ana"}
    return await house.db.run(equipment.add_contract, made=Contract(id=key, **facts | more), **BY)


async def repair(house: House, seconds: float = 0, **more: Any) -> Repair:
    asked = {"asset_id": "a", "incident_id": None, "fault": "No enfría", "note": None} | more
    return await house.db.run(repairs.begin, **asked, by="eva", now=at(seconds))


async def stock(house: House) -> House:
    """Add Ana of Acme, and Bea of nobody; one product."""
    await house.company("acme", "Acme")
    await house.add(a_contact("ana", numbers=["957 21 20 00"], company="Acme"))
    await house.add(a_contact("bea", "Bea", "Sanz"))
    await product(house)
    return house


@pytest.fixture
async def stocked(house: House) -> House:
    """What ``stock`` adds."""
    return await stock(house)


async def has(house: House, contact_id: str | None = None, account_id: str | None = None) -> list[str]:
    asked = {"contact_id": contact_id, "account_id": account_id, "today": TODAY}
    found, _ = await house.db.read(equipment.of_customer, **asked)
    return [one.asset.id for one in found]


async def test_what_a_contact_has_is_his_company_s(stocked: House) -> None:
    kept = await asset(stocked, warranty_until=LAST)
    assert kept.account_id == "acme"
    await asset(stocked, "b", "B1", contact_id="bea")
    assert await has(stocked, contact_id="ana") == await has(stocked, account_id="acme") == ["a"]
    assert await has(stocked, contact_id="bea") == ["b"]
    one = await stocked.db.read(equipment.covered_asset, asset_id="a", today=TODAY)
    assert (one.owner, one.product.name_en, one.entitlement) == (
        "Ana Ruiz",
        "Chamber",
        Entitlement(is_covered=True, until=LAST),
    )
    assert AssetChanged(at=NOW, by="eva", asset_id="a", version=1) in stocked.heard
    assert [entry.what for entry in await stocked.db.read(audit.last, limit=2)] == ["asset added"] * 2


async def test_a_contract_covers_who_has_it_alone(stocked: House) -> None:
    await asset(stocked)
    await asset(stocked, "b", "B1", contact_id="bea")
    await contract(stocked)
    told = [
        (await stocked.db.read(equipment.covered_asset, asset_id=key, today=TODAY)).entitlement.by
        for key in ("a", "b")
    ]
    assert told == ["Gold", None]


async def test_by_serial_number_page_by_page(stocked: House) -> None:
    for key, serial in (("a", "Ab-2"), ("b", "aB-1"), ("c", "ab-3"), ("d", "zz")):
        await asset(stocked, key, serial)
    asked: dict[str, Any] = {"serial": "AB", "today": TODAY, "limit": 2}
    first = await stocked.db.read(equipment.find_assets, **asked)
    rest = await stocked.db.read(equipment.find_assets, place=equipment.place_of(first[-1]), **asked)
    assert [[one.asset.id for one in page] for page in (first, rest)] == [["b", "a"], ["c"]]


@pytest.mark.parametrize("typed", ["cf4-0017731", "CF4 0017731", "cf40017731", "0017731", "7731", "cf4"])
async def test_the_search_finds_a_serial_number(stocked: House, typed: str) -> None:
    await asset(stocked)
    found = await stocked.db.read(search.everywhere, q=typed, kinds=["asset"], limit=5, region=REGION)
    assert [(one.id, one.who) for one in found[0].items] == [("a", "Ana Ruiz")]


async def test_a_changed_serial_number_is_found_and_a_removed_one_is_not(stocked: House) -> None:
    await asset(stocked)
    await stocked.db.run(equipment.change_asset, asset_id="a", version=1, changes={"serial": "New-9"}, **BY)

    async def ids(q: str) -> list[str]:
        found = await stocked.db.read(search.everywhere, q=q, kinds=["asset"], limit=5, region=REGION)
        return [one.id for one in found[0].items]

    assert (await ids("0017731"), await ids("new-9")) == ([], ["a"])
    await stocked.db.run(equipment.remove_asset, asset_id="a", version=2, **BY)
    assert await ids("new-9") == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"product_id": "none"}, "product_id"),
        ({"contact_id": "none"}, "contact_id"),
        ({"account_id": "none"}, "account_id"),
        ({"contact_id": None}, "contact_id"),
    ],
)
async def test_what_cannot_be_had(stocked: House, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as told:
        await asset(stocked, **wrong)
    assert told.value.field == field


async def test_of_a_product_that_is_not_active_nobody_gets_another(stocked: House) -> None:
    await asset(stocked)
    await stocked.db.run(
        equipment.change_product, product_id="p", version=1, changes={"is_active": False}, **BY
    )
    with pytest.raises(InvalidError, match="product_id"):
        await asset(stocked, "b")
    changed = {"note": "Old"}
    await stocked.db.run(equipment.change_asset, asset_id="a", version=1, changes=changed, **BY)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"asset_ids": ("a", "b")}, "asset_ids.1"),
        ({"product_line_id": "none"}, "product_line_id"),
        ({"policy_id": "none"}, "policy_id"),
        ({"ends_on": date(2025, 1, 1)}, "ends_on"),
    ],
)
async def test_what_no_contract_can_name(stocked: House, wrong: dict[str, Any], field: str) -> None:
    await asset(stocked)
    await asset(stocked, "b", contact_id="bea")
    with pytest.raises(InvalidError) as told:
        await contract(stocked, **wrong)
    assert told.value.field == field


async def test_who_was_quicker(stocked: House) -> None:
    await asset(stocked)
    await contract(stocked)
    for deed, key in (
        (equipment.change_asset, {"asset_id": "a"}),
        (equipment.change_contract, {"contract_id": "c"}),
        (equipment.change_product, {"product_id": "p"}),
    ):
        with pytest.raises(VersionConflictError):
            await stocked.db.run(deed, version=7, changes={}, **key, **BY)
    with pytest.raises(VersionConflictError):
        await stocked.db.run(equipment.remove_asset, asset_id="a", version=7, **BY)
    with pytest.raises(VersionConflictError):
        await stocked.db.run(equipment.remove_contract, contract_id="c", version=7, **BY)


async def test_what_is_named_is_not_removed(stocked: House) -> None:
    await asset(stocked)
    await contract(stocked, asset_ids=("a",))
    for let_go in (
        stocked.db.run(equipment.remove_contract, contract_id="c", version=1, **BY),
        None,
    ):
        with pytest.raises(InvalidError, match="names it"):
            await stocked.db.run(equipment.remove_asset, asset_id="a", version=1, **BY)
        if let_go:
            await let_go
            await stocked.incident(contact_id="ana", asset_id="a")


async def test_an_incident_names_its_customer_s_piece(stocked: House) -> None:
    await asset(stocked)
    await asset(stocked, "b", contact_id="bea")
    one = await stocked.incident(contact_id="ana", asset_id="a")
    assert one.asset_id == "a"
    found = await stocked.db.read(incident_lists.find, wanted=Wanted(asset_id="a"), limit=5)
    assert [listed.incident.id for listed in found] == [one.id]
    with pytest.raises(InvalidError, match="asset_id"):
        await stocked.db.run(incidents.change, incident_id=one.id, version=1, changes={"asset_id": "b"}, **BY)
    with pytest.raises(InvalidError, match="asset_id"):
        await stocked.incident("other", contact_id="ana", asset_id="none")


async def test_a_repair_from_door_to_door(stocked: House) -> None:
    await asset(stocked)
    one = await stocked.incident(contact_id="ana", asset_id="a")
    begun = await repair(stocked, incident_id=one.id)
    assert begun.number == "RMA-10001"
    with pytest.raises(InvalidError, match="already"):
        await repair(stocked)
    for n, state in enumerate(("diagnosed", "repaired", "returned"), start=1):
        change = {"repair_id": begun.id, "version": n, "changes": {"state": state}}
        await stocked.db.run(repairs.change, **change, by="ana", now=at(n))
    kept = await stocked.db.read(repairs.get, repair_id=begun.id)
    assert [(step.state, step.at, step.by) for step in kept.steps] == [
        ("received", at(0), "eva"),
        ("diagnosed", at(1), "ana"),
        ("repaired", at(2), "ana"),
        ("returned", at(3), "ana"),
    ]
    told = [event for event in stocked.heard if isinstance(event, RepairChanged)]
    assert [event.state for event in told] == ["received", "diagnosed", "repaired", "returned"]
    assert (await repair(stocked, 9)).number == "RMA-10002"
    with pytest.raises(InvalidError, match="already"):
        await stocked.db.run(repairs.undo, repair_id=begun.id, version=4, **BY)


async def test_a_step_is_taken_back(stocked: House) -> None:
    await asset(stocked)
    begun = await repair(stocked)
    changes = {"state": "refused"}
    await stocked.db.run(repairs.change, repair_id=begun.id, version=1, changes=changes, **BY)
    back = await stocked.db.run(repairs.undo, repair_id=begun.id, version=2, **BY)
    assert (back.state, back.version) == ("received", 3)
    assert await stocked.db.read(repairs.get, repair_id=begun.id) == back


async def test_repairs_looked_for(stocked: House) -> None:
    await asset(stocked)
    await asset(stocked, "b", "B1", contact_id="bea")
    first, second = await repair(stocked), await repair(stocked, 5, asset_id="b")

    async def found(**more: Any) -> list[str]:
        asked = {"wanted": WantedRepairs(**more), "limit": 5}
        return [one.repair.id for one in await stocked.db.read(repairs.find, **asked)]

    assert await found(is_open=True) == await found() == [second.id, first.id]
    assert await found(asset_id="a") == [first.id]
    assert await found(is_open=False) == []
    listed = (await stocked.db.read(repairs.find, wanted=WantedRepairs(), limit=1))[0]
    assert (listed.serial, listed.product_es, listed.owner) == ("B1", "Cámara", "Bea Sanz")


@pytest.mark.parametrize(
    ("wrong", "field"), [({"asset_id": "none"}, "asset_id"), ({"incident_id": "none"}, "incident_id")]
)
async def test_what_is_not_repaired(stocked: House, wrong: dict[str, Any], field: str) -> None:
    await asset(stocked)
    with pytest.raises(InvalidError) as told:
        await repair(stocked, **wrong)
    assert told.value.field == field
    with pytest.raises(NotFoundError):
        await stocked.db.read(repairs.get, repair_id="none")


async def test_the_card_shows_contracts_and_pieces_with_their_cover(stocked: House) -> None:
    await asset(stocked)
    await contract(stocked, ends_on=LAST)
    card = await stocked.card("957212000")
    told = Entitlement(is_covered=True, by="Gold", until=LAST)
    assert [(one.name_es, one.serial, one.entitlement) for one in card.products] == [
        ("Gold", None, told),
        ("Cámara", "CF4-0017731", told),
    ]
    assert (await stocked.card("600 00 00 00")).products == ()


async def test_all_of_it_is_handed_out(stocked: House) -> None:
    await asset(stocked)
    await contract(stocked)
    begun = await repair(stocked)
    told = await stocked.db.read(handing_out.gather, contact_id="ana", now=NOW)
    assert [[one.id for one in part] for part in (told.assets, told.contracts, told.repairs)] == [
        ["a"],
        ["c"],
        [begun.id],
    ]


async def test_who_is_erased_leaves_what_his_company_has(stocked: House) -> None:
    for key, owner in (("a", "ana"), ("b", "bea")):
        await asset(stocked, key, f"S-{key}", contact_id=owner, note="Told me", site="At home")
        await contract(stocked, f"c-{key}", contact_id=owner)
        await repair(stocked, asset_id=key, note="Rust")
        await stocked.incident(key, contact_id=owner, asset_id=key)
        await erase(stocked, owner)

    assert await has(stocked, account_id="acme") == ["a"]
    one = (await stocked.db.read(equipment.covered_asset, asset_id="a", today=TODAY)).asset
    assert (one.contact_id, one.account_id, one.note, one.site) == (None, "acme", None, None)
    left = await stocked.db.read(repairs.find, wanted=WantedRepairs(), limit=5)
    assert [(each.repair.asset_id, each.repair.note) for each in left] == [("a", None)]
    assert "No enfría" not in left[0].repair.fault
    with pytest.raises(NotFoundError):
        await stocked.db.read(equipment.asset, asset_id="b")
    owed = await stocked.db.read(equipment.contracts, contact_id="bea", account_id="acme")
    assert [each.id for each in owed] == ["c-a"]
    found = await stocked.db.read(search.everywhere, q="S-b", kinds=["asset"], limit=5, region=REGION)
    assert found[0].items == ()
    named = await stocked.db.read(incident_lists.find, wanted=Wanted(), limit=5)
    assert {each.incident.asset_id for each in named} == {None, "a"}


async def test_who_becomes_a_part_of_another_brings_what_he_has(stocked: House) -> None:
    await asset(stocked, contact_id="bea")
    await contract(stocked, contact_id="bea")
    one = await merge(stocked, "ana", "bea")
    assert await has(stocked, contact_id="ana") == ["a"]
    owed = await stocked.db.read(equipment.contracts, contact_id="ana", account_id=None)
    assert [deal.id for deal in owed] == ["c"]
    await undo(stocked, one)
    assert (await has(stocked, contact_id="ana"), await has(stocked, contact_id="bea")) == ([], ["a"])
