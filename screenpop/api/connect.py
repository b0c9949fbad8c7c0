"""The exchange that is connected: tried out step by step, and kept for the next start."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.services import audit
from screenpop.api.exchange import Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.exchanges import ExchangeAsked, ExchangeKept, Exchanges, Step
from screenpop.permissions import Permission
from screenpop.problem import ProblemError

routes = web.RouteTableDef()


class ExchangeInput(Input):
    """Where an exchange is and as whom to log in; no ``secret``: the kept one, if all else is the same."""

    host: Line = Field(min_length=1, max_length=253)
    port: int = Field(default=5038, ge=1, le=65535)
    user: Line = Field(min_length=1, max_length=80)
    secret: Line | None = Field(default=None, min_length=1, max_length=200)
    tls: bool = False
    mode: Literal["control", "observe"] = "observe"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, step by step, in the language of who asked; ``ok`` when nothing is bad."""

    ok: bool
    steps: tuple[Step, ...]


@routes.get("/exchange")
@operation(Permission.CONNECT_EXCHANGE, returns=ExchangeKept)
async def get_exchange(request: web.Request) -> web.Response:
    """Return the exchange that counts from the next start, without its secret."""
    return answer(exchanges_of(request).kept())


@routes.post("/exchange/test")
@operation(Permission.CONNECT_EXCHANGE, body=ExchangeInput, returns=Tried)
async def try_exchange(request: web.Request) -> web.Response:
    """Connect to an exchange and tell what was found there; nothing is changed, here or there."""
    asked, me = await _asked(request, "tested"), identity_of(request)
    steps = await exchanges_of(request).try_out(asked, language=me.language)
    return answer(Tried(ok=all(step.level != "bad" for step in steps), steps=tuple(steps)))


@routes.put("/exchange")
@operation(Permission.CONNECT_EXCHANGE, body=ExchangeInput, returns=ExchangeKept)
async def put_exchange(request: web.Request) -> web.Response:
    """Keep an exchange; it is connected at the next start. 409 when the settings file names it."""
    exchanges = exchanges_of(request)
    if exchanges.kept().is_fixed:
        raise ProblemError(HTTPStatus.CONFLICT, "fixed_by_settings", "the settings file names the exchange")
    await exchanges.keep(await _asked(request, "kept"))
    return answer(exchanges.kept())


def exchanges_of(request: web.Request) -> Exchanges:
    """Return who tries and keeps exchanges.

    Raises:
        HTTPNotFound: nobody does here.
    """
    exchanges = request.app[CONTEXT].exchanges
    if exchanges is None:
        raise web.HTTPNotFound
    return exchanges


async def _asked(request: web.Request, deed: str) -> ExchangeAsked:
    """Return what is asked; that it was stands in the audit before it is done."""
    body, context = await read_body(request, ExchangeInput), request.app[CONTEXT]
    asked = ExchangeAsked(**body.model_dump())
    what = f"exchange {deed}: {asked.user}@{asked.host}:{asked.port}"
    await context.db.run(
        audit.note,
        who=identity_of(request).user,
        what=what,
        address=request.remote,
        now=context.now(),
        kind="exchange",
        record_id="main",
    )
    return asked
