"""Taken away by a third party: a customer who talks or waits is sent elsewhere from a panel."""

from __future__ import annotations

import asyncio

from lab.matrix.blind import TAKES, handed_on
from lab.matrix.play import Play, over, talked
from lab.matrix.scene import Told, scene
from lab.phones import NEVER, Answers

WAITS_S = 1.0


@scene(second=(2,))
async def redirected_by_a_third_party_to_a_queue(play: Play) -> Told:
    async with play.phones(Answers(after=0.6), None, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await play.heard("AgentConnect", Interface=play.interface(0))
        channel = await play.customers_channel()
        await play.ask(
            "Redirect", Channel=channel, Context="centralita-queue", Exten=play.office.second, Priority="1"
        )
        (customer,) = await line.ended()
        first, second = await over(*phones)
    legs = {play.interface(0): talked(first), play.interface(2): talked(second)}
    visits = (play.office.queue, "answered"), (play.office.second, "answered")
    taken = "redirect", "system", play.office.second, play.interface(2), "completed"
    return [handed_on(customer, legs, taken, visits=visits)]


@scene()
async def redirected_while_waiting_to_a_phone(play: Play) -> Told:
    """A supervisor takes a caller out of the queue while a phone rings for him."""
    async with play.phones(NEVER, None, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.ringing_at)
        channel = await play.customers_channel()
        await play.ask(
            "Redirect", Channel=channel, Context="from-agents", Exten=play.extension(2), Priority="1"
        )
        (customer,) = await line.ended()
        _, second = await over(*phones)
    legs = {play.interface(2): talked(second)}
    return [handed_on(customer, legs, visits=((play.office.queue, "redirected"),))]


@scene()
async def redirected_by_a_third_party_to_a_phone(play: Play) -> Told:
    async with play.phones(Answers(after=0.6), None, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        await play.heard("AgentConnect", Interface=play.interface(0))
        channel = await play.customers_channel()
        await play.ask(
            "Redirect", Channel=channel, Context="from-agents", Exten=play.extension(2), Priority="1"
        )
        (customer,) = await line.ended()
        first, second = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    taken = "redirect", "system", play.extension(2), b, "completed"
    visits = ((play.office.queue, "answered"),)
    return [handed_on(customer, {a: talked(first), b: talked(second)}, taken, visits=visits)]


@scene(members=())
async def redirected_while_waiting_and_nothing_rings(play: Play) -> Told:
    async with play.phones(None, None, TAKES) as phones, play.calls() as line:
        await play.heard("QueueCallerJoin", Queue=play.office.queue)
        await asyncio.sleep(WAITS_S)
        channel = await play.customers_channel()
        await play.ask(
            "Redirect", Channel=channel, Context="from-agents", Exten=play.extension(2), Priority="1"
        )
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    legs = {play.interface(2): talked(leg)}
    return [handed_on(customer, legs, visits=((play.office.queue, "redirected"),))]


@scene(members=(), second=(2,))
async def redirected_while_waiting_to_a_queue(play: Play) -> Told:
    async with play.phones(None, None, TAKES) as phones, play.calls() as line:
        await play.heard("QueueCallerJoin", Queue=play.office.queue)
        await asyncio.sleep(WAITS_S)
        channel = await play.customers_channel()
        await play.ask(
            "Redirect", Channel=channel, Context="centralita-queue", Exten=play.office.second, Priority="1"
        )
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    legs = {play.interface(2): talked(leg)}
    visits = (play.office.queue, "redirected"), (play.office.second, "answered")
    return [handed_on(customer, legs, visits=visits)]


@scene(dialplan="[from-agents]\nexten => 1{no}9,1,ConfBridge(room{no})\n")
async def both_redirected_to_a_room(play: Play) -> Told:
    """A panel takes the two who talk into a conference: they go on talking, there."""
    manner = Answers(after=0.6, hang_up_after=3.0)
    async with play.phones(manner) as phones, play.calls(hang_up_after=6.0) as line:
        await play.heard("AgentConnect", Interface=play.interface(0))
        await play.ask(
            "Redirect",
            Channel=await play.customers_channel(),
            ExtraChannel=await play.channel(0),
            Context="from-agents",
            Exten=f"1{play.office.no}9",
            Priority="1",
        )
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    a = play.interface(0)
    return [
        handed_on(
            customer,
            {a: talked(leg)},
            ("redirect", "system", f"1{play.office.no}9", a, "completed"),
            visits=((play.office.queue, "answered"),),
            hung_up_by="customer",
        )
    ]
