"""The floor as it is now, for who cannot listen to the websocket."""

from __future__ import annotations

from aiohttp import web

from screenpop.api.exchange import answer
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.schema import FloorNow

routes = web.RouteTableDef()


@routes.get("/floor")
@operation(Permission.SEE_FLOOR, returns=FloorNow)
async def get_floor(request: web.Request) -> web.Response:
    """Return queues, agents and live calls of all exchanges, and which exchange is connected.

    Who is confined to his teams is told of theirs.
    """
    return answer(request.app[CONTEXT].hub.floor_now(identity_of(request).scope))
