"""Contacts in full by REST: every field, and numbers and addresses one by one."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.house import House, Person

CONTACTS = "/api/v1/contacts"
NOBODY = "00000000-0000-7000-8000-000000000000"
IN_FULL = {
    "prefix": "Dra.",
    "given": "Ana",
    "additional": "Isabel",
    "family": "Ruiz",
    "second_family": "Peña",
    "suffix": "PhD",
    "company": "Acme",
    "title": "Jefa de compras",
    "role": "Decide",
    "language": "es-ES",
    "time_zone": "Atlantic/Canary",
    "birthday": "1980-02-29",
    "vip": True,
    "lifecycle": "prospect",
    "preferred_channel": "email",
    "call_hours": [{"days": ["mon", "fri"], "begin": "09:00", "end": "24:00"}],
    "contact_limit": {"times": 2, "days": 30},
    "subjects": ["ofertas"],
    "source": "feria",
    "note": "Se oye mal.",
    "addresses": [
        {
            "label": "billing",
            "street": "Gran Vía 1",
            "postal_code": "14001",
            "city": "Córdoba",
            "province": "",
            "country": "ES",
        }
    ],
}


@pytest.fixture
async def ana(house: House) -> Person:
    return await house.person("ana")


async def created(person: Person, **fields: Any) -> dict[str, Any]:
    answer = await person.post(CONTACTS, {"given": "Ana", **fields})
    assert answer.status == 201, answer.body
    return answer.body  # type: ignore[no-any-return]


async def test_every_field_is_created_changed_and_read_back(ana: Person) -> None:
    whole = await created(ana, **IN_FULL)
    assert {name: whole[name] for name in IN_FULL} == IN_FULL
    here, empty = f"{CONTACTS}/{whole['id']}", (await created(ana, given="Bea"))
    blank = {name: empty[name] for name in IN_FULL if name != "given"}
    changed = await ana.ask("PATCH", here, blank, headers={"If-Match": '"1"'})
    assert {name: changed.body[name] for name in blank} == blank
    again = await ana.ask("PATCH", here, IN_FULL, headers={"If-Match": '"2"'})
    assert {name: again.body[name] for name in IN_FULL} == IN_FULL
    assert (await ana.get(here)).body == again.body


async def test_everything_wrong_with_a_change_is_told_at_once(ana: Person) -> None:
    contact = await created(ana)
    wrong = {
        "prefix": "x" * 41,
        "time_zone": "Europe/Nowhere",
        "birthday": "1980-02-30",
        "lifecycle": "friend",
        "preferred_channel": "smoke",
        "call_hours": [
            {"days": ["mon"], "begin": "18:00", "end": "09:00"},
            {"days": [], "begin": "9", "end": "24:01"},
        ],
        "contact_limit": {"times": 0, "days": 400},
        "subjects": [""],
        "addresses": [{"country": "Spain"}],
        "phones": [{"raw": "oculto"}, {"raw": "957212000", "id": "x"}],
        "emails": [{"address": "nobody"}],
        "note": "a\u0000b",
    }
    answer = await ana.ask("PATCH", f"{CONTACTS}/{contact['id']}", wrong, headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.faults == {
        ("prefix", "string_too_long"),
        ("time_zone", "unknown_zone"),
        ("birthday", "date_parsing"),
        ("lifecycle", "literal_error"),
        ("preferred_channel", "literal_error"),
        ("call_hours.0.end", "ends_before_it_begins"),
        ("call_hours.1.days", "too_short"),
        ("call_hours.1.begin", "string_pattern_mismatch"),
        ("call_hours.1.end", "string_pattern_mismatch"),
        ("contact_limit.times", "greater_than_equal"),
        ("contact_limit.days", "less_than_equal"),
        ("subjects.0", "string_too_short"),
        ("addresses.0.country", "string_pattern_mismatch"),
        ("phones.0.raw", "no_number"),
        ("phones.1.id", "string_pattern_mismatch"),
        ("emails.0.address", "string_pattern_mismatch"),
        ("note", "not_text"),
    }


async def test_a_name_is_needed_after_a_change_too(ana: Person) -> None:
    contact = await created(ana)
    here = f"{CONTACTS}/{contact['id']}"
    answer = await ana.ask("PATCH", here, {"given": ""}, headers={"If-Match": '"1"'})
    assert (answer.status, answer.faults) == (422, {("company", "name_needed")})


async def test_a_number_is_changed_and_taken_away(ana: Person) -> None:
    contact = await created(ana, phones=[{"raw": "957212000"}])
    here = f"{CONTACTS}/{contact['id']}/phones/{contact['phones'][0]['id']}"
    assert (await ana.ask("DELETE", here)).code == "version_required"
    change = {"raw": "612 345 678", "label": "mobile", "is_primary": True, "is_valid": False}
    changed = await ana.ask("PATCH", here, change, headers={"If-Match": '"1"'})
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    (phone,) = changed.body["phones"]
    assert phone == contact["phones"][0] | change | {"e164": "+34612345678"}
    late = await ana.ask("DELETE", here, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]) == (412, changed.body)
    gone = await ana.ask("DELETE", here, headers={"If-Match": '"2"'})
    assert (gone.status, gone.body["phones"], gone.headers["ETag"]) == (200, [], '"3"')
    again = await ana.ask("DELETE", here, headers={"If-Match": '"3"'})
    assert (again.status, again.code) == (404, "not_found")
    lookup = await ana.get("/api/v1/lookup", params={"number": "612345678"})
    assert lookup.body["match"] == "none"


async def test_an_address_is_added_changed_and_taken_away(ana: Person) -> None:
    contact = await created(ana)
    ways = f"{CONTACTS}/{contact['id']}/emails"
    once = {"Idempotency-Key": "mail-1"}
    added, again = [await ana.post(ways, {"address": "ana@example.org"}, headers=once) for _ in range(2)]
    assert (added.status, added.body, added.headers["ETag"]) == (201, again.body, '"2"')
    here = f"{ways}/{added.body['emails'][0]['id']}"
    changed = await ana.ask("PATCH", here, {"is_valid": False}, headers={"If-Match": '"2"'})
    assert changed.body["emails"] == [added.body["emails"][0] | {"is_valid": False}]
    gone = await ana.ask("DELETE", here, headers={"If-Match": '"3"'})
    assert (gone.status, gone.body["emails"]) == (200, [])


async def test_a_number_of_nobody(ana: Person) -> None:
    here = f"{CONTACTS}/{NOBODY}/phones/{NOBODY}"
    answer = await ana.ask("PATCH", here, {"raw": "957212000"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (404, "not_found")


async def test_each_number_that_is_added_has_an_id_of_its_own(ana: Person) -> None:
    people = [await created(ana), await created(ana, given="Bea")]
    for one in people:
        for raw in ("957212000", "600111222"):
            answer = await ana.post(f"{CONTACTS}/{one['id']}/phones", {"raw": raw})
            assert answer.status == 201
    found = [(await ana.get(f"{CONTACTS}/{one['id']}")).body["phones"] for one in people]
    ids = [phone["id"] for phones in found for phone in phones]
    assert len(set(ids)) == len(ids) == 4
    assert all(ids)
