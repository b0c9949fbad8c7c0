"""Interactions: what was said with customers on other ways than the telephone."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

import msgspec
from aiohttp import web
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field
from pydantic_core import PydanticCustomError

from crm_core.domain.ids import new_id
from crm_core.domain.interactions import (
    BODY_LENGTH,
    SUBJECT_LENGTH,
    Channel,
    Direction,
    Interaction,
    Listed,
    Wanted,
)
from crm_core.services import interactions
from screenpop.api.call_filter import YEARS
from screenpop.api.deeds import changed
from screenpop.api.exchange import (
    Id,
    Input,
    Line,
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
INTERACTIONS = "/interactions"
_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def _said(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise PydanticCustomError("not_a_time", "nobody said anything then")
    return value.astimezone(UTC)


Said = Annotated[AwareDatetime, AfterValidator(_said)]


class NewInteraction(Input):
    """What was said, on which way, with whom and when (now, when nothing is said); a note has no direction.

    About an incident it is its customer's.
    """

    channel: Channel
    direction: Direction | None = None
    contact_id: Id | None = None
    account_id: Id | None = None
    incident_id: Id | None = None
    subject: Line | None = Field(default=None, max_length=SUBJECT_LENGTH)
    body: Prose = Field(min_length=1, max_length=BODY_LENGTH)
    at: Said | None = None


class InteractionChange(Input):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    channel: Channel = "note"
    direction: Direction | None = None
    subject: Line | None = Field(default=None, max_length=SUBJECT_LENGTH)
    body: Prose = Field(default="", min_length=1, max_length=BODY_LENGTH)
    at: Said = _SOME_TIME


class InteractionsQuery(PageQuery):
    """Which ones: with whom, about which incident, on which way."""

    contact_id: Id | None = None
    account_id: Id | None = None
    incident_id: Id | None = None
    channel: Channel | None = None


class InteractionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Interactions with the names of their people; ``next`` is the cursor of what follows."""

    items: tuple[Listed, ...]
    next: str | None


@routes.post(INTERACTIONS)
@operation(
    Permission.WRITE_CONTACTS,
    body=NewInteraction,
    returns=Interaction,
    status=HTTPStatus.CREATED,
    takes_key=True,
)
async def add_interaction(request: web.Request) -> web.Response:
    """Write down what was said with a customer."""
    context, by = request.app[CONTEXT], identity_of(request).user
    asked, now = await read_body(request, NewInteraction), context.now()
    await demand_incident(request, asked.incident_id)
    fields = asked.model_dump() | {"subject": asked.subject or None, "at": asked.at or now}
    made = Interaction(id=new_id(now, secrets.token_bytes(10)), created_at=now, created_by=by, **fields)
    kept = await context.db.run(interactions.add, made=made, by=by, now=now)
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.get(INTERACTIONS)
@operation(Permission.READ_CONTACTS, query=InteractionsQuery, returns=InteractionPage)
async def list_interactions(request: web.Request) -> web.Response:
    """List what was written down, newest first."""
    asked = read_query(request, InteractionsQuery)
    same = asked.model_dump(exclude={"limit", "cursor"})
    found = await request.app[CONTEXT].db.read(
        interactions.find,
        wanted=Wanted(within=identity_of(request).scope.within, **same),
        place=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=_place)
    return answer(InteractionPage(items=tuple(found[: asked.limit]), next=more))


@routes.get(f"{INTERACTIONS}/{{id}}")
@operation(Permission.READ_CONTACTS, returns=Interaction)
async def get_interaction(request: web.Request) -> web.Response:
    """Return one interaction, with its version as ``ETag``."""
    one = await request.app[CONTEXT].db.read(interactions.get, interaction_id=request.match_info["id"])
    return answer(one, version=one.version)


@routes.patch(f"{INTERACTIONS}/{{id}}")
@operation(Permission.WRITE_CONTACTS, body=InteractionChange, returns=Interaction, takes_version=True)
async def change_interaction(request: web.Request) -> web.Response:
    """Change what was written down; 412 with the newer one when somebody was quicker."""
    return await changed(request, InteractionChange, interactions.change, "interaction_id", interactions.get)


@routes.delete(f"{INTERACTIONS}/{{id}}")
@operation(Permission.WRITE_CONTACTS, status=HTTPStatus.NO_CONTENT, takes_version=True)
async def remove_interaction(request: web.Request) -> web.Response:
    """Take back what was written down; for ten minutes it can be brought back."""
    context, by = request.app[CONTEXT], identity_of(request).user
    asked = {"interaction_id": request.match_info["id"], "version": version_wanted(request)}
    gone = await context.db.run(interactions.remove, by=by, now=context.now(), **asked)
    context.taken_back.keep(gone, by=by, now=context.now())
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.post(f"{INTERACTIONS}/{{id}}/undo")
@operation(Permission.WRITE_CONTACTS, returns=Interaction)
async def undo_removal(request: web.Request) -> web.Response:
    """Bring back what was removed less than ten minutes ago; what others removed supervisors bring back."""
    context, me, which = request.app[CONTEXT], identity_of(request), request.match_info["id"]
    one = context.taken_back.get(which, context.now())
    await demand_incident(request, one.incident_id)
    context.taken_back.demand(which, by=me.user, may_undo_others=me.may(Permission.STEP_IN))
    kept = await context.db.run(interactions.bring_back, one=one, by=me.user, now=context.now())
    context.taken_back.forget(which)
    return answer(kept, version=kept.version)


def _place(one: Listed) -> tuple[str, str]:
    return one.interaction.at.isoformat(), one.interaction.id
