"""Keys of other systems by REST: what they may, until when, and what becomes of who holds one."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.desk import close_code, hello
from integration.screenpop.house import House, Person
from websockets.asyncio.client import connect

from crm_core.services import audit

KEYS = "/api/v1/keys"
CRM = {"name": "crm", "scopes": ["contacts:write", "contacts:read"], "days": 90}
DAY_S = 24 * 60 * 60


@pytest.fixture
async def admin(house: House) -> Person:
    return house.system("administrator")


async def made(house: House, **fields: Any) -> tuple[dict[str, Any], Person, str]:
    """Return a new key, who asks with it, and its secret."""
    answer = await house.system("administrator").post(KEYS, CRM | fields)
    assert answer.status == 201, answer.body
    return answer.body["key"], asks_with(house, answer.body["secret"]), answer.body["secret"]


def asks_with(house: House, secret: str) -> Person:
    system = house.stranger(Authorization=f"Bearer {secret}")
    del system.headers["Origin"]
    return system


async def test_a_key_is_shown_once(house: House, admin: Person) -> None:
    one, _, secret = await made(house)
    assert (one["prefix"], one["stand"], one["created_by"]) == (
        secret[:6],
        "holds",
        "token:key of administrator",
    )
    assert one["scopes"] == ["contacts:read", "contacts:write"]
    assert one["expires_at"] == "2027-02-22T16:00:00Z"  # 90 days after 24 November 2026
    listed = await admin.get(KEYS)
    assert [each for each in listed.body["items"] if each["name"] == "crm"] == [one]
    assert (await admin.get(f"{KEYS}/{one['id']}")).body == one
    assert secret not in str(listed.body)
    entry = (await house.db.read(audit.last, limit=1))[0]
    assert (entry.who, entry.what, entry.record_id) == ("token:key of administrator", "key added", "crm")
    assert secret not in str(entry)


async def test_it_may_what_its_scopes_say_and_is_told_what_it_lacks(house: House) -> None:
    _, crm, _ = await made(house)
    assert (await crm.get("/api/v1/contacts", params={"q": "x"})).status == 200
    assert (await crm.post("/api/v1/contacts", {"given": "Ana"})).status == 201
    refused = await crm.get("/api/v1/incidents")
    assert (refused.status, refused.code) == (403, "missing_scope")
    assert [(one["field"], one["message"]) for one in refused.body["errors"]] == [("scope", "incidents:read")]
    for path in (KEYS, "/api/v1/preview"):  # no scope gives these
        answer = await crm.get(path)
        assert (answer.status, answer.code) == (403, "not_allowed")


async def test_a_key_without_scopes_goes_on_with_its_role(house: House) -> None:
    listed = (await house.system("administrator").get(KEYS)).body["items"]
    elder = next(one for one in listed if one["name"] == "key of integration")
    assert (elder["scopes"], elder["role"], elder["stand"]) == (None, "integration", "holds")
    assert (await house.system().get("/api/v1/incidents")).status == 200
    refused = await house.system().get(KEYS)
    assert (refused.status, refused.code) == (403, "not_allowed")


async def test_a_key_ends_on_its_day(house: House, admin: Person) -> None:
    one, crm, _ = await made(house, days=1)
    house.stage.clock.passes(DAY_S - 1)
    assert (await crm.get("/api/v1/session")).status == 200
    house.stage.clock.passes(1)
    assert (await crm.get("/api/v1/session")).status == 401
    assert (await admin.get(f"{KEYS}/{one['id']}")).body["stand"] == "expired"


async def test_a_revoked_key_lets_nobody_in_and_its_socket_closes_at_once(
    house: House, admin: Person
) -> None:
    one, crm, secret = await made(house, scopes=["floor:read"])
    bearer = {"Authorization": f"Bearer {secret}"}
    async with connect(f"ws://127.0.0.1:{house.ws_port}/", additional_headers=bearer) as socket:
        await hello(socket, "floor")
        gone = await admin.post(f"{KEYS}/{one['id']}/revocation", {"why": "left on a bus"})
        assert await close_code(socket) == 4001
    assert (gone.status, gone.body["stand"], gone.body["revoked_why"]) == (200, "revoked", "left on a bus")
    assert (await crm.get("/api/v1/session")).status == 401
    assert (await admin.post(f"{KEYS}/{one['id']}/revocation", {"why": "other"})).body == gone.body
    assert (await admin.post(f"{KEYS}/{'0' * 64}/revocation", {"why": "x"})).status == 404


async def test_the_socket_of_a_key_that_expired_is_closed_by_the_next_look(house: House) -> None:
    _, _, secret = await made(house, scopes=["floor:read"], days=1)
    bearer = {"Authorization": f"Bearer {secret}"}
    async with connect(f"ws://127.0.0.1:{house.ws_port}/", additional_headers=bearer) as socket:
        await hello(socket, "floor")
        house.stage.clock.passes(DAY_S - 1)
        await house.auth.look()
        assert len(house.stage.hub.listeners()) == 1
        house.stage.clock.passes(1)
        await house.auth.look()
        assert await close_code(socket) == 4001


async def test_when_it_was_used_is_written_beside_the_request_once_a_minute(
    house: House, admin: Person
) -> None:
    one, crm, _ = await made(house)

    async def last_used() -> str | None:
        return (await admin.get(f"{KEYS}/{one['id']}")).body["last_used_at"]

    await crm.get("/api/v1/session")
    assert await last_used() is None
    await house.auth.look()
    first = await last_used()
    assert first == "2026-11-24T16:00:00Z"
    house.stage.clock.passes(59)
    await crm.get("/api/v1/session")
    await house.auth.look()
    assert await last_used() == first
    house.stage.clock.passes(1)
    await crm.get("/api/v1/session")
    await house.auth.look()
    assert await last_used() == "2026-11-24T16:01:00Z"


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"name": "", "scopes": []}, {("name", "string_too_short"), ("scopes", "too_short")}),
        ({"scopes": ["calls:erase"]}, {("scopes.0", "unknown_scope")}),
        ({"name": "a\nb"}, {("name", "not_one_line")}),
        ({"days": 0}, {("days", "greater_than_equal")}),
    ],
)
async def test_what_cannot_be_is_said(
    admin: Person, wrong: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    answer = await admin.post(KEYS, CRM | wrong)
    assert answer.status == 422
    assert faults <= answer.faults


async def test_asked_twice_it_is_made_once_and_a_name_is_given_once(admin: Person) -> None:
    headers = {"Idempotency-Key": "k1"}
    first, second = [await admin.post(KEYS, CRM, headers=headers) for _ in range(2)]
    assert first.body == second.body
    again = await admin.post(KEYS, CRM)
    assert (again.status, again.code) == (409, "already_exists")
