"""Who is behind a number: what a dialplan asks before it lets a call go on."""

from __future__ import annotations

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.calls import MatchKind
from crm_core.domain.priority import queue_priority
from crm_core.services import lookup
from screenpop.api.exchange import Input, Line, answer, read_query
from screenpop.api.operation import operation
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import region_of

routes = web.RouteTableDef()
LONGEST_ADDRESS = 250


class LookupQuery(Input):
    """The caller's ``number`` as the line brought it, the number he called, and what he typed in the IVR."""

    number: Line = Field(default="", max_length=LONGEST_ADDRESS)
    did: Line = Field(default="", max_length=LONGEST_ADDRESS)
    id: Line | None = Field(default=None, max_length=80)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, as far as it is known.

    ``contact`` is set only when there is no doubt; ``priority`` is the queue's (higher is served first).
    ``queue`` and ``agent`` are those that the company's callers are sent to.
    """

    match: MatchKind
    contact: str | None
    name: str | None
    account: str | None
    language: str | None
    vip: bool
    tier: str | None
    queue: str | None
    agent: str | None
    open_incidents: int
    priority: int | None


@routes.get("/lookup")
@operation(Permission.LOOK_UP, query=LookupQuery, returns=Caller)
async def look_up(request: web.Request) -> web.Response:
    """Return who is behind a number; a stranger is an answer too, ``match: none``."""
    asked = read_query(request, LookupQuery)
    found = await request.app[CONTEXT].db.read(
        lookup.who, number=asked.number, region=region_of(request), id=asked.id
    )
    return answer(
        Caller(
            match=found.match,
            contact=found.contact_id,
            name=found.name,
            account=found.account,
            language=found.language,
            vip=found.vip,
            tier=found.tier,
            queue=found.queue,
            agent=found.agent,
            open_incidents=found.open_incidents,
            priority=queue_priority(is_vip=found.vip, open_incidents=found.open_incidents),
        )
    )
