"""The preview list on the agent's desk, drawn as a part of the page."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from aiohttp import web

from crm_core.domain.errors import DatabaseAwayError
from crm_core.ports import UnitOfWork
from crm_core.services import preview
from crm_core.services.preview import Preview
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
TOLD: Final = (
    "success",
    "no_interest",
    "callback",
    "refused",
    "wrong_number",
    "voicemail",
    "no_answer",
    "busy",
)


class OnDesk(msgspec.Struct, frozen=True, kw_only=True):
    """Whether there is a list to work on, and the lead that the agent has before him."""

    is_running: bool = False
    preview: Preview | None = None


@routes.get("/desk/preview")
@requires(Permission.DIAL)
async def get_preview(request: web.Request) -> web.Response:
    """Return the lead that the agent has before him, or the way to the next one; nothing without a list."""
    return page(request, "desk_preview.html", on=await _on_desk(request), outcomes=TOLD)


async def _on_desk(request: web.Request) -> OnDesk:
    me, context = identity_of(request), request.app[CONTEXT]
    if me.agent is None or me.seat is None:
        return OnDesk()
    try:
        return await context.db.read(_read, agent=me.agent, now=context.now())
    except DatabaseAwayError:
        return OnDesk()


def _read(uow: UnitOfWork, *, agent: str, now: datetime) -> OnDesk:
    found = preview.current(uow, agent=agent, now=now)
    return OnDesk(is_running=any(one.state == "running" for one in uow.campaigns.all()), preview=found)
