"""Campaigns and preview dialling by REST, over a real database and an exchange that takes every call."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from integration.screenpop.calls import past_call
from integration.screenpop.house import Answer, House, Person

from ami_bridge.domain.errors import ObserveOnlyError
from crm_core.domain.calls import Attempt
from crm_core.services import calls

V1 = "/api/v1"
LIST = "Nombre;Teléfono;Ciudad\nAna Núñez;957212001;Córdoba\nEva;957212002;\nx;1;\nAna otra vez;957212001;\n"


@pytest.fixture
async def eva(house: House) -> Person:
    return await house.person("eva")


@pytest.fixture
async def ana(house: House) -> Person:
    return await house.person("ana")


async def made(eva: Person, name: str = "Otoño", **more: Any) -> str:
    asked = {"name": name, "region": "ES", "basis": "legitimate_interests"} | more
    answer = await eva.post(f"{V1}/campaigns", asked)
    assert answer.status == 201, answer.body
    campaign_id: str = answer.body["id"]
    return campaign_id


async def load(eva: Person, campaign: str, text: str | bytes = LIST, query: str = "") -> Answer:
    raw = text if isinstance(text, bytes) else text.encode()
    return await eva.ask(
        "POST",
        f"{V1}/campaigns/{campaign}/leads{query}",
        data=BytesIO(raw),
        headers={"Content-Type": "text/csv"},
    )


async def next_lead(ana: Person) -> dict[str, Any]:
    lead: dict[str, Any] = (await ana.post(f"{V1}/preview")).body["preview"]["lead"]
    return lead


async def dial(ana: Person, lead: dict[str, Any], **body: Any) -> Answer:
    return await ana.post(f"{V1}/preview/{lead['id']}/dial", body)


async def ends(house: House, attempt: dict[str, Any], result: str) -> None:
    """The exchange tells how the line ended."""
    call = past_call()
    now = house.stage.clock()
    call.attempts = [
        Attempt(interface="PJSIP/agent101", started_at=now, result="answered"),
        Attempt(interface="PJSIP/line", started_at=now, result=result),
    ]
    call.answered_at, call.attempt_id = None, attempt["id"]
    await house.db.run(calls.record, calls=[call], events=[])


async def test_a_list_from_dry_run_to_the_last_outcome(house: House, eva: Person, ana: Person) -> None:
    campaign = await made(eva)
    dry = (await load(eva, campaign, query="?dry_run=true")).body
    assert (dry["leads"], dry["is_dry_run"], dry["separator"]) == (2, True, ";")
    assert [(one["line"], one["reason"]) for one in dry["rejected"]] == [
        (4, "bad_number"),
        (5, "duplicate_in_file"),
    ]
    assert (await load(eva, campaign)).body["leads"] == 2
    assert (await load(eva, campaign)).body["leads"] == 0

    lead = await next_lead(ana)
    assert (lead["name"], lead["fields"]) == ("Ana Núñez", {"Ciudad": "Córdoba"})
    told = await dial(ana, lead)
    attempt = told.body["attempt"]
    assert (told.status, attempt["verdict"], attempt["source"]) == (202, "allowed", "RDL 1/2007, art. 96.2")
    (asked,) = house.control.asked
    assert (asked["number"], asked["agent"], asked["campaign"].attempt_id) == (
        "0957212001",
        "101",
        attempt["id"],
    )
    assert (await dial(ana, lead)).code == "dial_under_way"

    said = await ana.post(
        f"{V1}/attempts/{attempt['id']}/outcome", {"outcome": "success", "note": "wants A1"}
    )
    assert (said.body["state"], said.body["outcome"]) == ("done", "success")

    second = (await dial(ana, await next_lead(ana))).body["attempt"]
    await ends(house, second, "busy")
    assert (await ana.get(f"{V1}/preview")).body == {"preview": None}
    told = (await eva.get(f"{V1}/campaigns/{campaign}")).body["funnel"]
    assert (told["loaded"], told["called"], told["reached"], told["waiting"]) == (2, 2, 1, 0)
    assert told["outcomes"] == {"success": 1, "busy": 1}
    assert (await eva.get(f"{V1}/campaigns")).body["items"][0]["funnel"] == told
    waiting = (await eva.get(f"{V1}/campaigns/{campaign}/leads")).body
    assert [one["name"] for one in waiting["items"]] == ["Eva"]


async def test_the_gate_says_no_with_reason_and_keeps_it(house: House, eva: Person, ana: Person) -> None:
    await load(eva, await made(eva))
    lead = await next_lead(ana)
    await house.db.run(
        lambda uow: uow.do_not_call.add(lead["numbers"], by="eva", why="a letter", now=house.stage.clock())
    )
    refused = await dial(ana, lead)
    assert (refused.status, refused.code, refused.faults) == (
        409,
        "dial_gate_closed",
        {("number", "do_not_call")},
    )
    assert refused.body["newer"]["verdict"] == "do_not_call"
    assert house.control.asked == []
    (kept,) = (await eva.get(f"{V1}/leads/{lead['id']}/attempts")).body["items"]
    assert kept == refused.body["newer"]
    assert (await eva.get(f"{V1}/leads/none/attempts")).code == "not_found"


async def test_a_call_that_the_exchange_refuses_is_no_try(house: House, eva: Person, ana: Person) -> None:
    await load(eva, await made(eva))
    lead = await next_lead(ana)
    house.control.fails = ObserveOnlyError("Originate")
    assert (await dial(ana, lead)).code == "observe_only"
    again = (await ana.get(f"{V1}/preview")).body["preview"]
    assert (again["lead"]["attempts"], again["attempt"]) == (0, None)


async def test_a_click_twice_dials_once(house: House, eva: Person, ana: Person) -> None:
    await load(eva, await made(eva))
    path = f"{V1}/preview/{(await next_lead(ana))['id']}/dial"
    answers = await asyncio.gather(*(ana.post(path, {}, headers={"Idempotency-Key": "k"}) for _ in range(3)))
    assert [one.status for one in answers] == [202] * 3
    assert len(house.control.asked) == 1


async def test_a_lead_whose_line_was_never_born_can_be_given_back(
    house: House, eva: Person, ana: Person
) -> None:
    await load(eva, await made(eva))
    lead = await next_lead(ana)
    await dial(ana, lead)
    path = f"{V1}/preview/{lead['id']}/release"
    assert (await ana.post(path)).code == "dial_under_way"
    house.stage.clock.passes(11)
    released = await ana.post(path)
    assert (released.status, released.body["attempts"], released.body["claimed_by"]) == (200, 0, None)
    assert (await ana.post(path)).code == "lead_not_yours"


async def test_a_callback_of_my_own(house: House, eva: Person, ana: Person) -> None:
    await load(eva, await made(eva))
    attempt = (await dial(ana, await next_lead(ana))).body["attempt"]
    at = house.stage.clock() + timedelta(hours=1)
    path = f"{V1}/attempts/{attempt['id']}/outcome"
    assert (await ana.post(path, {"outcome": "callback"})).status == 422
    assert (await ana.post(path, {"outcome": "callback", "callback_at": "2026-11-24T10:00"})).status == 422
    said = await ana.post(path, {"outcome": "callback", "callback_at": at.isoformat(), "is_own": True})
    assert (said.body["state"], said.body["reserved_for"]) == ("promised", "101")


async def test_who_has_no_agent_s_code_takes_no_leads(eva: Person) -> None:
    assert (await eva.post(f"{V1}/preview")).code == "no_agent"


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        pytest.param(b"", 422, "unreadable_list", id="nothing"),
        pytest.param(b"PK\x03\x04\0\0", 422, "unreadable_list", id="a spreadsheet"),
        pytest.param(b"name;address\nAna;x", 422, "unreadable_list", id="no column of numbers"),
        pytest.param(b"n;phone\n" + b"x" * (4 * 1024 * 1024), 413, "too_large", id="four MiB"),
        pytest.param(b'n;phone\n"' + b"\n" * 100_000, 422, "unreadable_list", id="an open quote"),
    ],
)
async def test_what_is_no_list_is_answered(eva: Person, text: bytes, status: int, code: str) -> None:
    answer = await load(eva, await made(eva), text)
    assert (answer.status, answer.code) == (status, code)


async def test_a_formula_and_markup_are_text(eva: Person, ana: Person) -> None:
    campaign = await made(eva)
    await load(eva, campaign, "name;phone;x\n=cmd|'/c calc'!A1;957212001;<script>alert(1)</script>\n")
    lead = await next_lead(ana)
    assert (lead["name"], lead["fields"]["x"]) == ("=cmd|'/c calc'!A1", "<script>alert(1)</script>")


async def test_what_is_no_campaign(eva: Person) -> None:
    await made(eva)
    for body in (
        {"name": "", "region": "ES"},
        {"name": "x", "region": "es"},
        {"name": "x", "region": "ES", "at_all": 0},
    ):
        assert (await eva.post(f"{V1}/campaigns", body)).status == 422
    assert (await eva.post(f"{V1}/campaigns", {"name": "x", "region": "QQ"})).code == "invalid"
    assert (await eva.post(f"{V1}/campaigns", {"name": "Otoño", "region": "ES"})).code == "already_exists"
    assert (await eva.get(f"{V1}/campaigns/none/leads")).code == "not_found"


async def test_a_pause_and_pages_of_leads(eva: Person, ana: Person) -> None:
    campaign = await made(eva)
    await load(eva, campaign)
    paused = await eva.ask("PUT", f"{V1}/campaigns/{campaign}/state", {"state": "paused"})
    assert paused.body["state"] == "paused"
    assert (await ana.post(f"{V1}/preview")).body == {"preview": None}
    first = (await eva.get(f"{V1}/campaigns/{campaign}/leads?limit=1")).body
    second = (await eva.get(f"{V1}/campaigns/{campaign}/leads?limit=1&cursor={first['next']}")).body
    assert [page["items"][0]["name"] for page in (first, second)] == ["Ana Núñez", "Eva"]
    assert second["next"] is None
    assert (await eva.get(f"{V1}/campaigns/{campaign}/leads?cursor=x")).code == "bad_cursor"
