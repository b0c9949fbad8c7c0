"""Conferences: who joins late, who is kicked, and three-way talks."""

from __future__ import annotations

import asyncio

from lab.matrix.play import LISTENS_S, Play, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import number_call, queue_call
from lab.phones import NEVER, Answers, presses

ROOM = """
[from-trunk]
exten => 5551{no}9,1,ConfBridge(room{no})
[from-agents]
exten => 1{no}9,1,ConfBridge(room{no})
"""


@scene(dialplan=ROOM)
async def conference_with_one_who_joins_late_and_is_kicked(play: Play) -> Told:
    """A room joins no calls: each has his own, and hears the others in it."""
    room = f"1{play.office.no}9"
    async with play.phones(NEVER, NEVER), play.calls(play.office.own, hang_up_after=8.0) as line:
        await line.until(lambda wire: wire.answered_at)
        async with play.dials(0, room, hang_up_after=5.5) as one:
            await one.until(lambda wire: wire.answered_at)
            await asyncio.sleep(1.5)
            async with play.dials(1, room) as two:
                await two.until(lambda wire: wire.answered_at)
                await asyncio.sleep(1.5)
                await play.ask(
                    "ConfbridgeKick", Conference=f"room{play.office.no}", Channel=await play.channel(1)
                )
                (second,) = await two.ended()
            (first,) = await one.ended()
        (customer,) = await line.ended()
    first_at = (first.answered_at or 0) + LISTENS_S
    second_at = (second.answered_at or 0) + LISTENS_S
    first_end, second_end = first.ended_at or 0, second.ended_at or 0
    three = second_end - second_at
    return [
        number_call(
            customer,
            {},
            hung_up_by="customer",
            own={"talk": first_end - first_at - three, "conference": three},
        ),
        number_call(
            first,
            {},
            hung_up_by="customer",
            direction="internal",
            own={"talk": first_end - first_at - three, "conference": three},
        ),
        number_call(second, {}, hung_up_by="system", direction="internal", own={"conference": three}),
    ]


@scene()
async def three_talk_by_feature_code(play: Play) -> Told:
    """The agent asks a colleague and takes him into the talk (``*3``); later he leaves the two alone."""
    keys = presses(f"*2{play.extension(2)}", after=1.0, by="info") + presses("*3", after=2.2, by="info")
    manner = Answers(after=0.6, acts=keys, hang_up_after=1.5)
    takes = Answers(after=0.6, hang_up_after=6.0)
    async with play.phones(manner, None, takes) as phones, play.calls() as line:
        (customer,) = await line.ended()
        first, target = await over(*phones)
    a, b = play.interface(0), play.interface(2)
    held_at, asked, joined, alone = first.keys[1], target.invite_at or 0, first.keys[-1], first.ended_at or 0
    return [
        queue_call(
            play,
            customer,
            {
                a: {
                    "talk": talked(first, until=held_at),
                    "hold": asked - held_at,
                    "consult": joined - asked,
                    "conference": alone - joined,
                },
                b: {
                    "consult": joined - (target.answered_at or 0),
                    "conference": alone - joined,
                    "talk": (target.ended_at or 0) - alone,
                },
            },
            ("attended", a, play.extension(2), b, "completed"),
            own={"hold": joined - held_at},
        )
    ]
