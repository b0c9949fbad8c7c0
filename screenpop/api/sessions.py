"""Who is signed in, from where and with what; and ending it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.people import Session, User
from crm_core.services import sessions
from screenpop.api.exchange import Input, Line, answer, read_query
from screenpop.api.operation import operation
from screenpop.auth import AUTH, identity_of, person_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import address_of

routes = web.RouteTableDef()
MINE, ALL = "/me/sessions", "/sessions"


class OpenSession(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that holds. ``device`` is empty when its browser did not say what it is."""

    id: str
    user: str
    full_name: str
    device: str
    address: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


class OpenSessions(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions, last seen first."""

    items: tuple[OpenSession, ...]


class WhoseSessions(Input):
    """Whose sessions are listed: a user's id; of everybody without one."""

    user: Line | None = Field(default=None, max_length=36)


@routes.get(MINE)
@operation(Permission.BE_KNOWN, returns=OpenSessions)
async def list_my_sessions(request: web.Request) -> web.Response:
    """List where one is signed in."""
    return answer(OpenSessions(items=await open_sessions(request, user_id=person_of(request).user)))


@routes.delete(MINE)
@operation(Permission.BE_KNOWN, status=HTTPStatus.NO_CONTENT)
async def end_my_other_sessions(request: web.Request) -> web.Response:
    """Sign out everywhere else."""
    me, context = person_of(request), request.app[CONTEXT]
    ended = await context.db.run(
        sessions.revoke_others,
        keep=me.session,
        of=me.user,
        address=address_of(request),
        now=context.now(),
    )
    request.app[AUTH].end(ended)
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.delete(f"{MINE}/{{id}}")
@operation(Permission.BE_KNOWN, status=HTTPStatus.NO_CONTENT)
async def end_my_session(request: web.Request) -> web.Response:
    """Sign out somewhere: the session's sockets close at once. It cannot be taken back."""
    return await _ended(request, of=person_of(request).user)


@routes.get(ALL)
@operation(Permission.MANAGE_USERS, query=WhoseSessions, returns=OpenSessions)
async def list_sessions(request: web.Request) -> web.Response:
    """List who is signed in, from where and with what."""
    asked = read_query(request, WhoseSessions)
    return answer(OpenSessions(items=await open_sessions(request, user_id=asked.user)))


@routes.delete(f"{ALL}/{{id}}")
@operation(Permission.MANAGE_USERS, status=HTTPStatus.NO_CONTENT)
async def end_session(request: web.Request) -> web.Response:
    """Sign somebody out: the session's sockets close at once. It cannot be taken back."""
    return await _ended(request, of=None)


async def open_sessions(request: web.Request, *, user_id: str | None) -> tuple[OpenSession, ...]:
    """Return the sessions that hold, of one user or of everybody."""
    context, auth, this = request.app[CONTEXT], request.app[AUTH], identity_of(request).session
    now = context.now()
    since = now - context.settings.absolute
    found = await context.db.read(sessions.opened_since, since=since, user_id=user_id)
    return tuple(_shown(one, user, this) for one, user in found if auth.holds(one, now))


async def _ended(request: web.Request, *, of: str | None) -> web.Response:
    context, session_id = request.app[CONTEXT], request.match_info["id"]
    await context.db.run(
        sessions.revoke,
        session_id=session_id,
        of=of,
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    request.app[AUTH].end([session_id])
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _shown(one: Session, user: User, this: str | None) -> OpenSession:
    return OpenSession(
        id=one.id,
        user=user.id,
        full_name=user.full_name,
        device=one.device,
        address=one.address,
        created_at=one.created_at,
        seen_at=one.seen_at,
        is_this=one.id == this,
    )
