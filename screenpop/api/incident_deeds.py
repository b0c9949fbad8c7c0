"""What is done about incidents: notes and answers, merging, undoing; and which problems come most often."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web

from crm_core.domain.incident_entries import Entry
from crm_core.domain.incident_lists import Problem, Wanted
from crm_core.domain.incidents import Incident
from crm_core.services import incident_lists, incident_notes, incidents
from screenpop.api.exchange import (
    PageQuery,
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
    version_wanted,
)
from screenpop.api.incident_input import Merge, NewEntry, ProblemsQuery
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.confining import demand_incident
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries, newest first; ``next`` is the cursor of what follows."""

    items: tuple[Entry, ...]
    next: str | None


class Problems(msgspec.Struct, frozen=True, kw_only=True):
    """Categories and product lines, those with most incidents first."""

    items: tuple[Problem, ...]


@routes.get("/problems")
@operation(Permission.READ_INCIDENTS, query=ProblemsQuery, returns=Problems)
async def list_problems(request: web.Request) -> web.Response:
    """List the most frequent problems, of a customer, of a product line, or of all."""
    context, asked = request.app[CONTEXT], read_query(request, ProblemsQuery)
    wanted = Wanted(
        contact_id=asked.contact_id,
        account_id=asked.account_id,
        product_line_id=asked.product_line_id,
        within=identity_of(request).scope.within,
    )
    found = await context.db.read(
        incident_lists.problems, wanted=wanted, now=context.now(), days=asked.days, limit=asked.limit
    )
    return answer(Problems(items=tuple(found)))


@routes.get("/incidents/{id}/entries")
@operation(Permission.READ_INCIDENTS, query=PageQuery, returns=EntryPage)
async def list_entries(request: web.Request) -> web.Response:
    """List what was written and done about an incident and about all that became a part of it."""
    asked = read_query(request, PageQuery)
    found = await request.app[CONTEXT].db.read(
        incident_lists.entries,
        incident_id=request.match_info["id"],
        place=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (one.at.isoformat(), one.id))
    return answer(EntryPage(items=tuple(found[: asked.limit]), next=more))


@routes.post("/incidents/{id}/entries")
@operation(
    Permission.WRITE_INCIDENTS, body=NewEntry, returns=Entry, status=HTTPStatus.CREATED, takes_key=True
)
async def write_entry(request: web.Request) -> web.Response:
    """Write a note, or what the customer was told; the first such words are the first response."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked = await read_body(request, NewEntry)
    entry = await context.db.run(
        incident_notes.write,
        incident_id=request.match_info["id"],
        text=asked.text,
        is_public=asked.is_public,
        by=identity.user,
        now=context.now(),
    )
    return answer(entry, status=HTTPStatus.CREATED)


@routes.post("/incidents/{id}/merge")
@operation(Permission.WRITE_INCIDENTS, body=Merge, returns=Incident, takes_version=True)
async def merge_incident(request: web.Request) -> web.Response:
    """Let an incident be a part of another one; it is closed, and can be undone."""
    version, context = version_wanted(request), request.app[CONTEXT]
    asked = await read_body(request, Merge)
    await demand_incident(request, asked.into)
    incident = await context.db.run(
        incidents.merge,
        incident_id=request.match_info["id"],
        version=version,
        into=asked.into,
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(incident, version=incident.version)


@routes.post("/incidents/{id}/undo")
@operation(Permission.WRITE_INCIDENTS, returns=Incident, takes_version=True)
async def undo_change(request: web.Request) -> web.Response:
    """Take back the change that made the version that is named; what others did supervisors take back."""
    context, me = request.app[CONTEXT], identity_of(request)
    incident = await context.db.run(
        incidents.undo,
        incident_id=request.match_info["id"],
        version=version_wanted(request),
        by=me.user,
        now=context.now(),
        may_undo_others=me.may(Permission.STEP_IN),
    )
    return answer(incident, version=incident.version)
