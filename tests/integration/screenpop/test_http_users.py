"""Users, roles and teams by REST."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.house import PASSWORD, House, Person

USERS, TEAMS = "/api/v1/users", "/api/v1/teams"
ROSA = {"name": "rosa", "full_name": "Rosa Peña", "role": "agent", "agent": "120", "password": PASSWORD}


@pytest.fixture
async def admin(house: House) -> Person:
    return house.system("administrator")


async def added(admin: Person, **more: Any) -> dict[str, Any]:
    answer = await admin.ask("POST", USERS, ROSA | more)
    assert answer.status == 201, answer.body
    return answer.body  # type: ignore[no-any-return]


async def test_somebody_new_signs_in_and_is_switched_off(house: House, admin: Person) -> None:
    rosa = await added(admin)
    assert "password" not in str(rosa)
    she = await house.person("rosa")
    assert (await she.get("/api/v1/session")).body["role"] == "agent"
    here = f"{USERS}/{rosa['id']}"
    off = await admin.ask("PATCH", here, {"is_active": False}, headers={"If-Match": '"1"'})
    assert (off.status, off.body["is_active"], off.headers["ETag"]) == (200, False, '"2"')
    assert (await she.get("/api/v1/session")).status == 401
    late = await admin.ask("PATCH", here, {"full_name": "R"}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]) == (412, off.body)
    assert (await admin.get(here)).body == off.body
    assert off.body in (await admin.get(USERS)).body["items"]


async def test_another_password_ends_what_was_open(house: House, admin: Person) -> None:
    rosa = await added(admin)
    she = await house.person("rosa")
    path = f"{USERS}/{rosa['id']}/password"
    assert (await admin.ask("PUT", path, {"password": "another one, long"})).status == 204
    assert (await she.get("/api/v1/session")).status == 401
    assert (await house.stranger().signs_in("rosa")).status == 401
    assert (await admin.ask("PUT", f"{USERS}/nobody/password", {"password": PASSWORD})).status == 404


async def test_a_key_adds_somebody_once(admin: Person) -> None:
    key = {"Idempotency-Key": "rosa-1"}
    first = await admin.ask("POST", USERS, ROSA, headers=key)
    again = await admin.ask("POST", USERS, ROSA, headers=key)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert (await admin.ask("POST", USERS, ROSA)).code == "already_exists"


async def test_everything_wrong_is_told_at_once(admin: Person) -> None:
    wrong = {
        "name": "a b",
        "full_name": "",
        "role": "king",
        "language": "xx",
        "password": "short",
        "agent": "ñ",
    }
    answer = await admin.ask("POST", USERS, wrong)
    assert answer.status == 422
    assert {field for field, _ in answer.faults} == set(wrong)
    elsewhere = await admin.ask("POST", USERS, ROSA | {"seat": "spare:PJSIP/1"})
    assert elsewhere.faults == {("seat", "unknown")}


async def test_roles_say_what_they_may(admin: Person) -> None:
    roles = {one["role"]: one["permissions"] for one in (await admin.get("/api/v1/roles")).body["items"]}
    assert "manage_users" in roles["administrator"]
    assert "see_floor" not in roles["agent"]


async def test_a_team_has_people_and_a_lead(admin: Person) -> None:
    body = {"name_es": "Taller", "name_en": "Workshop", "members": ["u-ana", "u-eva"], "lead": "u-eva"}
    made = await admin.ask("POST", TEAMS, body)
    assert (made.status, made.body["members"], made.body["lead"]) == (201, ["u-ana", "u-eva"], "u-eva")
    here = f"{TEAMS}/{made.body['id']}"
    wrong = await admin.ask("PATCH", here, {"lead": "u-tom"}, headers={"If-Match": '"1"'})
    assert wrong.faults == {("lead", "not_a_member")}
    after = await admin.ask("PATCH", here, {"name_es": "Obrador"}, headers={"If-Match": '"1"'})
    assert (after.body["name_es"], after.body["members"]) == ("Obrador", ["u-ana", "u-eva"])
    assert (await admin.get(TEAMS)).body["items"] == [after.body]
    assert after.body["id"] in (await admin.get(f"{USERS}/u-ana")).body["teams"]
    choices = (await admin.get("/api/v1/incident-choices?kind=team")).body["items"]
    assert [one["name_es"] for one in choices] == ["Obrador"]


async def test_a_queue_has_a_promise_and_a_team(house: House, admin: Person) -> None:
    path = "/api/v1/lines/main/queue/sales"
    body = {"name": "Ventas", "within_s": 30, "short_abandon_s": 10}
    assert (await admin.ask("PUT", path, body)).body["within_s"] == 30
    wrong = await admin.ask("PUT", "/api/v1/lines/main/did/957", body)
    assert wrong.faults == {("within_s", "invalid")}
    figures = (await admin.get("/api/v1/figures")).body
    assert figures["within_s"] == 20
