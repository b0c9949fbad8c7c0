"""Who is confined to his teams ties no repair to an incident that he does not see."""

from __future__ import annotations

import pytest
from contract.crm_core.kit import a_contact
from integration.screenpop.house import House
from integration.screenpop.test_http_confined import Sides, incidents_of, sides_of
from integration.screenpop.test_http_equipment import FIRST, KEY, REPAIRS, stocked
from unit.screenpop.fakes import START

from crm_core.services import contacts


@pytest.fixture
async def sides(house: House) -> Sides:
    """Sara of sales, and somebody who sees everything."""
    return await sides_of(house)


async def test_a_repair_names_no_incident_of_others(sides: Sides) -> None:
    await sides.house.db.run(
        contacts.create, contact=a_contact(KEY, "Zoraida"), region="ES", by=None, now=START
    )
    piece = (await stocked(sides.house.system("administrator")))["id"]
    made = await incidents_of(sides)
    asked = {"asset_id": piece, "fault": "x"}
    told = await sides.sara.post(REPAIRS, asked | {"incident_id": made["theirs"]})
    assert (told.status, told.code) == (404, "not_of_your_teams")
    begun = await sides.sara.post(REPAIRS, asked | {"incident_id": made["ours"]})
    assert begun.status == 201
    path = f"{REPAIRS}/{begun.body['id']}"
    told = await sides.sara.ask("PATCH", path, {"incident_id": made["theirs"]}, headers=FIRST)
    assert (told.status, told.code) == (404, "not_of_your_teams")
    same = {"incident_id": made["ours"], "note": "Rust"}
    assert (await sides.sara.ask("PATCH", path, same, headers=FIRST)).status == 200
    free = await sides.free.ask("PATCH", path, {"incident_id": made["theirs"]}, headers={"If-Match": '"2"'})
    assert free.status == 200
    kept = {"incident_id": made["theirs"], "note": "Clean"}
    assert (await sides.sara.ask("PATCH", path, kept, headers={"If-Match": '"3"'})).status == 200
