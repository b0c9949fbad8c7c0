"""While another process leads: ``/health`` says so, everything else is answered by 503.

A proxy before both takes the other one for it; desktops come again and find who leads.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from aiohttp import web

from screenpop.api.exchange import answer
from screenpop.context import PartState
from screenpop.http_api import Health
from screenpop.problem import ProblemError, response
from screenpop.web import make_runner

LEADS = "another process leads"
RETRY_AFTER_S = 2


@asynccontextmanager
async def standing_by(listener: socket.socket) -> AsyncIterator[None]:
    """Answer at *listener* for the time of the block; the socket stays the caller's."""
    app = web.Application()
    app.router.add_get("/health", _health)
    app.router.add_route("*", "/{rest:.*}", _refuse)
    runner = make_runner(app, stop_within_s=0.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listener.dup()).start()
        yield
    finally:
        await runner.cleanup()


async def _health(_request: web.Request) -> web.Response:
    lease = PartState(state="standby", is_well=True, why=LEADS)
    return answer(Health(ok=True, parts={"lease": lease}))


async def _refuse(_request: web.Request) -> web.Response:
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return response(ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "standby", LEADS, headers=headers))
