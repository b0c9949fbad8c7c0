"""A list of twenty dialled in preview on a real Asterisk; what became of each line is what SIPp saw of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import time, timedelta
from functools import partial

import pytest
from lab.desk import Desk, Message
from lab.floor import Floor, Line
from lab.pbx import Asterisk
from lab.phones import NEVER, Answers, Manner, Refuses, customer, phones
from lab.service import House, on_exchange
from lab.sipp import Sipp
from lab.wire import Wire

from centralita.clock import utc_now
from crm_core.domain.dial_gate import LAWS, Law, Rules
from crm_core.domain.funnel import UNDER_WAY, Funnel
from crm_core.domain.list_rows import read_list
from crm_core.services import campaigns

pytestmark = pytest.mark.asterisk
ALWAYS = Law(hours=(((time.min, time.max),),) * 7, keeps_holidays=False, source="the test")
SHORT = Answers(after=0.3, hang_up_after=0.3)
TOLD = ["success", "no_interest", "refused", "callback", "voicemail", "wrong_number", "success", "success"]
LINES: list[tuple[Manner, int]] = [
    (SHORT, 8),
    (Refuses(code=486, ring_for=0.2), 4),
    (Refuses(code=603), 3),
    (Refuses(code=404), 3),
    (NEVER, 2),
]
BY_STATUS = {486: "busy", 603: "rejected", 404: "unreachable"}


def seen(wire: Wire) -> str:
    """Return what SIPp says became of a line."""
    if wire.answered_at:
        return "answered"
    return "no_answer" if wire.cancel_at else BY_STATUS[wire.status or 0]


def numbers_of(line: Line, count: int) -> list[str]:
    return [f"{line.number[:-3]}{n:03}" for n in range(count)]


async def campaign_with(house: House, numbers: Sequence[str]) -> str:
    now = utc_now()
    made = await house.db.run(campaigns.create, name="Autumn", region="ES", rules=Rules(), by="test", now=now)
    rows = "\n".join(f"Person {n};{number}" for n, number in enumerate(numbers))
    found = read_list(f"name;phone\n{rows}".encode(), region="ES")
    loaded = await house.db.run(campaigns.load, campaign_id=made.id, found=found, by="test", now=now)
    assert (loaded.leads, loaded.rejected) == (len(numbers), ())
    campaign_id: str = made.id
    return campaign_id


async def figures(house: House, campaign_id: str) -> Funnel:
    """Return how far the list is, once every line that ended is kept."""
    async with asyncio.timeout(10):
        while True:
            told = await house.db.read(campaigns.figures, campaign_id=campaign_id)
            if UNDER_WAY not in told.funnel.dials:
                funnel: Funnel = told.funnel
                return funnel
            await asyncio.sleep(0.05)


async def works(agent: Desk, outcomes: list[str]) -> dict[str, str]:
    """Dial lead after lead until the list gives none; return each number's outcome."""
    done: dict[str, str] = {}
    while preview := (await agent.post("/preview", {}, status=200))["preview"]:
        lead = preview["lead"]["id"]
        attempt = (await agent.post(f"/preview/{lead}/dial", {}, status=202))["attempt"]
        ended = (await agent.until(partial(is_over, attempt["id"]))).message["event"]
        if ended["type"] == "call.ended":  # somebody talked: what was said is for the agent to tell
            record = ended["record"]
            assert (record["origin"], record["outcome"]) == (
                {"kind": "campaign", "ref": attempt["id"]},
                "answered",
            )
            outcome = outcomes.pop()
            at = (utc_now() + timedelta(hours=5)).isoformat() if outcome == "callback" else None
            body = {"outcome": outcome, "callback_at": at}
            await agent.post(f"/attempts/{attempt['id']}/outcome", body, status=200)
        settled = await agent.until(partial(is_settled, attempt["id"]))
        done[attempt["number"]] = settled.message["event"]["outcome"]
    return done


def is_settled(attempt: str, message: Message) -> bool:
    event = message.get("event", {})
    return event.get("type") == "attempt.settled" and event["attempt_id"] == attempt


def is_over(attempt: str, message: Message) -> bool:
    event = message.get("event", {})
    has_ended = event.get("type") == "call.ended" and event["record"]["attempt_id"] == attempt
    return has_ended or is_settled(attempt, message)


async def test_a_list_of_twenty_ends_as_sipp_saw_it(
    asterisk: Asterisk, lab_floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LAWS, "ES", ALWAYS)  # the test runs at night and on Sundays, too
    with ExitStack() as lines, lab_floor.desk() as place:
        taken = [(lines.enter_context(lab_floor.line()), manner, count) for manner, count in LINES]
        listed = [numbers_of(line, count) for line, _, count in taken]
        mixed = [number for turn in range(8) for some in listed for number in some[turn : turn + 1]]
        async with AsyncExitStack() as stack, on_exchange(asterisk) as house:
            campaign = await campaign_with(house, mixed)
            sipps: list[Sipp] = [
                await stack.enter_async_context(customer(asterisk, line, manner)) for line, manner, _ in taken
            ]
            await stack.enter_async_context(phones(asterisk, place.phones[:2], Answers(after=0.1)))
            ana = await stack.enter_async_context(house.desk("ana", place.phones[0]))
            luis = await stack.enter_async_context(house.desk("luis", place.phones[1]))
            outcomes = list(TOLD)
            done = await asyncio.gather(works(ana, outcomes), works(luis, outcomes))
            wires = [wire for sipp in sipps for wire in sipp.calls()]
            funnel = await figures(house, campaign)
            tries = await house.db.read(
                lambda uow: {
                    one.number: one
                    for state in ("waiting", "promised", "done")
                    for lead in uow.leads.coming(campaign, state, None, 50)
                    for one in uow.attempts.of_lead(lead.id, 5)
                }
            )
    dialled = done[0] | done[1]
    assert len(dialled) == len(wires) == funnel.called == funnel.loaded == 20
    assert (
        funnel.dials
        == Counter(map(seen, wires))
        == {"answered": 8, "busy": 4, "rejected": 3, "unreachable": 3, "no_answer": 2}
    )
    assert {number.removeprefix("+34"): one.result for number, one in tries.items()} == {
        wire.number: seen(wire) for wire in wires
    }
    assert Counter(dialled.values()) == funnel.outcomes
    assert funnel.outcomes == Counter(TOLD) + Counter(
        {"busy": 4, "rejected": 3, "unreachable": 3, "no_answer": 2}
    )
    assert (funnel.reached, funnel.waiting, funnel.blocked) == (6, 0, {})
