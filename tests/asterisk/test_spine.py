"""The spine on a real Asterisk: a call rings, its card pops before the answer, the call is in the history.

Times are compared with SIPp's own log, which owes nothing to Asterisk or to us.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import NEVER, Answers, caller, customer, phone, phones
from lab.postgresql import Server
from lab.service import on_exchange
from lab.wire import Wire

pytestmark = pytest.mark.asterisk
NEAR_S = 0.1
NUMBER, E164 = "957212000", "+34957212000"


def instant(text: str) -> float:
    """Return seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def near(seconds: float | None) -> Any:
    return pytest.approx(seconds, abs=NEAR_S)


def assert_told_right(call: dict[str, Any], line: Wire, rung: Wire) -> None:
    """Compare a recorded queue call with what SIPp saw of it on both sides."""
    assert call["outcome"] == "answered"
    assert instant(call["started_at"]) == near(line.invite_at)
    assert instant(call["answered_at"]) == near(rung.answered_at)
    assert instant(call["ended_at"]) == near(line.ended_at)
    assert call["talk_s"] == near(line.ended_at - rung.answered_at)
    (visit,) = call["visits"]
    (attempt,) = [one for one in visit["attempts"] if one["result"] == "answered"]
    assert attempt["ring_s"] == near(rung.answered_at - rung.ringing_at)
    # The queue is entered half a second after Answer(), which waits for media that SIPp does not send.
    assert visit["wait_s"] == near(rung.answered_at - line.answered_at - 0.5)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of each make."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/centralita.sqlite3"
    monkeypatch.chdir(tmp_path)  # where the spool lies
    postgres: Server = request.getfixturevalue("postgres")
    return postgres.add("spine")


async def test_the_card_pops_before_the_phone_is_answered_and_the_call_is_in_the_history(
    asterisk: Asterisk, lab_floor: Floor, url: str
) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with on_exchange(asterisk, url=url) as house:
            maria = await house.add_contact("María", NUMBER)
            await house.add_contact("Somebody else", "957212001")
            async with house.desk("ana", seat) as ana, phone(asterisk, seat, Answers(after=1.5)) as ringing:
                async with caller(asterisk, place.did, number=NUMBER, hang_up_after=4) as line:
                    pop = await ana.pop(E164, of=maria)
                    rung = await ringing.until(lambda call: call.answered_at)
                    assert pop.at < rung.answered_at - 1
                    assert pop.message["interface"] == seat.interface
                    assert "María" in pop.message["html"]
                    end = await ana.pop_end(pop.message["call"]["id"])
                    assert end.message["reason"] == "answered"
                    (wire,) = await line.ended()
                (call,) = await ana.calls_of(maria)
    assert (call["id"], call["contact_id"]) == (pop.message["call"]["id"], maria)
    assert (call["did"], call["match"]["kind"], call["hung_up_by"]) == (place.did, "exact", "customer")
    assert_told_right(call, wire, rung)


async def test_every_phone_of_a_ringall_queue_pops_and_the_losers_hear_who_won(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk(lambda queue: queue.strategy == "ringall") as place:
        first, second = place.phones[:2]
        async with (
            on_exchange(asterisk) as house,
            house.desk("ana", first) as ana,
            house.desk("luis", second) as luis,
            phone(asterisk, first, Answers(after=1.5)) as winner,
            phone(asterisk, second, NEVER),
            caller(asterisk, place.did, number=NUMBER, hang_up_after=3) as line,
        ):
            pops = [await ana.pop(E164), await luis.pop(E164)]
            rung = await winner.until(lambda call: call.answered_at)
            assert all(pop.at < rung.answered_at for pop in pops)
            call = pops[0].message["call"]["id"]
            assert (await ana.pop_end(call)).message["reason"] == "answered"
            lost = (await luis.pop_end(call)).message
            assert (lost["reason"], lost["answered_by"]) == ("answered_elsewhere", first.interface)
            await line.ended()


async def test_a_direct_call_pops_too(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with on_exchange(asterisk) as house:
            maria = await house.add_contact("María", NUMBER)
            async with (
                house.desk("ana", seat) as ana,
                phone(asterisk, seat, Answers(after=1.0)) as ringing,
                caller(asterisk, place.direct(seat), number=NUMBER, hang_up_after=2) as line,
            ):
                pop = await ana.pop(E164, of=maria)
                rung = await ringing.until(lambda call: call.answered_at)
                assert pop.at < rung.answered_at
                (wire,) = await line.ended()
                (call,) = await ana.calls_of(maria)
    assert call["wait_s"] is None
    assert call["talk_s"] == near(wire.ended_at - rung.answered_at)
    assert call["ring_s"] == near(rung.answered_at - rung.ringing_at)


async def test_a_stranger_who_is_created_later_finds_his_past_call(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    number = "600123456"
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with (
            on_exchange(asterisk) as house,
            house.desk("ana", seat) as ana,
            phone(asterisk, seat, Answers(after=0.5, hang_up_after=0.5)),
        ):
            async with caller(asterisk, place.did, number=number) as line:
                pop = await ana.pop("+34600123456")
                await line.ended()
            call_id = pop.message["call"]["id"]
            await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "call.ended")
            assert not (pop.message["card"] or {}).get("contact")
            made = await ana.post("/contacts", {"given": "Nuevo", "phones": [{"raw": "+34 600 12 34 56"}]})
            (call,) = await ana.calls_of(made["id"])
    assert call["id"] == call_id
    assert (call["contact_id"], call["match"]["kind"]) == (made["id"], "exact")
    assert call["match"]["relabelled_at"]


async def test_a_click_rings_the_agent_and_then_the_customer(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as place, lab_floor.line() as line:
        seat = place.phones[0]
        async with on_exchange(asterisk) as house:
            maria = await house.add_contact("María", line.number)
            async with (
                house.desk("ana", seat) as ana,
                phone(asterisk, seat, Answers(after=0.3)) as agent,
                customer(asterisk, line, Answers(after=0.5, hang_up_after=1)) as called,
            ):
                await ana.post("/calls", {"number": line.number}, status=202)
                rung = await agent.until(lambda call: call.ended_at)
                wire = await called.until(lambda call: call.ended_at)
                (call,) = await ana.calls_of(maria)
    assert (call["direction"], call["origin"]["kind"], call["outcome"]) == ("outbound", "click", "answered")
    assert (call["did"], call["hung_up_by"]) == (line.number, "customer")
    assert rung.answered_at < wire.invite_at
    assert call["talk_s"] == near(wire.ended_at - wire.answered_at)


async def test_the_dialplan_hears_from_us_who_calls(asterisk: Asterisk, lab_floor: Floor) -> None:
    """FastAGI is asked, and its answer reaches the call as channel variables."""
    with lab_floor.desk() as place:
        async with on_exchange(asterisk) as house:
            maria = await house.add_contact("María", NUMBER)
            async with (
                house.desk("ana", place.phones[0]) as ana,
                phones(asterisk, place.phones[:1], Answers(after=1.0)),
                caller(asterisk, place.did, number=NUMBER) as line,
            ):
                pop = await ana.pop(E164, of=maria)
                await line.until(lambda call: call.answered_at)
                live = pop.message["call"]
                (channel,) = [
                    row.split("!")[0]
                    for row in (
                        await asyncio.to_thread(asterisk.cli, "core show channels concise")
                    ).splitlines()
                    if row.endswith(live["linkedid"])
                ]
                shown = await asyncio.to_thread(asterisk.cli, f"core show channel {channel}")
                await asyncio.to_thread(asterisk.cli, f"channel request hangup {channel}")
                await line.ended()
    assert f"CENTRALITA_CONTACT={maria}" in shown
    assert "CENTRALITA_STATUS=FOUND" in shown
