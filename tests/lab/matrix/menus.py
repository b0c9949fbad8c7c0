"""Before anybody is asked: menus by the dialplan, by scripts and by programs beside the exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lab.floor import HOST
from lab.matrix.expected import Expected
from lab.matrix.play import Play, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import number_call, queue_call
from lab.phones import Answers
from lab.sipp import Sipp
from lab.wire import Wire

TAKES = Answers(after=0.6, hang_up_after=1.5)
READ = """
[from-trunk]
exten => 5551{no}9,1,Answer()
 same => n,Read(KEY,,1,,1,8)
 same => n,GotoIf($["${KEY}" = "1"]?centralita-queue,q{no},1)
 same => n,Hangup()
"""
AGI = """
[from-trunk]
exten => 5551{no}9,1,Answer()
 same => n,AGI(WHICH)
 same => n,Queue(q{no},t,,,30)
 same => n,Hangup()
"""


def _queued(play: Play, customer: Wire, leg: Wire) -> Expected:
    """Return what must be told of who came to the queue by a menu: all before is the menu's."""
    queued_at = leg.invite_at or 0
    return queue_call(
        play,
        customer,
        {play.interface(0): {"talk": talked(leg)}},
        own={"ivr": queued_at - (customer.invite_at or 0)},
    )


@scene(dialplan=READ)
async def menu_by_rfc_4733(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls(play.office.own, keys="1") as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [_queued(play, customer, leg)]


@scene(dialplan=READ)
async def menu_by_info(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls(play.office.own, info_keys="1") as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [_queued(play, customer, leg)]


@scene(dialplan=READ)
async def left_in_the_menu(play: Play) -> Told:
    async with play.calls(play.office.own, hang_up_after=2.0) as line:
        (customer,) = await line.ended()
    return [number_call(customer, {}, hung_up_by="customer", outcome="self_service")]


@scene(dialplan=AGI.replace("WHICH", "/bin/sleep,1"))
async def menu_by_a_script_of_the_exchange(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [_queued(play, customer, leg)]


@asynccontextmanager
async def _program(play: Play, *commands: str) -> AsyncIterator[None]:
    """Let a FastAGI server say *commands* to whoever comes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (await reader.readline()).strip():
            pass
        for command in commands:
            writer.write(f"{command}\n".encode())
            await reader.readline()
        writer.close()

    async with await asyncio.start_server(serve, HOST, play.office.agi_port):
        yield


@scene(dialplan=AGI.replace("WHICH", "agi://{agi}"))
async def menu_by_a_program_over_tcp(play: Play) -> Told:
    async with (
        _program(play, "ANSWER", "WAIT FOR DIGIT 5000"),
        play.phones(TAKES) as phones,
        play.calls(play.office.own, keys="1") as line,
    ):
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [_queued(play, customer, leg)]


@scene(dialplan=AGI.replace("WHICH", "agi://{agi}"))
async def left_in_the_program(play: Play) -> Told:
    """The script ends when it likes; the customer's call ends when he hangs up."""
    async with (
        _program(play, "ANSWER", "WAIT FOR DIGIT 5000", "EXEC Wait 2"),
        play.calls(play.office.own, hang_up_after=2.0) as line,
    ):
        (customer,) = await line.ended()
    return [number_call(customer, {}, hung_up_by="customer", outcome="self_service")]


@scene(dialplan=AGI.replace("WHICH", "agi:async"))
async def menu_by_the_manager_interface(play: Play) -> Told:
    async with play.phones(TAKES) as phones, play.calls(play.office.own) as line:
        channel = await play.customers_channel(play.office.own)
        await play.heard("AsyncAGIStart", Channel=channel)
        await play.ask("AGI", Channel=channel, Command="WAIT FOR DIGIT 800", CommandID="menu")
        await play.heard("AsyncAGIExec", Channel=channel)
        await play.ask("AGI", Channel=channel, Command="ASYNCAGI BREAK", CommandID="over")
        (customer,) = await line.ended()
        (leg,) = await over(*phones)
    return [_queued(play, customer, leg)]


async def _answered(phone: Sipp) -> Wire:
    return await phone.until(lambda wire: wire.answered_at)


@scene(
    has_line=True,
    dialplan="[back-{no}]\nexten => s,1,Dial(PJSIP/600{no}123@line{no},20)\n same => n,Hangup()\n",
)
async def called_back_by_the_queue(play: Play) -> Told:
    """A place in the queue without a caller: the first free agent is joined with who had asked for it."""
    far_takes = Answers(after=0.8, hang_up_after=1.5)
    async with play.phones(Answers(after=0.6)) as phones, play.outside(far_takes) as far:
        await play.ask(
            "Originate",
            Channel=f"Local/{play.office.queue}@centralita-queue/n",
            Context=f"back-{play.office.no}",
            Exten="s",
            Priority="1",
            CallerID=play.office.outside,
            Async="true",
        )
        (theirs,) = await over(far)
        (ours,) = await over(*phones)
    assert await _answered(far)
    return [
        Expected(
            started_at=ours.invite_at or 0,
            ended_at=theirs.ended_at or 0,
            outcome="answered",
            hung_up_by="customer",
            direction="outbound",
            credited={play.interface(0): {"talk": talked(theirs)}},
            customer={"talk": talked(theirs)},
            visits=((play.office.queue, "answered"),),
        )
    ]
