"""REFER with Replaces that comes to nothing: who was asked is busy, or the dialogue is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from lab.matrix.attended import HOLDS, asker
from lab.matrix.expected import Expected
from lab.matrix.play import Play, over, refer, replaces, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import Kinds, number_call, queue_call
from lab.phones import Act, Answers, Refuses
from lab.wire import Wire

DECLINED, NO_SUCH_DIALOGUE = 603, 481
UNKNOWN = "nobody-knows-it;to-tag=1;from-tag=2"
TAKES_BACK = Answers(
    after=0.6,
    acts=(Act(0.8, "hold"), Act(0.1, "refer_asked"), Act(0.1, "refer_asked"), Act(1.0, "unhold")),
    hang_up_after=1.0,
)


@scene()
async def refer_to_dialogues_that_are_gone(play: Play) -> Told:
    """One who was asked has hung up, another was busy, and the phone hands on all the same.

    The exchange takes each REFER and then says that it declines: the customer stays with his agent. Another
    phone, which asks for a place in a dialogue that nobody knows, is refused: a call that failed.
    """
    asked, busy = Answers(after=0.6, hang_up_after=1.0), Refuses(code=486, ring_for=0.5)
    lines: list[Wire] = []
    async with play.phones(TAKES_BACK, None, asked, busy) as phones, play.calls() as line:
        leg = await phones[0].until(lambda wire: wire.holds)
        for place in (2, 3):
            async with play.dials(0, play.extension(place)) as consult:
                lines += await consult.ended()
            refer(play.pbx, phones[0], leg, play.extension(place) + replaces(lines[-1]))
            await phones[0].until(partial(_was_told, times=len(lines)))
        async with play.dials(1, play.extension(2), replaced=UNKNOWN) as late:
            (refused,) = await late.ended()
        (customer,) = await line.ended()
        leg, target, _ = await over(*phones)
    assert (leg.referred, refused.status) == ([DECLINED] * 2, NO_SUCH_DIALOGUE), refused
    ((held_at, back_at),) = leg.holds
    held = (back_at or 0) - held_at
    credited = {play.interface(0): {"talk": talked(leg) - held, "hold": held}}
    return [
        queue_call(play, customer, credited, own={"hold": held}),
        _dialled(lines[0], "answered", {play.interface(2): {"talk": talked(target)}}),
        _dialled(lines[1], "busy", {}),
        _dialled(refused, "failed", {}),
    ]


def _was_told(wire: Wire, *, times: int) -> bool:
    return len(wire.referred) == times


def _dialled(wire: Wire, outcome: str, credited: Mapping[str, Kinds]) -> Expected:
    """Return what must be told of what a phone dialled: a call of its own."""
    by = "agent" if credited else "system"
    return number_call(wire, credited, hung_up_by=by, outcome=outcome, direction="internal")


@scene()
async def refer_to_a_phone_that_rings_and_says_busy(play: Play) -> Told:
    """Handed on half-asked: the phone rings on for the customer, and then says that it is busy."""
    async with play.phones(HOLDS, None, Refuses(code=486, ring_for=3.0)) as phones, play.calls() as line:
        leg = await phones[0].until(lambda wire: wire.holds)
        async with play.dials(0, play.extension(2)) as consult:
            asked = await consult.until(lambda wire: wire.ringing_at)
            await asyncio.sleep(1.0)
            refer(play.pbx, phones[0], leg, play.extension(2) + replaces(asked))
            (customer,) = await line.ended()
            leg, target = await over(*phones)
    a = play.interface(0)
    held_at, handed_at = leg.holds[0][0], leg.refer_at or 0
    return [
        queue_call(
            play,
            customer,
            {a: asker(leg, held_at=held_at, asked_at=target.invite_at or 0, until=handed_at)},
            ("attended", a, play.extension(2), None, "failed"),
            hung_up_by="system",
            own={"hold": handed_at - held_at},
        )
    ]
