"""Attended transfers into a queue: an agent asks there, and hands on while it rings or once answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from lab.matrix.attended import HOLDS, TAKES, asker, asks, back_again, got, in_talk
from lab.matrix.play import LISTENS_S, Play, over, refer, replaces, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import queue_call
from lab.phones import NEVER, PRESSED_S, Answers, presses
from lab.wire import Wire

RINGS_LONG = Answers(after=4.0, hang_up_after=1.5)
QUEUE = "[from-agents]\nexten => 1{no}9,1,Goto(centralita-queue,r{no},1)\n"


def number(play: Play) -> str:
    """Return what agents dial for the second queue."""
    return f"1{play.office.no}9"


def both(play: Play, second: str = "answered") -> tuple[tuple[str, str], ...]:
    """Return the visits of both queues, the *second* with that end."""
    return (play.office.queue, "answered"), (play.office.second, second)


@scene(second=(2,), dialplan=QUEUE, is_alone=True)
async def asked_in_a_queue_by_phone_and_joined(play: Play) -> Told:
    """REFER with Replaces once an agent of the second queue talks to the first.

    The bridges of two queues are not made one: the exchange joins them by a Local channel, waits half a
    second for its sound before it lets the first agent's lines go, and reads no SIP meanwhile.
    """
    async with play.phones(HOLDS, None, TAKES) as phones, play.calls() as line:
        leg = await phones[0].until(lambda wire: wire.holds)
        async with play.dials(0, number(play)) as consult:
            asked = await in_talk(consult)
            await in_talk(phones[1])
            await asyncio.sleep(1.0)
            refer(play.pbx, phones[0], leg, number(play) + replaces(asked))
            (customer,) = await line.ended()
            leg, target = await over(*phones)
            (asked,) = await consult.ended()
    a, b = play.interface(0), play.interface(2)
    held_at, handed_at = leg.holds[0][0], asked.ended_at or 0
    return [
        queue_call(
            play,
            customer,
            {
                a: asker(leg, held_at=held_at, asked_at=asked.invite_at or 0, until=handed_at),
                b: got(target, handed_at),
            },
            ("attended", a, number(play), b, "completed"),
            own={"hold": handed_at - held_at},
            visits=both(play),
            waits={play.office.second: (target.answered_at or 0) - (asked.answered_at or 0) - LISTENS_S},
        )
    ]


def _waited(first: Wire, since: float, until: float, *, rings: bool) -> dict[str, float]:
    """Return how the customer waited for the second queue; where it *rings*, for the *first* phone, too."""
    if not rings:
        return {"wait": until - since}
    return {"ring": until - since + (first.answered_at or 0) - (first.invite_at or 0)}


@dataclass(frozen=True, slots=True)
class Asks:
    """When one who asks in the second queue held, asked, was in it, and handed on."""

    held_at: float
    asked_at: float
    entered_at: float
    handed_at: float


def _to_queue(play: Play, customer: Wire, first: Wire, targets: list[Wire], when: Asks) -> Told:
    """Return what must be told when the customer is handed on to the second queue as it waits."""
    a, b = play.interface(0), play.interface(2)
    credited = {a: asker(first, held_at=when.held_at, asked_at=when.asked_at, until=when.handed_at)}
    until = customer.ended_at or 0
    if targets:
        credited[b], until = {"talk": talked(targets[0])}, targets[0].answered_at or 0
    waited = _waited(first, when.handed_at, until, rings=bool(targets))
    return [
        queue_call(
            play,
            customer,
            credited,
            ("attended", a, number(play), *((b, "completed") if targets else (None, "failed"))),
            hung_up_by="agent" if targets else "customer",
            own={"hold": when.handed_at - when.held_at} | waited,
            visits=both(play, "answered" if targets else "abandoned"),
            waits={play.office.second: until - when.entered_at - LISTENS_S},
        )
    ]


async def _joined_while_it_rings(
    play: Play, target: Answers | None, hang_up_after: float | None = None
) -> Told:
    """REFER with Replaces while the first agent hears the music of the second queue."""
    async with play.phones(HOLDS, None, target) as phones, play.calls(hang_up_after=hang_up_after) as line:
        leg = await phones[0].until(lambda wire: wire.holds)
        async with play.dials(0, number(play)) as consult:
            asked = await in_talk(consult)
            await asyncio.sleep(1.5)
            refer(play.pbx, phones[0], leg, number(play) + replaces(asked))
            (customer,) = await line.ended()
            leg, *targets = await over(*phones)
    when = Asks(leg.holds[0][0], asked.invite_at or 0, asked.answered_at or 0, leg.refer_at or 0)
    return _to_queue(play, customer, leg, targets, when)


@scene(second=(2,), dialplan=QUEUE)
async def joined_by_phone_to_a_queue_that_rings(play: Play) -> Told:
    return await _joined_while_it_rings(play, RINGS_LONG)


@scene(second=(2,), dialplan=QUEUE)
async def joined_by_phone_to_a_queue_and_gives_up(play: Play) -> Told:
    return await _joined_while_it_rings(play, None, hang_up_after=8.0)


@scene(second=(2,), dialplan=QUEUE)
async def asked_in_a_queue_by_feature_code(play: Play) -> Told:
    manner = asks(play, number(play), hang_up_after=3.0)
    async with play.phones(manner, None, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    held_at, handed_at = first.keys[1], first.ended_at or 0
    asked = first.keys[-1] - PRESSED_S
    return [
        queue_call(
            play,
            customer,
            {
                a: asker(first, held_at=held_at, asked_at=asked, until=handed_at),
                b: got(target, handed_at),
            },
            ("attended", a, number(play), b, "completed"),
            own={"hold": handed_at - held_at},
            visits=both(play),
            waits={play.office.second: (target.answered_at or 0) - asked - LISTENS_S},
        )
    ]


async def _left_to_the_queue(play: Play, target: Answers | None, hang_up_after: float | None = None) -> Told:
    """By feature code; the first agent hangs up while the second queue still plays its music."""
    manner = asks(play, number(play), hang_up_after=2.5)
    async with play.phones(manner, None, target) as phones, play.calls(hang_up_after=hang_up_after) as line:
        (customer,) = await line.ended()
        first, *targets = await over(*phones)
    asked = first.keys[-1] - PRESSED_S
    return _to_queue(play, customer, first, targets, Asks(first.keys[1], asked, asked, first.ended_at or 0))


@scene(second=(2,), dialplan=QUEUE)
async def left_by_feature_code_to_a_queue_that_rings(play: Play) -> Told:
    return await _left_to_the_queue(play, RINGS_LONG)


@scene(second=(2,), dialplan=QUEUE)
async def left_by_feature_code_to_a_queue_and_gives_up(play: Play) -> Told:
    return await _left_to_the_queue(play, None, hang_up_after=11.0)


@scene(second=(2,), dialplan=QUEUE)
async def asked_in_a_queue_and_taken_back(play: Play) -> Told:
    """Nobody there picks up, and the agent goes back to his customer by ``*1``."""
    keys = presses(f"*2{number(play)}", after=1.0, by="info") + presses("*1", after=2.2, by="info")
    manner = Answers(after=0.6, acts=keys, hang_up_after=1.0)
    async with play.phones(manner, None, NEVER) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
    held_at, back_at, asked = first.keys[1], target.ended_at or 0, first.keys[-3] - PRESSED_S
    credited = {
        play.interface(0): back_again(first, held_at=held_at, asked_at=asked, back_at=back_at),
    }
    return [
        queue_call(
            play,
            customer,
            credited,
            ("attended", play.interface(0), number(play), None, "cancelled"),
            own={"hold": back_at - held_at},
            visits=both(play, "abandoned"),
            waits={play.office.second: back_at - asked - LISTENS_S},
        )
    ]
