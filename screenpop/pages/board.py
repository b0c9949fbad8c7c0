"""The floor, live: who waits, talks and is free. The page draws it from the websocket's ``floor`` topic."""

from __future__ import annotations

from aiohttp import web

from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.pages.page import FLOOR, page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get(FLOOR)
@requires(Permission.SEE_FLOOR)
async def get_board(request: web.Request) -> web.Response:
    """Return the board's frame; its figures come by the websocket."""
    presence, book = request.app[CONTEXT].presence, request.app[CONTEXT].lines
    scope = identity_of(request).scope
    commanded = [name for name, commands in presence.items() if not commands.is_observed]
    return page(request, "board.html", commanded=commanded, queue_names=scope.names(book.queue_names()))
