"""Numbers that must not be called: listed, added with a reason, taken off again."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.do_not_call import Excluded, WhyNot
from crm_core.domain.list_rows import Rejected
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
from screenpop.api.list_file import CSV, sent_list
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import address_of, region_of
from screenpop.whole import is_whole, sees_whole_only

routes = web.RouteTableDef()
NUMBER = "/do-not-call/{number:(?!list$)[^/]+}"  # "list" is none, and has methods of its own
AT_ONCE = 200


class ExcludedQuery(PageQuery):
    """``begin``: how the number begins, with + and the country code."""

    begin: str = Field(default="", pattern=r"^(\+\d{0,15})?$")


class NewExcluded(Input):
    """A number in any writing, and why it must not be called."""

    number: Line = Field(min_length=1, max_length=40)
    why: Line = Field(min_length=1, max_length=do_not_call.LONGEST_WHY)


class LoadQuery(Input):
    """Why the numbers must not be called, and whether to tell only what would be done."""

    why: Line = Field(min_length=1, max_length=do_not_call.LONGEST_WHY)
    dry_run: bool = False


class LiftQuery(Input):
    """Why the number may be called again."""

    why: Line = Field(min_length=1, max_length=do_not_call.LONGEST_WHY)


class ExcludedList(msgspec.Struct, frozen=True, kw_only=True):
    """How many numbers a list holds, how many of them were ``added``, and what was left out."""

    numbers: int
    added: int
    rejected: tuple[Rejected, ...]


class ExcludedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers in their order; ``next`` is the cursor of what follows."""

    items: tuple[Excluded, ...]
    next: str | None


@routes.get("/do-not-call")
@operation(Permission.RUN_CAMPAIGNS, query=ExcludedQuery, returns=ExcludedPage)
async def list_excluded(request: web.Request) -> web.Response:
    """List the numbers that must not be called; not those that are marked so at a contact.

    Who is not shown numbers gets the first ones, or asks for a whole one: a place in this list tells one.
    """
    asked = read_query(request, ExcludedQuery)
    whole = sees_whole_only(identity_of(request))
    place = None if whole else read_cursor(asked.cursor)
    begin = asked.begin if not whole or is_whole(asked.begin, region=region_of(request)) else ""
    found = await request.app[CONTEXT].db.read(
        do_not_call.listed, begin=begin, after=place[1] if place else None, limit=asked.limit + 1
    )
    shown = found[: asked.limit]
    more = cursor_of("number", shown[-1].number) if len(found) > asked.limit and not whole else None
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


@routes.post("/do-not-call/list")
@operation(Permission.RUN_CAMPAIGNS, query=LoadQuery, returns=ExcludedList, sent_media=CSV)
async def exclude_list(request: web.Request) -> web.Response:
    """Keep that the numbers of a list (``text/csv``, with a column ``phone``) must not be called.

    It is done in parts: sent again, after an interruption too, the same list does no harm.
    """
    context, asked = request.app[CONTEXT], read_query(request, LoadQuery)
    found = await sent_list(request, region=region_of(request), needs_name=False)
    numbers, added = [number for row in found.rows for number in row.numbers], 0
    for n in range(0, 0 if asked.dry_run else len(numbers), AT_ONCE):
        added += await context.db.run(
            do_not_call.add_all,
            numbers=numbers[n : n + AT_ONCE],
            why=asked.why,
            by=identity_of(request).user,
            address=address_of(request),
            now=context.now(),
        )
    return answer(ExcludedList(numbers=len(numbers), added=added, rejected=found.rejected))


@routes.get(NUMBER)
@operation(Permission.READ_CONTACTS, returns=WhyNot)
async def why_not(request: web.Request) -> web.Response:
    """Return all that speaks against calling a number, in any writing; nothing may."""
    context = request.app[CONTEXT]
    number = number_asked(request.match_info["number"], region_of(request))
    return answer(await context.db.read(do_not_call.why_not, number=number, now=context.now()))


@routes.delete(NUMBER)
@operation(Permission.RUN_CAMPAIGNS, query=LiftQuery, status=HTTPStatus.NO_CONTENT)
async def readmit(request: web.Request) -> web.Response:
    """Let a number (E.164) be called again; who did it and why is kept."""
    context, asked = request.app[CONTEXT], read_query(request, LiftQuery)
    await context.db.run(
        do_not_call.remove,
        number=request.match_info["number"],
        why=asked.why,
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)
