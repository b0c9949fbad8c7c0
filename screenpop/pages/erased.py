"""Who was erased: his page says so, for old links lead there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from aiohttp import web

from crm_core.domain.errors import NotFoundError
from crm_core.ports import UnitOfWork
from crm_core.services import erasure
from screenpop.context import CONTEXT

Handler = Callable[[web.Request], Awaitable[web.Response]]


def tells_of_erased(handler: Handler) -> Handler:
    """Let the page of a contact say that he was erased, where it would say that there is none."""

    @wraps(handler)
    async def told(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except NotFoundError:
            await request.app[CONTEXT].db.read(_demand_not_erased, contact_id=request.match_info["id"])
            raise

    return told


def _demand_not_erased(uow: UnitOfWork, *, contact_id: str) -> None:
    known = uow.privacy.erasure(contact_id)
    if known is not None and known.done_at:
        raise erasure.AlreadyErasedError(contact_id)
