"""Which other systems are told what happens: a list, one of them beside it, and what it did not take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from crm_core.domain.webhooks import Undelivered, Webhook
from crm_core.ports import UnitOfWork
from crm_core.services import webhooks
from screenpop.api.event_types import EVENT_TYPES
from screenpop.api.exchange import Id, Input
from screenpop.context import CONTEXT
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
WEBHOOKS: Final = "/webhooks"
SHOWN: Final = 50


class Asked(Input):
    """Which subscription stands beside the list; none is a new one."""

    edit: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPage:
    """All of them, the chosen one, and what was given up of it; ``is_more``: not all of that is shown."""

    found: Sequence[Webhook]
    chosen: Webhook | None
    undelivered: Sequence[Undelivered]
    is_more: bool
    last: int


@routes.get(WEBHOOKS)
@requires(Permission.SET_UP_WEBHOOKS)
async def get_webhooks(request: web.Request) -> web.Response:
    """Return the page."""
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    on = await request.app[CONTEXT].db.read(_read, chosen=asked.edit)
    return page(request, "webhooks.html", on=on, event_types=sorted(EVENT_TYPES))


def _read(uow: UnitOfWork, *, chosen: str | None) -> OnPage:
    found = webhooks.every(uow)
    one = next((each for each in found if each.id == chosen), None)
    given_up = webhooks.undelivered(uow, webhook_id=one.id, after=0, limit=SHOWN + 1) if one else []
    return OnPage(
        found=found,
        chosen=one,
        undelivered=given_up[:SHOWN],
        is_more=len(given_up) > SHOWN,
        last=uow.log.last(),
    )
