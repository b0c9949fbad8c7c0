"""Answers without what who asks is not shown: the last word on all that leaves by HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web

from crm_core.domain.masking import GONE
from screenpop.auth import IDENTITY
from screenpop.masks import Masks
from screenpop.problem import ProblemError
from screenpop.redaction import redacted

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


def demand_none_masked(raw: bytes, request: web.Request) -> None:
    """Check that nobody sends back what he was shown in place of a number, an address or a paper.

    Raises:
        ProblemError: he does (422).
    """
    me = request.get(IDENTITY)
    if me is not None and me.masks is not None and GONE in raw.decode(errors="replace"):
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "masked_value", "this holds what is not shown")


def _mask(response: web.Response, masks: Masks) -> None:
    if not response.content_type.endswith(_JSON) or not isinstance(response.body, bytes) or not response.body:
        return
    told = msgspec.json.decode(response.body)
    shown = redacted(told, masks)
    if shown is not told:
        response.body = msgspec.json.encode(shown)
