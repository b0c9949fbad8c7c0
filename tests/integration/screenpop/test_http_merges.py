"""Duplicates by REST: offered, told apart, made one, and two again; old ids lead on."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import a_contact
from integration.screenpop.house import Answer, House, Person
from unit.screenpop.fakes import START

from crm_core.domain.accounts import WholeAccount
from crm_core.services import accounts, contacts

V1 = "/api/v1"
ANA, ANN, BOB = (f"00000000-0000-7000-8000-0000000000a{n}" for n in (1, 2, 3))
ACME, ACM2 = (f"00000000-0000-7000-8000-0000000000b{n}" for n in (1, 2))
MERGE = {"kind": "contact", "stays": ANA, "goes": ANN, "stays_version": 1, "goes_version": 1}
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
async def home(house: House) -> House:
    for who in (
        a_contact(ANA, "Ana", "Ruiz", numbers=["957212345"], emails=["ana@x.es"], company="Acme"),
        a_contact(ANN, "Anna", "Ruiz", numbers=["957 21 23 45"], emails=["ANA@x.es"], company="Acme"),
        a_contact(BOB, "Bob", "Gil", numbers=["957212346"]),
    ):
        await house.db.run(contacts.create, contact=who, region="ES", by=None, now=START)
    for key in (ACME, ACM2):
        whole = WholeAccount(id=key, name="Twice SL", tax_id="B-14000001")
        await house.db.run(accounts.create, account=whole, region="ES", by=None, now=START)
    return house


async def merged(person: Person, **more: Any) -> Answer:
    return await person.post(f"{V1}/merges", MERGE | more)


async def offered(person: Person, by: str) -> list[tuple[str, str]]:
    found = (await person.get(f"{V1}/duplicates?by={by}")).body
    return [(one["first"]["id"], one["second"]["id"]) for one in found["items"]]


async def test_they_are_offered_until_somebody_says_no(home: House) -> None:
    ana = await home.person("ana")
    for by in ("number", "email", "name"):
        assert await offered(ana, by) == [(ANA, ANN)]
    assert await offered(ana, "tax_id") == [(ACME, ACM2)]
    (beside,) = (await ana.get(f"{V1}/contacts/{ANN}/duplicates")).body["items"]
    assert [why["reason"] for why in beside["why"]] == ["number", "email", "name"]
    assert len((await ana.get(f"{V1}/accounts/{ACME}/duplicates")).body["items"]) == 1

    apart = f"{V1}/duplicates/apart"
    said = await ana.post(apart, {"kind": "contact", "first": ANN, "second": ANA})
    assert (said.status, said.body) == (201, {"kind": "contact", "first": ANA, "second": ANN})
    assert await offered(ana, "number") == []
    assert (await ana.get(f"{V1}/contacts/{ANN}/duplicates")).body["items"] == []
    assert (await ana.ask("DELETE", f"{apart}/contact/{ANN}/{ANA}")).status == 204
    assert await offered(ana, "number") == [(ANA, ANN)]
    assert (await ana.ask("DELETE", f"{apart}/contact/{ANN}/{ANA}")).status == 404
    assert (await ana.ask("DELETE", f"{apart}/shoe/{ANN}/{ANA}")).status == 404


async def test_one_of_two_and_two_again(home: House) -> None:
    ana = await home.person("ana")
    done = await merged(ana, choices={"name": "goes"})
    assert (done.status, done.body["into_id"], done.body["by"]) == (201, ANA, "u-ana")
    whole = await ana.get(f"{V1}/contacts/{ANA}")
    assert (whole.body["given"], len(whole.body["phones"]), whole.headers["ETag"]) == ("Anna", 1, '"2"')
    assert (await ana.get(f"{V1}/merges")).body["items"] == [done.body]

    undone = await ana.post(f"{V1}/merges/{done.body['id']}/undo")
    assert (undone.status, undone.body["undone_by"]) == (200, "u-ana")
    assert (await ana.get(f"{V1}/merges/{done.body['id']}")).body == undone.body
    assert (await ana.get(f"{V1}/contacts/{ANN}")).body["emails"][0]["address"] == "ANA@x.es"


async def test_old_ids_lead_on(home: House) -> None:
    ana = await home.person("ana")
    await merged(ana)
    for path in (
        f"{V1}/contacts/{{}}",
        f"{V1}/contacts/{{}}/consents",
        f"{V1}/contacts/{{}}/timeline?limit=3",
    ):
        led = await ana.get(path.format(ANN))
        assert (led.status, led.code, led.headers["Location"]) == (308, "merged", path.format(ANA))
    changed = await ana.ask("PATCH", f"{V1}/contacts/{ANN}", {"given": "x"}, headers={"If-Match": "1"})
    assert changed.status == 308
    for path in ("/contacts/{}", "/contacts/{}/privacy", "/contacts/{}?tab=calls"):
        led = await ana.get(path.format(ANN))
        assert (led.status, led.headers["Location"]) == (301, path.format(ANA))
    opened = await ana.post(f"{V1}/incidents", {"subject": "x", "contact_id": ANN})
    assert (opened.status, opened.body["contact_id"]) == (201, ANA)


async def test_companies(home: House) -> None:
    ana = await home.person("ana")
    done = await merged(ana, kind="account", stays=ACM2, goes=ACME, choices={"tax_id": "goes"})
    assert done.status == 201
    assert (await ana.get(f"{V1}/accounts/{ACME}")).headers["Location"] == f"{V1}/accounts/{ACM2}"
    assert (await ana.post(f"{V1}/merges/{done.body['id']}/undo")).status == 200
    assert (await ana.get(f"{V1}/accounts/{ACME}")).status == 200


async def test_asked_twice_it_is_done_once(home: House) -> None:
    ana = await home.person("ana")
    told = [await ana.post(f"{V1}/merges", MERGE, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert told[0].body == told[1].body
    assert len((await ana.get(f"{V1}/merges")).body["items"]) == 1


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"stays_version": 2}, 412, "version_conflict"),
        ({"goes_version": 2}, 412, "version_conflict"),
        ({"goes": ANA}, 422, "invalid"),
        ({"goes": NOBODY}, 404, "not_found"),
        ({"choices": {"shoes": "goes"}}, 422, "invalid"),
        ({"choices": {"name": "both"}}, 422, "invalid"),
        ({"kind": "shoe"}, 422, "invalid"),
        ({"goes": "<script>"}, 422, "invalid"),
    ],
)
async def test_what_cannot_be(home: House, wrong: dict[str, Any], status: int, code: str) -> None:
    ana = await home.person("ana")
    told = await merged(ana, **wrong)
    assert (told.status, told.code) == (status, code)
    assert (await ana.get(f"{V1}/contacts/{ANN}")).status == 200


async def test_what_was_changed_since_is_named(home: House) -> None:
    ana = await home.person("ana")
    done = (await merged(ana)).body
    await ana.ask("PATCH", f"{V1}/contacts/{ANA}", {"given": "Eva"}, headers={"If-Match": "2"})
    refused = await ana.post(f"{V1}/merges/{done['id']}/undo")
    assert (refused.status, refused.code, refused.faults) == (
        409,
        "changed_since",
        {("contact", "changed_since")},
    )
    assert (await ana.post(f"{V1}/merges/{NOBODY}/undo")).status == 404


@pytest.mark.parametrize("path", ["/duplicates", "/duplicates?by=tax_id", f"/duplicates/contact/{ANA}/{ANN}"])
async def test_the_pages(home: House, path: str) -> None:
    ana = await home.person("ana")
    assert (await ana.get(path)).status == 200
    assert (await ana.get(f"/duplicates/shoe/{ANA}/{ANN}")).status == 404
    assert (await ana.get(f"/duplicates/account/{ACME}/{ACM2}")).status == 200
    assert (await ana.get(f"/duplicates/contact/{ANA}/{ANA}")).headers["Location"] == f"/contacts/{ANA}"
    assert "Anna Ruiz" in (await ana.get(f"/contacts/{ANA}")).body.decode()
