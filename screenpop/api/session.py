"""Signing in and out, and who one is."""

from __future__ import annotations

import dataclasses
from http import HTTPStatus
from typing import Literal

import msgspec
from aiohttp import hdrs, web
from pydantic import BaseModel, ConfigDict, Field

from crm_core.services import users
from screenpop.api.exchange import Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import AUTH, IDENTITY, csrf_of, csrf_token, forget, identity_of, person_of, remember
from screenpop.context import CONTEXT
from screenpop.identity import Identity
from screenpop.passwords import LONGEST
from screenpop.permissions import Permission
from screenpop.places import address_of, ws_url

routes = web.RouteTableDef()


class SignIn(BaseModel):
    """Name and password, whose blanks count. ``code`` is the authenticator's, or a recovery code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=LONGEST, repr=False)
    code: Line | None = Field(default=None, max_length=40, repr=False)


class ChangedMe(BaseModel):
    """What one may change of oneself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Literal["es", "en"]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who I am. ``csrf_token`` goes into ``X-CSRF-Token`` of every change; None for a key."""

    user: str
    name: str
    full_name: str
    role: str
    language: str
    agent: str | None
    interface: str | None
    permissions: tuple[str, ...]
    csrf_token: str | None
    ws_url: str


@routes.post("/session")
@operation(None, body=SignIn, returns=Me, proves=True)
async def sign_in(request: web.Request) -> web.Response:
    """Sign in: the session's cookie comes with the answer.

    Who has a second factor is asked for its code (401 ``code_wanted``), which is sent with name and password.
    After five failures of one account from one address the next try has to wait (429, ``Retry-After``).
    """
    asked = await read_body(request, SignIn)
    before = request.get(IDENTITY)
    signed_in = await request.app[AUTH].sign_in(
        name=asked.name,
        password=asked.password,
        code=asked.code,
        address=address_of(request),
        user_agent=request.headers.get(hdrs.USER_AGENT, ""),
    )
    if before is not None:
        await request.app[AUTH].sign_out(before)
    response = answer(_me(request, signed_in.identity, csrf=csrf_of(signed_in.secret)))
    remember(response, request, signed_in)
    return response


@routes.get("/session")
@operation(Permission.BE_KNOWN, returns=Me)
async def who_am_i(request: web.Request) -> web.Response:
    """Return who one is."""
    return answer(_me(request, identity_of(request), csrf=csrf_token(request)))


@routes.patch("/session")
@operation(Permission.BE_KNOWN, body=ChangedMe, returns=Me)
async def change_me(request: web.Request) -> web.Response:
    """Read another language from now on; open desktops come again in it."""
    identity = person_of(request)
    asked = await read_body(request, ChangedMe)
    await request.app[CONTEXT].db.run(users.set_language, user_id=identity.user, language=asked.language)
    changed = dataclasses.replace(identity, language=asked.language)
    return answer(_me(request, changed, csrf=csrf_token(request)))


@routes.delete("/session")
@operation(Permission.BE_KNOWN, status=HTTPStatus.NO_CONTENT)
async def sign_out(request: web.Request) -> web.Response:
    """Sign out: the session ends, its sockets close, the seat is left."""
    await request.app[AUTH].sign_out(person_of(request))
    response = web.Response(status=HTTPStatus.NO_CONTENT)
    forget(response, request)
    return response


def _me(request: web.Request, identity: Identity, *, csrf: str | None) -> Me:
    return Me(
        user=identity.user,
        name=identity.name,
        full_name=identity.full_name,
        role=identity.role,
        language=identity.language,
        agent=identity.agent,
        interface=str(identity.seat) if identity.seat else None,
        permissions=tuple(sorted(identity.permissions)),
        csrf_token=csrf if identity.session else None,
        ws_url=ws_url(request),
    )
