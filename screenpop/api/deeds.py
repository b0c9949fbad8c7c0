"""What most records are asked for in the same way: added, changed, removed."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from pydantic import BaseModel

from screenpop.api.exchange import answer, read_body, version_wanted
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.masked import as_kept


async def added(request: web.Request, model: type[BaseModel], service: Callable[..., Any]) -> web.Response:
    """Return what *service* makes of the fields of *model* that are sent."""
    context, fields = request.app[CONTEXT], (await read_body(request, model)).model_dump()
    made = await context.db.run(service, fields=fields, by=identity_of(request).user, now=context.now())
    return answer(made, status=HTTPStatus.CREATED, version=made.version)


async def changed(
    request: web.Request,
    model: type[BaseModel],
    service: Callable[..., Any],
    key: str,
    load: Callable[..., msgspec.Struct] | None = None,
) -> web.Response:
    """Return the next version of the record that the path names; *key* is what *service* calls its id.

    With *load*, which returns it as it is kept, who is not shown all of it may send back what he was shown.
    """
    version, context = version_wanted(request), request.app[CONTEXT]
    asked, which = await read_body(request, model, may_echo=load is not None), request.match_info["id"]
    sent = asked.model_dump(exclude_unset=True)
    after = await context.db.run(
        service,
        version=version,
        changes=await as_kept(request, sent, load, **{key: which}) if load else sent,
        by=identity_of(request).user,
        now=context.now(),
        **{key: which},
    )
    return answer(after, version=after.version)


async def removed(request: web.Request, service: Callable[..., None], key: str) -> web.Response:
    """Let *service* forget the record that the path names."""
    context = request.app[CONTEXT]
    await context.db.run(
        service,
        version=version_wanted(request),
        by=identity_of(request).user,
        now=context.now(),
        **{key: request.match_info["id"]},
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)
