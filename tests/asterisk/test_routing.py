"""The dialplan asks our service and goes on whatever it answers, or does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from lab.ami_tap import tap
from lab.floor import Desk, Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.wire import Wire

from agi_scripts.ivr.route import Route
from agi_scripts.ports import Flow, Line, RouteFacts
from agi_scripts.server import FastAgiServer

pytestmark = pytest.mark.asterisk
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
# Answer() before the queue waits half a second for media.
QUEUE_S = 0.5


@asynccontextmanager
async def service(asterisk: Asterisk, answer: Answer) -> AsyncIterator[list[dict[str, str]]]:
    """Listen where the dialplan asks; gives the AGI environments that came."""
    asked: list[dict[str, str]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\n\n")).decode()
        asked.append(dict(line.split(": ", 1) for line in head.splitlines() if ": " in line))
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    async with await asyncio.start_server(serve, asterisk.host, asterisk.agi_port) as server:
        yield asked
        server.close()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def rubbish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff GET / HTTP/1.1\n\n" * 50)
    await writer.drain()


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    pass


def setting(**variables: str) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for name, text in variables.items():
            writer.write(f'SET VARIABLE {name} "{text}"\n'.encode())
            assert (await reader.readline()).startswith(b"200")

    return answer


async def one_call(asterisk: Asterisk, desk: Desk, **how: float) -> tuple[Wire, Wire]:
    """Return the caller's and the agent's wire of one call that the first phone answers."""
    manner = Answers(after=0.3, hang_up_after=0.3)
    async with phone(asterisk, desk.phones[0], manner) as ringing:
        async with caller(asterisk, desk.did, **how) as line:
            (customer,) = await line.ended()
        return customer, await ringing.until(lambda call: call.ended_at)


@pytest.mark.parametrize(
    ("answer", "delay"),
    [
        pytest.param(closing, 0.0, id="hangs up"),
        pytest.param(rubbish, 0.0, id="talks rubbish"),
        pytest.param(silent, 0.5, id="never answers"),
    ],
)
async def test_the_call_goes_on_when_the_service(
    asterisk: Asterisk, lab_floor: Floor, answer: Answer, delay: float
) -> None:
    with lab_floor.desk() as desk:
        async with service(asterisk, answer) as asked:
            customer, agent = await one_call(asterisk, desk)
    assert asked[0]["agi_arg_2"] == desk.did
    assert agent.answered_at
    assert agent.invite_at - customer.invite_at == pytest.approx(QUEUE_S + delay, abs=0.25)


async def test_the_call_goes_on_when_the_service_is_away(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        customer, agent = await one_call(asterisk, desk)
    assert agent.invite_at - customer.invite_at == pytest.approx(QUEUE_S, abs=0.25)


async def test_a_silent_service_does_not_limit_the_call(asterisk: Asterisk, lab_floor: Floor) -> None:
    """The time limit on the question is lifted afterwards: the talk goes on past it."""
    with lab_floor.desk() as desk:
        async with (
            service(asterisk, silent),
            phone(asterisk, desk.phones[0], Answers(after=0.1)),
            caller(asterisk, desk.did, hang_up_after=2.5) as line,
        ):
            (customer,) = await line.ended()
    assert customer.bye_by == "us"


async def test_the_service_sends_the_call_elsewhere(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk, lab_floor.desk() as other:
        answer = setting(
            CENTRALITA_QUEUE=other.queue.name,
            CENTRALITA_PRIORITY="7",
            CENTRALITA_LANGUAGE="es",
            CENTRALITA_CONTACT="c-1",
        )
        async with tap(asterisk, role="recorder") as ear, service(asterisk, answer) as asked:
            async with caller(asterisk, desk.did, hang_up_after=1.0) as line:
                await line.ended()
            joined = await ear.until(lambda block: block.get("Event") == "QueueCallerJoin")
            await ear.until(lambda block: block.get("Variable") == "QUEUE_PRIO")
    assert (joined["Queue"], joined["Language"]) == (other.queue.name, "es")
    assert joined["Linkedid"] == asked[0]["agi_arg_1"]
    assert [block["Value"] for block in ear.blocks if block.get("Variable") == "QUEUE_PRIO"] == ["7"]


@pytest.mark.parametrize("queue", ["nowhere", "q01,1)&Hangup(", "${EXTEN}", ""])
async def test_a_queue_that_is_none_is_not_obeyed(asterisk: Asterisk, lab_floor: Floor, queue: str) -> None:
    with lab_floor.desk() as desk:
        async with tap(asterisk) as ear, service(asterisk, setting(CENTRALITA_QUEUE=queue)):
            async with caller(asterisk, desk.did, hang_up_after=0.8) as line:
                await line.ended()
            joined = await ear.until(lambda block: block.get("Event") == "QueueCallerJoin")
    assert joined["Queue"] == desk.queue.name


@asynccontextmanager
async def our_service(asterisk: Asterisk, flow: Flow) -> AsyncIterator[FastAgiServer]:
    """Run our own FastAGI server where the dialplan asks."""
    server = FastAgiServer({"route": flow})
    await server.start(asterisk.host, asterisk.agi_port)
    try:
        yield server
    finally:
        await server.stop()


async def test_our_route_sets_the_call_and_tells_the_bridge(asterisk: Asterisk, lab_floor: Floor) -> None:
    asked: list[tuple[str, str]] = []
    with lab_floor.desk() as desk, lab_floor.desk() as other:

        async def lookup(number: str, did: str, **_: object) -> RouteFacts:
            asked.append((number, did))
            return RouteFacts(match="exact", contact="c-1", priority=7, language="es", queue=other.queue.name)

        async with tap(asterisk, role="recorder") as ear, our_service(asterisk, Route(lookup)) as server:
            async with caller(asterisk, desk.did, hang_up_after=1.0) as line:
                await line.ended()
            told = await ear.until(lambda block: block.get("UserEvent") == "Centralita")
            joined = await ear.until(lambda block: block.get("Event") == "QueueCallerJoin")
            status = await ear.until(lambda block: block.get("Variable") == "CENTRALITA_STATUS")
    assert [did for _, did in asked] == [desk.did]
    assert (told["Kind"], told["Match"], told["Contact"], told["Priority"]) == ("route", "exact", "c-1", "7")
    assert told["Linkedid"] == joined["Linkedid"]
    assert (joined["Queue"], joined["Language"]) == (other.queue.name, "es")
    assert status["Value"] == "FOUND"
    assert (server.answered, server.failed) == (1, 0)


async def test_our_route_gives_up_and_the_call_goes_on(asterisk: Asterisk, lab_floor: Floor) -> None:
    async def never(*_: object, **__: object) -> RouteFacts:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    with lab_floor.desk() as desk:
        async with our_service(asterisk, Route(never)):
            customer, agent = await one_call(asterisk, desk)
    assert agent.answered_at
    # 0.3 s of patience; the dialplan's own limit is 0.5 s, should the machine be slow.
    assert QUEUE_S + 0.25 < agent.invite_at - customer.invite_at < QUEUE_S + 0.9


HOSTILE = [
    'say "no"',
    "back\\slash, at the end too \\",
    "${EXTEN} $[1+1] ${SHELL(id)}",
    "a,b;c|d&e(f)[g]{h}",
    "Zoë Ñandú 客户",
    " blanks ",
    "x: y",
    "200 result=1",
    "%d%s%n",
]


async def test_whatever_a_text_holds_asterisk_reads_it_as_it_is(asterisk: Asterisk, lab_floor: Floor) -> None:
    got: list[str | None] = []

    async def flow(line: Line) -> None:
        for text in HOSTILE:
            await line.set_variable("CENTRALITA_TEXT", text)
            got.append((await line.command("GET VARIABLE", "CENTRALITA_TEXT")).value)
            await line.tell({"Kind": "probe", "Text": text, "Behind": "1"})

    with lab_floor.desk() as desk:
        async with tap(asterisk) as ear, our_service(asterisk, flow) as server:
            async with caller(asterisk, desk.did, hang_up_after=1.5) as line:
                await line.ended()
            await ear.until(lambda block: block.get("Event") == "QueueCallerJoin")
            told = [block for block in ear.blocks if block.get("Kind") == "probe"]
    assert got == HOSTILE
    assert [block["Text"] for block in told] == [text.strip() for text in HOSTILE]
    assert {block["Behind"] for block in told} == {"1"}
    assert server.answered == 1
