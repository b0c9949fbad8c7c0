"""Two records become one, and two again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from pydantic import Field, StringConstraints

from crm_core.domain.duplicates import RecordKind
from crm_core.domain.merges import Merge, Sides
from crm_core.services import merging, merging_accounts, unmerging
from screenpop.api.exchange import (
    Id,
    Input,
    PageQuery,
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import address_of

routes = web.RouteTableDef()
MERGES = "/merges"
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}(\.[a-z0-9_]{1,40})?$")]
Version = Annotated[int, Field(ge=1, le=999_999_999)]


class NewMerge(Input):
    """Which record stays and which becomes a part of it, in the versions in which they were looked at.

    ``choices`` say of which of both a field is (``name``, ``company``, ``fields.KEY`` of one's own); what is
    not named is as on the one that stays, or as on the other where that has nothing.
    """

    kind: RecordKind
    stays: Id
    goes: Id
    stays_version: Version
    goes_version: Version
    choices: dict[FieldName, Literal["stays", "goes"]] = Field(default={}, max_length=100)


class MergePage(msgspec.Struct, frozen=True, kw_only=True):
    """Merges, newest first; ``next`` is the cursor of what follows."""

    items: tuple[Merge, ...]
    next: str | None


@routes.post(MERGES)
@operation(Permission.WRITE_CONTACTS, body=NewMerge, returns=Merge, status=HTTPStatus.CREATED, takes_key=True)
async def merge(request: web.Request) -> web.Response:
    """Make one record of two: everything of the one that goes is the other's from now on.

    Who asks for it is led on (308 with ``Location``). 412 with the newer record when one of them is another
    version; 409 ``to_be_erased`` when somebody asked for that.
    """
    asked, context = await read_body(request, NewMerge), request.app[CONTEXT]
    does = merging.merge_contacts if asked.kind == "contact" else merging_accounts.merge_accounts
    sides = Sides(**asked.model_dump(include=set(Sides.__struct_fields__)))
    one = await context.db.run(
        does,
        sides=sides,
        choices=asked.choices,
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return answer(one, status=HTTPStatus.CREATED)


@routes.get(MERGES)
@operation(Permission.READ_CONTACTS, query=PageQuery, returns=MergePage)
async def list_merges(request: web.Request) -> web.Response:
    """List which records became one, newest first, also those that are two again."""
    asked = read_query(request, PageQuery)
    found = await request.app[CONTEXT].db.read(
        unmerging.listed, before=read_time_cursor(asked.cursor), limit=asked.limit + 1
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (one.at.isoformat(), one.id))
    return answer(MergePage(items=tuple(found[: asked.limit]), next=more))


@routes.get(f"{MERGES}/{{id}}")
@operation(Permission.READ_CONTACTS, returns=Merge)
async def get_merge(request: web.Request) -> web.Response:
    """Return one merge."""
    return answer(await request.app[CONTEXT].db.read(unmerging.get, merge_id=request.match_info["id"]))


@routes.post(f"{MERGES}/{{id}}/undo")
@operation(Permission.WRITE_CONTACTS, returns=Merge)
async def undo_merge(request: web.Request) -> web.Response:
    """Make two records of one again, as they were; asked again, nothing is done.

    409 ``changed_since``, naming what, where something was changed since.
    """
    context = request.app[CONTEXT]
    one = await context.db.run(
        unmerging.undo,
        merge_id=request.match_info["id"],
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return answer(one)
