"""Keys of other systems: made with scopes, shown once, and revoked."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_core.domain.people import Token
from crm_core.services import keys
from screenpop.api.exchange import ONE_LINE, Input, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import AUTH, identity_of
from screenpop.context import CONTEXT
from screenpop.key_scopes import SCOPES
from screenpop.permissions import Permission
from screenpop.places import address_of

routes = web.RouteTableDef()
KEYS = "/keys"
ONE = f"{KEYS}/{{id}}"
LONGEST_WHY = 200
Stand = Literal["holds", "expired", "revoked"]


def _known(scope: str) -> str:
    if scope not in SCOPES:
        raise PydanticCustomError("unknown_scope", "no scope is called so")
    return scope


Scope = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(SCOPES)})]


class NewKey(Input):
    """Who will use it, what it may (``contacts:read``), and for how many days; without ``days`` for ever."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=keys.LONGEST_NAME), ONE_LINE]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(SCOPES))]
    days: int | None = Field(default=None, ge=1, le=keys.MOST_DAYS)


class Revocation(Input):
    """Why a key is revoked."""

    why: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WHY), ONE_LINE]


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is shown: never itself, but how it begins (``prefix``; empty when nobody knows).

    Without ``scopes`` it may what its ``role`` may. ``last_used_at`` is right to a minute.
    """

    id: str
    name: str
    prefix: str
    stand: Stand
    role: str
    scopes: tuple[str, ...] | None
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_why: str | None


class ApiKeys(msgspec.Struct, frozen=True, kw_only=True):
    """All keys, newest first."""

    items: tuple[ApiKey, ...]


class MadeKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new key, and the ``secret`` to send as ``Authorization: Bearer``: told here and never again."""

    key: ApiKey
    secret: str


@routes.get(KEYS)
@operation(Permission.MANAGE_KEYS, returns=ApiKeys)
async def list_keys(request: web.Request) -> web.Response:
    """List the keys of other systems, also those that hold no more."""
    context = request.app[CONTEXT]
    found = await context.db.read(keys.every)
    return answer(ApiKeys(items=tuple(shown(one, context.now()) for one in found)))


@routes.post(KEYS)
@operation(Permission.MANAGE_KEYS, body=NewKey, returns=MadeKey, status=HTTPStatus.CREATED, takes_key=True)
async def add_key(request: web.Request) -> web.Response:
    """Make a key for another system; only its hash is kept."""
    asked, context = await read_body(request, NewKey), request.app[CONTEXT]
    who, now = _who(request), context.now()
    key, secret = keys.make(
        name=asked.name,
        scopes=[scope for scope in SCOPES if scope in asked.scopes],
        days=asked.days,
        randomness=secrets.token_bytes(32),
        by=who["by"],
        now=now,
    )
    one = await context.db.run(keys.add, key=key, **who)
    return answer(MadeKey(key=shown(one, now), secret=secret), status=HTTPStatus.CREATED)


@routes.get(ONE)
@operation(Permission.MANAGE_KEYS, returns=ApiKey)
async def get_key(request: web.Request) -> web.Response:
    """Return a key, but not itself."""
    context = request.app[CONTEXT]
    one = await context.db.read(keys.get, key_id=request.match_info["id"])
    return answer(shown(one, context.now()))


@routes.post(f"{ONE}/revocation")
@operation(Permission.MANAGE_KEYS, body=Revocation, returns=ApiKey)
async def revoke_key(request: web.Request) -> web.Response:
    """Let nobody in any more who has a key; its sockets close at once. It cannot be taken back."""
    asked, context = await read_body(request, Revocation), request.app[CONTEXT]
    one = await context.db.run(
        keys.revoke, key_id=request.match_info["id"], why=asked.why, now=context.now(), **_who(request)
    )
    request.app[AUTH].end_keys([one.id])
    return answer(shown(one, context.now()))


def shown(one: Token, now: datetime) -> ApiKey:
    """Return a key as it is shown."""
    kept = {name: getattr(one, name) for name in ApiKey.__struct_fields__ if name != "stand"}
    return ApiKey(**kept, stand=stand_of(one, now))


def stand_of(one: Token, now: datetime) -> Stand:
    """Return whether a key holds, or why it does not."""
    if one.holds(now):
        return "holds"
    return "revoked" if one.revoked_at else "expired"


def _who(request: web.Request) -> dict[str, Any]:
    """Return who does it, and from where, for the audit."""
    return {"by": identity_of(request).user, "address": address_of(request)}
