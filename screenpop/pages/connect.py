"""The page on which an administrator connects the exchange, and names its queues and numbers."""

from __future__ import annotations

from aiohttp import web

from screenpop.api.connect import exchanges_of
from screenpop.context import CONTEXT
from screenpop.pages.page import page
from screenpop.pages.queue_settings import nameables
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get("/connect")
@requires(Permission.CONNECT_EXCHANGE)
async def get_connect(request: web.Request) -> web.Response:
    """Return the form with what is kept; the secret is never in it."""
    context, kept = request.app[CONTEXT], exchanges_of(request).kept()
    exchanges = sorted(context.floors)
    names = await nameables(context)
    return page(
        request,
        "connect.html",
        kept=kept,
        exchanges=exchanges,
        names=names,
        truth=sorted(context.truth.items()),
        backfills=context.backfills,
    )
