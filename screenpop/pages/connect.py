"""The page on which an administrator connects the exchange."""

from __future__ import annotations

from aiohttp import web

from screenpop.api.connect import exchanges_of
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get("/connect")
@requires(Permission.CONNECT_EXCHANGE)
async def get_connect(request: web.Request) -> web.Response:
    """Return the form with what is kept; the secret is never in it."""
    return page(request, "connect.html", kept=exchanges_of(request).kept())
