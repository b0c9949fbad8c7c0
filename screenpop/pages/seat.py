"""Choosing a phone: the second step of an agent's sign-in, and later behind his initials."""

from __future__ import annotations

from aiohttp import web

from screenpop.api.seats import Phone, Phones, phones_for
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.pages.page import home_of, page
from screenpop.pages.sign_in import local
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get("/seat")
@requires(Permission.USE_DESK)
async def get_seat(request: web.Request) -> web.Response:
    """Return the phones to choose from; who takes no calls is led on."""
    me = identity_of(request)
    wanted = local(request.query.get("next")) or home_of(me)
    if me.agent is None:
        raise web.HTTPSeeOther(wanted)
    phones = await phones_for(request.app[CONTEXT], me)
    return page(
        request,
        "seat.html",
        next=wanted,
        phones=phones.items,
        exchanges=len({phone.pbx for phone in phones.items}),
        chosen=_first_choice(phones, me.agent),
    )


def _first_choice(phones: Phones, agent: str) -> Phone | None:
    """Return where the agent sat last, else the first phone that is nobody's; None when all are taken."""
    free = [one for one in phones.items if one.agent in {None, agent} or not one.is_on_call]
    mine = (one for one in free if one.is_mine)
    return next(mine, None) or next((one for one in free if one.agent is None), None)
