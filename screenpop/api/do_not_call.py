"""Numbers that must not be called: listed, added with a reason, taken off again."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.do_not_call import Excluded
from crm_core.services import do_not_call
from screenpop.api.dial import number_asked
from screenpop.api.exchange import (
    Input,
    Line,
    PageQuery,
    answer,
    cursor_of,
    read_body,
    read_cursor,
    read_query,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import address_of, region_of

routes = web.RouteTableDef()


class ExcludedQuery(PageQuery):
    """``begin``: how the number begins, with + and the country code."""

    begin: str = Field(default="", pattern=r"^(\+\d{0,15})?$")


class NewExcluded(Input):
    """A number in any writing, and why it must not be called."""

    number: Line = Field(min_length=1, max_length=40)
    why: Line = Field(min_length=1, max_length=do_not_call.LONGEST_WHY)


class ExcludedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers in their order; ``next`` is the cursor of what follows."""

    items: tuple[Excluded, ...]
    next: str | None


@routes.get("/do-not-call")
@operation(Permission.RUN_CAMPAIGNS, query=ExcludedQuery, returns=ExcludedPage)
async def list_excluded(request: web.Request) -> web.Response:
    """List the numbers that must not be called; not those that are marked so at a contact."""
    asked = read_query(request, ExcludedQuery)
    place = read_cursor(asked.cursor)
    found = await request.app[CONTEXT].db.read(
        do_not_call.listed, begin=asked.begin, after=place[1] if place else None, limit=asked.limit + 1
    )
    shown = found[: asked.limit]
    more = cursor_of("number", shown[-1].number) if len(found) > asked.limit else None
    return answer(ExcludedPage(items=tuple(shown), next=more))


@routes.post("/do-not-call")
@operation(
    Permission.WRITE_CONTACTS, body=NewExcluded, returns=Excluded, status=HTTPStatus.CREATED, takes_key=True
)
async def exclude(request: web.Request) -> web.Response:
    """Keep that a number must not be called; one that is on the list stays as it is."""
    context, identity = request.app[CONTEXT], identity_of(request)
    asked = await read_body(request, NewExcluded)
    kept = await context.db.run(
        do_not_call.add,
        number=number_asked(asked.number, region_of(request)),
        why=asked.why,
        by=identity.user,
        address=address_of(request),
        now=context.now(),
    )
    return answer(kept, status=HTTPStatus.CREATED)


@routes.delete("/do-not-call/{number}")
@operation(Permission.RUN_CAMPAIGNS, status=HTTPStatus.NO_CONTENT)
async def readmit(request: web.Request) -> web.Response:
    """Let a number (E.164) be called again."""
    context = request.app[CONTEXT]
    await context.db.run(
        do_not_call.remove,
        number=request.match_info["number"],
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)
