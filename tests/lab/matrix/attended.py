"""Attended transfers: the customer waits while his agent asks another one; done, given up, or in vain."""

from __future__ import annotations

import asyncio

from lab.matrix.expected import Expected
from lab.matrix.play import Play, over, refer, replaces, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import queue_call
from lab.phones import NEVER, Act, Answers, presses
from lab.sipp import Sipp
from lab.wire import Wire

TAKES = Answers(after=0.6, hang_up_after=4.0)
HOLDS = Answers(after=0.6, acts=(Act(0.8, "hold"), Act(0.1, "refer_asked")))


def asks(play: Play, to: str | None = None, **then: float | None) -> Answers:
    """Return a phone that asks *to*, or the third one, by feature code 1.0 s into the talk."""
    return Answers(after=0.6, acts=presses(f"*2{to or play.extension(2)}", after=1.0, by="info"), **then)


async def in_talk(phone: Sipp) -> Wire:
    return await phone.until(lambda wire: wire.answered_at)


def asker(leg: Wire, *, held_at: float, asked_at: float, until: float) -> dict[str, float]:
    """Return what he who asks has of it: he holds, asks, and hands on or goes back at *until*."""
    return {"talk": talked(leg, until=held_at), "hold": asked_at - held_at, "consult": until - asked_at}


def back_again(leg: Wire, *, held_at: float, asked_at: float, back_at: float) -> dict[str, float]:
    """Return what he has of it who asks and goes back to the customer."""
    asked = asker(leg, held_at=held_at, asked_at=asked_at, until=back_at)
    return asked | {"talk": asked["talk"] + (leg.ended_at or 0) - back_at}


def got(target: Wire, handed_at: float) -> dict[str, float]:
    """Return what he has of it who is asked, and gets the customer."""
    return {"consult": handed_at - (target.answered_at or 0), "talk": (target.ended_at or 0) - handed_at}


@scene()
async def attended_by_refer_with_replaces(play: Play) -> Told:
    """The phone holds, calls the third one on its other line, and joins the two."""
    async with play.phones(HOLDS, None, TAKES) as phones, play.calls() as line:
        leg = await phones[0].until(lambda wire: wire.holds)
        async with play.dials(0, play.extension(2)) as consult:
            asked = await in_talk(consult)
            await asyncio.sleep(1.0)
            refer(play.pbx, phones[0], leg, play.extension(2) + replaces(asked))
            (customer,) = await line.ended()
            leg, target = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    held_at, handed_at = leg.holds[0][0], leg.refer_at or 0
    return [
        queue_call(
            play,
            customer,
            {
                a: asker(leg, held_at=held_at, asked_at=target.invite_at or 0, until=handed_at),
                b: got(target, handed_at),
            },
            ("attended", a, play.extension(2), b, "completed"),
            own={"hold": handed_at - held_at},
        )
    ]


@scene()
async def attended_by_feature_code(play: Play) -> Told:
    async with play.phones(asks(play, hang_up_after=3.0), None, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
    return [_completed(play, customer, first, target, held_at=first.keys[1])]


@scene(has_line=True)
async def attended_by_feature_code_to_the_outside(play: Play) -> Told:
    outside = play.office.outside
    manner = asks(play, outside, hang_up_after=3.0)
    async with play.phones(manner) as phones, play.outside(TAKES) as far, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones, far)
    return [_completed(play, customer, first, target, held_at=first.keys[1], outside=outside)]


@scene()
async def attended_by_manager(play: Play) -> Told:
    async with (
        play.phones(Answers(after=0.6, hang_up_after=4.0), None, TAKES) as phones,
        play.calls() as line,
    ):
        await in_talk(phones[0])
        await play.heard("AgentConnect", Interface=play.interface(0))
        await play.ask(
            "Atxfer", Channel=await play.channel(0), Context="from-agents", Exten=play.extension(2)
        )
        held = await play.heard("Hold", Channel=await play.channel(0))
        (customer,) = await line.ended()
        first, target = await over(*phones)
    return [_completed(play, customer, first, target, held_at=float(held["Timestamp"]))]


def _completed(
    play: Play, customer: Wire, first: Wire, target: Wire, *, held_at: float, outside: str | None = None
) -> Expected:
    """Return what must be told when the third phone, or a number *outside*, got the customer."""
    a, b = play.interface(0), f"tel:{outside}" if outside else play.interface(2)
    handed = first.ended_at or 0
    return queue_call(
        play,
        customer,
        {
            a: asker(first, held_at=held_at, asked_at=target.invite_at or 0, until=handed),
            b: got(target, handed),
        },
        ("attended", a, outside or play.extension(2), b, "completed"),
        hung_up_by="system" if outside else "agent",
        own={"hold": handed - held_at},
    )


@scene()
async def attended_before_the_target_answers(play: Play) -> Told:
    """The agent hangs up while the third phone rings: handed on half-asked."""
    target_takes = Answers(after=3.5, hang_up_after=1.5)
    async with play.phones(asks(play, hang_up_after=1.2), None, target_takes) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    held_at, asked, handed = first.keys[1], target.invite_at or 0, first.ended_at or 0
    return [
        queue_call(
            play,
            customer,
            {
                a: asker(first, held_at=held_at, asked_at=asked, until=handed),
                b: {"talk": talked(target)},
            },
            ("attended", a, play.extension(2), b, "completed"),
        )
    ]


@scene()
async def attended_and_cancelled(play: Play) -> Told:
    """The third one answers, the agent goes back to the customer by ``*1``."""
    keys = presses(f"*2{play.extension(2)}", after=1.0, by="info") + presses("*1", after=2.2, by="info")
    manner = Answers(after=0.6, acts=keys, hang_up_after=1.0)
    async with play.phones(manner, None, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    held_at, back_at, asked = first.keys[1], target.ended_at or 0, target.invite_at or 0
    return [
        queue_call(
            play,
            customer,
            {
                a: back_again(first, held_at=held_at, asked_at=asked, back_at=back_at),
                b: {"consult": talked(target)},
            },
            ("attended", a, play.extension(2), None, "cancelled"),
            own={"hold": back_at - held_at},
        )
    ]


@scene()
async def attended_and_the_customer_leaves_during_it(play: Play) -> Told:
    """The two agents go on talking; the customer's call ends with him."""
    manner = asks(play, hang_up_after=5.0)
    async with play.phones(manner, None, TAKES) as phones, play.calls(hang_up_after=6.5) as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    held_at, asked = first.keys[1], target.invite_at or 0
    return [
        queue_call(
            play,
            customer,
            {
                a: asker(first, held_at=held_at, asked_at=asked, until=first.ended_at or 0),
                b: {"consult": talked(target)},
            },
            ("attended", a, play.extension(2), None, "failed"),
            hung_up_by="customer",
            own={"hold": (customer.ended_at or 0) - held_at},
        )
    ]


@scene()
async def consulted_on_the_other_line_and_not_handed_on(play: Play) -> Told:
    """The phone asks on a line of its own: that is a call of its own, the customer's goes on afterwards."""
    manner = Answers(after=0.6, acts=(Act(0.8, "hold"), Act(3.5, "unhold")), hang_up_after=1.0)
    async with play.phones(manner, None, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.holds)
        async with play.dials(0, play.extension(2), hang_up_after=1.0) as consult:
            (asking,) = await consult.ended()
        (customer,) = await line.ended()
        first, target = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    ((held_at, back_at),) = first.holds
    held = (back_at or 0) - held_at
    return [
        queue_call(
            play,
            customer,
            {a: {"talk": talked(first) - held, "hold": held}},
            own={"hold": held},
        ),
        Expected(
            started_at=asking.invite_at or 0,
            ended_at=asking.ended_at or 0,
            outcome="answered",
            hung_up_by="customer",
            direction="internal",
            credited={b: {"talk": talked(target)}},
            customer={"talk": talked(target)},
        ),
    ]


@scene()
async def attended_by_refer_before_the_target_answers(play: Play) -> Told:
    """REFER with Replaces while the third phone still rings is answered by the exchange as a blind one."""
    first = Answers(after=0.6, acts=(Act(0.8, "hold"), Act(1.0, "refer", play.extension(2))))
    async with play.phones(first, None, NEVER) as phones, play.calls(hang_up_after=6.0) as line:
        (customer,) = await line.ended()
        leg, _ = await over(*phones)
    a = play.interface(0)
    held_at = leg.holds[0][0]
    return [
        queue_call(
            play,
            customer,
            {a: {"talk": talked(leg, until=held_at), "hold": (leg.refer_at or 0) - held_at}},
            ("blind", a, play.extension(2), None, "failed"),
            hung_up_by="customer",
        )
    ]


@scene()
async def attended_by_manager_and_cancelled(play: Play) -> Told:
    """The manager takes his word back while the third phone still rings."""
    first_talks = Answers(after=0.6, hang_up_after=4.0)
    async with play.phones(first_talks, None, NEVER) as phones, play.calls() as line:
        await in_talk(phones[0])
        await play.heard("AgentConnect", Interface=play.interface(0))
        channel = await play.channel(0)
        await play.ask("Atxfer", Channel=channel, Context="from-agents", Exten=play.extension(2))
        await phones[1].until(lambda wire: wire.ringing_at)
        held = await play.heard("Hold", Channel=channel)
        await asyncio.sleep(1.0)
        await play.ask("CancelAtxfer", Channel=channel)
        (customer,) = await line.ended()
        first, target = await over(*phones)
    a, held_at = play.interface(0), float(held["Timestamp"])
    asked, back = target.invite_at or 0, target.ended_at or 0
    return [
        queue_call(
            play,
            customer,
            {a: back_again(first, held_at=held_at, asked_at=asked, back_at=back)},
            ("attended", a, play.extension(2), None, "cancelled"),
        )
    ]
