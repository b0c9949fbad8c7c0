"""Keys of other systems: a list, one of them beside it, or the form of a new one."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from pydantic import Field

from crm_core.domain.people import Token
from crm_core.ports import UnitOfWork
from crm_core.services import keys
from screenpop.api.exchange import Input, Line
from screenpop.api.keys import shown
from screenpop.context import CONTEXT
from screenpop.key_scopes import SCOPES
from screenpop.pages.page import page
from screenpop.pages.settings import SETTINGS
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
KEYS: Final = f"{SETTINGS}/keys"
DAYS: Final = (30, 90, 365)
CHOSEN_DAYS: Final = 365


class Asked(Input):
    """Which key stands beside the list; none is a new one."""

    edit: Line | None = Field(default=None, max_length=64)


@routes.get(KEYS)
@requires(Permission.MANAGE_KEYS)
async def get_keys(request: web.Request) -> web.Response:
    """Return the page."""
    context = request.app[CONTEXT]
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    found, names = await context.db.read(_read)
    told = [shown(one, context.now()) for one in found]
    return page(
        request,
        "keys.html",
        keys=told,
        one=next((one for one in told if one.id == asked.edit), None),
        scopes=list(SCOPES),
        names=names,
        days=DAYS,
        chosen_days=CHOSEN_DAYS,
    )


def _read(uow: UnitOfWork) -> tuple[list[Token], dict[str, str]]:
    """Return all keys, and the names of who may have made or revoked them."""
    return keys.every(uow), {one.id: one.full_name for one in uow.users.every()}
