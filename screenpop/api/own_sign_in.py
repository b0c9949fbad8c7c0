"""What one signs in with: another password, a second factor set up and taken away."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
import segno
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_core.domain.second_factor import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    SecondFactor,
    otpauth_of,
    recovery_codes,
    recovery_hash,
    secret_of,
    step_of,
)
from crm_core.services import second_factor, sessions
from screenpop.api.exchange import Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import AUTH, identity_of, person_of
from screenpop.context import CONTEXT, Rule
from screenpop.identity import Identity
from screenpop.passwords import LONGEST, SHORTEST
from screenpop.permissions import Permission
from screenpop.places import address_of
from screenpop.problem import FieldError, ProblemError

routes = web.RouteTableDef()
FACTOR: Final = "/me/second-factor"
SET_UP_WITHIN: Final = timedelta(minutes=15)
Secret = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, strip_whitespace=False)]
NewSecret = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST, strip_whitespace=False)]


class OwnPassword(BaseModel):
    """The password as it is, and as it shall be; blanks count."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    password: Secret = Field(repr=False)
    new_password: NewSecret = Field(repr=False)


class Confirmed(BaseModel):
    """The password once more: who asks is still who signed in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    password: Secret = Field(repr=False)


class ShownToWork(Input):
    """What setting up gave, and the code that the authenticator shows now."""

    ticket: Line = Field(min_length=1, max_length=1000, repr=False)
    code: Line = Field(min_length=1, max_length=40, repr=False)


class OwnFactor(msgspec.Struct, frozen=True, kw_only=True):
    """One's second factor: what the role says of it, since when it is there, how many codes are left."""

    rule: Rule
    since: datetime | None
    codes_left: int


class NewFactor(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator is given: ``picture`` is ``address`` as a QR code, an SVG in a data address."""

    secret: str
    address: str
    picture: str
    ticket: str


class RecoveryCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Codes for when the authenticator is lost; each fits once. They are shown this once."""

    items: tuple[str, ...]


@routes.put("/me/password")
@operation(Permission.BE_KNOWN, body=OwnPassword, status=HTTPStatus.NO_CONTENT, proves=True)
async def change_my_password(request: web.Request) -> web.Response:
    """Take another password: every other session of one's own ends."""
    me, context, auth = person_of(request), request.app[CONTEXT], request.app[AUTH]
    asked = await read_body(request, OwnPassword)
    await _confirm(request, me, asked.password)
    hashed = await auth.hashed(asked.new_password)
    ended = await context.db.run(
        sessions.change_password,
        user_id=me.user,
        password_hash=hashed,
        keep=me.session,
        address=address_of(request),
        now=context.now(),
    )
    auth.end(ended)
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.get(FACTOR)
@operation(Permission.BE_KNOWN, returns=OwnFactor)
async def get_my_second_factor(request: web.Request) -> web.Response:
    """Return whether one signs in with a code, too."""
    return answer(await own_factor(request))


@routes.post(FACTOR)
@operation(Permission.BE_KNOWN, body=Confirmed, returns=NewFactor, proves=True)
async def begin_second_factor(request: web.Request) -> web.Response:
    """Begin to set up an authenticator; an earlier one serves until this one has shown a code."""
    me, context = person_of(request), request.app[CONTEXT]
    asked = await read_body(request, Confirmed)
    if request.app[AUTH].doorman.rule_of(me.role) == "off":
        raise ProblemError(HTTPStatus.CONFLICT, "second_factor_off")
    await _confirm(request, me, asked.password)
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    address = otpauth_of(secret, name=me.name)
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, light="#fff", omitsize=True)
    ticket = context.sealer.seal(f"{me.user} {secret}", now=context.now())
    return answer(NewFactor(secret=secret, address=address, picture=picture, ticket=ticket))


@routes.put(FACTOR)
@operation(Permission.BE_KNOWN, body=ShownToWork, returns=RecoveryCodes)
async def keep_second_factor(request: web.Request) -> web.Response:
    """Keep the authenticator that shows the right code: from now on it is asked for at the sign-in."""
    me, context, now = person_of(request), request.app[CONTEXT], request.app[CONTEXT].now()
    asked = await read_body(request, ShownToWork)
    opened = context.sealer.open_within(asked.ticket, SET_UP_WITHIN, now=now) or ""
    whose, _, secret = opened.partition(" ")
    if whose != me.user:
        raise ProblemError(HTTPStatus.CONFLICT, "set_up_anew", "this was begun too long ago, or by another")
    step = step_of(secret, asked.code, now=now)
    if step is None:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid",
            errors=[FieldError(field="code", code="wrong_code", message="the code is another by now")],
        )
    codes = recovery_codes([secrets.token_bytes(RECOVERY_BYTES) for _ in range(RECOVERY_CODES)])
    kept = SecondFactor(
        user_id=me.user, sealed=context.sealer.seal(secret, now=now), last_step=step, since=now
    )
    hashes = [recovery_hash(code) for code in codes]
    await context.db.run(second_factor.keep, one=kept, code_hashes=hashes, address=address_of(request))
    return answer(RecoveryCodes(items=tuple(codes)))


@routes.post(f"{FACTOR}/removal")
@operation(Permission.BE_KNOWN, body=Confirmed, status=HTTPStatus.NO_CONTENT, proves=True)
async def remove_second_factor(request: web.Request) -> web.Response:
    """Sign in with the password alone again; 409 when one's role demands a second factor."""
    me, context = person_of(request), request.app[CONTEXT]
    asked = await read_body(request, Confirmed)
    if request.app[AUTH].doorman.rule_of(me.role) == "demanded":
        raise ProblemError(HTTPStatus.CONFLICT, "second_factor_demanded")
    await _confirm(request, me, asked.password)
    await context.db.run(
        second_factor.switch_off, user_id=me.user, address=address_of(request), now=context.now()
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.delete("/users/{id}/second-factor")
@operation(Permission.MANAGE_USERS, status=HTTPStatus.NO_CONTENT)
async def reset_second_factor(request: web.Request) -> web.Response:
    """Take away the second factor of somebody who lost it: his sessions end. It cannot be taken back."""
    context = request.app[CONTEXT]
    ended = await context.db.run(
        second_factor.reset,
        user_id=request.match_info["id"],
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    request.app[AUTH].end(ended)
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def own_factor(request: web.Request) -> OwnFactor:
    """Return whether who asks signs in with a code, too."""
    me = person_of(request)
    kept, left = await request.app[CONTEXT].db.read(second_factor.of, user_id=me.user)
    rule = request.app[AUTH].doorman.rule_of(me.role)
    return OwnFactor(rule=rule, since=kept.since if kept else None, codes_left=left)


async def _confirm(request: web.Request, me: Identity, password: str) -> None:
    await request.app[AUTH].doorman.confirm(me, password=password, address=address_of(request))
