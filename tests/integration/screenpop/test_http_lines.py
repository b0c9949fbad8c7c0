"""Lines by REST: named by administrators, read by all, shown to customers who are called back."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.calls import past_call
from integration.screenpop.house import House, Person

from crm_core.services import calls

LINES = "/api/v1/lines"
NUMBER = f"{LINES}/main/did/5551001"
NOBODY = "00000000-0000-7000-8000-000000000000"
HOTEL = {"name": "Hostelería Sur", "colour": "blue", "caller_id": "957000200"}


@pytest.fixture
async def admin(house: House) -> Person:
    return house.system("administrator")


async def name(person: Person, path: str = NUMBER, version: int | None = None, **fields: Any) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return await person.ask("PUT", path, HOTEL | fields, headers=headers)


async def test_a_line_is_named_read_and_listed(house: House, admin: Person) -> None:
    made = await name(admin, greeting_es="", crm_url="https://crm.example.com/?q={number}", crm_mode="frame")

    assert (made.status, made.headers["ETag"]) == (200, '"1"')
    assert (made.body["name"], made.body["greeting_es"]) == ("Hostelería Sur", None)
    agent = await house.person()
    assert (await agent.get(NUMBER)).body == made.body
    assert (await agent.get(LINES)).body == {"items": [made.body]}


async def test_a_queue_may_be_called_anything(admin: Person) -> None:
    path = f"{LINES}/main/queue/Fr%C3%ADo%20%26%20calor%3F"
    assert (await name(admin, path)).body["code"] == "Frío & calor?"
    assert (await admin.get(path)).status == 200


async def test_who_was_slower_gets_the_newer_one(admin: Person) -> None:
    made = (await name(admin)).body
    changed = await name(admin, version=1, name="Hoteles")
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')

    for late in (await name(admin), await name(admin, version=1)):
        assert (late.status, late.code) == (412, "version_conflict")
        assert late.body["newer"] == made | {"name": "Hoteles", "version": 2}


async def test_a_line_is_forgotten(admin: Person) -> None:
    await name(admin)
    assert (await admin.ask("DELETE", NUMBER)).status == 428
    assert (await admin.ask("DELETE", NUMBER, headers={"If-Match": '"1"'})).status == 204
    assert (await admin.get(NUMBER)).status == 404


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        pytest.param({"name": " "}, ("name", "string_too_short"), id="no name"),
        pytest.param(
            {"colour": "pink"}, ("colour", "literal_error"), id="a colour that not everybody can read"
        ),
        pytest.param({"caller_id": "+34 <1>"}, ("caller_id", "invalid"), id="no number"),
        pytest.param({"crm_url": "javascript:alert(1)"}, ("crm_url", "invalid"), id="a script"),
        pytest.param({"crm_mode": "window"}, ("crm_mode", "literal_error"), id="a place nobody knows"),
        pytest.param(
            {"crm_url": "https://other.example.com", "crm_mode": "frame"},
            ("crm_mode", "invalid"),
            id="a frame that the settings do not allow",
        ),
        pytest.param({"greeting_en": "a\nb"}, ("greeting_en", "not_one_line"), id="two lines"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(
    admin: Person, fields: dict[str, str], fault: tuple[str, str]
) -> None:
    answer = await name(admin, **fields)
    assert (answer.status, answer.faults) == (422, {fault})


@pytest.mark.parametrize("path", ["other/did/1", "main/trunk/1", f"main/did/{'9' * 81}"])
async def test_what_is_no_line_cannot_be_named(admin: Person, path: str) -> None:
    assert (await name(admin, f"{LINES}/{path}")).code == "not_found"


async def dial(person: Person, **asked: Any) -> Any:
    return await person.post("/api/v1/calls", {"number": "957 21 20 00"} | asked)


async def test_who_is_called_back_sees_the_brand_that_he_called(house: House, admin: Person) -> None:
    await name(admin)
    call = past_call()
    await house.db.run(calls.record, calls=[call], events=[])
    ana = await house.person()

    assert (await dial(ana, call_id=call.id)).status == 202
    assert (await dial(ana)).status == 202
    assert (await dial(ana, number="600111222")).status == 202

    assert [one["caller_id"] for one in house.control.asked] == ["957000200", "957000200", None]


async def test_a_call_that_rings_may_be_called_back_too(house: House, admin: Person) -> None:
    await name(admin)
    call = house.stage.call(did="5551001")

    assert (await dial(await house.person(), call_id=call.id)).status == 202
    assert house.control.asked[0]["caller_id"] == "957000200"


async def test_calling_back_a_call_that_never_was(house: House) -> None:
    assert (await dial(await house.person(), call_id=NOBODY)).code == "not_found"
    assert house.control.asked == []
