"""Hold by us: an agent parts from his customer at his desk, and what becomes of the two."""

from __future__ import annotations

import asyncio
from typing import Any

from ami_bridge.domain import events
from ami_bridge.domain.keeping import CONTEXT
from ami_bridge.services import holding
from ami_bridge.wire.control import HELD_WITH
from lab.matrix.attended import asker
from lab.matrix.blind import TAKES
from lab.matrix.office import HELD_AT_MOST_S
from lab.matrix.play import Play, over, refer, replaces, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import Kinds, number_call, queue_call
from lab.phones import Act, Answers
from lab.wire import Wire

TALKS_S, HOLDS_S = 1.0, 1.2


async def holds(play: Play, *, after: float = TALKS_S) -> None:
    """Let the first phone put its customer on hold by our command."""
    await asyncio.sleep(after)
    answered = await play.ours.until(events.CallAnswered, lambda event: event.interface == play.interface(0))
    await holding.hold(play.ours.live, play.ours.control, call_id=answered.call, interface=play.interface(0))


async def resumes(play: Play, *, after: float = HOLDS_S) -> None:
    """Let the first phone take its customer back so."""
    await asyncio.sleep(after)
    held = await play.ours.until(events.CallHeld, lambda event: event.interface == play.interface(0))
    await holding.resume(play.ours.live, play.ours.control, call_id=held.call, interface=play.interface(0))


async def keeps_names(play: Play) -> None:
    """Let both be named as in mid-hold, as when the link was lost right after they were joined."""
    agent, customer = await play.channel(0), await play.customers_channel()
    for one, other in ((agent, customer), (customer, agent)):
        await play.ask("Setvar", Channel=one, Variable=HELD_WITH, Value=other)


def _music(play: Play, *, times: int | None = None) -> float:
    """Return for how many seconds the customer heard music, the first *times*: no SIP message tells of it."""
    told = [
        block
        for block in play.tap.blocks
        if block.get("Context") == CONTEXT
        and (
            block.get("CallerIDNum") == play.office.caller()
            or block["Channel"].startswith(f"PJSIP/line{play.office.no}-")
        )
    ]
    began = [float(block["Timestamp"]) for block in told if block.get("Event") == "MusicOnHoldStart"]
    ended = [float(block["Timestamp"]) for block in told if block.get("Event") == "MusicOnHoldStop"]
    return sum(until - since for since, until in zip(began[:times], ended[:times], strict=True))


def _spent(leg: Wire, held: float) -> Kinds:
    assert held > HOLDS_S / 2, "nobody was on hold"
    return {"talk": talked(leg) - held, "hold": held}


@scene()
async def held_by_us_and_resumed(play: Play) -> Told:
    async with play.phones(Answers(after=0.6, hang_up_after=4.0)) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await holds(play)
        await resumes(play)
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    spent = _spent(leg, _music(play))
    return [queue_call(play, customer, {play.interface(0): spent}, own=spent)]


@scene()
async def held_by_us_twice_in_a_direct_call(play: Play) -> Told:
    calls = play.calls(play.office.direct, hang_up_after=7.0)
    async with play.phones(Answers(after=0.6)) as phones, calls as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await holds(play)
        await resumes(play)
        await holds(play, after=0.5)
        await resumes(play)
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    spent = _spent(leg, _music(play))
    return [number_call(customer, {play.interface(0): spent}, own=spent, hung_up_by="customer")]


async def _held_to_the_end(play: Play, manner: Answers, **call: Any) -> tuple[Wire, Kinds]:
    """Let nobody take a customer back; return him, and what he and his agent spent."""
    async with play.phones(manner) as phones, play.calls(**call) as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await holds(play)
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return customer, _spent(leg, _music(play))


@scene()
async def held_by_us_and_the_customer_hangs_up(play: Play) -> Told:
    customer, spent = await _held_to_the_end(play, Answers(after=0.6), hang_up_after=4.0)
    return [queue_call(play, customer, {play.interface(0): spent}, own=spent, hung_up_by="customer")]


@scene()
async def held_by_us_and_the_agent_hangs_up(play: Play) -> Told:
    """The customer is not left in music: the exchange itself lets him go when the agent has gone."""
    customer, spent = await _held_to_the_end(play, Answers(after=0.6, hang_up_after=3.0))
    return [queue_call(play, customer, {play.interface(0): spent}, own=spent)]


@scene()
async def held_by_us_in_a_direct_call_and_the_agent_hangs_up(play: Play) -> Told:
    manner = Answers(after=0.6, hang_up_after=3.0)
    customer, spent = await _held_to_the_end(play, manner, to=play.office.direct)
    return [number_call(customer, {play.interface(0): spent}, own=spent)]


@scene()
async def held_by_us_for_too_long(play: Play) -> Told:
    """Nobody resumes: after the longest hold the exchange itself joins the two."""
    manner = Answers(after=0.6, hang_up_after=HELD_AT_MOST_S + 3.0)
    customer, spent = await _held_to_the_end(play, manner)
    return [queue_call(play, customer, {play.interface(0): spent}, own=spent)]


@scene()
async def held_by_us_and_then_handed_on(play: Play) -> Told:
    """Resumed, he is handed on like any other: that his first agent goes does not end his call."""
    return await _handed_on(play)


@scene()
async def held_by_us_and_then_handed_on_while_still_named(play: Play) -> Told:
    """Names that outlive their hold end nobody's talk with somebody else."""
    return await _handed_on(play, are_named=True)


async def _handed_on(play: Play, *, are_named: bool = False) -> Told:
    asks = Answers(after=0.6, acts=(Act(3.5, "hold"), Act(0.1, "refer_asked")))
    async with play.phones(asks, None, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await holds(play)
        await resumes(play)
        if are_named:
            await keeps_names(play)
        leg = await phones[0].until(lambda wire: wire.holds)
        async with play.dials(0, play.extension(2)) as consult:
            asked = await consult.until(lambda wire: wire.answered_at)
            await asyncio.sleep(0.8)
            refer(play.pbx, phones[0], leg, play.extension(2) + replaces(asked))
            (customer,) = await line.ended()
            leg, target = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    held = _music(play, times=1)
    held_at, handed_at, asked_at = leg.holds[0][0], leg.refer_at or 0, asked.invite_at or 0
    asking = asker(leg, held_at=held_at, asked_at=asked_at, until=handed_at)
    before = {"talk": asking["talk"] - held, "hold": asking["hold"] + held}
    after = (target.ended_at or 0) - handed_at
    transfer = "attended", a, play.extension(2), b, "completed"
    return [
        queue_call(
            play,
            customer,
            {a: asking | before, b: {"talk": after, "consult": handed_at - (target.answered_at or 0)}},
            transfer,
            own={"hold": held + handed_at - held_at},
        )
    ]


@scene(second=(2,))
async def held_by_us_and_then_sent_to_a_queue_while_still_named(play: Play) -> Told:
    """A supervisor takes him away: his first agent's leg does not fetch him back."""
    async with play.phones(Answers(after=0.6), None, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await holds(play)
        await resumes(play)
        await keeps_names(play)
        await asyncio.sleep(TALKS_S)
        there = {"Context": "centralita-queue", "Exten": play.office.second, "Priority": "1"}
        await play.ask("Redirect", Channel=await play.customers_channel(), **there)
        (customer,) = await line.ended()
        first, second = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    held = _music(play, times=1)
    return [
        queue_call(
            play,
            customer,
            {a: _spent(first, held), b: {"talk": talked(second)}},
            ("redirect", "system", play.office.second, b, "completed"),
            visits=((play.office.queue, "answered"), (play.office.second, "answered")),
            own={"hold": held},
        )
    ]


@scene(has_line=True, members=())
async def held_by_us_when_the_agent_called(play: Play) -> Told:
    """The leg that dialled is the agent's own here; the customer hangs up while he is held."""
    manner = Answers(after=0.6, hang_up_after=5.5)
    async with play.outside(manner) as far, play.dials(0, play.office.outside) as line:
        await far.until(lambda wire: wire.answered_at)
        await holds(play)
        await resumes(play)
        await holds(play, after=0.5)
        (agent,) = await line.ended()
        (customer,) = await over(far)
    spent = _spent(customer, _music(play))
    return [
        number_call(agent, {play.interface(0): spent}, own=spent, hung_up_by="customer", direction="outbound")
    ]
