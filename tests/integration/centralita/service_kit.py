"""``centralita serve`` on a simulated exchange with one short-spoken agent: its log and its records."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from integration.centralita.program import Program, program
from lab.desk import until

from pbxsim.config import Config, Did, Manner, Phone, Queue, Spread, User
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in

T = TypeVar("T")
SECRET, DID = "s3cr3t-of-the-exchange", "5551001"
SHORT = ((1.0, Manner(after=Spread(0.1, 0.1), hang_up_after=Spread(0.2, 0.2))),)
CONFIG = Config(
    users=(User(name="centralita", secret=SECRET),),
    phones=(Phone(extension="101", manners=SHORT),),
    queues=(Queue(name="sales", members=("101",)),),
    dids=(Did(number=DID, to="queue:sales"),),
)


@asynccontextmanager
async def service(folder: Path, exchange_port: int, *within: str) -> AsyncIterator[Program]:
    """Run ``centralita serve`` on the database in *folder*; *within* are the words before the command."""
    environment = {
        "CENTRALITA_DATABASE__URL": f"sqlite:///{folder}/centralita.sqlite3",
        "CENTRALITA_HTTP__PORT": "0",
        "CENTRALITA_HTTP__WS_PORT": "0",
        "CENTRALITA_AGI__PORT": "0",
        "CENTRALITA_PBX__MAIN__SECRET": SECRET,
        "CENTRALITA_PBX__MAIN__PORT": str(exchange_port),
    }
    async with program("serve", within=within, **environment) as running:
        yield running


async def said(running: Program, event: str) -> dict[str, Any]:
    """Return the next log line that begins with *event*."""
    assert running.process.stderr
    async with asyncio.timeout(60):  # a busy machine starts programs slowly
        while text := (await running.process.stderr.readline()).decode():
            if json.loads(text)["event"].startswith(event):
                return json.loads(text)
    raise EOFError(event)


async def asked(port: int, path: str) -> tuple[int, dict[str, Any], str | None]:
    """Return the answer's status, what it says, and after how long to ask again."""
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, json.loads(await answer.read()), answer.headers.get("Retry-After")


@asynccontextmanager
async def later(what: Awaitable[T]) -> AsyncIterator[T]:
    """Yield *what* once it is there, between two programs."""
    yield await what


def rows(folder: Path, question: str) -> list[tuple[Any, ...]]:
    """Return what the database in *folder* answers."""
    connection = sqlite3.connect(folder / "centralita.sqlite3")
    found = connection.execute(question).fetchall()
    connection.close()
    return found


def ended(folder: Path) -> Counter[str]:
    """Return how often the log tells of each call that it ended."""
    return Counter(row[0] for row in rows(folder, "SELECT call_id FROM event WHERE type = 'call.ended'"))


async def call(exchange: Simulator, number: str) -> None:
    """Let somebody call, and return when his call is over."""
    exchange.pump()  # the call begins now, not when something happened last
    call_in(exchange.world, to=DID, number=number)
    exchange.pump()
    await until(lambda: not exchange.world.channels)
