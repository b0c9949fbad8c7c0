"""Blind transfers: who is handed on, by whom, to whom, and who gets which seconds."""

from __future__ import annotations

from lab.matrix.expected import Expected, Handed
from lab.matrix.play import Play, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import queue_call
from lab.phones import NEVER, Act, Answers, Refuses, presses
from lab.wire import Wire

TAKES = Answers(after=0.6, hang_up_after=1.5)


def handed_on(
    customer: Wire,
    legs: dict[str, float],
    *transfers: Handed,
    visits: tuple[tuple[str, str], ...],
    hung_up_by: str = "agent",
) -> Expected:
    """Return what must be told of a queue call that one talks to after the other."""
    return Expected(
        started_at=customer.invite_at or 0,
        ended_at=customer.ended_at or 0,
        outcome="answered",
        hung_up_by=hung_up_by,
        credited={interface: {"talk": seconds} for interface, seconds in legs.items()},
        customer={"talk": sum(legs.values())},
        transfers=transfers,
        visits=visits,
    )


@scene()
async def blind_by_refer_to_a_phone(play: Play) -> Told:
    gives = Answers(after=0.6, refer_after=1.5, refer_to=play.extension(2))
    async with play.phones(gives, None, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, second = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    legs = {a: talked(first, until=first.refer_at), b: talked(second)}
    transfer = "blind", a, play.extension(2), b, "completed"
    return [handed_on(customer, legs, transfer, visits=((play.office.queue, "answered"),))]


@scene()
async def blind_by_feature_code_to_a_phone(play: Play) -> Told:
    gives = Answers(after=0.6, acts=presses(f"*3{play.extension(2)}", after=1.0, by="info"))
    async with play.phones(gives, None, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, second = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    coded_at = first.keys[1]  # from here on the exchange listens to the number, and the customer to music
    held = (first.ended_at or 0) - coded_at
    transfer = "blind", a, play.extension(2), b, "completed"
    credited = {a: {"talk": talked(first) - held, "hold": held}, b: {"talk": talked(second)}}
    return [queue_call(play, customer, credited, transfer, own={"hold": held})]


@scene()
async def blind_by_manager_to_a_phone(play: Play) -> Told:
    async with play.phones(Answers(after=0.6), None, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await play.heard("AgentConnect", Interface=play.interface(0))
        channel = await play.channel(0)
        await play.ask("BlindTransfer", Channel=channel, Context="from-agents", Exten=play.extension(2))
        (customer,) = await line.ended()
        first, second = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    transfer = "blind", a, play.extension(2), b, "completed"
    return [
        handed_on(
            customer,
            {a: talked(first), b: talked(second)},
            transfer,
            visits=((play.office.queue, "answered"),),
        )
    ]


@scene(has_line=True)
async def blind_by_refer_to_the_outside(play: Play) -> Told:
    gives = Answers(after=0.6, refer_after=1.0, refer_to=play.office.outside)
    async with play.phones(gives) as phones, play.outside(TAKES) as far, play.calls() as line:
        (customer,) = await line.ended()
        first, second = await over(*phones, far)
    a, b = play.interface(0), f"tel:{play.office.outside}"
    legs = {a: talked(first, until=first.refer_at), b: talked(second)}
    transfer = "blind", a, play.office.outside, b, "completed"
    return [
        handed_on(customer, legs, transfer, visits=((play.office.queue, "answered"),), hung_up_by="system")
    ]


@scene(second=(2,), dialplan="[from-agents]\nexten => 1{no}9,1,Goto(centralita-queue,r{no},1)\n")
async def blind_by_refer_to_another_queue(play: Play) -> Told:
    gives = Answers(after=0.6, refer_after=1.0, refer_to=f"1{play.office.no}9")
    async with play.phones(gives, None, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, second = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    legs = {a: talked(first, until=first.refer_at), b: talked(second)}
    transfer = "blind", a, f"1{play.office.no}9", b, "completed"
    visits = (play.office.queue, "answered"), (play.office.second, "answered")
    return [handed_on(customer, legs, transfer, visits=visits)]


@scene()
async def blind_to_a_busy_phone(play: Play) -> Told:
    gives = Answers(after=0.6, refer_after=1.0, refer_to=play.extension(2))
    async with play.phones(gives, None, Refuses(code=486)) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, _ = await over(*phones)
    a = play.interface(0)
    legs = {a: talked(first, until=first.refer_at)}
    transfer = "blind", a, play.extension(2), None, "failed"
    return [
        handed_on(customer, legs, transfer, visits=((play.office.queue, "answered"),), hung_up_by="system")
    ]


@scene()
async def blind_and_the_customer_gives_up(play: Play) -> Told:
    gives = Answers(after=0.6, refer_after=1.0, refer_to=play.extension(2))
    async with play.phones(gives, None, NEVER) as phones, play.calls(hang_up_after=4.0) as line:
        (customer,) = await line.ended()
        first, _ = await over(*phones)
    a = play.interface(0)
    legs = {a: talked(first, until=first.refer_at)}
    transfer = "blind", a, play.extension(2), None, "failed"
    return [
        handed_on(customer, legs, transfer, visits=((play.office.queue, "answered"),), hung_up_by="customer")
    ]


@scene(second=(2,), dialplan="[from-agents]\nexten => 1{no}9,1,Goto(centralita-queue,r{no},1)\n")
async def handed_on_twice(play: Play) -> Told:
    """To a second agent by REFER, who hands on to a third by feature code: two hand-overs, three agents."""
    gives = Answers(after=0.6, refer_after=1.0, refer_to=play.extension(1))
    again = Answers(after=0.6, acts=presses(f"*31{play.office.no}9", after=0.8, by="info"))
    async with play.phones(gives, again, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, second, third = await over(*phones)
    a, b, c = (play.interface(place) for place in range(3))
    coded_at = second.keys[1]
    credited = {
        a: {"talk": talked(first, until=first.refer_at)},
        b: {"talk": talked(second, until=coded_at), "hold": (second.ended_at or 0) - coded_at},
        c: {"talk": talked(third)},
    }
    return [
        queue_call(
            play,
            customer,
            credited,
            ("blind", a, play.extension(1), b, "completed"),
            ("blind", b, f"1{play.office.no}9", c, "completed"),
            visits=((play.office.queue, "answered"), (play.office.second, "answered")),
        )
    ]


@scene()
async def held_by_the_phone_and_taken_back(play: Play) -> Told:
    manner = Answers(after=0.6, acts=(Act(1.0, "hold"), Act(1.2, "unhold")), hang_up_after=0.8)
    async with play.phones(manner) as phones, play.calls() as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    ((at, until),) = leg.holds
    held = (until or 0) - at
    return [
        Expected(
            started_at=customer.invite_at or 0,
            ended_at=customer.ended_at or 0,
            outcome="answered",
            hung_up_by="agent",
            credited={play.interface(0): {"talk": talked(leg) - held, "hold": held}},
            customer={"talk": talked(leg) - held, "hold": held},
            visits=((play.office.queue, "answered"),),
        )
    ]


@scene(has_line=True)
async def blind_by_feature_code_to_the_outside(play: Play) -> Told:
    gives = Answers(after=0.6, acts=presses(f"*3{play.office.outside}", after=0.8, by="info"))
    async with play.phones(gives) as phones, play.outside(TAKES) as far, play.calls() as line:
        (customer,) = await line.ended()
        first, second = await over(*phones, far)
    a, b, coded_at = play.interface(0), f"tel:{play.office.outside}", first.keys[1]
    held = (first.ended_at or 0) - coded_at
    credited = {a: {"talk": talked(first) - held, "hold": held}, b: {"talk": talked(second)}}
    transfer = "blind", a, play.office.outside, b, "completed"
    return [queue_call(play, customer, credited, transfer, hung_up_by="system", own={"hold": held})]


@scene(second=(2,))
async def blind_by_manager_to_another_queue(play: Play) -> Told:
    async with play.phones(Answers(after=0.6), None, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await play.heard("AgentConnect", Interface=play.interface(0))
        channel = await play.channel(0)
        await play.ask("BlindTransfer", Channel=channel, Context="centralita-queue", Exten=play.office.second)
        (customer,) = await line.ended()
        first, second = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    visits = (play.office.queue, "answered"), (play.office.second, "answered")
    transfer = "blind", a, play.office.second, b, "completed"
    return [handed_on(customer, {a: talked(first), b: talked(second)}, transfer, visits=visits)]


@scene(has_line=True)
async def blind_by_manager_to_the_outside(play: Play) -> Told:
    async with (
        play.phones(Answers(after=0.6)) as phones,
        play.outside(TAKES) as far,
        play.calls() as line,
    ):
        await play.heard("AgentConnect", Interface=play.interface(0))
        channel = await play.channel(0)
        await play.ask("BlindTransfer", Channel=channel, Context="from-agents", Exten=play.office.outside)
        (customer,) = await line.ended()
        first, second = await over(*phones, far)
    a, b = play.interface(0), f"tel:{play.office.outside}"
    legs = {a: talked(first), b: talked(second)}
    transfer = "blind", a, play.office.outside, b, "completed"
    visits = ((play.office.queue, "answered"),)
    return [handed_on(customer, legs, transfer, visits=visits, hung_up_by="system")]
