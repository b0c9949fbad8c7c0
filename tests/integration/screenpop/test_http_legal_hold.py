"""Why a customer's records must be kept is written over by nobody."""

from __future__ import annotations

from integration.screenpop.house import House

CONTACTS = "/api/v1/contacts"


async def test_a_reason_that_stands_is_lifted_first(house: House) -> None:
    admin = house.system("administrator")
    zoe = (await admin.post(CONTACTS, {"given": "Zoe"})).body
    here = f"{CONTACTS}/{zoe['id']}/legal-hold"
    first = await admin.ask("PUT", here, {"reason": "Court case 7"})
    assert (await admin.ask("PUT", here, {"reason": " Court case 7"})).body == first.body
    other = await admin.ask("PUT", here, {"reason": "Tax audit"})
    assert (other.status, other.code) == (409, "already_exists")
    assert (await admin.get(here)).body == first.body
    await admin.ask("DELETE", here)
    assert (await admin.ask("PUT", here, {"reason": "Tax audit"})).body["reason"] == "Tax audit"
