"""Equipment that more than one customer has to do with, and pieces that are gone, on every database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from contract.crm_core.kit import NOW, House
from contract.crm_core.test_equipment import BY, TODAY, asset, contract, repair, stock

from crm_core.domain.errors import InvalidError
from crm_core.services import equipment, handing_out, incidents, repairs


@pytest.fixture
async def stocked(house: House) -> House:
    """Ana of Acme, and Bea of nobody; one product."""
    return await stock(house)


async def test_no_change_undone_brings_a_piece_back_that_is_gone(stocked: House) -> None:
    await asset(stocked)
    one = await stocked.incident(contact_id="ana", asset_id="a")
    no_piece: dict[str, Any] = {"asset_id": None, "subject": "No picture"}
    one = await stocked.db.run(incidents.change, incident_id=one.id, version=1, changes=no_piece, **BY)
    await stocked.db.run(equipment.remove_asset, asset_id="a", version=1, **BY)
    back = await stocked.db.run(incidents.undo, incident_id=one.id, version=2, **BY)
    assert (back.asset_id, back.subject, back.version) == (None, "No sound", 3)


async def test_a_piece_that_is_there_comes_back(stocked: House) -> None:
    await asset(stocked)
    one = await stocked.incident(contact_id="ana", asset_id="a")
    one = await stocked.db.run(
        incidents.change, incident_id=one.id, version=1, changes={"asset_id": None}, **BY
    )
    back = await stocked.db.run(incidents.undo, incident_id=one.id, version=2, **BY)
    assert back.asset_id == "a"


@dataclass
class Shown:
    """By which contract a piece is covered, in each place where it is shown."""

    house: House

    async def alone(self) -> str | None:
        one = await self.house.db.read(equipment.covered_asset, asset_id="a", today=TODAY)
        return one.entitlement.by

    async def by_serial_number(self) -> str | None:
        (one,) = await self.house.db.read(equipment.find_assets, serial="cf4", today=TODAY, limit=5)
        return one.entitlement.by

    async def of(self, contact_id: str | None, account_id: str | None) -> tuple[str | None, list[str]]:
        asked = {"contact_id": contact_id, "account_id": account_id, "today": TODAY}
        (one,), owed = await self.house.db.read(equipment.of_customer, **asked)
        return one.entitlement.by, [deal.id for deal in owed]

    async def on_the_card_of_ana(self) -> list[tuple[str, str | None]]:
        card = await self.house.card("957212000")
        return [(one.name_es, one.entitlement.by) for one in card.products]


async def test_a_piece_is_covered_alike_wherever_it_is_shown(stocked: House) -> None:
    """Bea's own contract covers what she looks after at Acme, also where Acme or Ana of Acme is asked for."""
    await asset(stocked, contact_id="bea", account_id="acme")
    await contract(stocked, contact_id="bea")
    shown = Shown(stocked)
    assert (await shown.alone(), await shown.by_serial_number()) == ("Gold", "Gold")
    assert await shown.of("bea", None) == ("Gold", ["c"])
    assert await shown.of(None, "acme") == await shown.of("ana", "acme") == ("Gold", [])
    assert await shown.on_the_card_of_ana() == [("Cámara", "Gold")]


async def test_a_card_of_who_has_a_contract_alone(stocked: House) -> None:
    await contract(stocked)
    assert await Shown(stocked).on_the_card_of_ana() == [("Gold", "Gold")]


async def test_as_many_owners_as_there_are_pieces(stocked: House) -> None:
    for n in range(5):
        await stocked.company(f"co{n}", f"Company {n}")
        await asset(stocked, f"a{n}", f"CF4-{n}", contact_id=None, account_id=f"co{n}")
        await contract(stocked, f"c{n}", name=f"Deal {n}", contact_id=None, account_id=f"co{n}")
    found = await stocked.db.read(equipment.find_assets, serial="cf4", today=TODAY, limit=9)
    assert [one.entitlement.by for one in found] == ["Deal 0", "Deal 1", "Deal 2", "Deal 3", "Deal 4"]


async def test_a_customer_s_pieces_page_by_page(stocked: House) -> None:
    for n in range(3):
        await asset(stocked, f"a{n}", f"S-{n}")
    asked: dict[str, Any] = {"contact_id": "ana", "account_id": None, "today": TODAY, "limit": 2}
    first, _ = await stocked.db.read(equipment.of_customer, **asked)
    place = equipment.place_of(first[-1])
    rest, _ = await stocked.db.read(equipment.of_customer, place=place, **asked)
    assert [[one.asset.id for one in page] for page in (first, rest)] == [["a0", "a1"], ["a2"]]


async def test_a_piece_stays_that_any_contract_names(stocked: House) -> None:
    await asset(stocked)
    await contract(stocked, asset_ids=("a",), ends_on=TODAY)
    for n in range(100):
        await contract(stocked, f"c{n}")
    with pytest.raises(InvalidError, match="names it"):
        await stocked.db.run(equipment.remove_asset, asset_id="a", version=1, **BY)


async def test_no_repair_comes_from_another_customer_s_incident(stocked: House) -> None:
    await asset(stocked)
    hers = await stocked.incident("hers", contact_id="bea")
    nobodys = await stocked.incident("nobodys")
    with pytest.raises(InvalidError) as told:
        await repair(stocked, incident_id=hers.id)
    assert told.value.field == "incident_id"
    one = await repair(stocked, incident_id=nobodys.id)
    changes = {"incident_id": hers.id}
    with pytest.raises(InvalidError) as told:
        await stocked.db.run(repairs.change, repair_id=one.id, version=1, changes=changes, **BY)
    assert told.value.field == "incident_id"


async def test_repairs_of_his_incidents_are_handed_out_too(stocked: House) -> None:
    await asset(stocked, contact_id=None, account_id="acme")
    his = await stocked.incident(contact_id="ana", asset_id="a")
    one = await repair(stocked, incident_id=his.id)
    told = await stocked.db.read(handing_out.gather, contact_id="ana", now=NOW)
    assert (told.assets, [each.id for each in told.repairs]) == ((), [one.id])


async def test_a_repair_of_his_piece_and_his_incident_is_handed_out_once(stocked: House) -> None:
    await asset(stocked)
    his = await stocked.incident(contact_id="ana", asset_id="a")
    one = await repair(stocked, incident_id=his.id)
    told = await stocked.db.read(handing_out.gather, contact_id="ana", now=NOW)
    assert [each.id for each in told.repairs] == [one.id]
