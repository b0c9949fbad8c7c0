"""Companies by REST."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.house import House, Person

ACCOUNTS = "/api/v1/accounts"
NOBODY = "00000000-0000-7000-8000-000000000000"
IN_FULL = {
    "name": "Acmé",
    "kind": "distributor",
    "legal_name": "Acmé Distribución, S.L.",
    "tax_id": "B-14.000.001",
    "tier": "gold",
    "preferred_queue": "vip",
    "preferred_agent": "101",
    "region": "ES",
    "website": "https://acme.example/a?b=c",
    "note": "Paga tarde.\nSiempre.",
    "ranges": [{"first": "+34957400000", "last": "+34957400099"}],
}


@pytest.fixture
async def ana(house: House) -> Person:
    return await house.person("ana")


async def created(person: Person, **fields: Any) -> dict[str, Any]:
    answer = await person.post(ACCOUNTS, {"name": "Zeta", **fields})
    assert answer.status == 201, answer.body
    return answer.body  # type: ignore[no-any-return]


async def test_a_company_is_created_changed_and_read_back(house: House) -> None:
    ana = await house.person("eva")
    zeta = await created(ana)
    relations = [{"kind": "supplier", "account_id": zeta["id"]}]
    more = {"parent_id": zeta["id"], "relations": relations, "phones": [{"raw": "957 40 00 00"}]}
    acme = await created(ana, **IN_FULL, **more)
    assert {name: acme[name] for name in IN_FULL} == IN_FULL
    assert (acme["parent"], acme["phones"][0]["e164"]) == ("Zeta", "+34957400000")
    here = f"{ACCOUNTS}/{acme['id']}"
    read = await ana.get(here)
    assert (read.body, read.headers["ETag"]) == (acme, '"1"')
    change = {"kind": "partner", "phones": [], "ranges": [], "relations": [], "parent_id": None}
    changed = await ana.ask("PATCH", here, change, headers={"If-Match": '"1"'})
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert changed.body == acme | change | {"version": 2, "parent": None}
    late = await ana.ask("PATCH", here, {"tier": "tin"}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]) == (412, changed.body)


async def test_everything_wrong_with_a_company_is_told_at_once(ana: Person) -> None:
    answer = await ana.post(
        ACCOUNTS,
        {
            "name": "",
            "kind": "friend",
            "tax_id": "x" * 41,
            "parent_id": "x",
            "preferred_queue": "a b",
            "region": "es",
            "website": "javascript:alert(1)",
            "ranges": [{"first": "+34957400099", "last": "+34957400000"}, {"first": "957", "last": "+34"}],
            "relations": [{"kind": "enemy", "account_id": NOBODY}],
            "phones": [{"raw": "oculto"}],
            "colour": "red",
        },
    )
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.faults == {
        ("name", "string_too_short"),
        ("kind", "literal_error"),
        ("tax_id", "string_too_long"),
        ("parent_id", "string_pattern_mismatch"),
        ("preferred_queue", "string_pattern_mismatch"),
        ("region", "string_pattern_mismatch"),
        ("website", "string_pattern_mismatch"),
        ("ranges.0.last", "no_range"),
        ("ranges.1.first", "string_pattern_mismatch"),
        ("ranges.1.last", "string_pattern_mismatch"),
        ("relations.0.kind", "literal_error"),
        ("phones.0.raw", "no_number"),
        ("colour", "extra_forbidden"),
    }


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"parent_id": NOBODY}, ("parent_id", "not_found")),
        ({"relations": [{"kind": "other", "account_id": NOBODY}]}, ("relations.0.account_id", "not_found")),
        ({"name": None}, ("name", "string_type")),
    ],
)
async def test_a_company_cannot_become_that(
    ana: Person, change: dict[str, Any], fault: tuple[str, str]
) -> None:
    zeta = await created(ana)
    answer = await ana.ask("PATCH", f"{ACCOUNTS}/{zeta['id']}", change, headers={"If-Match": '"1"'})
    assert (answer.status, answer.faults) == (422, {fault})


async def test_companies_and_their_people_are_listed(ana: Person) -> None:
    for name in ("Beta", "Acme", "Acme Dos"):
        await created(ana, name=name)
    whole = (await ana.get(ACCOUNTS)).body["items"]
    assert [one["name"] for one in whole] == ["Acme", "Acme Dos", "Beta"]
    page = (await ana.get(ACCOUNTS, params={"q": "acme", "limit": 1})).body
    rest = (await ana.get(ACCOUNTS, params={"q": "acme", "limit": 1, "cursor": page["next"]})).body
    assert (page["items"], rest) == (whole[:1], {"items": whole[1:2], "next": None})
    for given in ("Bea", "Ana"):
        await ana.post("/api/v1/contacts", {"given": given, "company": "acme"})
    people = (await ana.get(f"{ACCOUNTS}/{whole[0]['id']}/contacts")).body
    assert ([one["given"] for one in people["items"]], people["next"]) == (["Ana", "Bea"], None)


async def test_a_form_sent_twice_makes_one_company(ana: Person) -> None:
    once = {"Idempotency-Key": "form-1"}
    first, again = [await ana.post(ACCOUNTS, {"name": "Acme"}, headers=once) for _ in range(2)]
    assert first.body == again.body
    assert len((await ana.get(ACCOUNTS)).body["items"]) == 1


async def test_who_calls_from_a_company_is_told_with_its_queue(house: House, ana: Person) -> None:
    await created(await house.person("eva"), **IN_FULL, phones=[{"raw": "957 40 00 07"}])
    found = await ana.get("/api/v1/lookup", params={"number": "957400007"})
    assert {name: found.body[name] for name in ("match", "account", "tier", "queue", "agent")} == {
        "match": "exact",
        "account": "Acmé",
        "tier": "gold",
        "queue": "vip",
        "agent": "101",
    }


async def test_a_company_that_is_not_there(ana: Person) -> None:
    answer = await ana.get(f"{ACCOUNTS}/{NOBODY}")
    assert (answer.status, answer.code) == (404, "not_found")


async def test_only_a_supervisor_says_to_which_queue_its_callers_go(house: House, ana: Person) -> None:
    eva = await house.person("eva")
    routed = {"preferred_queue": "vip"}
    assert (await ana.post(ACCOUNTS, {"name": "Zeta", **routed})).faults == {
        ("preferred_queue", "may_not_route")
    }
    zeta = await created(ana)
    here, match = f"{ACCOUNTS}/{zeta['id']}", {"If-Match": '"1"'}
    wrong = await ana.ask("PATCH", here, routed, headers=match)
    assert wrong.faults == {("preferred_queue", "may_not_route")}
    assert (await eva.ask("PATCH", here, routed, headers=match)).body["preferred_queue"] == "vip"
    after = await ana.ask("PATCH", here, routed | {"tier": "gold"}, headers={"If-Match": '"2"'})
    assert (after.status, after.body["tier"]) == (200, "gold")
