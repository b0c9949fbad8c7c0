"""REST under ``/api/v1``, its description, health and figures."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from screenpop.api import (
    accounts,
    audit,
    callbacks,
    calls,
    campaigns,
    connect,
    consents,
    contact_ways,
    contacts,
    dial,
    do_not_call,
    duplicates,
    equipment,
    events,
    fields,
    floor,
    hold,
    imports,
    incident_deeds,
    incidents,
    interactions,
    interventions,
    keys,
    knowledge,
    lines,
    lookup,
    masking,
    merges,
    own_sign_in,
    presence,
    preview,
    privacy,
    provider,
    repairs,
    reports,
    retention,
    saved_views,
    search,
    seats,
    service_levels,
    session,
    sessions,
    tasks,
    teams,
    users,
    webhooks,
)
from screenpop.api.exchange import answer
from screenpop.api.operation import operation
from screenpop.api.twice import ONCE, Once
from screenpop.context import CONTEXT, PartState
from screenpop.figures import HubFigures
from screenpop.floor_figures import FIGURES, SharedFigures
from screenpop.openapi import describe
from screenpop.permissions import Permission

V1 = "/api/v1"
MODULES = (
    session,
    callbacks,
    calls,
    campaigns,
    preview,
    dial,
    hold,
    do_not_call,
    contact_ways,
    contacts,
    accounts,
    imports,
    fields,
    incidents,
    incident_deeds,
    tasks,
    equipment,
    repairs,
    saved_views,
    service_levels,
    knowledge,
    lookup,
    search,
    floor,
    lines,
    events,
    seats,
    presence,
    interactions,
    interventions,
    audit,
    privacy,
    retention,
    masking,
    consents,
    duplicates,
    merges,
    reports,
    connect,
    sessions,
    own_sign_in,
    keys,
    webhooks,
    users,
    teams,
    provider,
)
_REGISTRY = web.AppKey("registry", CollectorRegistry)
routes = web.RouteTableDef()


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the service is: ``ok`` when every part is well."""

    ok: bool
    parts: dict[str, PartState]


def add_to(app: web.Application) -> None:
    """Add the routes of the API to *app*."""
    context = app[CONTEXT]
    app[ONCE] = Once(now=context.now)
    app[FIGURES] = SharedFigures(context)
    app[_REGISTRY] = CollectorRegistry()
    app[_REGISTRY].register(HubFigures(context))
    _add_routes(app)
    _description()  # now: later the one who asks for it would keep the calls waiting


def _add_routes(app: web.Application) -> None:
    for module in MODULES:
        for route in module.routes:
            if isinstance(route, web.RouteDef):
                app.router.add_route(route.method, V1 + route.path, route.handler, **route.kwargs)
    app.add_routes(routes)


@cache
def _description() -> bytes:
    """Return what is told of the routes, which are the same in every application."""
    app = web.Application()
    _add_routes(app)
    return msgspec.json.encode(describe(app))


@routes.get(f"{V1}/openapi.json")
@operation(None, returns=dict[str, Any])
async def get_description(_request: web.Request) -> web.Response:
    """Return this description."""
    return web.Response(body=_description(), content_type="application/json")


@routes.get("/health")
@operation(None, returns=Health, unwell=HTTPStatus.SERVICE_UNAVAILABLE)
async def get_health(request: web.Request) -> web.Response:
    """Return how each part of the service is: 200, or 503 when one is not well."""
    parts = dict(request.app[CONTEXT].health())
    is_well = all(part.is_well for part in parts.values())
    status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
    return answer(Health(ok=is_well, parts=parts), status=status)


@routes.get("/metrics")
@operation(Permission.SEE_METRICS)
async def get_metrics(request: web.Request) -> web.Response:
    """Return the figures of the service as Prometheus reads them."""
    return web.Response(
        body=generate_latest(request.app[_REGISTRY]), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )
