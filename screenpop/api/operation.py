"""What a REST handler says of itself: who may use it, what it takes and gives; OpenAPI is made of it."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from screenpop.api.twice import ONCE
from screenpop.auth import identity_of
from screenpop.permissions import Permission, public, requires

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_MARK = "__centralita_operation__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """``body`` and ``query`` are pydantic models; ``returns`` a msgspec struct, or None without content.

    ``media`` is the type of a file that is given instead, ``sent_media`` of one that is read instead of JSON.
    """

    permission: Permission | None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    returns: Any = None
    status: HTTPStatus = HTTPStatus.OK
    takes_key: bool = False
    takes_version: bool = False
    media: str | None = None
    heeds_version: bool = False
    sent_media: str | None = None
    unwell: HTTPStatus | None = None
    proves: bool = False


def operation(
    permission: Permission | None,
    *,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    returns: Any = None,
    status: HTTPStatus = HTTPStatus.OK,
    takes_key: bool = False,
    takes_version: bool = False,
    media: str | None = None,
    heeds_version: bool = False,
    sent_media: str | None = None,
    unwell: HTTPStatus | None = None,
    proves: bool = False,
) -> Callable[[Handler], Handler]:
    """Mark a handler with what it takes, gives and demands; *permission* None lets everybody in.

    Args:
        permission: who may.
        body: what it reads.
        query: what may stand behind the question mark.
        returns: what it gives.
        status: of success.
        takes_key: an ``Idempotency-Key`` is heeded: asked again with it, what was answered is answered again.
        takes_version: ``If-Match`` is demanded.
        media: the type of the file that it gives.
        heeds_version: ``If-Match`` may be sent.
        sent_media: the type of the file that it reads.
        unwell: of the same answer when what it tells of is not well.
        proves: a password in it proves who one is: too many tries have to wait.
    """

    def mark(handler: Handler) -> Handler:
        told = Operation(
            permission=permission,
            body=body,
            query=query,
            returns=returns,
            status=status,
            takes_key=takes_key,
            takes_version=takes_version,
            media=media,
            heeds_version=heeds_version,
            sent_media=sent_media,
            unwell=unwell,
            proves=proves,
        )
        marked = _done_once(handler) if takes_key else handler
        setattr(marked, _MARK, told)
        return public(marked) if permission is None else requires(permission)(marked)

    return mark


def _done_once(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def asked(request: web.Request) -> web.StreamResponse:
        work = functools.partial(handler, request)
        return await request.app[ONCE].do(request, user=identity_of(request).user, work=work)

    return asked


def operation_of(handler: object) -> Operation | None:
    """Return what *handler* said of itself."""
    told: Operation | None = getattr(handler, _MARK, None)
    return told
