"""One's own account, and the sessions of everybody for who looks after users."""

from __future__ import annotations

from aiohttp import web

from screenpop.api.own_sign_in import own_factor
from screenpop.api.sessions import WhoseSessions, open_sessions
from screenpop.auth import person_of
from screenpop.middlewares import ACCOUNT
from screenpop.pages.page import page
from screenpop.passwords import SHORTEST
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get(ACCOUNT)
@requires(Permission.BE_KNOWN)
async def get_own_account(request: web.Request) -> web.Response:
    """Return what one signs in with, and where one is signed in."""
    me = person_of(request)
    return page(
        request,
        "own_account.html",
        factor=await own_factor(request),
        sessions=await open_sessions(request, user_id=me.user),
        shortest=SHORTEST,
    )


@routes.get("/admin/sessions")
@requires(Permission.MANAGE_USERS)
async def get_sessions(request: web.Request) -> web.Response:
    """Return who is signed in: everybody, or the one that the address names."""
    asked = WhoseSessions.model_validate(dict(request.query))
    found = await open_sessions(request, user_id=asked.user)
    return page(request, "sessions.html", is_one=asked.user is not None, sessions=found)
