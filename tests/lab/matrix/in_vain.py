"""Attended transfers in vain: who is asked does not answer or is busy, or the customer does not wait."""

from __future__ import annotations

from lab.matrix.attended import TAKES, asks, in_talk
from lab.matrix.expected import Expected
from lab.matrix.office import ASKED_FOR_S
from lab.matrix.play import Play, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import queue_call
from lab.phones import NEVER, Act, Answers, Manner, Refuses
from lab.wire import Wire


def _back(play: Play, customer: Wire, first: Wire, target: Wire, *, held_at: float, back_at: float) -> Told:
    """Return what must be told when the agent went back to his customer for want of an answer."""
    a, asked = play.interface(0), target.invite_at or 0
    return [
        queue_call(
            play,
            customer,
            {
                a: {
                    "talk": talked(first, until=held_at) + (first.ended_at or 0) - back_at,
                    "hold": asked - held_at,
                    "consult": back_at - asked,
                }
            },
            ("attended", a, play.extension(2), None, "failed"),
            own={"hold": back_at - held_at},
        )
    ]


@scene()
async def attended_to_who_does_not_answer(play: Play) -> Told:
    """The exchange gives it up, and the agent is with his customer again."""
    manner = asks(play, hang_up_after=ASKED_FOR_S + 2.0)
    async with play.phones(manner, None, NEVER) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
    return _back(play, customer, first, target, held_at=first.keys[1], back_at=target.ended_at or 0)


@scene()
async def attended_to_a_busy_phone(play: Play) -> Told:
    manner = asks(play, hang_up_after=5.0)
    async with play.phones(manner, None, Refuses(code=486)) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
        back = await play.heard("Unhold", Channel=await play.channel(0))
    return _back(play, customer, first, target, held_at=first.keys[1], back_at=float(back["Timestamp"]))


async def _asked_by_manager(play: Play, target: Manner, *, talks_s: float) -> tuple[Wire, Wire, Wire, float]:
    """Play an Atxfer to who does not take it; return the customer, the agent, who was asked, and held at."""
    first_talks = Answers(after=0.6, hang_up_after=talks_s)
    async with play.phones(first_talks, None, target) as phones, play.calls() as line:
        await in_talk(phones[0])
        await play.heard("AgentConnect", Interface=play.interface(0))
        channel = await play.channel(0)
        await play.ask("Atxfer", Channel=channel, Context="from-agents", Exten=play.extension(2))
        held = await play.heard("Hold", Channel=channel)
        (customer,) = await line.ended()
        first, asked = await over(*phones)
    return customer, first, asked, float(held["Timestamp"])


@scene()
async def attended_by_manager_to_who_does_not_answer(play: Play) -> Told:
    customer, first, target, held_at = await _asked_by_manager(play, NEVER, talks_s=ASKED_FOR_S + 4.0)
    return _back(play, customer, first, target, held_at=held_at, back_at=target.ended_at or 0)


@scene()
async def attended_by_manager_to_a_busy_phone(play: Play) -> Told:
    customer, first, target, held_at = await _asked_by_manager(play, Refuses(code=486), talks_s=5.0)
    back = await play.heard("Unhold", Channel=await play.channel(0))
    return _back(play, customer, first, target, held_at=held_at, back_at=float(back["Timestamp"]))


@scene()
async def consulted_on_the_other_line_and_the_customer_leaves(play: Play) -> Told:
    """The agent's question on his other line is a call of its own, and goes on without the customer."""
    holds = Answers(after=0.6, acts=(Act(0.8, "hold"),))
    async with play.phones(holds, None, TAKES) as phones, play.calls(hang_up_after=4.5) as line:
        await phones[0].until(lambda wire: wire.holds)
        async with play.dials(0, play.extension(2)) as consult:
            (customer,) = await line.ended()
            (asking,) = await consult.ended()
        first, target = await over(*phones)
    a, b, held_at = play.interface(0), play.interface(2), first.holds[0][0]
    return [
        queue_call(
            play,
            customer,
            {a: {"talk": talked(first, until=held_at), "hold": (first.ended_at or 0) - held_at}},
            hung_up_by="customer",
            own={"hold": (customer.ended_at or 0) - held_at},
        ),
        Expected(
            started_at=asking.invite_at or 0,
            ended_at=asking.ended_at or 0,
            outcome="answered",
            hung_up_by="agent",
            direction="internal",
            credited={b: {"talk": talked(target)}},
            customer={"talk": talked(target)},
        ),
    ]
