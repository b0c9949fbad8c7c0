"""Asterisk's side of FastAGI: it connects to the server, introduces the call and does what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from pbxsim.config import Agi
from pbxsim.world.agi import Question, Replied, execute
from pbxsim.world.exchange import Exchange

LONGEST_LINE = 8 * 1024


def introduction(question: Question, agi: Agi) -> str:
    """Return the variables that a FastAGI server is sent first, with the empty line."""
    channel = question.channel
    values = {
        "network": "yes",
        "network_script": question.script,
        "request": f"agi://{agi.host}:{agi.port}/{question.script}",
        "channel": channel.name,
        "language": channel.language,
        "type": "PJSIP",
        "uniqueid": channel.uniqueid,
        "version": "22.10.1~pbxsim",
        "callerid": channel.num or "unknown",
        "calleridname": channel.title or "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": channel.dnid or "unknown",
        "rdnis": "unknown",
        "context": channel.context,
        "extension": channel.exten,
        "priority": str(channel.priority),
        "enhanced": "0.0",
        "accountcode": channel.account,
        "threadid": "0",
    }
    numbered = {f"arg_{number}": text for number, text in enumerate(question.arguments, start=1)}
    return "".join(f"agi_{name}: {value}\n" for name, value in (values | numbered).items()) + "\n"


async def ask(world: Exchange, question: Question, agi: Agi, pump: Callable[[], None]) -> None:
    """Have one question answered; the call hears Replied with the status, and *pump* lets it go on."""
    status = "FAILURE"
    with suppress(OSError, TimeoutError, asyncio.LimitOverrunError, ValueError):
        async with asyncio.timeout(question.patience):
            reader, writer = await asyncio.open_connection(agi.host, agi.port, limit=LONGEST_LINE)
            try:
                writer.write(introduction(question, agi).encode())
                await _serve(world, question, reader, writer, pump)
                status = "HANGUP" if question.channel.gone else "SUCCESS"
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    if question.channel.thread is not None:
        world.post(question.channel.thread, Replied(status))
        pump()


async def _serve(
    world: Exchange,
    question: Question,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    pump: Callable[[], None],
) -> None:
    """Do commands until the server closes; a caller who hangs up is told by a line of its own."""
    told_gone = False
    while line := await reader.readline():
        if question.channel.gone and not told_gone:
            told_gone = True
            writer.write(b"HANGUP\n")
        answer = execute(world, question.channel, line.decode("utf-8", errors="replace").strip())
        writer.write(answer.encode() + b"\n")
        pump()
        await writer.drain()
