"""Hold from the desk: the customer hears music until his agent takes him back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web

from ami_bridge.services import holding
from screenpop.api.calls import id_of_call, known_call
from screenpop.api.dial import exchange_of
from screenpop.api.exchange import answer
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange took the request; ``call.held`` and ``call.resumed`` tell that it happened."""

    call_id: str


@routes.post("/calls/{id}/hold")
@operation(Permission.DIAL, returns=Asked, status=HTTPStatus.ACCEPTED)
async def hold(request: web.Request) -> web.Response:
    """Put whom the agent who signed in talks to, alone, on hold: he hears music."""
    return await _ask(request, holding.hold)


@routes.post("/calls/{id}/resume")
@operation(Permission.DIAL, returns=Asked, status=HTTPStatus.ACCEPTED)
async def resume(request: web.Request) -> web.Response:
    """Take back whom the agent who signed in put on hold from here."""
    return await _ask(request, holding.resume)


async def _ask(request: web.Request, ask: Callable[..., Awaitable[None]]) -> web.Response:
    context = request.app[CONTEXT]
    wanted = await known_call(context, id_of_call(request))
    seat, control, _ = exchange_of(context, identity_of(request))
    await ask(context.floors[seat.pbx], control, call_id=wanted, interface=seat.interface)
    return answer(Asked(call_id=wanted), status=HTTPStatus.ACCEPTED)
