"""One's own account, and the sessions of everybody for who looks after users."""

from __future__ import annotations

from aiohttp import web

from crm_core.services import provided, second_factor, users
from screenpop.api.own_sign_in import own_factor
from screenpop.api.sessions import WhoseSessions, open_sessions
from screenpop.auth import person_of
from screenpop.context import CONTEXT
from screenpop.middlewares import ACCOUNT
from screenpop.pages.page import page
from screenpop.pages.sign_in import FAULTS
from screenpop.passwords import SHORTEST
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get(ACCOUNT)
@requires(Permission.BE_KNOWN)
async def get_own_account(request: web.Request) -> web.Response:
    """Return what one signs in with, and where one is signed in."""
    me, context = person_of(request), request.app[CONTEXT]
    provider, user = context.settings.provider, await context.db.read(users.user_named, name=me.name)
    return page(
        request,
        "own_account.html",
        factor=await own_factor(request),
        sessions=await open_sessions(request, user_id=me.user),
        shortest=SHORTEST,
        has_password=user is not None and bool(user.password_hash),
        provider=provider.name if provider else None,
        is_linked=provider is not None
        and await context.db.read(provided.is_linked, issuer=provider.issuer, user_id=me.user),
        fault=FAULTS.get(request.query.get("fault", "")),
    )


@routes.get("/admin/sessions")
@requires(Permission.MANAGE_USERS)
async def get_sessions(request: web.Request) -> web.Response:
    """Return who is signed in: everybody, or the one that the address names."""
    asked = WhoseSessions.model_validate(dict(request.query))
    factor = None
    if asked.user is not None:
        factor, _ = await request.app[CONTEXT].db.read(second_factor.of, user_id=asked.user)
    return page(
        request,
        "sessions.html",
        user=asked.user,
        sessions=await open_sessions(request, user_id=asked.user),
        has_factor=factor is not None,
    )
