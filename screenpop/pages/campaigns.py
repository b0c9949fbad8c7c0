"""Campaigns: all of them, and one with its list, how far it is and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from crm_core.domain.campaigns import Lead
from crm_core.ports import UnitOfWork
from crm_core.services import campaigns
from crm_core.services.campaigns import Listed
from screenpop.context import CONTEXT
from screenpop.pages.campaign_words import BASES
from screenpop.pages.page import home_region, page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
CAMPAIGNS: Final = "/campaigns"
SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPage:
    """A campaign as its page shows it; ``coming`` are callbacks and leads, those that are due first."""

    listed: Listed
    outcomes: Sequence[tuple[str, int]]
    blocked: Sequence[tuple[str, int]]
    refused: Sequence[tuple[str, int]]
    dials: Sequence[tuple[str, int]]
    coming: Sequence[Lead]


@routes.get(CAMPAIGNS)
@requires(Permission.RUN_CAMPAIGNS)
async def get_campaigns(request: web.Request) -> web.Response:
    """Return all campaigns, and the way to a new one."""
    found = await request.app[CONTEXT].db.read(campaigns.listed)
    return page(
        request,
        "campaigns.html",
        campaigns=found,
        bases=list(BASES),
        home_region=home_region(request) or "ES",
    )


@routes.get(f"{CAMPAIGNS}/{{id}}")
@requires(Permission.RUN_CAMPAIGNS)
async def get_campaign(request: web.Request) -> web.Response:
    """Return one campaign; its script keeps the figures as they are."""
    return page(request, "campaign.html", on=await _found(request))


@routes.get(f"{CAMPAIGNS}/{{id}}/figures")
@requires(Permission.RUN_CAMPAIGNS)
async def get_figures(request: web.Request) -> web.Response:
    """Return how far a campaign is, as a part of its page."""
    return page(request, "campaign_figures.html", on=await _found(request))


async def _found(request: web.Request) -> OnPage:
    context = request.app[CONTEXT]
    return await context.db.read(_read, campaign_id=request.match_info["id"], now=context.now())


def _read(uow: UnitOfWork, *, campaign_id: str, now: datetime) -> OnPage:
    found = campaigns.figures(uow, campaign_id=campaign_id)
    coming = [
        lead
        for state in ("promised", "waiting")
        for lead in campaigns.coming(uow, campaign_id=campaign_id, state=state, limit=SHOWN)
    ]
    coming.sort(key=lambda one: (max(one.due_at, now), one.state, one.place))
    return OnPage(
        listed=found,
        outcomes=_most_first(found.funnel.outcomes),
        blocked=_most_first(found.funnel.blocked),
        refused=_most_first(found.funnel.refused),
        dials=_most_first(found.funnel.dials),
        coming=coming[:SHOWN],
    )


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
