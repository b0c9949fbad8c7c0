"""Click-to-call: the agent's phone first, then the customer; and each way to fail."""

from __future__ import annotations

import asyncio

from lab.matrix.expected import Expected
from lab.matrix.play import Play, over, talked
from lab.matrix.scene import Told, scene
from lab.phones import NEVER, Answers, Manner, Refuses


async def _click(play: Play, agent: Manner, outside: Manner) -> Told:
    async with play.phones(agent) as phones, play.outside(outside) as far:
        await play.ask(
            "Originate",
            Channel=play.interface(0),
            Context="from-agents",
            Exten=play.office.outside,
            Priority="1",
            CallerID=play.office.outside,
            Timeout="3000",
            Async="true",
        )
        (ours,) = await over(*phones)
        await asyncio.sleep(0.3)
        theirs = (await over(far))[0] if far.calls() else None
    customer = theirs if theirs and theirs.answered_at else None
    by = "system"
    if customer:
        by = "customer" if customer.bye_by == "us" else "agent"
    status = theirs.status or 0 if theirs else 0
    failed = {486: "busy", 487: "no_answer"}.get(status, "failed")
    return [
        Expected(
            started_at=ours.invite_at or 0,
            ended_at=(theirs.ended_at if theirs else ours.ended_at) or 0,
            outcome="answered" if customer else failed,
            hung_up_by=by,
            direction="outbound",
            credited={play.interface(0): {"talk": talked(customer)}} if customer else {},
            customer={"talk": talked(customer)} if customer else {},
        )
    ]


@scene(has_line=True)
async def click_and_they_talk(play: Play) -> Told:
    return await _click(play, Answers(after=0.6), Answers(after=1.0, hang_up_after=1.5))


@scene(has_line=True)
async def click_and_the_agent_ends_it(play: Play) -> Told:
    return await _click(play, Answers(after=0.6, hang_up_after=3.5), Answers(after=0.8))


@scene(has_line=True)
async def click_and_the_agent_is_away(play: Play) -> Told:
    return await _click(play, NEVER, NEVER)


@scene(has_line=True)
async def click_and_the_agent_is_busy(play: Play) -> Told:
    return await _click(play, Refuses(code=486), NEVER)


@scene(has_line=True)
async def click_and_the_customer_is_busy(play: Play) -> Told:
    return await _click(play, Answers(after=0.6), Refuses(code=486, ring_for=0.6))


@scene(has_line=True)
async def click_and_the_customer_is_away(play: Play) -> Told:
    return await _click(play, Answers(after=0.6), NEVER)


@scene(has_line=True)
async def click_and_the_line_is_out_of_order(play: Play) -> Told:
    return await _click(play, Answers(after=0.6), Refuses(code=503))
