"""Choosing a phone, ready and paused, joining and leaving queues, and a supervisor who steps in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from integration.screenpop.desk import close_code, heard, hello
from integration.screenpop.house import House, Person
from unit.screenpop.fakes import ANA_SEAT, LUIS_SEAT
from websockets.asyncio.client import ClientConnection, connect

from crm_core.services import users

ANA, LUIS, FREE = "main:PJSIP/agent101", "main:PJSIP/agent102", "main:PJSIP/agent9"
PHONE = ANA_SEAT.interface


def desk_of(house: House, person: Person) -> connect:
    cookie = "; ".join(f"{one.key}={one.value}" for one in person.client.cookie_jar)
    return connect(
        f"ws://127.0.0.1:{house.ws_port}/",
        origin=house.origin,
        subprotocols=["centralita.v1"],
        additional_headers={"Cookie": cookie},
    )


async def until_closed(client: ClientConnection) -> tuple[int | None, str]:
    code = await close_code(client)
    return code, client.close_reason or ""


# --- phones


async def test_phones_stand_in_order_with_who_sits_there(house: House) -> None:
    house.stage.floor.seen = ["PJSIP/agent101", "PJSIP/agent102", "PJSIP/agent9"]
    ana, luis = await house.person("ana"), await house.person("luis")
    async with desk_of(house, luis) as desk:
        await hello(desk)
        house.stage.floor.busy[LUIS_SEAT.interface] = "c1"
        found = (await ana.get("/api/v1/seats")).body
    assert found["mine"] == ANA
    shown = [(one["seat"], one["name"], one["is_on_call"], one["is_mine"]) for one in found["items"]]
    assert shown == [(FREE, None, False, False), (ANA, None, False, True), (LUIS, "Luis Gil", True, False)]


async def test_the_phone_that_was_chosen_is_remembered_and_open_desks_come_again(house: House) -> None:
    house.stage.floor.seen = ["PJSIP/agent9"]
    ana = await house.person("ana")
    async with desk_of(house, ana) as desk:
        await hello(desk)
        answer = await ana.ask("PUT", "/api/v1/seat", {"seat": FREE})
        assert (answer.status, answer.body["name"], answer.body["is_mine"]) == (200, "Ana Ruiz", True)
        assert (await until_closed(desk))[0] == 4010
    assert house.stage.floor.seats == {}
    async with desk_of(house, ana) as desk:
        assert (await hello(desk))["desk"]["interface"] == "PJSIP/agent9"
    again = await house.person("ana")
    assert (await again.get("/api/v1/session")).body["interface"] == FREE


async def test_who_sits_idle_at_a_phone_leaves_it_and_hears_who_came(house: House) -> None:
    ana, luis = await house.person("ana"), await house.person("luis")
    async with desk_of(house, luis) as desk:
        await hello(desk)
        assert (await ana.ask("PUT", "/api/v1/seat", {"seat": LUIS})).status == 200
        assert await until_closed(desk) == (4009, "taken: Ana Ruiz")
    assert house.stage.floor.seats == {}
    async with desk_of(house, ana) as desk:
        await hello(desk)
        assert house.stage.floor.seats == {LUIS_SEAT.interface: "101"}


async def test_who_is_on_a_call_keeps_his_phone(house: House) -> None:
    ana, luis = await house.person("ana"), await house.person("luis")
    async with desk_of(house, luis) as desk:
        await hello(desk)
        house.stage.floor.busy[LUIS_SEAT.interface] = "c1"
        answer = await ana.ask("PUT", "/api/v1/seat", {"seat": LUIS})
        assert (answer.status, answer.code, answer.body["detail"]) == (409, "seat_in_use", "Luis Gil")
        await house.db.run(users.set_seat, user_id="u-ana", seat=LUIS)  # as an older choice may say
        async with desk_of(house, ana) as other:
            await other.send('{"op": "hello", "topics": ["desk"]}')
            assert await until_closed(other) == (4009, "in use: Luis Gil")
        assert house.stage.floor.seats == {LUIS_SEAT.interface: "102"}


async def test_nobody_changes_his_phone_during_a_call(house: House) -> None:
    house.stage.floor.seen = ["PJSIP/agent9"]
    ana = await house.person("ana")
    async with desk_of(house, ana) as desk:
        await hello(desk)
        house.stage.floor.busy[PHONE] = "c1"
        answer = await ana.ask("PUT", "/api/v1/seat", {"seat": FREE})
        assert (answer.status, answer.code) == (409, "on_a_call")


@pytest.mark.parametrize(
    ("name", "seat", "code"),
    [
        pytest.param("ana", "main:PJSIP/nobody", "invalid", id="a phone nobody has seen"),
        pytest.param("ana", "far:PJSIP/agent101", "invalid", id="another exchange"),
        pytest.param("ana", "main:PJSIP/a\r\nAction: Logoff", "invalid", id="hostile"),
        pytest.param("eva", ANA, "takes_no_calls", id="no agent"),
    ],
)
async def test_not_every_phone_can_be_chosen(house: House, name: str, seat: str, code: str) -> None:
    person = await house.person(name)
    assert (await person.ask("PUT", "/api/v1/seat", {"seat": seat})).code == code


# --- presence


def queues(body: dict[str, Any]) -> dict[str, tuple[bool, bool]]:
    return {one["queue"]: (one["is_member"], one["is_fixed"]) for one in body["queues"]}


async def test_pause_ready_join_and_leave_are_answered_as_confirmed(house: House) -> None:
    house.stage.floor.members = {"sales": (PHONE,), "support": ()}
    ana = await house.person("ana")
    async with desk_of(house, ana) as desk:
        await hello(desk)
        paused = await ana.ask("PUT", "/api/v1/presence", {"state": "paused", "reason": "lunch"})
        assert (paused.body["state"], paused.body["reason"]) == ("paused", "lunch")
        assert queues(paused.body) == {"sales": (True, True), "support": (False, False)}
        told = await heard(desk)
        assert (told["event"]["type"], told["event"]["reason"]) == ("agent.state_changed", "lunch")
        joined = await ana.ask("PUT", "/api/v1/presence/queues/support")
        assert queues(joined.body)["support"] == (True, False)
        ready = await ana.ask("PUT", "/api/v1/presence", {"state": "ready"})
        assert (ready.body["state"], ready.body["reason"]) == ("ready", None)
        left = await ana.ask("DELETE", "/api/v1/presence/queues/support")
        assert queues(left.body)["support"] == (False, False)
    assert house.queues.asked == [
        f"pause {PHONE} True lunch",
        f"join support {PHONE} Ana Ruiz 0 True",
        f"pause {PHONE} True lunch",
        f"pause {PHONE} False ",
        f"leave support {PHONE}",
    ]


async def test_a_pause_during_a_call_is_told_as_wished(house: House) -> None:
    house.stage.floor.members = {"sales": (PHONE,)}
    ana = await house.person("ana")
    async with desk_of(house, ana) as desk:
        await hello(desk)
        house.stage.floor.busy[PHONE] = "c1"
        body = (await ana.ask("PUT", "/api/v1/presence", {"state": "paused", "reason": "lunch"})).body
        assert (body["state"], body["wished"]) == ("talking", "lunch")
        del house.stage.floor.busy[PHONE]
        body = (await ana.get("/api/v1/presence")).body
        assert (body["state"], body["reason"], body["wished"]) == ("paused", "lunch", None)


@pytest.mark.parametrize(
    ("ask", "status", "code"),
    [
        pytest.param(("PUT", "", {"state": "paused", "reason": "lunch"}), 504, "not_confirmed", id="pause"),
        pytest.param(("PUT", "/queues/support", None), 504, "not_confirmed", id="join"),
        pytest.param(("PUT", "/queues/other", None), 404, "not_found", id="no such queue"),
        pytest.param(("PUT", "", {"state": "paused"}), 422, "invalid", id="without a reason"),
        pytest.param(
            ("PUT", "", {"state": "paused", "reason": "fun"}), 422, "invalid", id="no reason of ours"
        ),
        pytest.param(("PUT", "", {"state": "away"}), 422, "invalid", id="no state"),
    ],
)
async def test_what_is_not_confirmed_or_not_right_is_told(
    house: House, ask: tuple[str, str, Any], status: int, code: str
) -> None:
    house.stage.floor.members = {"sales": (PHONE,), "support": ()}
    house.queues.is_mute = True
    ana = await house.person("ana")
    method, path, body = ask
    answer = await ana.ask(method, f"/api/v1/presence{path}", body)
    assert (answer.status, answer.code) == (status, code)


async def test_who_is_in_no_queue_cannot_pause(house: House) -> None:
    ana = await house.person("ana")
    answer = await ana.ask("PUT", "/api/v1/presence", {"state": "paused", "reason": "lunch"})
    assert (answer.status, answer.code) == (409, "in_no_queue")


async def test_an_exchange_that_is_observed_is_asked_nothing(house: House) -> None:
    house.stage.floor.members = {"sales": (PHONE,), "support": ()}
    house.queues.is_observed = True
    ana, eva = await house.person("ana"), await house.person("eva")
    assert (await ana.get("/api/v1/presence")).body["is_observed"]
    asked = {"pbx": "main", "interface": PHONE, "act": "unpause"}
    for answer in (
        await ana.ask("PUT", "/api/v1/presence", {"state": "ready"}),
        await ana.ask("PUT", "/api/v1/presence/queues/support"),
        await ana.ask("DELETE", "/api/v1/presence/queues/sales"),
        await eva.post("/api/v1/interventions", asked),
    ):
        assert (answer.status, answer.code) == (409, "observe_only")
    assert house.queues.asked == []


async def test_without_a_phone_there_is_no_presence(house: House) -> None:
    tom = await house.person("tom")
    for method, body in (("GET", None), ("PUT", {"state": "ready"})):
        assert (await tom.ask(method, "/api/v1/presence", body)).code == "no_seat"


# --- a supervisor steps in


def step(act: str, **more: Any) -> dict[str, Any]:
    return {"pbx": "main", "interface": PHONE, "agent": "101", "act": act} | more


async def told(desk: ClientConnection, act: str) -> dict[str, Any]:
    while True:
        event = (await heard(desk)).get("event", {})
        if event.get("type") == "agent.intervened" and event["act"] == act:
            return event


async def test_a_supervisor_pauses_unpauses_and_signs_out_and_it_is_in_the_audit(house: House) -> None:
    house.stage.floor.members = {"sales": (PHONE,)}
    ana, eva, ada = await house.person("ana"), await house.person("eva"), house.system("auditor")
    async with desk_of(house, ana) as desk:
        await hello(desk)
        assert (await eva.post("/api/v1/interventions", step("pause", reason="lunch"))).status == 200
        event = await told(desk, "paused")
        assert (event["by"], event["agent"], event["reason"]) == ("Eva Sanz", "101", "lunch")
        assert house.stage.floor.paused == {PHONE: "lunch"}
        assert (await eva.post("/api/v1/interventions", step("unpause"))).status == 200
        assert (await told(desk, "unpaused"))["by"] == "Eva Sanz"
        assert house.stage.floor.paused == {}
        assert (await eva.post("/api/v1/interventions", step("log_out"))).status == 200
        await told(desk, "logged_out")
        assert await until_closed(desk) == (4009, "left: Eva Sanz")
    assert (house.stage.floor.seats, house.stage.floor.paused) == ({}, {PHONE: "logged_out"})
    deeds = (await ada.get("/api/v1/audit")).body["items"]
    assert [(one["who"], one["what"], one["address"]) for one in deeds[:3]] == [
        ("u-eva", "log_out 101", "127.0.0.1"),
        ("u-eva", "unpause 101", "127.0.0.1"),
        ("u-eva", "pause 101: lunch", "127.0.0.1"),
    ]


@pytest.mark.parametrize(
    ("asked", "is_busy", "status", "code"),
    [
        pytest.param(step("log_out"), True, 409, "on_a_call", id="sign out during a call"),
        pytest.param(
            step("pause", agent="102", reason="lunch"), False, 409, "somebody_else_sits_there", id="who"
        ),
        pytest.param(step("pause", pbx="far", reason="lunch"), False, 409, "no_exchange", id="no exchange"),
        pytest.param(step("pause"), False, 422, "invalid", id="without a reason"),
        pytest.param(step("dismiss"), False, 422, "invalid", id="no such act"),
        pytest.param(
            step("log_out", interface="PJSIP/x", agent=None), False, 409, "nobody_sits_there", id="nobody"
        ),
    ],
)
async def test_what_cannot_be_done_to_somebody(
    house: House, asked: dict[str, Any], is_busy: bool, status: int, code: str
) -> None:
    house.stage.floor.members = {"sales": (PHONE,)}
    ana, eva = await house.person("ana"), await house.person("eva")
    async with desk_of(house, ana) as desk:
        await hello(desk)
        if is_busy:
            house.stage.floor.busy[PHONE] = "c1"
        answer = await eva.post("/api/v1/interventions", asked)
        assert (answer.status, answer.code) == (status, code)
    assert house.queues.asked == []


async def test_asked_twice_with_one_key_it_is_done_once(house: House) -> None:
    house.stage.floor.members = {"sales": (PHONE,)}
    eva = await house.person("eva")
    asked, key = step("pause", agent=None, reason="lunch"), {"Idempotency-Key": "k1"}
    answers = await asyncio.gather(*(eva.post("/api/v1/interventions", asked, headers=key) for _ in range(2)))
    assert {answer.status for answer in answers} == {200}
    assert len(house.queues.asked) == 1
