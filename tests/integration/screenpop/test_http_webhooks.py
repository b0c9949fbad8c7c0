"""Subscriptions by REST and on their page."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.house import House, Person

WEBHOOKS = "/api/v1/webhooks"
CRM = {"name": "CRM", "url": "https://crm.example/in", "types": ["incident.*", "call.ended"]}
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
async def admin(house: House) -> Person:
    return house.system("administrator")


async def made(admin: Person, **fields: Any) -> tuple[dict[str, Any], str]:
    answer = await admin.ask("POST", WEBHOOKS, CRM | fields, headers={"Idempotency-Key": "k1"})
    assert answer.status == 201, answer.body
    return answer.body["webhook"], answer.body["secret"]


async def test_a_secret_is_told_once(admin: Person) -> None:
    one, secret = await made(admin)
    assert secret.startswith("whsec_")
    assert (await made(admin)) == (one, secret)  # asked again with the same key
    listed = await admin.get(WEBHOOKS)
    assert listed.body["items"] == [one]
    assert (await admin.get(f"{WEBHOOKS}/{one['id']}")).body == one
    assert {name: one[name] for name in CRM} == CRM
    assert secret not in str(listed.body)
    other = await admin.post(f"{WEBHOOKS}/{one['id']}/secret", headers={"Idempotency-Key": "k2"})
    assert (other.status, other.body["secret"] != secret) == (201, True)


async def test_it_is_changed_by_who_is_up_to_date(admin: Person) -> None:
    one, _ = await made(admin)
    here = f"{WEBHOOKS}/{one['id']}"
    off = await admin.ask("PATCH", here, {"is_active": False}, headers={"If-Match": '"1"'})
    assert (off.status, off.body["is_active"], off.headers["ETag"]) == (200, False, '"2"')
    late = await admin.ask("PATCH", here, {"name": "ERP"}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]["version"]) == (412, 2)
    assert (await admin.ask("DELETE", here)).status == 428
    assert (await admin.ask("DELETE", here, headers={"If-Match": '"2"'})).status == 204
    assert (await admin.get(here)).status == 404


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"url": "http://crm.example/"}, ("url", "no_https")),
        ({"url": "https://eva:x@crm.example/"}, ("url", "bad_url")),
        ({"types": ["incident.closed"]}, ("types.0", "unknown_event")),
        ({"types": []}, ("types", "too_short")),
        ({"name": "a\nb"}, ("name", "not_one_line")),
    ],
)
async def test_what_cannot_be_is_said(admin: Person, wrong: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = await admin.ask("POST", WEBHOOKS, CRM | wrong)
    assert answer.status == 422
    assert fault in answer.faults


async def test_what_is_not_there_is_not_sent_again(admin: Person) -> None:
    one, _ = await made(admin)
    here = f"{WEBHOOKS}/{one['id']}"
    assert (await admin.get(f"{here}/undelivered")).body == {"items": [], "next": None}
    assert (await admin.post(f"{here}/undelivered")).body == {"count": 0}
    gone = await admin.ask("POST", f"{here}/undelivered", {"pos": 77})
    assert (gone.status, gone.code) == (409, "event_gone")
    again = await admin.ask("POST", f"{here}/replay", {"after": 0})
    assert (again.status, again.body["progress"]["pos"]) == (200, 0)
    for path in ("undelivered", "replay", "secret"):
        answer = await admin.ask(
            "POST", f"{WEBHOOKS}/{NOBODY}/{path}", {"after": 0} if path == "replay" else {}
        )
        assert answer.status == 404


async def test_the_page_shows_what_is_told_and_no_secret(house: House, admin: Person) -> None:
    one, secret = await made(admin, name="<script>alert(1)</script>")
    page = (await admin.get(f"/webhooks?edit={one['id']}")).body.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert secret not in page
    assert (await house.system("supervisor").get("/webhooks")).status == 403
