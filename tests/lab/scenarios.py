"""The calls worth having: each plays on a real Asterisk and tells what happened by SIPp's own log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from asterisk_conf.model import Phone, Queue
from lab import truth
from lab.ami_tap import Tap
from lab.floor import Desk, Floor
from lab.pbx import Asterisk
from lab.phones import NEVER, Answers, Manner, Refuses, caller, customer, phone

Told = list[dict[str, Any]]
CUSTOMER = "957212000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a scenario plays."""

    pbx: Asterisk
    floor: Floor
    tap: Tap

    @asynccontextmanager
    async def phones(self, *manners: tuple[Phone, Manner]) -> AsyncIterator[list[truth.Rung]]:
        """Register the phones, each in its manner."""
        async with AsyncExitStack() as stack:
            yield [
                (seat, await stack.enter_async_context(phone(self.pbx, seat, how))) for seat, how in manners
            ]


Scenario = Callable[[Stage], Awaitable[Told]]
ALL: dict[str, Scenario] = {}


def _scenario(play: Scenario) -> Scenario:
    ALL[play.__name__] = play
    return play


def _linear(queue: Queue) -> bool:
    return queue.strategy == "linear"


def _ringall(queue: Queue) -> bool:
    return queue.strategy == "ringall"


def _rrmemory(queue: Queue) -> bool:
    return queue.strategy == "rrmemory" and queue.max_wait > 10


async def settled(phones: list[truth.Rung]) -> None:
    """Return when every phone that was rung has seen the end of it."""
    for _, running in phones:
        for call in running.calls():
            await running.until(lambda seen, one=call: seen.call_id == one.call_id and seen.ended_at)


async def into_queue(
    stage: Stage,
    *manners: Manner,
    wanted: Callable[[Queue], bool] = _rrmemory,
    number: str = CUSTOMER,
    name: str = "",
    hang_up_after: float | None = None,
) -> Told:
    """Call a queue whose phones behave in these *manners*, and tell the call."""
    with stage.floor.desk(wanted) as desk:
        async with stage.phones(*zip(desk.phones, manners, strict=False)) as phones:
            return [await _one(stage, desk, phones, number=number, name=name, hang_up_after=hang_up_after)]


async def _one(
    stage: Stage,
    desk: Desk,
    phones: list[truth.Rung],
    *,
    number: str = CUSTOMER,
    name: str = "",
    hang_up_after: float | None = None,
) -> dict[str, Any]:
    async with caller(stage.pbx, desk.did, number=number, name=name, hang_up_after=hang_up_after) as line:
        (wire,) = await line.ended(within=60)
    await settled(phones)
    return truth.call(wire, phones, number=number, name=name, queue=desk.queue.name)


async def to_phone(
    stage: Stage, manner: Manner, *, give_up_after: float | None = None, inside: bool = False
) -> Told:
    """Call one phone, from outside by its number or from the next desk by its extension, and tell it."""
    with stage.floor.desk(_rrmemory) as desk:
        seat, neighbour = desk.phones[:2]
        to, number = (seat.extension, neighbour.extension) if inside else (desk.direct(seat), CUSTOMER)
        async with stage.phones((seat, manner)) as phones:
            async with caller(
                stage.pbx, to, number=number, give_up_after=give_up_after, seat=neighbour if inside else None
            ) as line:
                (wire,) = await line.ended(within=60)
            await settled(phones)
            direction = "internal" if inside else "inbound"
            return [truth.call(wire, phones, number=number, direction=direction)]


async def by_click(stage: Stage, agent: Manner, outside: Manner) -> Told:
    """Ring an agent's phone, then dial a customer, and tell the call."""
    with stage.floor.desk(_rrmemory) as desk, stage.floor.line() as line:
        seat = desk.phones[0]
        async with stage.phones((seat, agent)) as phones, customer(stage.pbx, line, outside) as them:
            asked_at = time.time()
            action_id = stage.tap.send(
                "Originate",
                Channel=seat.interface,
                Context="from-agents",
                Exten=line.number,
                Priority="1",
                CallerID=line.number,
                Timeout="4000",
                Async="true",
            )
            (_, running) = phones[0]
            await running.until(lambda call: call.ended_at, within=30)
            if them.calls():
                await them.until(lambda call: call.ended_at)
            called = them if them.calls() else None
            return [
                truth.click(phones[0], called, number=line.number, asked_at=asked_at, action_id=action_id)
            ]


@_scenario
async def answered_caller_hangs_up(stage: Stage) -> Told:
    return await into_queue(stage, Answers(after=1.5), name="Zoë García", hang_up_after=6.0)


@_scenario
async def answered_agent_hangs_up(stage: Stage) -> Told:
    return await into_queue(stage, Answers(after=1.0, hang_up_after=2.0))


@_scenario
async def answered_hung_up_at_once(stage: Stage) -> Told:
    """The queue is entered half a second after the exchange's answer, so 0.2 s of talk are left."""
    return await into_queue(stage, Answers(after=1.0), hang_up_after=1.7)


@_scenario
async def answered_hostile_name(stage: Stage) -> Told:
    name = 'Event: Hangup; "Ana\\ <b>&amp;</b> ${EXTEN} : é漢'
    return await into_queue(stage, Answers(after=1.0, hang_up_after=1.0), name=name)


@_scenario
async def answered_name_with_apostrophe(stage: Stage) -> Told:
    r"""Asterisk escapes names for AMI as C does: this one arrives as ``Mary O\'Brien\?``."""
    return await into_queue(stage, Answers(after=1.0, hang_up_after=1.0), name="Mary O'Brien?")


@_scenario
async def answered_withheld_number(stage: Stage) -> Told:
    return await into_queue(
        stage, Answers(after=1.0, hang_up_after=1.0), number="anonymous", name="Anonymous"
    )


@_scenario
async def abandoned_before_ringing(stage: Stage) -> Told:
    return await into_queue(stage, hang_up_after=2.5)


@_scenario
async def abandoned_while_ringing(stage: Stage) -> Told:
    return await into_queue(stage, NEVER, hang_up_after=2.5)


@_scenario
async def abandoned_after_ringing(stage: Stage) -> Told:
    """The only phone says that it is busy, and the caller leaves in the pause (1 s) before the next try."""
    return await into_queue(stage, Refuses(code=486, ring_for=1.0), hang_up_after=1.8)


@_scenario
async def no_answer_then_second_agent(stage: Stage) -> Told:
    return await into_queue(stage, NEVER, Answers(after=1.0, hang_up_after=1.5), wanted=_linear)


@_scenario
async def busy_then_second_agent(stage: Stage) -> Told:
    return await into_queue(stage, Refuses(code=486), Answers(after=1.0, hang_up_after=1.5), wanted=_linear)


@_scenario
async def rejected_then_second_agent(stage: Stage) -> Told:
    manners = Refuses(code=603, ring_for=0.8), Answers(after=1.0, hang_up_after=1.5)
    return await into_queue(stage, *manners, wanted=_linear)


@_scenario
async def ringall_two_lose(stage: Stage) -> Told:
    manners = NEVER, Answers(after=1.5, hang_up_after=2.0), NEVER
    return await into_queue(stage, *manners, wanted=_ringall)


@_scenario
async def ringall_abandoned(stage: Stage) -> Told:
    return await into_queue(stage, NEVER, NEVER, wanted=_ringall, hang_up_after=2.5)


@_scenario
async def queue_timeout(stage: Stage) -> Told:
    return await into_queue(stage, NEVER, wanted=lambda queue: queue.max_wait < 10)


@_scenario
async def queue_timeout_nobody_there(stage: Stage) -> Told:
    return await into_queue(stage, wanted=lambda queue: queue.max_wait < 10)


@_scenario
async def queue_refused_full(stage: Stage) -> Told:
    """The first caller waits; the second is one too many."""
    with stage.floor.desk(lambda queue: queue.max_callers == 1) as desk:
        async with stage.phones() as phones:
            first = asyncio.create_task(_one(stage, desk, phones, hang_up_after=4.0))
            await asyncio.sleep(1.5)
            second = await _one(stage, desk, phones, number="600123456")
            return [await first, second | {"outcome": "refused"}]


@_scenario
async def two_callers_one_agent(stage: Stage) -> Told:
    """The second caller waits for the first one's agent."""
    with stage.floor.desk(_rrmemory) as desk:
        async with stage.phones((desk.phones[0], Answers(after=1.0, hang_up_after=2.0))) as phones:
            first = asyncio.create_task(_one(stage, desk, phones))
            await asyncio.sleep(1.0)
            second = await _one(stage, desk, phones, number="600123456")
            return [await first, second]


@_scenario
async def direct_answered(stage: Stage) -> Told:
    return await to_phone(stage, Answers(after=1.5, hang_up_after=2.0))


@_scenario
async def direct_busy(stage: Stage) -> Told:
    return await to_phone(stage, Refuses(code=486))


@_scenario
async def direct_rejected(stage: Stage) -> Told:
    return await to_phone(stage, Refuses(code=603, ring_for=1.0))


@_scenario
async def direct_abandoned(stage: Stage) -> Told:
    return await to_phone(stage, NEVER, give_up_after=2.0)


@_scenario
async def direct_no_answer(stage: Stage) -> Told:
    """The number's limit for ringing (3 s) ends it."""
    with stage.floor.desk(_rrmemory) as desk:
        async with stage.phones((desk.phones[2], NEVER)) as phones:
            async with caller(stage.pbx, desk.direct(desk.phones[2])) as line:
                (wire,) = await line.ended(within=60)
            await settled(phones)
            return [truth.call(wire, phones, number=CUSTOMER)]


@_scenario
async def internal_answered(stage: Stage) -> Told:
    return await to_phone(stage, Answers(after=1.0, hang_up_after=2.0), inside=True)


@_scenario
async def internal_busy(stage: Stage) -> Told:
    return await to_phone(stage, Refuses(code=486), inside=True)


@_scenario
async def click_answered(stage: Stage) -> Told:
    return await by_click(stage, Answers(after=1.0), Answers(after=1.5, hang_up_after=2.0))


@_scenario
async def click_answered_agent_hangs_up(stage: Stage) -> Told:
    return await by_click(stage, Answers(after=1.0, hang_up_after=4.0), Answers(after=1.0))


@_scenario
async def click_agent_no_answer(stage: Stage) -> Told:
    return await by_click(stage, NEVER, NEVER)


@_scenario
async def click_agent_busy(stage: Stage) -> Told:
    return await by_click(stage, Refuses(code=486), NEVER)


@_scenario
async def click_customer_busy(stage: Stage) -> Told:
    return await by_click(stage, Answers(after=1.0), Refuses(code=486, ring_for=1.0))


@_scenario
async def click_customer_no_answer(stage: Stage) -> Told:
    return await by_click(stage, Answers(after=1.0), NEVER)


@_scenario
async def click_customer_failed(stage: Stage) -> Told:
    return await by_click(stage, Answers(after=1.0), Refuses(code=503))


@_scenario
async def held_and_taken_back(stage: Stage) -> Told:
    manner = Answers(after=1.0, hold_after=1.5, hold_for=2.0, hang_up_after=1.5)
    return await into_queue(stage, manner)


@_scenario
async def held_until_the_caller_left(stage: Stage) -> Told:
    return await into_queue(stage, Answers(after=1.0, hold_after=1.0, hold_for=30.0), hang_up_after=5.0)


@_scenario
async def blind_transfer(stage: Stage) -> Told:
    with stage.floor.desk(_linear) as desk:
        first, second = desk.phones[:2]
        gives = Answers(after=1.0, refer_after=1.5, refer_to=second.extension)
        async with stage.phones((first, gives), (second, Answers(after=1.0, hang_up_after=2.0))) as phones:
            return [await _one(stage, desk, phones)]


# How the phones of one queue behave in ``floor``, and after how many seconds its callers hang up.
MIXED: tuple[tuple[tuple[Manner, ...], float | None], ...] = (
    ((Answers(after=0.8, hang_up_after=1.5), Answers(after=1.2, hang_up_after=2.0)), None),
    ((Answers(after=1.0), Answers(after=0.5)), 4.0),
    ((Refuses(code=486), Answers(after=1.0, hang_up_after=1.0)), None),
    ((NEVER,), 3.0),
    ((Answers(after=1.5, hold_after=0.5, hold_for=1.0, hang_up_after=0.5),), None),
    ((Refuses(code=603, ring_for=0.5), Answers(after=0.7)), 5.0),
)
ROUNDS = 5


@_scenario
async def floor(stage: Stage) -> Told:
    """Twelve queues with five calls each, one after the other, all queues at once: sixty calls."""
    queues = [_rounds(stage, *MIXED[number % len(MIXED)], number=number) for number in range(12)]
    told = [each for queue in await asyncio.gather(*queues) for each in queue]
    return sorted(told, key=lambda each: each["started_at"])


async def _rounds(
    stage: Stage, manners: tuple[Manner, ...], hang_up_after: float | None, *, number: int
) -> Told:
    told: Told = []
    with stage.floor.desk(
        lambda queue: queue.strategy in {"rrmemory", "ringall"} and queue.max_wait > 10
    ) as desk:
        async with stage.phones(*zip(desk.phones, manners, strict=False)) as phones:
            for turn in range(ROUNDS):
                caller_id = f"6{number:02}{turn:02}0000"
                told.append(await _one(stage, desk, phones, number=caller_id, hang_up_after=hang_up_after))
    return told
