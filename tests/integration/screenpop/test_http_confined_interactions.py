"""Who is confined to his teams neither sees nor writes what is about another team's incident."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import a_contact
from integration.screenpop.house import House
from integration.screenpop.test_http_confined import Sides, incidents_of, sides_of
from integration.screenpop.test_http_interactions import INTERACTIONS, KEY, V1
from unit.screenpop.fakes import START

from crm_core.services import contacts

NOTE = {"channel": "note", "contact_id": KEY}
FIRST = {"If-Match": '"1"'}


@pytest.fixture
async def sides(house: House) -> Sides:
    """Sara of sales, and somebody who sees everything; Zoraida of Acme."""
    made = a_contact(KEY, "Zoraida", company="Acme")
    await house.db.run(contacts.create, contact=made, region="ES", by=None, now=START)
    return await sides_of(house)


async def written(sides: Sides) -> dict[str, dict[str, Any]]:
    """Write about an incident of theirs, one of ours, and none."""
    made = await incidents_of(sides)
    about = {"theirs": made["theirs"], "ours": made["ours"], "none": None}
    return {
        name: (
            await sides.free.post(INTERACTIONS, NOTE | {"body": f"Gotera {name}", "incident_id": key})
        ).body
        for name, key in about.items()
    }


async def test_what_is_about_another_team_s_incident_is_hidden(sides: Sides) -> None:
    told = await written(sides)
    account = told["none"]["account_id"]

    def bodies(answer: Any) -> set[str]:
        return {one["interaction"]["body"] for one in answer["items"] if one.get("interaction")}

    seen, every = {"Gotera ours", "Gotera none"}, {"Gotera ours", "Gotera none", "Gotera theirs"}
    for path in (INTERACTIONS, f"{V1}/contacts/{KEY}/timeline", f"{V1}/accounts/{account}/timeline"):
        assert await sides.both(path, bodies) == (seen, every), path
    for page in (f"/contacts/{KEY}", f"/accounts/{account}", f"/desk/history/{KEY}"):
        shown = [(await who.get(page)).body.decode() for who in (sides.sara, sides.free)]
        assert [all(text in one for text in seen) for one in shown] == [True, True], page
        assert ["Gotera theirs" in one for one in shown] == [False, True], page

    def found(answer: Any) -> set[str]:
        groups = (one["items"] for one in answer["groups"] if one["kind"] == "written")
        return {one["text"] for items in groups for one in items}

    assert await sides.both(f"{V1}/search?q=gotera", found) == (seen, every)


async def test_nor_is_it_read_changed_removed_or_written(sides: Sides) -> None:
    told = await written(sides)
    path = f"{INTERACTIONS}/{told['theirs']['id']}"
    for method, at, body in (
        ("GET", path, None),
        ("PATCH", path, {"body": "x"}),
        ("DELETE", path, None),
        ("POST", INTERACTIONS, NOTE | {"body": "x", "incident_id": told["theirs"]["incident_id"]}),
    ):
        refused = await sides.sara.ask(method, at, body, headers=FIRST)
        assert (refused.status, refused.code) == (404, "not_of_your_teams"), method
    await sides.free.ask("DELETE", path, headers=FIRST)
    assert (await sides.sara.post(f"{path}/undo")).code == "not_of_your_teams"
    for name in ("ours", "none"):
        at = f"{INTERACTIONS}/{told[name]['id']}"
        assert (await sides.sara.ask("PATCH", at, {"body": "x"}, headers=FIRST)).status == 200
