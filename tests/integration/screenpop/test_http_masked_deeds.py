"""What somebody does who is not shown numbers: he dials, puts right and finds all the same."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.calls import past_call
from integration.screenpop.house import KEYS, Answer, House, Person
from msgspec.structs import replace
from unit.screenpop.fakes import START

from crm_core.services import callbacks, calls
from screenpop.schema import RESTARTING

V1 = "/api/v1"
NUMBER, OTHER, EMAIL, TAX_ID = "+34611234678", "+34622345789", "marta@reservado.example", "B83491774"
DIALLED = "0611234678"
SHOWN = {"numbers": "shown", "emails": "shown", "documents": "shown", "personal": "shown"}
MASKED = dict.fromkeys(SHOWN, "masked")


@pytest.fixture
async def admin(house: House) -> Person:
    return house.system("administrator")


@pytest.fixture
async def ana(house: House, admin: Person) -> Person:
    await rule(admin, **MASKED)
    return await house.person("ana")


@pytest.fixture
async def marta(admin: Person) -> dict[str, Any]:
    passport = {"entity": "contact", "key": "passport", "type": "text", "pii": True}
    await made(admin, "/fields", passport | {"label_es": "Pasaporte", "label_en": "Passport"})
    sent = {"given": "Marta", "phones": [{"raw": "611 23 46 78"}], "emails": [EMAIL]}
    return await made(admin, "/contacts", sent | {"fields": {"passport": "AAF071554"}})


async def rule(admin: Person, role: str = "agent", **rule: str) -> Answer:
    rules = (await admin.get(f"{V1}/masking")).body["items"]
    version = next(one["version"] for one in rules if one["role"] == role)
    headers = {"If-Match": f'"{version}"'}
    return await admin.ask("PUT", f"{V1}/masking/{role}", SHOWN | rule, headers=headers)


async def made(who: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await who.post(V1 + path, body)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.body
    return found


async def changed(who: Person, path: str, version: int, **changes: Any) -> Answer:
    return await who.ask("PATCH", V1 + path, changes, headers={"If-Match": f'"{version}"'})


# --- the rules


async def test_a_rule_is_made_by_who_is_up_to_date(admin: Person) -> None:
    listed = (await admin.get(f"{V1}/masking")).body["items"]
    assert [one["role"] for one in listed] == ["agent", "supervisor", "integration", "auditor"]
    assert all({kind: one[kind] for kind in SHOWN} == SHOWN for one in listed)
    kept = await rule(admin, numbers="own_queues")
    assert (kept.status, kept.body["numbers"], kept.headers["ETag"]) == (200, "own_queues", '"1"')
    late = await admin.ask("PUT", f"{V1}/masking/agent", MASKED, headers={"If-Match": '"0"'})
    assert (late.status, late.body["newer"]["numbers"]) == (412, "own_queues")
    nobody = await admin.ask("PUT", f"{V1}/masking/administrator", MASKED, headers={"If-Match": '"0"'})
    assert nobody.code == "not_found"


async def test_an_open_socket_of_a_key_follows_what_is_personal(house: House, admin: Person) -> None:
    await rule(admin, "integration", personal="masked")
    who = await house.auth.identify(None, f"Bearer {KEYS['integration']}")
    assert who is not None
    tab = house.stage.tab(who, "incidents")
    await house.auth.look()
    assert tab.closed is None
    passport = {"entity": "contact", "key": "passport", "type": "text", "pii": True}
    await made(admin, "/fields", passport | {"label_es": "Pasaporte", "label_en": "Passport"})
    again = await house.auth.identify(None, f"Bearer {KEYS['integration']}")
    assert again is not None
    assert again.masks is not None
    assert again.masks.fields == {"passport"}
    await house.auth.look()
    assert tab.closed == RESTARTING


async def test_a_rule_that_cannot_be(admin: Person) -> None:
    wrong = {"numbers": "some", "emails": "own_queues", "personal": None}
    answer = await admin.ask("PUT", f"{V1}/masking/agent", wrong, headers={"If-Match": '"0"'})
    assert answer.faults == {
        ("numbers", "literal_error"),
        ("emails", "literal_error"),
        ("documents", "missing"),
        ("personal", "literal_error"),
    }


async def test_what_is_left_of_it(ana: Person, marta: dict[str, Any]) -> None:
    seen = (await ana.get(f"{V1}/contacts/{marta['id']}")).body
    (phone,), (email,) = seen["phones"], seen["emails"]
    assert (phone["e164"], phone["raw"]) == ("••• ••• 678", "••• ••• 678")
    assert email["address"] == "m•••@reservado.example"
    assert seen["fields"] == {"passport": "•••"}


async def test_each_kind_by_itself(house: House, admin: Person, marta: dict[str, Any]) -> None:
    ana = await house.person("ana")
    for kind, spelt in (("numbers", "611 23 46 78"), ("emails", EMAIL), ("personal", "AAF071554")):
        await rule(admin, **{kind: "masked"})
        seen = (await ana.get(f"{V1}/contacts/{marta['id']}")).body
        kept = [seen["phones"][0]["raw"], seen["emails"][0]["address"], seen["fields"]["passport"]]
        assert [one for one in ("611 23 46 78", EMAIL, "AAF071554") if one not in kept] == [spelt]


# --- dialled by what has the number


async def test_a_phone_a_call_and_a_callback_are_dialled(
    house: House, ana: Person, marta: dict[str, Any]
) -> None:
    past = replace(past_call(), ani=NUMBER, customer=NUMBER)
    await house.db.run(calls.record, calls=[past], events=[])
    wish = await house.db.run(callbacks.ask, number=NUMBER, call_id=None, did=None, due_at=START, now=START)
    for asked in (
        {"phone_id": marta["phones"][0]["id"]},
        {"call_id": past.id},
        {"callback_id": wish.id},
    ):
        answer = await ana.post(f"{V1}/calls", asked)
        assert (answer.status, answer.body["number"]) == (202, "••• ••• 678")
    assert [one["number"] for one in house.control.asked] == [DIALLED] * 3


async def test_nobody_is_dialled_for_nothing(ana: Person) -> None:
    assert (await ana.post(f"{V1}/calls", {})).faults == {("", "nobody_named")}
    nobody = "00000000-0000-7000-8000-000000000000"
    for key in ("phone_id", "call_id", "callback_id"):
        assert (await ana.post(f"{V1}/calls", {key: nobody})).code == "not_found"


async def test_who_must_not_be_called_is_warned_of_here_too(
    house: House, admin: Person, ana: Person, marta: dict[str, Any]
) -> None:
    await made(admin, "/do-not-call", {"number": NUMBER, "why": "asked"})
    phone = {"phone_id": marta["phones"][0]["id"]}
    assert (await ana.post(f"{V1}/calls", phone)).code == "do_not_call"
    assert house.control.asked == []
    assert (await ana.post(f"{V1}/calls", phone | {"regardless": True})).status == 202


async def test_a_lead_is_dialled_by_the_place_of_its_number(house: House, ana: Person) -> None:
    eva = await house.person("eva")
    campaign = await made(
        eva, "/campaigns", {"name": "Otoño", "region": "ES", "basis": "legitimate_interests"}
    )
    table = f"Nombre;Teléfono;Teléfono 2\nMarta;{NUMBER};{OTHER}\n"
    headers = {"Content-Type": "text/csv"}
    await eva.ask("POST", f"{V1}/campaigns/{campaign['id']}/leads", data=table.encode(), headers=headers)
    lead = (await ana.post(f"{V1}/preview")).body["preview"]["lead"]
    assert lead["numbers"] == ["••• ••• 678", "••• ••• 789"]
    dial = f"{V1}/preview/{lead['id']}/dial"
    assert (await ana.post(dial, {"place": 3})).faults == {("number", "invalid")}
    assert (await ana.post(dial, {"place": 1})).status == 202
    assert house.control.asked[0]["number"] == "0622345789"


# --- what was not seen stays as it is


async def test_what_is_sent_back_as_it_was_shown_stays(
    admin: Person, ana: Person, marta: dict[str, Any]
) -> None:
    path = f"/contacts/{marta['id']}"
    seen = (await ana.get(V1 + path)).body
    phones = [{key: one[key] for key in ("id", "raw", "label")} for one in seen["phones"]]
    emails = [{key: one[key] for key in ("id", "address")} for one in seen["emails"]]
    answer = await changed(
        ana,
        path,
        seen["version"],
        family="Gil",
        phones=[*phones, {"raw": "622 34 57 89"}],
        emails=[*emails, {"address": "gil@reservado.example"}],
        fields=seen["fields"],
    )
    assert answer.status == 200, answer.body
    kept = (await admin.get(V1 + path)).body
    assert {(one["raw"], one["e164"]) for one in kept["phones"]} == {
        ("611 23 46 78", NUMBER),
        ("622 34 57 89", OTHER),
    }
    assert {one["address"] for one in kept["emails"]} == {EMAIL, "gil@reservado.example"}
    assert (kept["family"], kept["fields"]) == ("Gil", {"passport": "AAF071554"})


async def test_texts_are_written_on(house: House, admin: Person, ana: Person, marta: dict[str, Any]) -> None:
    past = replace(past_call(), ani=NUMBER, customer=NUMBER)
    await house.db.run(calls.record, calls=[past], events=[])
    work = f"{V1}/calls/{past.id}/work"
    typed = await ana.ask("PUT", work, {"notes": f"llamar al {NUMBER}"})
    assert typed.body["notes"] == "llamar al ••• ••• 678"
    on = {"notes": f"{typed.body['notes']} por la tarde", "disposition": "sold"}
    assert (await ana.ask("PUT", work, on)).status == 200
    (kept,) = (await admin.get(f"{V1}/calls/{past.id}")).body["work"]
    assert (kept["notes"], kept["disposition"]) == (f"llamar al {NUMBER} por la tarde", "sold")

    told = {"contact_id": marta["id"], "subject": f"Escribir a {EMAIL}", "description": "x"}
    incident = await made(admin, "/incidents", told)
    path = f"/incidents/{incident['id']}"
    seen = (await ana.get(V1 + path)).body
    answer = await changed(ana, path, seen["version"], subject=f"{seen['subject']} hoy")
    assert (answer.status, answer.body["subject"]) == (200, "Escribir a m•••@reservado.example hoy")
    assert (await admin.get(V1 + path)).body["subject"] == f"Escribir a {EMAIL} hoy"


async def test_what_is_shown_in_place_of_something_is_never_kept(
    ana: Person, admin: Person, marta: dict[str, Any]
) -> None:
    path, version = f"/contacts/{marta['id']}", marta["version"]
    for wrong in (
        {"phones": [{"raw": "••• ••• 678"}]},
        {"emails": [{"address": "m•••@reservado.example"}]},
        {"note": "su número es ••• ••• 678"},
    ):
        answer = await changed(ana, path, version, **wrong)
        assert (answer.status, answer.code) == (422, "masked_value"), answer.body
        assert [one["field"] for one in answer.body["errors"]] == list(wrong)
    assert (await ana.post(f"{V1}/contacts", {"given": "X", "phones": [{"raw": "••• ••• 678"}]})).code == (
        "masked_value"
    )
    assert (await admin.get(V1 + path)).body["version"] == version


async def test_a_company_s_tax_number_stays(admin: Person, ana: Person) -> None:
    account = await made(admin, "/accounts", {"name": "Reservado SL", "tax_id": TAX_ID})
    path = f"/accounts/{account['id']}"
    seen = (await ana.get(V1 + path)).body
    assert seen["tax_id"] == "•••74"
    await changed(ana, path, seen["version"], name="Reservado SA", tax_id=seen["tax_id"])
    kept = (await admin.get(V1 + path)).body
    assert (kept["name"], kept["tax_id"]) == ("Reservado SA", TAX_ID)


async def test_who_calls_is_put_on_record_by_his_call(house: House, admin: Person, ana: Person) -> None:
    past = replace(past_call(), ani=NUMBER, customer=NUMBER)
    await house.db.run(calls.record, calls=[past], events=[])
    new = await made(ana, "/contacts", {"given": "Luz", "call_id": past.id})
    assert [one["e164"] for one in new["phones"]] == ["••• ••• 678"]
    kept = (await admin.get(f"{V1}/contacts/{new['id']}")).body
    assert [one["e164"] for one in kept["phones"]] == [NUMBER]
    nobody = "00000000-0000-7000-8000-000000000000"
    assert (await ana.post(f"{V1}/contacts", {"given": "Luz", "call_id": nobody})).code == "not_found"


# --- found by the whole number only


@pytest.mark.parametrize("path", ["/contacts", "/search"])
async def test_a_part_of_a_number_finds_nobody(
    admin: Person, ana: Person, marta: dict[str, Any], path: str
) -> None:
    async def found(who: Person, q: str) -> bool:
        return marta["id"] in str((await who.get(V1 + path, params={"q": q})).body)

    for whole in ("611 23 46 78", "+34611234678", "Marta"):
        assert await found(ana, whole), whole
    for part in ("61123467", "6112", "+3461123", "4678", "x8764"):
        assert not await found(ana, part), part
    assert await found(admin, "6112")


async def test_a_part_of_a_tax_number_finds_no_company(admin: Person, ana: Person) -> None:
    await made(admin, "/accounts", {"name": "Reservado SL", "tax_id": TAX_ID})

    async def found(who: Person, q: str) -> int:
        return len((await who.get(f"{V1}/accounts", params={"q": q})).body["items"])

    assert (await found(admin, "B834"), await found(ana, "B834")) == (1, 0)
    assert (await found(ana, TAX_ID), await found(ana, "Reser")) == (1, 1)


async def test_a_part_of_an_address_finds_nobody(admin: Person, ana: Person, marta: dict[str, Any]) -> None:
    await made(admin, "/contacts", {"given": "Reservada", "emails": ["otra@casa.example"]})

    async def found(who: Person, path: str, q: str) -> bool:
        return marta["id"] in str((await who.get(path, params={"q": q})).body)

    for path in (f"{V1}/contacts", "/contacts"):
        for part in ("marta@", "mar @", "marta@reservado.exampl", "@"):
            assert not await found(ana, path, part), (path, part)
        assert await found(ana, path, EMAIL.upper())
        assert await found(admin, path, "mar @")
    for path in (f"{V1}/search", f"{V1}/search?kind=contact", "/search", "/search/options"):
        for part in ("reservado", "reser", "marta reser", "marta@reservado", "example"):
            assert not await found(ana, path, part), (path, part)
        for whole in (EMAIL, f"marta {EMAIL.upper()}", "marta", "611 23 46 78"):
            assert await found(ana, path, whole), (path, whole)
        assert await found(admin, path, "reser")


async def test_a_call_is_found_by_the_whole_address_of_its_customer(
    house: House, admin: Person, marta: dict[str, Any]
) -> None:
    past = replace(past_call(), ani=NUMBER, customer=NUMBER, contact_id=marta["id"])
    await house.db.run(calls.record, calls=[past], events=[])
    await rule(admin, "supervisor", **MASKED)
    eva = await house.person("eva")
    for who, is_found in (("mar+@", False), (EMAIL, True), ("Marta", True)):
        page = (await eva.get(f"/calls?from=2026-11-01&who={who}")).body.decode()
        assert (past.id in page) is is_found, who


async def test_how_a_forbidden_number_begins_tells_nothing(house: House, admin: Person) -> None:
    await made(admin, "/do-not-call", {"number": NUMBER, "why": "asked"})
    await made(admin, "/do-not-call", {"number": OTHER, "why": "asked"})
    await rule(admin, "supervisor", numbers="masked")
    eva = await house.person("eva")

    async def listed(**query: str) -> Any:
        return (await eva.get(f"{V1}/do-not-call", params=query)).body

    assert len((await listed(begin="+34611"))["items"]) == 2
    assert [one["number"] for one in (await listed(begin=NUMBER))["items"]] == ["••• ••• 678"]
    assert (await listed(limit="1"))["next"] is None


async def test_who_is_confined_dials_no_call_of_others(
    house: House, admin: Person, ana: Person, marta: dict[str, Any]
) -> None:
    past = replace(past_call(agent="102"), ani=NUMBER, customer=NUMBER)
    await house.db.run(calls.record, calls=[past], events=[])
    asked = {"number": NUMBER, "call_id": past.id, "did": None, "due_at": START, "now": START}
    wish = await house.db.run(callbacks.ask, **asked)
    user = (await admin.get(f"{V1}/users/u-ana")).body
    headers = {"If-Match": f'"{user["version"]}"'}
    confined = await admin.ask("PATCH", f"{V1}/users/u-ana", {"is_confined": True}, headers=headers)
    assert confined.status == 200, confined.body
    assert (await ana.post(f"{V1}/calls", {"call_id": past.id})).code == "not_found"
    assert (await ana.post(f"{V1}/calls", {"callback_id": wish.id})).code == "not_found"
    for named in ({"number": "612345678"}, {"phone_id": marta["phones"][0]["id"]}):
        beside = await ana.post(f"{V1}/calls", named | {"call_id": past.id})
        assert beside.code == "not_of_your_teams"
    assert (await ana.post(f"{V1}/contacts", {"given": "Luz", "call_id": past.id})).code == "not_found"
    assert house.control.asked == []


async def test_numbers_in_calls_of_own_queues_by_rest_and_in_a_file(
    house: House, admin: Person, marta: dict[str, Any]
) -> None:
    """Ana is in no team: she sees the number of the call that she had, and of no other."""
    mine = replace(past_call(1), ani=NUMBER, customer=NUMBER)
    others = replace(past_call(2, agent="102"), ani=NUMBER, customer=NUMBER, contact_id=marta["id"])
    await house.db.run(calls.record, calls=[mine, others], events=[])
    await rule(admin, "supervisor", numbers="own_queues")
    await rule(admin, numbers="own_queues")
    user = (await admin.get(f"{V1}/users/u-ana")).body
    headers = {"If-Match": f'"{user["version"]}"'}
    await admin.ask("PATCH", f"{V1}/users/u-ana", {"is_confined": True}, headers=headers)
    ana, eva = await house.person("ana"), await house.person("eva")
    assert (await ana.get(f"{V1}/calls/{mine.id}")).body["customer"] == NUMBER
    assert (await ana.get(f"{V1}/contacts/{marta['id']}")).body["phones"][0]["e164"] == "••• ••• 678"
    timeline = (await ana.get(f"{V1}/contacts/{marta['id']}/timeline")).body["items"]
    shown = {one["call"]["id"]: one["call"]["customer"] for one in timeline}
    assert shown == {mine.id: NUMBER, others.id: "••• ••• 678"}
    assert (await eva.get(f"{V1}/calls/{others.id}")).body["customer"] == NUMBER
    table = (await eva.get("/calls.csv?from=2026-11-01&to=2026-11-30")).body.decode()
    assert table.count(NUMBER) == 2
