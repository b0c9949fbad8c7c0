"""Real calls: what SIPp saw on the wire and what Asterisk says of it are the same, to a tenth of a second."""

from __future__ import annotations

import asyncio
import csv
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from lab.ami_tap import Block, Tap, tap
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, callers, phone, phones
from lab.scenarios import ALL, Stage, settled

pytestmark = pytest.mark.asterisk
TOLERANCE_S = 0.1


def stamp(block: Block) -> float:
    return float(block["Timestamp"])


async def event(ear: Tap, name: str, **fields: str) -> Block:
    return await ear.until(
        lambda block: (
            block.get("Event") == name and all(block.get(key) == text for key, text in fields.items())
        )
    )


async def test_a_caller_is_answered_through_the_queue(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        seat = desk.phones[0]
        async with tap(asterisk) as ear, phone(asterisk, seat, Answers(after=1.2)) as ringing:
            async with caller(
                asterisk, desk.did, number="957212000", name="Zoë García", hang_up_after=4
            ) as line:
                (customer,) = await line.ended()
            await settled([(seat, ringing)])
            (agent,) = ringing.calls()
            born = await event(ear, "Newchannel", Exten=desk.did)
            rung = await event(ear, "AgentCalled", Interface=seat.interface)
            taken = await event(ear, "AgentConnect", Interface=seat.interface)
            gone = await event(ear, "Hangup", Uniqueid=born["Uniqueid"])
    assert (born["CallerIDNum"], born["CallerIDName"]) == ("957212000", "Zoë García")
    assert stamp(born) == pytest.approx(customer.invite_at, abs=TOLERANCE_S)
    assert stamp(rung) == pytest.approx(agent.ringing_at, abs=TOLERANCE_S)
    assert stamp(taken) == pytest.approx(agent.answered_at, abs=TOLERANCE_S)
    assert stamp(gone) == pytest.approx(customer.bye_at, abs=TOLERANCE_S)
    assert agent.answered_at == pytest.approx(agent.ringing_at + 1.2, abs=TOLERANCE_S)
    assert customer.bye_at == pytest.approx(customer.answered_at + 4, abs=TOLERANCE_S)


async def test_a_phone_that_left_is_not_rung(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        async with tap(asterisk) as ear:
            async with phone(asterisk, desk.phones[0], Answers()):
                pass
            async with caller(asterisk, desk.did, hang_up_after=1.5) as line:
                await line.ended()
            await event(ear, "QueueCallerAbandon", Queue=desk.queue.name)
    assert [block for block in ear.blocks if block.get("Event") == "AgentCalled"] == []


def _rung(call: dict[str, Any]) -> list[dict[str, Any]]:
    return [call["agent"]] if "agent" in call else call["rung"]


SCENES: dict[str, tuple[str | None, str, list[str]]] = {
    "abandoned_while_ringing": ("abandoned", "customer", ["cancelled"]),
    "busy_then_second_agent": ("answered", "agent", ["busy", "answered"]),
    "rejected_then_second_agent": ("answered", "agent", ["rejected", "answered"]),
    "ringall_two_lose": ("answered", "agent", ["answered", "cancelled", "cancelled"]),
    "queue_timeout_nobody_there": ("timeout", "system", []),
    "direct_busy": ("busy", "system", ["busy"]),
    "direct_abandoned": ("abandoned", "customer", ["cancelled"]),
    "direct_no_answer": ("no_answer", "system", ["no_answer"]),
    "internal_answered": ("answered", "agent", ["answered"]),
    "click_answered": ("answered", "customer", ["answered"]),
    "click_customer_busy": ("busy", "system", ["answered"]),
    "click_agent_busy": (None, "system", ["busy"]),
}


async def test_scenes_side_by_side_play_as_their_names_say(asterisk: Asterisk, lab_floor: Floor) -> None:
    async with tap(asterisk) as ear, asyncio.timeout(40):
        stage = Stage(pbx=asterisk, floor=lab_floor, tap=ear)
        told = await asyncio.gather(*(ALL[name](stage) for name in SCENES))
    seen = {
        name: (
            call["outcome"],
            call["hung_up_by"],
            sorted(rung["result"] for rung in _rung(call)),
        )
        for name, (call,) in zip(SCENES, told, strict=True)
    }
    assert seen == {name: (outcome, by, sorted(rung)) for name, (outcome, by, rung) in SCENES.items()}


async def test_a_crowd_is_served(asterisk: Asterisk, lab_floor: Floor) -> None:
    """Forty callers at ten a second, four queues, twelve phones by one SIPp."""
    with ExitStack() as stack:
        desks = [stack.enter_context(lab_floor.desk()) for _ in range(4)]
        seats = [seat for desk in desks for seat in desk.phones]
        calls = [(desks[turn % 4].did, f"6000000{turn:02}") for turn in range(40)]
        async with (
            phones(asterisk, seats, Answers(after=0.2, hang_up_after=0.3)) as rung,
            callers(asterisk, calls, rate=10.0) as people,
        ):
            served = await people.ended()
            await settled([(seats[0], rung)])
    assert sorted(call.number for call in served) == sorted(did for did, _ in calls)
    assert {call.bye_by for call in served} == {"them"}
    assert len([call for call in rung.calls() if call.answered_at]) == 40


async def test_what_is_kept_for_later_tells_the_call(asterisk: Asterisk, lab_floor: Floor) -> None:
    """CEL names the caller, the number and both legs, by one Linkedid and in seconds since the epoch."""
    with lab_floor.desk() as desk:
        manner = Answers(after=0.3, hang_up_after=0.3)
        async with phone(asterisk, desk.phones[0], manner), tap(asterisk) as ear:
            async with caller(asterisk, desk.did, name="Zoë; García, x") as line:
                (customer,) = await line.ended()
            born = await event(ear, "Newchannel", Exten=desk.did)
            await event(ear, "Hangup", Uniqueid=born["Uniqueid"])
    path = asterisk.instance.outside / "log" / "cel-custom" / "Centralita.csv"
    rows = await asyncio.to_thread(_rows, path, linkedid=born["Linkedid"])
    assert [row[0] for row in rows].count("BRIDGE_ENTER") == 2
    assert (rows[0][0], rows[0][2], rows[0][3], rows[0][5]) == (
        "CHAN_START",
        "Zoë; García, x",
        "957212000",
        desk.did,
    )
    assert float(rows[0][1]) == pytest.approx(customer.invite_at, abs=TOLERANCE_S)
    assert float(rows[-1][1]) == pytest.approx(customer.bye_at, abs=TOLERANCE_S)


def _rows(path: Path, *, linkedid: str) -> list[list[str]]:
    """Return the call's rows once the last one is written, or what is there after five seconds."""
    deadline = time.monotonic() + 5
    while True:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row[11] == linkedid]
        if (rows and rows[-1][0] == "LINKEDID_END") or time.monotonic() > deadline:
            return rows
        time.sleep(0.05)
