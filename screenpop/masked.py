"""Answers without what who asks is not shown: the last word on all that leaves by HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from pydantic import BaseModel

from crm_core.domain.masking import GONE
from screenpop.auth import IDENTITY
from screenpop.context import CONTEXT
from screenpop.masks import Masks
from screenpop.problem import ProblemError
from screenpop.redaction import redacted
from screenpop.restored import restored

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_JSON = "json"


@web.middleware
async def mask(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take out of JSON, errors too, what is kept from who asks; pages are drawn without it already."""
    response = await handler(request)
    me = request.get(IDENTITY)
    if me is not None and me.masks is not None and isinstance(response, web.Response):
        _mask(response, me.masks)
    return response


def demand_none_masked(request: web.Request, body: BaseModel) -> None:
    """Check that nobody sends back what he was shown in place of a number, an address or a paper.

    Raises:
        ProblemError: he does (422).
    """
    me = request.get(IDENTITY)
    if me is not None and me.masks is not None and GONE in body.model_dump_json():
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "masked_value", "this holds what is not shown")


async def as_kept(
    request: web.Request, sent: dict[str, Any], load: Callable[..., msgspec.Struct], **which: object
) -> dict[str, Any]:
    """Return the changes *sent* to a record, with what who asks is not shown as it is kept.

    *load* is the service that gives the record *which* is meant.

    Raises:
        NotFoundError: there is none.
        ProblemError: something else that is sent holds what is shown in place of something (422).
    """
    me = request.get(IDENTITY)
    if me is None or me.masks is None:
        return sent
    return restored(sent, await request.app[CONTEXT].db.read(load, **which), me.masks)


def _mask(response: web.Response, masks: Masks) -> None:
    if not response.content_type.endswith(_JSON) or not isinstance(response.body, bytes) or not response.body:
        return
    told = msgspec.json.decode(response.body)
    shown = redacted(told, masks)
    if shown is not told:
        response.body = msgspec.json.encode(shown)
