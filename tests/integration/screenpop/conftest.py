"""A hub behind a real websocket server on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest
from integration.screenpop.desk import Desk, who_is
from unit.screenpop.fakes import Stage

from screenpop.context import WebSettings
from screenpop.ws_server import WsServer


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound


@pytest.fixture
async def desk(listener: socket.socket) -> AsyncIterator[Desk]:
    stage = Stage()
    settings = WebSettings(http_port=8080, ws_port=listener.getsockname()[1])
    server = WsServer(stage.hub, who_is=who_is, settings=settings)
    task = asyncio.create_task(server.run(listener))
    yield Desk(stage, settings.ws_port, settings)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
