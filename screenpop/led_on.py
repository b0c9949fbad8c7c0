"""Addresses of records that became a part of others lead on to those."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import hdrs, web

from crm_core.domain.merges import MergedError
from screenpop.api.operation import operation_of
from screenpop.problem import ProblemError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def lead_on(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Send who asks for a record that is a part of another one to that one.

    A page moved for good (301). Programs are told with 308, behind which a command stays what it was; the
    version that they know is none of the other record's, so nothing is written over.
    Source: RFC 9110 §15.4.
    """
    try:
        return await handler(request)
    except MergedError as error:
        if error.key not in request.match_info.values():
            raise
        there = str(request.rel_url).replace(error.key, error.into)
        if operation_of(request.match_info.handler) is None:
            raise web.HTTPMovedPermanently(there) from None
        headers = {str(hdrs.LOCATION): there}
        raise ProblemError(HTTPStatus.PERMANENT_REDIRECT, "merged", str(error), headers=headers) from error
