"""What queues do: limits, penalties, pauses, keys, announcements, other queues."""

from __future__ import annotations

import asyncio

from lab.matrix.play import Play, all_over, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import number_call, queue_call
from lab.phones import NEVER, Answers, Refuses

TAKES = Answers(after=0.6, hang_up_after=1.5)
ANNOUNCED_S = 1.0


@scene(members=(), queues="[q{no}](+)\ncontext=exit-{no}\n", dialplan="""
[exit-{no}]
exten => 5,1,Dial(PJSIP/agent1{no}3,30)
 same => n,Hangup()
""")  # fmt: skip
async def left_the_queue_by_a_key(play: Play) -> Told:
    async with play.phones(None, None, TAKES) as phones, play.calls(keys="5") as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [
        queue_call(
            play,
            customer,
            {play.interface(2): {"talk": talked(leg)}},
            visits=((play.office.queue, "exit_key"),),
        )
    ]


@scene(penalty={1: 5})
async def penalty_rings_the_second_when_the_first_talks(play: Play) -> Told:
    first_takes = Answers(after=0.6, hang_up_after=4.0)
    async with play.phones(first_takes, TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        async with play.calls(place=1) as other:
            (second,) = await other.ended()
        (first,) = await line.ended()
        one, two = await over(*phones)
    return [
        queue_call(play, first, {play.interface(0): {"talk": talked(one)}}),
        queue_call(play, second, {play.interface(1): {"talk": talked(two)}}),
    ]


@scene(members=(0,))
async def not_rung_while_in_use(play: Play) -> Told:
    """One agent, two callers: the second waits until the first has gone."""
    async with play.phones(TAKES) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.answered_at)
        async with play.calls(place=1) as other:
            (second,) = await other.ended()
        (first,) = await line.ended()
        one, two = await all_over(phones[0], calls=2)
    return [
        queue_call(play, first, {play.interface(0): {"talk": talked(one)}}),
        queue_call(
            play,
            second,
            {play.interface(0): {"talk": talked(two)}},
            own={"wait": (two.invite_at or 0) - (second.answered_at or 0) - 0.5},
        ),
    ]


@scene(queue={"timeout": 2, "autopause": "yes"})
async def paused_by_the_queue_after_no_answer(play: Play) -> Told:
    async with play.phones(NEVER, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        _, leg = await over(*phones)
    return [queue_call(play, customer, {play.interface(1): {"talk": talked(leg)}})]


@scene(queue={"timeout": 6, "strategy": "ringall"}, members=(0, 1, 2))
async def all_ring_and_one_takes(play: Play) -> Told:
    async with play.phones(NEVER, TAKES, Refuses(code=486)) as phones, play.calls() as line:
        (customer,) = await line.ended()
        _, leg, _ = await over(*phones)
    return [queue_call(play, customer, {play.interface(1): {"talk": talked(leg)}})]


@scene(queue={"announce": "silence/1"})
async def announced_to_the_agent(play: Play) -> Told:
    """The agent hears something (here: a second of nothing) before the customer."""
    async with play.phones(Answers(after=0.6, hang_up_after=3.0)) as phones, play.calls() as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [queue_call(play, customer, {play.interface(0): {"talk": talked(leg) - ANNOUNCED_S}})]


@scene(queue={"max_wait": 2}, members=(0,), second=(2,), then="queue:r{no}")
async def waited_too_long_and_went_to_the_second_queue(play: Play) -> Told:
    async with play.phones(NEVER, None, TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        _, leg = await over(*phones)
    return [
        queue_call(
            play,
            customer,
            {play.interface(2): {"talk": talked(leg)}},
            visits=((play.office.queue, "timeout"), (play.office.second, "answered")),
        )
    ]


@scene(queue={"max_wait": 2}, members=(0,))
async def waited_too_long(play: Play) -> Told:
    async with play.phones(NEVER) as phones, play.calls() as line:
        (customer,) = await line.ended()
        await over(*phones)
    return [
        queue_call(
            play,
            customer,
            {},
            hung_up_by="system",
            outcome="timeout",
            visits=((play.office.queue, "timeout"),),
        )
    ]


@scene()
async def gave_up_while_a_phone_rings(play: Play) -> Told:
    async with play.phones(NEVER) as phones, play.calls(hang_up_after=2.5) as line:
        (customer,) = await line.ended()
        await over(*phones)
    return [
        queue_call(
            play,
            customer,
            {},
            hung_up_by="customer",
            outcome="abandoned",
            visits=((play.office.queue, "abandoned"),),
        )
    ]


@scene(members=(), queues="[q{no}](+)\nmember => Local/1{no}1@from-agents/n,0,Agent,PJSIP/agent1{no}1\n")
async def member_behind_a_local_channel(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [queue_call(play, customer, {play.interface(0): {"talk": talked(leg)}})]


@scene(members=(), queues="[q{no}](+)\nmember => Local/1{no}1@from-agents,0,Agent,PJSIP/agent1{no}1\n")
async def member_behind_a_local_channel_that_goes_away(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls() as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [queue_call(play, customer, {play.interface(0): {"talk": talked(leg)}})]


BEFORE = """
[from-trunk]
exten => 5551{no}9,1,Dial(Local/s@before-{no}OPTIONS,60)
 same => n,Hangup()
[before-{no}]
exten => s,1,Answer()
 same => n,Queue(q{no},t,,,30)
 same => n,Hangup()
"""


@scene(dialplan=BEFORE.replace("OPTIONS", "/n"))
async def local_channel_before_the_queue(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [queue_call(play, customer, {play.interface(0): {"talk": talked(leg)}})]


@scene(dialplan=BEFORE.replace("OPTIONS", ""))
async def local_channel_before_the_queue_that_goes_away(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [queue_call(play, customer, {play.interface(0): {"talk": talked(leg)}})]


@scene(members=(0,), dialplan="[from-agents]\nexten => 1{no}9,1,ChanSpy(PJSIP/agent1{no}1,q)\n")
async def spied_on_by_a_supervisor(play: Play) -> Told:
    """Who listens is in no talk; who is listened to, in the same as before."""
    async with (
        play.phones(Answers(after=0.6, hang_up_after=4.0), None, NEVER) as phones,
        play.calls() as line,
    ):
        await phones[0].until(lambda wire: wire.answered_at)
        await asyncio.sleep(0.5)
        async with play.dials(2, f"1{play.office.no}9", hang_up_after=1.5) as spy:
            (listening,) = await spy.ended()
        (customer,) = await line.ended()
        (leg,) = await over(phones[0])
    return [
        queue_call(play, customer, {play.interface(0): {"talk": talked(leg)}}),
        number_call(listening, {}, hung_up_by="customer", outcome="self_service", direction="internal"),
    ]


@scene(queue={"max_wait": 2}, members=(0,), has_box=True, then="voicemail:{no}")
async def waited_too_long_and_left_a_message(play: Play) -> Told:
    async with play.phones(NEVER) as phones, play.calls(hang_up_after=9.0) as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [
        queue_call(
            play,
            customer,
            {},
            hung_up_by="customer",
            outcome="voicemail",
            visits=((play.office.queue, "timeout"),),
            own={"voicemail": (customer.ended_at or 0) - (leg.ended_at or 0)},
        )
    ]


@scene(queue={"max_callers": 1}, members=(0,))
async def refused_by_a_full_queue(play: Play) -> Told:
    async with play.phones(NEVER) as phones, play.calls(hang_up_after=3.0) as line:
        await phones[0].until(lambda wire: wire.ringing_at)
        async with play.calls(place=1) as other:
            (second,) = await other.ended()
        (first,) = await line.ended()
    queue = play.office.queue
    return [
        queue_call(
            play, first, {}, hung_up_by="customer", outcome="abandoned", visits=((queue, "abandoned"),)
        ),
        queue_call(play, second, {}, hung_up_by="system", outcome="refused", visits=((queue, "refused"),)),
    ]


@scene(queue={"join_empty": "no"}, members=())
async def refused_by_a_queue_without_anybody(play: Play) -> Told:
    async with play.calls() as line:
        (customer,) = await line.ended()
    return [
        queue_call(
            play,
            customer,
            {},
            hung_up_by="system",
            outcome="refused",
            visits=((play.office.queue, "refused"),),
        )
    ]
