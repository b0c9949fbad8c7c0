"""The page on which an administrator connects the exchange, and names its queues and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from crm_core.domain.lines import Line, LineKey
from crm_core.services import lines
from screenpop.api.connect import exchanges_of
from screenpop.context import CONTEXT, Context
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Nameable:
    """A queue or a number of ours; ``line`` is what it is called, None for a queue that nobody named."""

    key: LineKey
    line: Line | None


@routes.get("/connect")
@requires(Permission.CONNECT_EXCHANGE)
async def get_connect(request: web.Request) -> web.Response:
    """Return the form with what is kept; the secret is never in it."""
    context, kept = request.app[CONTEXT], exchanges_of(request).kept()
    exchanges = sorted(context.floors)
    names = await _nameables(context)
    return page(
        request,
        "connect.html",
        kept=kept,
        exchanges=exchanges,
        names=names,
        truth=sorted(context.truth.items()),
        backfills=context.backfills,
    )


async def _nameables(context: Context) -> list[Nameable]:
    """Return every queue that the exchanges tell of, and everything that has a name already."""
    named: dict[LineKey, Line] = {line.key: line for line in await context.db.read(lines.every)}
    queues: set[LineKey] = {
        (name, "queue", queue.queue) for name, floor in context.floors.items() for queue in floor.queues()
    }
    return [Nameable(key, named.get(key)) for key in sorted(queues | named.keys())]
