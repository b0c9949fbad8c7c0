"""Fields that a site adds to its records, by REST, and what stands in them."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.house import House, Person

FIELDS, CONTACTS = "/api/v1/fields", "/api/v1/contacts"
SIZE = {
    "entity": "contact",
    "key": "size",
    "type": "choice",
    "label_es": "Talla",
    "label_en": "Size",
    "options": ["S", "L"],
    "is_required": True,
    "pii": True,
    "position": 3,
}


@pytest.fixture
async def ana(house: House) -> Person:
    return await house.person("ana")


async def defined(house: House, **more: Any) -> dict[str, Any]:
    answer = await house.system("administrator").ask("POST", FIELDS, SIZE | more)
    assert answer.status == 201, answer.body
    return answer.body  # type: ignore[no-any-return]


async def test_a_field_is_defined_changed_and_taken_away(house: House, ana: Person) -> None:
    admin = house.system("administrator")
    size = await defined(house)
    assert {name: size[name] for name in SIZE} == SIZE
    assert (await ana.get(FIELDS)).body["items"] == [size]
    here = f"{FIELDS}/{size['id']}"
    changed = await admin.ask("PATCH", here, {"options": ["M"]}, headers={"If-Match": '"1"'})
    assert (changed.body, changed.headers["ETag"]) == (size | {"options": ["M"], "version": 2}, '"2"')
    late = await admin.ask("PATCH", here, {"options": ["L"]}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]) == (412, changed.body)
    again = await admin.ask("POST", FIELDS, SIZE)
    assert (again.status, again.code) == (409, "already_exists")
    gone = await admin.ask("DELETE", here, headers={"If-Match": '"2"'})
    assert (gone.status, (await ana.get(FIELDS)).body["items"]) == (204, [])


async def test_everything_wrong_with_a_field_is_told_at_once(house: House) -> None:
    wrong = {
        "entity": "call",
        "key": "Size",
        "type": "colour",
        "label_es": "",
        "position": -1,
        "regex": "x" * 201,
    }
    answer = await house.system("administrator").ask("POST", FIELDS, wrong)
    assert (answer.status, answer.faults) == (
        422,
        {
            ("entity", "literal_error"),
            ("key", "string_pattern_mismatch"),
            ("type", "literal_error"),
            ("label_es", "string_too_short"),
            ("label_en", "missing"),
            ("position", "greater_than_equal"),
            ("regex", "string_too_long"),
        },
    )
    for more, fault in (
        ({"options": []}, ("options", "bad_options")),
        ({"type": "text", "options": [], "regex": "("}, ("regex", "bad_regex")),
    ):
        answer = await house.system("administrator").ask("POST", FIELDS, SIZE | more)
        assert (answer.status, answer.faults) == (422, {fault})


async def test_values_and_tags_of_a_contact(house: House, ana: Person) -> None:
    await defined(house)
    await defined(house, key="turnover", type="number", options=[], is_required=False)
    made = await ana.post(
        CONTACTS, {"given": "Ana", "fields": {"size": "L", "turnover": 2.5}, "tags": ["Norte"]}
    )
    assert (made.body["fields"], made.body["tags"]) == ({"size": "L", "turnover": 2.5}, ["Norte"])
    here = f"{CONTACTS}/{made.body['id']}"
    wrong = {"fields": {"turnover": "much", "age": 3}}
    answer = await ana.ask("PATCH", here, wrong, headers={"If-Match": '"1"'})
    assert (answer.status, answer.faults) == (
        422,
        {("fields.size", "missing"), ("fields.turnover", "no_number_value"), ("fields.age", "not_found")},
    )
    found = await ana.get(CONTACTS, params={"q": "#norte"})
    assert [one["id"] for one in found.body["items"]] == [made.body["id"]]
    answer = await ana.ask("PATCH", here, {"tags": ["a,b", "x" * 41]}, headers={"If-Match": '"1"'})
    assert answer.faults == {("tags.0", "string_pattern_mismatch"), ("tags.1", "string_too_long")}


async def test_values_of_a_company(house: House, ana: Person) -> None:
    await defined(house, entity="account")
    made = await ana.post("/api/v1/accounts", {"name": "Acme", "fields": {"size": "S"}, "tags": ["Sur"]})
    assert (made.body["fields"], made.body["tags"]) == ({"size": "S"}, ["Sur"])


async def test_an_incident_has_them_too(house: House) -> None:
    boss = await house.person("eva")
    admin = house.system("administrator")
    facts = {"entity": "incident", "label_es": "Visitas", "label_en": "Visits"}
    assert (await admin.post("/api/v1/fields", facts | {"key": "visits", "type": "number"})).status == 201
    wrong = await boss.post("/api/v1/incidents", {"subject": "x", "fields": {"visits": "two", "colour": 1}})
    assert wrong.faults == {("fields.visits", "no_number_value"), ("fields.colour", "not_found")}
    one = (await boss.post("/api/v1/incidents", {"subject": "x", "fields": {"visits": 2}})).body
    assert one["fields"] == {"visits": 2}
    path, match = f"/api/v1/incidents/{one['id']}", {"If-Match": '"1"'}
    same = await boss.ask("PATCH", path, {"fields": {}}, headers=match)
    assert (same.status, same.body["version"]) == (200, 1)
    after = await boss.ask("PATCH", path, {"fields": {"visits": None}}, headers=match)
    assert (after.body["fields"], after.body["version"]) == ({}, 2)
    told = (await boss.get(f"{path}/entries")).body["items"]
    assert told[0]["changes"] == {"fields": [{"visits": 2}, {}]}


async def test_a_field_is_asked_in_some_categories_only(house: House, ana: Person) -> None:
    admin = house.system("administrator")
    asked = {"kind": "category", "name_es": "Frío", "name_en": "Cold"}
    cold = (await admin.ask("POST", "/api/v1/incident-choices", asked)).body["id"]
    only = {"entity": "incident", "category_ids": [cold]}
    size = await defined(house, **only)
    assert size["category_ids"] == [cold]
    incident = {"subject": "No line", "fields": {"size": "S"}}
    refused = await ana.post("/api/v1/incidents", incident)
    assert (refused.status, refused.faults) == (422, {("fields.size", "other_category")})
    opened = await ana.post("/api/v1/incidents", incident | {"category_id": cold})
    assert (opened.status, opened.body["fields"]) == (201, {"size": "S"})
    wrong = await admin.ask("POST", FIELDS, SIZE | {"category_ids": [cold]})
    assert (wrong.status, wrong.faults) == (422, {("category_ids", "bad_categories")})
