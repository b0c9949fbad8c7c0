"""Contacts by REST."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from integration.screenpop.calls import past_call
from integration.screenpop.house import House, Person

from crm_core.services import calls

CONTACTS = "/api/v1/contacts"


@pytest.fixture
async def ana(house: House) -> Person:
    return await house.person("ana")


async def _create(person: Person, given: str = "María", **fields: object) -> dict[str, object]:
    answer = await person.post(CONTACTS, {"given": given, **fields})
    assert answer.status == 201, answer.body
    return answer.body


async def test_a_contact_is_created_and_read_back(ana: Person) -> None:
    created = await ana.post(
        CONTACTS,
        {
            "given": " María del Carmen ",
            "family": "Fernández",
            "company": "Talleres Sur",
            "language": "es-MX",
            "phones": [
                {"raw": "957 21 20 00", "is_primary": True},
                {"raw": "+34 600 111 222", "label": "mobile"},
            ],
            "emails": ["maria@example.org"],
        },
    )
    assert (created.status, created.headers["ETag"]) == (201, '"1"')
    contact = created.body
    assert contact["given"] == "María del Carmen"
    assert [one["e164"] for one in contact["phones"]] == ["+34957212000", "+34600111222"]  # read as in Spain
    read = await ana.get(f"{CONTACTS}/{contact['id']}")
    assert (read.body, read.headers["ETag"]) == (contact, '"1"')


async def test_a_contact_that_is_not_there(ana: Person) -> None:
    for path in ("", "/timeline"):
        answer = await ana.get(f"{CONTACTS}/00000000-0000-7000-8000-000000000000{path}")
        assert (answer.status, answer.code) == (404, "not_found")


async def test_everything_wrong_with_a_new_contact_is_told_at_once(ana: Person) -> None:
    answer = await ana.post(
        CONTACTS,
        {
            "given": "",
            "vip": "perhaps",
            "language": "español",
            "phones": [{"raw": ""}, {"raw": "1", "label": "pager"}],
            "emails": ["nobody"],
            "age": 3,
        },
    )
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.faults == {
        ("company", "name_needed"),
        ("vip", "bool_type"),
        ("language", "string_pattern_mismatch"),
        ("phones.0.raw", "string_too_short"),
        ("phones.1.label", "literal_error"),
        ("emails.0.address", "string_pattern_mismatch"),
        ("age", "extra_forbidden"),
    }


@pytest.mark.parametrize(
    ("q", "found"),
    [
        pytest.param("fer", ["Carmen Fernández", "María Fernández"], id="a family name's beginning"),
        pytest.param("FERNANDEZ mar", ["María Fernández"], id="two words, no accents"),
        pytest.param("taller", ["Íñigo Ruiz"], id="a company"),
        pytest.param("957 212 000", ["María Fernández"], id="a number as written at home"),
        pytest.param("+34957212000", ["María Fernández"], id="a number in full"),
        pytest.param("inigo@", ["Íñigo Ruiz"], id="an address"),
        pytest.param("zzz", [], id="nobody"),
        pytest.param("", ["Carmen Fernández", "Íñigo Ruiz", "María Fernández"], id="everybody, by name"),
        pytest.param("%_'\"\\", [], id="signs that mean something to a database"),
    ],
)
async def test_contacts_are_found(ana: Person, q: str, found: list[str]) -> None:
    await _create(ana, family="Fernández", phones=[{"raw": "957212000"}])
    await _create(ana, "Carmen", family="Fernández")
    await _create(ana, "Íñigo", family="Ruiz", company="Talleres Sur", emails=["inigo@example.org"])
    items = (await ana.get(CONTACTS, params={"q": q})).body["items"]
    assert [f"{one['given']} {one['family']}" for one in items] == found


async def test_pages_follow_each_other_without_gap_or_repetition(ana: Person) -> None:
    for n in range(7):
        await _create(ana, f"María {n % 3}")
    whole = (await ana.get(CONTACTS)).body
    assert (len(whole["items"]), whole["next"]) == (7, None)
    seen, cursor = [], None
    for _ in range(4):
        page = (await ana.get(CONTACTS, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).body
        seen += page["items"]
        cursor = page["next"]
    assert (seen, cursor) == (whole["items"], None)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid"),
        ("limit=201", "invalid"),
        ("limit=x", "invalid"),
        ("cursor=x", "bad_cursor"),
        ("q=a&q=b", "malformed"),
        ("sort=name", "invalid"),
        ("q=%FF", "malformed"),
        ("q=%00", "malformed"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(ana: Person, query: str, code: str) -> None:
    answer = await ana.get(f"{CONTACTS}?{query}")
    assert 400 <= answer.status < 500
    assert answer.code == code


async def test_a_change_needs_the_version_that_was_seen(ana: Person) -> None:
    contact = await _create(ana, family="Fernández")
    here = f"{CONTACTS}/{contact['id']}"
    assert (await ana.ask("PATCH", here, {"vip": True})).code == "version_required"
    changed = await ana.ask("PATCH", here, {"vip": True}, headers={"If-Match": '"1"'})
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert changed.body | {"vip": False, "version": 1, "updated_at": contact["updated_at"]} == contact
    late = await ana.ask("PATCH", here, {"given": "Marta"}, headers={"If-Match": '"1"'})
    assert (late.status, late.code, late.body["newer"]) == (412, "version_conflict", changed.body)


@pytest.mark.parametrize("change", [{"given": None}, {"vip": None}, {"id": "x"}, {"phones": [{}]}])
async def test_a_change_that_cannot_be_is_refused(ana: Person, change: dict[str, object]) -> None:
    contact = await _create(ana)
    answer = await ana.ask("PATCH", f"{CONTACTS}/{contact['id']}", change, headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (422, "invalid")


async def test_of_two_who_change_at_once_one_is_told(house: House, ana: Person) -> None:
    contact, luis = await _create(ana), await house.person("luis")
    answers = await asyncio.gather(
        *(
            one.ask("PATCH", f"{CONTACTS}/{contact['id']}", {"note": note}, headers={"If-Match": '"1"'})
            for one, note in ((ana, "a"), (luis, "b"))
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 412]


async def test_a_number_learnt_later_makes_past_calls_the_contact_s(house: House, ana: Person) -> None:
    await house.db.run(calls.record, calls=[past_call()], events=[])
    contact = await _create(ana)
    assert (await ana.get(f"{CONTACTS}/{contact['id']}/timeline")).body["items"] == []
    added = await ana.post(f"{CONTACTS}/{contact['id']}/phones", {"raw": "957 212 000"})
    assert (added.status, added.headers["ETag"]) == (201, '"2"')
    assert [one["e164"] for one in added.body["phones"]] == ["+34957212000"]
    (item,) = (await ana.get(f"{CONTACTS}/{contact['id']}/timeline")).body["items"]
    assert (item["kind"], item["call"]["id"]) == ("call", past_call().id)
    assert item["call"]["match"]["relabelled_at"] is not None


async def test_a_timeline_goes_page_by_page(house: House, ana: Person) -> None:
    contact = await _create(ana, phones=[{"raw": "957212000"}])
    for n in range(3):
        call = past_call(n)
        call.contact_id = contact["id"]
        await house.db.run(calls.record, calls=[call], events=[])
    house.stage.clock.passes(timedelta(minutes=30).total_seconds())
    incident = await ana.post("/api/v1/incidents", {"subject": "No line", "contact_id": contact["id"]})
    seen, cursor = [], None
    for _ in range(2):
        options = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await ana.get(f"{CONTACTS}/{contact['id']}/timeline", params=options)).body
        seen += [(one["incident"] or one["call"])["id"] for one in page["items"]]
        cursor = page["next"]
    assert seen == [incident.body["id"], *(past_call(n).id for n in (2, 1, 0))]
    assert cursor is None


async def test_a_form_sent_twice_makes_one_contact(ana: Person) -> None:
    once = {"Idempotency-Key": "form-1"}
    first, again = [await ana.post(CONTACTS, {"given": "María"}, headers=once) for _ in range(2)]
    assert (first.status, first.body, first.headers["ETag"]) == (
        again.status,
        again.body,
        again.headers["ETag"],
    )
    assert len((await ana.get(CONTACTS)).body["items"]) == 1
    other = await ana.post(CONTACTS, {"given": "Marta"}, headers=once)
    assert (other.status, other.code) == (422, "idempotency_key_reused")
