"""What was said with customers by REST and on their pages: written once, listed, changed, removed, told."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import a_contact
from integration.screenpop.house import House
from integration.screenpop.test_http_masked_deeds import MASKED, rule
from unit.screenpop.fakes import START

from crm_core.services import contacts

V1 = "/api/v1"
INTERACTIONS = f"{V1}/interactions"
KEY = "00000000-0000-7000-8000-0000000000a1"
SAID = {"channel": "email", "direction": "inbound", "contact_id": KEY, "body": "<b>No enfría</b>"}


@pytest.fixture
async def home(house: House) -> House:
    made = a_contact(KEY, "Zoraida", company="Acme")
    await house.db.run(contacts.create, contact=made, region="ES", by=None, now=START)
    return house


async def test_it_is_written_once_and_found(home: House) -> None:
    ana = await home.person("ana")
    first, again = [await ana.post(INTERACTIONS, SAID, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert (first.status, first.headers["ETag"], first.body) == (201, '"1"', again.body)
    assert (first.body["created_by"], first.body["subject"]) == ("u-ana", None)
    assert first.body["at"] == first.body["created_at"]
    (listed,) = (await ana.get(INTERACTIONS, params={"contact_id": KEY, "channel": "email"})).body["items"]
    assert listed == {
        "interaction": first.body,
        "contact": "Zoraida Ruiz",
        "account": "Acme",
        "incident": None,
        "written_by": "Ana Ruiz",
    }
    assert (await ana.get(INTERACTIONS, params={"channel": "sms"})).body["items"] == []
    assert (await ana.get(f"{INTERACTIONS}/{first.body['id']}")).body == first.body
    for whose in (f"contacts/{KEY}", f"accounts/{first.body['account_id']}"):
        (item,) = (await ana.get(f"{V1}/{whose}/timeline")).body["items"]
        assert (item["kind"], item["interaction"]) == ("interaction", first.body)


async def test_a_list_and_a_company_s_timeline_go_on_behind_their_cursors(home: House) -> None:
    ana = await home.person("ana")
    made = [(await ana.post(INTERACTIONS, SAID)).body for _ in range(3)]
    ids = sorted((one["id"] for one in made), reverse=True)
    for path in (INTERACTIONS, f"{V1}/accounts/{made[0]['account_id']}/timeline"):
        first = (await ana.get(path, params={"limit": "2"})).body
        rest = (await ana.get(path, params={"limit": "2", "cursor": first["next"]})).body
        assert [one["interaction"]["id"] for one in first["items"] + rest["items"]] == ids
        assert rest["next"] is None


async def test_it_is_changed_and_removed_by_who_is_up_to_date(home: House) -> None:
    ana = await home.person("ana")
    path = f"{INTERACTIONS}/{(await ana.post(INTERACTIONS, SAID)).body['id']}"
    note = {"channel": "note", "direction": None, "subject": "Ayer", "at": "2026-01-01T10:00:00+01:00"}
    assert (await ana.ask("PATCH", path, note)).status == 428
    after = await ana.ask("PATCH", path, note, headers={"If-Match": '"1"'})
    assert after.status == 200, after.body
    assert (after.status, after.body["at"], after.body["version"]) == (200, "2026-01-01T09:00:00Z", 2)
    late = await ana.ask("PATCH", path, {"body": "x"}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]) == (412, after.body)
    assert (await ana.ask("DELETE", path, headers={"If-Match": '"1"'})).status == 412
    assert (await ana.ask("DELETE", path, headers={"If-Match": '"2"'})).status == 204
    assert (await ana.get(path)).status == 404


async def test_what_was_removed_comes_back_as_it_was(home: House) -> None:
    ana, eva = await home.person("ana"), await home.person("eva")
    before = (await ana.post(INTERACTIONS, SAID)).body
    path = f"{INTERACTIONS}/{before['id']}"
    assert (await ana.post(f"{path}/undo")).status == 404
    assert (await eva.ask("DELETE", path, headers={"If-Match": '"1"'})).status == 204
    assert (await ana.post(f"{path}/undo")).code == "not_allowed"
    back = await eva.post(f"{path}/undo")
    assert (back.status, back.body, back.headers["ETag"]) == (200, before, '"1"')
    assert (await ana.get(path)).body == before
    assert (await eva.post(f"{path}/undo")).status == 404
    assert (await ana.ask("DELETE", path, headers={"If-Match": '"1"'})).status == 204
    assert (await eva.post(f"{path}/undo")).body == before  # a supervisor


async def test_who_is_not_shown_numbers_has_it_back_whole(home: House) -> None:
    admin, text = home.system("administrator"), "Ring +34611234678"
    before = (await admin.post(INTERACTIONS, SAID | {"body": text})).body
    await rule(admin, **MASKED)
    ana, path = await home.person("ana"), f"{INTERACTIONS}/{before['id']}"
    await ana.ask("DELETE", path, headers={"If-Match": '"1"'})
    assert "•" in (await ana.post(f"{path}/undo")).body["body"]
    assert (await admin.get(path)).body == before


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"channel": "call", "body": ""}, {("channel", "literal_error"), ("body", "string_too_short")}),
        (
            {"subject": "x" * 201, "body": "x" * 20_001},
            {("subject", "too_long"), ("body", "string_too_long")},
        ),
        ({"subject": "a\nb", "body": "\0"}, {("subject", "not_one_line"), ("body", "not_text")}),
        ({"at": "0001-01-01T00:00:00+14:00"}, {("at", "not_a_time")}),
        ({"at": "2126-01-01T00:00:00Z"}, {("at", "in_future")}),
        ({"direction": None}, {("direction", "direction")}),
        ({"contact_id": None}, {("contact_id", "missing")}),
        ({"contact_id": KEY.replace("a1", "a2")}, {("contact_id", "unknown")}),
        ({"created_by": "x"}, {("created_by", "extra_forbidden")}),
    ],
)
async def test_all_faults_are_told(home: House, wrong: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    answer = await (await home.person("ana")).post(INTERACTIONS, SAID | wrong)
    assert (answer.status, answer.faults) == (422, faults)


async def test_who_may_only_read(home: House) -> None:
    auditor = home.system("auditor")
    assert (await auditor.get(INTERACTIONS)).status == 200
    assert (await auditor.post(INTERACTIONS, SAID)).status == 403


@pytest.mark.parametrize("tab", ["all", "calls", "incidents", "written"])
async def test_the_pages_of_both_show_it_in_its_tab(home: House, tab: str) -> None:
    ana = await home.person("ana")
    said = (await ana.post(INTERACTIONS, SAID | {"subject": "Cámara"})).body
    for whose in (f"contacts/{KEY}", f"accounts/{said['account_id']}"):
        page = await ana.get(f"/{whose}", params={"tab": tab})
        assert page.status == 200
        shown = "&lt;b&gt;No enfría&lt;/b&gt;" in page.body.decode()
        assert shown is (tab in {"all", "written"})
    desk = (await ana.get(f"/desk/history/{KEY}")).body.decode()
    assert "Correo recibido" in desk
    assert "Cámara" in desk


async def test_the_search_leads_to_it(home: House) -> None:
    ana = await home.person("ana")
    await ana.post(INTERACTIONS, SAID | {"body": "Cámara frigorífica averiada"})
    (group,) = (await ana.get(f"{V1}/search", params={"q": "camara averi"})).body["groups"]
    assert (group["kind"], group["items"][0]["text"]) == ("written", "Cámara frigorífica averiada")
    page = (await ana.get("/search", params={"q": "camara averi"})).body.decode()
    assert f'href="/contacts/{KEY}?tab=written"' in page
