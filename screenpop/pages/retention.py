"""How long records are kept: a place of the settings."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from crm_core.domain.retention import LONGEST, SHORTEST
from crm_core.services import retention
from screenpop.context import CONTEXT
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
RETENTION: Final = "/admin/retention"


@routes.get(RETENTION)
@requires(Permission.KEEP_PRIVACY)
async def get_retention(request: web.Request) -> web.Response:
    """Return the page."""
    rules = await request.app[CONTEXT].db.read(retention.rules)
    return page(request, "retention.html", rules=rules, shortest=SHORTEST, longest=LONGEST)
