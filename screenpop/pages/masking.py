"""What is shown to whom: a place of the settings."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from crm_core.services import masking
from screenpop.context import CONTEXT
from screenpop.pages.page import page
from screenpop.pages.settings import SETTINGS
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
MASKING: Final = f"{SETTINGS}/masking"


@routes.get(MASKING)
@requires(Permission.MANAGE_USERS)
async def get_masking(request: web.Request) -> web.Response:
    """Return the rule of each role."""
    return page(request, "masking.html", rules=await request.app[CONTEXT].db.read(masking.rules))
