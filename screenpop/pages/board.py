"""The floor, live: who waits, talks and is free. The page draws it from the websocket's ``floor`` topic."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Context
from screenpop.pages.page import FLOOR, page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
SOME: Final = 3  # rows are drawn as a skeleton of what is not known


@routes.get(FLOOR)
@requires(Permission.SEE_FLOOR)
async def get_board(request: web.Request) -> web.Response:
    """Return the board's frame; its figures come by the websocket."""
    presence, book = request.app[CONTEXT].presence, request.app[CONTEXT].lines
    scope = identity_of(request).scope
    commanded = [name for name, commands in presence.items() if not commands.is_observed]
    return page(
        request,
        "board.html",
        commanded=commanded,
        queue_names=scope.names(book.queue_names()),
        queue_rows=_queue_rows(request.app[CONTEXT]) if scope.is_everything else SOME,
    )


def _queue_rows(context: Context) -> int:
    """Return how many rows the queues will have, so that what is below them stays where it is."""
    queues = [queue for floor in context.floors.values() for queue in floor.queues()]
    return sum(1 + len(queue.waiting) for queue in queues)
