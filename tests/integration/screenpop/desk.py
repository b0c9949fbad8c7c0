"""Clients of a hub that is served; who signs in is named by the bearer."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unit.screenpop.fakes import ANA, EVA, LUIS, Stage, who
from websockets.asyncio.client import ClientConnection, connect

from crm_core.domain.errors import DatabaseAwayError
from screenpop.context import WebSettings
from screenpop.identity import Identity
from screenpop.ws_server import WsServer

PEP = who("pep", agent="103")  # sits where Ana sits
PEOPLE = {one.name: one for one in (ANA, LUIS, EVA, PEP)}
WITHIN_S = 5.0


async def who_is(cookies: str | None, authorization: str | None) -> Identity | None:
    name = (authorization or cookies or "").rpartition(" ")[2].rpartition("=")[2]
    if name == "away":
        raise DatabaseAwayError
    if name == "broken":
        raise KeyError(name)
    return PEOPLE.get(name)


@dataclass
class Desk:
    """The stage, served."""

    stage: Stage
    port: int
    settings: WebSettings

    def connect(self, name: str | None = "ana", **options: Any) -> connect:
        headers = dict(options.pop("additional_headers", {}))
        if name is not None:
            headers["Authorization"] = f"Bearer {name}"
        options.setdefault("subprotocols", ["centralita.v1"])
        return connect(f"ws://127.0.0.1:{self.port}/", additional_headers=headers, **options)


@asynccontextmanager
async def served(listener: socket.socket) -> AsyncIterator[Desk]:
    """Yield a hub behind the websocket server."""
    stage = Stage()
    settings = WebSettings(http_port=8080, ws_port=listener.getsockname()[1])
    server = asyncio.create_task(WsServer(stage.hub, who_is=who_is, settings=settings).run(listener))
    yield Desk(stage, settings.ws_port, settings)
    server.cancel()
    await asyncio.wait([server])


async def hello(client: ClientConnection, *topics: str, resume: str | None = None) -> dict[str, Any]:
    await client.send(json.dumps({"op": "hello", "topics": topics or ["desk"], "resume": resume}))
    return await heard(client)


async def heard(client: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(WITHIN_S):
        return json.loads(await client.recv())


async def close_code(client: ClientConnection) -> int | None:
    async with asyncio.timeout(WITHIN_S):
        await client.wait_closed()
    return client.close_code


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


async def until(condition: Any) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
