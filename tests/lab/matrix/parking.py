"""Parking: picked up by another, come back by time-out, given up in the parking lot."""

from __future__ import annotations

import asyncio
import time

from lab.matrix.play import LISTENS_S, Play, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import queue_call
from lab.phones import NEVER, Answers
from lab.sipp import Sipp

TALKS_S = 1.0
PARKING = "700"


async def _parked(play: Play, phones: list[Sipp], *, for_ms: int) -> tuple[float, str]:
    """Park the customer who talks to the first phone; return when, and in which space."""
    await phones[0].until(lambda wire: wire.answered_at)
    await play.heard("AgentConnect", Interface=play.interface(0))
    await asyncio.sleep(TALKS_S)
    agent, channel = await play.channel(0), await play.customers_channel()
    at = time.time()
    await play.ask("Park", Channel=channel, TimeoutChannel=agent, AnnounceChannel=agent, Timeout=str(for_ms))
    said = await play.heard("ParkedCall", ParkeeChannel=channel)
    return at, said["ParkingSpace"]


@scene()
async def parked_and_picked_up_by_another(play: Play) -> Told:
    async with play.phones(Answers(after=0.6), None, NEVER) as phones, play.calls() as line:
        parked_at, space = await _parked(play, phones, for_ms=30_000)
        await asyncio.sleep(1.0)
        async with play.dials(2, space, hang_up_after=1.5) as picks:
            (taken,) = await picks.ended()
        (customer,) = await line.ended()
        (first,) = await over(phones[0])
    a, c = play.interface(0), play.interface(2)
    taken_at = (taken.answered_at or 0) + LISTENS_S
    first_s, second_s = talked(first, until=parked_at), (taken.ended_at or 0) - taken_at
    return [
        queue_call(
            play,
            customer,
            {a: {"talk": first_s}, c: {"talk": second_s}},
            own={"park": taken_at - parked_at, "talk": first_s + second_s},
        )
    ]


@scene()
async def parked_and_come_back(play: Play) -> Told:
    """Nobody picks up: it rings again where it was parked."""
    async with play.phones(Answers(after=0.6, hang_up_after=8.0)) as phones, play.calls() as line:
        parked_at, _ = await _parked(play, phones, for_ms=3000)
        again = await phones[0].until(lambda wire: (wire.invite_at or 0) > parked_at, within=15)
        await phones[0].until(lambda wire: wire.call_id == again.call_id and wire.ended_at, within=15)
        (customer,) = await line.ended()
        first, second = phones[0].calls()
    a = play.interface(0)
    return [
        queue_call(
            play,
            customer,
            {a: {"talk": talked(first, until=parked_at) + talked(second)}},
            own={"park": 3.0},
        )
    ]


@scene()
async def parked_and_given_up(play: Play) -> Told:
    async with play.phones(Answers(after=0.6)) as phones, play.calls(hang_up_after=5.0) as line:
        parked_at, _ = await _parked(play, phones, for_ms=30_000)
        (customer,) = await line.ended()
        (first,) = await over(*phones)
    return [
        queue_call(
            play,
            customer,
            {play.interface(0): {"talk": talked(first, until=parked_at)}},
            hung_up_by="customer",
            own={"park": (customer.ended_at or 0) - parked_at},
        )
    ]


@scene()
async def parked_by_hand_over_and_picked_up(play: Play) -> Told:
    """The agent hands the customer on to the number of the parking lot."""
    parks = Answers(after=0.6, refer_after=TALKS_S, refer_to=PARKING)
    async with play.phones(parks, None, NEVER) as phones, play.calls() as line:
        said = await play.heard("ParkedCall", ParkeeChannel=await play.customers_channel())
        await asyncio.sleep(1.0)
        async with play.dials(2, said["ParkingSpace"], hang_up_after=1.5) as picks:
            (taken,) = await picks.ended()
        (customer,) = await line.ended()
        (first,) = await over(phones[0])
    a, c = play.interface(0), play.interface(2)
    taken_at, parked_at = (taken.answered_at or 0) + LISTENS_S, first.refer_at or 0
    first_s, second_s = talked(first, until=parked_at), (taken.ended_at or 0) - taken_at
    return [
        queue_call(
            play,
            customer,
            {a: {"talk": first_s}, c: {"talk": second_s}},
            ("blind", a, PARKING, c, "completed"),
            own={"park": taken_at - parked_at, "talk": first_s + second_s},
        )
    ]
