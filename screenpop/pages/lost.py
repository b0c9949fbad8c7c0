"""Customers to be rung back: who waited in vain today and has not got through."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.floor_figures import lost_now
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
LOST: Final = "/lost"


@routes.get(LOST)
@requires(Permission.SEE_FLOOR)
async def get_lost(request: web.Request) -> web.Response:
    """Return the list; its script keeps it as it is."""
    return await _drawn(request, "lost.html")


@routes.get(f"{LOST}/list")
@requires(Permission.SEE_FLOOR)
async def get_list(request: web.Request) -> web.Response:
    """Return the list alone, as a part of the page."""
    return await _drawn(request, "lost_list.html")


async def _drawn(request: web.Request, name: str) -> web.Response:
    me = identity_of(request)
    return page(
        request,
        name,
        lost=await lost_now(request.app[CONTEXT], me.scope),
        may_dial=me.seat is not None and me.may(Permission.DIAL),
    )
