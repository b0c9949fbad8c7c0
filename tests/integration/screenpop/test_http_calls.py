"""Calls by REST: live and past ones, what agents write about them, click-to-call, the look-up, the log."""

from __future__ import annotations

import json
import sqlite3

import pytest
from integration.screenpop.calls import past_call
from integration.screenpop.house import House, Person
from unit.screenpop.fakes import START

from ami_bridge.domain.errors import (
    ActionRejectedError,
    ActionTimeoutError,
    AmiBridgeError,
    LinkDownError,
    ObserveOnlyError,
)
from ami_bridge.domain.events import CallHeld
from ami_bridge.services.audit import Truth
from ami_bridge.services.backfill import BackfillHealth
from ami_bridge.services.recorder_health import LeftOut
from crm_core.services import calls
from screenpop.context import PartState

CALLS, CONTACTS = "/api/v1/calls", "/api/v1/contacts"
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
async def ana(house: House) -> Person:
    return await house.person("ana")


async def test_a_past_call_is_read_by_either_name(house: House, ana: Person) -> None:
    call = past_call()
    await house.db.run(calls.record, calls=[call], events=[])
    for name in (call.id, f"main:{call.linkedid}"):
        body = (await ana.get(f"{CALLS}/{name}")).body
        assert (body["id"], body["wait_s"], body["talk_s"]) == (call.id, 10.0, 60.0)


async def test_a_live_call_is_read_as_it_is_now(house: House, ana: Person) -> None:
    call = house.stage.call()
    body = (await ana.get(f"{CALLS}/{call.id}")).body
    assert (body["id"], body["ended_at"], body["talk_s"]) == (call.id, None, None)
    assert (await ana.get(f"{CALLS}/main:{call.linkedid}")).body == body


@pytest.mark.parametrize("name", [NOBODY, "main:1.1", "x", "a:b:c", "ñ"])
async def test_a_call_that_never_was(ana: Person, name: str) -> None:
    assert (await ana.get(f"{CALLS}/{name}")).code == "not_found"


@pytest.mark.parametrize("query", ["missed=perhaps", "contact_id=x", "cursor=x", "agent=" + "9" * 41, "x=1"])
async def test_a_question_about_calls_that_makes_no_sense(ana: Person, query: str) -> None:
    assert (await ana.get(f"{CALLS}?{query}")).status in {400, 422}


async def test_calls_are_listed_newest_first_page_by_page(house: House, ana: Person) -> None:
    told = [past_call(n) for n in range(5)]
    await house.db.run(calls.record, calls=told, events=[])
    first = (await ana.get(CALLS, params={"limit": 3})).body
    rest = (await ana.get(CALLS, params={"limit": 3, "cursor": first["next"]})).body
    assert [one["id"] for one in first["items"] + rest["items"]] == [call.id for call in reversed(told)]
    assert rest["next"] is None


async def test_what_an_agent_missed(house: House, ana: Person) -> None:
    told = [past_call(0), past_call(1, outcome="abandoned"), past_call(2, agent="102")]
    await house.db.run(calls.record, calls=told, events=[])
    missed = (await ana.get(CALLS, params={"agent": "101", "missed": "true"})).body["items"]
    assert [one["id"] for one in missed] == [told[1].id]
    mine = (await ana.get(CALLS, params={"agent": "102"})).body["items"]
    assert [one["id"] for one in mine] == [told[2].id]


@pytest.mark.parametrize("is_live", [True, False])
async def test_what_an_agent_writes_is_kept(house: House, ana: Person, *, is_live: bool) -> None:
    call = house.stage.call() if is_live else past_call()
    if not is_live:
        await house.db.run(calls.record, calls=[call], events=[])
    for notes in ("calls", "calls back\non Monday"):
        saved = await ana.ask("PUT", f"{CALLS}/{call.id}/work", {"notes": notes, "disposition": "callback"})
        assert saved.status == 200
    (work,) = (await ana.get(f"{CALLS}/{call.id}")).body["work"]
    assert (work["agent"], work["notes"], work["disposition"]) == ("101", "calls back\non Monday", "callback")


async def test_only_an_agent_writes_and_only_about_a_call(house: House, ana: Person) -> None:
    answer = await ana.ask("PUT", f"{CALLS}/{NOBODY}/work", {"notes": "x"})
    assert (answer.status, answer.code) == (404, "not_found")
    eva = await house.person("eva")
    answer = await eva.ask("PUT", f"{CALLS}/{house.stage.call().id}/work", {"notes": "x"})
    assert (answer.status, answer.code) == (409, "no_agent")


async def test_who_it_was_is_chosen_and_remembered(house: House, ana: Person) -> None:
    call = house.stage.call(customer="+34957212000")
    contact = (await ana.post(CONTACTS, {"given": "María"})).body
    answer = await ana.post(f"{CALLS}/{call.id}/contact", {"contact_id": contact["id"]})
    assert (answer.status, answer.body["kind"]) == (200, "chosen")
    assert answer.body["candidates"][0]["contact_id"] == contact["id"]
    assert house.stage.cards.chosen == [(call.id, contact["id"])]
    found = await ana.get("/api/v1/lookup", params={"number": "957212000"})
    assert (found.body["match"], found.body["contact"]) == ("chosen", contact["id"])


async def test_nobody_can_be_chosen_for_no_call(ana: Person) -> None:
    contact = (await ana.post(CONTACTS, {"given": "María"})).body
    answer = await ana.post(f"{CALLS}/{NOBODY}/contact", {"contact_id": contact["id"]})
    assert (answer.status, answer.code) == (404, "not_found")


# --- click-to-call


async def test_a_click_rings_the_agent_s_phone_and_dials_outside(house: House, ana: Person) -> None:
    answer = await ana.post(CALLS, {"number": "957 21 20 00"})
    assert (answer.status, answer.body["number"]) == (202, "+34957212000")
    assert answer.body["ref"]
    assert house.control.asked == [
        {"interface": "PJSIP/agent101", "number": "0957212000", "caller_id": None, "agent": "101"}
    ]


async def test_a_double_click_dials_once(house: House, ana: Person) -> None:
    once = {"Idempotency-Key": "click-1"}
    first, again = [await ana.post(CALLS, {"number": "957212000"}, headers=once) for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body)
    assert len(house.control.asked) == 1


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("112", "number_emergency"),
        ("1003", "number_short"),
        ("anonymous", "number_anonymous"),
        ("sip:x@example.org", "number_uri"),
        ("95721", "number_internal"),
        ("12345678901234567", "number_invalid"),
        ("x", "number_invalid"),
    ],
)
async def test_what_is_no_outside_number_is_not_dialled(
    house: House, ana: Person, number: str, code: str
) -> None:
    answer = await ana.post(CALLS, {"number": number})
    assert answer.status == 422
    assert answer.faults == {("number", code)}
    assert house.control.asked == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ObserveOnlyError("Originate"), 409, "observe_only"),
        (ActionRejectedError("Originate", "no such channel"), 409, "rejected_by_exchange"),
        (LinkDownError("lost"), 503, "exchange_away"),
        (ActionTimeoutError("Originate", 5), 503, "exchange_away"),
    ],
)
async def test_an_exchange_that_does_not_dial(
    house: House, ana: Person, error: AmiBridgeError, status: int, code: str
) -> None:
    house.control.fails = error
    answer = await ana.post(CALLS, {"number": "957212000"}, headers={"Idempotency-Key": "c"})
    assert (answer.status, answer.code) == (status, code)
    house.control.fails = None
    again = await ana.post(CALLS, {"number": "957212000"}, headers={"Idempotency-Key": "c"})
    assert again.status == 202


async def test_who_sits_at_an_exchange_that_is_gone_cannot_dial(house: House) -> None:
    ana = await house.person("ana")
    with sqlite3.connect(house.file) as records:
        records.execute("UPDATE user_account SET seat = 'far:PJSIP/agent101' WHERE name = 'ana'")
    records.close()
    answer = await ana.post(CALLS, {"number": "957212000"})
    assert (answer.status, answer.code) == (409, "no_exchange")


async def test_who_sits_nowhere_cannot_dial(house: House) -> None:
    answer = await (await house.person("tom")).post(CALLS, {"number": "957212000"})
    assert (answer.status, answer.code) == (409, "no_seat")


# --- the look-up, the log, the floor, the service itself


@pytest.mark.parametrize(
    ("question", "found"),
    [
        pytest.param({"number": "957212000"}, ("exact", True, 10, "es-MX"), id="a customer"),
        pytest.param({"number": "957999999", "did": "5551001"}, ("none", False, None, None), id="a stranger"),
        pytest.param({"number": "anonymous"}, ("none", False, None, None), id="withheld"),
        pytest.param({}, ("none", False, None, None), id="nothing"),
    ],
)
async def test_a_dialplan_is_told_who_calls(
    house: House, question: dict[str, str], found: tuple[str, bool, int | None, str | None]
) -> None:
    crm = house.system()
    new = {"given": "María", "language": "es-MX", "vip": True, "phones": [{"raw": "957212000"}]}
    contact = (await crm.post(CONTACTS, new)).body
    body = (await crm.get("/api/v1/lookup", params=question)).body
    assert (body["match"], body["contact"] == contact["id"], body["priority"], body["language"]) == found


async def test_who_waits_for_us_comes_before_who_does_not(house: House) -> None:
    crm = house.system()
    contact = (await crm.post(CONTACTS, {"given": "María", "phones": [{"raw": "957212000"}]})).body
    await crm.post("/api/v1/incidents", {"subject": "No line", "contact_id": contact["id"]})
    body = (await crm.get("/api/v1/lookup", params={"number": "957212000"})).body
    assert (body["open_incidents"], body["priority"], body["vip"]) == (1, 5, False)


async def test_the_log_is_read_to_its_end_and_on(house: House) -> None:
    crm = house.system()
    contacts = [(await crm.post(CONTACTS, {"given": f"María {n}"})).body["id"] for n in range(3)]
    call = past_call()
    held = CallHeld(pbx="main", at=call.started_at, call=call.id, linkedid=call.linkedid, version=3)
    await house.db.run(calls.record, calls=[call], events=[held])
    first = (await crm.get("/api/v1/events", params={"limit": 2})).body
    rest = (await crm.get("/api/v1/events", params={"after": first["next"]})).body
    told = first["items"] + rest["items"]
    assert [one["type"] for one in told] == ["contact.created"] * 3 + ["call.held"]
    assert [one["event"]["contact_id"] for one in told[:3]] == contacts
    assert told[3]["event"] == json.loads(json.dumps(told[3]["event"])) | {"call": call.id, "version": 3}
    positions = [one["pos"] for one in told]
    assert positions == sorted(set(positions))
    end = (await crm.get("/api/v1/events", params={"after": rest["next"]})).body
    assert end == {"items": [], "next": rest["next"]}


@pytest.mark.parametrize("after", ["-1", "x", "9223372036854775808", "1e3"])
async def test_no_place_in_the_log(house: House, after: str) -> None:
    answer = await house.system().get("/api/v1/events", params={"after": after})
    assert (answer.status, answer.code) == (422, "invalid")


async def test_the_floor_now(house: House) -> None:
    eva, call = await house.person("eva"), house.stage.call()
    body = (await eva.get("/api/v1/floor")).body
    assert body["pbx"] == {"main": True}
    assert [one["call"]["id"] for one in body["floor"]["calls"]] == [call.id]


async def test_health_is_well_when_every_part_is(house: House) -> None:
    anybody = house.stranger()
    assert (await anybody.get("/health")).status == 200
    house.parts["main"] = PartState(state="connecting", is_well=False, why="refused")
    answer = await anybody.get("/health")
    assert (answer.status, answer.body["ok"], answer.body["parts"]["main"]["why"]) == (503, False, "refused")


async def test_figures_are_read_by_who_may(house: House) -> None:
    answer = await house.system().get("/metrics")
    assert answer.status == 200
    assert b'centralita_pbx_connected{pbx="main"} 1.0' in answer.body


async def test_drift_is_a_figure_of_each_exchange(house: House) -> None:
    house.context.truth["main"] = Truth(
        checked_at=START, took_s=0.25, resyncs=1, audits=7, drift=2, corrected={"bridge": 3}
    )
    body = (await house.system().get("/metrics")).body.decode()
    assert [line for line in body.splitlines() if line.startswith("centralita_truth")] == [
        'centralita_truth_drift{pbx="main"} 2.0',
        'centralita_truth_checked_timestamp_seconds{pbx="main"} 1.795536e+09',
        'centralita_truth_look_seconds{pbx="main"} 0.25',
        'centralita_truth_looks_total{pbx="main",why="connected"} 1.0',
        'centralita_truth_looks_total{pbx="main",why="audit"} 7.0',
        'centralita_truth_corrected_total{kind="bridge",pbx="main"} 3.0',
    ]


async def test_what_waits_and_what_was_left_out_are_figures(house: House) -> None:
    kept = house.context.history
    kept.stored, kept.waiting, kept.refused, kept.left_out["main"] = 7, 3, 1, LeftOut(2, START)
    body = (await house.system().get("/metrics")).body.decode()
    assert [line for line in body.splitlines() if line.startswith("centralita_history")] == [
        "centralita_history_waiting_calls 3.0",
        "centralita_history_stored_calls_total 7.0",
        "centralita_history_refused_calls_total 1.0",
        'centralita_history_left_out_calls_total{pbx="main"} 2.0',
    ]


async def test_what_came_from_records_is_a_figure_of_each_exchange_that_has_some(house: House) -> None:
    house.context.backfills["main"] = BackfillHealth(filled=4, whole_until=START)
    house.context.backfills["other"] = BackfillHealth(why="/cel.csv: Permission denied")
    body = (await house.system().get("/metrics")).body.decode()
    assert [line for line in body.splitlines() if line.startswith("centralita_backfill")] == [
        'centralita_backfill_calls_total{pbx="main"} 4.0',
        'centralita_backfill_calls_total{pbx="other"} 0.0',
        'centralita_backfill_watermark_timestamp_seconds{pbx="main"} 1.795536e+09',
    ]


async def test_health_tells_how_true_the_picture_of_an_exchange_is(house: House) -> None:
    truth = Truth(checked_at=START, audits=7, drift=2)
    house.parts["main"] = PartState(state="up", is_well=True, truth=truth)
    answer = await house.stranger().get("/health")
    told = answer.body["parts"]["main"]["truth"]
    assert (answer.status, told["drift"], told["audits"]) == (200, 2, 7)
