"""Who may be there twice, and who is not."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.duplicates import NotSame, Pair, Reason, RecordKind, not_same
from crm_core.domain.errors import NotFoundError
from crm_core.services import duplicates
from screenpop.api.exchange import (
    Id,
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
from screenpop.places import address_of
from screenpop.whole import hides

routes = web.RouteTableDef()
APART = "/duplicates/apart"
LONGEST_CURSOR = 900


class DuplicatesQuery(PageQuery):
    """``by``: what they share; ``name`` is an alike name in one company."""

    by: Reason = "number"
    cursor: Line | None = Field(default=None, max_length=LONGEST_CURSOR)


class NewApart(Input):
    """Two records that are not the same."""

    kind: RecordKind
    first: Id
    second: Id


class Duplicates(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs that may be one."""

    items: tuple[Pair, ...]


class DuplicatePage(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs that may be one; ``next`` is the cursor of what follows, also behind a page that is empty."""

    items: tuple[Pair, ...]
    next: str | None


@routes.get("/duplicates")
@operation(Permission.READ_CONTACTS, query=DuplicatesQuery, returns=DuplicatePage)
async def list_duplicates(request: web.Request) -> web.Response:
    """List pairs of records that may be one, by what they share.

    A number, an address or a name that more than five share is a switchboard's, and offers nobody. Who is
    not shown what they share gets the first of them only: a place in this list tells it.
    """
    asked = read_query(request, DuplicatesQuery)
    hidden = hides(identity_of(request), asked.by)
    after = None if hidden else read_cursor(asked.cursor)
    found = await request.app[CONTEXT].db.read(
        duplicates.listed, reason=asked.by, after=after, limit=asked.limit
    )
    more = cursor_of(*found.more) if found.more and not hidden else None
    return answer(DuplicatePage(items=found.pairs, next=more))


@routes.get("/contacts/{id}/duplicates")
@operation(Permission.READ_CONTACTS, returns=Duplicates)
async def list_contacts_duplicates(request: web.Request) -> web.Response:
    """List who may be the same as a contact, the likeliest first."""
    found = await request.app[CONTEXT].db.read(duplicates.of_contact, contact_id=request.match_info["id"])
    return answer(Duplicates(items=tuple(found)))


@routes.get("/accounts/{id}/duplicates")
@operation(Permission.READ_CONTACTS, returns=Duplicates)
async def list_accounts_duplicates(request: web.Request) -> web.Response:
    """List what may be the same as a company, the likeliest first."""
    found = await request.app[CONTEXT].db.read(duplicates.of_account, account_id=request.match_info["id"])
    return answer(Duplicates(items=tuple(found)))


@routes.post(APART)
@operation(
    Permission.WRITE_CONTACTS, body=NewApart, returns=NotSame, status=HTTPStatus.CREATED, takes_key=True
)
async def set_apart(request: web.Request) -> web.Response:
    """Say that two records are not the same: they are not offered again."""
    asked, context = await read_body(request, NewApart), request.app[CONTEXT]
    pair = await context.db.run(
        duplicates.set_apart,
        pair=not_same(asked.kind, asked.first, asked.second),
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return answer(pair, status=HTTPStatus.CREATED)


@routes.delete(f"{APART}/{{kind}}/{{first}}/{{second}}")
@operation(Permission.WRITE_CONTACTS, status=HTTPStatus.NO_CONTENT)
async def join(request: web.Request) -> web.Response:
    """Take back that two records are not the same."""
    told, context = request.match_info, request.app[CONTEXT]
    if told["kind"] not in ("contact", "account"):
        raise NotFoundError("kind", told["kind"])
    kind: RecordKind = "contact" if told["kind"] == "contact" else "account"
    await context.db.run(
        duplicates.join,
        pair=not_same(kind, told["first"], told["second"]),
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)
