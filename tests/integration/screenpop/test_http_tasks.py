"""Tasks by REST: noted once, listed page by page, changed by who is up to date."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import a_contact
from integration.screenpop.house import House
from unit.screenpop.fakes import START

from crm_core.services import contacts

V1 = "/api/v1"
TASKS = f"{V1}/tasks"
KEY = "00000000-0000-7000-8000-0000000000a1"
TASK = {"title": "Send the offer", "due_at": "2026-11-25T09:00:00+01:00"}


@pytest.fixture
async def home(house: House) -> House:
    await house.db.run(contacts.create, contact=a_contact(KEY, "Zoraida"), region="ES", by=None, now=START)
    return house


async def test_a_task_is_noted_once_and_found(home: House) -> None:
    ana = await home.person("ana")
    asked = TASK | {"contact_id": KEY, "assignee": "u-ana"}
    first, again = [await ana.post(TASKS, asked, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert (first.status, first.headers["ETag"], first.body) == (201, '"1"', again.body)
    assert (first.body["due_at"], first.body["created_by"]) == ("2026-11-25T08:00:00Z", "u-ana")
    listed = (await ana.get(TASKS, params={"contact_id": KEY})).body
    assert listed == {
        "items": [
            {
                "task": first.body,
                "contact": "Zoraida Ruiz",
                "account": None,
                "incident": None,
                "assignee": "Ana Ruiz",
            }
        ],
        "next": None,
    }
    assert (await ana.get(f"{TASKS}/{first.body['id']}")).body == first.body


async def test_it_is_done_by_who_is_up_to_date(home: House) -> None:
    ana = await home.person("ana")
    one = (await ana.post(TASKS, TASK)).body
    path = f"{TASKS}/{one['id']}"
    assert (await ana.ask("PATCH", path, {"is_done": True})).status == 428
    done = await ana.ask("PATCH", path, {"is_done": True}, headers={"If-Match": '"1"'})
    assert (done.status, done.body["done_by"]) == (200, "u-ana")
    late = await ana.ask("PATCH", path, {"title": "x"}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]) == (412, done.body)
    assert [row["task"]["id"] for row in (await ana.get(TASKS, params={"done": "true"})).body["items"]] == [
        one["id"]
    ]
    assert (await ana.get(TASKS)).body["items"] == []


async def test_a_list_goes_on_behind_its_cursor(home: House) -> None:
    ana = await home.person("ana")
    noted = [(await ana.post(TASKS, TASK)).body["id"] for _ in range(3)]
    first = (await ana.get(TASKS, params={"limit": "2"})).body
    rest = (await ana.get(TASKS, params={"limit": "2", "cursor": first["next"]})).body
    assert [row["task"]["id"] for row in first["items"] + rest["items"]] == sorted(noted)
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"title": "", "due_at": 7}, {("title", "string_too_short"), ("due_at", "datetime_type")}),
        ({"title": "x" * 201}, {("title", "string_too_long")}),
        ({"due_at": "0001-01-01T00:00:00+14:00"}, {("due_at", "not_a_time")}),
        ({"title": "a\nb", "note": "\0"}, {("title", "not_one_line"), ("note", "not_text")}),
        ({"contact_id": KEY.replace("a1", "a2")}, {("contact_id", "unknown")}),
        ({"assignee": "nobody"}, {("assignee", "unknown")}),
        ({"done": True}, {("done", "extra_forbidden")}),
    ],
)
async def test_all_faults_are_told(home: House, wrong: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    answer = await (await home.person("ana")).post(TASKS, TASK | wrong)
    assert (answer.status, answer.faults) == (422, faults)


async def test_who_may_only_read(home: House) -> None:
    auditor = home.system("auditor")
    assert (await auditor.get(TASKS)).status == 200
    assert (await auditor.post(TASKS, TASK)).status == 403
    assert (await auditor.get(f"{TASKS}/{KEY}")).status == 404


@pytest.mark.parametrize("view", ["mine", "team", "nobody", "late", "all", "done"])
async def test_each_view_is_a_page(home: House, view: str) -> None:
    ana = await home.person("ana")
    await ana.post(TASKS, TASK | {"contact_id": KEY, "title": "<b>x</b>"})
    shown = await ana.get("/tasks", params={"view": view})
    assert shown.status == 200
    assert (b"&lt;b&gt;x&lt;/b&gt;" in shown.body) == (view in {"nobody", "all"})
    assert b"&lt;b&gt;x&lt;/b&gt;" in (await ana.get(f"/contacts/{KEY}")).body
