"""Callbacks: who waits to be rung, and that somebody need not be any more."""

from __future__ import annotations

import msgspec
from aiohttp import web

from crm_core.domain.callbacks import Callback
from crm_core.services import callbacks
from screenpop.api.exchange import PageQuery, answer, cursor_after, read_query, read_time_cursor
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()


class CallbackPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits to be rung, first due first; ``next`` is the cursor of what follows."""

    items: tuple[Callback, ...]
    next: str | None


@routes.get("/callbacks")
@operation(Permission.READ_CALLS, query=PageQuery, returns=CallbackPage)
async def list_callbacks(request: web.Request) -> web.Response:
    """List the customers who wait to be rung, first due first.

    A callback is done, and listed no more, when the customer was spoken with, whoever rang whom.
    """
    asked = read_query(request, PageQuery)
    found = await request.app[CONTEXT].db.read(
        callbacks.waiting,
        after=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
        within=identity_of(request).scope.within,
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (one.due_at.isoformat(), one.id))
    return answer(CallbackPage(items=tuple(found[: asked.limit]), next=more))


@routes.put("/callbacks/{id}/done")
@operation(Permission.WRITE_WORK, returns=Callback)
async def finish_callback(request: web.Request) -> web.Response:
    """Say that a customer need not be rung any more; twice is once."""
    context = request.app[CONTEXT]
    done = await context.db.run(
        callbacks.finish,
        callback_id=request.match_info["id"],
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(done)
