"""Calls to phones: groups, one after the other, forwarded by the phone, picked up by another."""

from __future__ import annotations

from lab.matrix.play import LISTENS_S, Play, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import number_call
from lab.phones import NEVER, Answers, Refuses

TAKES = Answers(after=0.6, hang_up_after=1.5)
OWN = "[from-trunk]\nexten => 5551{no}9,1,"


@scene(
    dialplan=OWN + "Dial(PJSIP/agent1{no}1&PJSIP/agent1{no}2&PJSIP/agent1{no}3,20,t)\n same => n,Hangup()\n"
)
async def group_of_three_and_one_takes(play: Play) -> Told:
    takes = Answers(after=1.2, hang_up_after=1.5)
    async with play.phones(NEVER, takes, Refuses(code=486)) as phones, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        _, leg, _ = await over(*phones)
    return [number_call(customer, {play.interface(1): {"talk": talked(leg)}}, own={"talk": talked(leg)})]


@scene(dialplan=OWN + "Dial(PJSIP/agent1{no}1&PJSIP/agent1{no}2,3)\n same => n,Hangup()\n")
async def group_of_two_and_nobody_takes(play: Play) -> Told:
    async with play.phones(NEVER, NEVER) as phones, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        await over(*phones)
    return [number_call(customer, {}, hung_up_by="system", outcome="no_answer")]


@scene(
    has_line=True,
    dialplan=OWN
    + "Dial(PJSIP/agent1{no}1,2)\n same => n,Dial(PJSIP/600{no}123@line{no},20)\n same => n,Hangup()\n",
)
async def followed_to_the_outside(play: Play) -> Told:
    """Follow-me: the desk phone for two seconds, then the mobile one."""
    async with play.phones(NEVER) as phones, play.outside(TAKES) as far, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        _, leg = await over(*phones, far)
    mobile = f"tel:{play.office.outside}"
    return [number_call(customer, {mobile: {"talk": talked(leg)}}, hung_up_by="system")]


@scene()
async def forwarded_by_the_phone(play: Play) -> Told:
    """302: the phone says where he is to be reached."""
    moved = Refuses(code=302, to=play.extension(1))
    async with play.phones(moved, TAKES) as phones, play.calls(play.office.direct) as line:
        (customer,) = await line.ended()
        _, leg = await over(*phones)
    return [number_call(customer, {play.interface(1): {"talk": talked(leg)}}, own={"talk": talked(leg)})]


@scene(pick_up=True)
async def picked_up_by_another_phone(play: Play) -> Told:
    """It rings at one desk, and who sits beside takes it.

    He speaks, as every real phone does at once: while Asterisk 22 waits for the sound of who dialled ``*8``,
    up to half a second, it leaves messages of other calls unread.
    """
    async with (
        play.phones(NEVER, NEVER) as phones,
        play.calls(play.office.direct) as line,
    ):
        await phones[0].until(lambda wire: wire.ringing_at)
        async with play.dials(1, "*8", speaks=True, hang_up_after=1.5) as picks:
            (leg,) = await picks.ended()
        (customer,) = await line.ended()
    seconds = talked(leg)
    return [number_call(customer, {play.interface(1): {"talk": seconds}}, own={"talk": seconds})]


@scene(
    members=(0,),
    dialplan="[from-agents]\nexten => 1{no}9,1,PickupChan(PJSIP/agent1{no}1)\n same => n,Hangup()\n",
)
async def picked_up_out_of_a_queue(play: Play) -> Told:
    async with play.phones(NEVER, NEVER) as phones, play.calls() as line:
        await phones[0].until(lambda wire: wire.ringing_at)
        async with play.dials(1, f"1{play.office.no}9", hang_up_after=1.5) as picks:
            (leg,) = await picks.ended()
        (customer,) = await line.ended()
    seconds = talked(leg) - LISTENS_S
    return [
        number_call(
            customer,
            {play.interface(1): {"talk": seconds}},
            own={"talk": seconds},
            visits=((play.office.queue, "answered"),),
        )
    ]


@scene()
async def busy_at_the_number(play: Play) -> Told:
    async with play.phones(Refuses(code=486)) as phones, play.calls(play.office.direct) as line:
        (customer,) = await line.ended()
        await over(*phones)
    return [number_call(customer, {}, hung_up_by="system", outcome="busy")]


@scene(has_line=True)
async def forwarded_by_the_phone_to_the_outside(play: Play) -> Told:
    moved = Refuses(code=302, to=play.office.outside)
    async with (
        play.phones(moved) as phones,
        play.outside(TAKES) as far,
        play.calls(play.office.direct) as line,
    ):
        (customer,) = await line.ended()
        _, leg = await over(*phones, far)
    mobile = f"tel:{play.office.outside}"
    return [
        number_call(
            customer,
            {mobile: {"talk": talked(leg)}},
            hung_up_by="system",
            own={"talk": talked(leg)},
        )
    ]


@scene(
    has_line=True,
    dialplan=OWN
    + "Dial(Local/1{no}1@from-agents/n&Local/600{no}123@from-agents/n,20)\n same => n,Hangup()\n",
)
async def desk_and_mobile_phone_ring_and_the_mobile_takes(play: Play) -> Told:
    """Follow-me as FreePBX writes it: both at once, each behind a Local channel."""
    async with play.phones(NEVER) as phones, play.outside(TAKES) as far, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        _, leg = await over(*phones, far)
    mobile = f"tel:{play.office.outside}"
    return [number_call(customer, {mobile: {"talk": talked(leg)}}, hung_up_by="system")]
