"""Members who come and go while customers wait and talk, and queues that are left without anybody."""

from __future__ import annotations

from lab.matrix.play import LISTENS_S, Play, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import number_call, queue_call
from lab.phones import NEVER, Answers
from lab.wire import Wire

TAKES = Answers(after=0.6, hang_up_after=1.5)
DOORS = """
[from-agents]
exten => 1{no}9,1,Answer()
 same => n,AddQueueMember(q{no})
 same => n,Hangup()
exten => 1{no}8,1,Answer()
 same => n,RemoveQueueMember(q{no})
 same => n,Hangup()
"""


def waited(customer: Wire, leg: Wire) -> float:
    """Return the seconds from when he was in the queue to the first ring."""
    return (leg.invite_at or 0) - (customer.answered_at or 0) - LISTENS_S


async def join(play: Play, *places: int) -> None:
    """Make phones members of the queue, one after the other."""
    for place in places:
        await play.ask("QueueAdd", Queue=play.office.queue, Interface=play.interface(place))


async def leave(play: Play, place: int) -> None:
    """Let a phone be no member of the queue any more."""
    await play.ask("QueueRemove", Queue=play.office.queue, Interface=play.interface(place))


@scene(members=())
async def member_joins_in_mid_wait(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls() as line:
        await play.heard("QueueCallerJoin", Queue=play.office.queue)
        await join(play, 0)
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    credited = {play.interface(0): {"talk": talked(leg)}}
    return [queue_call(play, customer, credited, own={"wait": waited(customer, leg)})]


@scene(members=(), dialplan=DOORS)
async def member_joins_in_mid_wait_by_dialling(play: Play) -> Told:
    """Who dials the number that lets him in has a call of his own, and nobody talked to him."""
    async with play.phones(TAKES) as phones, play.calls() as line:
        await play.heard("QueueCallerJoin", Queue=play.office.queue)
        async with play.dials(0, f"1{play.office.no}9") as door:
            (joining,) = await door.ended()
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    credited = {play.interface(0): {"talk": talked(leg)}}
    return [
        queue_call(play, customer, credited, own={"wait": waited(customer, leg)}),
        number_call(joining, {}, hung_up_by="system", outcome="self_service", direction="internal"),
    ]


@scene(members=(), queue={"timeout": 3}, dialplan=DOORS)
async def member_leaves_by_dialling_while_his_phone_rings(play: Play) -> Told:
    """It rings on to its time-out, and then at who is left."""
    async with play.phones(NEVER, TAKES) as phones:
        await join(play, 0, 1)
        async with play.calls() as line:
            await phones[0].until(lambda wire: wire.ringing_at)
            async with play.dials(0, f"1{play.office.no}8") as door:
                (leaving,) = await door.ended()
            (customer,) = await line.ended()
        _, leg = await over(*phones)
    return [
        queue_call(play, customer, {play.interface(1): {"talk": talked(leg)}}),
        number_call(leaving, {}, hung_up_by="system", outcome="self_service", direction="internal"),
    ]


@scene(members=())
async def member_leaves_while_he_talks(play: Play) -> Told:
    """His talk goes on to its end, and is his."""
    async with play.phones(Answers(after=0.6, hang_up_after=2.5)) as phones:
        await join(play, 0)
        async with play.calls() as line:
            await play.heard("AgentConnect", Interface=play.interface(0))
            await leave(play, 0)
            (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [queue_call(play, customer, {play.interface(0): {"talk": talked(leg)}})]


async def _emptied(play: Play, *, by_pause: bool) -> Told:
    """One talks, one waits; who talks is taken out of the queue, and nobody is left for who waits."""
    async with play.phones(Answers(after=0.6, hang_up_after=6.0)) as phones:
        await join(play, 0)
        async with play.calls() as line:
            await play.heard("AgentConnect", Interface=play.interface(0))
            async with play.calls(place=1) as other:
                await play.heard(
                    "QueueCallerJoin", Queue=play.office.queue, CallerIDNum=play.office.caller(1)
                )
                if by_pause:
                    await play.ask("QueuePause", Interface=play.interface(0), Paused="true")
                else:
                    await leave(play, 0)
                (second,) = await other.ended()
            (first,) = await line.ended()
        (leg,) = await over(*phones)
    return [
        queue_call(play, first, {play.interface(0): {"talk": talked(leg)}}),
        queue_call(
            play,
            second,
            {},
            hung_up_by="system",
            outcome="refused",
            visits=((play.office.queue, "left_empty"),),
            own={"wait": (second.ended_at or 0) - (second.answered_at or 0) - LISTENS_S},
        ),
    ]


@scene(members=(), queue={"leave_when_empty": "yes"})
async def emptied_in_mid_wait(play: Play) -> Told:
    return await _emptied(play, by_pause=False)


@scene(members=(), queue={"leave_when_empty": "yes"})
async def emptied_in_mid_wait_by_a_pause(play: Play) -> Told:
    return await _emptied(play, by_pause=True)
