"""A list of numbers that is sent as a CSV file."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus

from aiohttp import web

from crm_core.domain.list_rows import ReadList, UnreadableListError, read_list
from screenpop.problem import FieldError, ProblemError

CSV = "text/csv"
LARGEST_LIST, LIST_WITHIN_S = 4 * 1024 * 1024, 60.0


async def sent_list(request: web.Request, *, region: str, needs_name: bool = True) -> ReadList:
    """Return the list that was sent; read in a thread, for it may be long.

    Raises:
        ProblemError: not CSV by its type (415), too large (413), too slow (408), or no list (422).
    """
    raw = await _sent(request)
    try:
        return await asyncio.to_thread(partial(read_list, raw, region=region, needs_name=needs_name))
    except UnreadableListError as error:
        fault = FieldError(field="file", code=error.why, message=str(error))
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, errors=[fault]) from None


async def _sent(request: web.Request) -> bytes:
    if request.content_type != CSV:
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_csv", "send text/csv")
    raw = bytearray()
    try:
        async with asyncio.timeout(LIST_WITHIN_S):
            async for some in request.content.iter_any():
                raw += some
                if len(raw) > LARGEST_LIST:
                    raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    except TimeoutError:
        raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, "too_slow") from None
    return bytes(raw)
