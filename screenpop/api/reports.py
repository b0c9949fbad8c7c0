"""Figures of the queues, and who is to be rung back."""

from __future__ import annotations

import msgspec
from aiohttp import web

from crm_core.domain.lost import LostCaller
from screenpop.api.exchange import answer
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.floor_figures import FIGURES, FloorFigures, lost_now
from screenpop.permissions import Permission

routes = web.RouteTableDef()


class LostCallers(msgspec.Struct, frozen=True, kw_only=True):
    """Customers to be rung back, who has been waiting for longest first."""

    items: tuple[LostCaller, ...]


@routes.get("/figures")
@operation(Permission.SEE_FLOOR, returns=FloorFigures)
async def get_figures(request: web.Request) -> web.Response:
    """Return the figures of all queues, of today and of the last 30 minutes.

    Who is confined to his teams is told of their queues, and of all of these together.
    """
    return answer(await request.app[FIGURES].now(identity_of(request).scope))


@routes.get("/lost-callers")
@operation(Permission.SEE_FLOOR, returns=LostCallers)
async def list_lost_callers(request: web.Request) -> web.Response:
    """List who waited in a queue in vain today and has not got through since, in either direction."""
    scope = identity_of(request).scope
    return answer(LostCallers(items=tuple(await lost_now(request.app[CONTEXT], scope))))
