"""The agent's desk: its page, and the parts of it that come from the records."""

from __future__ import annotations

from aiohttp import web

from crm_core.domain.errors import DatabaseAwayError
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.pages import card, desk_records
from screenpop.pages.page import HOME, page, page_language
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get(HOME)
@requires(Permission.USE_DESK)
async def get_desk(request: web.Request) -> web.Response:
    """Return the desk as it is between two calls; what happens comes by the websocket."""
    card.prepare(page_language(request))
    return page(request, "desk.html", lists=await _lists(request), has_presence=_has_presence(request))


@routes.get("/desk/lists")
@requires(Permission.USE_DESK)
async def get_lists(request: web.Request) -> web.Response:
    """Return what was missed here, the agent's last calls and who is to be rung, as a part of the page."""
    return page(request, "desk_lists.html", lists=await _lists(request))


@routes.get("/desk/history/{contact_id}")
@requires(Permission.READ_CONTACTS)
async def get_history(request: web.Request) -> web.Response:
    """Return what is open and what happened with a contact, as a part of the page."""
    contact_id = request.match_info["contact_id"]
    within = identity_of(request).scope.within
    found = await request.app[CONTEXT].db.read(desk_records.history, contact_id=contact_id, within=within)
    return page(request, "desk_history.html", history=found)


def _has_presence(request: web.Request) -> bool:
    """Return whether the exchange where the agent sits takes commands."""
    seat = identity_of(request).seat
    presence = request.app[CONTEXT].presence.get(seat.pbx) if seat else None
    return presence is not None and not presence.is_observed


async def _lists(request: web.Request) -> desk_records.Lists | None:
    """Return the lists; None when the records are away: the desk rings all the same."""
    me = identity_of(request)
    if me.agent is None:
        return desk_records.Lists(missed=(), mine=(), callbacks=())
    try:
        return await request.app[CONTEXT].db.read(desk_records.lists, agent=me.agent, within=me.scope.within)
    except DatabaseAwayError:
        return None
