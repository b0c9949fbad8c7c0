"""Repairs (RMA): what customers gave us, and how far it is."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import ConfigDict, Field

from crm_core.domain.repairs import FAULT_LENGTH, NOTE_LENGTH, Listed, Repair, RepairState, Wanted
from crm_core.services import repairs
from screenpop.api.deeds import changed
from screenpop.api.exchange import (
    Id,
    Input,
    PageQuery,
    Prose,
    all_stays,
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
    version_wanted,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.confining import demand_incident
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()
REPAIRS = "/repairs"


class NewRepair(Input):
    """Which piece was received, what its owner says is wrong, and the incident that it comes from."""

    asset_id: Id
    incident_id: Id | None = None
    fault: Prose = Field(min_length=1, max_length=FAULT_LENGTH)
    note: Prose | None = Field(default=None, max_length=NOTE_LENGTH)


class RepairChange(Input):
    """What to change; what is not named stays. Another ``state`` is a step, one that may follow."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    state: RepairState = "received"
    incident_id: Id | None = None
    fault: Prose = Field(default="", min_length=1, max_length=FAULT_LENGTH)
    note: Prose | None = Field(default=None, max_length=NOTE_LENGTH)


class RepairsQuery(PageQuery):
    """Which repairs: ``open`` are those that were not given back yet."""

    open: bool | None = None
    asset_id: Id | None = None
    incident_id: Id | None = None

    def wanted(self) -> Wanted:
        """Return what is looked for."""
        return Wanted(is_open=self.open, asset_id=self.asset_id, incident_id=self.incident_id)


class RepairPage(msgspec.Struct, frozen=True, kw_only=True):
    """Repairs with what is repaired and whose it is; ``next`` is the cursor of what follows."""

    items: tuple[Listed, ...]
    next: str | None


@routes.get(REPAIRS)
@operation(Permission.READ_INCIDENTS, query=RepairsQuery, returns=RepairPage)
async def list_repairs(request: web.Request) -> web.Response:
    """List repairs, the last received first."""
    asked = read_query(request, RepairsQuery)
    found = await request.app[CONTEXT].db.read(
        repairs.find, wanted=asked.wanted(), place=read_time_cursor(asked.cursor), limit=asked.limit + 1
    )
    more = cursor_after(found, limit=asked.limit, place=place_of)
    return answer(RepairPage(items=tuple(found[: asked.limit]), next=more))


@routes.post(REPAIRS)
@operation(
    Permission.WRITE_INCIDENTS, body=NewRepair, returns=Repair, status=HTTPStatus.CREATED, takes_key=True
)
async def begin_repair(request: web.Request) -> web.Response:
    """Receive a piece to be repaired; 422 when it is with us already."""
    context, asked = request.app[CONTEXT], await read_body(request, NewRepair)
    await demand_incident(request, asked.incident_id)
    kept = await context.db.run(
        repairs.begin, **asked.model_dump(), by=identity_of(request).user, now=context.now()
    )
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.get(f"{REPAIRS}/{{id}}")
@operation(Permission.READ_INCIDENTS, returns=Repair)
async def get_repair(request: web.Request) -> web.Response:
    """Return one repair with its steps, and its version as ``ETag``."""
    found = await request.app[CONTEXT].db.read(repairs.get, repair_id=request.match_info["id"])
    return answer(found, version=found.version)


@routes.patch(f"{REPAIRS}/{{id}}")
@operation(Permission.WRITE_INCIDENTS, body=RepairChange, returns=Repair, takes_version=True)
async def change_repair(request: web.Request) -> web.Response:
    """Bring a repair a step on, or change what is written; 412 with the newer one when one was late."""
    asked = await read_body(request, RepairChange, may_echo=True)
    if asked.incident_id and identity_of(request).scope.within is not None:
        known = await request.app[CONTEXT].db.read(repairs.get, repair_id=request.match_info["id"])
        await demand_incident(request, None if known.incident_id == asked.incident_id else asked.incident_id)
    return await changed(request, RepairChange, repairs.change, "repair_id", repairs.get)


@routes.post(f"{REPAIRS}/{{id}}/undo")
@operation(Permission.WRITE_INCIDENTS, returns=Repair, takes_version=True)
async def undo_step(request: web.Request) -> web.Response:
    """Take the last step of a repair back; what others did supervisors take back."""
    context, me = request.app[CONTEXT], identity_of(request)
    after = await context.db.run(
        repairs.undo,
        repair_id=request.match_info["id"],
        version=version_wanted(request),
        by=me.user,
        now=context.now(),
        may_undo_others=me.may(Permission.STEP_IN),
    )
    return answer(after, version=after.version)


def place_of(one: Listed) -> tuple[str, str]:
    """Return where *one* is in its list."""
    return one.repair.received_at.isoformat(), one.repair.id
