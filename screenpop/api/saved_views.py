"""Saved views: the filters of a list under a name, for oneself, for a team or for all."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

import msgspec
from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from crm_core.domain.errors import InvalidError, ManyInvalidError
from crm_core.domain.ids import new_id
from crm_core.domain.saved_views import (
    MOST_FILTERS,
    NAME_LENGTH,
    VALUE_LENGTH,
    Audience,
    ListPage,
    SavedView,
    SeenView,
)
from crm_core.services import saved_views
from screenpop.api.exchange import Id, Input, Line, all_stays, answer, read_body, read_query, version_wanted
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.lists import LISTS, filters, reader
from screenpop.permissions import Permission
from screenpop.problem import ProblemError

routes = web.RouteTableDef()
VIEWS = "/saved-views"
Filter = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
Filters = Annotated[
    dict[Filter, Annotated[Line, Field(max_length=VALUE_LENGTH)]], Field(max_length=MOST_FILTERS)
]


class NewView(Input):
    """What is asked of which list, under which name; ``query`` are filters as its page's address has them.

    ``audience`` says who sees it besides oneself; with ``team`` it needs its ``team_id``.
    """

    page: ListPage
    name: Line = Field(min_length=1, max_length=NAME_LENGTH)
    query: Filters = Field(default={})
    audience: Audience = "me"
    team_id: Id | None = None


class ViewChange(Input):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    name: Line = Field(default="", min_length=1, max_length=NAME_LENGTH)
    query: Filters = Field(default={})
    audience: Audience = "me"
    team_id: Id | None = None


class ViewsQuery(Input):
    """Of which list."""

    page: ListPage


class Start(Input):
    """The view that one's list begins with; None: with none."""

    view_id: Id | None


class SavedViewsPage(msgspec.Struct, frozen=True, kw_only=True):
    """The views of a list that one sees, by name."""

    items: tuple[SeenView, ...]


@routes.get(VIEWS)
@operation(Permission.BE_KNOWN, query=ViewsQuery, returns=SavedViewsPage)
async def list_views(request: web.Request) -> web.Response:
    """List the saved views of a list: one's own, those of one's teams and those of everybody."""
    return answer(await _of_page(request, read_query(request, ViewsQuery).page))


@routes.post(VIEWS)
@operation(Permission.BE_KNOWN, body=NewView, returns=SavedView, status=HTTPStatus.CREATED, takes_key=True)
async def save_view(request: web.Request) -> web.Response:
    """Keep the filters of a list under a name; to share them one must be allowed to write articles."""
    context, me = request.app[CONTEXT], identity_of(request)
    asked, now = await read_body(request, NewView), context.now()
    _demand_page(request, asked.page)
    made = SavedView(
        id=new_id(now, secrets.token_bytes(10)),
        page=asked.page,
        name=asked.name,
        query=_filters(asked.page, asked.query),
        audience=asked.audience,
        team_id=asked.team_id,
        owner=me.user,
        created_at=now,
        updated_at=now,
    )
    kept = await context.db.run(saved_views.keep, view=made, who=reader(me), now=now)
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.get(f"{VIEWS}/{{id}}")
@operation(Permission.BE_KNOWN, returns=SavedView)
async def get_view(request: web.Request) -> web.Response:
    """Return one saved view, with its version as ``ETag``."""
    view = await _known(request)
    return answer(view, version=view.version)


@routes.patch(f"{VIEWS}/{{id}}")
@operation(Permission.BE_KNOWN, body=ViewChange, returns=SavedView, takes_version=True)
async def change_view(request: web.Request) -> web.Response:
    """Change a saved view; 412 with the newer one when somebody was quicker."""
    version, context = version_wanted(request), request.app[CONTEXT]
    asked = await read_body(request, ViewChange)
    changes = asked.model_dump(exclude_unset=True)
    if "query" in changes:
        changes["query"] = _filters((await _known(request)).page, asked.query)
    after = await context.db.run(
        saved_views.change,
        view_id=request.match_info["id"],
        version=version,
        changes=changes,
        who=reader(identity_of(request)),
        now=context.now(),
    )
    return answer(after, version=after.version)


@routes.delete(f"{VIEWS}/{{id}}")
@operation(Permission.BE_KNOWN, status=HTTPStatus.NO_CONTENT, takes_version=True)
async def remove_view(request: web.Request) -> web.Response:
    """Take a saved view away; it can be brought back within a day."""
    context = request.app[CONTEXT]
    await context.db.run(
        saved_views.remove,
        view_id=request.match_info["id"],
        version=version_wanted(request),
        who=reader(identity_of(request)),
        now=context.now(),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.post(f"{VIEWS}/{{id}}/restore")
@operation(Permission.BE_KNOWN, returns=SavedView)
async def restore_view(request: web.Request) -> web.Response:
    """Bring back a saved view that was taken away."""
    context = request.app[CONTEXT]
    view = await context.db.run(
        saved_views.bring_back,
        view_id=request.match_info["id"],
        who=reader(identity_of(request)),
        now=context.now(),
    )
    return answer(view, version=view.version)


@routes.put("/start-views/{page}")
@operation(Permission.BE_KNOWN, body=Start, returns=SavedViewsPage)
async def begin_with(request: web.Request) -> web.Response:
    """Say with which view one's own list begins."""
    asked, page = await read_body(request, Start), request.match_info["page"]
    name = next((one for one in LISTS if one == page), None)
    if name is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "not_found", "there is no such list")
    _demand_page(request, name)
    who = reader(identity_of(request))
    await request.app[CONTEXT].db.run(saved_views.begin_with, page=name, view_id=asked.view_id, who=who)
    return answer(await _of_page(request, name))


async def _of_page(request: web.Request, page: ListPage) -> SavedViewsPage:
    _demand_page(request, page)
    who = reader(identity_of(request))
    found = await request.app[CONTEXT].db.read(saved_views.of_page, page=page, who=who)
    return SavedViewsPage(items=tuple(found))


async def _known(request: web.Request) -> SavedView:
    who = reader(identity_of(request))
    view: SavedView = await request.app[CONTEXT].db.read(
        saved_views.get, view_id=request.match_info["id"], who=who
    )
    return view


def _demand_page(request: web.Request, page: ListPage) -> None:
    if not identity_of(request).may(LISTS[page].permission):
        raise ProblemError(HTTPStatus.FORBIDDEN, "not_allowed", "this list is not open to you")


def _filters(page: ListPage, query: Mapping[str, str]) -> dict[str, str]:
    """Return what is kept of *query*.

    Raises:
        ManyInvalidError: with every filter that the page does not read.
    """
    try:
        return filters(page, query)
    except ValidationError as error:
        raise ManyInvalidError(
            [
                InvalidError(
                    ".".join(("query", *map(str, fault["loc"][:1]))), fault["msg"], fault=fault["type"]
                )
                for fault in error.errors()
            ]
        ) from None
