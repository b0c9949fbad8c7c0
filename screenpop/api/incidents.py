"""Incidents: opened from a call or without one, listed, changed."""

from __future__ import annotations

from http import HTTPStatus
from uuid import uuid4

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.incidents import HIGHEST, LOWEST, NORMAL, SUBJECT_LENGTH, Incident, State
from crm_core.services import incidents
from screenpop.api.calls import id_of_call, known_call
from screenpop.api.exchange import (
    Id,
    Input,
    Line,
    PageQuery,
    Prose,
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
    stays,
    version_wanted,
)
from screenpop.api.operation import operation
from screenpop.api.twice import ONCE, key_of
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()
LONGEST_DESCRIPTION = 10_000


class NewIncident(Input):
    """What is wrong, and for whom."""

    contact_id: Id | None = None
    subject: Line = Field(min_length=1, max_length=SUBJECT_LENGTH)
    description: Prose | None = Field(default=None, max_length=LONGEST_DESCRIPTION)
    priority: int = Field(default=NORMAL, ge=HIGHEST, le=LOWEST)


class IncidentChange(Input):
    """What to change; what is not named stays."""

    subject: Line = Field(default="", min_length=1, max_length=SUBJECT_LENGTH, json_schema_extra=stays)
    description: Prose | None = Field(default=None, max_length=LONGEST_DESCRIPTION, json_schema_extra=stays)
    priority: int = Field(default=NORMAL, ge=HIGHEST, le=LOWEST, json_schema_extra=stays)
    state: State = Field(default="new", json_schema_extra=stays)
    assignee: Id | None = Field(default=None, json_schema_extra=stays)


class IncidentsQuery(PageQuery):
    """Whose incidents, and whether open ones only."""

    contact_id: Id | None = None
    assignee: Id | None = None
    open: bool = False


class IncidentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, newest first; ``next`` is the cursor of what follows."""

    items: tuple[Incident, ...]
    next: str | None


@routes.post("/calls/{id}/incidents")
@operation(
    Permission.WRITE_INCIDENTS, body=NewIncident, returns=Incident, status=HTTPStatus.CREATED, takes_key=True
)
async def open_from_call(request: web.Request) -> web.Response:
    """Open an incident from a call; asked again with the same ``Idempotency-Key``, the first is returned."""
    return await _open(request, call_id=id_of_call(request))


@routes.post("/incidents")
@operation(
    Permission.WRITE_INCIDENTS, body=NewIncident, returns=Incident, status=HTTPStatus.CREATED, takes_key=True
)
async def open_incident(request: web.Request) -> web.Response:
    """Open an incident without a call."""
    return await _open(request, call_id=None)


@routes.get("/incidents")
@operation(Permission.READ_INCIDENTS, query=IncidentsQuery, returns=IncidentPage)
async def list_incidents(request: web.Request) -> web.Response:
    """List incidents, newest first."""
    asked = read_query(request, IncidentsQuery)
    found = await request.app[CONTEXT].db.read(
        incidents.find,
        contact_id=asked.contact_id,
        assignee=asked.assignee,
        only_open=asked.open,
        before=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (one.opened_at.isoformat(), one.id))
    return answer(IncidentPage(items=tuple(found[: asked.limit]), next=more))


@routes.get("/incidents/{id}")
@operation(Permission.READ_INCIDENTS, returns=Incident)
async def get_incident(request: web.Request) -> web.Response:
    """Return one incident, with its version as ``ETag``."""
    incident = await request.app[CONTEXT].db.read(incidents.get, incident_id=request.match_info["id"])
    return answer(incident, version=incident.version)


@routes.patch("/incidents/{id}")
@operation(Permission.WRITE_INCIDENTS, body=IncidentChange, returns=Incident, takes_version=True)
async def change_incident(request: web.Request) -> web.Response:
    """Change an incident; 412 with the newer one when somebody was quicker."""
    version = version_wanted(request)
    asked = await read_body(request, IncidentChange)
    context = request.app[CONTEXT]
    incident = await context.db.run(
        incidents.change,
        incident_id=request.match_info["id"],
        version=version,
        changes=asked.model_dump(exclude_unset=True),
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(incident, version=incident.version)


async def _open(request: web.Request, *, call_id: str | None) -> web.Response:
    identity, context = identity_of(request), request.app[CONTEXT]

    async def work() -> web.Response:
        asked = await read_body(request, NewIncident)
        incident = await context.db.run(
            incidents.open_incident,
            call_id=await known_call(context, call_id) if call_id else None,
            contact_id=asked.contact_id,
            subject=asked.subject,
            description=asked.description,
            priority=asked.priority,
            key=f"{identity.user}:{key_of(request) or uuid4()}"[:80],
            by=identity.user,
            now=context.now(),
        )
        return answer(incident, status=HTTPStatus.CREATED, version=incident.version)

    return await request.app[ONCE].do(request, user=identity.user, work=work)
