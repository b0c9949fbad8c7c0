"""The settings: a page that leads to each of its places."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
SETTINGS: Final = "/admin"


@routes.get(SETTINGS)
@requires(Permission.BE_KNOWN)
async def get_settings(request: web.Request) -> web.Response:
    """Return the places that who asks may open."""
    return page(request, "settings_all.html")
