"""Incidents: opened from a call or without one, listed, changed."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import uuid4

import msgspec
from aiohttp import web

from crm_core.domain.incident_lists import Listed, Order
from crm_core.domain.incidents import Incident
from crm_core.ports.places import Place
from crm_core.services import incident_lists, incidents
from screenpop.api.calls import id_of_call, known_call
from screenpop.api.exchange import (
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
    version_wanted,
)
from screenpop.api.incident_input import IncidentChange, IncidentsQuery, NewIncident
from screenpop.api.operation import operation
from screenpop.api.twice import key_of
from screenpop.auth import identity_of
from screenpop.confining import demand_incident
from screenpop.context import CONTEXT
from screenpop.masked import as_kept
from screenpop.permissions import Permission

routes = web.RouteTableDef()
NEVER = datetime.max.replace(tzinfo=UTC)


class IncidentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents in their order; ``next`` is the cursor of what follows."""

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
    """List incidents, newest first, or first due first (what is not due comes last)."""
    asked = read_query(request, IncidentsQuery)
    found = await request.app[CONTEXT].db.read(
        incident_lists.find,
        wanted=asked.wanted(identity_of(request).scope),
        order=asked.order,
        place=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: place_of(one, asked.order))
    return answer(IncidentPage(items=tuple(one.incident for one in found[: asked.limit]), next=more))


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
    asked = await read_body(request, IncidentChange, may_echo=True)
    context, incident_id = request.app[CONTEXT], request.match_info["id"]
    sent = asked.model_dump(exclude_unset=True)
    if asked.parent_id and identity_of(request).scope.within is not None:
        known = await context.db.read(incidents.get, incident_id=incident_id)
        await demand_incident(request, None if known.parent_id == asked.parent_id else asked.parent_id)
    incident = await context.db.run(
        incidents.change,
        incident_id=incident_id,
        version=version,
        changes=await as_kept(request, sent, incidents.get, incident_id=incident_id),
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(incident, version=incident.version)


def place_of(one: Listed, order: Order) -> tuple[str, str]:
    """Return where *one* is in a list of this order, as a cursor has it."""
    at, key = stands_at(one, order)
    return at.isoformat(), key


def stands_at(one: Listed, order: Order) -> Place:
    """Return where *one* is in a list of this order."""
    return one.incident.opened_at if order == "newest" else one.incident.due_at or NEVER, one.incident.id


async def _open(request: web.Request, *, call_id: str | None) -> web.Response:
    identity, context = identity_of(request), request.app[CONTEXT]
    asked = await read_body(request, NewIncident)
    await demand_incident(request, asked.parent_id)
    incident = await context.db.run(
        incidents.open_incident,
        call_id=await known_call(context, call_id) if call_id else None,
        key=f"{identity.user}:{key_of(request) or uuid4()}"[:80],
        by=identity.user,
        now=context.now(),
        **asked.model_dump(),
    )
    return answer(incident, status=HTTPStatus.CREATED, version=incident.version)
