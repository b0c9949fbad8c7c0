"""Who may do what: every route and every role."""

from __future__ import annotations

import re
from http import HTTPMethod

import pytest
from aiohttp import web
from integration.screenpop.house import ROLES, House

from screenpop.http_api import V1
from screenpop.permissions import PUBLIC, Permission, demanded, public, requires
from screenpop.web import RouteWithoutPermissionError, demand_permissions

NOBODY = "00000000-0000-7000-8000-000000000000"
EVERYBODY = frozenset(ROLES)
WRITERS = EVERYBODY - {"auditor"}
PEOPLE = frozenset({"agent", "supervisor", "administrator"})
LEADERS = frozenset({"supervisor", "administrator"})
ADMINISTRATOR = frozenset({"administrator"})
WATCHERS = EVERYBODY - {"agent"}
API = {
    ("GET", "/session"): EVERYBODY,
    ("PATCH", "/session"): EVERYBODY,
    ("DELETE", "/session"): EVERYBODY,
    ("GET", "/me/sessions"): EVERYBODY,
    ("DELETE", "/me/sessions"): EVERYBODY,
    ("DELETE", "/me/sessions/{id}"): EVERYBODY,
    ("GET", "/sessions"): ADMINISTRATOR,
    ("GET", "/masking"): ADMINISTRATOR,
    ("PUT", "/masking/{role}"): ADMINISTRATOR,
    ("DELETE", "/sessions/{id}"): ADMINISTRATOR,
    ("PUT", "/me/password"): EVERYBODY,
    ("GET", "/me/second-factor"): EVERYBODY,
    ("POST", "/me/second-factor"): EVERYBODY,
    ("PUT", "/me/second-factor"): EVERYBODY,
    ("POST", "/me/second-factor/removal"): EVERYBODY,
    ("DELETE", "/users/{id}/second-factor"): ADMINISTRATOR,
    ("GET", "/keys"): ADMINISTRATOR,
    ("POST", "/keys"): ADMINISTRATOR,
    ("GET", "/keys/{id}"): ADMINISTRATOR,
    ("POST", "/keys/{id}/revocation"): ADMINISTRATOR,
    ("POST", "/me/provider"): EVERYBODY,
    ("DELETE", "/me/provider"): EVERYBODY,
    ("GET", "/calls"): EVERYBODY,
    ("POST", "/calls"): PEOPLE,
    ("GET", "/calls/{id}"): EVERYBODY,
    ("POST", "/calls/{id}/hold"): PEOPLE,
    ("POST", "/calls/{id}/resume"): PEOPLE,
    ("PUT", "/calls/{id}/work"): PEOPLE,
    ("POST", "/calls/{id}/contact"): PEOPLE,
    ("POST", "/calls/{id}/incidents"): WRITERS,
    ("GET", "/callbacks"): EVERYBODY,
    ("PUT", "/callbacks/{id}/done"): PEOPLE,
    ("GET", "/products"): EVERYBODY,
    ("POST", "/products"): ADMINISTRATOR,
    ("GET", "/products/{id}"): EVERYBODY,
    ("PATCH", "/products/{id}"): ADMINISTRATOR,
    ("GET", "/assets"): EVERYBODY,
    ("POST", "/assets"): WRITERS,
    ("GET", "/assets/{id}"): EVERYBODY,
    ("PATCH", "/assets/{id}"): WRITERS,
    ("DELETE", "/assets/{id}"): WRITERS,
    ("GET", "/contracts"): EVERYBODY,
    ("POST", "/contracts"): WRITERS,
    ("GET", "/contracts/{id}"): EVERYBODY,
    ("PATCH", "/contracts/{id}"): WRITERS,
    ("DELETE", "/contracts/{id}"): WRITERS,
    ("GET", "/interactions"): EVERYBODY,
    ("POST", "/interactions"): WRITERS,
    ("GET", "/interactions/{id}"): EVERYBODY,
    ("PATCH", "/interactions/{id}"): WRITERS,
    ("DELETE", "/interactions/{id}"): WRITERS,
    ("POST", "/interactions/{id}/undo"): WRITERS,
    ("GET", "/accounts/{id}/timeline"): EVERYBODY,
    ("GET", "/repairs"): EVERYBODY,
    ("POST", "/repairs"): WRITERS,
    ("GET", "/repairs/{id}"): EVERYBODY,
    ("PATCH", "/repairs/{id}"): WRITERS,
    ("POST", "/repairs/{id}/undo"): WRITERS,
    ("GET", "/contacts"): EVERYBODY,
    ("POST", "/contacts"): WRITERS,
    ("GET", "/contacts/{id}"): EVERYBODY,
    ("PATCH", "/contacts/{id}"): WRITERS,
    ("POST", "/contacts/{id}/phones"): WRITERS,
    ("PATCH", "/contacts/{id}/phones/{phone_id}"): WRITERS,
    ("DELETE", "/contacts/{id}/phones/{phone_id}"): WRITERS,
    ("POST", "/contacts/{id}/emails"): WRITERS,
    ("PATCH", "/contacts/{id}/emails/{email_id}"): WRITERS,
    ("DELETE", "/contacts/{id}/emails/{email_id}"): WRITERS,
    ("GET", "/contacts/{id}/timeline"): EVERYBODY,
    ("GET", "/imports"): ADMINISTRATOR,
    ("POST", "/imports"): ADMINISTRATOR,
    ("GET", "/imports/{id}"): ADMINISTRATOR,
    ("POST", "/imports/{id}/begin"): ADMINISTRATOR,
    ("POST", "/imports/{id}/cancel"): ADMINISTRATOR,
    ("POST", "/imports/{id}/continue"): ADMINISTRATOR,
    ("POST", "/imports/{id}/undo"): ADMINISTRATOR,
    ("GET", "/imports/{id}/rejected"): ADMINISTRATOR,
    ("GET", "/fields"): EVERYBODY,
    ("POST", "/fields"): frozenset({"administrator"}),
    ("PATCH", "/fields/{id}"): frozenset({"administrator"}),
    ("DELETE", "/fields/{id}"): frozenset({"administrator"}),
    ("GET", "/accounts"): EVERYBODY,
    ("POST", "/accounts"): WRITERS,
    ("GET", "/accounts/{id}"): EVERYBODY,
    ("PATCH", "/accounts/{id}"): WRITERS,
    ("GET", "/accounts/{id}/contacts"): EVERYBODY,
    ("GET", "/do-not-call"): LEADERS,
    ("POST", "/do-not-call"): WRITERS,
    ("DELETE", "/do-not-call/{number}"): LEADERS,
    ("GET", "/do-not-call/{number}"): EVERYBODY,
    ("POST", "/do-not-call/list"): LEADERS,
    ("GET", "/contacts/{id}/consents"): EVERYBODY,
    ("GET", "/duplicates"): EVERYBODY,
    ("GET", "/contacts/{id}/duplicates"): EVERYBODY,
    ("GET", "/accounts/{id}/duplicates"): EVERYBODY,
    ("POST", "/duplicates/apart"): WRITERS,
    ("DELETE", "/duplicates/apart/{kind}/{first}/{second}"): WRITERS,
    ("POST", "/merges"): WRITERS,
    ("GET", "/merges"): EVERYBODY,
    ("GET", "/merges/{id}"): EVERYBODY,
    ("POST", "/merges/{id}/undo"): WRITERS,
    ("POST", "/contacts/{id}/consents"): WRITERS,
    ("GET", "/contacts/{id}/file"): ADMINISTRATOR,
    ("GET", "/contacts/{id}/erasure"): ADMINISTRATOR,
    ("POST", "/contacts/{id}/erasure"): ADMINISTRATOR,
    ("DELETE", "/contacts/{id}/erasure"): ADMINISTRATOR,
    ("GET", "/contacts/{id}/legal-hold"): ADMINISTRATOR,
    ("PUT", "/contacts/{id}/legal-hold"): ADMINISTRATOR,
    ("DELETE", "/contacts/{id}/legal-hold"): ADMINISTRATOR,
    ("GET", "/retention"): ADMINISTRATOR,
    ("GET", "/retention/outlook"): ADMINISTRATOR,
    ("PUT", "/retention/{kind}"): ADMINISTRATOR,
    ("GET", "/incidents"): EVERYBODY,
    ("GET", "/tasks"): EVERYBODY,
    ("POST", "/tasks"): WRITERS,
    ("GET", "/tasks/{id}"): EVERYBODY,
    ("PATCH", "/tasks/{id}"): WRITERS,
    ("POST", "/incidents"): WRITERS,
    ("GET", "/incidents/{id}"): EVERYBODY,
    ("PATCH", "/incidents/{id}"): WRITERS,
    ("GET", "/incidents/{id}/entries"): EVERYBODY,
    ("POST", "/incidents/{id}/entries"): WRITERS,
    ("POST", "/incidents/{id}/merge"): WRITERS,
    ("POST", "/incidents/{id}/undo"): WRITERS,
    ("GET", "/incidents/{id}/articles"): EVERYBODY,
    ("PUT", "/incidents/{id}/articles/{article_id}"): WRITERS,
    ("DELETE", "/incidents/{id}/articles/{article_id}"): WRITERS,
    ("GET", "/articles"): EVERYBODY,
    ("POST", "/articles"): LEADERS,
    ("GET", "/articles/{id}"): EVERYBODY,
    ("PATCH", "/articles/{id}"): LEADERS,
    ("GET", "/problems"): EVERYBODY,
    ("GET", "/incident-choices"): EVERYBODY,
    ("POST", "/incident-choices"): frozenset({"administrator"}),
    ("PATCH", "/incident-choices/{id}"): frozenset({"administrator"}),
    ("GET", "/calendars"): EVERYBODY,
    ("POST", "/calendars"): frozenset({"administrator"}),
    ("PATCH", "/calendars/{id}"): frozenset({"administrator"}),
    ("GET", "/sla-policies"): EVERYBODY,
    ("POST", "/sla-policies"): frozenset({"administrator"}),
    ("PATCH", "/sla-policies/{id}"): frozenset({"administrator"}),
    ("GET", "/lookup"): WRITERS,
    ("GET", "/search"): EVERYBODY,
    ("GET", "/floor"): WATCHERS,
    ("GET", "/figures"): WATCHERS,
    ("GET", "/lost-callers"): WATCHERS,
    ("GET", "/lines"): EVERYBODY,
    ("GET", "/lines/{pbx}/{kind}/{code}"): EVERYBODY,
    ("PUT", "/lines/{pbx}/{kind}/{code}"): frozenset({"administrator"}),
    ("DELETE", "/lines/{pbx}/{kind}/{code}"): frozenset({"administrator"}),
    ("GET", "/campaigns"): LEADERS,
    ("POST", "/campaigns"): LEADERS,
    ("GET", "/campaigns/{id}"): LEADERS,
    ("PUT", "/campaigns/{id}/state"): LEADERS,
    ("POST", "/campaigns/{id}/leads"): LEADERS,
    ("GET", "/campaigns/{id}/leads"): LEADERS,
    ("GET", "/leads/{id}/attempts"): LEADERS,
    ("GET", "/preview"): PEOPLE,
    ("POST", "/preview"): PEOPLE,
    ("POST", "/preview/{lead_id}/dial"): PEOPLE,
    ("POST", "/preview/{lead_id}/release"): PEOPLE,
    ("POST", "/attempts/{id}/outcome"): PEOPLE,
    ("GET", "/events"): WATCHERS,
    ("GET", "/seats"): PEOPLE,
    ("PUT", "/seat"): PEOPLE,
    ("GET", "/presence"): PEOPLE,
    ("PUT", "/presence"): PEOPLE,
    ("PUT", "/presence/queues/{id}"): PEOPLE,
    ("DELETE", "/presence/queues/{id}"): PEOPLE,
    ("POST", "/interventions"): frozenset({"supervisor", "administrator"}),
    ("GET", "/audit"): frozenset({"administrator", "auditor"}),
    ("GET", "/webhooks"): ADMINISTRATOR,
    ("POST", "/webhooks"): ADMINISTRATOR,
    ("GET", "/webhooks/{id}"): ADMINISTRATOR,
    ("PATCH", "/webhooks/{id}"): ADMINISTRATOR,
    ("DELETE", "/webhooks/{id}"): ADMINISTRATOR,
    ("POST", "/webhooks/{id}/secret"): ADMINISTRATOR,
    ("POST", "/webhooks/{id}/replay"): ADMINISTRATOR,
    ("GET", "/webhooks/{id}/undelivered"): ADMINISTRATOR,
    ("POST", "/webhooks/{id}/undelivered"): ADMINISTRATOR,
    ("GET", "/users"): ADMINISTRATOR,
    ("POST", "/users"): ADMINISTRATOR,
    ("GET", "/users/{id}"): ADMINISTRATOR,
    ("PATCH", "/users/{id}"): ADMINISTRATOR,
    ("PUT", "/users/{id}/password"): ADMINISTRATOR,
    ("GET", "/roles"): ADMINISTRATOR,
    ("GET", "/saved-views"): EVERYBODY,
    ("POST", "/saved-views"): EVERYBODY,
    ("GET", "/saved-views/{id}"): EVERYBODY,
    ("PATCH", "/saved-views/{id}"): EVERYBODY,
    ("DELETE", "/saved-views/{id}"): EVERYBODY,
    ("POST", "/saved-views/{id}/restore"): EVERYBODY,
    ("PUT", "/start-views/{page}"): EVERYBODY,
    ("GET", "/teams"): EVERYBODY,
    ("POST", "/teams"): ADMINISTRATOR,
    ("PATCH", "/teams/{id}"): ADMINISTRATOR,
    ("GET", "/exchange"): frozenset({"administrator"}),
    ("PUT", "/exchange"): frozenset({"administrator"}),
    ("POST", "/exchange/test"): frozenset({"administrator"}),
}
ROUTES = {(method, V1 + path): roles for (method, path), roles in API.items()} | {
    ("GET", "/metrics"): frozenset({"administrator", "integration"}),
}
PUBLIC_ROUTES = {
    ("GET", f"{V1}/faq"),
    ("GET", f"{V1}/faq/{{id}}"),
    ("POST", f"{V1}/session"),
    ("GET", f"{V1}/openapi.json"),
    ("GET", "/health"),
}


def _asked(app: web.Application) -> set[tuple[str, str]]:
    """Return the routes outside of pages."""
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and (
            route.resource.canonical.startswith("/api/")
            or route.resource.canonical in {"/metrics", "/health"}
        )
    }


async def test_the_table_holds_every_route(house: House) -> None:
    assert _asked(house.app) == ROUTES.keys() | PUBLIC_ROUTES


async def test_every_role_at_every_route(house: House) -> None:
    wrong = []
    for role in ROLES:
        somebody = house.system(role)
        for (method, path), roles in ROUTES.items():
            body = {} if method in {"POST", "PUT", "PATCH"} else None
            answer = await somebody.ask(method, re.sub(r"\{\w+\}", NOBODY, path), body)
            if (answer.code != "not_allowed") != (role in roles) or answer.status >= 500:
                wrong.append((role, method, path, answer.status))
    assert wrong == []


async def test_a_stranger_at_every_route(house: House) -> None:
    stranger = house.stranger()
    for method, path in ROUTES:
        answer = await stranger.ask(method, re.sub(r"\{\w+\}", NOBODY, path))
        assert (answer.status, answer.code) == (401, "not_signed_in"), (method, path)
    for method, path in PUBLIC_ROUTES:
        assert (await stranger.ask(method, path)).status in {200, 404, 415}


async def test_pages_say_who_may_see_them_too(house: House) -> None:
    pages = [
        route for route in house.app.router.routes() if not isinstance(route.resource, web.StaticResource)
    ]
    assert all(
        isinstance(demanded(route.handler), Permission) or demanded(route.handler) == PUBLIC
        for route in pages
    )


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v2/calls", "/api/v1/calls/a/b/c", "/static/../auth.py"]
)
async def test_what_is_not_there(house: House, path: str) -> None:
    answer = await house.system().get(path)
    assert answer.status == 404


async def test_a_method_that_is_not_there(house: House) -> None:
    for method in set(HTTPMethod) - {"GET", "POST", "HEAD", "CONNECT"}:
        answer = await house.system().ask(method, f"{V1}/contacts")
        assert (answer.status, answer.code) == (405, "method_not_allowed")
        assert set(re.split(", ?|,", answer.headers["Allow"])) >= {"GET", "POST"}


def test_a_route_that_does_not_say_who_may_keeps_the_service_from_starting() -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response()

    async def other(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/open", public(handler))
    app.router.add_post("/closed", requires(Permission.DIAL)(handler))
    demand_permissions(app)
    app.router.add_get("/forgotten", other)
    with pytest.raises(RouteWithoutPermissionError, match="GET /forgotten"):
        demand_permissions(app)
