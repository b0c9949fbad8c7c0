"""Campaigns: made, loaded with a list, paused, and how far they are."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.campaigns import NAME_LENGTH, Campaign, CampaignState, DialAttempt, Lead, LeadState
from crm_core.domain.consents import Basis
from crm_core.domain.dial_gate import Rules
from crm_core.services import campaigns, preview
from crm_core.services.campaigns import MOST_AT_ALL, MOST_IN_A_DAY, Listed, Loaded
from screenpop.api.exchange import (
    Input,
    Line,
    PageQuery,
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
)
from screenpop.api.list_file import CSV, sent_list
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.problem import ProblemError

routes = web.RouteTableDef()
_DEFAULT = Rules()


class NewCampaign(Input):
    """A list's name, the country of its numbers, how often they may be tried, and on which ground.

    ``consent`` is each one's own, as it is noted of him; for another ground the house answers.
    """

    name: Line = Field(min_length=1, max_length=NAME_LENGTH)
    region: str = Field(pattern=r"^[A-Z]{2}$")
    in_a_day: int = Field(default=_DEFAULT.in_a_day, ge=1, le=MOST_IN_A_DAY)
    at_all: int = Field(default=_DEFAULT.at_all, ge=1, le=MOST_AT_ALL)
    basis: Basis = "consent"


class NewState(Input):
    """Whether a campaign runs."""

    state: CampaignState


class LoadQuery(Input):
    """Whether to tell only what would be done."""

    dry_run: bool = False


class LeadsQuery(PageQuery):
    """Which leads: ``promised`` are callbacks."""

    state: LeadState = "waiting"


class CampaignList(msgspec.Struct, frozen=True, kw_only=True):
    """Every campaign, by name, and how far it is."""

    items: tuple[Listed, ...]


class AttemptList(msgspec.Struct, frozen=True, kw_only=True):
    """Tries of a lead, newest first."""

    items: tuple[DialAttempt, ...]


class LeadPage(msgspec.Struct, frozen=True, kw_only=True):
    """Leads, first due first; ``next`` is the cursor of what follows."""

    items: tuple[Lead, ...]
    next: str | None


@routes.get("/campaigns")
@operation(Permission.RUN_CAMPAIGNS, returns=CampaignList)
async def list_campaigns(request: web.Request) -> web.Response:
    """List all campaigns, and how far each is."""
    found = await request.app[CONTEXT].db.read(campaigns.listed)
    return answer(CampaignList(items=tuple(found)))


@routes.post("/campaigns")
@operation(
    Permission.RUN_CAMPAIGNS, body=NewCampaign, returns=Campaign, status=HTTPStatus.CREATED, takes_key=True
)
async def make_campaign(request: web.Request) -> web.Response:
    """Make a campaign with an empty list; it runs."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked = await read_body(request, NewCampaign)
    made = await context.db.run(
        campaigns.create,
        name=asked.name,
        region=asked.region,
        rules=Rules(in_a_day=asked.in_a_day, at_all=asked.at_all, basis=asked.basis),
        by=identity.user,
        now=context.now(),
    )
    return answer(made, status=HTTPStatus.CREATED)


@routes.get("/campaigns/{id}")
@operation(Permission.RUN_CAMPAIGNS, returns=Listed)
async def get_campaign(request: web.Request) -> web.Response:
    """Return one campaign, and how far it is."""
    found = await request.app[CONTEXT].db.read(campaigns.figures, campaign_id=request.match_info["id"])
    return answer(found)


@routes.put("/campaigns/{id}/state")
@operation(Permission.RUN_CAMPAIGNS, body=NewState, returns=Campaign)
async def set_campaign_state(request: web.Request) -> web.Response:
    """Pause a campaign or let it run; calls under way go on."""
    asked, context = await read_body(request, NewState), request.app[CONTEXT]
    changed = await context.db.run(
        campaigns.set_state,
        campaign_id=request.match_info["id"],
        state=asked.state,
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(changed)


@routes.post("/campaigns/{id}/leads")
@operation(Permission.RUN_CAMPAIGNS, query=LoadQuery, returns=Loaded, sent_media=CSV)
async def load_list(request: web.Request) -> web.Response:
    """Load a list, sent as ``text/csv``: every row taken, or rejected with its line and reason.

    Who is on the list already is left out, so the same file does no harm twice.
    """
    asked, context = read_query(request, LoadQuery), request.app[CONTEXT]
    campaign_id = request.match_info["id"]
    campaign = await context.db.read(campaigns.get, campaign_id=campaign_id)
    found = await sent_list(request, region=campaign.region)
    if asked.dry_run:
        return answer(await context.db.read(campaigns.check, campaign_id=campaign_id, found=found))
    loaded = await context.db.run(
        campaigns.load,
        campaign_id=campaign_id,
        found=found,
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(loaded)


@routes.get("/campaigns/{id}/leads")
@operation(Permission.RUN_CAMPAIGNS, query=LeadsQuery, returns=LeadPage)
async def list_leads(request: web.Request) -> web.Response:
    """List the leads of one state, first due first."""
    asked, context = read_query(request, LeadsQuery), request.app[CONTEXT]
    campaign = await context.db.read(campaigns.get, campaign_id=request.match_info["id"])
    found = await context.db.read(
        campaigns.coming,
        campaign_id=campaign.id,
        state=asked.state,
        after=_place(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (one.due_at.isoformat(), str(one.place)))
    return answer(LeadPage(items=tuple(found[: asked.limit]), next=more))


@routes.get("/leads/{id}/attempts")
@operation(Permission.RUN_CAMPAIGNS, returns=AttemptList)
async def list_attempts(request: web.Request) -> web.Response:
    """List the last tries of a lead, newest first: what the gate said each time, and what came of it."""
    found = await request.app[CONTEXT].db.read(preview.tries, lead_id=request.match_info["id"])
    return answer(AttemptList(items=tuple(found)))


def _place(cursor: str | None) -> tuple[datetime, int] | None:
    found = read_time_cursor(cursor)
    if found is None:
        return None
    if not (found[1].isascii() and found[1].isdigit() and len(found[1]) <= 9):  # noqa: PLR2004
        raise ProblemError(HTTPStatus.BAD_REQUEST, "bad_cursor", "take the cursor from an earlier page")
    return found[0], int(found[1])
